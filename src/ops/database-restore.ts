import { dirname, join } from 'node:path'
import * as z from 'zod/mini'
import { compact, type Instant } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import { backUp, inBackup, placeBackup } from '../store/backup.ts'
import type { Database } from '../store/database.ts'
import { countEntities } from '../store/entities.ts'
import { type Counts, copyPipeline, totalOf } from '../store/transfer.ts'
import * as field from './fields.ts'
import { type FilesContext, filesOperation } from './operation.ts'
import { carriedText, counts } from './transfer-fields.ts'

const output = () =>
  z.strictObject({ from: z.string(), to: z.string(), counts: counts(), replaced: z.nullable(z.string()) })
type Output = z.output<ReturnType<typeof output>>

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
  output,
  http: null,
  command: {
    words: 'restore',
    positionals: ['file'],
    opensNothing: true,
    examples: ['pipeline restore monday.db --db new.db', 'pipeline restore monday.db --replace'],
  },
  async run({ file, replace }, context) {
    const { files, now } = context
    const from = files.resolve(file)
    const { url, exists } = files.location
    if (!exists) return toNewPlace(from, context)
    const target = await files.open(url, true)
    try {
      return await inBackup(from, now, (source) =>
        into(target, source, { from, replace: replace ?? false }, context),
      )
    } finally {
      await target.close()
    }
  },
  toText: ({ to, counts: carried, replaced }) =>
    [
      `Restored ${carriedText(carried)} to ${to}`,
      ...(replaced === null ? [] : [`What was there is kept: ${replaced}`]),
    ].join('\n'),
})

async function toNewPlace(from: string, { files, now, dryRun }: FilesContext): Promise<Output> {
  const { url } = files.location
  if (dryRun) {
    const carried = await inBackup(from, now, (source) => source.read(countEntities))
    return { from, to: url, counts: carried, replaced: null }
  }
  // Looked at before there is a folder for it.
  await inBackup(from, now, async () => undefined)
  files.prepare()
  return { from, to: url, counts: await placeBackup(from, url, now), replaced: null }
}

async function into(
  target: Database,
  source: Database,
  { from, replace }: { from: string; replace: boolean },
  { files, now, dryRun }: FilesContext,
): Promise<Output> {
  const there: Counts = await target.read(countEntities)
  const isEmpty = totalOf(there) === 0
  if (!isEmpty && !replace) {
    throw new TrackerError('conflict', `there is a pipeline at ${target.location}: ${carriedText(there)}`, {
      hint: 'restore to another place with --db FILE, or say --replace: what is there is backed up first',
    })
  }
  const kept = isEmpty ? null : keptName(target, files.resolve('.'), now)
  const first = kept === null || dryRun ? undefined : keep(target, kept, now)
  const options = { replace: !isEmpty, first, dryRun, progress: files.progress }
  const carried = await copyPipeline(source, target, options)
  return { from, to: target.location, counts: carried, replaced: kept }
}

/** Once, also where PostgreSQL does the transaction again: nobody can have written in between. */
function keep(target: Database, kept: string, now: Instant): () => Promise<void> {
  let isKept = false
  return async () => {
    if (!isKept) await backUp(target, kept, { now })
    isKept = true
  }
}

/** `pipeline.db.before-restore-20260205T074615Z.db` beside the file; of a server in the current folder. */
function keptName(target: Database, folder: string, now: string): string {
  const stamp = compact(now)
  return target.engine === 'sqlite'
    ? join(dirname(target.location), `${target.location.split(/[\\/]/).at(-1)}.before-restore-${stamp}.db`)
    : join(folder, `pipeline.before-restore-${stamp}.db`)
}
