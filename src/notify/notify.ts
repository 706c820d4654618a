/** The shape of a sender: one try at one channel. No retry of its own, no database. */

import type { Channel } from '../domain/channel.ts'
import type { NotificationEvent } from '../domain/notification.ts'

export type Delivery =
  /** `note`: what did not quite work, such as one recipient of three. */
  | { outcome: 'sent'; note?: string }
  /** May work later: after a while, or once the owner has set a variable. @see maxTries */
  | { outcome: 'retry'; reason: string; notBeforeMs?: number }
  /** The same message would be refused again. */
  | { outcome: 'failed'; reason: string }
  /** The receiver wants nothing any more: the channel is to be disabled. */
  | { outcome: 'gone'; reason: string }

export interface ProgramEnd {
  /** null: a signal ended it. */
  exitCode: number | null
  timedOut: boolean
  stderr: string
}

/**
 * Runs a program without a shell, `env` being its whole environment, and leaves no process behind.
 * Rejects when it can't be started.
 */
export type Run = (
  argv: readonly string[],
  options: { env: Record<string, string>; stdin: string; timeoutMs: number },
) => Promise<ProgramEnd>

export interface NotifyDoor {
  /** The worker's environment: where `${env:NAME}` is read. */
  env: Readonly<Record<string, string | undefined>>
  nowMs(): number
  run: Run
  /** Aborts when the worker must stop at once. */
  signal?: AbortSignal
  /** Of one try; 15 s where it is not said. */
  timeoutMs?: number
  /** Certificates (PEM) to trust instead of Node's own list. */
  ca?: string
}

/** The channel is filled in, the event harmless; a reason is cleaned, redacted and cut by `send`. */
export type Sender<C extends Channel> = (
  channel: C,
  event: NotificationEvent,
  door: NotifyDoor,
) => Promise<Delivery>

export const defaultTimeoutMs = 15_000

/** The reason where `signal` ended a try; it may have arrived all the same. */
export const stopped = 'the worker stopped before it was sent'

export const retry = (reason: string): Delivery => ({ outcome: 'retry', reason })

export const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`
