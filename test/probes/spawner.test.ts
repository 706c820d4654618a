/** The spawner as a process: who outlives whom, and what is left then. What it runs programs like: command*.test.ts. */

import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { judge } from '../../src/domain/verdict.ts'
import { commandProbe, createCommandProbe } from '../../src/probes/command.ts'
import type { ProbeContext } from '../../src/probes/probe.ts'
import { createSpawner, type Spawner, type SpawnerOptions } from '../../src/probes/spawner.ts'
import { startScript } from '../helpers/script.ts'
import { spawnerFile } from './doors.ts'
import { contextOf, isGone, planOf, waitUntil } from './plan.ts'

let root: string
let file: SpawnerOptions
const opened: Spawner[] = []

beforeAll(async () => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'throughline-spawner-')))
  file = await spawnerFile()
})

afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function open(options: Partial<SpawnerOptions> = {}) {
  const spawner = createSpawner({ ...file, ...options })
  opened.push(spawner)
  const probe = createCommandProbe({ run: spawner.run })
  const sh = (script: string, fields = {}, context: Partial<ProbeContext> = {}) =>
    probe(planOf({ argv: ['sh', '-c', script], ...fields }), contextOf({ root, ...context }))
  return { ...spawner, sh, pid: async () => Number((await sh('echo $PPID')).stdout) }
}

let files = 0
const newFile = () => path.join(root, `pids-${++files}`)
/** Ignores SIGTERM, as does its child; writes who runs it, itself and the child. */
const stubborn = (to: string) =>
  `trap '' TERM; sleep 1000 & echo $PPID $$ $! > ${to}.part; mv ${to}.part ${to}; wait`

async function pidsIn(name: string): Promise<[spawner: number, program: number, child: number]> {
  await waitUntil(() => existsSync(name))
  const [spawner = 0, program = 0, child = 0] = readFileSync(name, 'utf8').split(' ').map(Number)
  return [spawner, program, child]
}

test('one process runs all programs, and it is not the worker', async () => {
  const { pid } = open()
  const first = await pid()
  expect(first).not.toBe(process.pid)
  expect(await pid()).toBe(first)
})

test('200 at once: each has its own answer', async () => {
  const { sh } = open()
  const seen = await Promise.all(Array.from({ length: 200 }, (_, n) => sh(`echo ${n}; exit ${n}`)))
  expect(seen.map(({ stdout, exitCode }) => [stdout, exitCode])).toEqual(
    Array.from({ length: 200 }, (_, n) => [`${n}\n`, n]),
  )
})

test('a program that prints 1 GB fills neither pipe nor memory', async () => {
  const { sh } = open()
  const seen = await sh('head -c 1000000000 /dev/zero; grep VmHWM /proc/$PPID/status >&2')
  expect(seen).toMatchObject({ exitCode: 0, truncated: true })
  expect(seen.stdout).toHaveLength(64 * 1024)
  expect(Number(/\d+/.exec(seen.stderr ?? '')?.[0])).toBeLessThan(200_000)
})

test('output of every kind of byte comes through the channel as it is', async () => {
  const { sh } = open()
  const printed = `{"ended":1}\n\u2028"\\\u0001é€😀`
  const seen = await sh('printf %s "$A"; printf "\\377" >&2', { env: { A: printed } })
  expect(seen).toMatchObject({ stdout: printed, stderr: '\uFFFD' })
})

test('a worker that is killed leaves nothing running', async () => {
  const names = [newFile(), newFile()]
  const worker = await startScript(
    {
      source: `import { createSpawner } from '../../src/probes/spawner.ts'
      const [path, ...scripts] = process.argv.slice(2)
      const { run } = createSpawner({ path, execPath: process.execPath })
      for (const script of scripts) run({ argv: ['sh', '-c', script], cwd: '/', env: { PATH: process.env.PATH },
        timeoutMs: 60000, signal: undefined, elapsedMs: () => performance.now() })`,
      folder: import.meta.dirname,
    },
    { args: [file.path, ...names.map(stubborn)] },
  )
  const pids = (await Promise.all(names.map(pidsIn))).flat()
  expect(pids.some(isGone)).toBe(false)
  worker.child.kill('SIGKILL')
  await waitUntil(() => pids.every(isGone))
})

test('a spawner that is killed: unknown, never down; its programs are killed, and the next check has a new one', async () => {
  const { sh, pid } = open()
  const name = newFile()
  const attempt = sh(stubborn(name))
  const [spawner, ...programs] = await pidsIn(name)
  process.kill(spawner, 'SIGKILL')
  const seen = await attempt
  expect(seen.fault).toMatchObject({ code: 'spawner-ended', of: 'runner' })
  expect(judge(planOf({}), seen).result).toBe('unknown')
  await waitUntil(() => programs.every(isGone))
  const next = await pid()
  expect([spawner, process.pid, 0]).not.toContain(next)
})

test('a spawner that hangs is killed after the time of the run: unknown', async () => {
  const { sh, pid } = open({ answerMs: 100 })
  const spawner = await pid()
  process.kill(spawner, 'SIGSTOP')
  const seen = await sh('true', { timeoutMs: 100 })
  expect(seen.fault).toMatchObject({ code: 'spawner-ended', of: 'runner' })
  await waitUntil(() => isGone(spawner))
  expect((await sh('exit 3')).exitCode).toBe(3)
})

test('a worker that stops does not wait for a spawner that hangs', async () => {
  const { run, pid } = open({ answerMs: 100 })
  const spawner = await pid()
  process.kill(spawner, 'SIGSTOP')
  const stop = new AbortController()
  const elapsedMs = () => performance.now()
  const attempt = run({
    argv: ['true'],
    cwd: root,
    env: {},
    timeoutMs: 60_000,
    signal: stop.signal,
    elapsedMs,
  })
  stop.abort()
  expect((await attempt).fault?.of).toBe('runner')
  await waitUntil(() => isGone(spawner))
})

test('signals for the whole service are left to the worker', async () => {
  const { sh, pid } = open()
  const spawner = await pid()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(spawner, signal)
  expect((await sh('echo $PPID')).stdout).toBe(`${spawner}\n`)
})

test('closing kills what is under way, told as stopped; after that nothing is run', async () => {
  const { sh, close } = open()
  const name = newFile()
  const attempt = sh(stubborn(name))
  const pids = await pidsIn(name)
  await close()
  expect((await attempt).fault?.code).toBe('stopped')
  await waitUntil(() => pids.every(isGone))
  expect((await sh(`touch ${root}/after`)).fault?.code).toBe('stopped')
  expect(existsSync(path.join(root, 'after'))).toBe(false)
})

test('closing before anything was run, twice, and while the spawner starts', async () => {
  const { sh, close } = open()
  const attempt = sh('true')
  await Promise.all([close(), close(), open().close()])
  expect((await attempt).fault?.code).toBe('stopped')
})

test('an idle spawner is let go of, and the next check has a new one', async () => {
  const { pid } = open({ idleMs: 1 })
  const first = await pid()
  await waitUntil(() => isGone(first))
  expect([first, process.pid, 0]).not.toContain(await pid())
})

test('it does not keep a worker alive that has nothing else to do, and ends with it', async () => {
  const worker = await startScript(
    {
      source: `import { createSpawner } from '../../src/probes/spawner.ts'
      const { run } = createSpawner({ path: process.argv[2], execPath: process.execPath })
      run({ argv: ['sh', '-c', 'echo $PPID'], cwd: '/', env: { PATH: process.env.PATH }, timeoutMs: 60000,
        signal: undefined, elapsedMs: () => performance.now() }).then(({ stdout }) => console.log(stdout.text))`,
      folder: import.meta.dirname,
    },
    { args: [file.path] },
  )
  const { code, stdout } = await worker.ended
  expect(code).toBe(0)
  expect(Number(stdout)).toBeGreaterThan(1)
  await waitUntil(() => isGone(Number(stdout)))
})

test.each([
  ['no Node', { execPath: '/no/such/node' }],
  ['no bundle', { path: '/no/such/spawner.cjs' }],
  ['no bundle in a folder that is there', { path: path.join(tmpdir(), 'no-spawner.cjs') }],
  ['a path that no system takes', { path: '/tmp/a\0b' }],
])('%s: programs are run by the worker itself', async (_, options) => {
  const { sh } = open(options)
  const seen = await Promise.all([sh('echo $PPID'), sh('echo $PPID')])
  expect(seen.map(({ stdout }) => Number(stdout))).toEqual([process.pid, process.pid])
  expect((await sh('exit 4')).exitCode).toBe(4)
})

test('the spawner holds no environment and no file of its worker, and programs get no handle of the channel', async () => {
  const { sh } = open()
  const seen = await sh(`tr '\\0' '\\n' < /proc/$PPID/environ; ls -l /proc/$PPID/fd >&2`)
  expect((seen.stdout ?? '').replace(/NODE_CHANNEL_\w+=\w+\n/g, '')).toBe('')
  expect(seen.stderr).toContain('socket:')
  expect(seen.stderr).not.toContain(process.cwd())
  const handles = planOf({ argv: ['sh', '-c', 'ls /proc/$$/fd'] })
  expect((await sh('ls /proc/$$/fd')).stdout).toBe((await commandProbe(handles, contextOf({ root }))).stdout)
})
