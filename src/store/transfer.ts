/** A whole pipeline from one database to another: read in one snapshot, written in one transaction, then compared. */

import { createHash, type Hash } from 'node:crypto'
import { type AnyEntity, type Counted, type Kind, kinds } from '../domain/entity.ts'
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

async function* allOf(q: Queries): Source {
  for (const kind of kinds) for await (const rows of readEntities(q, kind)) yield { kind, rows }
}

export interface FillOptions {
  last: Partial<Record<Counted, number>>
  total: number
  progress?: Progress | undefined
}

/**
 * Writes rows into a pipeline without any, and proves that what is there then is what came.
 * @throws TrackerError `conflict` where there are rows already, `invalid` for a row that refers to none,
 *         `internal` when the comparison fails
 */
export async function fill(q: Queries, source: Source, options: FillOptions): Promise<Counts> {
  await requireEmpty(q)
  const hash = createHash('sha256')
  let parents: AnyEntity[] = []
  let last: Kind | undefined
  let done = 0
  for await (const { kind, rows } of source) {
    if (last === 'item' && kind !== 'item') {
      await linkParents(q, parents)
      parents = []
    }
    last = kind
    parents.push(...(await insertEntities(q, kind, rows)))
    addRows(hash, kind, rows)
    done += rows.length
    options.progress?.(done, options.total)
  }
  await linkParents(q, parents)
  await raiseLastIds(q, options.last)
  await rebuildSearch(q)
  if (hash.digest('hex') !== (await digest(q))) {
    throw new TrackerError('internal', 'what was written is not what was read; nothing was kept')
  }
  return countEntities(q)
}

/** @throws TrackerError `conflict` */
export async function requireEmpty(q: Queries): Promise<void> {
  const counts = await countEntities(q)
  if (totalOf(counts) === 0) return
  throw new TrackerError('conflict', `the target is not empty: it has ${counts.item} items`, {
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
}

export async function copyPipeline(
  source: Database,
  target: Database,
  options: CopyOptions,
): Promise<Counts> {
  return source.read(async (from) => {
    const [last, counts] = [await lastIds(from), await countEntities(from)]
    return rehearsed(options.dryRun ?? false, target, async (to) => {
      await lockEntities(to)
      await options.first?.()
      if (options.replace) await clearEntities(to)
      return fill(to, allOf(from), { last, total: totalOf(counts), progress: options.progress })
    })
  })
}
