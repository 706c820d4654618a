/** Runs TypeScript as a process of its own, as the product does: bundled by esbuild into one CommonJS file. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'

/** Inside the project, so that what stays outside the bundle is found. */
const folder = join(import.meta.dirname, '../../node_modules/.cache/throughline-test')

export interface ScriptOptions {
  args?: string[]
  /** Of Node itself: `--expose-gc`. */
  nodeArgs?: string[]
  env?: Record<string, string>
  /** Run as this user; only root may. */
  uid?: number
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcess
  /** The next line of stdout; rejects when the script ends without one. */
  line(): Promise<string>
  ended: Promise<Ended>
}

const bundles = new Map<string, Promise<string>>()

/**
 * @param entry  the file, or text with `folder` as the place that its imports start from
 * @returns the path of the bundle
 */
export function bundleScript(entry: string | { source: string; folder: string }): Promise<string> {
  const key = typeof entry === 'string' ? entry : `${entry.folder}\n${entry.source}`
  const known = bundles.get(key) ?? bundle(entry)
  bundles.set(key, known)
  return known
}

async function bundle(entry: string | { source: string; folder: string }): Promise<string> {
  const input =
    typeof entry === 'string'
      ? { entryPoints: [entry] }
      : { stdin: { contents: entry.source, resolveDir: entry.folder, loader: 'ts' as const } }
  const { outputFiles } = await build({
    ...input,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['@photostructure/sqlite', 'pg-native'],
    define: { 'import.meta.url': '""' },
    write: false,
    logLevel: 'error',
  })
  const { contents } = outputFiles[0]!
  const path = join(folder, `${createHash('sha256').update(contents).digest('hex').slice(0, 24)}.cjs`)
  await mkdir(folder, { recursive: true })
  // Two test files may bundle the same script at once: nobody sees half a file.
  const part = `${path}.${process.pid}`
  await writeFile(part, contents)
  await rename(part, path)
  return path
}

/** Start and leave running: to be talked with over stdin and stdout. */
export async function startScript(
  entry: Parameters<typeof bundleScript>[0],
  { args = [], nodeArgs = [], env = {}, uid }: ScriptOptions = {},
): Promise<Running> {
  const path = await bundleScript(entry)
  const child = spawn(process.execPath, [...nodeArgs, path, ...args], {
    env: { ...process.env, ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => {
    output.stdout += text
  })
  child.stderr.on('data', (text) => {
    output.stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...output }))
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the script ended: ${JSON.stringify(await ended)}`)
    return value
  }
  return { child, line, ended }
}

/** Run to the end. */
export async function runScript(
  entry: Parameters<typeof bundleScript>[0],
  options?: ScriptOptions,
): Promise<Ended> {
  const { child, ended } = await startScript(entry, options)
  child.stdin?.end()
  return ended
}
