/** Text of items inside Markdown: it is shown and does nothing. Pure. */

import { harmless, oneLine } from './text.ts'

/** Signs that mean something within a line to Markdown or to HTML inside it, and what would become a link by itself. */
const meaning = /[\\`*_[\]<>#!|~&^$@]|:(?=\/)|(?<=www)\.|^(?:[-+=.]|\d+(?=[.)]))/gi

/** On one line, for a paragraph, a heading or the cell of a table. */
export const inline = (text: string): string => oneLine(text).trim().replace(meaning, escaped)

/** A number that would begin a list can't be escaped: its first sign is named. */
const escaped = (sign: string): string =>
  /^\d/.test(sign) ? `&#${sign.charCodeAt(0)};${sign.slice(1)}` : `\\${sign}`

/** As it is, in a block of code that nothing in it can end. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${harmless(text.replaceAll('\r\n', '\n')).trimEnd()}\n${fence}`
}

/** @param cells already harmless */
export const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
