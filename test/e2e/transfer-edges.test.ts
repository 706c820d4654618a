/** What backups, copies, exports and imports are given at the edges: older schemas, odd bytes, full outputs, signals. */

import { chmodSync, readdirSync, statSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { migrations } from '../../src/store/migrations/index.ts'
import { connect } from '../../src/store/sqlite-driver.ts'
import { cli, door, freshPlace, type Place, places, run, running, sure, urlOf } from '../helpers/cli.ts'
import { openTest } from '../helpers/engines.ts'

const nobody = 65534
const asRoot = process.getuid?.() === 0

/** What a pipeline says when it is asked without us. */
function ask<T>(file: string, text: string): T[] {
  const connection = connect(file, { readOnly: true })
  try {
    return connection.prepare(text).all() as T[]
  } finally {
    connection.close()
  }
}

/** Without what SQLite keeps beside a file. */
const namesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => !/-(wal|shm)$/.test(name))
    .sort()

const at = ({ cwd }: Place, name: string): string => join(cwd, name)

describe('an older schema', () => {
  async function old(url: string): Promise<void> {
    const database = await openTest(url, { migrations: migrations.slice(0, 2) })
    await database.write((q) => q.run(raw("INSERT INTO pipeline (title, stage) VALUES ('Older', 'qa')")))
    await database.close()
  }
  const versionIn = (file: string) =>
    ask<{ id: number }>(file, 'SELECT max(id) AS id FROM pipeline_migrations')[0]!.id

  test('is only read by a backup, a copy and an export; what they write is of this version', async () => {
    const place = await freshPlace()
    const file = at(place, 'old.db')
    await old(file)
    const text = (await sure(place)(['export', '--db', file])).stdout
    expect(text).toContain('"title":"Older","type":"feature","stage":"qa"')
    await sure(place)(['copy', 'c.db', '--db', file])
    await sure(place)(['backup', 'b.db', '--db', file])
    expect(versionIn(file)).toBe(2)
    expect(namesIn(place.cwd)).toEqual(['b.db', 'c.db', 'old.db'])
    for (const name of ['b.db', 'c.db']) {
      expect(versionIn(at(place, name))).toBe(migrations.at(-1)!.id)
      expect((await sure(place)(['export', '--db', name])).stdout).toBe(text)
    }
  })

  test('on a server is refused by them, with what to do, and stays', async () => {
    const place = await places[1]!.freshPlace()
    await old(urlOf(place))
    const ran = await cli(place)(['export'])
    expect(ran).toMatchObject({ code: 6, stdout: '' })
    expect(ran.stderr).toMatch(/has schema 2; this version reads \d+\nhint: .*pipeline init/)
    await sure(place)(['init'])
    expect((await sure(place)(['export'])).stdout).toContain('Older')
  })

  test.runIf(asRoot)('that may only be read is told as what it is', async () => {
    const place = await freshPlace()
    const file = at(place, 'old.db')
    await old(file)
    const connection = connect(file)
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    connection.close()
    chmodSync(file, 0o444)
    chmodSync(join(place.cwd, '..'), 0o755)
    const ran = await cli(place)(['list', '--db', file], { uid: nobody })
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(
      /has schema 2, and this version has to bring it up to \d+ first: it is read-only/,
    )
  })
})

describe('odd ends', () => {
  test('what is not UTF-8 is refused by its line, from a file and from standard input', async () => {
    const place = await freshPlace()
    const line = (title: string) => `{"op":"create","input":{"title":"${title}"}}\n`
    const latin1 = Buffer.from(line('a') + line('Größe'), 'latin1')
    writeFileSync(at(place, 'batch.jsonl'), latin1)
    for (const [words, stdin] of [
      [['batch', '-'], latin1],
      [['batch', 'batch.jsonl'], ''],
      [['import', 'batch.jsonl'], ''],
      [['import', '-'], latin1],
    ] as const) {
      const ran = await cli(place)(words, { stdin })
      expect(ran).toMatchObject({ code: 2, stdout: '' })
      expect(ran.stderr).toMatch(/^error: .* is not UTF-8: see line 2\nhint: /)
    }
    expect(namesIn(place.cwd)).toEqual(['batch.jsonl'])
    expect((await sure(place)(['batch', '-'], { stdin: `\ufeff${line('é')}` })).stdout).toContain(
      '1 operation',
    )
  })

  test('an export onto a full standard output says that it is not whole', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'One'])
    for (const words of [['export', '-'], ['list']]) {
      const line = '"$0" "$@" > /dev/full'
      const ran = await run(place, ['bash', '-c', line, process.execPath, door, 'pipeline', ...words])
      expect(ran).toMatchObject({ code: 1 })
      expect(ran.stderr).toMatch(/hint: the output is incomplete; nothing was changed\n$/)
    }
    const ran = await run(place, [
      'bash',
      '-c',
      '"$0" "$@" > /dev/full',
      process.execPath,
      door,
      'pipeline',
      'create',
      'Two',
    ])
    expect(ran.stderr).toMatch(/hint: what was asked for is done/)
  })

  test('what only its owner may read is copied and exported so', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'Secret'])
    chmodSync(urlOf(place), 0o600)
    await sure(place)(['copy', 'c.db'])
    await sure(place)(['export', 'e.jsonl'])
    await sure(place)(['backup', 'b.db'])
    for (const name of ['c.db', 'e.jsonl', 'b.db']) expect(statSync(at(place, name)).mode & 0o777).toBe(0o600)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s in the middle leaves nothing behind', async (signal) => {
    const place = await freshPlace()
    await sure(place)(['create', 'One'])
    const connection = connect(urlOf(place))
    connection.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
      INSERT INTO pipeline_activity (at, actor, action) SELECT '2026-02-05T07:46:15.000Z', 'human:max', 'noted' FROM n`)
    connection.close()
    const before = readdirSync(place.cwd)
    for (const words of [
      ['copy', 'c.db'],
      ['export', 'e.jsonl'],
    ]) {
      const job = running(place, words)
      const watcher = watch(place.cwd, (_, name) => {
        if (name?.startsWith('.pipeline-')) job.child.kill(signal)
      })
      const ended = await job.ended
      watcher.close()
      expect(ended).toMatchObject({ code: signal === 'SIGINT' ? 130 : 143, stdout: '' })
      expect(readdirSync(place.cwd)).toEqual(before)
    }
  })
})
