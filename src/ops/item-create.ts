import * as z from 'zod/mini'
import { type Criterion, defaultPriority, defaultType, type Item } from '../domain/item.ts'
import { type ItemType, stageName } from '../domain/stage.ts'
import { TrackerError } from '../errors.ts'
import { insertItem, keepItem } from '../store/items.ts'
import { addCriteria, addLabels } from '../store/links.ts'
import { indexItem } from '../store/search.ts'
import { log, projectIdOf, requireItem } from './change.ts'
import { checkText, followItem } from './check-life.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { newItemView } from './view.ts'

export const itemCreate = operation({
  name: 'item.create',
  summary: 'Create an item',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      title: field.title(),
      type: z.optional(field.described(field.itemType(), 'type; by default told from the parent')),
      parent: z.optional(field.described(z.nullable(field.itemId()), 'id of the parent')),
      priority: z.optional(field.priority()),
      severity: z.optional(field.severity()),
      project: z.optional(
        field.described(
          z.nullable(field.words('project')),
          'name of the project; by default the one of the parent',
        ),
      ),
      labels: z.optional(field.labels()),
      criteria: z.optional(field.criteria()),
      description: z.optional(field.text('problem and context')),
      spec: z.optional(field.text('specification, in Markdown')),
      healthCheck: z.optional(field.healthCheck()),
      assignee: z.optional(field.described(z.nullable(field.words('name')), 'who works on it')),
      branch: z.optional(field.words('branch of the repository', 250)),
    }),
  output: () => field.fullItemWith({ typeChosen: z.enum(['given', 'from-parent', 'default']) }),
  http: { method: 'post', path: '/items', status: 201 },
  command: {
    words: 'create',
    positionals: ['title'],
    flags: {
      label: { field: 'labels', from: 'texts', value: 'LABEL' },
      ac: { field: 'criteria', from: 'texts', value: 'TEXT|JSON' },
      desc: { field: 'description', from: 'text', value: 'TEXT|-' },
      spec: { from: 'file', value: 'FILE|-' },
      'health-check': { from: 'json', value: 'JSON|FILE|-' },
      assign: { field: 'assignee', value: 'NAME' },
      parent: { value: 'ID' },
    },
    examples: [
      'pipeline create "Invoice extractor" --priority 1 --ac "One JSON a supplier"',
      'pipeline create "Fix timeout in extractor" --parent 25',
    ],
  },
  async run(input, context) {
    const { q, now } = context
    const parent =
      typeof input.parent !== 'number' ? undefined : await requireItem(q, input.parent, 'parent', keepItem)
    const type = input.type ?? defaultType(parent?.stage)
    if (input.severity && type !== 'incident') {
      throw new TrackerError('invalid', `only incidents have a severity, and this is of type ${type}`, {
        hint: 'leave --severity out, or say --type incident',
      })
    }
    const item = await insertItem(q, {
      parentId: parent?.id ?? null,
      projectId:
        input.project === undefined ? (parent?.projectId ?? null) : await projectIdOf(q, input.project),
      title: input.title,
      type,
      stage: 'idea',
      priority: input.priority ?? defaultPriority,
      description: input.description || null,
      spec: input.spec || null,
      assignee: input.assignee ?? null,
      severity: type === 'incident' ? (input.severity ?? 'major') : null,
      healthCheck: input.healthCheck ? await checkText(input.healthCheck, context) : null,
      branch: input.branch ?? null,
      createdAt: now,
    })
    const labels = input.labels ?? []
    const criteria = (input.criteria ?? []).map(toCriterion)
    await addLabels(q, item.id, labels)
    await addCriteria(q, item.id, criteria)
    await indexItem(q, item.id, item)
    if (item.healthCheck) await followItem(context, undefined, item)
    await log(context, item.id, 'created', { detail: createdDetail(item) })
    const typeChosen = input.type ? 'given' : parent ? 'from-parent' : 'default'
    return { ...(await newItemView(q, item, labels, criteria)), typeChosen } as const
  },
  toText(item, style) {
    const under = item.parentId === null ? '' : ` under #${item.parentId}`
    const head = `Created ${named(item, style)}`
    const line = `${item.type}${under}, in ${stageName(item.type, item.stage)}`
    if (item.typeChosen === 'given') return `${head}\n${style.dim(line)}`
    const other: ItemType =
      item.type === 'feature' ? 'task' : item.type === 'incident' ? 'enhancement' : 'bug'
    return `${head}\n${style.dim(`${line}. Another type: pipeline update ${item.id} --type ${other}`)}`
  },
})

const createdDetail = ({ title, type, stage, parentId }: Item) => ({ title, type, stage, parentId })

export const toCriterion = (
  raw:
    | string
    | { text: string; verdict?: Criterion['verdict'] | undefined; evidence?: string | null | undefined },
): Criterion =>
  typeof raw === 'string'
    ? { text: raw, verdict: 'open', evidence: null }
    : { text: raw.text, verdict: raw.verdict ?? 'open', evidence: raw.evidence ?? null }
