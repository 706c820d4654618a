import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type OutboxEvent, planOutbox } from '../../src/domain/outbox.ts'

const wait = 30_000
const opened = (id: number, atMs: number, incidentId = 1): OutboxEvent => ({
  id,
  atMs,
  kind: 'incident.opened',
  incidentId,
})
const resolved = (id: number, atMs: number): OutboxEvent => ({
  ...opened(id, atMs),
  kind: 'incident.resolved',
})

describe('what is told of an incident', () => {
  test('nothing for as long as it may be over in a moment', () => {
    expect(planOutbox([opened(1, 0)], wait - 1, wait)).toEqual({ tell: [], drop: [] })
    expect(planOutbox([opened(1, 0)], wait, wait)).toEqual({ tell: [1], drop: [] })
  })

  test('nothing is sent for what resolved within groupWait, also where nobody looked for an hour', () => {
    const events = [opened(1, 0), { ...opened(2, 5), kind: 'incident.acknowledged' }, resolved(3, wait)]
    for (const nowMs of [wait, 3_600_000])
      expect(planOutbox(events, nowMs, wait)).toEqual({ tell: [], drop: [1, 2, 3] })
  })

  test('a storm is over as an incident is', () => {
    const events = [
      { ...opened(1, 0), kind: 'storm.opened' },
      { ...opened(2, wait), kind: 'storm.resolved' },
    ]
    expect(planOutbox(events, wait, wait)).toEqual({ tell: [], drop: [1, 2] })
  })

  test('both, for what resolved later', () => {
    expect(planOutbox([opened(1, 0), resolved(2, wait + 1)], wait + 1, wait)).toEqual({
      tell: [1, 2],
      drop: [],
    })
  })

  test('what resolved is told where its opening was', () => {
    expect(planOutbox([resolved(9, 0)], 0, wait)).toEqual({ tell: [9], drop: [] })
  })

  test('opened, resolved and opened again: the first two are dropped, the third waits for itself', () => {
    const events = [opened(1, 0), resolved(2, 10), { ...opened(3, 20), kind: 'incident.reopened' }]
    expect(planOutbox(events, 30, wait)).toEqual({ tell: [], drop: [1, 2] })
    expect(planOutbox(events, 20 + wait, wait)).toEqual({ tell: [3], drop: [1, 2] })
  })

  test('another incident, and what concerns none, does not wait for it', () => {
    const flapping = { id: 2, atMs: 1, kind: 'check.flapping', incidentId: null }
    expect(planOutbox([opened(1, 0), flapping, resolved(3, 1)], 1, wait)).toEqual({ tell: [2], drop: [1, 3] })
  })

  test('a clock that was set back holds nothing up', () => {
    expect(planOutbox([opened(1, 1_000_000)], 0, wait).tell).toEqual([1])
  })
})

test('every event is told or dropped once at last, and never both', () => {
  const kinds = ['incident.opened', 'incident.reopened', 'incident.resolved', 'incident.acknowledged']
  const event = fc.record({
    kind: fc.constantFrom(...kinds, 'storm.opened', 'check.flapping'),
    incidentId: fc.option(fc.integer({ min: 1, max: 3 })),
    atMs: fc.integer({ min: 0, max: 100_000 }),
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), fc.integer({ min: 0, max: 200_000 }), (list, nowMs) => {
      const events = list.map((each, index) => ({ ...each, id: index + 1 }))
      const { tell, drop } = planOutbox(events, nowMs, wait)
      const seen = [...tell, ...drop]
      expect(new Set(seen).size).toBe(seen.length)
      const last = planOutbox(events, 10_000_000, wait)
      expect([...last.tell, ...last.drop].sort((a, b) => a - b)).toEqual(events.map((each) => each.id))
    }),
  )
})
