import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/domain/config.ts'
import type { NotificationEvent, NotificationKind } from '../../src/domain/notification.ts'
import { type Delivery, type NotifyDoor, send } from '../../src/notify/index.ts'
import { insertEvent } from '../../src/store/outbox.ts'
import { type KeeperOptions, runKeeper } from '../../src/worker/keeper.ts'
import { engines } from '../helpers/engines.ts'
import { day, environmentOf, hour, minute, second, type TestEnvironment } from '../helpers/environment.ts'
import { down, monitored, up } from './monitored.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** Answers with what it is told to, the last one for good. */
async function receiver(...answers: number[]) {
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

const eventOf = (env: TestEnvironment, kind: NotificationKind, n = 1): NotificationEvent => ({
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

const write = (env: TestEnvironment, kind: NotificationKind, n = 1) =>
  env.database.write((q) =>
    insertEvent(q, { atMs: env.nowMs(), kind, incidentId: 2, event: JSON.stringify(eventOf(env, kind, n)) }),
  )

/** The keeper on the clock of a test, until so much time has passed. */
async function kept(env: TestEnvironment, raw: object, forMs: number, more: Partial<KeeperOptions> = {}) {
  const stop = new AbortController()
  const endMs = env.nowMs() + forMs
  const failed: string[] = []
  const door: NotifyDoor = { env: {}, nowMs: env.nowMs, run: () => Promise.reject(new Error('no program')) }
  await runKeeper({
    database: env.database,
    config: parseConfig(raw),
    now: env.now,
    send: (channel, event) => send(channel, event, door),
    callDeadman: async () => ({ outcome: 'sent' }),
    lastPassMs: () => undefined,
    async pause(ms) {
      // Days in steps of a minute: what matters is when it was due.
      env.tick(forMs > hour ? minute : ms)
      if (env.nowMs() >= endMs) stop.abort()
    },
    signal: stop.signal,
    onError: (error) => {
      throw error
    },
    onFailed: (text) => void failed.push(text),
    ...more,
  })
  return failed
}

describe.each(engines)('the keeper on $engine', ({ freshDatabase }) => {
  const fresh = async () => environmentOf(await freshDatabase())
  const log = async (env: TestEnvironment) =>
    (await env.ask('notify.log', {})).deliveries.map(({ channel, kind, state, tries }) => [
      channel,
      kind,
      state,
      tries,
    ])

  test('an event is sent once over each channel that wants it, after groupWait', async () => {
    const env = await fresh()
    const team = await receiver(200)
    const critical = await receiver(200)
    const channels = {
      team: { type: 'webhook', url: team.url },
      night: { type: 'webhook', url: critical.url, minSeverity: 'critical' },
    }
    await write(env, 'incident.opened')
    await kept(env, { channels }, 25 * second)
    expect(team.got).toEqual([])
    await kept(env, { channels }, 20 * second)
    expect(team.got).toMatchObject([{ id: 'event-1', body: { type: 'dev.throughline.incident.opened' } }])
    await kept(env, { channels }, 5 * minute)
    expect(team.got).toHaveLength(1)
    expect(critical.got).toEqual([])
    expect(await log(env)).toEqual([['team', 'incident.opened', 'sent', 1]])
  })

  test('nothing is sent for what resolved within groupWait', async () => {
    const env = await fresh()
    const team = await receiver(200)
    await write(env, 'incident.opened')
    env.tick(20 * second)
    await write(env, 'incident.resolved', 2)
    await kept(env, { channels: { team: { type: 'webhook', url: team.url } } }, 5 * minute)
    expect([team.got, await log(env)]).toEqual([[], []])
  })

  test('a failed send is retried and never lost: 500 five times, then 200', async () => {
    const env = await fresh()
    const team = await receiver(500, 500, 500, 500, 500, 200)
    await write(env, 'incident.resolved')
    const startMs = env.nowMs()
    const failed = await kept(env, { channels: { team: { type: 'webhook', url: team.url } } }, 12 * hour)
    expect(team.got.map((each) => each.id)).toEqual(Array.from({ length: 6 }, () => 'event-1'))
    expect(failed).toHaveLength(5)
    expect(await log(env)).toEqual([['team', 'incident.resolved', 'sent', 6]])
    expect(env.nowMs() - startMs).toBeGreaterThan(8 * hour)
  }, 60_000)

  test('8 tries over 2 days, then it is given up and told as failed', async () => {
    const env = await fresh()
    await write(env, 'incident.resolved')
    let tries = 0
    const refuse = async (): Promise<Delivery> => {
      tries++
      return { outcome: 'retry', reason: 'status 503' }
    }
    const channels = { team: { type: 'webhook', url: 'http://127.0.0.1:1/' } }
    await kept(env, { channels }, 3 * day, { send: refuse })
    expect(tries).toBe(8)
    const { deliveries } = await env.ask('notify.log', { failed: true })
    expect(deliveries).toMatchObject([{ state: 'failed', tries: 8, reason: 'status 503', dueAt: null }])
  }, 120_000)

  test('410 disables the channel, until its address is another one', async () => {
    const env = await fresh()
    const gone = await receiver(410)
    const channels = { team: { type: 'webhook', url: gone.url } }
    await write(env, 'incident.resolved', 1)
    await write(env, 'check.flapping', 2)
    await kept(env, { channels }, minute)
    expect(gone.got.length).toBeGreaterThan(0)
    const asked = gone.got.length
    await write(env, 'incident.acknowledged', 3)
    await kept(env, { channels }, minute)
    expect(gone.got).toHaveLength(asked)
    const other = await receiver(200)
    await write(env, 'incident.acknowledged', 4)
    await kept(env, { channels: { team: { type: 'webhook', url: other.url } } }, minute)
    expect(other.got.map((each) => each.id)).toContain('event-4')
  })

  test('a notifier that fails on one channel does not keep another one from being told', async () => {
    const env = await fresh()
    const [broken, fine] = [await receiver(500), await receiver(200)]
    await write(env, 'incident.resolved')
    const channels = {
      broken: { type: 'webhook', url: broken.url },
      fine: { type: 'webhook', url: fine.url },
    }
    await kept(env, { channels }, 10 * second)
    expect([broken.got.length, fine.got.length]).toEqual([1, 1])
  })

  test('a channel that hangs keeps no other one waiting', async () => {
    const env = await fresh()
    const fine: string[] = []
    let release = (): void => {}
    const hangs = new Promise<void>((resolve) => {
      release = resolve
    })
    for (let n = 1; n <= 8; n++) await write(env, 'check.flapping', n)
    const channels = {
      hangs: { type: 'webhook', url: 'http://127.0.0.1:1/' },
      fine: { type: 'webhook', url: 'http://127.0.0.1:2/' },
    }
    await kept(env, { channels }, 10 * second, {
      async send({ name }, event) {
        if (name === 'hangs') await hangs
        else if (fine.push(event.id) === 8) release()
        return { outcome: 'sent' }
      },
    })
    expect(fine).toHaveLength(8)
  })

  test('of what a storm gathered before it was told, only the storm is told, when it begins and when it ends', async () => {
    const m = monitored(await freshDatabase())
    const ids: number[] = []
    for (let n = 0; n < 8; n++) ids.push(await m.live())
    const team = await receiver(200)
    const raw = { channels: { team: { type: 'webhook', url: team.url } } }
    await m.after(0, down)
    await kept(m.env, raw, minute)
    expect(team.got.map((each) => each.body.type)).toEqual(['dev.throughline.storm.opened'])
    await m.after(hour, up)
    await kept(m.env, raw, minute)
    expect(team.got.map((each) => each.body.type).slice(1)).toEqual(['dev.throughline.incident.resolved'])
  })

  test('a worker that dies while it sends costs no event: it is sent again', async () => {
    const env = await fresh()
    await write(env, 'incident.resolved')
    const channels = { team: { type: 'webhook', url: 'http://127.0.0.1:1/' } }
    const stop = new AbortController()
    await kept(env, { channels }, minute, {
      signal: stop.signal,
      send: async () => {
        stop.abort()
        return { outcome: 'retry', reason: 'the worker stopped before it was sent' }
      },
    })
    expect(await log(env)).toEqual([['team', 'incident.resolved', 'waiting', 0]])
    const team = await receiver(200)
    await kept(env, { channels: { team: { type: 'webhook', url: team.url } } }, 5 * minute)
    expect(team.got).toHaveLength(1)
  })

  test('two workers send an event once', async () => {
    const env = await fresh()
    const team = await receiver(200)
    for (let n = 1; n <= 20; n++) await write(env, 'check.flapping', n)
    const raw = { channels: { team: { type: 'webhook', url: team.url } } }
    const other = environmentOf(env.database)
    await Promise.all([kept(env, raw, 30 * second), kept(other, raw, 30 * second)])
    expect(new Set(team.got.map((each) => each.id)).size).toBe(20)
    expect(team.got).toHaveLength(20)
  })

  test('a command that was not approved is not run', async () => {
    const env = await fresh()
    let asked = 0
    const channels = { desk: { type: 'command', command: ['true'] } }
    await write(env, 'incident.resolved')
    await kept(env, { channels }, minute, {
      send: async () => {
        asked++
        return { outcome: 'sent' }
      },
    })
    expect(asked).toBe(0)
    expect(await log(env)).toEqual([['desk', 'incident.resolved', 'dropped', 0]])
    const { deliveries } = await env.ask('notify.log', {})
    expect(deliveries[0]?.reason).toContain('pipeline notify approve desk')
  })

  test('the deadman’s address is called every minute, and not when the monitor does nothing', async () => {
    const env = await fresh()
    const calls: number[] = []
    const startMs = env.nowMs()
    const raw = { deadmanUrl: 'http://127.0.0.1:1/' }
    const callDeadman = async (): Promise<Delivery> => {
      calls.push(env.nowMs() - startMs)
      return { outcome: 'sent' }
    }
    await kept(env, raw, 5 * minute, { callDeadman, lastPassMs: env.nowMs })
    expect(calls.map((ms) => Math.round(ms / minute))).toEqual([0, 1, 2, 3, 4])
    await kept(env, raw, 5 * minute, { callDeadman, lastPassMs: () => startMs })
    await kept(env, raw, 5 * minute, { callDeadman, lastPassMs: () => undefined })
    expect(calls).toHaveLength(5)
  })
})
