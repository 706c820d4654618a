import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/notify/index.ts'
import { engines } from '../helpers/engines.ts'
import { day, environmentOf, hour, minute, second, type TestEnvironment } from '../helpers/environment.ts'
import { kept, receiver, write } from './kept.ts'
import { down, monitored, up } from './monitored.ts'

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

  describe('a channel that hangs', () => {
    /** What went out over the other one; `onFine` may let go of it. */
    async function beside(env: TestEnvironment, onFine: (count: number, letGo: () => void) => void) {
      const fine: string[] = []
      let letGo = (): void => {}
      const hangs = new Promise<void>((resolve) => {
        letGo = resolve
      })
      const channels = {
        hangs: { type: 'webhook', url: 'http://127.0.0.1:1/' },
        fine: { type: 'webhook', url: 'http://127.0.0.1:2/' },
      }
      await kept(env, { channels }, 10 * second, {
        async send({ name }, event) {
          if (name === 'hangs') await hangs
          else onFine(fine.push(event.id), letGo)
          return { outcome: 'sent' }
        },
      })
      return fine
    }

    test('keeps no other one waiting', async () => {
      const env = await fresh()
      for (let n = 1; n <= 8; n++) await write(env, 'check.flapping', n)
      const fine = await beside(env, (count, letGo) => {
        if (count === 8) letGo()
      })
      expect(fine).toHaveLength(8)
    })

    test('nor what happens meanwhile', async () => {
      const env = await fresh()
      await write(env, 'check.flapping')
      const fine = await beside(env, (count, letGo) => {
        if (count === 1) setImmediate(() => void write(env, 'check.flapping', 2))
        else letGo()
      })
      expect(fine).toEqual(['event-1', 'event-2'])
    })
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
    expect(team.got.map((each) => each.body.type).slice(1)).toEqual(['dev.throughline.storm.resolved'])
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
