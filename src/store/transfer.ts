/** A whole pipeline from one database to another: read in one snapshot, written in one transaction, then compared. */

import { createHash, type Hash } from 'node:crypto'
import { type AnyEntity, type Counted, type Kind, kinds } from '../domain/entity.ts'
import { count } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import type { Database, Queries } from './database.ts'
import {
  clearEntities,
  countEntities,
  insertEntities,
  lastIds,
  linkParents,
  lockEntities,
  raiseLastIds,
  readEntities,
} from './entities.ts'
import { type Changes, type Reading, readLegal } from './legal-rows.ts'
import { breath } from './new-file.ts'
import { rehearsed } from './rehearsal.ts'
import { rebuildSearch } from './search.ts'

export type Counts = Record<Kind, number>

/** Told now and then how many rows of how many are through. */
export type Progress = (done: number, total: number) => void

export const totalOf = (counts: Counts): number => kinds.reduce((sum, kind) => sum + counts[kind], 0)

/** SHA-256 over every row of every kind, in their order. */
export async function digest(q: Queries): Promise<string> {
  const hash = createHash('sha256')
  for (const kind of kinds) for await (const rows of readEntities(q, kind)) addRows(hash, kind, rows)
  return hash.digest('hex')
}

function addRows(hash: Hash, kind: Kind, rows: readonly AnyEntity[]): void {
  hash.update(rows.map((row) => `${kind} ${JSON.stringify(row)}\n`).join(''))
}

/** Rows, a kind after the other. */
export type Source = AsyncIterable<{ kind: Kind; rows: AnyEntity[] }>

async function* allOf(reading: Reading): Source {
  for (const kind of kinds) for await (const rows of reading.rows(kind)) yield { kind, rows }
}

export interface FillOptions {
  last: Partial<Record<Counted, number>>
  total: number
  progress?: Progress | undefined
  /** It will be rolled back, which a sequence of PostgreSQL is not: the next ids stay. */
  dryRun?: boolean
}

/**
 * Writes rows into a pipeline without any, and proves that what is there then is what came.
 * @throws TrackerError `conflict` where there are rows already, or one refers to none; `internal` when the comparison
 *         fails
 */
export async function fill(q: Queries, source: Source, options: FillOptions): Promise<Counts> {
  await lockEntities(q)
  await requireEmpty(q)
  const written = await insertAll(q, source, options)
  await rebuildSearch(q)
  if (written !== (await digest(q))) {
    throw new TrackerError('internal', 'what was written is not what was read; nothing was kept')
  }
  if (!options.dryRun) await raiseLastIds(q, options.last)
  return countEntities(q)
}

/** @returns the digest of what came */
async function insertAll(q: Queries, source: Source, { progress, total }: FillOptions): Promise<string> {
  const hash = createHash('sha256')
  let parents: AnyEntity[] = []
  let last: Kind | undefined
  let done = 0
  try {
    for await (const { kind, rows } of source) {
      if (last === 'item' && kind !== 'item') {
        await linkParents(q, parents)
        parents = []
      }
      last = kind
      parents.push(...(await insertEntities(q, kind, rows)))
      addRows(hash, kind, rows)
      done += rows.length
      progress?.(done, total)
      await breath()
    }
    await linkParents(q, parents)
  } finally {
    // Whoever shows it takes it away, also before an error is told.
    progress?.(total, total)
  }
  return hash.digest('hex')
}

/** @throws TrackerError `conflict` */
export async function requireEmpty(q: Queries): Promise<void> {
  const counts = await countEntities(q)
  if (totalOf(counts) === 0) return
  const held = `${count(counts.item, 'item')} and ${count(counts.entry, 'log entry', 'log entries')}`
  throw new TrackerError('conflict', `the target is not empty: it has ${held}`, {
    hint: 'choose another place; what is there is never mixed with something else',
  })
}

export interface CopyOptions {
  /** Take away what is in the target first, in the same transaction. */
  replace?: boolean
  /** Done before that, while nobody else can write to the target any more. */
  first?: (() => Promise<unknown>) | undefined
  /** Do it all, then roll it back. */
  dryRun?: boolean
  progress?: Progress | undefined
  /** Told in the end of what could not come as it is. */
  changed?: ((changes: Changes) => void) | undefined
}

/** @throws TrackerError as `fill` and `readLegal` */
export async function copyPipeline(
  source: Database,
  target: Database,
  options: CopyOptions,
): Promise<Counts> {
  const { dryRun = false, progress } = options
  return source.read(async (from) => {
    const last = await lastIds(from)
    const reading = await readLegal(from, { words: false })
    const work = async (to: Queries): Promise<Counts> => {
      await lockEntities(to)
      await options.first?.()
      if (options.replace) await clearEntities(to)
      // PostgreSQL may do the transaction again: what is told is of the last time.
      Object.assign(reading.changes, { count: 0, shown: [] })
      return fill(to, allOf(reading), { last, total: totalOf(reading.counts), progress, dryRun })
    }
    const counts = await rehearsed(dryRun, target, work)
    options.changed?.(reading.changes)
    return counts
  })
}
