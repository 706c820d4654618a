/** Pipelines by chance: operations, some of which are refused, and rows that the owner's own SQL wrote. */

import fc from 'fast-check'
import sql, { join, raw } from 'sql-template-tag'
import { stages, types } from '../../src/domain/stage.ts'
import { TrackerError } from '../../src/errors.ts'
import type { OperationName } from '../../src/ops/index.ts'
import type { Database, Queries, Value } from '../../src/store/database.ts'
import { environmentOf } from './environment.ts'
import { command, quirky } from './rich-pipeline.ts'

interface Step {
  name: OperationName
  input: Record<string, unknown>
}

interface OwnRow {
  table: string
  row: Record<string, Value>
  /** Columns that refer to an item: which of those that there are. */
  items: Record<string, number>
}

export interface RandomPipeline {
  steps: Step[]
  own: OwnRow[]
}

/** Anything that both engines hold as text. */
const text = fc.oneof(
  fc.constantFrom(quirky, '', ' ', '\n', '{"a":1}', 'e\u0301', '\ufeff', 'constructor'),
  fc.string({ unit: 'binary', maxLength: 12 }).map((any) => any.replaceAll('\0', '')),
)
const title = fc.oneof(fc.constant(quirky), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }))
const id = fc.integer({ min: 1, max: 9 })
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const list = <T>(value: fc.Arbitrary<T>) => maybe(fc.array(value, { maxLength: 4 }))

const step = (name: OperationName, input: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Step> =>
  fc.record({ name: fc.constant(name), input: fc.record(input, { noNullPrototype: true }) })

const create = step('item.create', {
  title,
  type: maybe(fc.constantFrom(...types)),
  parent: maybe(id),
  labels: list(title),
  criteria: list(title),
  description: maybe(text),
  healthCheck: maybe(fc.constant(command)),
})

const anyStep = fc.oneof(
  { weight: 4, arbitrary: create },
  step('item.move', { id, to: fc.constantFrom(...stages), note: maybe(text) }),
  step('item.update', { id, parent: maybe(fc.option(id)), spec: maybe(text), labels: list(title) }),
  step('item.note', { id, text: title }),
  step('item.block', { id, reason: title }),
  step('item.assign', { id, to: title }),
  step('item.delete', { id, yes: fc.constant(true) }),
  step('dependency.add', { id, on: id }),
  step('criterion.judge', { id, number: fc.integer({ min: 1, max: 3 }), verdict: fc.constant('failed') }),
  step('project.create', { name: title }),
)

const oddTimes = {
  sqlite: [
    ...['2026-02-05 07:00:00', '2026-02-05', '2026-02-05T08:00:00.123456+01:00', '2026-02-29T00:00:00.000Z'],
    ...[
      'soon',
      '',
      '1770277575',
      '0000-01-01T00:00:00.000Z',
      '+012026-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999Z',
    ],
  ],
  postgres: [
    ...['2026-02-05 07:00:00.1234567+00', '2026-02-05 07:00:00+05:30', 'infinity', '-infinity'],
    ...['0044-03-15 BC', '12026-01-01', '0001-01-01', '9999-12-31 23:59:59.999+00'],
  ],
}

const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value)
const whole = fc.oneof(fc.integer(), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0))

function ownRow(engine: Database['engine']): fc.Arbitrary<OwnRow> {
  const time = fc.constantFrom(...oddTimes[engine])
  const row = (
    table: string,
    items: string[],
    columns: Record<string, fc.Arbitrary<Value>>,
  ): fc.Arbitrary<OwnRow> =>
    fc.record({
      table: fc.constant(table),
      row: fc.record(columns, { noNullPrototype: true }),
      items: fc.record(Object.fromEntries(items.map((name) => [name, fc.nat(20)]))),
    })
  const item = row('pipeline', ['parent_id'], {
    title: text,
    type: fc.oneof(fc.constantFrom(...types), text),
    stage: fc.oneof(fc.constantFrom(...stages), text),
    priority: whole,
    skipped: text,
    severity: nullable(text),
    health_check: nullable(text),
    spec: nullable(text),
    created_at: time,
    updated_at: time,
    live_at: nullable(time),
    blocked_at: nullable(time),
  })
  const entry = row('pipeline_activity', [], {
    at: time,
    item_id: nullable(whole),
    actor: text,
    action: text,
    detail: nullable(text),
    note: nullable(text),
    note_type: nullable(text),
  })
  return fc.oneof(
    { weight: 3, arbitrary: item },
    { weight: 2, arbitrary: entry },
    row('pipeline_labels', ['item_id'], { label: text }),
    row('pipeline_criteria', ['item_id'], { text, verdict: text, evidence: nullable(text) }),
    row('pipeline_dependencies', ['item_id', 'blocker_id'], {}),
    row('pipeline_checks', ['item_id'], {
      state: text,
      epoch: whole,
      next_run_ms: nullable(whole),
      runner: text,
    }),
    row('pipeline_runs', ['item_id'], {
      started_ms: whole,
      duration_ms: whole,
      result: text,
      attempts: whole,
    }),
    row('pipeline_states', ['item_id'], { at_ms: whole, state: text }),
    ...(['hour', 'day'] as const).map((unit) =>
      row(`pipeline_${unit}s`, ['item_id'], {
        [unit]: whole,
        ...Object.fromEntries(sums.map((name) => [name, whole])),
      }),
    ),
    row('pipeline_heartbeats', ['item_id'], { token_hash: text, created_ms: whole }),
    row('pipeline_maintenance', ['item_id'], {
      from_ms: nullable(whole),
      to_ms: nullable(whole),
      cron: nullable(text),
      timezone: nullable(text),
      duration_ms: nullable(whole),
      note: nullable(text),
      created_by: text,
      created_ms: whole,
    }),
    row('pipeline_incidents', ['item_id', 'subject_id', 'fix_id', 'storm_id'], {
      check_name: text,
      opened_ms: whole,
      resolved_ms: nullable(whole),
      acknowledged_ms: nullable(whole),
      acknowledged_by: nullable(text),
      verified_ms: nullable(whole),
      reminded_ms: nullable(whole),
      began_ms: nullable(whole),
    }),
  )
}

const sums = [
  ...['up_ms', 'degraded_ms', 'down_ms', 'maintenance_ms'],
  ...['runs', 'failed', 'duration_ms', 'longest_ms'],
]

export const randomPipeline = (engine: Database['engine']): fc.Arbitrary<RandomPipeline> =>
  fc.record({
    steps: fc.array(anyStep, { minLength: 1, maxLength: 14 }),
    own: fc.array(ownRow(engine), { maxLength: 8 }),
  })

export async function make(database: Database, { steps, own }: RandomPipeline): Promise<void> {
  const env = environmentOf(database)
  for (const { name, input } of steps) {
    await env.ask(name, input as never).catch((error: unknown) => {
      if (!(error instanceof TrackerError && error.kind !== 'internal')) throw error
    })
  }
  await database.write(async (q) => {
    for (const each of own) await write(q, each)
  })
}

async function write(q: Queries, { table, row, items }: OwnRow): Promise<void> {
  const ids = (await q.all<{ id: number }>(sql`SELECT id FROM pipeline ORDER BY id`)).map((item) => item.id)
  if (ids.length === 0) return
  const referring = Object.entries(items).map(([name, n]) => [name, ids[n % ids.length]!] as const)
  const all = [...Object.entries(row), ...referring]
  const columns = raw(all.map(([name]) => name).join(', '))
  const values = join(all.map(([, value]) => value))
  await q.run(sql`INSERT INTO ${raw(table)} (${columns}) VALUES (${values}) ON CONFLICT DO NOTHING`)
}
