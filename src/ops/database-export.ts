import { writeFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { kinds } from '../domain/entity.ts'
import { entityLine, headerLine } from '../formats/jsonl.ts'
import { countEntities, lastIds, readEntities } from '../store/entities.ts'
import { requireFree } from '../store/sqlite-file.ts'
import * as field from './fields.ts'
import { filesOperation } from './operation.ts'
import { carriedText, counts, exportFormat } from './transfer-fields.ts'

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
  async run({ file }, { database, files, dryRun }) {
    const target = file === '-' ? null : files.resolve(file)
    if (target !== null) requireFree(target)
    return database.read(async (q) => {
      const found = await countEntities(q)
      const parts = [headerLine({ counts: found, lastIds: await lastIds(q) })]
      for (const kind of kinds) {
        for await (const rows of readEntities(q, kind))
          parts.push(rows.map((row) => entityLine(kind, row)).join(''))
      }
      if (!dryRun) {
        if (target === null) for (const part of parts) files.write(part)
        else writeFileSync(target, parts.join(''), { flag: 'wx' })
      }
      return { file: target, counts: found }
    })
  },
  toText: ({ file, counts: found }) => (file === null ? '' : `Exported ${carriedText(found)} to ${file}`),
})
