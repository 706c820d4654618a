/** A planned window of maintenance as the outside sees it. */

import * as z from 'zod/mini'
import { formatDuration } from '../domain/duration.ts'
import { type Instant, toInstant, toMs } from '../domain/instant.ts'
import { columns, fit, oneLine, pad, wrap } from '../domain/text.ts'
import type { MaintenanceRow } from '../store/maintenance.ts'
import { minute, type Style, soon } from './style.ts'

const shape = () => ({
  id: z.number(),
  itemId: z.nullable(z.number()),
  itemTitle: z.nullable(z.string()),
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  cron: z.nullable(z.string()),
  timezone: z.nullable(z.string()),
  durationMs: z.nullable(z.number()),
  activeUntil: z.nullable(z.string()),
  next: z.nullable(z.string()),
  note: z.nullable(z.string()),
  createdBy: z.string(),
  createdAt: z.string(),
})

export const maintenanceWindow = () => z.strictObject(shape())

export const maintenanceWindowWith = <T extends Record<string, z.ZodMiniType>>(more: T) =>
  z.strictObject({ ...shape(), ...more })

export type MaintenanceView = z.output<ReturnType<typeof maintenanceWindow>>

/** @param title of its item */
export async function viewOf(
  row: MaintenanceRow,
  title: string | null,
  now: Instant,
): Promise<MaintenanceView> {
  const { window } = row
  const endMs = endOf(row)
  return {
    id: row.id,
    itemId: row.itemId,
    itemTitle: title,
    from: window?.kind === 'window' ? toInstant(window.fromMs) : null,
    to: endMs === null ? null : toInstant(endMs),
    cron: window?.kind === 'cron' ? window.expression : null,
    timezone: window?.kind === 'cron' ? window.timezone : null,
    durationMs: window?.kind === 'cron' ? window.durationMs : null,
    ...(await timesOf(row, toMs(now))),
    note: row.note,
    createdBy: row.createdBy,
    createdAt: toInstant(row.createdMs),
  }
}

/** When it is over, in milliseconds; null: it comes again and again. */
export const endOf = ({ window, endedMs }: Pick<MaintenanceRow, 'window' | 'endedMs'>): number | null =>
  window?.kind === 'window' ? window.toMs : endedMs

/** Until when it lasts that is going on, and when the next one begins. */
async function timesOf(
  { window, endedMs }: MaintenanceRow,
  nowMs: number,
): Promise<Pick<MaintenanceView, 'activeUntil' | 'next'>> {
  const [{ isLegible }, { maintenanceEnd }, { nextCron }] = await Promise.all([
    import('./maintenance-windows.ts'),
    import('../domain/maintenance.ts'),
    import('../domain/cron.ts'),
  ])
  if (window === null || !isLegible(window) || (endedMs !== null && endedMs <= nowMs))
    return { activeUntil: null, next: null }
  const endMs = maintenanceEnd([window], nowMs)
  const nextMs = window.kind === 'cron' ? nextCron(window.expression, window.timezone, nowMs) : window.fromMs
  const ahead = nextMs !== undefined && nextMs > nowMs
  return {
    activeUntil: endMs === undefined ? null : toInstant(endMs),
    next: ahead ? toInstant(nextMs) : null,
  }
}

/** Columns of the time at the most: a cron expression may be long. */
const whenMax = 40
/** Columns that are left for whom it concerns. */
const whomMin = 10

/** `3  planned  2026-03-01 22:00 to 2026-03-02 04:00  every item`, the notes below, columns below each other. */
export function maintenanceLines(views: readonly MaintenanceView[], style: Style): string {
  const widest = (texts: string[]): number => Math.max(...texts.map(columns))
  const idWidth = widest(views.map(({ id }) => String(id)))
  const standWidth = widest(views.map((view) => standText(view, style)))
  const most = Math.max(whomMin, Math.min(whenMax, style.width - idWidth - standWidth - whomMin - 6))
  const rows = views.map((view) => ({
    view,
    id: String(view.id),
    stand: standText(view, style),
    when: fit(whenText(view), most),
  }))
  const whenWidth = widest(rows.map(({ when }) => when))
  const indent = ' '.repeat(idWidth + 2)
  const free = Math.max(whomMin, style.width - idWidth - standWidth - whenWidth - 6)
  return rows
    .flatMap(({ view, id, stand, when }) => {
      const paint = view.activeUntil === null ? style.dim : style.yellow
      const whom = view.itemId === null ? 'every item' : `#${view.itemId} ${oneLine(view.itemTitle ?? '')}`
      const head = `${style.bold(id.padStart(idWidth))}  ${paint(pad(stand, standWidth))}`
      const notes = view.note ? wrap(oneLine(view.note), style.width - indent.length) : []
      return [
        `${head}  ${pad(when, whenWidth)}  ${fit(whom, free)}`,
        ...notes.map((note) => style.dim(`${indent}${note}`)),
      ]
    })
    .join('\n')
}

function whenText({ from, to, cron, timezone, durationMs }: MaintenanceView): string {
  if (from !== null && to !== null)
    return `${minute(from)} to ${sameDay(from, to) ? to.slice(11, 16) : minute(to)}`
  if (cron === null) return 'no window that could be read'
  const zone = timezone === 'UTC' ? '' : ` ${oneLine(timezone ?? '')}`
  return `${oneLine(cron)}${zone} for ${formatDuration(durationMs ?? 0)}`
}

const sameDay = (one: Instant, other: Instant): boolean => one.slice(0, 10) === other.slice(0, 10)

function standText({ activeUntil, next, to }: MaintenanceView, style: Style): string {
  if (activeUntil !== null) return to === null ? `now, until ${soon(activeUntil, style)}` : 'now'
  if (next === null) return 'over'
  return to === null ? `next ${minute(next)}` : 'planned'
}
