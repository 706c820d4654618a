/** Text of items inside Markdown: it is shown and does nothing. Pure. */

import { harmless, oneLine } from './text.ts'

/** All punctuation that means something to Markdown, to HTML inside it, or to what links by itself. */
const meaning = /[\\`*_{}[\]()<>#+\-!|~&:@.=^$]/g

/** On one line, for a paragraph, a heading or the cell of a table. */
export const inline = (text: string): string => oneLine(text).trim().replace(meaning, '\\$&')

/** As it is, in a block of code that nothing in it can end. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${harmless(text.replaceAll('\r\n', '\n')).trimEnd()}\n${fence}`
}

/** @param cells already harmless */
export const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
