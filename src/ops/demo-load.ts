import * as z from 'zod/mini'
import { TrackerError } from '../errors.ts'
import type { Criterion } from '../domain/item.ts'
import { type ItemType, paths, type Stage } from '../domain/stage.ts'
import { findProject, insertProject } from '../store/projects.ts'
import { log } from './change.ts'
import { dependencyAdd } from './dependency-add.ts'
import { itemBlock } from './item-block.ts'
import { itemCreate } from './item-create.ts'
import { itemMove } from './item-move.ts'
import { itemNote } from './item-note.ts'
import { type Context, operation } from './operation.ts'

export const demoProject = 'Throughline demo'

interface Sample {
  key: string
  title: string
  stage: Stage
  type?: ItemType
  priority?: 1 | 2 | 3 | 4
  parent?: string
  labels?: string[]
  assignee?: string
  description?: string
  criteria?: (string | Criterion)[]
  healthCheck?: Record<string, unknown>
  blocked?: string
  waitsFor?: string
  notes?: { text: string; type: 'progress' | 'decision' | 'question' | 'handover' }[]
}

const passed = (text: string, evidence: string): Criterion => ({ text, verdict: 'passed', evidence })

/** The check of the sample that fails: a program that says what is wrong, and ends with 1. */
const failing = [
  'node',
  '-e',
  'console.error("Error: supplier 17: connect ETIMEDOUT 10.0.4.12:443"); process.exit(1)',
]

const samples: Sample[] = [
  {
    key: 'extractor',
    title: 'Invoice extractor',
    stage: 'live',
    priority: 1,
    labels: ['invoices'],
    description: 'Split a PDF, read each page, write one JSON a supplier.',
    criteria: [passed('One JSON a supplier', '12 suppliers, 12 files'), passed('Totals add up', 'checked 40 invoices')],
    healthCheck: { type: 'command', command: failing, expect: 'exit_code:0', frequency: 'hourly', retries: 0, failureThreshold: 1 },
    notes: [{ text: 'Shipped to production', type: 'handover' }],
  },
  {
    key: 'digest',
    title: 'Daily digest',
    stage: 'live',
    labels: ['reports'],
    description: 'One mail at six with what changed.',
    healthCheck: { type: 'command', command: ['node', '--version'], expect: 'exit_code:0', frequency: 'daily' },
  },
  { key: 'alerting', title: 'Cost alerting', stage: 'done', labels: ['costs'], criteria: [passed('Alert within 5 minutes', '41 s')] },
  { key: 'quotes', title: 'Quote generation', stage: 'final-review', assignee: 'human:max', labels: ['sales'] },
  { key: 'viewer', title: 'Activity log viewer', stage: 'qa', assignee: 'agent:qa-1', criteria: ['Filters by actor', 'Loads 10,000 entries in under a second'] },
  {
    key: 'retry',
    title: 'Retry on rate limits',
    stage: 'building',
    type: 'enhancement',
    priority: 1,
    assignee: 'agent:builder-1',
    notes: [{ text: 'Exponential back-off with jitter, at most five tries', type: 'decision' }],
  },
  { key: 'backoff', title: 'Back-off helper', stage: 'done', type: 'task', parent: 'retry' },
  { key: 'wiring', title: 'Wire it into the extractor', stage: 'building', type: 'task', parent: 'retry', assignee: 'agent:builder-1' },
  { key: 'docs', title: 'Say in the docs what is retried', stage: 'idea', type: 'task', parent: 'retry', waitsFor: 'wiring' },
  {
    key: 'form',
    title: 'Form automation',
    stage: 'building',
    assignee: 'agent:builder-2',
    blocked: 'Needs a login that only a person can do',
  },
  { key: 'brain', title: 'Search notes by meaning', stage: 'spec-review', priority: 3, notes: [{ text: 'Which model is small enough to ship?', type: 'question' }] },
  { key: 'multi', title: 'Invoices in several currencies', stage: 'spec', waitsFor: 'retry' },
  { key: 'phone', title: 'Read receipts from a phone photo', stage: 'idea', priority: 3 },
  { key: 'umlauts', title: 'Umlauts are lost in supplier names', stage: 'qa', type: 'bug', priority: 1, assignee: 'agent:qa-1' },
]

export const demoLoad = operation({
  name: 'demo.load',
  summary: 'Load a sample project, with a live feature that is failing; demo --remove takes it away',
  kind: 'write',
  needs: 'item:write',
  input: () => z.strictObject({}),
  output: () => z.strictObject({ project: z.string(), items: z.number(), failingId: z.number() }),
  http: { method: 'post', path: '/demo', status: 201 },
  command: { words: 'demo' },
  async run(_input, context) {
    if (await findProject(context.q, demoProject)) {
      throw new TrackerError('conflict', 'the sample project is loaded already', { hint: 'look at it: pipeline board' })
    }
    await insertProject(context.q, demoProject, 'A sample. Remove it: pipeline demo --remove', context.now)
    // The sample is the product's own: its commands are approved, whoever loads it.
    const own: Context = { ...context, trust: 'local', warn: () => {} }
    const ids = new Map<string, number>()
    for (const sample of samples) ids.set(sample.key, await load(sample, ids, own))
    await log(context, null, 'demo-loaded', { detail: { items: samples.length } })
    return { project: demoProject, items: samples.length, failingId: ids.get('extractor')! }
  },
  toText: ({ items }) => `Loaded a sample of ${items} items. Look: pipeline board. Take it away: pipeline demo --remove`,
})

async function load(sample: Sample, ids: Map<string, number>, context: Context): Promise<number> {
  const { key: _key, stage, parent, blocked, waitsFor, notes, type = 'feature', ...fields } = sample
  const parentId = parent === undefined ? {} : { parent: ids.get(parent)! }
  const { id } = await itemCreate.run({ ...fields, ...parentId, type, project: demoProject }, context)
  const path = paths[type]
  for (const to of path.slice(1, path.indexOf(stage) + 1)) await itemMove.run({ id, to }, context)
  for (const note of notes ?? []) await itemNote.run({ id, ...note }, context)
  if (blocked) await itemBlock.run({ id, reason: blocked }, context)
  if (waitsFor) await dependencyAdd.run({ id, on: ids.get(waitsFor)! }, context)
  return id
}
