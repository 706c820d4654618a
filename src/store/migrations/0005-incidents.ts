/** The life of an incident: who knows of it, what fixes it, which storm it is part of, when it was last reminded of. */

const columns = (int: string): string[] => [
  `acknowledged_ms ${int}`,
  'acknowledged_by TEXT',
  `fix_id ${int} REFERENCES pipeline(id) ON DELETE SET NULL`,
  // When the check was seen up after the fix was out.
  `verified_ms ${int}`,
  `storm_id ${int} REFERENCES pipeline(id) ON DELETE SET NULL`,
  `reminded_ms ${int}`,
  // When it was opened, or opened again.
  `began_ms ${int}`,
]

export const incidents = {
  id: 5,
  name: 'incidents',
  statements: (engine: 'sqlite' | 'postgres'): string[] => [
    ...columns(engine === 'sqlite' ? 'INTEGER' : 'BIGINT').map(
      (column) => `ALTER TABLE pipeline_incidents ADD COLUMN ${column}`,
    ),
    'UPDATE pipeline_incidents SET began_ms = opened_ms',
    'CREATE INDEX idx_pipeline_incidents_began ON pipeline_incidents (began_ms)',
    'CREATE INDEX idx_pipeline_incidents_storm ON pipeline_incidents (storm_id) WHERE storm_id IS NOT NULL',
    'CREATE INDEX idx_pipeline_incidents_fix ON pipeline_incidents (fix_id) WHERE fix_id IS NOT NULL',
    `CREATE INDEX idx_pipeline_incidents_fixing ON pipeline_incidents (subject_id)
      WHERE fix_id IS NOT NULL AND verified_ms IS NULL`,
    `CREATE INDEX idx_pipeline_resolved ON pipeline (id) WHERE type = 'incident' AND stage = 'done'`,
    // Whoever gathers incidents into a storm goes one after the other.
    `INSERT INTO pipeline_locks (name) VALUES ('storm')`,
  ],
}
