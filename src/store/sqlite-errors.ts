/** What SQLite's result codes mean to a user. */

import { dirname } from 'node:path'
import { TrackerError } from '../errors.ts'

const BUSY = 5
const PROTOCOL = 15
const IOERR_READ = 266
const IOERR_SHORT_READ = 522

/** SQLite's own fixed texts: @photostructure/sqlite throws errors without a code out of `prepare`, `all` and `get`. */
const texts: [start: string, code: number][] = [
  ['database is locked', BUSY],
  ['database table is locked', 6],
  ['attempt to write a readonly database', 8],
  ['disk I/O error', 10],
  ['database disk image is malformed', 11],
  ['malformed database schema', 11],
  ['database or disk is full', 13],
  ['unable to open database file', 14],
  ['Failed to open database: unable to open database file', 14],
  ['locking protocol', PROTOCOL],
  ['file is not a database', 26],
]

/** Collations, functions and kinds of tables that a program brings along. */
const missing = /^no such (collation sequence|module|function): /

/** The primary result code; 0 for what is no error of SQLite. */
function codeOf(error: unknown): number {
  if (error instanceof TrackerError) return codeOf(error.cause)
  if (!(error instanceof Error)) return 0
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff
  if (/^[A-Z]+( [A-Z]+)? constraint failed/.test(error.message)) return 19
  return texts.find(([start]) => error.message.startsWith(start))?.[1] ?? 0
}

/** Another connection has the lock now; it can be had later. */
export const isBusy = (error: unknown): boolean => [BUSY, PROTOCOL].includes(codeOf(error))
export const isNoDatabase = (error: unknown): boolean => codeOf(error) === 26
/** Its pages are not what they should be, or it is no database at all. */
export const isDamaged = (error: unknown): boolean => [11, 26].includes(codeOf(error))
/** What reading a write-ahead log says where SQLite may not make its index beside it. */
export const isWithoutIndex = (error: unknown): boolean => [8, 14].includes(codeOf(error))

/** Something could not be written: a full disk, or one that fails. What could not be read is no such thing. */
export function isUnwritten(error: unknown): boolean {
  const { errcode } = ((error as Error).cause ?? error) as { errcode?: number }
  return [10, 13].includes(codeOf(error)) && ![IOERR_READ, IOERR_SHORT_READ].includes(errcode ?? 0)
}

/** @returns a TrackerError that says what is wrong with the file at `path`; other errors as they are */
export function explainSqlite(error: unknown, path: string): unknown {
  if (error instanceof TrackerError) return error
  const say = (message: string, hint: string) =>
    new TrackerError('unavailable', `${path} ${message}`, { hint, cause: error })
  if (error instanceof Error && missing.test(error.message)) {
    return say(
      `needs what this SQLite does not have: ${error.message}`,
      'only the program that made it can read all of it; nothing was changed',
    )
  }
  switch (codeOf(error)) {
    case BUSY:
    case 6:
    case PROTOCOL:
      return say('is locked by another process', 'try again; if it stays so, look for a process that hangs')
    case 8:
      return say(
        'is read-only for this user',
        'writing needs permission for the file and for its folder, where SQLite keeps its journal',
      )
    case 10:
      return say('could not be read or written: disk I/O error', `look at the disk of ${dirname(path)}`)
    case 11:
      return say(
        'is damaged',
        `pipeline doctor --db ${path} says what is wrong, as far as it can be read; bring a backup back to a new place: pipeline restore BACKUP --db NEW`,
      )
    case 13:
      return say(
        'could not be written: the disk is full',
        'nothing was stored; free some space and try again',
      )
    case 14:
      return say(
        'cannot be opened',
        `it must be a file in a folder that is there, and that you may read and write`,
      )
    case 19:
      return constraint(error as Error)
    case 26:
      return say(
        'is not a SQLite database, or damaged',
        `pipeline doctor --db ${path} says what is wrong, as far as it can be read; bring a backup back to a new place: pipeline restore BACKUP --db NEW`,
      )
    default:
      return error
  }
}

function constraint(error: Error): TrackerError {
  const kind = /^(UNIQUE|FOREIGN KEY)/.test(error.message) ? 'conflict' : 'invalid'
  return new TrackerError(kind, `the database refused it: ${error.message}`, { cause: error })
}
