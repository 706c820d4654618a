/** What operations on whole pipelines take and answer alike. */

import * as z from 'zod/mini'
import { kinds } from '../domain/entity.ts'
import { count } from '../domain/text.ts'
import type { Counts } from '../store/transfer.ts'
import * as field from './fields.ts'

/** How many rows of each kind went through. */
export const counts = () => z.record(z.enum(kinds), z.number())

export const exportFormat = () =>
  field.described(z._default(z.enum(['jsonl']), 'jsonl'), 'format of the file')

/** `12 items with 40 log entries` */
export const carriedText = (carried: Counts): string =>
  `${count(carried.item, 'item')} with ${count(carried.entry, 'log entry', 'log entries')}`
