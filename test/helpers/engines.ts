/**
 * The engines, for `describe.each(engines)('… on $engine', ({ freshDatabase, freshUrl }) => …)`. Every call
 * gives a database of its own, which is closed and removed when the test that asked for it is over.
 */

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, inject, onTestFinished } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { type OpenOptions, openDatabase } from '../../src/store/open.ts'

export interface TestEngine {
  engine: Database['engine']
  /** Where nothing is yet; also for real processes (`--db`). */
  freshUrl(): Promise<string>
  /** An empty pipeline, current; with `migrations`, what those make. */
  freshDatabase(options?: Partial<OpenOptions>): Promise<Database>
}

/** The instant at which test databases are made. */
export const madeAt = '2026-01-01T00:00:00.000Z'

export const engines: TestEngine[] = [
  { engine: 'sqlite', freshUrl: freshFile, freshDatabase: (options) => openFresh(freshFile(), options) },
  {
    engine: 'postgres',
    freshUrl: freshSchema,
    freshDatabase: (options) => openFresh(freshSchema(), options),
  },
]

const openFresh = async (url: Promise<string>, options?: Partial<OpenOptions>): Promise<Database> =>
  openTest(await url, options)

/** Open what is there, or make it; closed when the test is over. */
export async function openTest(url: string, options: Partial<OpenOptions> = {}): Promise<Database> {
  const database = await openDatabase(url, { now: madeAt, ...options })
  atEnd(() => database.close())
  return database
}

/** A path in a new folder. */
export async function freshFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-test-'))
  atEnd(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'pipeline.db')
}

async function freshSchema(): Promise<string> {
  const url = new URL(inject('postgresUrl'))
  const schema = `test_${randomBytes(8).toString('hex')}`
  atEnd(() => onServer(`DROP SCHEMA IF EXISTS ${schema} CASCADE`))
  url.searchParams.set('schema', schema)
  return url.href
}

/** Run one statement as the server's owner. */
export async function onServer(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

/** After the test, last asked first done; after the file, for what `beforeAll` asks for. */
export function atEnd(action: () => Promise<unknown>): void {
  try {
    onTestFinished(async () => void (await action()))
  } catch (outside) {
    if (!(outside instanceof Error && /outside|inside a test|must be called/i.test(outside.message)))
      throw outside
    afterAll(async () => void (await action()))
  }
}
