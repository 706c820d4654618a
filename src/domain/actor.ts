/** Who acts: `human:max`, `agent:builder-1`, `system:monitor`. */

import { TrackerError } from '../errors.ts'

export type Actor = string

const shape = /^(human|agent|system):\S(.{0,98}\S)?$/u
const control = /[\u0000-\u001f\u007f-\u009f]/

export const monitor: Actor = 'system:monitor'

/**
 * @throws TrackerError `invalid` when it is no `human:name` or `agent:name` (`system:` is the product's own)
 */
export function parseActor(text: string): Actor {
  if (!shape.test(text) || control.test(text)) {
    const name = /^[\w.-]{1,60}$/.test(text) ? text : 'max'
    throw new TrackerError('invalid', `not an actor: ${JSON.stringify(text.slice(0, 60))}`, {
      hint: `say who acts as human:${name} or agent:${name}`,
    })
  }
  if (text.startsWith('system:')) {
    throw new TrackerError('invalid', 'system: is the monitor itself; nobody else acts in its name', {
      hint: 'say who acts as human:NAME or agent:NAME',
    })
  }
  return text
}

/** The actor for a person's name, whatever it holds: control characters and outer space are dropped. */
export function humanActor(name: string): Actor {
  const plain = name
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
    .trim()
    .slice(0, 100)
    .trim()
  return `human:${plain || 'unknown'}`
}

export const isPerson = (actor: Actor): boolean => actor.startsWith('human:')
