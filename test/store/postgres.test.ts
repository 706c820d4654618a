/** What only a server can do: be away, come back, refuse, deadlock. */

import sql, { raw } from 'sql-template-tag'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { parsePostgresUrl } from '../../src/store/postgres-url.ts'
import { atEnd, engines, madeAt, onServer, openTest } from '../helpers/engines.ts'
import { startPostgres, type TestServer } from '../helpers/postgres-server.ts'
import { runScript } from '../helpers/script.ts'
import { tables } from './fixtures/tables.ts'

const { freshDatabase, freshUrl } = engines.find(({ engine }) => engine === 'postgres')!
const fresh = () => freshDatabase({ migrations: tables })
const add = (db: Database, name: string) =>
  db.write((q) => q.run(sql`INSERT INTO pipeline_things (name) VALUES (${name})`))
const count = (db: Database) =>
  db.read(async (q) => (await q.get<{ n: number }>(sql`SELECT count(*) AS n FROM pipeline_things`))?.n)
const backend = `SELECT pg_backend_pid() AS pid`

describe('the URL', () => {
  test.each([
    ['postgres://u:secret@h/d', 'postgres://u@h/d'],
    ['postgresql://u:secret@h:1/d?sslmode=require&password=secret', 'postgresql://u@h:1/d'],
    ['postgres://u@h/d?schema=team_a', 'postgres://u@h/d?schema=team_a'],
  ])('%s is shown as %s', (url, shown) => {
    expect(parsePostgresUrl(url).location).toBe(shown)
  })

  test.each([
    'postgres://u:secret@h:port/d',
    'postgres://u:secret@h/d?schema=a;b',
    'postgres://u:secret@h/d?schema=',
  ])('%s is refused, without its password', async (url) => {
    const error = await openPostgres(url, { now: madeAt }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ kind: 'invalid' })
    expect(String(error)).not.toContain('secret')
  })

  test('options that were given stay beside the schema', () => {
    const { connectionString } = parsePostgresUrl('postgres://h/d?options=-c%20work_mem%3D8MB&schema=a')
    expect(new URL(connectionString).searchParams.get('options')).toBe('-c work_mem=8MB -c search_path=a')
    expect(connectionString).not.toContain('+')
  })

  test('a schema is a world of its own', async () => {
    const [one, other] = [await fresh(), await fresh()]
    await add(one, 'a')
    expect([await count(one), await count(other)]).toEqual([1, 0])
  })
})

describe('a server that cannot be used', () => {
  const refusal = async (change: (url: URL) => void) => {
    const url = new URL(inject('postgresUrl'))
    change(url)
    const error = await openPostgres(url.href, { now: madeAt }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'TrackerError', kind: 'unavailable', hint: expect.any(String) })
    if (url.password) expect(JSON.stringify([String(error), error])).not.toContain(`:${url.password}@`)
    return (error as Error).message
  }

  test('nobody listens', async () => {
    expect(await refusal((url) => Object.assign(url, { port: '1' }))).toContain('cannot be reached')
  })
  test('wrong password', async () => {
    expect(await refusal((url) => Object.assign(url, { password: 'wrong' }))).toContain('refused the login')
  })
  test('no such database', async () => {
    expect(await refusal((url) => Object.assign(url, { pathname: '/none' }))).toContain('is not there')
  })
})

test('an instant is text with milliseconds and Z, whatever the zone and the date style of the session', async () => {
  const url = `${await freshUrl()}&options=${encodeURIComponent('-c timezone=Asia/Kolkata -c datestyle=ISO,DMY')}`
  const db = await openTest(url, { migrations: tables })
  const at = '2026-02-05T07:46:15.120Z'
  const row = await db.read((q) => q.get(sql`SELECT ${at}::timestamptz AS at, NULL::timestamptz AS never`))
  expect(row).toEqual({ at, never: null })
})

test('another user of the driver keeps its own types', async () => {
  await fresh()
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  const { rows } = await client.query('SELECT 1::int8 AS big, now() AS now, true AS truth')
  await client.end()
  expect(rows).toEqual([{ big: '1', now: expect.any(Date), truth: true }])
})

test('the session is named, and reads only when it is to', async () => {
  const db = await fresh()
  const name = await db.read((q) => q.get(sql`SELECT current_setting('application_name') AS name`))
  expect(name).toEqual({ name: 'throughline' })
  const writing = db.read((q) => q.run(sql`INSERT INTO pipeline_things (name) VALUES ('a')`))
  await expect(writing).rejects.toMatchObject({ kind: 'unavailable' })
})

test('a lock that another session holds too long: a clear error, and nothing is lost', async () => {
  const url = await freshUrl()
  const holder = await openTest(url, { migrations: tables })
  const db = await openTest(url, { migrations: tables, busyTimeoutMs: 50 })
  const locked = { kind: 'unavailable', message: expect.stringContaining('is locked by another session') }
  await holder.write(async (q) => {
    await q.run(sql`LOCK TABLE pipeline_things IN ACCESS EXCLUSIVE MODE`)
    await expect(add(db, 'a')).rejects.toMatchObject(locked)
    await expect(count(db)).rejects.toMatchObject(locked)
  })
  await add(db, 'a')
  expect(await count(db)).toBe(1)
})

test('two transactions that block each other are both done in the end', async () => {
  const db = await fresh()
  await db.write((q) => q.run(sql`INSERT INTO pipeline_counters (name, n) VALUES ('a', 0), ('b', 0)`))
  let attempts = 0
  let holding = 0
  let met: (() => void) | undefined
  const meeting = new Promise<void>((done) => {
    met = done
  })
  const raise = (order: string[]) =>
    db.write(async (q) => {
      attempts++
      for (const name of order) {
        await q.run(sql`UPDATE pipeline_counters SET n = n + 1 WHERE name = ${name}`)
        if (++holding === 2) met?.()
        await meeting
      }
    })
  await Promise.all([raise(['a', 'b']), raise(['b', 'a'])])
  expect(attempts).toBeGreaterThan(2)
  expect(await db.read((q) => q.all(sql`SELECT n FROM pipeline_counters`))).toEqual([{ n: 2 }, { n: 2 }])
})

test('an error that work passes over is not taken for success', async () => {
  const db = await fresh()
  const careless = db.write(async (q) => {
    await q.run(sql`INSERT INTO pipeline_things (name) VALUES ('a')`)
    await q.run(sql`INSERT INTO pipeline_things (name) VALUES ('a')`).catch(() => undefined)
  })
  await expect(careless).rejects.toMatchObject({ kind: 'internal' })
  expect(await count(db)).toBe(0)
})

test('a connection that is cut inside a transaction fails that one alone', async () => {
  const db = await fresh()
  const cut = db.write(async (q) => {
    await q.run(sql`INSERT INTO pipeline_things (name) VALUES ('a')`)
    const row = await q.get<{ pid: number }>(raw(backend))
    await onServer(`SELECT pg_terminate_backend(${row?.pid})`)
    await q.run(sql`INSERT INTO pipeline_things (name) VALUES ('b')`)
  })
  await expect(cut).rejects.toMatchObject({ kind: 'unavailable' })
  expect(await count(db)).toBe(0)
  expect(await add(db, 'c')).toBe(1)
})

test('a connection that is lost at the commit: nobody says whether it is stored', async () => {
  const db = await fresh()
  const cut = db.write(async (q) => {
    await q.run(sql`INSERT INTO pipeline_things (name) VALUES ('a')`)
    const row = await q.get<{ pid: number }>(raw(backend))
    await onServer(`SELECT pg_terminate_backend(${row?.pid})`)
  })
  await expect(cut).rejects.toMatchObject({
    kind: 'unavailable',
    hint: expect.stringContaining('read it again'),
  })
})

test('close lets those finish who still wait for a connection', async () => {
  const db = await freshDatabase({ migrations: tables, poolSize: 1 })
  const adding = ['a', 'b', 'c'].map((name) => add(db, name))
  await db.close()
  expect(await Promise.all(adding)).toEqual([1, 1, 1])
})

test('a process that forgets to close ends all the same', async () => {
  const url = await freshUrl()
  const source = `
    import { openDatabase } from '../../src/store/open.ts'
    import sql from 'sql-template-tag'
    async function main() {
      const db = await openDatabase(process.argv[2]!, { now: '${madeAt}' , migrations: [] })
      const row = await db.read((q) => q.get(sql\`SELECT 1 AS one\`))
      process.stdout.write(JSON.stringify(row))
    }
    void main()`
  const ended = await runScript({ source, folder: import.meta.dirname }, { args: [url] })
  expect(ended).toEqual({ code: 0, signal: null, stdout: '{"one":1}', stderr: '' })
})

describe('a server that restarts', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  test('is found again, by connections that lay idle too', async () => {
    const db = await openPostgres(server.url, { now: madeAt, migrations: tables })
    atEnd(() => db.close())
    await Promise.all(['a', 'b', 'c'].map((name) => add(db, name)))
    await server.restart()
    expect(await Promise.all(['d', 'e', 'f', 'g'].map((name) => add(db, name)))).toEqual([1, 1, 1, 1])
    expect(await count(db)).toBe(7)
  })
})
