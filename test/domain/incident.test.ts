import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideIncident, type IncidentFacts, incidentTitle } from '../../src/domain/incident.ts'

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

test('a decision that was carried out is not taken again', () => {
  const facts = fc.record({
    state: fc.constantFrom('up', 'degraded', 'down', 'unknown') as fc.Arbitrary<IncidentFacts['state']>,
    open: fc.option(
      fc.record({ itemId: fc.constant(7), takenUp: fc.boolean(), recoveryNoted: fc.boolean() }),
      { nil: undefined },
    ),
    last: fc.constantFrom(undefined, bySystem, byPerson),
    rules: fc.record({
      open: fc.boolean(),
      autoResolve: fc.boolean(),
      reopenWindowMs: fc.constantFrom(0, 1000),
    }),
    atMs: fc.integer({ min: 0, max: 3000 }),
  })
  fc.assert(
    fc.property(facts, (before) => {
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
