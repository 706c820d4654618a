/** What every change of an item goes through: find it, lock it, compare and set, log it. */

import type { Item } from '../domain/item.ts'
import { nearest } from '../domain/nearest.ts'
import { isOnPath } from '../domain/stage.ts'
import { TrackerError } from '../errors.ts'
import { appendEntry, hasEntries, type NewEntry } from '../store/activity.ts'
import type { Queries } from '../store/database.ts'
import { findItem, type ItemChanges, lockItem, updateItem } from '../store/items.ts'
import { findProject, listProjects } from '../store/projects.ts'
import type { Context } from './operation.ts'

/** @throws TrackerError `not-found` */
export async function requireItem(q: Queries, id: number, what = 'item', find = findItem): Promise<Item> {
  const item = await find(q, id)
  return item ?? missing(q, id, what)
}

async function missing(q: Queries, id: number, what: string): Promise<never> {
  const deleted = await hasEntries(q, id)
  throw new TrackerError('not-found', `there is no ${what} #${id}${deleted ? ' (it was deleted)' : ''}`, {
    hint: deleted ? `its history is kept: pipeline log --item ${id}` : 'see what there is: pipeline list',
  })
}

/**
 * @param ifMatch the version that the caller has seen
 * @throws TrackerError `not-found`; `conflict` when the item has moved on from `ifMatch`
 */
export async function lockForChange(q: Queries, id: number, ifMatch?: number): Promise<Item> {
  const item = (await lockItem(q, id)) ?? (await missing(q, id, 'item'))
  if (ifMatch !== undefined && ifMatch !== item.version) {
    throw new TrackerError(
      'conflict',
      `#${id} is at version ${item.version}, not ${ifMatch}: somebody changed it`,
      {
        hint: `read it again: pipeline show ${id}`,
        failures: [{ field: 'ifMatch', message: `the item is at version ${item.version}` }],
      },
    )
  }
  return item
}

/** An entry of the log by whoever acts now. */
export const entryOf = (
  { now, actor, source }: Pick<Context, 'now' | 'actor' | 'source'>,
  itemId: number | null,
  action: string,
  more: Pick<NewEntry, 'detail' | 'note' | 'noteType'> = {},
): NewEntry => ({ at: now, itemId, actor, source, action, ...more })

export const log = (
  context: Context,
  itemId: number | null,
  action: string,
  more: Pick<NewEntry, 'detail' | 'note' | 'noteType'> = {},
): Promise<number> => appendEntry(context.q, entryOf(context, itemId, action, more))

/**
 * Stores the changes and their entry in the log.
 * @returns the item as it is now
 * @throws  TrackerError `conflict` when somebody else changed it since it was read
 */
export async function store(context: Context, item: Item, changes: ItemChanges): Promise<Item> {
  const stored = await updateItem(context.q, item.id, item.version, changes, context.now)
  if (!stored) {
    throw new TrackerError('conflict', `#${item.id} was changed by somebody else just now`, {
      hint: `read it again: pipeline show ${item.id}`,
    })
  }
  const now = { ...item, ...changes, version: item.version + 1, updatedAt: context.now }
  return { ...now, skipped: now.skipped.filter((stage) => isOnPath(now.type, stage)) }
}

/** @throws TrackerError `not-found`, with the nearest name */
export async function requireProject(q: Queries, name: string): Promise<number> {
  const project = await findProject(q, name)
  if (project) return project.id
  const names = (await listProjects(q)).map((each) => each.name)
  const guess = nearest(name, names)
  throw new TrackerError('not-found', `there is no project ${JSON.stringify(name)}`, {
    hint: guess
      ? `did you mean ${JSON.stringify(guess)}?`
      : `make it: pipeline project create ${quoted(name)}`,
  })
}

/** The same for a field that may also say: none. */
export const projectIdOf = async (q: Queries, name: string | null): Promise<number | null> =>
  name === null ? null : requireProject(q, name)

/** A word as a POSIX shell takes it literally. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
