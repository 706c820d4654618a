/** The contract of the command line, seen from outside: what a process prints where, and how it ends. */

import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, freshPlace, type Place, places, run, sure, urlOf } from '../../helpers/cli.ts'
import { openTest } from '../../helpers/engines.ts'
import { environmentOf } from '../../helpers/environment.ts'

const failing = '{"type":"command","command":"false","frequency":"daily","retries":0}'

/** An item whose command came over the network: nobody has approved it. */
async function unapproved(place: Place): Promise<void> {
  const remote = environmentOf(await openTest(urlOf(place)), { trust: 'remote' })
  await remote.ask('item.create', { title: 'Remote', healthCheck: JSON.parse(failing) })
}

describe.each(places)('a command on $engine', ({ freshPlace: place }) => {
  test('ends with the code that tells what happened', async () => {
    const here = await place()
    const code = async (...words: string[]) => (await cli(here)(words)).code
    expect(await code('create', 'A')).toBe(0)
    expect(await code('move', '1', 'nowhere')).toBe(2)
    expect(await code('show', '-5')).toBe(2)
    expect(await code('list', '--limit', '-1')).toBe(2)
    expect(await code('check', '1')).toBe(2)
    expect(await code('show', '99')).toBe(3)
    expect(await code('create', 'B', '--parent', '99')).toBe(3)
    expect(await code('move', '1', 'spec', '--if-match', '7')).toBe(6)
    expect(await code('update', '1', '--health-check', failing)).toBe(0)
    expect(await code('check', '1')).toBe(7)
    expect(await code('check', '--due')).toBe(0)
    await unapproved(here)
    expect(await code('check', '2')).toBe(4)
    expect(await code('check', 'approve', '2')).toBe(0)
    expect(await code('check', '2')).toBe(7)
    expect(await code('claim', '1', '--as', 'agent:a')).toBe(0)
    expect(await code('claim', '1', '--as', 'agent:b')).toBe(6)
  }, 60_000)

  test('prints data on stdout and nothing but talk on stderr', async () => {
    const here = await place()
    const made = await cli(here)(['create', 'A'])
    expect(made.stdout).toContain('Created #1 A')
    expect(made.stderr).toMatch(/^made a new pipeline: .*\n$/)
    expect(made.stderr).not.toContain('test@')
    const moved = await cli(here)(['move', '1', 'live'])
    expect(moved.stdout).not.toContain('skipped')
    expect(moved.stderr).toMatch(/^warning: #1 skipped spec, .*\nwarning: #1 went live without being done\n$/)
    const asJson = await cli(here)(['move', '1', 'idea', '--json'])
    expect(asJson.stderr).toBe('')
    const again = await cli(here)(['move', '1', 'live', '--json'])
    expect(again.stderr).toBe('')
    expect(JSON.parse(again.stdout).warnings).toHaveLength(2)
    expect(again.json()).toMatchObject({ id: 1, stage: 'live', parentId: null, healthCheck: null })
  })

  test('with --dry-run decides and answers, and stores nothing', async () => {
    const here = await place()
    const dry = await cli(here)(['create', 'A', '--dry-run'])
    expect(dry).toMatchObject({ code: 0 })
    expect(dry.stdout).toContain('dry run, nothing was stored: Created #1 A')
    expect((await sure(here)(['list', '--all', '--json'])).json().items).toEqual([])
    await sure(here)(['create', 'A'])
    const log = async () => (await sure(here)(['log', '--json'])).stdout
    const before = await log()
    for (const words of [
      ['move', '1', 'live'],
      ['update', '1', '--title', 'B'],
      ['note', '1', 'x'],
      ['delete', '1', '--yes'],
      ['claim', '1'],
      ['demo'],
    ]) {
      expect(await sure(here)([...words, '--dry-run'])).toMatchObject({ code: 0 })
    }
    expect(await log()).toBe(before)
    expect((await sure(here)(['show', '1', '--json=title,stage,version'])).json()).toEqual({
      ...{ title: 'A', stage: 'idea', version: 1 },
    })
  })

  test('with --quiet prints of a change only the id, and no talk', async () => {
    const here = await place()
    expect(await cli(here)(['create', 'A', '--quiet'])).toMatchObject({ code: 0, stdout: '1\n', stderr: '' })
    expect(await cli(here)(['move', '1', 'live', '-q'])).toMatchObject({ code: 0, stdout: '1\n', stderr: '' })
    expect((await cli(here)(['list', '-q', '--all'])).stdout).toContain('A')
    expect((await cli(here)(['show', '9', '-q'])).stderr).toMatch(/^error: /)
  })

  test('the sample fails for real, can be removed, and cannot be loaded twice', async () => {
    const here = await place()
    await sure(here)(['create', 'Mine'])
    await sure(here)(['demo'])
    expect((await sure(here)(['board'])).stdout).toMatch(/🚨 INCIDENTS \(1\)[\s\S]*✖ down/)
    expect(await cli(here)(['demo'])).toMatchObject({ code: 6 })
    expect((await sure(here)(['demo', '--remove'])).stdout).toMatch(/^Removed the sample: \d+ items/)
    expect((await sure(here)(['list', '--all', '--json=title'])).json().items).toEqual([{ title: 'Mine' }])
    expect((await sure(here)(['project', 'list', '--json'])).json().items).toEqual([])
    expect(await cli(here)(['demo', '--remove'])).toMatchObject({ code: 3 })
    expect(await cli(here)(['doctor'])).toMatchObject({ code: 0 })
  }, 60_000)

  test('reading what is not there yet shows an empty pipeline and makes none', async () => {
    const here = await place()
    for (const words of [
      ['list'],
      ['board'],
      ['log'],
      ['search', 'x'],
      ['project', 'list'],
      ['check', '--due'],
    ]) {
      const read = await cli(here)(words)
      expect({ words, code: read.code }).toEqual({ words, code: 0 })
      expect(read.stderr).toMatch(/^there is no pipeline yet/)
    }
    expect(await cli(here)(['list', '--json'])).toMatchObject({ code: 0, stderr: '' })
    expect(await cli(here)(['show', '1'])).toMatchObject({ code: 3 })
    expect(await readdir(here.cwd)).toEqual([])
    expect((await cli(here)(['init'])).stderr).toMatch(/^made a new pipeline/)
  })

  test('doctor does not call well what is not there', async () => {
    const place = await freshPlace()
    const missing = await cli(place)(['doctor'])
    expect(missing).toMatchObject({ code: 3, stdout: '' })
    expect(missing.stderr).toContain('there is no pipeline yet')
    expect(missing.stderr).toContain('pipeline init')
    await sure(place)(['init'])
    expect((await cli(place)(['doctor'])).code).toBe(0)
  })

  test('a first change that fails makes no pipeline either', async () => {
    const here = await place()
    for (const words of [
      ['create', ''],
      ['create', 'A', '--parent', '7'],
      ['create', 'A', '--as', 'nobody'],
      ['move', '1', 'live'],
      ['note', '1', 'x'],
      ['delete', '1', '--yes'],
    ]) {
      expect((await cli(here)(words)).code).toBeGreaterThan(1)
    }
    expect(await readdir(here.cwd)).toEqual([])
    expect((await cli(here)(['list'])).stderr).toMatch(/^there is no pipeline yet/)
  })
})

describe('where the pipeline is', () => {
  test('the nearest .pipeline upwards; a new one stands in the git root', async () => {
    const place = await freshPlace()
    const deep = join(place.cwd, 'a/b')
    await mkdir(join(place.cwd, '.git'))
    await mkdir(deep, { recursive: true })
    await sure(place)(['create', 'At the root'], { cwd: deep })
    expect(await readdir(join(place.cwd, '.pipeline'))).toContain('pipeline.db')
    expect(await readFile(join(place.cwd, '.pipeline/.gitignore'), 'utf8')).toBe('.gitignore\n*.db\n*.db-*\n')
    expect((await sure(place)(['list'], { cwd: deep })).stdout).toContain('At the root')
    expect(await readdir(deep)).toEqual([])
  })

  test('--db comes before PIPELINE_DB, and that before the folder', async () => {
    const place = await freshPlace()
    const env = { PIPELINE_DB: join(place.cwd, 'env.db') }
    await sure(place)(['create', 'In the folder'])
    await sure(place)(['create', 'In the environment'], { env })
    await sure(place)(['create', 'In the flag', '--db', 'flag.db'], { env })
    const titles = async (words: string[], options = {}) =>
      (await sure(place)(['list', '--json=title', ...words], options)).json().items
    expect(await titles([])).toEqual([{ title: 'In the folder' }])
    expect(await titles([], { env })).toEqual([{ title: 'In the environment' }])
    expect(await titles(['--db=flag.db'], { env })).toEqual([{ title: 'In the flag' }])
    expect(await titles([], { env: { PIPELINE_DB: '' } })).toEqual([{ title: 'In the folder' }])
  })

  test('a folder that is not there is named, and nothing is made', async () => {
    const place = await freshPlace()
    const made = await cli(place)(['create', 'A', '--db', 'no/such/x.db'])
    expect(made).toMatchObject({ code: 2, stdout: '' })
    expect(made.stderr).toMatch(/^error: can't make a pipeline in .*no\/such: no such folder\nhint: /)
    expect(await readdir(place.cwd)).toEqual([])
  })
})

describe('who acts', () => {
  const actorOf = async (place: Place, words: string[] = [], env = {}) => {
    await sure(place)(['create', 'A', ...words], { env })
    const { entries } = (await sure(place)(['log', '--limit', '1', '--json'])).json()
    return [entries[0].actor, entries[0].source]
  }

  test('the user of the system, git, PIPELINE_ACTOR, --as: the last one said counts', async () => {
    const place = await freshPlace()
    expect(await actorOf(place)).toEqual(['human:tess', null])
    await writeFile(join(place.env.HOME!, '.gitconfig'), '[user]\n\tname = Tess Tester\n')
    expect(await actorOf(place)).toEqual(['human:Tess Tester', null])
    await run(place, ['git', 'init', '--quiet'])
    await run(place, ['git', 'config', 'user.name', 'Tess Here'])
    expect(await actorOf(place)).toEqual(['human:Tess Here', null])
    const env = { PIPELINE_ACTOR: 'agent:builder-1' }
    expect(await actorOf(place, [], env)).toEqual(['agent:builder-1', null])
    expect(await actorOf(place, ['--as', 'human:max', '--source', 'subagent'], env)).toEqual([
      ...['human:max', 'subagent'],
    ])
  })

  test.each([['max'], ['system:monitor'], ['human:'], ['robot:r2']])('%s is nobody', async (name) => {
    const place = await freshPlace()
    const refused = await cli(place)(['create', 'A', '--as', name])
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/human:\S+ or agent:\S+\n$/)
    expect(existsSync(join(place.cwd, '.pipeline'))).toBe(false)
  })
})

describe('words of the command line', () => {
  test.each([
    [['crate', 'x'], /unknown command "crate"; did you mean create\?/],
    [['list', '--stge', 'live'], /unknown flag "--stge"; did you mean --stage\?/],
    [['move', '1', 'bulding'], /did you mean building\?/],
    [['list', '--type', 'feture'], /did you mean feature\?/],
    [['dep'], /dep needs another word/],
    [['completion', 'tcsh'], /no completion for "tcsh"/],
    [['edit', '1'], /edit needs a terminal/],
    [['show'], /id is missing/],
    [['show', '1', '2'], /a word too many/],
    [['show', 'one'], /id must be/],
    [['list', '--limit', '1.5'], /whole number/],
    [['list', '--limit', '1001'], /at most 1000/],
    [['list', '--cursor', 'x'], /cursor/],
  ])('%j is refused with the way on', async (words, reason) => {
    const place = await freshPlace()
    await sure(place)(['create', 'A', '-q'])
    const refused = await cli(place)(words)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(reason)
    expect(refused.stderr).toMatch(/^error: .+\n(hint: .+\n)?$/)
  })

  test('behind -- everything is a text', async () => {
    const place = await freshPlace()
    await sure(place)(['create', '--', '--json'])
    await sure(place)(['note', '1', '--', '-5 % faster'])
    expect((await sure(place)(['show', '1'])).stdout).toMatch(/#1 --json[\s\S]*-5 % faster/)
  })

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    '%s is a title like any other',
    async (title) => {
      const place = await freshPlace()
      await sure(place)(['create', title])
      expect((await sure(place)(['list', '--json=title'])).json().items).toEqual([{ title }])
    },
  )

  test('the version is that of the package', async () => {
    const place = await freshPlace()
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../../package.json'), 'utf8'))
    expect((await cli(place)(['--version'])).stdout).toBe(`${version}\n`)
    expect((await cli(place)(['-V'])).stdout).toBe(`${version}\n`)
  })
})

test('lists are bounded, stable, and paged by their cursor', async () => {
  const place = await freshPlace()
  for (let n = 1; n <= 5; n += 1) await sure(place)(['create', `Item ${n}`, '-q'])
  const seen: number[] = []
  let cursor: string | null = null
  do {
    const more: string[] = cursor === null ? [] : ['--cursor', cursor]
    const page = (await sure(place)(['list', '--limit', '2', '--json', ...more])).json()
    seen.push(...page.items.map((item: { id: number }) => item.id))
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(seen).toEqual([1, 2, 3, 4, 5])
  expect((await stat(urlOf(place))).isFile()).toBe(true)
})
