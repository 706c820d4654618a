import * as z from 'zod/mini'
import { rehearsed } from '../store/rehearsal.ts'
import * as field from './fields.ts'
import { filesOperation } from './operation.ts'
import { carriedText, counts, exportFormat } from './transfer-fields.ts'

export const databaseImport = filesOperation({
  name: 'database.import',
  summary: 'Read an export into a pipeline that is empty still',
  kind: 'files',
  changes: true,
  needs: 'admin',
  input: () =>
    z.strictObject({
      file: field.described(field.path(), 'file to read; - for standard input'),
      format: exportFormat(),
    }),
  output: () => z.strictObject({ counts: counts() }),
  http: null,
  command: {
    words: 'import',
    positionals: ['file'],
    examples: ['pipeline import pipeline.jsonl --db new.db'],
  },
  async run({ file }, { database, files, dryRun, warn }) {
    const [{ parseHeader, parseRows }, { fill, totalOf }] = await Promise.all([
      import('../formats/jsonl.ts'),
      import('../store/transfer.ts'),
    ])
    const text = await files.read(file)
    const header = parseHeader(text)
    const options = { last: header.lastIds, total: totalOf(header.counts), progress: files.progress, dryRun }
    const carried = await rehearsed(dryRun, database, (q) => fill(q, pages(parseRows(text, header)), options))
    if (carried.check > 0)
      warn('health checks with a command wait for approval here: pipeline check approve ID')
    return { counts: carried }
  },
  toText: ({ counts: carried }) => `Imported ${carriedText(carried)}`,
})

async function* pages<T>(all: Iterable<T>): AsyncGenerator<T> {
  yield* all
}
