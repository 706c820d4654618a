import * as z from 'zod/mini'
import type { Item } from '../domain/item.ts'
import { isStage, stageFromWord, stageWords } from '../domain/stage.ts'
import { count } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { columnKey, columnPage } from '../store/board.ts'
import type { Queries } from '../store/database.ts'
import { countFinished, type ItemFilter, keyTypes, listItems, type Sort, sorts } from '../store/lists.ts'
import { requireItem, requireProject } from './change.ts'
import { columnList, readCursor, writeCursor } from './cursor.ts'
import * as field from './fields.ts'
import { itemLines } from './item-line.ts'
import { operation } from './operation.ts'
import { wordsOf } from './search-words.ts'
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
    text: z.optional(field.searched()),
    ids: z.optional(field.described(z.array(field.itemId()).check(z.maxLength(500)), 'only these')),
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
    board: z.optional(
      field.described(
        z.boolean(),
        'the column of that stage as the board has it: its order, open incidents left out',
      ),
    ),
    cards: z.optional(field.cards()),
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
      items: z.array(field.card()),
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
    hidden: ['ids', 'cards'],
    examples: [
      'pipeline list --stage live',
      'pipeline list --parent 25',
      'pipeline list --assignee none --sort -updated',
    ],
  },
  async run(wanted, { q }) {
    const filter = await filterOf(q, wanted)
    const { items, nextCursor } = wanted.board
      ? await columnOf(q, filter, wanted)
      : await pageOf(q, filter, wanted)
    const summaries = await summarize(q, items)
    return {
      items: wanted.cards ? await (await import('./cards.ts')).cardsOf(q, summaries) : summaries,
      nextCursor,
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

interface Found {
  items: Item[]
  nextCursor: string | null
}

async function pageOf(q: Queries, filter: ItemFilter, { sort: order, cursor, limit }: Input): Promise<Found> {
  const descending = order.startsWith('-')
  const sort = order.replace('-', '') as Sort
  const after = cursor === undefined ? undefined : readCursor(order, keyTypes(sort), cursor)
  const { items, next } = await listItems(q, filter, { sort, descending, after, limit })
  return { items, nextCursor: next && writeCursor(order, next) }
}

/** @throws TrackerError `invalid` where it is no column, or another order was asked for */
async function columnOf(
  q: Queries,
  { stage, ...filter }: ItemFilter,
  { sort, cursor, limit }: Input,
): Promise<Found> {
  if (stage === undefined || sort !== 'priority') {
    const message = stage === undefined ? '--board needs a stage' : '--board has an order of its own'
    throw new TrackerError('invalid', message, {
      hint: 'pipeline list --stage building --board',
      failures: [{ field: stage === undefined ? 'stage' : 'sort', message }],
    })
  }
  const list = columnList(stage)
  const after = cursor === undefined ? undefined : readCursor(list, columnKey(stage), cursor)
  const { items, next } = await columnPage(q, stage, filter, { after, limit })
  return { items, nextCursor: next && writeCursor(list, next) }
}

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
  const { label, assignee, blocked, ids } = wanted
  const { stage, type } = stageOf(wanted)
  if (typeof wanted.parent === 'number') await requireItem(q, wanted.parent, 'parent')
  const projectId =
    typeof wanted.project === 'string' ? await requireProject(q, wanted.project) : wanted.project
  const words = wanted.text === undefined ? undefined : wordsOf(wanted.text, 'text')
  const filter = { ids, stage, type, label, assignee, blocked, parentId: wanted.parent, projectId, words }
  const plain = Object.values(filter).every((value) => value === undefined)
  if (wanted.all && stage !== undefined) {
    throw new TrackerError('invalid', '--all and --stage exclude each other', {
      hint: 'leave one of them out',
    })
  }
  return { ...filter, onlyOpen: plain && !wanted.all }
}
