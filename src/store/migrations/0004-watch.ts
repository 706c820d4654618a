/**
 * What was watched, and what was seen: runs by item and instant, changes of state for ever, hours and days summed up;
 * what a check remembers between two runs; who works.
 */

import type { Queries } from '../database.ts'

type Engine = Queries['engine']

export const watch = {
  id: 4,
  name: 'watch',
  statements: (engine: Engine): string[] => [...runs(engine), ...memory(engine), ...sums(engine)],
}

const words = (engine: Engine) =>
  engine === 'sqlite'
    ? { int: 'INTEGER', clustered: ' STRICT, WITHOUT ROWID' }
    : { int: 'BIGINT', clustered: '' }

const item = (int: string): string => `item_id ${int} NOT NULL REFERENCES pipeline(id) ON DELETE CASCADE`

/**
 * By item and instant, without an index beside: half the space, and one page a run. Copied twice instead of renamed:
 * SQLite renames no table while a view of another program is broken.
 */
function runs(engine: Engine): string[] {
  const { int, clustered } = words(engine)
  const kept = 'item_id, started_ms, duration_ms, result, attempts, summary'
  return [
    `CREATE TABLE pipeline_runs_before AS SELECT ${kept} FROM pipeline_runs WHERE id IN (
      SELECT max(id) FROM pipeline_runs GROUP BY item_id, started_ms)`,
    'DROP TABLE pipeline_runs',
    `CREATE TABLE pipeline_runs (
      ${item(int)}, started_ms ${int} NOT NULL, duration_ms ${int} NOT NULL, result TEXT NOT NULL,
      attempts ${int} NOT NULL, summary TEXT, perfdata TEXT, PRIMARY KEY (item_id, started_ms))${clustered}`,
    `INSERT INTO pipeline_runs (${kept}) SELECT ${kept} FROM pipeline_runs_before`,
    'DROP TABLE pipeline_runs_before',
  ]
}

function memory(engine: Engine): string[] {
  const { int } = words(engine)
  const columns = [
    // The results of the last runs, see domain/flapping.ts.
    `history ${int} NOT NULL DEFAULT 0`,
    // The state that pipeline_states says last.
    'told TEXT',
    // Up to which instant hours are summed up.
    `rolled_ms ${int}`,
    // The first run that was missed since the last one that was not.
    `missed_ms ${int}`,
    `paused_ms ${int}`,
    `paused_until_ms ${int}`,
    // Heartbeat: when the job last said that it began, and has not said yet that it ended.
    `begun_ms ${int}`,
  ]
  return columns.map((column) => `ALTER TABLE pipeline_checks ADD COLUMN ${column}`)
}

function sums(engine: Engine): string[] {
  const { int, clustered } = words(engine)
  const sum = (name: string, unit: string): string => `CREATE TABLE ${name} (
    ${item(int)}, ${unit} ${int} NOT NULL,
    up_ms ${int} NOT NULL, degraded_ms ${int} NOT NULL, down_ms ${int} NOT NULL, maintenance_ms ${int} NOT NULL,
    runs ${int} NOT NULL, failed ${int} NOT NULL, duration_ms ${int} NOT NULL, longest_ms ${int} NOT NULL,
    PRIMARY KEY (item_id, ${unit}))${clustered}`
  return [
    `CREATE TABLE pipeline_states (${item(int)}, at_ms ${int} NOT NULL, state TEXT NOT NULL,
      PRIMARY KEY (item_id, at_ms))${clustered}`,
    `INSERT INTO pipeline_states (item_id, at_ms, state)
      SELECT item_id, since_ms, state FROM pipeline_checks WHERE since_ms IS NOT NULL`,
    `UPDATE pipeline_checks SET told = state WHERE since_ms IS NOT NULL`,
    // Hours and days since 1970.
    sum('pipeline_hours', 'hour'),
    sum('pipeline_days', 'day'),
    `CREATE TABLE pipeline_workers (
      owner TEXT PRIMARY KEY, runner TEXT NOT NULL, concurrency ${int} NOT NULL, started_ms ${int} NOT NULL,
      seen_ms ${int} NOT NULL, lag_ms ${int} NOT NULL DEFAULT 0)${engine === 'sqlite' ? ' STRICT' : ''}`,
  ]
}
