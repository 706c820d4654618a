/**
 * How many items a stage and type holds, kept by triggers, so that a board of 100,000 items need not count them.
 * SQLite alone: there is one writer at a time anyway. In PostgreSQL every writer would wait at the same row, and a
 * server that stays counts fast enough.
 */

import type { Queries } from '../database.ts'

const more = `INSERT INTO pipeline_counts (stage, type, n) VALUES (NEW.stage, NEW.type, 1)
  ON CONFLICT (stage, type) DO UPDATE SET n = n + 1;`
const less = 'UPDATE pipeline_counts SET n = n - 1 WHERE stage = OLD.stage AND type = OLD.type;'

export const counts = {
  id: 2,
  name: 'counts',
  statements: (engine: Queries['engine']): string[] =>
    engine === 'postgres'
      ? []
      : [
          `CREATE TABLE pipeline_counts (stage TEXT NOT NULL, type TEXT NOT NULL, n INTEGER NOT NULL,
            PRIMARY KEY (stage, type)) STRICT, WITHOUT ROWID`,
          'INSERT INTO pipeline_counts (stage, type, n) SELECT stage, type, count(*) FROM pipeline GROUP BY stage, type',
          `CREATE TRIGGER pipeline_counts_insert AFTER INSERT ON pipeline BEGIN ${more} END`,
          `CREATE TRIGGER pipeline_counts_delete AFTER DELETE ON pipeline BEGIN ${less} END`,
          `CREATE TRIGGER pipeline_counts_update AFTER UPDATE OF stage, type ON pipeline BEGIN ${less} ${more} END`,
          'DROP INDEX idx_pipeline_count',
        ],
}
