import * as z from 'zod/mini'
import { count } from '../domain/text.ts'
import * as field from './fields.ts'
import { filesOperation } from './operation.ts'

export const databaseBackup = filesOperation({
  name: 'database.backup',
  summary: 'Write a backup to a file, while others go on working; it is checked before this says so',
  kind: 'files',
  changes: false,
  needs: 'admin',
  input: () => z.strictObject({ file: field.described(field.path(), 'file to write, new') }),
  output: () => z.strictObject({ file: z.string(), items: z.number() }),
  http: null,
  command: {
    words: 'backup',
    positionals: ['file'],
    needsPipeline: true,
    examples: ['pipeline backup ~/backups/pipeline-monday.db'],
  },
  async run({ file }, { database, files, now, dryRun }) {
    const { backUp } = await import('../store/backup.ts')
    const target = files.resolve(file)
    const items = await backUp(database, target, { now, dryRun, progress: files.progress })
    return { file: target, items }
  },
  toText: ({ file, items }) =>
    `Backed up ${count(items, 'item')} to ${file}; it was checked, and is whole\nBring it back: pipeline restore ${file}`,
})
