/**
 * The kinds of channel, one file each, loaded at first use. What lives here: one try to send one event. What never
 * does: when it is tried again, the outbox, the clock.
 */

import type { Channel } from '../domain/channel.ts'
import { gist } from '../domain/gist.ts'
import { harmlessEvent, type NotificationEvent } from '../domain/notification.ts'
import { type Delivery, type NotifyDoor, retry } from './notify.ts'
import { fill } from './secrets.ts'

export type { Delivery, NotifyDoor, ProgramEnd, Run } from './notify.ts'

const reasonMax = 300
/** Looked at of what a receiver said. */
const heardMax = 5000

/**
 * Send one event over one channel, once; whether the channel wants it is the caller's question.
 * @returns never rejects; a reason is one line of at most 300 characters and holds no value of a variable
 */
export const send = (channel: Channel, event: NotificationEvent, door: NotifyDoor): Promise<Delivery> =>
  attempt(channel, door, (filled) => sender(filled, harmlessEvent(event), door))

/** Call the deadman's address, so that it notices when nobody does any more. `url` may hold `${env:NAME}`. */
export const callDeadman = (url: string, door: NotifyDoor): Promise<Delivery> =>
  attempt(url, door, async (filled) => {
    const { request } = await import('./http.ts')
    return request({ url: filled, method: 'GET', headers: { 'user-agent': 'throughline' }, body: null }, door)
  })

async function sender(channel: Channel, event: NotificationEvent, door: NotifyDoor): Promise<Delivery> {
  switch (channel.type) {
    case 'webhook':
      return (await import('./webhook.ts')).sendWebhook(channel, event, door)
    case 'slack':
      return (await import('./slack.ts')).sendSlack(channel, event, door)
    case 'smtp':
      return (await import('./smtp.ts')).sendMail(channel, event, door)
    case 'command':
      return (await import('./command.ts')).sendCommand(channel, event, door)
  }
}

async function attempt<T>(
  target: T,
  door: NotifyDoor,
  make: (filled: T) => Promise<Delivery>,
): Promise<Delivery> {
  const filled = fill(target, door.env)
  if ('missing' in filled) {
    return retry(`the variable ${filled.missing} is not set where the worker runs`)
  }
  // clean before the last look, so that nothing hides a secret; cut behind it, so that no half of one is left
  const told = (text: string) => gist(filled.redact(gist(filled.redact(text), heardMax)), reasonMax)
  try {
    const delivery = await make(filled.value)
    if ('reason' in delivery) return { ...delivery, reason: told(delivery.reason) }
    return delivery
  } catch (error) {
    return retry(told(`sending failed: ${error instanceof Error ? error.name : typeof error}`))
  }
}
