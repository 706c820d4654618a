/** Backups and moves as they are typed, while others work, on a full disk, on a terminal and off it. */

import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../../src/domain/entity.ts'
import { connect } from '../../src/store/sqlite-driver.ts'
import { cli, door, freshPlace, type Place, places, run, running, sure, urlOf } from '../helpers/cli.ts'
import { atEnd } from '../helpers/engines.ts'

const writerScript = join(import.meta.dirname, 'fixtures/writer.cjs')
const nobody = 65534
const asRoot = process.getuid?.() === 0

interface Writers {
  /** Ids of items that were acknowledged until now. */
  created(): number[]
  /** Resolves when each of them had that many more acknowledged. */
  more(count: number): Promise<unknown>
  /** What they said on standard error. */
  stop(): Promise<string>
}

/** Processes that create, note and move until they are killed. */
function writers(place: Place, names: string[]): Writers {
  const all = names.map((name) => writer(place, name))
  return {
    created: () => all.flatMap((each) => each.created()),
    more: (count) => Promise.all(all.map((each) => each.more(count))),
    stop: async () => (await Promise.all(all.map((each) => each.stop()))).join(''),
  }
}

function writer(place: Place, name: string): Writers {
  const argv = [writerScript, urlOf(place), name, '1000000']
  const child = spawn(process.execPath, argv, { cwd: place.cwd, env: place.env as NodeJS.ProcessEnv })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (text) => (said[stream] += text))
  const ended = new Promise((resolve) => child.on('close', resolve))
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
    return said.stderr
  }
  atEnd(stop)
  const created = () => [...said.stdout.matchAll(/^created (\d+)\n/gm)].map(([, id]) => Number(id))
  const more = (count: number) => {
    const enough = created().length + count
    return new Promise<void>((resolve, reject) => {
      const look = () => created().length >= enough && resolve()
      child.stdout.on('data', look)
      void ended.then(() => reject(new Error(`${name} ended: ${said.stderr}`)))
    })
  }
  return { created, more, stop }
}

/** What a backup or a pipeline says when it is asked without us. */
function ask<T>(file: string, text: string): T[] {
  const connection = connect(file, { readOnly: true })
  try {
    return connection.prepare(text).all() as T[]
  } finally {
    connection.close()
  }
}

const idsIn = (file: string): Set<number> =>
  new Set(ask<{ id: number }>(file, 'SELECT id FROM pipeline').map(({ id }) => id))

/** Without what SQLite keeps beside a file. */
const namesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => !/-(wal|shm)$/.test(name))
    .sort()

const at = ({ cwd }: Place, name: string): string => join(cwd, name)

describe.each(places)('while others write, on $engine', ({ freshPlace }) => {
  test('a backup is of one state, and has all that was acknowledged before it', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'Everybody works on this one'])
    const others = writers(place, ['a', 'b', 'c'])
    for (const name of ['1.db', '2.db']) {
      await others.more(5)
      const before = others.created()
      const { items } = (await sure(place)(['backup', name, '--json'])).json()
      const ids = idsIn(at(place, name))
      expect(ids.size).toBe(items)
      expect(before.filter((id) => !ids.has(id))).toEqual([])
      // Every move raised the version, in the transaction of its entry.
      const [one] = ask(
        at(place, name),
        `SELECT version - 1 - (SELECT count(*) FROM pipeline_activity WHERE item_id = 1 AND action = 'moved') AS moves,
          (SELECT count(*) FROM pipeline_activity WHERE action = 'created') - (SELECT count(*) FROM pipeline) AS items
        FROM pipeline WHERE id = 1`,
      )
      expect(one).toEqual({ moves: 0, items: 0 })
      expect(await cli(place)(['--db', name, 'doctor'])).toMatchObject({ code: 0 })
    }
    await others.more(1)
    expect(await others.stop()).toBe('')
  })

  test('what is replaced loses nothing: it is in what was kept, or comes after', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'Everybody works on this one'])
    await sure(place)(['backup', 'b.db'])
    const others = writers(place, ['a', 'b', 'c'])
    await others.more(5)
    const { replaced } = (await sure(place)(['restore', 'b.db', '--replace', '--json'])).json()
    await others.more(3)
    expect(await others.stop()).toBe('')
    const created = others.created()
    await sure(place)(['backup', 'after.db'])
    const [kept, there] = [idsIn(replaced), idsIn(at(place, 'after.db'))]
    expect(created.filter((id) => !kept.has(id) && !there.has(id))).toEqual([])
    expect(new Set(created).size).toBe(created.length)
    expect([...kept].filter((id) => there.has(id))).toEqual([1])
    expect(await cli(place)(['doctor'])).toMatchObject({ code: 0 })
    expect(await cli(place)(['--db', replaced, 'doctor'])).toMatchObject({ code: 0 })
  })
})

describe.each(places)('a full disk, with $engine', ({ freshPlace }) => {
  let place: Place
  beforeAll(async () => {
    place = await freshPlace()
    writeFileSync(at(place, 'spec.md'), 'x'.repeat(300_000))
    await sure(place)(['create', 'Large', '--spec', 'spec.md'])
    await sure(place)(['backup', 'large.db'])
  })

  test.each([
    ['backup', 'new.db'],
    ['export', 'new.jsonl'],
    ['copy', 'new.db'],
    ['restore', 'large.db', '--db', 'new.db'],
  ])('%s says so, and leaves nothing half-made', async (...words) => {
    const before = namesIn(place.cwd)
    const line = `ulimit -f 200; trap '' XFSZ; exec "$@"`
    const ran = await run(place, ['bash', '-c', line, 'bash', process.execPath, door, 'pipeline', ...words])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^error: .*new\.(db|jsonl) could not be (read or )?written/)
    expect(ran.stderr).not.toContain('fault of Throughline')
    expect(namesIn(place.cwd)).toEqual(before)
    await sure(place)(['show', '1'])
  })
})

describe('a backup', () => {
  test('that is killed is there whole or not at all', async () => {
    const place = await freshPlace()
    writeFileSync(at(place, 'spec.md'), 'x'.repeat(900_000))
    for (const title of ['a', 'b', 'c']) await sure(place)(['create', title, '--spec', 'spec.md'])
    for (const [name, signs] of Object.entries({ '1.db': 1, '2.db': 2, '3.db': 4 })) {
      const backup = running(place, ['backup', name])
      let seen = 0
      const watcher = watch(place.cwd, () => {
        if (++seen >= signs) backup.child.kill('SIGKILL')
      })
      await backup.ended
      watcher.close()
      if (existsSync(at(place, name))) expect(ask(at(place, name), 'SELECT id FROM pipeline')).toHaveLength(3)
    }
    const { items } = (await sure(place)(['backup', 'whole.db', '--json'])).json()
    expect(items).toBe(3)
  })

  test.runIf(asRoot)('in a folder that may only be read is restored', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'Safe'])
    mkdirSync(at(place, 'shelf'))
    mkdirSync(at(place, 'desk'))
    await sure(place)(['backup', 'shelf/b.db'])
    chmodSync(at(place, 'shelf/b.db'), 0o444)
    chmodSync(at(place, 'shelf'), 0o555)
    chmodSync(at(place, 'desk'), 0o777)
    chmodSync(join(place.cwd, '..'), 0o755)
    const options = { uid: nobody, cwd: at(place, 'desk') }
    const file = at(place, 'shelf/b.db')
    expect(await sure(place)(['restore', file, '--db', 'p.db'], options)).toMatchObject({ stderr: '' })
    expect((await sure(place)(['list', '--db', 'p.db'], options)).stdout).toContain('Safe')
    const again = await sure(place)(
      ['restore', file, '--db', 'p.db', '--replace', '--as', 'human:no'],
      options,
    )
    expect(again.stdout).toContain('What was there is kept')
  })
})

describe('typed', () => {
  const kindsOf = (json: { counts: object }) => Object.keys(json.counts).length

  test.each(places)('on $engine, JSON has the same shape for each of them', async ({ freshPlace: fresh }) => {
    const place = await fresh()
    const json = async (...words: string[]) => (await sure(place)([...words, '--json'])).json()
    await sure(place)(['create', 'One'])
    expect(await json('backup', 'b.db')).toEqual({ file: at(place, 'b.db'), items: 1 })
    const exported = await json('export', 'e.jsonl')
    expect(exported).toMatchObject({ file: at(place, 'e.jsonl'), counts: { item: 1, entry: 1, run: 0 } })
    expect(kindsOf(exported)).toBe(kinds.length)
    expect(await json('copy', 'c.db')).toEqual({ to: at(place, 'c.db'), counts: exported.counts })
    expect(await json('import', 'e.jsonl', '--db', 'i.db')).toEqual({ counts: exported.counts })
    expect(await json('restore', 'b.db', '--db', 'r.db')).toEqual({
      from: at(place, 'b.db'),
      to: at(place, 'r.db'),
      counts: exported.counts,
      replaced: null,
    })
    const { replaced } = await json('restore', 'b.db', '--replace')
    expect(existsSync(replaced)).toBe(true)
  })

  test('what goes wrong has its exit code, one line of why and one of what to do', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'One'])
    await sure(place)(['backup', 'b.db'])
    writeFileSync(at(place, 'bad.jsonl'), '{"throughline":"pipeline","format":1}\n')
    const codes: [number, string[]][] = [
      [6, ['backup', 'b.db']],
      [1, ['backup', 'none/b.db']],
      [6, ['export', 'b.db']],
      [1, ['export', 'none/e.jsonl']],
      [2, ['export', 'e.csv', '--format', 'csv']],
      [2, ['import', 'bad.jsonl']],
      [3, ['import', 'none.jsonl']],
      [2, ['import', 'bad.jsonl', '--db', 'new.db']],
      [6, ['copy', 'b.db']],
      [2, ['copy', 'mysql://root@localhost/x']],
      [6, ['restore', 'b.db']],
      [3, ['restore', 'none.db', '--db', 'new.db']],
      [1, ['restore', 'bad.jsonl', '--db', 'new.db']],
      [3, ['backup', 'c.db', '--db', 'new.db']],
      [3, ['copy', 'c.db', '--db', 'new.db']],
      [3, ['export', '--db', 'new.db']],
    ]
    const before = namesIn(place.cwd)
    for (const [code, words] of codes) {
      const ran = await cli(place)(words)
      expect({ words, code: ran.code, stdout: ran.stdout }).toEqual({ words, code, stdout: '' })
      expect(ran.stderr).toMatch(/^error: .*\n(hint: .*\n)?$/)
    }
    expect(namesIn(place.cwd)).toEqual(before)
    for (const [code, words] of [
      ['conflict', ['backup', 'b.db', '--json']],
      ['invalid', ['export', '--json']],
    ] as const) {
      const { stdout, stderr } = await cli(place)(words)
      expect(stdout).toBe('')
      expect(JSON.parse(stderr)).toMatchObject({ error: { code, hint: expect.any(String) } })
    }
  })

  test('a first import that fails makes no pipeline; one from standard input that works does', async () => {
    const [place, source] = [await freshPlace(), await freshPlace()]
    await sure(source)(['demo'])
    const { stdout } = await sure(source)(['export'])
    const broken = stdout.split('\n').with(5, '{"kind":"itme"}').join('\n')
    const failed = await cli(place)(['import', '-'], { stdin: broken })
    expect(failed).toMatchObject({ code: 2, stdout: '' })
    expect(failed.stderr).toBe('error: line 6: no kind "itme"; did you mean item?\n')
    expect(readdirSync(place.cwd)).toEqual([])
    const done = await sure(place)(['import', '-'], { stdin: stdout })
    expect(done.stdout).toMatch(/^Imported \d+ items with \d+ log entries\n$/)
    expect((await sure(place)(['export', '-'])).stdout).toBe(stdout)
    expect(await cli(place)(['import', '-'], { stdin: stdout })).toMatchObject({ code: 6 })
  })

  test('an export goes through a pipe into an import, more than fits the pipe', async () => {
    const place = await freshPlace()
    writeFileSync(at(place, 'spec.md'), 'né́ 👩‍👩‍👧\n'.repeat(40_000))
    await sure(place)(['create', 'Large', '--spec', 'spec.md'])
    const line = '"$0" "$1" pipeline export | "$0" "$1" pipeline import - --db new.db'
    expect(await run(place, ['bash', '-o', 'pipefail', '-c', line, process.execPath, door])).toMatchObject({
      code: 0,
    })
    const [one, other] = [await sure(place)(['export']), await sure(place)(['export', '--db', 'new.db'])]
    expect(other.stdout).toBe(one.stdout)
  })

  test('a backup comes back where nothing is left, and dry runs make nothing on the way', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'Safe'])
    await sure(place)(['backup', 'b.db'])
    await run(place, ['rm', '-r', '.pipeline'])
    const dry = await sure(place)(['restore', 'b.db', '--dry-run'])
    expect(dry.stdout).toMatch(/^dry run, nothing was stored: Restored 1 item /)
    await sure(place)(['backup', 'c.db', '--db', 'b.db', '--dry-run'])
    await sure(place)(['copy', 'c.db', '--db', 'b.db', '--dry-run'])
    expect(readdirSync(place.cwd)).toEqual(['b.db'])
    await sure(place)(['restore', 'b.db'])
    expect((await sure(place)(['list'])).stdout).toContain('Safe')
    expect(readdirSync(at(place, '.pipeline'))).toEqual(expect.arrayContaining(['.gitignore', 'pipeline.db']))
  })
})

describe('progress', () => {
  const quoted = (word: string): string => `'${word}'`
  const onTerminal = (place: Place, words: string[]) =>
    run(place, [
      'script',
      '-qec',
      [process.execPath, door, 'pipeline', ...words].map(quoted).join(' '),
      '/dev/null',
    ])

  async function stocked(): Promise<Place> {
    const place = await freshPlace()
    await sure(place)(['create', 'One'])
    const connection = connect(urlOf(place))
    connection.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3500)
      INSERT INTO pipeline_activity (at, actor, action) SELECT '2026-02-05T07:46:15.000Z', 'human:max', 'noted' FROM n`)
    connection.close()
    return place
  }
  const bar = /\r\[#+·+\] {1,2}\d+ %/

  test('is shown on a terminal, over itself, and is gone at the end', async () => {
    const place = await stocked()
    const { stdout } = await onTerminal(place, ['copy', 'c.db'])
    expect(stdout.match(new RegExp(bar, 'g'))!.length).toBeGreaterThan(2)
    expect(stdout).toMatch(/\r\u001b\[KCopied 1 item with 3501 log entries to .*\r\n$/)
  })

  test('is gone too before an error is told', async () => {
    const place = await stocked()
    const text = (await sure(place)(['export'])).stdout
    writeFileSync(at(place, 'cut.jsonl'), text.slice(0, -3))
    const { stdout } = await onTerminal(place, ['import', 'cut.jsonl', '--db', 'new.db'])
    expect(stdout).toMatch(bar)
    expect(stdout).toMatch(/\r\u001b\[K[^\r]*error/)
    expect(stdout).toContain('line 3503: not JSON')
  })

  test('is not shown off a terminal, nor where it is to be quiet, nor beside JSON', async () => {
    const place = await stocked()
    expect((await sure(place)(['copy', 'a.db'])).stderr).toBe('')
    expect((await onTerminal(place, ['copy', 'b.db', '--quiet'])).stdout).not.toContain('%')
    expect((await onTerminal(place, ['copy', 'c.db', '--json'])).stdout).not.toContain('%')
    expect(statSync(at(place, 'c.db')).size).toBeGreaterThan(0)
    expect(readFileSync(at(place, 'c.db')).subarray(0, 6).toString()).toBe('SQLite')
  })
})
