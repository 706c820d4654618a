/**
 * Which SQLite it is: `node:sqlite` where it is complete, else @photostructure/sqlite, which has the same
 * classes. The only file of the store that looks at the process it runs in.
 */

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TrackerError } from '../errors.ts'

/** The part of `DatabaseSync` that is used. */
export interface Connection {
  readonly isTransaction: boolean
  prepare(text: string): Statement
  exec(text: string): void
  close(): void
}

export type BoundValue = string | number | bigint | null

/** The part of `StatementSync` that is used. With @photostructure/sqlite it does not keep its connection alive. */
export interface Statement {
  all(...values: BoundValue[]): unknown[]
  get(...values: BoundValue[]): unknown
  run(...values: BoundValue[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  setReadBigInts(on: boolean): void
}

interface Driver {
  DatabaseSync: new (location: string, options: { readOnly?: boolean; timeout?: number }) => Connection
}

let loaded: Driver | undefined

/**
 * @param location a path, or a `file:` URI with SQLite's parameters. Foreign keys are enforced; a lock is
 *                 reported at once.
 */
export function connect(location: string, options: { readOnly?: boolean } = {}): Connection {
  loaded ??= builtIn() ?? prebuilt() ?? packaged()
  return new loaded.DatabaseSync(location, { ...options, timeout: 0 })
}

/** `node:sqlite`, which has `timeout` and `isTransaction` since 22.16 and 24.0. */
function builtIn(): Driver | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || major === 23 || (major === 22 && minor < 16)) return undefined
  const { emitWarning } = process
  // Only the one warning, only while the module loads: emitWarning is put back before anything else runs.
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning(warning, ...rest)
  }) as typeof emitWarning
  try {
    return process.getBuiltinModule('node:sqlite') as unknown as Driver | undefined
  } finally {
    process.emitWarning = emitWarning
  }
}

/** The native file of the package, without the package's own search for it: 1 ms against 8. */
function prebuilt(): Driver | undefined {
  if (process.platform === 'linux' && existsSync('/etc/alpine-release')) return undefined
  const file = join(
    'node_modules/@photostructure/sqlite/prebuilds',
    `${process.platform}-${process.arch}`,
    '@photostructure+sqlite.glibc.node',
  )
  for (let folder = dirname(here()); ; folder = dirname(folder)) {
    const path = join(folder, file)
    if (existsSync(path)) return loadNative(path)
    if (folder === dirname(folder)) return undefined
  }
}

function loadNative(path: string): Driver | undefined {
  try {
    // Not `require`: it would look at every folder of the path again.
    const native = { exports: {} as Driver }
    process.dlopen(native, path)
    return native.exports
  } catch (_unfit) {
    // Built for another C library: the package knows what else to try, and says what is wrong if nothing fits.
    return undefined
  }
}

function packaged(): Driver {
  try {
    return createRequire(here())('@photostructure/sqlite')
  } catch (cause) {
    const runtime = `Node ${process.versions.node} on ${process.platform}-${process.arch}`
    throw new TrackerError('unavailable', `no SQLite driver for ${runtime}`, {
      hint: 'use Node 22.16 or newer, which brings its own, or install again: npm install',
      cause,
    })
  }
}

/** This file: as CommonJS in the bundle, as a module in the tests and in the library. */
const here = (): string => (typeof __filename === 'string' ? __filename : fileURLToPath(import.meta.url))
