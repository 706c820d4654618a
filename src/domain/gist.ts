/** What a target said, cut to one harmless line: for summaries, evidence and titles. */

import { oneLine } from './text.ts'

/** CSI and OSC sequences of terminals: colours, cursor, titles. */
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g
/** C0 but white space, DEL and C1. */
const controls = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/g

/** Without the sequences that a terminal obeys, colours among them; other control characters stay. */
export const withoutSequences = (text: string): string => text.replace(sequences, '')

/**
 * One trimmed line without control characters.
 * @param max  UTF-16 units at most, the ellipsis included; no pair is cut in half
 */
export function gist(text: string, max: number): string {
  const line = oneLine(withoutSequences(text.slice(0, max * 8)).replace(controls, ''))
    .replace(/\s+/g, ' ')
    .trim()
  if (line.length <= max) return line
  return `${line.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
