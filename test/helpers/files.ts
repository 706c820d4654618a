/** What a face hands to operations on whole databases and files: real files, in a folder that the test gives. */

import { mkdirSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Files } from '../../src/ops/operation.ts'
import type { Database } from '../../src/store/database.ts'
import { openDatabase } from '../../src/store/open.ts'
import { atEnd, madeAt } from './engines.ts'
import { environmentOf } from './environment.ts'

export interface TestFiles extends Files {
  /** What went to standard output. */
  printed(): string
}

export interface FilesOptions {
  /** Where the pipeline is, or would be. */
  location?: Files['location']
  stdin?: string
  progress?: Files['progress']
}

export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-files-'))
  atEnd(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export function filesIn(folder: string, options: FilesOptions = {}): TestFiles {
  const printed: string[] = []
  const { location = { url: join(folder, 'none.db'), exists: false }, stdin = '', progress } = options
  return {
    location,
    prepare: () => void mkdirSync(dirname(location.url), { recursive: true }),
    open: (url, create) => openDatabase(url, { now: madeAt, create }),
    resolve: (path) => (path.startsWith('postgres:') ? path : resolve(folder, path)),
    read: async (path) => (path === '-' ? stdin : readFile(resolve(folder, path), 'utf8')),
    write: (text) => printed.push(text),
    ...(progress ? { progress } : {}),
    printed: () => printed.join(''),
  }
}

/** The names of all that stands in a folder. */
export const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).toSorted()

/** The whole pipeline as its export. */
export async function exported(database: Database): Promise<string> {
  const files = filesIn('/')
  await environmentOf(database, { files }).ask('database.export', {})
  return files.printed()
}

/** @returns what the import answers */
export const imported = (database: Database, text: string) =>
  environmentOf(database, { files: filesIn('/', { stdin: text }) }).answer('database.import', { file: '-' })
