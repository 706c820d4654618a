import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/domain/config.ts'
import type { Delivery } from '../../src/notify/index.ts'
import { notifyPending, notifyTurn } from '../../src/ops/notify-turn.ts'
import { call } from '../../src/ops/operation.ts'
import { insertEvent } from '../../src/store/outbox.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf, hour, minute, second } from '../helpers/environment.ts'
import { eventOf, kept, receiver, write } from './kept.ts'

describe.each(engines)(
  'what happens to one incident goes out over a channel in its order on $engine',
  ({ engine, freshDatabase }) => {
    const fresh = async () => environmentOf(await freshDatabase())
    const types = ({ got }: Awaited<ReturnType<typeof receiver>>) =>
      got.map((each) => each.body.type.replace('dev.throughline.incident.', ''))

    test('the end waits for a beginning that is tried again, on that channel alone', async () => {
      const env = await fresh()
      const [team, other] = [await receiver(500, 500, 200), await receiver(200)]
      const raw = {
        channels: { team: { type: 'webhook', url: team.url }, other: { type: 'webhook', url: other.url } },
      }
      await write(env, 'incident.opened')
      await kept(env, raw, 40 * second)
      await write(env, 'incident.resolved', 2)
      await kept(env, raw, 4 * second)
      expect([types(team), types(other)]).toEqual([['opened'], ['opened', 'resolved']])
      await kept(env, raw, 10 * minute)
      expect([types(team), types(other)]).toEqual([
        ['opened', 'opened', 'opened', 'resolved'],
        ['opened', 'resolved'],
      ])
    })

    test('given up, it keeps nothing waiting; another incident never waits', async () => {
      const env = await fresh()
      const seen: string[] = []
      await write(env, 'incident.opened')
      env.tick(minute)
      for (const [kind, n] of [
        ['incident.acknowledged', 2],
        ['incident.resolved', 3],
      ] as const)
        await write(env, kind, n)
      const one = eventOf(env, 'incident.resolved', 4)
      const rest = { atMs: env.nowMs(), kind: 'incident.resolved', incidentId: 3 }
      await env.database.write((q) => insertEvent(q, { ...rest, event: JSON.stringify(one) }))
      await kept(env, { channels: { team: { type: 'webhook', url: 'http://127.0.0.1:1/' } } }, 10 * second, {
        async send(_, { id }) {
          seen.push(id)
          return id === 'event-1' ? { outcome: 'failed', reason: 'status 400' } : { outcome: 'sent' }
        },
      })
      expect(seen.filter((id) => id !== 'event-4')).toEqual(['event-1', 'event-2', 'event-3'])
      expect(seen.indexOf('event-4')).toBeLessThan(2)
    })

    test('nothing is to be done while an event only waits for an earlier one', async () => {
      const env = await fresh()
      const pending = async () => (await call(notifyPending, {}, env)).data.pending
      const channels = { team: { type: 'webhook', url: 'http://127.0.0.1:1/' } }
      const refuse = async (): Promise<Delivery> => ({
        outcome: 'retry',
        reason: 'later',
        notBeforeMs: env.nowMs() + hour,
      })
      await write(env, 'incident.acknowledged')
      await write(env, 'incident.resolved', 2)
      await kept(env, { channels }, 10 * second, { send: refuse })
      expect(await pending()).toBe(false)
      env.tick(hour)
      expect(await pending()).toBe(true)
    })

    // SQLite has one writer at a time.
    if (engine === 'postgres')
      test('of two workers that tell at once, one waits for the other', async () => {
        const env = await fresh()
        await write(env, 'incident.acknowledged')
        let letGo = (): void => {}
        const released = new Promise<void>((resolve) => (letGo = resolve))
        let pid: number | undefined
        const telling = env.database.write(async (q) => {
          await q.all(sql`SELECT id FROM pipeline_outbox FOR UPDATE`)
          pid = (await q.get<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`))!.pid
          await released
        })
        await expect.poll(() => pid).toBeDefined()
        await write(env, 'incident.resolved', 2)
        const channels = [
          parseConfig({ channels: { team: { type: 'slack', url: 'http://127.0.0.1:1/' } } }).channels.team!,
        ]
        const turn = call(
          notifyTurn,
          { channels: channels as never, groupWaitMs: 0, results: [], limit: 20 },
          env,
        )
        await expect
          .poll(() =>
            env.database.read((q) =>
              q.get(
                sql`SELECT count(*) AS n FROM pg_stat_activity WHERE ${pid} = ANY (pg_blocking_pids(pid))`,
              ),
            ),
          )
          .toEqual({ n: 1 })
        letGo()
        await telling
        const { due } = (await turn).data
        expect(due.map((each) => JSON.parse(each.event).id)).toEqual(['event-1'])
      })
  },
)
