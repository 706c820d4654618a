import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decideIncident,
  type IncidentFacts,
  incidentTitle,
  isFixedBy,
  isReminderDue,
  isTakenUp,
  type NotOpened,
  notOpened,
} from '../../src/domain/incident.ts'

const rules = { open: true, autoResolve: true, reopenWindowMs: 1000 }
const open = { itemId: 7, takenUp: false, recoveryNoted: false }
const bySystem = { itemId: 5, resolvedAtMs: 100, resolvedBy: 'system' as const }
const byPerson = { ...bySystem, resolvedBy: 'person' as const }

const decide = (facts: Partial<IncidentFacts>) => {
  const decision = decideIncident({ state: 'down', rules, atMs: 500, ...facts })
  return 'itemId' in decision ? `${decision.do} ${decision.itemId}` : decision.do
}

describe('while the check is down', () => {
  test.each<[string, Partial<IncidentFacts>, string]>([
    ['none was ever open', {}, 'open'],
    ['incidents are switched off', { rules: { ...rules, open: false } }, 'nothing'],
    ['one is open', { open }, 'nothing'],
    ['one is open and was taken up', { open: { ...open, takenUp: true } }, 'nothing'],
    [
      'its recovery was noted',
      { open: { ...open, takenUp: true, recoveryNoted: true } },
      'note-failing-again 7',
    ],
    ['the system just resolved one', { last: bySystem }, 'reopen 5'],
    [
      'the system resolved one, at the last instant of the window',
      { last: bySystem, atMs: 1099 },
      'reopen 5',
    ],
    ['the system resolved one, and the window has passed', { last: bySystem, atMs: 1100 }, 'open'],
    [
      'the system resolved one, and incidents are switched off',
      { last: bySystem, rules: { ...rules, open: false } },
      'nothing',
    ],
    ['a person just closed one', { last: byPerson }, 'nothing'],
    ['a person closed one, and the window has passed', { last: byPerson, atMs: 1100 }, 'open'],
    ['there is no window', { last: bySystem, rules: { ...rules, reopenWindowMs: 0 } }, 'open'],
    ['the clock was set back', { last: byPerson, atMs: 0 }, 'nothing'],
  ])('and %s', (_, facts, decision) => {
    expect(decide(facts)).toBe(decision)
  })
})

describe.each(['up', 'degraded'] as const)('once the check is %s', (state) => {
  test.each<[string, Partial<IncidentFacts>, string]>([
    ['none is open', { last: bySystem }, 'nothing'],
    ['nobody took it up', { open }, 'resolve 7'],
    ['somebody took it up', { open: { ...open, takenUp: true } }, 'note-recovery 7'],
    ['that was noted', { open: { ...open, takenUp: true, recoveryNoted: true } }, 'nothing'],
    ['it was noted, and then its owner let go', { open: { ...open, recoveryNoted: true } }, 'resolve 7'],
    [
      'it is not to be resolved by itself',
      { open, rules: { ...rules, autoResolve: false } },
      'note-recovery 7',
    ],
  ])('and %s', (_, facts, decision) => {
    expect(decide({ ...facts, state })).toBe(decision)
  })
})

test('while nothing is known nothing is done', () => {
  for (const facts of [{}, { open }, { last: bySystem }])
    expect(decide({ ...facts, state: 'unknown' })).toBe('nothing')
})

const anyFacts: fc.Arbitrary<IncidentFacts> = fc.record({
  state: fc.constantFrom('up', 'degraded', 'down', 'unknown') as fc.Arbitrary<IncidentFacts['state']>,
  open: fc.option(fc.record({ itemId: fc.constant(7), takenUp: fc.boolean(), recoveryNoted: fc.boolean() }), {
    nil: undefined,
  }),
  last: fc.constantFrom(undefined, bySystem, byPerson),
  rules: fc.record({
    open: fc.boolean(),
    autoResolve: fc.boolean(),
    reopenWindowMs: fc.constantFrom(0, 1000),
  }),
  inhibitedBy: fc.option(fc.constant(3), { nil: undefined }),
  flapping: fc.boolean(),
  atMs: fc.integer({ min: 0, max: 3000 }),
})

test('a decision that was carried out is not taken again', () => {
  fc.assert(
    fc.property(anyFacts, (before) => {
      expect(decideIncident(carriedOut(before)).do).toBe('nothing')
    }),
  )
})

function carriedOut(facts: IncidentFacts): IncidentFacts {
  const decision = decideIncident(facts)
  switch (decision.do) {
    case 'nothing':
      return facts
    case 'open':
      return { ...facts, open }
    case 'reopen':
      return { ...facts, open: { ...open, itemId: decision.itemId }, last: undefined }
    case 'resolve':
      return {
        ...facts,
        open: undefined,
        last: { itemId: 7, resolvedAtMs: facts.atMs, resolvedBy: 'system' },
      }
    case 'note-recovery':
      return { ...facts, open: { ...facts.open!, recoveryNoted: true } }
    case 'note-failing-again':
      return { ...facts, open: { ...facts.open!, recoveryNoted: false } }
  }
}

test('rule: what it depends on is down: nothing is opened or reopened, all else is as ever', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const free = decideIncident({ ...facts, inhibitedBy: undefined })
      const held = decideIncident({ ...facts, inhibitedBy: 3 })
      if (free.do === 'open' || free.do === 'reopen')
        expect(held).toEqual({ do: 'nothing', why: notOpened('depends-on', { itemId: 3 }) })
      else expect({ ...held, why: undefined }).toEqual({ ...free, why: undefined })
    }),
  )
})

test('rule: while it flaps nothing is done', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      expect(decideIncident({ ...facts, flapping: true }).do).toBe('nothing')
    }),
  )
})

test('of a check that is down, whatever opens none says why, and nothing else does', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const decision = decideIncident(facts)
      const why = decision.do === 'nothing' ? decision.why : undefined
      expect(why !== undefined).toBe(facts.state === 'down' && decision.do === 'nothing')
      if (facts.open && why) expect(why).toEqual(notOpened('already-open', { itemId: 7 }))
    }),
  )
})

test.each<[string, Partial<IncidentFacts>, Partial<NotOpened>]>([
  ['incidents are switched off', { rules: { ...rules, open: false } }, { reason: 'switched-off' }],
  ['it flaps', { flapping: true }, { reason: 'flapping' }],
  ['what it depends on is down', { inhibitedBy: 3 }, { reason: 'depends-on', itemId: 3 }],
  [
    'a person closed the last one',
    { last: byPerson },
    { reason: 'reopen-window', until: '1970-01-01T00:00:01.100Z' },
  ],
  [
    'a person closed the last one at a time that is none',
    { last: { ...byPerson, resolvedAtMs: 1e18 } },
    { reason: 'reopen-window', until: null },
  ],
])('why none opens: %s', (_, facts, why) => {
  expect(decideIncident({ state: 'down', rules, atMs: 500, ...facts })).toMatchObject({ do: 'nothing', why })
})

test('taken up: it left its first stage, or has an assignee', () => {
  expect(isTakenUp({ stage: 'idea', assignee: null })).toBe(false)
  expect(isTakenUp({ stage: 'building', assignee: null })).toBe(true)
  expect(isTakenUp({ stage: 'idea', assignee: 'human:max' })).toBe(true)
})

describe('a fix is out at the end of its path, for runs from then on', () => {
  const at = '1970-01-01T00:00:01.000Z'
  test.each([
    ['feature', 'live', { liveAt: at }, 1000, true],
    ['feature', 'live', { liveAt: at }, 999, false],
    ['feature', 'done', { doneAt: at }, 5000, false],
    ['bug', 'done', { doneAt: at }, 1000, true],
    ['bug', 'done', { doneAt: at }, 999, false],
    ['bug', 'qa', {}, 5000, false],
    ['task', 'done', {}, 0, true],
  ] as const)('%s in %s %j, a run at %d: %s', (type, stage, times, atMs, isOut) => {
    expect(isFixedBy({ type, stage, doneAt: null, liveAt: null, ...times }, atMs)).toBe(isOut)
  })
})

describe('a reminder is due', () => {
  const asked = { acknowledged: false, takenUp: false, beganMs: 1000, remindedMs: null }
  test.each([
    ['an interval after it began', asked, 1100, true],
    ['not before', asked, 1099, false],
    ['an interval after the last one', { ...asked, remindedMs: 1100 }, 1200, true],
    ['not before that', { ...asked, remindedMs: 1100 }, 1199, false],
    ['of one that was opened again, after that', { ...asked, beganMs: 1150, remindedMs: 1100 }, 1200, false],
    ['never once it is acknowledged', { ...asked, acknowledged: true }, 9999, false],
    ['never once it is taken up', { ...asked, takenUp: true }, 9999, false],
  ])('%s', (_, incident, nowMs, isDue) => {
    expect(isReminderDue(incident, 100, nowMs)).toBe(isDue)
  })
})

describe('the title of an incident', () => {
  test('is the feature and the condition that failed', () => {
    expect(incidentTitle('Invoices', 'exit_code == 0')).toBe('Invoices: exit_code == 0')
  })

  test('has at most 500 characters and keeps its condition', () => {
    const title = incidentTitle('f'.repeat(500), 'exit_code == 0')
    expect(title).toHaveLength(500)
    expect(title).toMatch(/f…: exit_code == 0$/)
    expect(incidentTitle('f'.repeat(600), 'c'.repeat(600)).length).toBeLessThanOrEqual(500)
  })

  test('is one line', () => {
    expect(incidentTitle('a\nb', 'c\u001b[31m\td')).toBe('a b: c d')
  })
})
