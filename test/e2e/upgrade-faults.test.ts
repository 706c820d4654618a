/** An upgrade that is stopped, hindered, repeated or done twice at once: before or after, never in between. */

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../src/store/sqlite-driver.ts'
import { cli, door, freshPlace, type Place, type Ran, run, running, sure } from '../helpers/cli.ts'
import { atEnd } from '../helpers/engines.ts'
import {
  backupsOf,
  bytesBeside,
  type Content,
  contentOf,
  legacyFile,
  thousand,
  versions,
} from './legacy-file.ts'

const now = { env: { PIPELINE_NOW: '2026-03-01T12:00:00.000Z' } }
const upgrade = (place: Place, file: string, ...more: string[]): Promise<Ran> =>
  cli(place)(['upgrade', file, ...more], now)

/** A file with a thousand items, before and after the upgrade. */
let template: Buffer
let before: Content
let after: Content
beforeAll(async () => {
  const place = await freshPlace()
  const file = legacyFile(place, 'V2', thousand)
  template = readFileSync(file)
  before = contentOf(file)
  await sure(place)(['upgrade', file], now)
  after = contentOf(file)
})

const large = async (): Promise<{ place: Place; file: string }> => {
  const place = await freshPlace()
  const file = join(place.cwd, 'agents', 'agents.db')
  mkdirSync(dirname(file))
  writeFileSync(file, template)
  return { place, file }
}

/** @returns whether it is upgraded; @throws where it is neither that nor as it was */
function stateOf(file: string): 'before' | 'after' {
  const content = contentOf(file)
  const isUpgraded = 'pipeline_migrations' in content.rows
  expect(content).toEqual(isUpgraded ? after : before)
  return isUpgraded ? 'after' : 'before'
}

async function expectWhole(place: Place, file: string): Promise<void> {
  expect(await upgrade(place, file)).toMatchObject({ code: 0, stderr: '' })
  expect(stateOf(file)).toBe('after')
  expect(backupsOf(file).length).toBeGreaterThan(0)
  for (const backup of backupsOf(file)) expect(contentOf(backup)).toEqual(before)
  expect(await cli(place)(['doctor', '--db', file])).toMatchObject({ code: 0 })
}

test('a thousand items and their notes come over', () => {
  expect(before.rows.pipeline).toHaveLength(1010)
  expect(after.rows.pipeline).toHaveLength(1014)
  const notes = after.rows.pipeline_activity!.filter(({ note }) => String(note).startsWith('Note of'))
  expect(notes.map(({ item_id, note }) => note === `Note of ${item_id}`)).toEqual(Array(1000).fill(true))
})

describe.each(versions)('a file of %s', (version) => {
  test('upgraded again is no change, byte by byte', async () => {
    const place = await freshPlace()
    const file = legacyFile(place, version)
    await sure(place)(['upgrade', file])
    const bytes = bytesBeside(file)
    const again = await upgrade(place, file)
    expect(again).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('nothing changed') })
    const { upgraded, backup, report } = (await upgrade(place, file, '--json')).json()
    expect({ upgraded, backup, report }).toEqual({ upgraded: false, backup: null, report: null })
    expect(bytesBeside(file)).toEqual(bytes)
  })

  test('a dry run reports the same and writes nothing', async () => {
    const place = await freshPlace()
    const file = legacyFile(place, version)
    const bytes = bytesBeside(file)
    const dry = await upgrade(place, file, '--dry-run')
    const dryJson = (await upgrade(place, file, '--dry-run', '--json')).json()
    expect(bytesBeside(file)).toEqual(bytes)
    const done = await upgrade(place, file, '--json')
    expect(dryJson).toEqual({ ...done.json(), upgraded: false, backup: null })
    expect(dry.stdout).toMatch(/^dry run, nothing was stored: /)
    for (const { why } of done.json().report.left) expect(dry.stdout).toContain(why)
  })
})

describe('killed', () => {
  const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  const names = (file: string): number => Object.keys(bytesBeside(file)).length
  const journal = (file: string): number => sizeOf(`${file}-journal`)

  /** Looks again and again, without a pause that the moment could fall into. */
  async function moment(child: { exitCode: number | null; signalCode: unknown }, holds: () => boolean) {
    while (child.exitCode === null && child.signalCode === null) {
      for (let look = 0; look < 50; look++) if (holds()) return
      await new Promise((done) => setImmediate(done))
    }
  }

  test.each<[string, (file: string) => boolean, number]>([
    ['when it began', () => true, 0],
    ['when the backup begins', (file) => names(file) > 1, 0],
    ['when the backup stands', (file) => backupsOf(file).length > 0, 0],
    ['when the first table goes', (file) => existsSync(`${file}-journal`), 0],
    ['when half of the old pages are kept', (file) => journal(file) > template.length / 2, 0],
    ['while rows are written', (file) => existsSync(`${file}-journal`), 5_000],
    ['while more rows are written', (file) => existsSync(`${file}-journal`), 20_000],
    ['when the new pages come', (file) => sizeOf(file) > template.length, 0],
    ['when half of the new pages are there', (file) => sizeOf(file) > 2 * template.length, 0],
    [
      'when it is stored',
      (file) => backupsOf(file).length > 0 && sizeOf(file) > 2 * template.length && journal(file) === 0,
      0,
    ],
  ])('%s, the file is as it was or upgraded, and the next upgrade succeeds', async (_when, holds, looks) => {
    const { place, file } = await large()
    const { child, ended } = running(place, ['upgrade', file], now)
    await moment(child, () => holds(file))
    let left = looks
    await moment(child, () => left-- <= 0)
    child.kill('SIGKILL')
    await ended
    if (stateOf(file) === 'before') {
      expect(await upgrade(place, file, '--dry-run')).toMatchObject({ code: 0, stderr: '' })
      expect(stateOf(file)).toBe('before')
    }
    await expectWhole(place, file)
  })
})

test('a disk that is full at any point leaves it as it was; with space again it succeeds', async () => {
  const { place, file } = await large()
  const kib = Math.ceil(statSync(file).size / 1024)
  // From a backup that can't be written to a last page that can't.
  for (const limit of [1, kib - 8, kib + 4, kib * 2]) {
    const line = `ulimit -f ${limit}; trap '' XFSZ; exec "$@"`
    const words = [process.execPath, door, 'pipeline', 'upgrade', file]
    const ran = await run(place, ['bash', '-c', line, 'bash', ...words], now)
    expect({ limit, ...ran }).toMatchObject({ limit, code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^error: .*(disk|could not be written).*\nhint: .+\n$/)
    expect(stateOf(file)).toBe('before')
    for (const backup of backupsOf(file)) expect(contentOf(backup)).toEqual(before)
    expect(Object.keys(bytesBeside(file))).toHaveLength(1 + backupsOf(file).length)
  }
  await expectWhole(place, file)
})

test('of four upgrades at once one does it, the others find it done', async () => {
  const { place, file } = await large()
  const all = await Promise.all([1, 2, 3, 4].map(() => upgrade(place, file, '--json')))
  expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(4).fill({ code: 0, stderr: '' }))
  expect(all.map((ran) => ran.json().upgraded).sort()).toEqual([false, false, false, true])
  expect(backupsOf(file)).toHaveLength(1)
  await expectWhole(place, file)
})

test('who reads the file meanwhile sees it before or after, and hinders nothing', async () => {
  const { place, file } = await large()
  const reader = connect(file, { readOnly: true })
  atEnd(async () => reader.close())
  const query = `SELECT (SELECT count(*) FROM pipeline) AS items,
    (SELECT count(*) FROM sqlite_schema WHERE name = 'pipeline_migrations') AS ours`
  const seen = new Set<string>()
  const { child, ended } = running(place, ['upgrade', file], now)
  while (child.exitCode === null) {
    try {
      reader.exec('BEGIN')
      seen.add(JSON.stringify(reader.prepare(query).get()))
    } catch (error) {
      expect(String(error)).toMatch(/locked/)
    }
    if (reader.isTransaction) reader.exec('ROLLBACK')
    await new Promise((done) => setImmediate(done))
  }
  expect(await ended).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('Upgraded from V2'),
  })
  expect([...seen].filter((each) => each !== '{"items":1014,"ours":1}')).toEqual(['{"items":1010,"ours":0}'])
  await expectWhole(place, file)
})

describe('a file in WAL mode', () => {
  async function withJournal(): Promise<{ place: Place; file: string; tool: ReturnType<typeof connect> }> {
    const place = await freshPlace()
    const file = legacyFile(place, 'V2')
    const tool = connect(file)
    atEnd(async () => tool.close())
    tool.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
      UPDATE pipeline SET title = 'Only in the journal' WHERE id = 6`)
    return { place, file, tool }
  }
  const title = async (place: Place, file: string) =>
    (await sure(place)(['show', '6', '--db', file, '--json=title'])).json().title

  test('with the journal of a killed process beside it: what is in there comes over too', async () => {
    const { place, file } = await withJournal()
    const left = join(dirname(legacyFile(place, 'V2')), 'left.db')
    for (const end of ['', '-wal']) writeFileSync(left + end, readFileSync(file + end))
    const content = contentOf(left)
    expect(await upgrade(place, left, '--dry-run')).toMatchObject({ code: 0 })
    expect(contentOf(left)).toEqual(content)
    expect(await upgrade(place, left)).toMatchObject({ code: 0, stderr: '' })
    expect(contentOf(backupsOf(left)[0]!)).toEqual(content)
    expect(await title(place, left)).toBe('Only in the journal')
  })

  test('that another process has open: it sees the new tables, and may go on', async () => {
    const { place, file, tool } = await withJournal()
    expect(await upgrade(place, file)).toMatchObject({ code: 0, stderr: '' })
    tool.exec("INSERT INTO memory (content) VALUES ('after')")
    expect(tool.prepare('SELECT count(*) AS n FROM pipeline').get()).toEqual({ n: 14 })
    expect(await title(place, file)).toBe('Only in the journal')
  })
})
