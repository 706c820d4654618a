import * as z from 'zod/mini'
import * as field from './fields.ts'
import { filesOperation } from './operation.ts'
import { carriedText, counts } from './transfer-fields.ts'

export const databaseRestore = filesOperation({
  name: 'database.restore',
  summary: 'Bring back a backup, into a new place, or over what is there with --replace',
  kind: 'files',
  changes: true,
  needs: 'admin',
  input: () =>
    z.strictObject({
      file: field.described(field.path(), 'backup to read; it stays as it is'),
      replace: field.described(
        z.optional(z.boolean()),
        'replace the pipeline that is there; that is backed up first',
      ),
    }),
  output: () =>
    z.strictObject({
      from: z.string(),
      to: z.string(),
      counts: counts(),
      replaced: z.nullable(z.string()),
    }),
  http: null,
  command: {
    words: 'restore',
    positionals: ['file'],
    opensNothing: true,
    examples: ['pipeline restore monday.db --db new.db', 'pipeline restore monday.db --replace'],
  },
  run: async (input, context) => (await import('./restore-backup.ts')).restoreBackup(input, context),
  toText: ({ to, counts: carried, replaced }) =>
    [
      `Restored ${carriedText(carried)} to ${to}`,
      ...(replaced === null ? [] : [`What was there is kept: ${replaced}`]),
    ].join('\n'),
})
