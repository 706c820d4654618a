/** What happens, as it happens: each entry of the log once, whoever wrote it and wherever the client left off. */

import { EventSource } from 'undici'
import { describe, expect, test } from 'vitest'
import { appendEntry } from '../../../src/store/activity.ts'
import type { Database } from '../../../src/store/database.ts'
import { atEnd, engines, openTest } from '../../helpers/engines.ts'
import { runScript } from '../../helpers/script.ts'
import { at, serve } from './client.ts'
import { follow, type Stream, type Told } from './stream.ts'

const entry = (action: string) => ({ at, itemId: null, actor: 'human:max', source: null, action })

const write = (database: Database, ...actions: string[]) =>
  database.write(async (q) => {
    for (const action of actions) await appendEntry(q, entry(action))
  })

const actionsOf = ({ data }: Told): string[] => data.entries.map((each: { action: string }) => each.action)

/** Of the events up to `ready`. */
async function missed(
  stream: Stream,
): Promise<{ actions: string[]; ids: number[]; reset: boolean; place: string }> {
  const actions: string[] = []
  const ids: number[] = []
  let reset = false
  for (let told = await stream.next(); told; told = await stream.next()) {
    if (told.name === 'ready') return { actions, ids, reset, place: told.id! }
    if (told.name === 'reset') reset = true
    if (told.name === 'activity') {
      actions.push(...actionsOf(told))
      ids.push(...told.data.entries.map((each: { id: number }) => each.id))
    }
  }
  throw new Error('the stream ended')
}

/** Until so many entries have come. */
async function entriesOf(stream: Stream, count: number): Promise<string[]> {
  const actions: string[] = []
  while (actions.length < count) actions.push(...actionsOf(await stream.until('activity')))
  return actions
}

describe.each(engines)('events on $engine', ({ freshDatabase, freshUrl }) => {
  test('a stream says that it is ready, and then what happens, as the log tells it', async () => {
    const { ask, url } = await serve(await freshDatabase())
    await ask('POST', '/items', { body: { title: 'before' } })
    const stream = await follow(url)
    expect(stream.status).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-content-type-options': 'nosniff',
    })
    expect(await stream.next()).toEqual({ name: 'ready', id: '1', data: { schemaVersion: 1 } })
    expect(stream.text()).toMatch(/^retry: 1\d{3}\n\n/)
    await ask('POST', '/items/1/notes', { body: { text: 'a\r\nb\u2028c' } })
    const told = await stream.next()
    const { entries } = (await ask('GET', '/activity?limit=1')).json.data
    expect(told).toEqual({ name: 'activity', id: '2', data: { schemaVersion: 1, entries } })
  })

  test('whoever comes back gets what it missed, once, and then what happens', async () => {
    const database = await freshDatabase()
    const { url } = await serve(database)
    await write(database, 'a')
    const first = await follow(url)
    await write(database, 'b', 'c')
    expect(await entriesOf(first, 2)).toEqual(['b', 'c'])
    first.leave()
    await write(database, 'd')
    await write(database, 'e')
    const again = await follow(url, '/events', { 'last-event-id': '3' })
    expect(await missed(again)).toMatchObject({ actions: ['d', 'e'], ids: [4, 5], reset: false, place: '5' })
    await write(database, 'f')
    expect(await entriesOf(again, 1)).toEqual(['f'])
    // `since` says the same, for a page that begins anew; what the browser says by itself is later.
    expect(await missed(await follow(url, '/events?since=1'))).toMatchObject({ ids: [2, 3, 4, 5, 6] })
    const both = await follow(url, '/events?since=1', { 'last-event-id': '5' })
    expect(await missed(both)).toMatchObject({ ids: [6] })
    expect(await missed(await follow(url, '/events?since=6'))).toMatchObject({ ids: [], reset: false })
  })

  test('who missed too much, was elsewhere, or says what is no place, fetches all anew', async () => {
    const database = await freshDatabase()
    const { url } = await serve(database)
    await write(database, ...Array.from({ length: 1_001 }, (_, n) => `n${n}`))
    expect(await missed(await follow(url, '/events?since=0'))).toMatchObject({
      ids: [],
      reset: true,
      place: '1001',
    })
    expect((await missed(await follow(url, '/events?since=2'))).ids).toHaveLength(999)
    for (const place of ['1002', '5000', 'x', '5-9', '\u00ff']) {
      const stream = await follow(url, '/events', { 'last-event-id': place })
      expect(await missed(stream), place).toMatchObject({ reset: true, ids: [], place: '1001' })
    }
  })

  test('what is written elsewhere arrives: over another connection, by another process', async () => {
    const place = await freshUrl()
    const [database, other] = [await openTest(place), await openTest(place)]
    const { url } = await serve(database)
    const stream = await follow(url)
    await stream.until('ready')
    await write(other, 'elsewhere')
    expect(await entriesOf(stream, 1)).toEqual(['elsewhere'])
    const script = {
      source: `
      import { openDatabase } from './src/store/open.ts'
      import { appendEntry } from './src/store/activity.ts'
      async function main() {
        const database = await openDatabase(process.argv[2], { now: '${at}' })
        await database.write((q) => appendEntry(q, ${JSON.stringify(entry('by a process'))}))
        await database.close()
      }
      main()`,
      folder: `${import.meta.dirname}/../../..`,
    }
    expect(await runScript(script, { args: [place] })).toMatchObject({ code: 0, stderr: '' })
    expect(await entriesOf(stream, 1)).toEqual(['by a process'])
  })

  test('two servers on one pipeline tell the same, and each takes up where the other left off', async () => {
    const place = await freshUrl()
    const databases = [await openTest(place), await openTest(place)]
    const [one, two] = [await serve(databases[0]!), await serve(databases[1]!)]
    const [atOne, atTwo] = [await follow(one.url), await follow(two.url)]
    await atOne.until('ready')
    await atTwo.until('ready')
    await one.ask('POST', '/items', { body: { title: 'one' } })
    await two.ask('POST', '/items', { body: { title: 'two' } })
    for (const stream of [atOne, atTwo]) expect(await entriesOf(stream, 2)).toEqual(['created', 'created'])
    atOne.leave()
    await two.ask('POST', '/items/1/notes', { body: { text: 'n' } })
    const last = await missed(await follow(two.url, '/events', { 'last-event-id': '2' }))
    expect(last).toMatchObject({ actions: ['noted'], reset: false })
  })

  test('many at once come in their order, a hundred an event', async () => {
    const database = await freshDatabase()
    const { url } = await serve(database)
    const streams = [await follow(url), await follow(url), await follow(url)]
    for (const stream of streams) await stream.until('ready')
    const actions = Array.from({ length: 1_234 }, (_, n) => `n${n}`)
    await write(database, ...actions)
    for (const stream of streams) expect(await entriesOf(stream, 1_234)).toEqual(actions)
    expect(streams[0]!.text().match(/event: activity/g)).toHaveLength(13)
  })

  test('a long text is cut, and said to be', async () => {
    const database = await freshDatabase()
    const { ask, url } = await serve(database)
    await ask('POST', '/items', { body: { title: 'one' } })
    const stream = await follow(url)
    await stream.until('ready')
    await ask('POST', '/items/1/notes', { body: { text: '💥'.repeat(100_000) } })
    await database.write((q) => appendEntry(q, { ...entry('updated'), detail: { spec: 'y'.repeat(10_000) } }))
    const entries: unknown[] = []
    while (entries.length < 2) entries.push(...(await stream.until('activity')).data.entries)
    expect(entries).toMatchObject([
      { action: 'noted', note: '💥'.repeat(2_000), cut: true },
      { action: 'updated', detail: null, cut: true },
    ])
  })

  test('checks that ran are named, where nothing else happened', async () => {
    const database = await freshDatabase()
    const { ask, url } = await serve(database)
    const healthCheck = { type: 'tcp', host: '127.0.0.1', port: 1, frequency: '5m' }
    for (const title of ['a', 'b']) {
      const { id } = (await ask('POST', '/items', { body: { title, healthCheck } })).json.data
      await ask('POST', `/items/${id}/move`, { body: { to: 'live' } })
    }
    const stream = await follow(url)
    await stream.until('ready')
    const { recordRuns } = await import('../../../src/store/runs.ts')
    const { toMs } = await import('../../../src/domain/instant.ts')
    await database.write((q) =>
      recordRuns(q, [
        {
          itemId: 2,
          state: { state: 'up', sinceMs: toMs(at), failures: 0, successes: 1 },
          history: 1,
          told: 'up',
          result: 'up',
          summary: '',
          perfdata: null,
          startedMs: toMs(at) - 500,
          durationMs: 5,
          attempts: 1,
          nextRunMs: null,
          maintenanceUntilMs: null,
        },
      ]),
    )
    expect(await stream.next()).toEqual({
      name: 'health',
      id: undefined,
      data: { schemaVersion: 1, itemIds: [2] },
    })
  })

  test('closing ends every stream, and waits for none', { timeout: 5_000 }, async () => {
    const { url, server } = await serve(await freshDatabase(), { graceMs: 60_000 })
    const streams = [await follow(url), await follow(url)]
    for (const stream of streams) await stream.until('ready')
    await server.close()
    for (const stream of streams) expect(await stream.next()).toBeUndefined()
  })
})

test('closing does not wait for a database that hangs', { timeout: 5_000 }, async () => {
  const database = await engines[0]!.freshDatabase()
  let isHung = false
  let hangs = (): void => {}
  const hung = new Promise<void>((resolve) => (hangs = resolve))
  const slow: Database = Object.assign(Object.create(database), {
    engine: 'sqlite',
    stamp: () => undefined,
    read: (work: Parameters<Database['read']>[0]) => {
      if (!isHung) return database.read(work)
      hangs()
      return new Promise(() => {})
    },
  })
  const { url, server, errors } = await serve(slow, { graceMs: 60_000 })
  const stream = await follow(url)
  await stream.until('ready')
  isHung = true
  await hung
  await server.close()
  expect(await stream.next()).toBeUndefined()
  expect(errors).toEqual([])
})

describe('PostgreSQL hands out ids before the commit', () => {
  const { freshUrl } = engines[1]!

  test('what is committed late is told late, and to those who come back, on any server', async () => {
    const place = await freshUrl()
    const databases = [await openTest(place), await openTest(place)]
    const [one, two] = [await serve(databases[0]!), await serve(databases[1]!)]
    const stream = await follow(one.url)
    await stream.until('ready')
    let commit = (): void => {}
    const held = new Promise<void>((resolve) => (commit = resolve))
    atEnd(async () => commit())
    let wrote = (): void => {}
    const isWritten = new Promise<void>((resolve) => (wrote = resolve))
    const late = databases[1]!.write(async (q) => {
      await appendEntry(q, entry('late'))
      wrote()
      await held
    })
    await isWritten
    await write(databases[0]!, 'early')
    const early = await stream.until('activity')
    expect(early).toMatchObject({ id: '2-1', data: { entries: [{ id: 2, action: 'early' }] } })
    // One that comes only now does not miss it either.
    const newcomer = await follow(two.url)
    expect(await missed(newcomer)).toMatchObject({ ids: [], place: '2-1' })
    const back = await follow(two.url, '/events', { 'last-event-id': '2-1' })
    expect(await missed(back)).toMatchObject({ ids: [], reset: false, place: '2-1' })
    commit()
    await late
    for (const each of [stream, newcomer, back]) {
      expect(await each.until('activity')).toMatchObject({
        id: '2',
        data: { entries: [{ id: 1, action: 'late' }] },
      })
    }
    const [again, other] = [
      await follow(two.url, '/events', { 'last-event-id': early.id! }),
      await follow(one.url, '/events', { 'last-event-id': '2' }),
    ]
    expect(await missed(again)).toMatchObject({ ids: [1], place: '2' })
    expect(await missed(other)).toMatchObject({ ids: [], place: '2' })
  })
})

describe('requests', () => {
  const { freshDatabase } = engines[0]!

  test('what is no request for a stream is told so', async () => {
    const { ask, url } = await serve(await freshDatabase())
    const head = await ask('HEAD', '/events')
    expect(head).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    })
    expect(await ask('POST', '/events', { body: {} })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, OPTIONS' },
    })
    expect(await ask('GET', '/events', { headers: { accept: 'application/json' } })).toMatchObject({
      status: 406,
    })
    for (const query of [
      'since=',
      'since=x',
      'since=1&since=2',
      'since=-1',
      'sinse=1',
      '__proto__=1',
      'since=%',
    ]) {
      expect(await ask('GET', `/events?${query}`), query).toMatchObject({
        status: 400,
        json: { code: 'invalid' },
      })
    }
    for (const [name, value] of [
      ['host', 'evil.example'],
      ['origin', 'http://evil.example'],
    ] as const) {
      expect((await ask('GET', '/events', { headers: { [name]: value } })).status).toBe(403)
    }
    for (const accept of ['text/event-stream', '*/*', 'text/html,*/*;q=0.8']) {
      expect((await follow(url, '/events', { accept })).status).toBe(200)
    }
  })

  test('where the database does not answer, the stream is refused', async () => {
    const database = await freshDatabase()
    const broken: Database = Object.assign(Object.create(database), {
      stamp: () => undefined,
      read: () => Promise.reject(new Error('secret at /home/x')),
    })
    const { ask, errors } = await serve(broken)
    const reply = await ask('GET', '/events')
    expect(reply).toMatchObject({ status: 500 })
    expect(reply.text).not.toContain('secret')
    expect(errors.length).toBeGreaterThan(0)
  })

  test('a browser’s own client takes up by itself where a stopped server left off', async () => {
    const database = await freshDatabase()
    const first = await serve(database)
    const source = new EventSource(`${first.url}/api/v1/events`)
    atEnd(async () => source.close())
    const seen: string[] = []
    const told = new Promise<void>((resolve) => {
      source.addEventListener('activity', (event) => {
        const { data } = event as unknown as { data: string }
        seen.push(...JSON.parse(data).entries.map((each: { action: string }) => each.action))
        if (seen.includes('after')) resolve()
      })
    })
    await new Promise((resolve) => source.addEventListener('ready', resolve, { once: true }))
    await first.server.close()
    await write(database, 'meanwhile')
    const second = await serve(database, { port: first.port })
    expect(second.port).toBe(first.port)
    await new Promise((resolve) => source.addEventListener('ready', resolve, { once: true }))
    await write(database, 'after')
    await told
    expect(seen).toEqual(['meanwhile', 'after'])
  })
})
