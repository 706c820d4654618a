/** Where the pipeline is: `--db`, `PIPELINE_DB`, the nearest `.pipeline` upwards, or a new one in the git root. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { TrackerError } from '../../errors.ts'

export interface Location {
  /** A path or a PostgreSQL URL. */
  url: string
  /** The folder that commands of health checks start from. */
  root: string
  /** False where nothing is yet, and only a write makes it. */
  exists: boolean
  /** Said by --db or PIPELINE_DB, not found by looking. */
  given: boolean
}

const file = join('.pipeline', 'pipeline.db')

export function locate(cwd: string, given: string | undefined): Location {
  if (given) return givenLocation(cwd, given)
  const home = upwards(cwd, (folder) => existsSync(join(folder, file)))
  if (home !== undefined) return { url: join(home, file), root: home, exists: true, given: false }
  const root = gitRoot(cwd) ?? cwd
  return { url: join(root, file), root, exists: false, given: false }
}

export const gitRoot = (cwd: string): string | undefined =>
  upwards(cwd, (folder) => existsSync(join(folder, '.git')))

/** A database on a server; its URL may hold a password. */
export const isServer = (url: string): boolean => /^postgres(ql)?:\/\//i.test(url)

function givenLocation(cwd: string, given: string): Location {
  if (isServer(given)) return { url: given, root: cwd, exists: true, given: true }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) {
    throw new TrackerError('invalid', `not a database: ${given.split('://')[0]}://…`, {
      hint: 'give the path of a file, or a postgres:// URL',
    })
  }
  const url = resolve(cwd, given)
  const folder = dirname(url)
  const root = folder.endsWith('.pipeline') ? dirname(folder) : cwd
  return { url, root, exists: existsSync(url), given: true }
}

function upwards(from: string, holds: (folder: string) => boolean): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (holds(folder)) return folder
    if (folder === dirname(folder)) return undefined
  }
}

/**
 * Makes the folder of a new pipeline; the database itself is no business of git's.
 * @throws TrackerError `unavailable`
 */
export function prepare({ url, given }: Location): void {
  if (isServer(url)) return
  const folder = dirname(url)
  try {
    if (given) {
      if (existsSync(folder)) return
      throw new TrackerError('invalid', `can't make a pipeline in ${folder}: no such folder`, {
        hint: 'make it, or choose another place with --db FILE',
      })
    }
    mkdirSync(folder, { recursive: true })
    const ignore = join(folder, '.gitignore')
    if (!existsSync(ignore)) writeFileSync(ignore, '.gitignore\n*.db\n*.db-*\n')
  } catch (error) {
    if (error instanceof TrackerError) throw error
    throw new TrackerError('unavailable', `can't make a pipeline in ${folder}: ${(error as Error).message}`, {
      hint: 'choose another place with --db FILE',
      cause: error,
    })
  }
}
