/** A file that appears under its name whole and on the disk, or not at all, and never over something else. */

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
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
 * @throws TrackerError `unavailable` where nothing can be written; what `work` throws, speaking of `target`
 */
export async function besideWith<T>(target: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = temporaryFolder(dirname(target))
  const file = join(folder, 'pipeline.db')
  try {
    return await work(file)
  } catch (error) {
    throw renamed(error, file, target)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The error speaks of the file that the user named. */
export function renamed(error: unknown, file: string, as: string): unknown {
  if (!(error instanceof TrackerError) || !`${error.message}${error.hint}`.includes(file)) return error
  const hint = error.hint?.replaceAll(file, as)
  return new TrackerError(error.kind, error.message.replaceAll(file, as), {
    ...(hint === undefined ? {} : { hint }),
    failures: error.failures,
    cause: error.cause,
  })
}

function temporaryFolder(parent: string): string {
  if (!existsSync(parent)) {
    throw new TrackerError('unavailable', `there is no folder ${parent}`, {
      hint: 'make it, or name another place',
    })
  }
  try {
    return mkdtempSync(join(parent, '.pipeline-'))
  } catch (cause) {
    throw new TrackerError('unavailable', `can't write in ${parent}: ${(cause as Error).message}`, {
      hint: 'name a folder that you may write to',
      cause,
    })
  }
}

/**
 * @param write gives the text, part by part
 * @throws TrackerError `conflict` when there is something at `target`, `unavailable` (no such folder, disk full)
 */
export async function writeNew<T>(
  target: string,
  write: (add: (text: string) => void) => Promise<T>,
): Promise<T> {
  requireFree(target)
  return besideWith(target, async (part) => {
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
