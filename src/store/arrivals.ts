/**
 * Entries of the log that say where an item came to, and that it was done or live: for the time in stage of each card,
 * and for the dashboard's throughput. Without an index of their own, which every entry would have to pay for.
 */

import type { Queries } from './database.ts'

type Engine = Queries['engine']

/** Entries that say where an item came to. What happens to an incident stands in the log of its live item, too. */
export const isArrival = `action IN ('created', 'moved', 'incident-opened', 'incident-reopened', 'incident-resolved',
  'storm-opened') AND COALESCE(substr(detail, 1, 13), '') <> '{"incidentId"'`

/** Where one text stands in another; 0: nowhere. */
export const place = (engine: Engine): string => (engine === 'sqlite' ? 'instr' : 'strpos')

/** Moves to done or live. In a title a quote stands behind a backslash. */
export const isFinish = (engine: Engine): string =>
  `action = 'moved' AND (${place(engine)}(detail, '"to":"done"') > 0 OR ${place(engine)}(detail, '"to":"live"') > 0)`
