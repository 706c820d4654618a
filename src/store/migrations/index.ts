/** The list of migrations, oldest first. One line a migration; a released one is never changed. */

import { start } from './0001-start.ts'
import { counts } from './0002-counts.ts'
import { dismissed } from './0003-dismissed.ts'
import { watch } from './0004-watch.ts'
import { incidents } from './0005-incidents.ts'
import { silence } from './0006-silence.ts'
import { outbox } from './0007-outbox.ts'
import { idempotency } from './0008-idempotency.ts'
import { blocked } from './0009-blocked.ts'

/**
 * One step of the schema, done in one transaction. `statements` gives single statements (what follows a
 * first one in a text would be left out); dialect-neutral wherever it can be.
 */
export interface Migration {
  id: number
  name: string
  statements(engine: 'sqlite' | 'postgres'): string[]
}

export const migrations: readonly Migration[] = [
  start,
  counts,
  dismissed,
  watch,
  incidents,
  silence,
  outbox,
  idempotency,
  blocked,
]
