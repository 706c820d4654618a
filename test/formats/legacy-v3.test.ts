import { describe, expect, test } from 'vitest'
import { paths } from '../../src/domain/stage.ts'
import { convertLegacy, entriesOf, itemOf, leftOf, now, readFixture } from './legacy-tables.ts'

describe('V2.1', () => {
  const columns = `ALTER TABLE pipeline ADD COLUMN parent_id INTEGER; ALTER TABLE pipeline ADD COLUMN health_check TEXT;
    PRAGMA ignore_check_constraints = ON; UPDATE pipeline SET parent_id = 12 WHERE id = 13;`

  test('is told by its column, and has parents', () => {
    const converted = convertLegacy(readFixture('legacy-v2', columns), now)
    expect(converted.report).toMatchObject({ from: 'V2.1', items: 10, tasks: 4, notes: 5 })
    expect(itemOf(converted, 13).parentId).toBe(12)
    expect(itemOf(converted, 12).parentId).toBeNull()
  })

  test.each(['spec-review', 'qa', 'final-review', 'live'])('its stage %s stays', (stage) => {
    const change = `${columns} UPDATE pipeline SET stage = '${stage}' WHERE id = 6`
    const converted = convertLegacy(readFixture('legacy-v2', change), now)
    expect(itemOf(converted, 6)).toMatchObject({ type: 'feature', stage })
    expect(converted.report.moved.map((move) => move.id)).not.toContain(6)
  })

  test('a live item with an HTTP check is due at once, and needs no approval', () => {
    const change = `${columns} UPDATE pipeline SET stage = 'live', completed_at = '2026-02-20 10:00:00',
      health_check = '{"type":"http","url":"https://example.com","frequency":"hourly"}' WHERE id = 6`
    const converted = convertLegacy(readFixture('legacy-v2', change), now)
    expect(converted.batch.check).toMatchObject([
      {
        itemId: 6,
        state: 'unknown',
        liveSinceMs: Date.parse('2026-02-20T10:00:00Z'),
        nextRunMs: Date.parse(now),
      },
    ])
    expect(converted.report.unapproved).toEqual([])
  })
})

describe('V3', () => {
  const v3 = convertLegacy(readFixture('legacy-v3'), now)
  const { batch, report, lastIds } = v3

  test('the version and the counts are told; ids keep their holes', () => {
    const { moved, left, unapproved, ...counts } = report
    expect(counts).toEqual({ from: 'V3', projects: 1, items: 10, tasks: 0, notes: 5, entries: 3 })
    expect(batch.item.map((item) => item.id)).toEqual([25, 101, 102, 103, 104, 204, 205, 206, 207, 801])
    expect(lastIds).toEqual({ item: 999, project: 1 })
  })

  test('stories are tasks, and so are risks, issues and assumptions, with a label', () => {
    const types = Object.fromEntries(batch.item.map((item) => [item.id, `${item.type} ${item.stage}`]))
    expect(types).toEqual({
      25: 'feature live',
      101: 'task idea',
      102: 'task building',
      103: 'task done',
      104: 'task building',
      204: 'task building',
      205: 'task done',
      206: 'task idea',
      207: 'feature building',
      801: 'feature qa',
    })
    expect(batch.label).toEqual([
      { itemId: 204, label: 'raid:issue' },
      { itemId: 205, label: 'raid:risk' },
      { itemId: 206, label: 'raid:assumption' },
    ])
    expect(entriesOf(v3, 205, 'upgraded')[0]?.detail).toEqual({ stage: 'accepted' })
    expect(entriesOf(v3, 101, 'upgraded')).toEqual([])
  })

  test('every stage is on the path of its type', () => {
    for (const { type, stage } of batch.item) {
      expect(paths[type as keyof typeof paths]).toContain(stage)
    }
  })

  test('blocked goes back to where the log says it was, with the newest note as the reason', () => {
    expect(itemOf(v3, 104)).toMatchObject({
      stage: 'building',
      blockedReason: 'Need API key',
      blockedAt: '2026-02-05T10:00:00.000Z',
    })
    expect(report.moved).toEqual([
      {
        id: 104,
        title: 'Waits for a key',
        type: 'task',
        from: 'blocked',
        to: 'building',
        why: 'it was blocked in building',
      },
    ])
  })

  test('the notes of the column come one a line, oldest first, with their source', () => {
    expect(entriesOf(v3, 25, 'noted')).toMatchObject([
      { at: '2026-02-05T08:25:00.000Z', actor: 'agent:spec', noteType: 'handover' },
      { at: '2026-02-05T09:41:00.000Z', source: 'subagent', note: 'QA: 4 passed, 0 failed' },
      { at: '2026-02-05T10:02:00.000Z', source: 'main', note: 'Shipped to production', noteType: 'progress' },
    ])
  })

  test('a parent that is gone is listed', () => {
    expect(itemOf(v3, 207).parentId).toBeNull()
    expect(leftOf(v3, 'parent')).toMatchObject([{ id: 999, itemId: 207, text: 'Child of nobody' }])
    expect(batch.item.filter((item) => item.parentId === 25).length).toBe(6)
  })

  test('a health check that can be read is kept, and its command waits for approval', () => {
    const text =
      '{"type":"command","command":"node tools/invoice-extractor.js --help","expect":"exit_code:0","frequency":"daily"}'
    expect(itemOf(v3, 25).healthCheck).toBe(text)
    expect(batch.check).toEqual([
      {
        itemId: 25,
        state: 'unknown',
        sinceMs: null,
        failures: 0,
        successes: 0,
        liveSinceMs: Date.parse('2026-02-05T10:02:11Z'),
        lastRunMs: null,
        lastResult: null,
        lastSummary: null,
        lastDurationMs: null,
        nextRunMs: Date.parse(now),
        runner: 'local',
        leaseMs: 140_000,
        epoch: 0,
        approvedCommand: null,
        dismissedMs: null,
        history: 0,
        told: null,
        rolledMs: null,
        missedMs: null,
        pingedMs: null,
        maintenanceUntilMs: null,
        pausedMs: null,
        pausedUntilMs: null,
        begunMs: null,
      },
    ])
    expect(report.unapproved).toEqual([25])
  })

  test('a health check that is not valid becomes a note, and is listed', () => {
    expect(itemOf(v3, 207).healthCheck).toBeNull()
    expect(entriesOf(v3, 207, 'noted')).toMatchObject([
      {
        at: now,
        note: 'This health check could not be read and was not carried over: {not json',
        noteType: 'progress',
      },
    ])
    expect(leftOf(v3, 'health-check')).toMatchObject([{ itemId: 207, text: '{not json' }])
  })

  test('live since the log says so, done since it was completed', () => {
    expect(itemOf(v3, 25)).toMatchObject({
      startedAt: '2026-02-05T08:30:00.000Z',
      doneAt: '2026-02-05T10:02:00.000Z',
      liveAt: '2026-02-05T10:02:11.000Z',
    })
    expect(itemOf(v3, 205).doneAt).toBe('2026-02-06T02:00:00.000Z')
  })

  test('an action of the log has our notation', () => {
    expect(entriesOf(v3, 25, 'pipeline-note')).toMatchObject([
      { source: 'main', note: null, detail: { description: 'Shipped to production', category: 'pipeline' } },
    ])
  })
})
