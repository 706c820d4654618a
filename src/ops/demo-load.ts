import * as z from 'zod/mini'
import { demoProject } from '../domain/demo.ts'
import { toInstant, toMs } from '../domain/instant.ts'
import type { Criterion } from '../domain/item.ts'
import { type ItemType, paths, type Stage } from '../domain/stage.ts'
import { TrackerError } from '../errors.ts'
import { insertProject } from '../store/projects.ts'
import { log } from './change.ts'
import { dependencyAdd } from './dependency-add.ts'
import { itemBlock } from './item-block.ts'
import { itemCreate } from './item-create.ts'
import { itemMove } from './item-move.ts'
import { itemNote } from './item-note.ts'
import { type Context, operation } from './operation.ts'

interface Sample {
  key: string
  title: string
  /** When it was made, in days before now, and when it last moved on. */
  days: [number, number]
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
    days: [41, 12],
    title: 'Invoice extractor',
    stage: 'live',
    priority: 1,
    labels: ['invoices'],
    description: 'Split a PDF, read each page, write one JSON a supplier.',
    criteria: [
      passed('One JSON a supplier', '12 suppliers, 12 files'),
      passed('Totals add up', 'checked 40 invoices'),
    ],
    healthCheck: {
      type: 'command',
      command: failing,
      expect: 'exit_code:0',
      frequency: 'hourly',
      retries: 0,
      failureThreshold: 1,
    },
    notes: [{ text: 'Shipped to production', type: 'handover' }],
  },
  {
    key: 'digest',
    days: [33, 20],
    title: 'Daily digest',
    stage: 'live',
    labels: ['reports'],
    description: 'One mail at six with what changed.',
    healthCheck: {
      type: 'command',
      command: ['node', '--version'],
      expect: 'exit_code:0',
      frequency: 'daily',
    },
  },
  {
    key: 'alerting',
    days: [19, 4],
    title: 'Cost alerting',
    stage: 'done',
    labels: ['costs'],
    criteria: [passed('Alert within 5 minutes', '41 s')],
  },
  {
    key: 'quotes',
    days: [16, 1],
    title: 'Quote generation',
    stage: 'final-review',
    assignee: 'human:max',
    labels: ['sales'],
  },
  {
    key: 'viewer',
    days: [13, 0.4],
    title: 'Activity log viewer',
    stage: 'qa',
    assignee: 'agent:qa-1',
    criteria: ['Filters by actor', 'Loads 10,000 entries in under a second'],
  },
  {
    key: 'retry',
    days: [9, 3],
    title: 'Retry on rate limits',
    stage: 'building',
    type: 'enhancement',
    priority: 1,
    assignee: 'agent:builder-1',
    notes: [{ text: 'Exponential back-off with jitter, at most five tries', type: 'decision' }],
  },
  { key: 'backoff', days: [8, 2], title: 'Back-off helper', stage: 'done', type: 'task', parent: 'retry' },
  {
    key: 'wiring',
    days: [8, 1.2],
    title: 'Wire it into the extractor',
    stage: 'building',
    type: 'task',
    parent: 'retry',
    assignee: 'agent:builder-1',
  },
  {
    key: 'docs',
    days: [8, 8],
    title: 'Say in the docs what is retried',
    stage: 'idea',
    type: 'task',
    parent: 'retry',
    waitsFor: 'wiring',
  },
  {
    key: 'form',
    days: [11, 5],
    title: 'Form automation',
    stage: 'building',
    assignee: 'agent:builder-2',
    blocked: 'Needs a login that only a person can do',
  },
  {
    key: 'brain',
    days: [7, 2],
    title: 'Search notes by meaning',
    stage: 'spec-review',
    priority: 3,
    notes: [{ text: 'Which model is small enough to ship?', type: 'question' }],
  },
  { key: 'multi', days: [6, 2.5], title: 'Invoices in several currencies', stage: 'spec', waitsFor: 'retry' },
  { key: 'phone', days: [3, 3], title: 'Read receipts from a phone photo', stage: 'idea', priority: 3 },
  {
    key: 'umlauts',
    days: [2, 0.1],
    title: 'Umlauts are lost in supplier names',
    stage: 'qa',
    type: 'bug',
    priority: 1,
    assignee: 'agent:qa-1',
  },
]

export const demoLoad = operation({
  name: 'demo.load',
  summary: 'Load a sample project, with a live feature that is failing; demo --remove takes it away',
  kind: 'write',
  needs: 'item:write',
  input: () => z.strictObject({}),
  output: () =>
    z.strictObject({
      project: z.string(),
      items: z.number(),
      failingId: z.number(),
      /** Those with a health check. */
      watched: z.array(z.number()),
    }),
  http: { method: 'post', path: '/demo', status: 201 },
  command: { words: 'demo' },
  async run(_input, context) {
    const about = 'A sample. Remove it: pipeline demo --remove'
    if (!(await insertProject(context.q, demoProject, about, context.now))) {
      throw new TrackerError('conflict', `there is a project ${JSON.stringify(demoProject)} already`, {
        hint: 'look at it: pipeline board',
      })
    }
    const ids = new Map<string, number>()
    const steps = samples.flatMap((sample) => stepsOf(sample, ids)).sort((a, b) => b.daysAgo - a.daysAgo)
    for (const { daysAgo, deed } of steps) {
      const now = toInstant(toMs(context.now) - Math.round(daysAgo * dayMs))
      // The sample is the product's own: its commands are approved, whoever loads it.
      await deed({ ...context, now, trust: 'local', warn: () => {} })
    }
    await log(context, null, 'demo-loaded', { detail: { items: samples.length, ids: [...ids.values()] } })
    const watched = samples.flatMap((sample) => (sample.healthCheck ? ids.get(sample.key)! : []))
    return { project: demoProject, items: samples.length, failingId: ids.get('extractor')!, watched }
  },
  toText: ({ items }) =>
    `Loaded a sample of ${items} items. Look: pipeline board. Take it away: pipeline demo --remove`,
})

interface Step {
  daysAgo: number
  deed(context: Context): Promise<unknown>
}

const dayMs = 86_400_000

/** What happened to a sample and when: made, moved along its path at even distances, then noted, blocked, linked. */
function stepsOf(sample: Sample, ids: Map<string, number>): Step[] {
  const { key, days, stage, parent, blocked, waitsFor, notes, type = 'feature', ...fields } = sample
  const [made, moved] = days
  const id = (): number => ids.get(key)!
  const create = async (context: Context): Promise<void> => {
    const under = parent === undefined ? {} : { parent: ids.get(parent)! }
    ids.set(key, (await itemCreate.run({ ...fields, ...under, type, project: demoProject }, context)).id)
  }
  const stops = paths[type].slice(1, paths[type].indexOf(stage) + 1)
  const moves = stops.map(
    (to, index): Step => ({
      daysAgo: made - ((made - moved) * (index + 1)) / stops.length,
      deed: (context) => itemMove.run({ id: id(), to }, context),
    }),
  )
  const last: Step['deed'][] = (notes ?? []).map(
    (note) => (context) => itemNote.run({ id: id(), ...note }, context),
  )
  if (blocked) last.push((context) => itemBlock.run({ id: id(), reason: blocked }, context))
  if (waitsFor) last.push((context) => dependencyAdd.run({ id: id(), on: ids.get(waitsFor)! }, context))
  return [{ daysAgo: made, deed: create }, ...moves, ...last.map((deed) => ({ daysAgo: moved, deed }))]
}
