/** Before the tests: `dist/` as the sources are now. Built once a run, and only when a source is newer. */

import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')
const sources = [
  'src',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.types.json',
  'tsconfig.web.json',
]
/** What a build makes last. */
const products = [
  'dist/bin.cjs',
  'dist/index.mjs',
  'dist/pipeline.cache',
  'dist/web/index.html',
  'dist/types/index.d.ts',
]

export default async function setup(): Promise<void> {
  const made = await Promise.all(products.map((path) => changedMs(path)))
  const written = await Promise.all(sources.map((path) => newestMs(path)))
  if (Math.max(...written) < Math.min(...made)) return
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root })
}

/** 0 for what is not there. */
const changedMs = async (path: string): Promise<number> =>
  (await stat(join(root, path)).catch(() => undefined))?.mtimeMs ?? 0

/** Of a file, or of everything below a folder. */
async function newestMs(path: string): Promise<number> {
  if (!(await stat(join(root, path))).isDirectory()) return changedMs(path)
  const below = await readdir(join(root, path), { recursive: true })
  return Math.max(...(await Promise.all(below.map((name) => changedMs(join(path, name))))))
}
