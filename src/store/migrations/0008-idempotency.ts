/** Changes that may be asked for again: the key, what was asked for, and the answer, kept for a day. */

import type { Queries } from '../database.ts'

export const idempotency = {
  id: 8,
  name: 'idempotency',
  statements: (engine: Queries['engine']): string[] => {
    const [int, strict] = engine === 'sqlite' ? ['INTEGER', ' STRICT'] : ['BIGINT', '']
    return [
      // Of key and actor only the SHA-256, and so of what was asked for.
      `CREATE TABLE pipeline_idempotency (
        key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer TEXT, created_ms ${int} NOT NULL)${strict}`,
      'CREATE INDEX idx_pipeline_idempotency_created ON pipeline_idempotency (created_ms)',
    ]
  },
}
