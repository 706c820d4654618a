/** Entries of the log that tell of a check and its state, as words. Pure. */

import type { Operations } from '../../ops/index.ts'
import type { OutputOf } from '../../ops/operation.ts'

type Entry = OutputOf<Operations['activity.list']>['entries'][number]

const states = ['up', 'degraded', 'down', 'unknown'] as const

export interface StoryPart {
  id: number
  at: string
  actor: string
  /** The state that it came to. */
  state: (typeof states)[number] | undefined
  words: string
  more: string | undefined
  incidentId: number | undefined
}

/** @returns undefined for what tells nothing of the check */
export function storyOf({ id, at, actor, action, detail, note }: Entry): StoryPart | undefined {
  const of = detail ?? {}
  const told = (words: string, more?: unknown): StoryPart => ({
    ...{ id, at, actor, words },
    more: typeof more === 'string' && more !== '' ? more : (note ?? undefined),
    state: undefined,
    incidentId: typeof of.incidentId === 'number' ? of.incidentId : undefined,
  })
  if (action === 'check-state')
    return { ...told(`${of.from} → ${of.to}`, of.summary), state: states.find((each) => each === of.to) }
  if (/^incident-/.test(action)) return told(action.replace('-', ' '), of.title)
  if (action === 'check-paused')
    return told(
      'paused',
      note ?? (typeof of.until === 'string' ? `until ${of.until.slice(0, 16)} UTC` : undefined),
    )
  if (action === 'check-resumed') return told('watched again')
  if (/^maintenance-/.test(action)) return told(action.replaceAll('-', ' '))
  if (/^(?:check|heartbeat|recovery)-/.test(action)) return told(action.replaceAll('-', ' '))
  if (action === 'moved' && (of.to === 'live' || of.from === 'live'))
    return told(of.to === 'live' ? 'went live' : `left live for ${of.to}`)
  if (action === 'updated' && isObject(of.changed) && 'healthCheck' in of.changed) return told('check edited')
  return undefined
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
