/** The command as its users start it: `node tools/db.js pipeline …`, a real process in a folder of its own. */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atEnd, engines } from './engines.ts'

export const project = join(import.meta.dirname, '../..')
export const door = join(project, 'tools/db.js')

export interface Ran {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** `data` of the answer that `--json` printed. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it, the test says
  json(): any
}

export interface RunOptions {
  cwd?: string
  /** Over the environment of the place; undefined takes a variable away. */
  env?: Record<string, string | undefined>
  stdin?: string | Uint8Array
  /** Run as this user; only root may. */
  uid?: number
}

/** Where commands run: nothing of the machine's own environment, git or home gets in. */
export interface Place {
  cwd: string
  env: Record<string, string | undefined>
}

export type Cli = (words: readonly string[], options?: RunOptions) => Promise<Ran>

/** A new folder with a home beside it, for `human:tess`. With `url`, the pipeline there. */
export async function freshPlace(url?: string): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-cli-'))
  atEnd(() => rm(folder, { recursive: true, force: true }))
  const [cwd, home] = [join(folder, 'work'), join(folder, 'home')]
  await Promise.all([mkdir(cwd), mkdir(home)])
  const env = { PATH: process.env.PATH, HOME: home, USER: 'tess', LANG: 'C.UTF-8', TMPDIR: folder }
  return { cwd, env: { ...env, ...(url === undefined ? {} : { PIPELINE_DB: url }) } }
}

/** Both engines, each as a person would use it: SQLite by the folder alone, PostgreSQL by `PIPELINE_DB`. */
export const places = engines.map(({ engine, freshUrl }) => ({
  engine,
  freshPlace: async () => freshPlace(engine === 'sqlite' ? undefined : await freshUrl()),
}))

/** The pipeline that commands in a place use. */
export const urlOf = ({ cwd, env }: Place): string => env.PIPELINE_DB ?? join(cwd, '.pipeline/pipeline.db')

/** `const pipeline = cli(place)`, then `await pipeline(['create', 'A title'])`. */
export const cli =
  (place: Place): Cli =>
  (words, options = {}) =>
    run(place, [process.execPath, door, 'pipeline', ...words], options)

/** The same, for commands that must work: fails with what they said. */
export const sure =
  (place: Place): Cli =>
  async (words, options) => {
    const ran = await cli(place)(words, options)
    return worked(words.join(' '), ran)
  }

/** @throws where it failed, with what it said */
export function worked(line: string, ran: Ran): Ran {
  if (ran.code === 0) return ran
  throw new Error(`${line.slice(0, 200)} ended with ${ran.code ?? ran.signal}:\n${ran.stderr.slice(0, 2000)}`)
}

/** Any program in the environment of a place. */
export async function run(place: Place, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(place, argv, options)
  // A program that never reads its input may be gone before it is written.
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.stdin ?? '')
  return ended(child)
}

function start(place: Place, [program = '', ...args]: readonly string[], options: RunOptions): ChildProcess {
  const { cwd = place.cwd, env = {}, uid } = options
  const spawning: SpawnOptions = { cwd, env: { ...place.env, ...env } as NodeJS.ProcessEnv }
  return spawn(program, args, uid === undefined ? spawning : { ...spawning, uid, gid: uid })
}

function ended(child: ChildProcess): Promise<Ran> {
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  child.stdout?.on('data', (chunk: Buffer) => output.stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => output.stderr.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const stdout = Buffer.concat(output.stdout).toString()
      const stderr = Buffer.concat(output.stderr).toString()
      resolve({ code, signal, stdout, stderr, json: () => JSON.parse(stdout).data })
    })
  })
}

export interface Running {
  child: ChildProcess
  /** Resolves with the match as soon as stdout has it; rejects when the process ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ran>
  ended: Promise<Ran>
}

/** A command that keeps running, `serve` say; killed when the test is over. */
export function running(place: Place, words: readonly string[], options: RunOptions = {}): Running {
  const child = start(place, [process.execPath, door, 'pipeline', ...words], options)
  const end = ended(child)
  atEnd(async () => {
    child.kill('SIGKILL')
    await end
  })
  let stdout = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk))
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(stdout)
        if (found) resolve(found)
      }
      child.stdout?.on('data', look)
      look()
      void end.then((ran) => reject(new Error(`ended without ${pattern}: ${JSON.stringify(ran)}`)))
    })
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<Ran> => {
    child.kill(signal)
    return end
  }
  return { child, said, ended: end, stop }
}
