/** When a person deleted the open incident of a check: what a person closed stays closed for a while. */
export const dismissed = {
  id: 3,
  name: 'dismissed',
  statements: (engine: 'sqlite' | 'postgres'): string[] => [
    `ALTER TABLE pipeline_checks ADD COLUMN dismissed_ms ${engine === 'sqlite' ? 'INTEGER' : 'BIGINT'}`,
  ],
}
