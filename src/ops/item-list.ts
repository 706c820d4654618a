import * as z from 'zod/mini'
import { isStage, stageFromWord, stageWords } from '../domain/stage.ts'
import { count } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import type { Queries } from '../store/database.ts'
import { countFinished, type ItemFilter, keyTypes, listItems, type Sort, sorts } from '../store/lists.ts'
import { requireItem, requireProject } from './change.ts'
import { readCursor, writeCursor } from './cursor.ts'
import * as field from './fields.ts'
import { itemLines } from './item-line.ts'
import { operation } from './operation.ts'
import { summarize } from './view.ts'

const input = () =>
  z.strictObject({
    stage: z.optional(
      field.described(z.enum(stageWords), 'stage; open and resolved: incidents in their first or last'),
    ),
    type: z.optional(field.itemType()),
    parent: z.optional(
      field.described(z.nullable(field.itemId()), 'children of this item; none: items without a parent'),
    ),
    project: z.optional(
      field.described(z.nullable(field.words('project')), 'items of this project; none: of no project'),
    ),
    label: z.optional(field.words('label')),
    assignee: z.optional(field.described(z.nullable(field.words('name')), 'who works on it; none: nobody')),
    blocked: z.optional(
      field.described(z.boolean(), 'flagged as blocked, or waiting for an unfinished item'),
    ),
    all: z.optional(field.described(z.boolean(), 'done and live too, without any other filter')),
    limit: field.limit(),
    cursor: field.cursor(),
    sort: field.described(
      z._default(z.enum([...sorts, ...sorts.map((sort) => `-${sort}` as const)]), 'priority'),
      'order; with - the other way round',
    ),
  })

type Input = z.output<ReturnType<typeof input>>

export const itemList = operation({
  name: 'item.list',
  summary: 'List items; without a filter those that are not done or live',
  kind: 'read',
  needs: 'item:read',
  timeless: true,
  input,
  output: () =>
    z.strictObject({
      items: z.array(field.itemSummary()),
      nextCursor: z.nullable(z.string()),
      hidden: z.number(),
    }),
  http: { method: 'get', path: '/items' },
  command: {
    words: 'list',
    flags: {
      parent: { value: 'ID|none' },
      project: { value: 'NAME|none' },
      assignee: { value: 'NAME|none' },
    },
    examples: [
      'pipeline list --stage live',
      'pipeline list --parent 25',
      'pipeline list --assignee none --sort -updated',
    ],
  },
  async run(wanted, { q }) {
    const filter = await filterOf(q, wanted)
    const descending = wanted.sort.startsWith('-')
    const sort = wanted.sort.replace('-', '') as Sort
    const after =
      wanted.cursor === undefined ? undefined : readCursor(wanted.sort, keyTypes(sort), wanted.cursor)
    const { items, next } = await listItems(q, filter, { sort, descending, after, limit: wanted.limit })
    return {
      items: await summarize(q, items),
      nextCursor: next && writeCursor(wanted.sort, next),
      hidden: filter.onlyOpen ? await countFinished(q) : 0,
    }
  },
  toText({ items, nextCursor, hidden }, style) {
    const lines = itemLines(items, style)
    if (items.length === 0)
      lines.push(hidden > 0 ? 'Nothing is open.' : 'No such items. Make one: pipeline create "Title"')
    if (nextCursor) lines.push(style.dim(`more: --cursor ${nextCursor}`))
    if (hidden > 0) lines.push(style.dim(`${count(hidden, 'item')} done or live left out; --all shows them`))
    return lines.join('\n')
  },
})

/** `open` and `resolved` are said of incidents alone. */
function stageOf({ stage: word, type }: Input): Pick<ItemFilter, 'stage' | 'type'> {
  if (word === undefined || isStage(word)) return { stage: word, type }
  if (type !== undefined && type !== 'incident') {
    throw new TrackerError('invalid', `only an incident is ${word}; ${type} is another type`, {
      hint: 'leave the type out, or name a stage of its path',
    })
  }
  return { stage: stageFromWord('incident', word), type: 'incident' }
}

async function filterOf(q: Queries, wanted: Input): Promise<ItemFilter> {
  const { label, assignee, blocked } = wanted
  const { stage, type } = stageOf(wanted)
  if (typeof wanted.parent === 'number') await requireItem(q, wanted.parent, 'parent')
  const projectId =
    typeof wanted.project === 'string' ? await requireProject(q, wanted.project) : wanted.project
  const filter = { stage, type, label, assignee, blocked, parentId: wanted.parent, projectId }
  const plain = Object.values(filter).every((value) => value === undefined)
  if (wanted.all && stage !== undefined) {
    throw new TrackerError('invalid', '--all and --stage exclude each other', {
      hint: 'leave one of them out',
    })
  }
  return { ...filter, onlyOpen: plain && !wanted.all }
}
