/** What goes wrong while real processes work: killed writers, two that migrate, a lock that stays, a damaged page. */

import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { migrations } from '../../src/store/migrations/index.ts'
import { connect } from '../../src/store/sqlite-driver.ts'
import { cli, freshPlace, type Place, places, run, sure, urlOf } from '../helpers/cli.ts'
import { dump } from '../helpers/cli-dump.ts'
import { atEnd, engines, openTest } from '../helpers/engines.ts'
import { contentOf, legacyFile } from './legacy-file.ts'

const [, postgres] = engines as [unknown, (typeof engines)[0]]

describe.each(places)('a thousand writes on $engine', ({ freshPlace }) => {
  const script = join(import.meta.dirname, 'fixtures/writer.cjs')
  const writer = (place: Place, name: string, times: number): string[] => [
    ...[process.execPath, script, urlOf(place), name, String(times)],
  ]
  /** After how many acknowledged writes each of the writers is killed: a little more than a thousand. */
  const kills = [1, 40, 173, 2, 211, 90, 302, 200]

  const numbersOf = (stdout: string, word: string): number[] =>
    [...stdout.matchAll(/^(\w+) (\d+)\n/gm)]
      .filter(([, said]) => said === word)
      .map(([, , number]) => Number(number))

  test('their writers killed again and again: nothing acknowledged is lost, and a writer beside them is not hindered', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'Everybody works on this one'])
    const survivor = run(place, writer(place, 'survivor', 40))
    let stdout = ''
    for (const lines of kills) {
      // Killed by its reader, with writes under way.
      const kill = `exec 3< <(exec "$@"); pid=$!; for i in $(seq ${lines}); do read -u 3 line; echo "$line"; done; kill -KILL $pid; cat <&3`
      const killed = await run(place, ['bash', '-c', kill, 'bash', ...writer(place, `w${lines}`, 1_000_000)])
      expect(killed).toMatchObject({ stderr: '' })
      stdout += killed.stdout
    }
    const survived = await survivor
    expect(survived).toMatchObject({ code: 0, stderr: '' })
    stdout += survived.stdout

    expect(await cli(place)(['doctor'])).toMatchObject({ code: 0 })
    const rows = await dump(urlOf(place))
    const entries = rows.pipeline_activity! as { id: number; item_id: number; action: string }[]
    const items = rows.pipeline! as { id: number; version: number }[]
    const of = (action: string) => entries.filter((entry) => entry.action === action)
    expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(numbersOf(stdout, 'created')))
    expect(of('noted').map(({ id }) => id)).toEqual(expect.arrayContaining(numbersOf(stdout, 'noted')))
    expect(stdout.match(/\n/g)!.length).toBeGreaterThan(1000)
    // Nothing by halves: no item without its entry, no entry without its item, a version for every move.
    expect(
      of('created')
        .map((entry) => entry.item_id)
        .sort(),
    ).toEqual(items.map(({ id }) => id).sort())
    const { version } = items.find(({ id }) => id === 1)!
    expect(version).toBeGreaterThanOrEqual(Math.max(...numbersOf(stdout, 'moved')))
    expect(of('moved')).toHaveLength(version - 1)
  }, 60_000)
})

describe.each(engines)('an older schema on $engine', ({ freshUrl }) => {
  test('is brought up by eight processes at once: each migration is done once, and none of them is refused', async () => {
    const url = await freshUrl()
    const old = await openTest(url, { migrations: migrations.slice(0, 1) })
    await old.write((q) => q.run(sql`INSERT INTO pipeline (id, title, stage) VALUES (7, 'Older', 'qa')`))
    await old.close()
    const place = await freshPlace(url)
    const reads = [['list'], ['board'], ['show', '7'], ['log'], ['project', 'list'], ['search', 'new']]
    const words = [...reads, ['create', 'New'], ['create', 'New']]
    const all = await Promise.all(words.map((each) => cli(place)(each)))
    expect(all.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([])
    const rows = await dump(url)
    expect(rows.pipeline_migrations!.map(({ id }) => id)).toEqual(migrations.map(({ id }) => id))
    expect(rows.pipeline!.map(({ title }) => title).sort()).toEqual(['New', 'New', 'Older'])
    const { columns } = (await sure(place)(['board', '--json'])).json()
    const counts = Object.fromEntries(columns.map(({ stage, count }: never) => [stage, count]))
    expect(counts).toMatchObject({ idea: 2, qa: 1 })
  })
})

test('a lock that stays is waited for, then told; reads go on, and afterwards everything works', async () => {
  const place = await freshPlace()
  const file = join(place.cwd, 'pipeline.db')
  const legacy = legacyFile(place, 'V2')
  const url = await postgres.freshUrl()
  for (const db of [file, url]) await sure(place)(['--db', db, 'create', 'Before'])
  const content = contentOf(legacy)

  const holders = [file, legacy].map((each) => connect(each))
  const holder = new pg.Client({ connectionString: serverOf(url) })
  atEnd(async () => {
    for (const each of holders) each.close()
  })
  for (const each of holders) each.exec('BEGIN IMMEDIATE')
  await holder.connect()
  atEnd(() => holder.end())
  await holder.query(`BEGIN; LOCK TABLE ${schemaOf(url)}.pipeline IN EXCLUSIVE MODE`)

  const fromMs = performance.now()
  const refused = [
    cli(place)(['--db', file, 'create', 'During']),
    cli(place)(['--db', url, 'create', 'During']),
    cli(place)(['upgrade', legacy]),
  ]
  const firstAfterMs = Promise.race(refused).then(() => performance.now() - fromMs)
  for (const db of [file, url]) {
    expect(await cli(place)(['--db', db, 'list'])).toMatchObject({ code: 0, stderr: '' })
  }
  for (const ran of await Promise.all(refused)) {
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^error: .*(is locked by|lock).*\nhint: .*try again.*\n$/)
  }

  expect(await firstAfterMs).toBeGreaterThan(9_000)

  for (const each of holders) each.exec('ROLLBACK')
  await holder.query('ROLLBACK')
  expect(contentOf(legacy)).toEqual(content)
  for (const db of [file, url]) {
    await sure(place)(['--db', db, 'create', 'After'])
    const { items } = (await sure(place)(['--db', db, 'list', '--json=title'])).json()
    expect(items).toEqual([{ title: 'Before' }, { title: 'After' }])
  }
  expect(await cli(place)(['upgrade', legacy])).toMatchObject({ code: 0, stderr: '' })
}, 60_000)

const schemaOf = (url: string): string => new URL(url).searchParams.get('schema')!
function serverOf(url: string): string {
  const server = new URL(url)
  server.searchParams.delete('schema')
  return server.href
}

test('a damaged page: doctor says what is damaged, and what it advises brings everything back', async () => {
  const place = await freshPlace()
  const file = join(place.cwd, 'pipeline.db')
  const pipeline = (...words: string[]) => cli(place)(['--db', file, ...words])
  await sure(place)(['--db', file, 'demo'])
  await sure(place)(['--db', file, 'backup', 'monday.db'])
  const whole = (await pipeline('list', '--all', '--json')).json()

  const database = connect(file)
  const root = database
    .prepare("SELECT rootpage AS n FROM sqlite_schema WHERE name = 'idx_pipeline_newest'")
    .get()
  database.close()
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, ((root as { n: number }).n - 1) * 4096)
  closeSync(handle)
  const spoilt = readFileSync(file)

  const doctor = await pipeline('doctor')
  expect(doctor).toMatchObject({ code: 1, stderr: '' })
  expect(doctor.stdout).toMatch(/^✖ integrity .*index idx_pipeline_newest of pipeline, page \d+/m)
  expect(doctor.stdout).toContain(`pipeline restore ${join(place.cwd, 'monday.db')} --db NEW`)
  expect(readFileSync(file).equals(spoilt)).toBe(true)

  writeFileSync(file, Buffer.concat([randomBytes(4096), spoilt.subarray(4096)]))
  const unopened = await pipeline('doctor', '--json')
  expect(unopened).toMatchObject({ code: 1, stderr: '' })
  expect(unopened.json()).toMatchObject({ healthy: false, findings: [{ name: 'integrity', ok: false }] })

  await sure(place)(['restore', 'monday.db', '--db', 'new.db'])
  expect(await cli(place)(['--db', 'new.db', 'doctor'])).toMatchObject({ code: 0 })
  expect((await sure(place)(['--db', 'new.db', 'list', '--all', '--json'])).json()).toEqual(whole)
})
