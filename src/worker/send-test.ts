/** A test over one channel, whatever its quiet hours and what it wants: to see that it arrives. */

import type { Channel } from '../domain/channel.ts'
import type { Instant } from '../domain/instant.ts'
import type { NotificationEvent } from '../domain/notification.ts'
import type { Delivery } from '../notify/index.ts'
import { channelState } from '../ops/channel-state.ts'
import { call, type SentTest } from '../ops/operation.ts'
import type { Database } from '../store/database.ts'

export interface Sender {
  channel(name: string): Channel
  send(channel: Channel, event: NotificationEvent): Promise<Delivery>
}

/** @throws TrackerError `not-found` for a channel that the configuration does not have */
export async function sendTest(
  database: Database,
  sender: Sender,
  name: string,
  at: Instant,
): Promise<SentTest> {
  const channel = sender.channel(name)
  const env = { database, now: () => at, actor: 'human:owner', trust: 'local', permissions: 'all' } as const
  const { closed } = (await call(channelState, { channel: { ...channel } }, env)).data
  if (closed !== null) return { channel: name, sent: false, reason: closed }
  const delivery = await sender.send(channel, testEvent(at))
  return { channel: name, sent: delivery.outcome === 'sent', reason: reasonOf(delivery) }
}

/** Why nothing was sent, or what did not quite work. */
export const reasonOf = (delivery: Delivery): string | null =>
  delivery.outcome === 'sent' ? (delivery.note ?? null) : delivery.reason

const testEvent = (at: Instant): NotificationEvent => ({
  id: `test-${at.replace(/\D/g, '')}`,
  kind: 'test',
  at,
  severity: 'minor',
  item: null,
  incident: null,
  summary: 'This is a test: notifications arrive here',
  detail: null,
  actor: null,
})
