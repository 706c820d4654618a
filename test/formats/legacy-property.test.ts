import fc from 'fast-check'
import { expect, test } from 'vitest'
import { counted, type FieldType, fields, keyOf, kinds } from '../../src/domain/entity.ts'
import type { LegacyRow } from '../../src/domain/legacy-rows.ts'
import { type ItemType, isOnPath, type Stage } from '../../src/domain/stage.ts'
import { convertLegacy, type LegacyTables, now } from './legacy-tables.ts'

/** What a cell may hold: mostly what its column means, else anything that SQLite can keep. */
const anything = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom('0000-01-01', '9999-12-31T23:59:59-12:00', '2026-02-30 25:00'),
  fc.constantFrom('a\0b', '', ' ', '\ud800', '["a\\u0000b"]', '12', 'constructor', '__proto__'),
)
const cell = (usual: fc.Arbitrary<string | number | null>) =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: anything })

const smallId = fc.integer({ min: -1, max: 12 })
const words = (...list: (string | null)[]) => cell(fc.constantFrom(...list))
const stageWords = [
  ...[
    'idea',
    'spec',
    'spec-review',
    'building',
    'qa',
    'final-review',
    'done',
    'live',
    'ready',
    'build',
    'review',
  ],
  ...['blocked', 'todo', 'backlog', 'in-progress', 'identified', 'waiting', 'accepted', 'parked'],
] as const
const stage = words(...stageWords, null)
const time = cell(
  fc
    .date({
      min: new Date('1999-01-01T00:00:00Z'),
      max: new Date('2030-01-01T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString().slice(0, 19).replace('T', ' ')),
)
const text = cell(fc.string({ maxLength: 20 }))
const noteLine = fc
  .tuple(
    fc.constantFrom('08:21', '08:22', '99:99'),
    fc.constantFrom('main', 'a b', ''),
    fc.string({ maxLength: 8 }),
  )
  .map(([minute, source, said]) => `2026-02-05 ${minute} [${source}] ${said}`)
const notesColumn = cell(
  fc.array(fc.oneof(noteLine, fc.string({ maxLength: 8 }))).map((lines) => lines.join('\n')),
)
const criteria = cell(
  fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.array(fc.string()).map((list) => JSON.stringify(list)),
  ),
)
const check = cell(
  fc.constantFrom(
    null,
    '{"type":"command","command":"true","frequency":"daily"}',
    '{"type":"http","url":"https://example.com","frequency":"hourly","retries":2}',
    '{"type":"tcp"}',
  ),
)

const item = fc.record<LegacyRow>(
  {
    id: cell(fc.integer({ min: -1, max: 40 })),
    project_id: cell(smallId),
    parent_id: cell(smallId),
    title: text,
    type: words('feature', 'story', 'bug', 'epic', 'incident', 'risk', 'spike', null),
    stage,
    priority: cell(fc.integer({ min: 0, max: 5 })),
    acceptance_criteria: criteria,
    health_check: check,
    notes: notesColumn,
    approved_by: text,
    approved_at: time,
    review_notes: text,
    review_passed: cell(fc.constantFrom(0, 1, null)),
    assigned_agent: text,
    assigned_to: text,
    started_at: time,
    completed_at: time,
    created_at: time,
    updated_at: time,
    extra: text,
  },
  { requiredKeys: [] },
)
const note = fc.record<LegacyRow>({
  id: smallId,
  pipeline_id: cell(smallId),
  agent_role: text,
  note_type: words('blocker', 'info', 'decision', null),
  content: text,
  created_at: time,
})
const task = fc.record<LegacyRow>({
  id: smallId,
  pipeline_id: cell(smallId),
  title: text,
  status: words('todo', 'doing', 'done', 'blocked', null),
  assigned_to: text,
  output: text,
  created_at: time,
  completed_at: time,
})
const move = fc
  .record({ from: fc.constantFrom(...stageWords), to: fc.constantFrom(...stageWords) })
  .map((detail) => JSON.stringify(JSON.stringify(detail)))
const logged = fc.record<LegacyRow>({
  id: smallId,
  action: words('pipeline_stage_changed', 'complete', 'demo_loaded'),
  description: text,
  metadata: cell(fc.oneof(move, fc.json({ maxDepth: 2 }))),
  session_id: text,
  created_at: time,
  source: words('main', 'sub agent', null),
  related_id: cell(fc.integer({ min: 0, max: 15 }).map((id) => `pipeline:${id}`)),
})
const project = fc.record<LegacyRow>({
  id: cell(smallId),
  name: words('Invoices', 'invoices', 'project 3', ''),
  description: text,
  status: words('active', 'paused'),
  created_at: time,
})

const tables: fc.Arbitrary<LegacyTables> = fc.record({
  columns: fc.subarray(['id', 'title', 'type', 'parent_id', 'extra']),
  pipeline: fc.array(item, { maxLength: 14 }),
  notes: fc.array(note, { maxLength: 6 }),
  tasks: fc.array(task, { maxLength: 6 }),
  activity: fc.array(logged, { maxLength: 8 }),
  projects: fc.array(project, { maxLength: 5 }),
  sequence: fc.oneof(fc.nat(50), fc.constantFrom(0, Number.MAX_SAFE_INTEGER)),
})

type Converted = ReturnType<typeof convertLegacy>

/** Rows of any values: that none of them throws is part of every property. */
const holds = (check: (converted: Converted, given: LegacyTables) => void): void =>
  fc.assert(
    fc.property(tables, (given) => check(convertLegacy(given, now), given)),
    { numRuns: 400 },
  )

const fits: Record<FieldType, (value: unknown) => boolean> = {
  int: Number.isSafeInteger,
  'int?': (value) => value === null || Number.isSafeInteger(value),
  text: (value) => typeof value === 'string' && !value.includes('\0'),
  'text?': (value) => value === null || fits.text(value),
  time: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(value)) && String(value) >= '0001',
  'time?': (value) => value === null || fits.time(value),
}

test('every row has the fields of its kind in their order, each of its type', () => {
  holds(({ batch }) => {
    for (const kind of kinds) {
      const list: Record<string, FieldType> = fields[kind]
      for (const row of batch[kind]) {
        expect(Object.keys(row)).toEqual(Object.keys(list))
        const misfits = Object.entries(row).filter(([name, value]) => !fits[list[name]!](value))
        expect(misfits).toEqual([])
      }
    }
  })
})

test('keys are unique and in order, and no id is above the last', () => {
  holds(({ batch, lastIds }) => {
    for (const kind of kinds) {
      const keys = batch[kind].map((row) =>
        keyOf[kind].map((name) => String((row as Record<string, unknown>)[name]).padStart(20, '0')).join(),
      )
      expect(new Set(keys).size).toBe(keys.length)
      expect(keys).toEqual([...keys].sort())
    }
    for (const kind of counted) for (const { id } of batch[kind]) expect(id).toBeGreaterThan(0)
    for (const { id } of batch.item) expect(id).toBeLessThanOrEqual(lastIds.item)
    for (const { id } of batch.project) expect(id).toBeLessThanOrEqual(lastIds.project)
  })
})

test('a legal id stays', () => {
  holds(({ batch }, { pipeline }) => {
    const ids = new Set(batch.item.map((each) => each.id))
    for (const { id } of pipeline) {
      if (typeof id === 'number' && Number.isInteger(id) && id > 0 && id < 1e9) expect(ids).toContain(id)
    }
  })
})

test('parents and projects exist, what hangs on an item has one, and the tree has no circle', () => {
  holds(({ batch }) => {
    const parents = new Map(batch.item.map((each) => [each.id, each.parentId]))
    const projects = new Set(batch.project.map((each) => each.id))
    for (const { id, parentId, projectId } of batch.item) {
      if (parentId !== null) expect(parents.has(parentId)).toBe(true)
      if (projectId !== null) expect(projects).toContain(projectId)
      let steps = 0
      for (let at: number | null = id; at !== null; at = parents.get(at) ?? null) {
        expect(steps++).toBeLessThanOrEqual(parents.size)
      }
    }
    for (const { itemId } of [...batch.label, ...batch.criterion, ...batch.check]) {
      expect(parents.has(itemId)).toBe(true)
    }
  })
})

test('every stage is on the path of its type, and goes with its times', () => {
  holds(({ batch }) => {
    for (const { type, stage, doneAt, liveAt, blockedAt, blockedReason } of batch.item) {
      expect(isOnPath(type as ItemType, stage as Stage)).toBe(true)
      expect(liveAt !== null).toBe(stage === 'live')
      expect(doneAt !== null || stage !== 'done').toBe(true)
      expect(doneAt === null || stage === 'done' || stage === 'live').toBe(true)
      expect(blockedAt === null).toBe(blockedReason === null)
    }
  })
})

test('no two projects share a name', () => {
  holds(({ batch }) => {
    const names = batch.project.map((each) => each.name.normalize('NFC').toLowerCase())
    expect(new Set(names).size).toBe(names.length)
    expect(names).not.toContain('')
  })
})

test('items, tasks and notes that were given are carried over or listed, and so is what was logged', () => {
  holds(({ batch, report }, given) => {
    const left = (what: string) => report.left.filter((each) => each.what === what).length
    expect(report.items).toBe(given.pipeline.length)
    expect(report.tasks + left('task')).toBe(given.tasks.length)
    expect(batch.item.length).toBe(report.items + report.tasks)
    expect(report.notes + left('note')).toBeGreaterThanOrEqual(given.notes.length)
    const about = given.activity.filter((row) => {
      const isOfPipeline = row.action === 'pipeline_stage_changed'
      const [, prefix, digits] = /^\s*(pipeline:)?(\d{1,16})\s*$/.exec(String(row.related_id)) ?? []
      return (prefix !== undefined || isOfPipeline) && Number(digits) >= 1 && Number(digits) <= 2 ** 52
    })
    expect(report.entries).toBe(about.length)
  })
})

test('without a column of notes: notes carried and notes left are the notes given', () => {
  fc.assert(
    fc.property(tables, ({ pipeline, ...more }) => {
      const given = { ...more, pipeline: pipeline.map((row) => ({ ...row, notes: null })) }
      const { report } = convertLegacy(given, now)
      const left = report.left.filter((each) => each.what === 'note').length
      expect(report.notes + left).toBe(given.notes.length)
    }),
    { numRuns: 400 },
  )
})

test('every line of the column comes back in a note', () => {
  fc.assert(
    fc.property(fc.array(noteLine, { minLength: 1 }), (lines) => {
      const pipeline = [{ id: 1, title: 'x', notes: lines.join('\n') }]
      const given = { columns: [], pipeline, notes: [], tasks: [], activity: [], projects: [], sequence: 0 }
      const { batch } = convertLegacy(given, now)
      const said = batch.entry.map((entry) => entry.note ?? '').join('\n')
      for (const line of lines) expect(said).toContain(line.slice(line.indexOf(']') + 1).trim())
    }),
  )
})

test('converting is deterministic, and leaves what it was given alone', () => {
  fc.assert(
    fc.property(tables, (given) => {
      const copy = structuredClone(given)
      const first = convertLegacy(given, now)
      expect(given).toEqual(copy)
      expect(JSON.stringify(convertLegacy(copy, now))).toBe(JSON.stringify(first))
    }),
    { numRuns: 200 },
  )
})
