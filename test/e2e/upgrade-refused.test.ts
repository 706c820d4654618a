/** Files that no upgrade takes, and a predecessor's file in the hands of every other command: they stay as they are. */

import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { operationList } from '../../src/ops/index.ts'
import { connect } from '../../src/store/sqlite-driver.ts'
import { cli, freshPlace, type Place, type Ran } from '../helpers/cli.ts'
import { bytesBeside, contentOf, legacyFile, thousand } from './legacy-file.ts'

/** One line for the reason, one for the way on. */
const told = /^error: .+\n(hint: .+\n)?$/

/** Every command that opens a pipeline, but for those of database.test.ts. */
const others: string[][] = [
  ...[
    ['show', '8'],
    ['update', '8', '--title', 'x'],
    ['note', '8', 'x'],
    ['ac', '8', '1', 'passed'],
  ],
  ...[
    ['assign', '8', 'agent:a'],
    ['claim', '8'],
    ['release', '8'],
    ['block', '8', '--reason', 'x'],
  ],
  ...[
    ['unblock', '8'],
    ['dep', 'add', '8', '7'],
    ['dep', 'rm', '8', '7'],
    ['delete', '8', '--yes'],
  ],
  ...[
    ['search', 'x'],
    ['log'],
    ['check', '8'],
    ['check', '--due'],
    ['check', '--validate', '{"type":"http","url":"http://127.0.0.1:1/","frequency":"5m"}'],
    ['check', 'approve', '8'],
    ['health'],
    ['uptime', '8'],
    ['runs', '8'],
    ['dashboard'],
    ['metrics'],
  ],
  ...[
    ['notify', 'test', 'team'],
    ['notify', 'log'],
    ['notify', 'approve', 'team'],
    ['incident', 'list'],
    ['incident', 'open', '8', 'x'],
    ['incident', 'ack', '8'],
    ['incident', 'resolve', '8', '--note', 'x'],
    ['incident', 'fix', '8', '7'],
    ['incident', 'postmortem', '8'],
  ],
  ...[
    ['pause', '8'],
    ['resume', '8'],
    ['heartbeat', '8'],
    ['heartbeat', '--ping', '8', 'fail'],
    ['maintenance', 'add', '8', '--for', '2h'],
    ['maintenance', 'list'],
    ['maintenance', 'rm', '1'],
    ['batch', '-'],
  ],
  ...[
    ['project', 'list'],
    ['project', 'create', 'x'],
    ['backup', 'b.db'],
    ['copy', 'c.db'],
    ['export', 'e.jsonl'],
  ],
  ...[['import', '-'], ['restore', 'own.db'], ['restore', 'own.db', '--replace'], ['reindex'], ['demo']],
  ...[
    ['demo', '--remove'],
    ['serve', '--port', '0'],
  ],
]

test('every other command names the upgrade, ends with 2 and leaves the file as it is', async () => {
  const place = await freshPlace()
  const file = legacyFile(place, 'V2')
  expect(await cli(place)(['create', 'Own', '--db', 'own.db'])).toMatchObject({ code: 0 })
  const before = bytesBeside(file)
  const own = contentOf(join(place.cwd, 'own.db'))
  const ran: Record<string, Ran> = {}
  for (const words of others) ran[words.join(' ')] = await cli(place)([...words, '--db', file])
  for (const [line, { code, stdout, stderr }] of Object.entries(ran)) {
    expect({ line, code, stdout }).toEqual({ line, code: 2, stdout: '' })
    expect(stderr, line).toMatch(told)
    expect(stderr, line).toContain(`pipeline upgrade ${file}`)
  }
  expect(bytesBeside(file)).toEqual(before)
  expect(contentOf(join(place.cwd, 'own.db'))).toEqual(own)
  const made = readdirSync(place.cwd).filter((name) => !/^(agents-|own\.db)/.test(name))
  expect(made).toEqual([])
}, 60_000)

test('no command is forgotten above', () => {
  const inDatabaseTest = ['list', 'board', 'create', 'move', 'doctor', 'init']
  const lines = [...others.map((words) => words.join(' ')), ...inDatabaseTest, 'upgrade']
  const missing = operationList
    .filter((op) => op.command)
    .map((op) => [op.command?.words, op.command?.switch].filter(Boolean).join(' --'))
    .filter((line) => !lines.some((each) => each === line || each.startsWith(`${line} `)))
  expect(missing).toEqual([])
})

test.each([
  [['copy'], 2],
  [['restore'], 2],
  [['backup'], 6],
  [['export'], 6],
])('named by %s as the other file, it stays as it is too', async (words, code) => {
  const place = await freshPlace()
  const file = legacyFile(place, 'V2')
  await cli(place)(['create', 'Own', '--db', 'own.db'])
  const before = bytesBeside(file)
  const db = words[0] === 'restore' ? 'new.db' : 'own.db'
  const ran = await cli(place)([...words, file, '--db', db])
  expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(told) })
  if (code === 2) expect(ran.stderr).toContain(`pipeline upgrade ${file}`)
  expect(bytesBeside(file)).toEqual(before)
})

/** @returns the bytes with a page of a table overwritten */
function damaged(file: string, table: string): Buffer {
  const database = connect(file)
  const query = `SELECT rootpage FROM sqlite_schema WHERE name = '${table}'`
  const { rootpage } = database.prepare(query).get() as { rootpage: number }
  database.close()
  const bytes = readFileSync(file)
  return bytes.fill(0xa5, (rootpage - 1) * 4096, rootpage * 4096)
}

const sql = (text: string) => (file: string) => {
  const database = connect(file)
  database.exec(text)
  database.close()
}

test.each<[string, number, RegExp, (file: string) => void]>([
  ['that is not there', 3, /there is no file/, () => {}],
  ['that is a folder', 3, /there is no file/, (file) => mkdirSync(file)],
  ['that is empty', 2, /no database of the predecessor/, (file) => writeFileSync(file, '')],
  ['that is a text', 1, /not a SQLite database/, (file) => writeFileSync(file, 'title,stage\n')],
  ['of another program', 2, /no database of the predecessor/, sql('CREATE TABLE memory (content TEXT)')],
  [
    'with another pipeline',
    2,
    /is not the predecessor/,
    sql('CREATE TABLE pipeline (id INTEGER, name TEXT)'),
  ],
])('a file %s is told, and nothing is made', async (_which, code, reason, make) => {
  const place = await freshPlace()
  const folder = join(place.cwd, 'files')
  mkdirSync(folder)
  const file = join(folder, 'agents.db')
  make(file)
  const before = bytesBeside(file)
  for (const words of [[], ['--dry-run']]) {
    const ran = await cli(place)(['upgrade', file, ...words])
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(told) })
    expect(ran.stderr).toMatch(reason)
    expect(ran.stderr).not.toMatch(/fault of Throughline/)
  }
  expect(bytesBeside(file)).toEqual(before)
})

test.each(['pipeline', 'activity', 'memory'])(
  'a damaged page of the table %s is told, and nothing is changed or made',
  async (table) => {
    const place = await freshPlace()
    const file = legacyFile(place, 'V2')
    writeFileSync(file, damaged(file, table))
    const before = bytesBeside(file)
    const ran = await cli(place)(['upgrade', file])
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(told) })
    expect(ran.stderr).toContain(`error: ${file} is damaged`)
    expect(bytesBeside(file)).toEqual(before)
  },
)

test('a URL is no file, and its password is not repeated', async () => {
  const place = await freshPlace()
  const ran = await cli(place)(['upgrade', 'postgres://max:secret@127.0.0.1:1/agents'])
  expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(told) })
  expect(ran.stderr).not.toContain('secret')
})

/** Root may write everywhere, so somebody else does. */
const uid = process.getuid?.() === 0 ? { uid: 65534 } : {}

test.each([
  ['the file', 0o444, 0o777],
  ['the folder, where the backup is to stand', 0o666, 0o555],
  ['both', 0o444, 0o555],
])('where %s may not be written it says so, and nothing is changed', async (_what, ofFile, ofFolder) => {
  const place = await freshPlace()
  const file = legacyFile(place, 'V2')
  const content = contentOf(file)
  chmodSync(join(place.cwd, '..'), 0o755)
  chmodSync(file, ofFile)
  chmodSync(dirname(file), ofFolder)
  const before = bytesBeside(file)
  const dry = await cli(place)(['upgrade', file, '--dry-run'], uid)
  const ran = await cli(place)(['upgrade', file], uid)
  chmodSync(dirname(file), 0o755)
  expect(dry).toMatchObject({ code: 0, stderr: '' })
  expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(told) })
  expect(ran.stderr).toMatch(
    /is read-only for this user|can't write in .*permission denied|cannot be opened/i,
  )
  expect(bytesBeside(file)).toEqual(before)
  expect(contentOf(file)).toEqual(content)
})

describe('in WAL mode', () => {
  const inWalMode = async (): Promise<{ place: Place; file: string }> => {
    const place = await freshPlace()
    return { place, file: legacyFile(place, 'V2', 'PRAGMA journal_mode = WAL') }
  }

  test('a dry run and other commands leave nothing beside it', async () => {
    const { place, file } = await inWalMode()
    const before = bytesBeside(file)
    expect(await cli(place)(['upgrade', file, '--dry-run'])).toMatchObject({ code: 0, stderr: '' })
    for (const words of [['list'], ['create', 'x'], ['doctor']]) {
      expect(await cli(place)([...words, '--db', file])).toMatchObject({ code: 2 })
    }
    expect(bytesBeside(file)).toEqual(before)
  })

  test('in a folder where nothing may be made, every command names the upgrade still', async () => {
    const { place, file } = await inWalMode()
    chmodSync(join(place.cwd, '..'), 0o755)
    chmodSync(dirname(file), 0o555)
    const before = bytesBeside(file)
    const ran = [
      await cli(place)(['list', '--db', file], uid),
      await cli(place)(['create', 'x', '--db', file], uid),
    ]
    const dry = await cli(place)(['upgrade', file, '--dry-run'], uid)
    chmodSync(dirname(file), 0o755)
    for (const { code, stderr } of ran) {
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining(`pipeline upgrade ${file}`),
      })
    }
    expect(dry).toMatchObject({ code: 0, stderr: '' })
    expect(bytesBeside(file)).toEqual(before)
  })
})

test('restored with a transaction that was left half done: it names the upgrade, and the file stays', async () => {
  const place = await freshPlace()
  const file = legacyFile(place, 'V2', thousand)
  const tool = connect(file)
  tool.exec("PRAGMA cache_size = 1; BEGIN; UPDATE pipeline SET title = 'half done'")
  const copy = join(dirname(legacyFile(place, 'V2')), 'agents.db')
  for (const end of ['', '-journal']) copyFileSync(file + end, copy + end)
  tool.exec('ROLLBACK')
  tool.close()
  const before = bytesBeside(copy)
  const ran = await cli(place)(['restore', copy, '--db', 'new.db'])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  expect(ran.stderr).toContain(`pipeline upgrade ${copy}`)
  expect(bytesBeside(copy)).toEqual(before)
})

test('what is damaged is not sent to doctor, which sends back here', async () => {
  const place = await freshPlace()
  const file = legacyFile(place, 'V2')
  writeFileSync(file, damaged(file, 'pipeline'))
  const { stderr } = await cli(place)(['upgrade', file])
  expect(stderr).toMatch(/hint: .*\.recover/)
  expect(stderr).not.toContain('doctor')
})
