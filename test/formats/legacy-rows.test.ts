import { describe, expect, test } from 'vitest'
import type { LegacyRow } from '../../src/domain/legacy-rows.ts'
import { convertLegacy, entriesOf, itemOf, leftOf, movedRow, now, tablesOf } from './legacy-tables.ts'

const at = (time: string) => `2026-02-05T${time}:00.000Z`
const convert = (...given: Parameters<typeof tablesOf>) => convertLegacy(tablesOf(...given), now)
const note = (content: string, created_at: string | null, more: LegacyRow = {}): LegacyRow => ({
  id: 1,
  pipeline_id: 1,
  agent_role: 'builder',
  note_type: 'progress',
  content,
  created_at,
  ...more,
})

describe('types and stages', () => {
  test.each([
    ['feature', 'ready', 'feature', 'spec-review'],
    ['enhancement', 'final-review', 'enhancement', 'final-review'],
    ['epic', 'Review', 'epic', 'qa'],
    ['bug', 'in_progress', 'bug', 'building'],
    ['story', 'backlog', 'task', 'idea'],
    ['dependency', 'waiting', 'task', 'building'],
    ['risk', 'mitigating', 'task', 'building'],
    ['assumption', 'invalidated', 'task', 'done'],
    ['incident', 'resolved', 'incident', 'done'],
    ['incident', 'open', 'incident', 'idea'],
    [null, 'build', 'feature', 'building'],
  ])('%s in %s is a %s in %s, and no more is said', (type, stage, newType, newStage) => {
    const converted = convert([{ type, stage }])
    expect(itemOf(converted, 1)).toMatchObject({ type: newType, stage: newStage })
    expect(converted.report.moved).toEqual([])
    expect(converted.report.left).toEqual([])
  })

  test.each([
    ['story', 'spec', 'idea', 'spec is not on the path of type task'],
    ['story', 'ready', 'idea', 'spec-review is not on the path of type task'],
    ['bug', 'final-review', 'qa', 'final-review is not on the path of type bug'],
    ['task', 'live', 'done', 'live is not on the path of type task'],
    ['feature', 'parked', 'idea', 'there is no stage "parked"'],
    ['feature', 'constructor', 'idea', 'there is no stage "constructor"'],
  ])('%s in %s goes to %s, and the report says why', (type, stage, to, why) => {
    const converted = convert([{ type, stage }])
    expect(converted.report.moved).toMatchObject([{ id: 1, from: stage, to, why }])
    expect(entriesOf(converted, 1, 'upgraded')[0]?.detail).toEqual({ stage })
  })

  test('an unknown type is a feature, and listed', () => {
    const converted = convert([{ type: 'spike' }])
    expect(itemOf(converted, 1).type).toBe('feature')
    expect(leftOf(converted, 'text')).toMatchObject([{ itemId: 1, text: 'spike' }])
    expect(entriesOf(converted, 1, 'upgraded')[0]?.detail).toEqual({ type: 'spike' })
  })

  test('blocked: the newest way into it counts, else whether it was started', () => {
    const activity = [
      movedRow(1, 'review', 'blocked', '2026-02-05 08:00:00'),
      movedRow(1, 'spec', 'blocked', '2026-02-05 07:00:00'),
    ]
    const blocked = { stage: 'blocked' }
    const converted = convert([blocked, { ...blocked, started_at: '2026-02-05 07:00:00' }, blocked], {
      activity,
    })
    expect(converted.batch.item.map((item) => item.stage)).toEqual(['qa', 'building', 'idea'])
    const reason = 'no reason was noted'
    expect(itemOf(converted, 1)).toMatchObject({ blockedReason: reason, blockedAt: at('08:00') })
    expect(itemOf(converted, 3)).toMatchObject({ blockedReason: reason, blockedAt: at('06:00') })
    expect(converted.report.moved.map((move) => move.to)).toEqual(['qa', 'building', 'idea'])
  })

  test('the reason is the newest row of type blocker; without one, the newest note of the column', () => {
    const notes = [
      note('old', '2026-02-05 07:00:00', { note_type: 'blocker' }),
      note('newer', '2026-02-05 09:00:00', { note_type: 'blocker' }),
      note('no blocker', '2026-02-05 10:00:00'),
    ]
    const row = (rows: LegacyRow[]) =>
      convert([{ stage: 'blocked', notes: '2026-02-05 11:30 [main] Lunch break' }], { notes: rows })
    expect(itemOf(row(notes), 1)).toMatchObject({ blockedReason: 'newer', blockedAt: at('09:00') })
    expect(itemOf(row(notes.slice(2)), 1)).toMatchObject({
      blockedReason: 'Lunch break',
      blockedAt: at('11:30'),
    })
  })

  test('what the row leaves open the log tells: started, done, live', () => {
    const activity = [
      movedRow(1, 'spec', 'build', '2026-02-05 07:00:00'),
      movedRow(1, 'build', 'review', '2026-02-05 07:30:00'),
      movedRow(1, 'review', 'build', '2026-02-05 08:00:00'),
      movedRow(1, 'review', 'done', '2026-02-05 09:00:00'),
      movedRow(1, 'done', 'live', '2026-02-05 10:00:00'),
    ]
    const times = { startedAt: at('08:00'), doneAt: at('09:00'), liveAt: at('10:00') }
    expect(itemOf(convert([{ stage: 'live' }], { activity }), 1)).toMatchObject(times)
    expect(itemOf(convert([{ stage: 'done' }], { activity }), 1)).toMatchObject({ ...times, liveAt: null })
    const idea = convert([{ stage: 'idea', completed_at: '2026-02-05T11:00Z' }], { activity })
    expect(itemOf(idea, 1)).toMatchObject({ startedAt: null, doneAt: null, liveAt: null })
    expect(entriesOf(idea, 1, 'upgraded')[0]?.detail).toEqual({ completedAt: at('11:00') })
    expect(itemOf(convert([{ stage: 'live' }]), 1)).toMatchObject({ doneAt: null, liveAt: at('06:00') })
  })
})

describe('links', () => {
  test('circles of parents are broken at their lowest id, and listed', () => {
    const parents = [2, 3, 1, 1, 5, null, 8, 7, 7]
    const converted = convert(parents.map((parent_id) => ({ parent_id })))
    expect(converted.batch.item.map((item) => item.parentId)).toEqual([null, 3, 1, 1, null, null, null, 7, 7])
    expect(leftOf(converted, 'parent').map(({ itemId, id }) => [itemId, id])).toEqual([
      [1, 2],
      [5, 5],
      [7, 8],
    ])
  })

  test('projects of one name become one; a nameless one gets a name', () => {
    const names = ['Café', 'CAFE\u0301', ' ', 'project 3']
    const projects = names.map((name, index) => ({ id: index + 1, name, description: `no. ${index + 1}` }))
    const converted = convert([{ project_id: 2 }, { project_id: 1 }, { project_id: 3 }], { projects })
    expect(converted.batch.item.map((item) => item.projectId)).toEqual([1, 1, 3])
    expect(converted.batch.project.map((project) => project.name)).toEqual([
      'Café',
      'project 3 (2)',
      'project 3',
    ])
    expect(leftOf(converted, 'project')).toMatchObject([{ id: 2, itemId: null, text: 'CAFE\u0301: no. 2' }])
    expect(entriesOf(converted, 1, 'upgraded')[0]?.detail).toEqual({ projectId: 2 })
  })

  test('the last id is above everything that was named, but for what no id can be', () => {
    const last = (more: Parameters<typeof tablesOf>[1]) => convert([{}], more).lastIds.item
    expect(last({ sequence: 70 })).toBe(70)
    expect(last({ notes: [note('x', null, { pipeline_id: 71 })] })).toBe(71)
    expect(last({ tasks: [{ id: 1, pipeline_id: 72, title: 'x' }] })).toBe(72)
    expect(last({ activity: [{ related_id: 'pipeline:73' }, { related_id: 'task:99' }] })).toBe(73)
    expect(last({ activity: [{ related_id: 'pipeline:9007199254740993' }] })).toBe(1)
    expect(convert([{ parent_id: 74 }]).lastIds.item).toBe(74)
  })

  test('an item whose id no item can have gets another, and what named it follows', () => {
    const converted = convert([{ id: 0 }, { id: 4, parent_id: 0 }], {
      notes: [note('x', null, { pipeline_id: 0 })],
    })
    expect(converted.batch.item.map(({ id, parentId }) => [id, parentId])).toEqual([
      [4, 5],
      [5, null],
    ])
    expect(entriesOf(converted, 5, 'noted')).toHaveLength(1)
    expect(leftOf(converted, 'item')).toMatchObject([{ id: 0, itemId: 5, text: 'Item 1' }])
  })

  test('a task of an item that is gone is listed, whole', () => {
    const tasks = [
      {
        id: 3,
        pipeline_id: 9,
        title: 'Alone',
        description: 'since',
        output: 'out',
        status: 'doing',
        assigned_to: 'bob',
      },
    ]
    const converted = convert([{}], { tasks })
    expect(converted.report.tasks).toBe(0)
    expect(leftOf(converted, 'task')).toMatchObject([
      { id: 3, itemId: 9, text: 'doing, bob: Alone: since: out' },
    ])
  })
})

describe('values', () => {
  test('times: unreadable ones are listed and replaced, Unix times understood', () => {
    const row = { created_at: 'yesterday', updated_at: null, started_at: '1770271200' }
    const converted = convert([row])
    expect(itemOf(converted, 1)).toMatchObject({ createdAt: at('06:00'), updatedAt: at('06:00') })
    expect(leftOf(converted, 'time')).toMatchObject([
      { itemId: 1, why: "pipeline.created_at can't be read as a time", text: 'yesterday' },
    ])
  })

  test('a priority that is none is 2, and told', () => {
    const converted = convert([{ priority: 0 }, { priority: null }, { priority: '1' }])
    expect(converted.batch.item.map((item) => item.priority)).toEqual([2, 2, 1])
    expect(entriesOf(converted, 1, 'upgraded')[0]?.detail).toEqual({ priority: 0 })
    expect(entriesOf(converted, 2, 'upgraded')).toEqual([])
    expect(leftOf(converted, 'text')).toMatchObject([
      { itemId: 1, why: 'there is no such priority; it is 2 now', text: '0' },
    ])
  })

  test.each([
    ['2026-02-05 07:46:15 UTC', '2026-02-05T07:46:15.000Z'],
    ['2026-02-05T07:46:15 GMT', '2026-02-05T07:46:15.000Z'],
    ['2026-02-05T07:46:15-05', '2026-02-05T12:46:15.000Z'],
    ['2026-02-05 07:46:15.5+01', '2026-02-05T06:46:15.500Z'],
    ['2026-02-05', '2026-02-05T00:00:00.000Z'],
    ['2024-02-29 10:00:00', '2024-02-29T10:00:00.000Z'],
  ])('the time %s is %s', (created_at, createdAt) => {
    expect(itemOf(convert([{ created_at }]), 1).createdAt).toBe(createdAt)
  })

  test.each([
    '2026-02-30',
    '2026-02-30 10:00:00',
    '2026-02-29T10:00:00Z',
    '2026-04-31 10:00:00',
    '2026-13-29',
  ])('there is no %s: it is listed, and not taken for another day', (created_at) => {
    const converted = convert([{ created_at }])
    expect(itemOf(converted, 1).createdAt).toBe(at('06:00'))
    expect(leftOf(converted, 'time')).toMatchObject([{ itemId: 1, text: created_at }])
  })

  test('a second assignee is listed, and in the log', () => {
    const converted = convert([{ assigned_to: 'bob', assigned_agent: 'alice' }])
    expect(leftOf(converted, 'text')).toMatchObject([{ itemId: 1, text: 'alice' }])
    expect(entriesOf(converted, 1, 'upgraded')[0]?.detail).toEqual({ alsoAssigned: 'alice' })
  })

  test('titles are never changed, but for NUL, which is listed once a row', () => {
    const long = 'x'.repeat(5000)
    const converted = convert([
      { title: '' },
      { title: long },
      { title: 'a\0b', description: '\0' },
      { title: 12 },
    ])
    expect(converted.batch.item.map((item) => item.title)).toEqual(['', long, 'ab', '12'])
    expect(leftOf(converted, 'text')).toMatchObject([
      { itemId: 3, why: 'NUL characters were taken out of pipeline.title, description', text: 'ab' },
    ])
  })

  test('a BLOB, which a driver hands on as bytes, is text; that is listed', () => {
    const bytes = new TextEncoder().encode('Größe') as unknown as string
    const converted = convert([{ title: bytes }])
    expect(itemOf(converted, 1).title).toBe('Größe')
    expect(leftOf(converted, 'text')).toMatchObject([
      { itemId: 1, why: 'bytes were taken as UTF-8 in pipeline.title', text: 'Größe' },
    ])
  })

  test('a reason that quotes holds nothing that a terminal obeys', () => {
    const { report } = convert([{ stage: 'a\u009b', parent_id: '\u001b[2J', type: '\u202e' }])
    expect([...report.left, ...report.moved].map(({ why }) => why).join()).not.toMatch(/[\u001b\u009b\u202e]/)
    expect(report.left).toHaveLength(2)
  })

  test('what is left is told in at most 200 characters', () => {
    const [left] = leftOf(
      convert([{}], {
        notes: [note('🧾'.repeat(150), null, { pipeline_id: 9, agent_role: '', note_type: null })],
      }),
      'note',
    )
    expect(left?.text).toBe(`${'🧾'.repeat(99)}…`)
  })

  test('columns of somebody else are listed once, if they hold anything', () => {
    const converted = convert([
      { estimate: 3, url: null },
      { estimate: 5, url: null },
    ])
    expect(leftOf(converted, 'column').map((left) => left.text)).toEqual(['pipeline.estimate: 2 rows'])
  })

  test('an incident has the severity that one has by default', () => {
    expect(itemOf(convert([{ type: 'incident' }]), 1).severity).toBe('major')
  })
})
