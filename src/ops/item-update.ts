import * as z from 'zod/mini'
import { criteriaMax, type Item, labelsMax, refuseCycle, refuseTypeOffPath } from '../domain/item.ts'
import { TrackerError } from '../errors.ts'
import { findIncident, mainCheck } from '../store/incidents.ts'
import { ancestorIds, type ItemChanges, lockTree } from '../store/items.ts'
import { addCriteria, addLabels, clearCriteria, criteriaOf, labelsOf, removeLabels } from '../store/links.ts'
import { reindexItem } from '../store/search.ts'
import { lockForChange, log, projectIdOf, requireItem, store } from './change.ts'
import { checkText, followItem } from './check-life.ts'
import * as field from './fields.ts'
import { toCriterion } from './item-create.ts'
import { type Context, operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

const nullable = z.nullable

const input = () =>
  z.strictObject({
    id: field.itemId(),
    title: z.optional(field.title()),
    type: z.optional(field.itemType()),
    parent: z.optional(field.described(nullable(field.itemId()), 'id of the parent, or none')),
    priority: z.optional(field.priority()),
    severity: z.optional(field.severity()),
    project: z.optional(field.described(nullable(field.words('project')), 'name of the project, or none')),
    labels: z.optional(field.described(field.labels(), 'labels: these and no others')),
    addLabels: z.optional(field.described(field.labels(), 'labels to add')),
    removeLabels: z.optional(field.described(field.labels(), 'labels to take away')),
    criteria: z.optional(field.described(field.criteria(), 'acceptance criteria: these and no others')),
    addCriteria: z.optional(field.described(field.criteria(), 'acceptance criteria to add')),
    description: z.optional(field.described(nullable(field.text('')), 'problem and context')),
    spec: z.optional(field.described(nullable(field.text('')), 'specification, in Markdown')),
    healthCheck: z.optional(field.described(nullable(field.healthCheck()), 'health check, or none')),
    assignee: z.optional(field.described(nullable(field.words('name')), 'who works on it, or none')),
    branch: z.optional(field.described(nullable(field.words('branch', 250)), 'branch, or none')),
    ifMatch: z.optional(field.version()),
  })

type Input = z.output<ReturnType<typeof input>>

export const itemUpdate = operation({
  name: 'item.update',
  summary: 'Change fields of an item',
  kind: 'write',
  needs: 'item:write',
  input,
  output: () => field.fullItemWith({ changed: z.array(z.string()) }),
  http: { method: 'patch', path: '/items/:id' },
  command: {
    words: 'update',
    positionals: ['id'],
    flags: {
      label: { field: 'labels', from: 'texts', value: 'LABEL' },
      'add-label': { field: 'addLabels', from: 'texts', value: 'LABEL' },
      'remove-label': { field: 'removeLabels', from: 'texts', value: 'LABEL' },
      ac: { field: 'criteria', from: 'texts', value: 'TEXT|JSON' },
      'add-ac': { field: 'addCriteria', from: 'texts', value: 'TEXT|JSON' },
      desc: { field: 'description', from: 'text', value: 'TEXT|-' },
      spec: { from: 'file', value: 'FILE|-' },
      'health-check': { from: 'json', value: 'JSON|FILE|-|none' },
      assign: { field: 'assignee', value: 'NAME|none' },
      parent: { value: 'ID|none' },
      project: { value: 'NAME|none' },
      branch: { value: 'NAME|none' },
    },
    examples: ['pipeline update 25 --priority 1 --add-label billing', 'pipeline update 31 --parent none'],
  },
  async run(wanted, context) {
    const { q } = context
    // Two that would close a circle together go one after the other.
    if (wanted.parent || wanted.healthCheck?.dependsOn) await lockTree(q)
    const { id, ifMatch, ...given } = wanted
    const item = await lockForChange(q, id, ifMatch)
    if (Object.values(given).every((value) => value === undefined)) {
      throw new TrackerError('invalid', `nothing was said to change in #${id}`, {
        hint: `name a field, such as --title or --priority: pipeline help update`,
      })
    }
    const changes = await columnChanges(context, item, wanted)
    if (changes.type !== undefined) await refuseToHide(context, item)
    const lists = await listChanges(context, item, wanted)
    const changed = [...Object.keys(changes), ...lists]
    if (changed.length === 0) return { ...(await fullView(q, item)), changed }
    const stored = await store(context, item, changes)
    if (changes.title !== undefined || changes.description !== undefined || changes.spec !== undefined) {
      await reindexItem(q, item.id, stored)
    }
    await followItem(context, item, stored)
    await log(context, item.id, 'updated', {
      detail: { title: stored.title, ...diff(item, changes), ...listDetail(lists) },
    })
    return { ...(await fullView(q, stored)), changed }
  },
  toText: (item, style) =>
    item.changed.length === 0
      ? `#${item.id} is like that already; nothing changed`
      : `Updated ${named(item, style)}: ${item.changed.map(spoken).join(', ')}`,
})

/** An open incident says that its check is down: as another type it would hide that. */
async function refuseToHide({ q }: Context, item: Item): Promise<void> {
  const incident = item.type === 'incident' ? await findIncident(q, item.id) : undefined
  if (!incident || incident.resolvedMs !== null) return
  const what =
    incident.checkName === mainCheck
      ? `the open incident of the health check of #${incident.subjectId}`
      : 'an open incident'
  throw new TrackerError('invalid', `#${item.id} is ${what}`, {
    hint: `resolve it first: pipeline move ${item.id} resolved; or make an item beside it for the work`,
  })
}

const spoken = (name: string): string =>
  name === 'parentId' ? 'parent' : name === 'projectId' ? 'project' : name

async function columnChanges(context: Context, item: Item, wanted: Input): Promise<ItemChanges> {
  const changes: ItemChanges = {}
  const set = <K extends keyof ItemChanges>(key: K, value: ItemChanges[K]): void => {
    if (item[key] !== value) changes[key] = value
  }
  if (wanted.title !== undefined) set('title', wanted.title)
  if (wanted.priority !== undefined) set('priority', wanted.priority)
  if (wanted.description !== undefined) set('description', wanted.description || null)
  if (wanted.spec !== undefined) set('spec', wanted.spec || null)
  if (wanted.assignee !== undefined) set('assignee', wanted.assignee)
  if (wanted.branch !== undefined) set('branch', wanted.branch)
  if (wanted.healthCheck !== undefined) {
    set('healthCheck', wanted.healthCheck && (await checkText(wanted.healthCheck, context, item.id)))
  }
  if (wanted.parent !== undefined) set('parentId', await newParent(context, item, wanted.parent))
  if (wanted.project !== undefined) {
    set('projectId', await projectIdOf(context.q, wanted.project))
  }
  typeChanges(item, wanted, set)
  return changes
}

function typeChanges(
  item: Item,
  wanted: Input,
  set: <K extends keyof ItemChanges>(key: K, value: ItemChanges[K]) => void,
): void {
  const type = wanted.type ?? item.type
  if (type !== item.type) {
    refuseTypeOffPath(item, type)
    set('type', type)
  }
  if (type === 'incident') set('severity', wanted.severity ?? item.severity ?? 'major')
  else if (wanted.severity) {
    throw new TrackerError('invalid', `only incidents have a severity; #${item.id} is ${type}`, {
      hint: 'leave --severity out, or say --type incident',
    })
  } else set('severity', null)
}

async function newParent(context: Context, item: Item, parentId: number | null): Promise<number | null> {
  if (parentId === null || parentId === item.parentId) return parentId
  refuseCycle(item.id, parentId, [])
  await requireItem(context.q, parentId, 'parent')
  refuseCycle(item.id, parentId, await ancestorIds(context.q, parentId))
  return parentId
}

/** Applies changes of labels and criteria. @returns the names of what changed */
async function listChanges({ q }: Context, item: Item, wanted: Input): Promise<string[]> {
  const changed: string[] = []
  const now = (await labelsOf(q, [item.id])).get(item.id) ?? []
  const kept = wanted.labels ?? now
  const next = new Set([...kept, ...(wanted.addLabels ?? [])])
  for (const label of wanted.removeLabels ?? []) next.delete(label)
  refuseTooMany('labels', next.size, labelsMax)
  const added = [...next].filter((label) => !now.includes(label))
  const removed = now.filter((label) => !next.has(label))
  if (added.length + removed.length > 0) {
    await removeLabels(q, item.id, removed)
    await addLabels(q, item.id, added)
    changed.push('labels')
  }
  if (wanted.criteria || wanted.addCriteria?.length) {
    if (wanted.criteria) await clearCriteria(q, item.id)
    await addCriteria(
      q,
      item.id,
      [...(wanted.criteria ?? []), ...(wanted.addCriteria ?? [])].map(toCriterion),
    )
    refuseTooMany('acceptance criteria', (await criteriaOf(q, item.id)).length, criteriaMax)
    changed.push('criteria')
  }
  return changed
}

function refuseTooMany(what: string, n: number, most: number): void {
  if (n > most) throw new TrackerError('invalid', `an item has at most ${most} ${what}; these would be ${n}`)
}

const listDetail = (lists: string[]) => (lists.length > 0 ? { lists } : {})

/** Long texts are told by name alone: the log is not a second store. */
function diff(before: Item, changes: ItemChanges): Record<string, unknown> {
  const changed: Record<string, unknown> = {}
  for (const key of Object.keys(changes) as (keyof ItemChanges)[]) {
    const long = key === 'description' || key === 'spec'
    changed[key] = long ? 'changed' : { from: before[key], to: changes[key] }
  }
  return { changed }
}
