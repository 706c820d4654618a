/** The lines of a monitor that stays. */

import { expect, test } from 'vitest'
import { type NotOpened, notOpened, notOpenedReasons } from '../../src/domain/incident.ts'
import type { CheckedItem } from '../../src/ops/operation.ts'
import { runTeller } from '../../src/worker/run-teller.ts'

const run = (more: Partial<CheckedItem>): CheckedItem => ({
  itemId: 25,
  title: 'Extractor',
  result: 'down',
  state: 'down',
  summary: 's',
  durationMs: 1,
  attempts: 1,
  stored: true,
  maintenance: false,
  incident: null,
  notOpened: null,
  ...more,
})

function told(...runs: Partial<CheckedItem>[]): string[] {
  const lines: string[] = []
  const tell = runTeller((line) => void lines.push(line))
  for (const each of runs) tell(run(each))
  return lines
}

const held = (reason: NotOpened['reason'], more: Partial<NotOpened> = {}) => ({
  notOpened: notOpened(reason, more),
})

test('what a run did to an incident is told, what it found as ever is not', () => {
  expect(
    told(
      { incident: { id: 31, change: 'opened' } },
      held('already-open', { itemId: 31 }),
      { result: 'up', incident: { id: 31, change: 'resolved' } },
      { result: 'up' },
    ),
  ).toEqual(['#25 down: incident #31 opened', '#25 up: incident #31 resolved'])
})

test('why none opens is told once, and again when that has changed or was over meanwhile', () => {
  const depends = held('depends-on', { itemId: 3 })
  expect(told(depends, depends, held('flapping'), depends, { result: 'up' }, depends)).toEqual([
    '#25 down: no incident: it depends on #3, which is down',
    '#25 down: no incident: it is flapping; one opens when 12 runs in a row were down',
    '#25 down: no incident: it depends on #3, which is down',
    '#25 down: no incident: it depends on #3, which is down',
  ])
})

test('each item has a reason of its own, and every reason has words of its own', () => {
  const flapping = held('flapping')
  expect(told({ itemId: 1, ...flapping }, { itemId: 2, ...flapping })).toHaveLength(2)
  const lines = told(...notOpenedReasons.map((reason) => held(reason)))
  expect(new Set(lines).size).toBe(notOpenedReasons.length - 1)
})
