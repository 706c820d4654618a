/** One look for all who listen, and a bound for everything; time goes on by hand. */

import { expect, test } from 'vitest'
import { toInstant, toMs } from '../../../src/domain/instant.ts'
import { parseCursor } from '../../../src/domain/log-cursor.ts'
import { EventHub, type Joining, type Listener } from '../../../src/faces/http/event-hub.ts'
import { appendEntry } from '../../../src/store/activity.ts'
import type { Database } from '../../../src/store/database.ts'
import { atEnd, engines } from '../../helpers/engines.ts'
import { at } from './client.ts'

const [sqlite, postgres] = engines as [(typeof engines)[0], (typeof engines)[0]]

interface Heard extends Listener {
  bytes: Buffer[]
  text(): string
  state: 'listens' | 'ended' | 'cut'
  left: number
}

function listener(): Heard {
  const heard: Heard = {
    bytes: [],
    state: 'listens',
    left: 0,
    text: () => Buffer.concat(heard.bytes).toString(),
    waiting: () => heard.left,
    write: (bytes) => void heard.bytes.push(bytes),
    end: () => (heard.state = 'ended'),
    cut: () => (heard.state = 'cut'),
  }
  return heard
}

interface Scene {
  hub: EventHub
  database: Database
  /** Reads of the database so far. */
  reads(): number
  errors: unknown[]
  join(from?: Joining['from']): Promise<Heard>
  write(...actions: string[]): Promise<void>
  /** Lets the hub look so often, with a pause before each. */
  look(times?: number): Promise<void>
  /** From now on the database refuses. */
  break(broken: boolean): void
}

function scene(real: Database): Scene {
  let reads = 0
  let broken = false
  let resting: (() => void) | undefined
  let rests = (): void => {}
  const clock = { ms: toMs(at) }
  const database: Database = Object.assign(Object.create(real), {
    engine: real.engine,
    location: real.location,
    stamp: () => real.stamp(),
    read: (work: Parameters<Database['read']>[0]) => {
      reads += 1
      return broken ? Promise.reject(new Error('gone')) : real.read(work)
    },
  })
  const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        resting = undefined
        resolve()
      }
      signal?.addEventListener('abort', done)
      resting = () => {
        clock.ms += ms
        done()
      }
      rests()
    })
  const rested = async (): Promise<void> => {
    while (!resting) await new Promise<void>((resolve) => (rests = resolve))
  }
  const errors: unknown[] = []
  const now = () => toInstant(clock.ms)
  const hub = new EventHub({ database, now, actor: 'human:a', pause, onError: (error) => errors.push(error) })
  atEnd(async () => hub.close())
  return {
    hub,
    database: real,
    errors,
    reads: () => reads,
    async join(from = 'now') {
      const heard = listener()
      await hub.join({ from, open: () => heard })
      return heard
    },
    write: (...actions) =>
      real.write(async (q) => {
        for (const action of actions)
          await appendEntry(q, { at, itemId: null, actor: 'human:a', source: null, action })
      }),
    async look(times = 1) {
      for (let n = 0; n < times; n += 1) {
        await rested()
        resting!()
      }
      await rested()
    },
    break: (value) => {
      broken = value
    },
  }
}

test('one look and one text for all, and the same bytes for each', async () => {
  const { join, write, look, reads } = scene(await sqlite.freshDatabase())
  const all = [await join(), await join(), await join()]
  const before = reads()
  await write('a', 'b')
  await look()
  expect(reads() - before).toBe(1)
  const [one, two, three] = all.map(({ bytes }) => bytes.at(-1)!)
  expect(one!.toString()).toContain('"action":"b"')
  expect(two).toBe(one)
  expect(three).toBe(one)
})

test('where nothing is written a SQLite file is not read', async () => {
  const { join, look, reads } = scene(await sqlite.freshDatabase())
  await join()
  await look(10)
  const before = reads()
  await look(100)
  expect(reads()).toBe(before)
})

test('nobody looks while nobody listens', async () => {
  const { hub, join, look, reads, write } = scene(await sqlite.freshDatabase())
  const heard = await join()
  await look()
  hub.leave(heard)
  const before = reads()
  await write('a')
  hub.close()
  expect(reads() - before).toBeLessThanOrEqual(1)
  expect(heard.text()).not.toContain('activity')
})

test('a word is said every fifteen seconds, so that the line stays open', async () => {
  const { join, look } = scene(await sqlite.freshDatabase())
  const heard = await join()
  const before = heard.bytes.length
  await look(59)
  expect(heard.bytes).toHaveLength(before)
  await look(2)
  expect(heard.bytes.slice(before).map(String)).toEqual([':\n\n'])
  await look(60)
  expect(heard.bytes).toHaveLength(before + 2)
})

test('whoever does not read is cut off, and the others are not', async () => {
  const { join, write, look } = scene(await sqlite.freshDatabase())
  const [slow, quick] = [await join(), await join()]
  slow.left = 2_000_000
  await write('a')
  await look()
  expect([slow.state, quick.state]).toEqual(['cut', 'listens'])
  expect(slow.text()).not.toContain('activity')
  expect(quick.text()).toContain('"action":"a"')
})

test('a thousand may listen, and no more', async () => {
  const { hub, join } = scene(await sqlite.freshDatabase())
  const all = await Promise.all(Array.from({ length: 1_000 }, () => join()))
  await expect(join()).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('1000'),
  })
  hub.leave(all[0]!)
  await join()
  for (const each of all) expect(each.text()).toContain('event: ready')
  hub.close()
  expect(all[1]!.state).toBe('ended')
  await expect(join()).rejects.toMatchObject({ kind: 'unavailable' })
})

test('a database that is away for a while is told once, and what was missed comes after', async () => {
  const one = scene(await sqlite.freshDatabase())
  const heard = await one.join()
  await one.write('a')
  one.break(true)
  await one.look(5)
  await expect(one.join()).rejects.toThrow('gone')
  expect(one.errors).toHaveLength(1)
  one.break(false)
  await one.look(2)
  expect(heard.text()).toContain('"action":"a"')
  one.break(true)
  await one.write('b')
  await one.look(2)
  expect(one.errors).toHaveLength(2)
})

test('a gap is waited for a minute: what should have filled it was rolled back', async () => {
  const one = scene(await postgres.freshDatabase())
  const heard = await one.join()
  const rolledBack = one.database.write(async (q) => {
    await appendEntry(q, { at, itemId: null, actor: 'human:a', source: null, action: 'x' })
    throw new Error('no')
  })
  await expect(rolledBack).rejects.toThrow('no')
  await one.write('a')
  await one.look()
  expect(heard.text()).toContain('id: 2-1\n')
  await one.look(230)
  expect((await one.join()).text()).toContain('id: 2-1\n')
  await one.look(20)
  expect((await one.join()).text()).toContain('id: 2\n')
})

test('of many checks that ran it is said that they are many', async () => {
  const one = scene(await sqlite.freshDatabase())
  const { raw } = await import('sql-template-tag')
  const own = (text: string) => one.database.write((q) => q.run(raw(text)))
  await own(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
    INSERT INTO pipeline (title, stage) SELECT 'x', 'live' FROM n`)
  const ms = toMs(at)
  await own(
    `INSERT INTO pipeline_checks (item_id, last_run_ms, last_duration_ms) SELECT id, ${ms}, 1 FROM pipeline`,
  )
  const heard = await one.join()
  await own(`UPDATE pipeline_checks SET last_run_ms = ${ms + 1} WHERE item_id IN (3, 7)`)
  await one.look(5)
  expect(heard.text()).toContain('event: health\ndata: {"schemaVersion":1,"itemIds":[3,7]}\n')
  await own(`UPDATE pipeline_checks SET last_run_ms = ${ms + 2}`)
  await one.look(5)
  expect(heard.text()).toContain('"itemIds":null}')
  expect(heard.text().match(/event: health/g)).toHaveLength(2)
})

test('those who come back at once are asked for together', async () => {
  const one = scene(await sqlite.freshDatabase())
  await one.write('a', 'b')
  await one.join()
  const before = one.reads()
  const back = await Promise.all(Array.from({ length: 40 }, () => one.join(parseCursor('1', 0)!)))
  expect(one.reads() - before).toBeLessThanOrEqual(2)
  for (const each of back) expect(each.text().match(/"action":"\w"/g)).toEqual(['"action":"b"'])
})
