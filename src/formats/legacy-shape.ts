/** What goes into a conversion of the predecessor's database, and what is said of it. */

import type { ItemType, Stage } from '../domain/stage.ts'

/**
 * What could not be carried over as it was.
 * - `note`, `task`  a row of an item that is gone
 * - `project`       one that is gone, or that shares its name with another
 * - `parent`        one that is gone, or that closed a circle
 * - `item`          an id that no item can have here
 * - `health-check`  one that can't be read
 * - `column`        a column that has no place here
 * - `text`          a word, a text or a number that was changed
 * - `time`          a time that can't be read
 * - `activity`      rows of the log of which nothing says what they are about
 * - `trigger`, `view`  of another program, that names what is gone
 */
export interface Left {
  what:
    | 'note'
    | 'task'
    | 'project'
    | 'parent'
    | 'item'
    | 'health-check'
    | 'column'
    | 'text'
    | 'time'
    | 'activity'
    | 'trigger'
    | 'view'
  /** Of the note, task, project, parent or activity itself. */
  id: number | null
  itemId: number | null
  why: string
  /** At most 200 characters. */
  text: string
}

/** An item whose stage is not what its word plainly means. */
export interface StageMoved {
  id: number
  title: string
  type: ItemType
  /** As the predecessor wrote it. */
  from: string | null
  to: Stage
  why: string
}

export interface LegacyReport {
  from: 'V2' | 'V2.1' | 'V3'
  projects: number
  /** Rows of `pipeline`. */
  items: number
  /** Rows of `pipeline_tasks` that became items. */
  tasks: number
  /** Notes of `pipeline_notes` and of the column `notes`; what stood in both counts once. */
  notes: number
  /** Rows of `activity` about items. */
  entries: number
  moved: StageMoved[]
  left: Left[]
  /** Ids of live items whose check does not run until it is approved. */
  unapproved: number[]
}
