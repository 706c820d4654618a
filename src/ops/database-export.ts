import * as z from 'zod/mini'
import { kinds } from '../domain/entity.ts'
import type { Database } from '../store/database.ts'
import type { Reading } from '../store/legal-rows.ts'
import * as field from './fields.ts'
import { filesOperation } from './operation.ts'
import { carriedText, counts, exportFormat, warnOfChanges } from './transfer-fields.ts'

export const databaseExport = filesOperation({
  name: 'database.export',
  summary: 'Write the whole pipeline as JSON Lines, one line an entity',
  kind: 'files',
  changes: false,
  needs: 'admin',
  input: () =>
    z.strictObject({
      file: field.described(z._default(field.path(), '-'), 'file to write, new; - for standard output'),
      format: exportFormat(),
    }),
  output: () => z.strictObject({ file: z.nullable(z.string()), counts: counts() }),
  http: null,
  command: {
    words: 'export',
    positionals: ['file'],
    needsPipeline: true,
    examples: ['pipeline export --format jsonl > pipeline.jsonl', 'pipeline export pipeline.jsonl'],
  },
  async run({ file }, { database, files, dryRun, warn }) {
    const [{ requireFree, writeNew }, { modeFor }, { requireName }] = await Promise.all([
      import('../store/new-file.ts'),
      import('../store/backup.ts'),
      import('./new-place.ts'),
    ])
    requireName(file)
    const target = file === '-' ? null : files.resolve(file)
    if (target !== null) requireFree(target)
    const { counts: found, changes } = dryRun
      ? await writeAll(database, () => undefined)
      : target === null
        ? await writeAll(database, (text) => files.write(text))
        : await writeNew(target, (add) => writeAll(database, add), modeFor(database))
    warnOfChanges(changes, warn)
    return { file: target, counts: found }
  },
  toText: ({ file, counts: found }) => (file === null ? '' : `Exported ${carriedText(found)} to ${file}`),
})

async function writeAll(database: Database, add: (text: string) => void): Promise<Reading> {
  const [{ lastIds }, { readLegal }, { breath }, { entityLine, headerLine }] = await Promise.all([
    import('../store/entities.ts'),
    import('../store/legal-rows.ts'),
    import('../store/new-file.ts'),
    import('../formats/jsonl.ts'),
  ])
  return database.read(async (q) => {
    const reading = await readLegal(q, { words: true })
    add(headerLine({ counts: reading.counts, lastIds: await lastIds(q) }))
    for (const kind of kinds)
      for await (const rows of reading.rows(kind)) {
        add(rows.map((row) => entityLine(kind, row)).join(''))
        await breath()
      }
    return reading
  })
}
