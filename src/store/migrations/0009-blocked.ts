/** What is flagged as blocked, the longest first: for the dashboard. */

export const blocked = {
  id: 9,
  name: 'blocked',
  statements: (): string[] => [
    'CREATE INDEX idx_pipeline_blocked ON pipeline (blocked_at, id) WHERE blocked_at IS NOT NULL',
  ],
}
