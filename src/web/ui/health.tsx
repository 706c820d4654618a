/** How a live item is: a dot with a word. */

import type { Out } from '../api.ts'
import { Age } from './time.tsx'

type HealthFacts = Out<'item.list'>['items'][number]['health']
export type ShownState =
  | 'up'
  | 'degraded'
  | 'down'
  | 'unknown'
  | 'maintenance'
  | 'paused'
  | 'off'
  | 'no-check'
  | 'unapproved'

const words: Record<ShownState, string> = {
  up: 'up',
  degraded: 'degraded',
  down: 'down',
  unknown: 'unknown',
  maintenance: 'maintenance',
  paused: 'paused',
  off: 'switched off',
  'no-check': 'no check',
  unapproved: 'not approved',
}

export function shownState(health: HealthFacts): ShownState {
  if (!health) return 'no-check'
  if (!health.enabled) return 'off'
  if (!health.approved) return 'unapproved'
  if (health.paused) return 'paused'
  if (health.lastResult === 'maintenance') return 'maintenance'
  return health.state
}

export const State = ({ state }: { state: ShownState }) => (
  <span class={`state ${state}`}>
    <span class="dot" />
    {words[state]}
  </span>
)

export function Health({ health }: { health: HealthFacts }) {
  const state = shownState(health)
  const since = health?.since
  return (
    <span class={`state ${state}`} title={health?.summary ?? words[state]}>
      <span class="dot" />
      {words[state]}
      {since && state !== 'up' && state in words && <Age at={since} what="Since" />}
      {health?.flapping && ' · flapping'}
    </span>
  )
}
