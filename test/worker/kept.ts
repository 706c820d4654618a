/** The keeper on the clock of a test, with receivers that are real. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { parseConfig } from '../../src/domain/config.ts'
import type { NotificationEvent, NotificationKind } from '../../src/domain/notification.ts'
import { type NotifyDoor, send } from '../../src/notify/index.ts'
import { insertEvent } from '../../src/store/outbox.ts'
import { type KeeperOptions, runKeeper } from '../../src/worker/keeper.ts'
import { hour, minute, type TestEnvironment } from '../helpers/environment.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** Answers with what it is told to, the last one for good. */
export async function receiver(...answers: number[]) {
  const got: { id: string | undefined; body: { type: string } }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({
        id: request.headers['webhook-id'] as string | undefined,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      })
      response.statusCode = answers[Math.min(got.length, answers.length) - 1] ?? 200
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => void server.close())
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}

export const eventOf = (env: TestEnvironment, kind: NotificationKind, n = 1): NotificationEvent => ({
  id: `event-${n}`,
  kind,
  at: env.now(),
  severity: 'major',
  item: { id: 1, title: 'Extractor' },
  incident: { id: 2, title: 'Extractor: down', openedAt: env.now() },
  summary: 'status 503',
  detail: null,
  actor: null,
})

export const write = (env: TestEnvironment, kind: NotificationKind, n = 1) =>
  env.database.write((q) =>
    insertEvent(q, { atMs: env.nowMs(), kind, incidentId: 2, event: JSON.stringify(eventOf(env, kind, n)) }),
  )

/** The keeper on the clock of a test, until so much time has passed. */
export async function kept(
  env: TestEnvironment,
  raw: object,
  forMs: number,
  more: Partial<KeeperOptions> = {},
) {
  const stop = new AbortController()
  const endMs = env.nowMs() + forMs
  const failed: string[] = []
  const door: NotifyDoor = { env: {}, nowMs: env.nowMs, run: () => Promise.reject(new Error('no program')) }
  const { send: sendOne = (channel, event) => send(channel, event, door), ...others } = more
  let underWay = 0
  await runKeeper({
    database: env.database,
    config: parseConfig(raw),
    now: env.now,
    async send(channel, event) {
      underWay++
      try {
        return await sendOne(channel, event)
      } finally {
        underWay--
      }
    },
    callDeadman: async () => ({ outcome: 'sent' }),
    lastPassMs: () => undefined,
    async pause(ms) {
      // The clock stands still while something real is under way.
      if (underWay > 0) return new Promise((resolve) => setImmediate(resolve))
      // Days in steps of a minute: what matters is when it was due.
      env.tick(forMs > hour ? minute : ms)
      if (env.nowMs() >= endMs) stop.abort()
    },
    signal: stop.signal,
    onError: (error) => {
      throw error
    },
    onFailed: (text) => void failed.push(text),
    ...others,
  })
  return failed
}
