import * as z from 'zod/mini'
import * as field from './fields.ts'
import { filesOperation } from './operation.ts'
import { carriedText, counts, warnOfChanges } from './transfer-fields.ts'

export const databaseCopy = filesOperation({
  name: 'database.copy',
  summary: 'Copy the whole pipeline to another database, SQLite or PostgreSQL; this one is only read',
  kind: 'files',
  changes: false,
  needs: 'admin',
  input: () =>
    z.strictObject({ to: field.described(field.path(), 'file, or postgres:// URL, without a pipeline yet') }),
  output: () => z.strictObject({ to: z.string(), counts: counts() }),
  http: null,
  command: {
    words: 'copy',
    positionals: ['to'],
    needsPipeline: true,
    examples: ["pipeline copy 'postgres://user@db.example.org/work?schema=throughline'"],
  },
  async run({ to }, { database, files, dryRun, warn }) {
    const [{ withNewPlace }, { modeFor }, { copyPipeline }] = await Promise.all([
      import('./new-place.ts'),
      import('../store/backup.ts'),
      import('../store/transfer.ts'),
    ])
    return withNewPlace(files, to, { dryRun, mode: modeFor(database) }, async (target, shown) => {
      const carried = await copyPipeline(database, target, {
        dryRun,
        progress: files.progress,
        changed: (changes) => warnOfChanges(changes, warn),
      })
      return { to: shown, counts: carried }
    })
  },
  toText: ({ to, counts: carried }) =>
    `Copied ${carriedText(carried)} to ${to}; counts and checksums agree with what was read`,
})
