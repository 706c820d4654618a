import * as z from 'zod/mini'
import { stages, types } from '../domain/stage.ts'
import { count, oneLine } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import * as field from './fields.ts'
import { filesOperation } from './operation.ts'
import type { Style } from './style.ts'

const left = () =>
  z.strictObject({
    what: z.string(),
    id: z.nullable(z.number()),
    itemId: z.nullable(z.number()),
    why: z.string(),
    text: z.string(),
  })

const report = () =>
  z.strictObject({
    from: z.enum(['V2', 'V2.1', 'V3']),
    projects: z.number(),
    items: z.number(),
    tasks: z.number(),
    notes: z.number(),
    entries: z.number(),
    moved: z.array(
      z.strictObject({
        id: z.number(),
        title: z.string(),
        type: z.enum(types),
        from: z.nullable(z.string()),
        to: z.enum(stages),
        why: z.string(),
      }),
    ),
    left: z.array(left()),
    unapproved: z.array(z.number()),
  })
type Report = z.output<ReturnType<typeof report>>

export const databaseUpgrade = filesOperation({
  name: 'database.upgrade',
  summary: 'Bring over a database of the predecessor (V2, V2.1, V3), with a backup beside it',
  kind: 'files',
  changes: true,
  needs: 'admin',
  input: () => z.strictObject({ file: field.described(field.path(), "file of the predecessor's database") }),
  output: () =>
    z.strictObject({
      file: z.string(),
      upgraded: z.boolean(),
      backup: z.nullable(z.string()),
      report: z.nullable(report()),
    }),
  http: null,
  command: {
    words: 'upgrade',
    positionals: ['file'],
    opensNothing: true,
    examples: ['pipeline upgrade agents.db'],
  },
  async run({ file }, { files, now, dryRun }) {
    const [{ legacyConverter }, { isPostgresUrl }, { upgradeFile }] = await Promise.all([
      import('../formats/legacy.ts'),
      import('../store/postgres-url.ts'),
      import('../store/upgrade.ts'),
    ])
    if (isPostgresUrl(file)) {
      throw new TrackerError('invalid', 'the predecessor kept its pipeline in a SQLite file', {
        hint: 'name that file; to have it on a server then: pipeline copy',
      })
    }
    const path = files.resolve(file)
    const done = await upgradeFile(path, {
      now,
      dryRun,
      signal: files.stopped?.(),
      sweep: files.sweep,
      convert: (facts) => legacyConverter(facts, now),
    })
    if (!done) return { file: path, upgraded: false, backup: null, report: null }
    return { file: path, upgraded: !dryRun, backup: done.backup, report: done.report }
  },
  toText({ file, backup, report: done }, style) {
    if (!done) return `${file} is a pipeline of this version already; nothing changed`
    return [
      `${style.bold(`Upgraded from ${done.from}`)}: ${file}`,
      `  ${[count(done.items, 'item'), count(done.tasks, 'task'), count(done.notes, 'note'), count(done.projects, 'project'), count(done.entries, 'log entry', 'log entries')].join(', ')}`,
      ...(backup === null ? [] : [`  what was there is kept: ${backup}`]),
      ...block('Stages that changed their meaning', movedLines(done), style),
      ...block('Not carried over; kept in the backup', leftLines(done), style),
      ...block('Commands that wait for your approval', approvalLines(done), style),
      style.dim(`Look: pipeline board --db ${file}`),
    ].join('\n')
  },
})

/** Lines of a block that are shown; `--json` has them all. */
const shown = 20

function block(title: string, lines: string[], style: Style): string[] {
  if (lines.length === 0) return []
  const more = lines.length > shown ? [style.dim(`  … and ${lines.length - shown} more: --json`)] : []
  return ['', style.bold(title), ...lines.slice(0, shown).map((line) => `  ${line}`), ...more]
}

const movedLines = ({ moved }: Report): string[] =>
  moved.map(
    ({ id, title, from, to, why }) => `#${id} ${oneLine(title)}: ${oneLine(from ?? 'none')} → ${to}, ${why}`,
  )

const leftLines = ({ left: all }: Report): string[] =>
  all.map(({ what, id, itemId, why, text }) => {
    const which = [what, ...(id === null ? [] : [`${id}`]), ...(itemId === null ? [] : [`of #${itemId}`])]
    return `${which.join(' ')}: ${why}${text ? ` (${oneLine(text)})` : ''}`
  })

const approvalLines = ({ unapproved }: Report): string[] =>
  unapproved.map((id) => `pipeline check approve ${id}`)
