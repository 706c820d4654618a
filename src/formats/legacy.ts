/**
 * The predecessor's database, versions 2, 2.1 and 3, as plain rows of ours.
 *
 * Formats are pure: rows or text in, a batch and a report out. They know neither a database nor a clock. What they
 * can't carry over they say, they don't drop it.
 */

import type { Entity } from '../domain/entity.ts'
import type { Instant } from '../domain/instant.ts'
import { cleanTables } from './legacy-clean.ts'
import { convertHistory } from './legacy-history.ts'
import { convertItem, readSource } from './legacy-items.ts'
import { leaveColumns, newLedger, numberedEntries } from './legacy-ledger.ts'
import { readParents, readProjects } from './legacy-links.ts'
import { convertNotes } from './legacy-notes.ts'
import { lastOf, namedItems, number } from './legacy-numbers.ts'
import { convertProjects } from './legacy-projects.ts'
import type { LegacyConversion, LegacyReport, LegacyTables } from './legacy-shape.ts'
import { convertTasks } from './legacy-tasks.ts'

export type {
  Left,
  LegacyConversion,
  LegacyReport,
  LegacyRow,
  LegacyTables,
  StageMoved,
} from './legacy-shape.ts'

/**
 * Converts a whole file. Total: rows of any values give a batch that the store takes.
 * @param given  rows in the order of their ids
 * @param now    the instant of the upgrade, for what has no time of its own
 * @returns      the batch, sorted by its keys; the ids to count on from; what was moved and what was left
 */
export function convertLegacy(given: LegacyTables, now: Instant): LegacyConversion {
  const ledger = newLedger(now)
  const tables = cleanTables(ledger, given)
  const projects = convertProjects(ledger, tables)
  const numbering = number(ledger, tables.pipeline, 'pipeline', lastOf(namedItems(tables)))
  const { idOf } = numbering
  const sources = new Map(numbering.rows.map((each) => [each.id, readSource(ledger, each)]))
  const parents = readParents(ledger, numbering)
  const projectIds = readProjects(ledger, numbering, projects)
  const history = convertHistory(ledger, tables.activity)
  const notes = convertNotes(ledger, tables.notes, sources, idOf)

  const items = new Map<number, Entity<'item'>>()
  for (const [id, source] of sources) {
    const around = {
      parentId: parents.get(id) ?? null,
      projectId: projectIds.get(id) ?? null,
      past: history.of(id),
      blocker: notes.blockerOf(id),
    }
    items.set(id, convertItem(ledger, source, around))
  }
  const tasks = convertTasks(ledger, tables.tasks, (was) => items.get(idOf(was) ?? 0), numbering.last)
  leaveUnknown(ledger, tables)

  const { batch, report } = ledger
  batch.entry = numberedEntries(ledger)
  return {
    batch,
    lastIds: { item: numbering.last + tasks, project: projects.last },
    report: {
      from: versionOf(tables.columns),
      projects: batch.project.length,
      items: items.size,
      tasks,
      notes: notes.count,
      entries: history.count,
      ...report,
    },
  }
}

function versionOf(columns: string[]): LegacyReport['from'] {
  if (columns.includes('type')) return 'V3'
  return columns.includes('parent_id') ? 'V2.1' : 'V2'
}

/** The tables that are replaced, and so their columns with them. */
function leaveUnknown(ledger: ReturnType<typeof newLedger>, tables: LegacyTables): void {
  const why = 'there is no such field here; the backup keeps it'
  leaveColumns(ledger, 'pipeline', tables.pipeline, why, tables.columns)
  leaveColumns(ledger, 'pipeline_notes', tables.notes, why)
  leaveColumns(ledger, 'pipeline_tasks', tables.tasks, why)
}
