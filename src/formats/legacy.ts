/**
 * The predecessor's database, versions 2, 2.1 and 3, as plain rows of ours.
 *
 * Formats are pure: rows or text in, rows and a report out. They know neither a database nor a clock. What they
 * can't carry over they say, they don't drop it.
 */

import type { Instant } from '../domain/instant.ts'
import type { LegacyConverter, LegacyFacts, LegacyRow, LegacyStep } from '../domain/legacy-rows.ts'
import { cleanRows } from './legacy-clean.ts'
import { convertHistory, newHistory } from './legacy-history.ts'
import { convertItem, readSource } from './legacy-items.ts'
import { countStrange, type Ledger, leave, leaveStrange, newLedger } from './legacy-ledger.ts'
import { leaveLinks, type Outline, outline, outlineColumns, outlineOf, type Written } from './legacy-links.ts'
import { convertLines, convertNotes, newNotes } from './legacy-notes.ts'
import { addLogged, addNamed, lastOf, leaveLogged, relatedItem } from './legacy-numbers.ts'
import { convertProjects, type Projects } from './legacy-projects.ts'
import type { LegacyReport } from './legacy-shape.ts'
import { convertTasks } from './legacy-tasks.ts'

export type { LegacyReport } from './legacy-shape.ts'

/**
 * Converts a file page by page: of a large one no more is held than what rows say of each other. Total: rows of any
 * values give rows that the store takes.
 * @param now  the instant of the upgrade, for what has no time of its own
 */
export function legacyConverter(facts: LegacyFacts, now: Instant): LegacyConverter<LegacyReport> {
  const ledger = newLedger(now)
  const named = { last: lastOf([facts.sequence]), nameless: 0, bare: 0 }
  const written: Written[] = []
  const projectRows: LegacyRow[] = []
  const projects = once(() => projectsOf(ledger, projectRows, written))
  const items = once(() =>
    outline(written, Math.max(named.last, lastOf(written.map((each) => each.parentId))), projects()),
  )
  const [history, notes] = [newHistory(), newNotes()]
  let converted = 0
  let lastTask: number | undefined

  const step = (table: LegacyStep['table'], take: (rows: LegacyRow[]) => void): LegacyStep => ({
    table,
    take: (rows) => take(cleanRows(ledger, table, rows)),
  })
  const glance = (
    table: LegacyStep['table'],
    columns: string[],
    take: (rows: LegacyRow[]) => void,
  ): LegacyStep => ({ table, columns, take: (rows) => take(cleanRows(newLedger(now), table, rows)) })

  const steps = [
    glance('pipeline', outlineColumns, (rows) => {
      for (const row of rows) written.push(outlineOf(row, now))
    }),
    glance('pipeline_notes', ['pipeline_id'], (rows) => addNamed(named, rows)),
    glance('pipeline_tasks', ['pipeline_id'], (rows) => addNamed(named, rows)),
    glance('activity', ['related_id', 'category', 'action'], (rows) => addLogged(named, rows)),
    step('projects', (rows) => {
      projectRows.push(...rows)
    }),
    {
      table: 'activity' as const,
      take: (rows: LegacyRow[]) => {
        const ofItems = rows.filter((row) => relatedItem(row) !== null)
        convertHistory(ledger, history, cleanRows(ledger, 'activity', ofItems))
      },
    },
    step('pipeline_notes', (rows) => {
      convertNotes(ledger, notes, rows, items())
      countStrange(ledger, 'pipeline_notes', rows)
    }),
    step('pipeline', (rows) => {
      countStrange(ledger, 'pipeline', rows)
      for (const row of rows) convertRow(row, items(), converted++)
    }),
    step('pipeline_tasks', (rows) => {
      countStrange(ledger, 'pipeline_tasks', rows)
      lastTask = convertTasks(ledger, rows, items(), lastTask ?? items().last)
    }),
  ]

  function convertRow(row: LegacyRow, all: Outline, place: number): void {
    const item = all.items[place]!
    leaveLinks(ledger, all, item, row)
    const source = readSource(ledger, row, item.id)
    const { parentId, projectId, id } = item
    const blocker = convertLines(ledger, notes, item, source.notes)
    convertItem(ledger, source, { parentId, projectId, past: history.pasts.get(id), blocker })
  }

  return {
    steps,
    made: () => {
      const { made } = ledger
      ledger.made = []
      return made
    },
    end: () => {
      const first = items().last
      const last = lastTask ?? first
      leaveStrange(ledger)
      leaveLogged(ledger, named)
      for (const { what, name, why } of facts.broken) {
        leave(ledger, { what, id: null, itemId: null, why, text: name })
      }
      const report = {
        from: versionOf(facts.columns.pipeline),
        projects: projects().count,
        items: converted,
        tasks: last - first,
        notes: notes.count,
        entries: history.count,
        ...ledger.report,
      }
      return { lastIds: { item: last, project: projects().last }, report }
    },
  }
}

const projectsOf = (ledger: Ledger, rows: LegacyRow[], items: Written[]): Projects =>
  convertProjects(ledger, rows, lastOf(items.map((each) => each.projectId)))

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function versionOf(columns: readonly string[]): LegacyReport['from'] {
  if (columns.includes('type')) return 'V3'
  return columns.includes('parent_id') ? 'V2.1' : 'V2'
}
