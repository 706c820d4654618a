import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gitRoot, locate, prepare } from '../../../src/faces/cli/locate.ts'
import { whoActs } from '../../../src/faces/cli/who.ts'
import { atEnd } from '../../helpers/engines.ts'

/** Folders `home` and `work`; in `work` a repository with that configuration, if one is given. */
async function folders(files: { local?: string; global?: string; xdg?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-who-'))
  atEnd(() => rm(folder, { recursive: true, force: true }))
  const [home, work] = [join(folder, 'home'), join(folder, 'work/deep')]
  await mkdir(work, { recursive: true })
  await mkdir(join(home, '.config/git'), { recursive: true })
  if (files.local !== undefined) {
    await mkdir(join(folder, 'work/.git'))
    await writeFile(join(folder, 'work/.git/config'), files.local)
  }
  if (files.global !== undefined) await writeFile(join(home, '.gitconfig'), files.global)
  if (files.xdg !== undefined) await writeFile(join(home, '.config/git/config'), files.xdg)
  return { folder, work, env: { HOME: home, USER: 'tess' } as Record<string, string> }
}

const systemUser = (): string => 'root'

const user = (name: string): string => `[core]\n\tbare = false\n[user]\n\temail = x@y.z\n\tname = ${name}\n`

test('the actor is who is said, else PIPELINE_ACTOR, else the name that git knows, else the user', async () => {
  const { work, env } = await folders({ global: user('Max Muster') })
  const acting = { ...env, PIPELINE_ACTOR: 'agent:builder-1' }
  expect(whoActs('human:eve', acting, work, systemUser)).toBe('human:eve')
  expect(whoActs(undefined, acting, work, systemUser)).toBe('agent:builder-1')
  expect(whoActs(undefined, { ...env, PIPELINE_ACTOR: '' }, work, systemUser)).toBe('human:Max Muster')
  expect(whoActs(undefined, { ...env, HOME: '/nowhere' }, work, systemUser)).toBe('human:tess')
  expect(whoActs(undefined, { HOME: '/nowhere' }, work, systemUser)).toBe('human:root')
  const nobody = (): never => {
    throw new Error('no entry')
  }
  expect(whoActs(undefined, { HOME: '/nowhere' }, work, nobody)).toBe('human:unknown')
})

test("a repository's own name comes before the user's, and that before the one in .config", async () => {
  const all = await folders({ local: user('Local'), global: user('Global'), xdg: user('Xdg') })
  expect(whoActs(undefined, all.env, all.work, systemUser)).toBe('human:Local')
  const two = await folders({ local: '[core]\n', global: user('Global'), xdg: user('Xdg') })
  expect(whoActs(undefined, two.env, two.work, systemUser)).toBe('human:Global')
  const one = await folders({ xdg: user('Xdg') })
  expect(whoActs(undefined, one.env, one.work, systemUser)).toBe('human:Xdg')
})

test.each([
  ['plain', user('Max Muster')],
  ['in quotes', '[user]\nname = "Max Muster"\n'],
  ['with a comment', '[user]\nname = Max Muster # that is me\n'],
  ['with a comment after quotes', '[user]\nname = "Max; Muster" ; me\n'],
  ['with quotes inside', '[user]\nname = Max \\"M\\" Muster\n'],
  ['twice', '[user]\nname = One\n[core]\nbare = false\n[user]\nname = Two\n'],
  ['in other cases', '[USER]\nNAME = Max\n'],
  ['not in another section', '[user "x"]\nname = Sub\n[user]\nname = Max\n[author]\nname = Other\n'],
  ['with Windows line ends', '[user]\r\nname = Max\r\n'],
])('a name is read as git reads it: %s', async (_, config) => {
  const { folder, work, env } = await folders({ global: config })
  const file = join(folder, 'home/.gitconfig')
  const git = execFileSync('git', ['config', '--file', file, '--get', 'user.name'], { encoding: 'utf8' })
  expect(whoActs(undefined, env, work, systemUser)).toBe(`human:${git.trimEnd()}`)
})

test.each(['max', 'human:', 'robot:x', 'human: x', 'system:monitor', 'human:a\u001bb', 'human:a\nb'])(
  'no actor: %j',
  async (said) => {
    const { work, env } = await folders()
    expect(() => whoActs(said, env, work, systemUser)).toThrow(/not an actor|system:/)
  },
)

test('a name with control characters makes a harmless actor', async () => {
  const { work, env } = await folders()
  expect(whoActs(undefined, { ...env, USER: 'a\u001b[31mb\u0007' }, work, systemUser)).toBe('human:a[31mb')
})

test('the nearest .pipeline upwards is the pipeline; else a new one in the git root, else here', async () => {
  const { folder, work } = await folders({ local: '' })
  const root = join(folder, 'work')
  expect(gitRoot(work)).toBe(root)
  expect(locate(work, undefined)).toMatchObject({
    ...{ url: join(root, '.pipeline/pipeline.db'), root, exists: false },
  })
  await mkdir(join(folder, '.pipeline'))
  await writeFile(join(folder, '.pipeline/pipeline.db'), '')
  expect(locate(work, undefined)).toMatchObject({ root: folder, exists: true })
  const bare = await folders()
  expect(locate(bare.work, undefined)).toMatchObject({ root: bare.work, exists: false })
})

test('a new folder of a pipeline keeps its database out of git; one that was named must be there', async () => {
  const { folder, work } = await folders()
  prepare(locate(work, undefined))
  expect(execFileSync('cat', [join(work, '.pipeline/.gitignore')], { encoding: 'utf8' })).toBe(
    '.gitignore\n*.db\n*.db-*\n',
  )
  expect(() => prepare(locate(work, join(folder, 'no/such/x.db')))).toThrow(/no such folder/)
})

test.each(['mysql://localhost/x', 'http://localhost', 'file:///x.db'])('%s is no database', (url) => {
  expect(() => locate('/', url)).toThrow(/not a database/)
})

test('a URL of PostgreSQL is taken as it is, and commands of checks start here', () => {
  expect(locate('/tmp', 'postgres://u:secret@h/d')).toEqual({
    ...{ url: 'postgres://u:secret@h/d', root: '/tmp', exists: true, given: true },
  })
})
