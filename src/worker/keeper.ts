/**
 * Tells people what happened: takes events out of the outbox, sends them, stores what became of it; and calls the
 * deadman's address for as long as the monitor does its work. Runs beside the loop of checks, and never stops it.
 */

import { monitor } from '../domain/actor.ts'
import type { Channel } from '../domain/channel.ts'
import type { Config } from '../domain/config.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import type { NotificationEvent } from '../domain/notification.ts'
import type { Delivery } from '../notify/index.ts'
import { type DueEvent, notifyPending, notifyTurn, type SendResult } from '../ops/notify-turn.ts'
import { call, type Environment } from '../ops/operation.ts'
import type { Database } from '../store/database.ts'
import { reasonOf } from './send-test.ts'

export interface KeeperOptions {
  database: Database
  config: Config
  now(): Instant
  /** One try; never rejects. */
  send(channel: Channel, event: NotificationEvent): Promise<Delivery>
  /** Calls the deadman's address. */
  callDeadman(url: string): Promise<Delivery>
  /** When the monitor last did its work, in milliseconds since 1970; undefined: there is no monitor here. */
  lastPassMs(): number | undefined
  pause(ms: number, signal?: AbortSignal): Promise<void>
  signal: AbortSignal
  onError?(error: unknown): void
  /** A channel or the deadman's address that did not take what was sent. */
  onFailed?(text: string): void
}

const lookMs = 2000
/** After turns that failed the next one waits longer, up to this. */
const failedMaxMs = 60_000
/** Taken in one turn, and under way at the most. */
const together = 20
const most = 100
const deadmanMs = 60_000
/** Reminders are looked for so often, and when there is something to send. */
const remindMs = 60_000
/** A monitor that did nothing for so long is no proof of life. */
const silentMs = 90_000

/** Resolves when stopped; what is under way then is tried again by whoever comes next. */
export async function runKeeper(options: KeeperOptions): Promise<void> {
  await Promise.all([keepTelling(options), keepCalling(options)])
}

async function keepTelling(options: KeeperOptions): Promise<void> {
  const { now, pause, signal, onError } = options
  let failed = 0
  let turnedMs = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    const nowMs = toMs(now())
    const isTurn = nowMs - turnedMs >= remindMs || nowMs < turnedMs
    if (isTurn) turnedMs = nowMs
    try {
      await deliver(options, isTurn)
      failed = 0
    } catch (error) {
      if (failed === 0) onError?.(error)
      failed += 1
    }
    await pause(Math.min(failedMaxMs, lookMs * 2 ** failed), signal)
  }
}

/** Beside what is sent: a receiver that hangs must not look like a monitor that does. */
async function keepCalling(options: KeeperOptions): Promise<void> {
  const { config, now, pause, signal } = options
  let calledMs = Number.NEGATIVE_INFINITY
  while (config.deadmanUrl !== undefined && !signal.aborted) {
    const nowMs = toMs(now())
    if (isProof(options, nowMs) && (nowMs - calledMs >= deadmanMs || nowMs < calledMs)) {
      calledMs = nowMs
      await callDeadman(options)
    }
    await pause(lookMs, signal)
  }
}

function isProof({ lastPassMs }: KeeperOptions, nowMs: number): boolean {
  const passMs = lastPassMs()
  return passMs !== undefined && nowMs - passMs < silentMs
}

async function callDeadman({ config, callDeadman: callUrl, onFailed }: KeeperOptions): Promise<void> {
  const delivery = await callUrl(config.deadmanUrl!)
  if ('reason' in delivery) onFailed?.(`the deadman's address did not answer: ${delivery.reason}`)
}

export type DeliverOptions = Pick<
  KeeperOptions,
  'database' | 'config' | 'now' | 'send' | 'pause' | 'signal' | 'onFailed'
>

/**
 * Sends what is due until nothing is: all that `check --due` does of this.
 * @param always take a turn, also where nothing is known to be due: reminders may be
 */
export async function deliver(options: DeliverOptions, always: boolean): Promise<void> {
  const { database, config, now, signal } = options
  const env: Environment = { database, now, actor: monitor, trust: 'local', permissions: 'all' }
  if (!always && !(await call(notifyPending, {}, env)).data.pending) return
  const channels = Object.values(config.channels)
  const settings = { channels, groupWaitMs: config.groupWaitMs, limit: together }
  const turn = async (results: SendResult[], take: boolean): Promise<DueEvent[]> =>
    (await call(notifyTurn, { ...settings, results, take }, env)).data.due
  const underWay = new Map<number, Promise<void>>()
  let ended: SendResult[] = []
  /** Until one has ended, or something else is due: what begins meanwhile does not wait for a channel that hangs. */
  const news = async (): Promise<void> => {
    const before = underWay.size
    while (underWay.size === before) {
      const rest = new AbortController()
      await Promise.race([...underWay.values(), options.pause(lookMs, rest.signal)])
      rest.abort()
      if (underWay.size === before && before < most && !signal.aborted && (await isPending())) return
    }
  }
  /** A database that can't be asked costs nothing of what is under way: the next turn tells of it. */
  const isPending = async (): Promise<boolean> => {
    try {
      return (await call(notifyPending, {}, env)).data.pending
    } catch {
      return false
    }
  }
  for (;;) {
    // One channel that hangs keeps no other waiting: each is sent for itself, and stored when it has ended.
    const due = await turn(ended.splice(0), !signal.aborted && underWay.size < most)
    for (const one of due) {
      const done = send(options, one)
        .then((result) => {
          if (result) ended = [...ended, result]
        })
        .finally(() => underWay.delete(one.id))
      underWay.set(one.id, done)
    }
    if (underWay.size === 0 && ended.length === 0) return
    if (ended.length === 0 && (due.length === 0 || underWay.size >= most)) await news()
  }
}

async function send(options: DeliverOptions, due: DueEvent): Promise<SendResult | undefined> {
  const { config, signal, onFailed } = options
  const channel = Object.hasOwn(config.channels, due.channel) ? config.channels[due.channel] : undefined
  if (!channel) return undefined
  const delivery = await options.send(channel, JSON.parse(due.event) as NotificationEvent)
  // Ended from outside: nobody knows whether it arrived, and the next worker tries.
  if (signal.aborted && delivery.outcome === 'retry') return undefined
  const reason = reasonOf(delivery)
  if (delivery.outcome !== 'sent') onFailed?.(`nothing was sent over ${due.channel}: ${reason}`)
  return {
    id: due.id,
    channel: due.channel,
    tries: due.tries,
    outcome: delivery.outcome,
    reason,
    notBeforeMs: (delivery.outcome === 'retry' ? delivery.notBeforeMs : undefined) ?? null,
  }
}
