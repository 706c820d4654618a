/** What `toText` may use to render for a terminal: colours, width, and the instant that ages are told from. */

import { formatAge } from '../domain/duration.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import { oneLine } from '../domain/text.ts'

export interface Style {
  /** Columns. */
  width: number
  now: Instant
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

const paint =
  (on: boolean, open: number, close: number) =>
  (text: string): string =>
    on && text ? `\u001b[${open}m${text}\u001b[${close}m` : text

export const createStyle = (options: { color: boolean; width: number; now: Instant }): Style => ({
  width: options.width,
  now: options.now,
  bold: paint(options.color, 1, 22),
  dim: paint(options.color, 2, 22),
  red: paint(options.color, 31, 39),
  green: paint(options.color, 32, 39),
  yellow: paint(options.color, 33, 39),
  cyan: paint(options.color, 36, 39),
})

/** `#12 Invoice extractor`, on one line whatever the title holds. */
export const named = (item: { id: number; title: string }, style: Style): string =>
  `${style.bold(`#${item.id}`)} ${oneLine(item.title)}`

/** `3d`, `2h`, `now` */
export function age(at: Instant | null, style: Style): string {
  if (at === null) return ''
  const ms = toMs(style.now) - toMs(at)
  return ms < 1000 ? 'now' : formatAge(ms)
}

/** `2026-02-05 07:46:15` in UTC. */
export const second = (at: Instant): string => `${at.slice(0, 10)} ${at.slice(11, 19)}`

/** `2026-02-05 07:46` in UTC: short enough for a line. */
export const minute = (at: Instant): string => `${at.slice(0, 10)} ${at.slice(11, 16)}`

/** In UTC: `09:46` today, else with the day. */
export const soon = (at: Instant, style: Pick<Style, 'now'>): string =>
  at.slice(0, 10) === style.now.slice(0, 10) ? at.slice(11, 16) : minute(at)
