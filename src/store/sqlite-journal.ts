/** What was committed to a SQLite file and is not in it yet. */

import { statSync } from 'node:fs'

/** Whether there is something in the journal beside a file. */
export const hasJournal = (file: string): boolean =>
  Boolean(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size)
