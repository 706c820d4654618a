import * as z from 'zod/mini'
import { count } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { quoted } from './change.ts'
import * as field from './fields.ts'
import { filesOperation } from './operation.ts'

export const databaseBackup = filesOperation({
  name: 'database.backup',
  summary: 'Write a backup to a file, while others go on working; it is checked before this says so',
  kind: 'files',
  changes: false,
  needs: 'admin',
  input: () => z.strictObject({ file: field.described(field.path(), 'file to write, new') }),
  /** `checked`: a dry run writes nothing, and so checks nothing. */
  output: () => z.strictObject({ file: z.string(), items: z.number(), checked: z.boolean() }),
  http: null,
  command: {
    words: 'backup',
    positionals: ['file'],
    needsPipeline: true,
    examples: ['pipeline backup ~/backups/pipeline-monday.db'],
  },
  async run({ file }, { database, files, now, dryRun }) {
    const [{ backUp }, { requireName }] = await Promise.all([
      import('../store/backup.ts'),
      import('./new-place.ts'),
    ])
    requireName(file)
    if (file === '-') {
      throw new TrackerError('invalid', 'a backup is a file of its own, and goes to no standard output', {
        hint: 'name a file; or write lines of text with: pipeline export -',
      })
    }
    const target = files.resolve(file)
    const items = await backUp(database, target, { now, dryRun, progress: files.progress })
    return { file: target, items, checked: !dryRun }
  },
  toText: ({ file, items, checked }) =>
    checked
      ? `Backed up ${count(items, 'item')} to ${file}; it was checked, and is whole\nBring it back: pipeline restore ${quoted(file)}`
      : `Backed up ${count(items, 'item')} to ${file}`,
})
