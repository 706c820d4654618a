/** A file that appears under its name whole and on the disk, or not at all, and never over something else. */

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { TrackerError } from '../errors.ts'

/** @throws TrackerError `conflict` */
export function requireFree(target: string): void {
  if (!isThere(target)) return
  throw new TrackerError('conflict', `there is something at ${target} already`, {
    hint: 'choose another name; nothing is overwritten',
  })
}

/** A link that leads nowhere is something too. */
export const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/**
 * A name in a folder of its own beside `target`, that is gone afterwards with whatever stands there.
 * @throws TrackerError `invalid` without the folder, `unavailable` where nothing can be written; what `work` throws, speaking of `target`
 */
export async function besideWith<T>(target: string, work: (file: string) => Promise<T>): Promise<T> {
  const { file, remove } = partBeside(target)
  try {
    return await work(file)
  } catch (error) {
    throw renamed(error, file, target)
  } finally {
    remove()
  }
}

/**
 * The same for as long as it is wanted.
 * @throws TrackerError as `besideWith`
 */
export function partBeside(target: string): { file: string; remove(): void } {
  begun()
  const folder = temporaryFolder(dirname(target))
  unfinished.add(folder)
  return {
    file: join(folder, partName),
    remove() {
      rmSync(folder, { recursive: true, force: true })
      unfinished.delete(folder)
    },
  }
}

const partName = 'pipeline.db'

/** Folders in which something is made now. */
const unfinished = new Set<string>()

/** Takes away what is half-made, when the process is told to end. */
export function removeUnfinished(): void {
  for (const folder of unfinished) rmSync(folder, { recursive: true, force: true })
}

let begun = (): void => undefined

/** @param listener told whenever something is begun that `removeUnfinished` may have to take away */
export function whenBegun(listener: () => void): void {
  begun = listener
}

/** Lets the process see a signal: work on files alone never waits for anything. */
export const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const dayMs = 86_400_000

/** What a killed process left a day ago or more, and is certainly ours. */
function removeLeft(folder: string, nowMs: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    try {
      if (isOurs(path) && nowMs - lstatSync(path).mtimeMs > dayMs)
        rmSync(path, { recursive: true, force: true })
    } catch {
      // Somebody else's, or gone already.
    }
  }
}

/** A folder of that name with nothing but parts in it. */
const isOurs = (path: string): boolean =>
  /^\.pipeline-[A-Za-z0-9]{6}$/.test(basename(path)) &&
  lstatSync(path).isDirectory() &&
  readdirSync(path).every(
    (name) => /^pipeline\.db(-wal|-shm|-journal)?$/.test(name) || isOurs(join(path, name)),
  )

/** The error speaks of the file that the user named. */
export function renamed(error: unknown, file: string, as: string): unknown {
  if (!(error instanceof TrackerError) || !`${error.message}${error.hint}`.includes(dirname(file)))
    return error
  const spoken = (text: string): string => text.replaceAll(file, as).replaceAll(dirname(file), dirname(as))
  const hint = error.hint === undefined ? undefined : spoken(error.hint)
  return new TrackerError(error.kind, spoken(error.message), {
    ...(hint === undefined ? {} : { hint }),
    failures: error.failures,
    cause: error.cause,
  })
}

function temporaryFolder(parent: string): string {
  if (!existsSync(parent)) {
    throw new TrackerError('invalid', `there is no folder ${parent}`, {
      hint: 'make it, or name another place',
    })
  }
  try {
    const made = mkdtempSync(join(parent, '.pipeline-'))
    removeLeft(parent, lstatSync(made).mtimeMs)
    return made
  } catch (cause) {
    throw new TrackerError('unavailable', `can't write in ${parent}: ${(cause as Error).message}`, {
      hint: 'name a folder that you may write to',
      cause,
    })
  }
}

/**
 * @param write gives the text, part by part
 * @param mode  of the file; by default what new files have here
 * @throws TrackerError `conflict` when there is something at `target`, `invalid` (no such folder), `unavailable`
 */
export async function writeNew<T>(
  target: string,
  write: (add: (text: string) => void) => Promise<T>,
  mode = 0o666,
): Promise<T> {
  requireFree(target)
  return besideWith(target, async (part) => {
    onDisk(target, () => writeFileSync(part, '', { mode }))
    const outcome = await write((text) => onDisk(target, () => writeFileSync(part, text, { flag: 'a' })))
    onDisk(target, () => place(part, target))
    return outcome
  })
}

function onDisk(target: string, action: () => void): void {
  try {
    action()
  } catch (cause) {
    if (cause instanceof TrackerError) throw cause
    throw new TrackerError('unavailable', `${target} could not be written: ${(cause as Error).message}`, {
      hint: 'nothing stands there now; look at the disk, or name another place',
      cause,
    })
  }
}

/**
 * Gives a finished file its name. Never over something that has come there meanwhile, where the file system can tell.
 * @throws TrackerError `conflict`
 */
export function place(part: string, target: string): void {
  flush(part, 'r+')
  try {
    linkSync(part, target)
  } catch {
    // It is taken, or there are no links here.
    requireFree(target)
    renameSync(part, target)
  }
  try {
    flush(dirname(target), 'r')
  } catch {
    // Not every system opens a folder; the file itself is on the disk.
  }
}

function flush(path: string, flags: 'r' | 'r+'): void {
  const descriptor = openSync(path, flags)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
