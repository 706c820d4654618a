import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHealthCheck } from '../../src/domain/health-check.ts'
import { toleranceMs } from '../../src/domain/schedule.ts'
import { toleranceOfCheck } from '../../src/domain/tolerance.ts'

const planned = (frequency: string): number =>
  toleranceMs(parseHealthCheck({ type: 'http', url: 'http://127.0.0.1:1/', frequency }).plan)

test('the tolerance of a check as written is that of its plan', () => {
  const names = fc.constantFrom('minutely', 'hourly', 'daily', 'weekly', 'monthly')
  const durations = fc
    .tuple(fc.integer({ min: 20, max: 300 }), fc.constantFrom('s', 'm', 'h', 'd'))
    .map(([n, unit]) => `${n}${unit}`)
  fc.assert(
    fc.property(fc.oneof(names, durations), (frequency) => {
      expect(toleranceOfCheck({ frequency })).toBe(planned(frequency))
    }),
  )
})

test('what only the plan can tell is left to it', () => {
  for (const frequency of ['cron:* * * * *', 'never', '', '5', '400d', '__proto__', 5, null, undefined])
    expect(toleranceOfCheck({ frequency })).toBeUndefined()
})
