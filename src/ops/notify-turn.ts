import * as z from 'zod/mini'
import type { Channel } from '../domain/channel.ts'
import { toMs } from '../domain/instant.ts'
import type { NotificationEvent } from '../domain/notification.ts'
import {
  type ChannelRow,
  type DeliveryEnd,
  dropDeliveries,
  endDelivery,
  findChannels,
  hasWork,
  insertDelivery,
  markEvents,
  markGone,
  pruneOutbox,
  silentEvents,
  takeDue,
  waitingEvents,
} from '../store/outbox.ts'
import { closedBecause, targetOf } from './channel-rules.ts'
import * as field from './fields.ts'
import { type Context, operation } from './operation.ts'
import { remindIncidents } from './remind-incidents.ts'

const result = () =>
  z.strictObject({
    id: z.number(),
    channel: z.string(),
    /** Made before this one. */
    tries: z.number(),
    outcome: z.enum(['sent', 'retry', 'failed', 'gone']),
    reason: z.nullable(z.string()),
    notBeforeMs: z.nullable(z.number()),
  })

export type SendResult = z.output<ReturnType<typeof result>>

const due = () =>
  z.strictObject({ id: z.number(), channel: z.string(), tries: z.number(), event: z.string() })

export type DueEvent = z.output<ReturnType<typeof due>>

/** A try holds its delivery for so long; then another worker makes it. */
const heldMs = 2 * 60_000
/** What was told is remembered for so long. */
const keptMs = 90 * 86_400_000

export const notifyTurn = operation({
  name: 'notify.turn',
  summary: 'Store what was sent, ask each channel about new events, and take what is due',
  kind: 'write',
  needs: 'check:run',
  input: () =>
    z.strictObject({
      /** As the configuration says, see `domain/channel.ts`. */
      channels: z.array(z.record(z.string(), z.unknown())),
      groupWaitMs: z.number(),
      results: z.array(result()),
      limit: field.limit(),
      /** False: nothing more is taken. */
      take: z._default(z.boolean(), true),
    }),
  output: () => z.strictObject({ due: z.array(due()) }),
  http: null,
  command: null,
  async run(input, context) {
    const { q } = context
    const nowMs = toMs(context.now)
    const channels = input.channels as unknown as Channel[]
    for (const each of input.results) await recordSent(context, each, channels)
    await remindIncidents(context)
    const known = await findChannels(q)
    await tellNew(context, channels, input.groupWaitMs, known)
    const open = channels.filter((channel) => closedBecause(channel, known.get(channel.name)) === undefined)
    const names = open.map((channel) => channel.name)
    if (input.results.length > 0) await pruneOutbox(q, nowMs - keptMs)
    if (!input.take) return { due: [] }
    return { due: await takeDue(q, nowMs, nowMs + heldMs, names, input.limit) }
  },
  toText: ({ due: taken }) => String(taken.length),
})

export const notifyPending = operation({
  name: 'notify.pending',
  summary: 'Say whether something is to be told or sent',
  kind: 'read',
  needs: 'check:run',
  input: () => z.strictObject({}),
  output: () => z.strictObject({ pending: z.boolean() }),
  http: null,
  command: null,
  run: async (_input, { q, now }) => ({ pending: await hasWork(q, toMs(now)) }),
  toText: ({ pending }) => String(pending),
})

/** New events: which channels want them, and when at the earliest. */
async function tellNew(
  { q, now }: Context,
  channels: Channel[],
  groupWaitMs: number,
  known: Map<string, ChannelRow>,
): Promise<void> {
  const waiting = await waitingEvents(q, 1000)
  if (waiting.length === 0) return
  const { earliestMs, wants } = await import('../domain/delivery.ts')
  const { planOutbox } = await import('../domain/outbox.ts')
  const nowMs = toMs(now)
  const silent = await silentEvents(q, waiting)
  const events = waiting.filter((event) => !silent.has(event.id))
  const { tell, drop } = planOutbox(events, nowMs, groupWaitMs)
  for (const { id, event: text } of events.filter((event) => tell.includes(event.id))) {
    const event = JSON.parse(text) as NotificationEvent
    for (const channel of channels) {
      if (!wants(channel, event)) continue
      const closed = closedBecause(channel, known.get(channel.name))
      if (closed === undefined) await insertDelivery(q, id, channel.name, earliestMs(channel, event, nowMs))
      else await insertDelivery(q, id, channel.name, nowMs, closed)
    }
  }
  if (tell.length > 0) await markEvents(q, tell, 'told')
  const dropped = [...drop, ...silent]
  if (dropped.length > 0) await markEvents(q, dropped, 'dropped')
}

async function recordSent({ q, now }: Context, sent: SendResult, channels: Channel[]): Promise<void> {
  const nowMs = toMs(now)
  await endDelivery(q, sent.id, await endOf(sent, nowMs))
  const channel = channels.find((each) => each.name === sent.channel)
  if (sent.outcome !== 'gone' || channel === undefined) return
  const reason = sent.reason ?? 'gone'
  await markGone(q, sent.channel, targetOf(channel), reason)
  await dropDeliveries(q, sent.channel, `the channel is disabled: ${reason}`, nowMs)
}

async function endOf(sent: SendResult, nowMs: number): Promise<DeliveryEnd> {
  const { retryAtMs } = await import('../domain/delivery.ts')
  const tries = sent.tries + 1
  const ended = { tries, dueMs: nowMs, reason: sent.reason, endedMs: nowMs }
  if (sent.outcome === 'sent') return { ...ended, state: 'sent' }
  const againMs = sent.outcome === 'retry' ? retryAtMs(tries, nowMs) : null
  if (againMs === null) return { ...ended, state: 'failed' }
  return { ...ended, state: 'waiting', dueMs: Math.max(againMs, sent.notBeforeMs ?? 0), endedMs: null }
}
