/**
 * Where the log says that an item came to a stage, and that it was done or live: for the time in stage of each card,
 * and for the dashboard's throughput. An index is used where a question repeats its condition word for word.
 */

import type { Queries } from '../database.ts'

type Engine = Queries['engine']

/** Entries that say where an item came to. What happens to an incident stands in the log of its live item, too. */
export const isArrival = `action IN ('created', 'moved', 'incident-opened', 'incident-reopened', 'incident-resolved',
  'storm-opened') AND COALESCE(substr(detail, 1, 13), '') <> '{"incidentId"'`

/** Where one text stands in another; 0: nowhere. */
export const place = (engine: Engine): string => (engine === 'sqlite' ? 'instr' : 'strpos')

/** Moves to done or live. In a title a quote stands behind a backslash. */
export const isFinish = (engine: Engine): string =>
  `action = 'moved' AND (${place(engine)}(detail, '"to":"done"') > 0 OR ${place(engine)}(detail, '"to":"live"') > 0)`

export const arrivals = {
  id: 9,
  name: 'arrivals',
  statements: (engine: Engine): string[] => [
    `CREATE INDEX idx_pipeline_arrivals ON pipeline_activity (item_id, id) WHERE ${isArrival}`,
    `CREATE INDEX idx_pipeline_finishes ON pipeline_activity (item_id, at) WHERE ${isFinish(engine)}`,
    'CREATE INDEX idx_pipeline_blocked ON pipeline (blocked_at, id) WHERE blocked_at IS NOT NULL',
  ],
}
