/** What operations on whole pipelines take and answer alike. */

import * as z from 'zod/mini'
import { kinds } from '../domain/entity.ts'
import { count } from '../domain/text.ts'
import type { Changes } from '../store/legal-rows.ts'
import type { Counts } from '../store/transfer.ts'
import * as field from './fields.ts'

/** How many rows of each kind went through. */
export const counts = () => z.record(z.enum(kinds), z.number())

export const exportFormat = () =>
  field.described(z._default(z.enum(['jsonl']), 'jsonl'), 'format of the file')

/** Each of the first ones by its row and field, and how many there are. */
export function warnOfChanges({ count: all, shown }: Changes, warn: (text: string) => void): void {
  for (const each of shown) warn(`not carried over as it is stored: ${each}`)
  if (all > shown.length)
    warn(`not carried over as they are stored: ${count(all - shown.length, 'more value')}`)
}

/** `12 items with 40 log entries` */
export const carriedText = (carried: Counts): string =>
  `${count(carried.item, 'item')} with ${count(carried.entry, 'log entry', 'log entries')}`
