import * as z from 'zod/mini'
import { count } from '../domain/text.ts'
import { areCountsRight } from '../store/counts.ts'
import { backupsBeside } from '../store/damage.ts'
import type { Queries } from '../store/database.ts'
import {
  brokenObjects,
  danglingReferences,
  fileOf,
  historySizes,
  integrityFaults,
  missingColumns,
  oddItems,
  sizes,
  storedChecks,
  versions,
} from '../store/doctor.ts'
import { searchDrift } from '../store/search.ts'
import { quoted } from './change.ts'
import { planOrUndefined } from './check-life.ts'
import { type Context, operation } from './operation.ts'

const finding = () => z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string() })
type Finding = z.output<ReturnType<typeof finding>>

export const doctor = operation({
  name: 'doctor',
  summary:
    'Examine the database and the configuration: integrity, references, search index, channels, sizes; changes nothing',
  kind: 'read',
  needs: 'item:read',
  input: () => z.strictObject({}),
  output: () => z.strictObject({ healthy: z.boolean(), findings: z.array(finding()) }),
  http: { method: 'get', path: '/doctor' },
  command: { words: 'doctor', needsPipeline: true, exitCode: ({ healthy }) => (healthy ? 0 : 1), unopened },
  async run(_input, context) {
    const findings: Finding[] = []
    for (const [name, examine] of examinations)
      findings.push(await examined(name, () => examine(context.q, context)))
    return { healthy: findings.every((each) => each.ok), findings }
  },
  toText: ({ healthy, findings }, style) =>
    [
      ...findings.map(
        ({ name, ok, detail }) => `${ok ? style.green('✔') : style.red('✖')} ${name.padEnd(12)} ${detail}`,
      ),
      healthy ? 'All is well.' : style.red('Something is wrong; see above.'),
    ].join('\n'),
})

/** A damaged file may not open at all: then there is nothing to say but what is damaged. */
async function unopened(
  file: string,
  error: unknown,
): Promise<{ healthy: boolean; findings: Finding[] } | undefined> {
  const [{ isDamaged }, { faultsInFile }] = await Promise.all([
    import('../store/sqlite-errors.ts'),
    import('../store/damage.ts'),
  ])
  if (!isDamaged(error)) return undefined
  const faults = await faultsInFile(file)
  const found = faults.length > 0 ? faults : [error instanceof Error ? error.message : String(error)]
  const { ok, detail } = sound(found, '', wayBack(file))
  return { healthy: false, findings: [{ name: 'integrity', ok, detail: `${file} is damaged: ${detail}` }] }
}

/** How to go on with what there is. */
function wayBack(file: string | null): string {
  const backups = file === null ? [] : backupsBeside(file)
  const beside = backups.length > 0 ? `; beside it lie ${backups.map(quoted).join(', ')}` : ''
  return `bring a backup back to a new place: pipeline restore ${quoted(backups[0] ?? 'BACKUP')} --db NEW${beside}`
}

type Examination = (q: Queries, context: Context) => Promise<Omit<Finding, 'name'>>

const examinations: [string, Examination][] = [
  [
    'integrity',
    async (q, { trust }) =>
      q.engine === 'postgres'
        ? { ok: true, detail: 'left to the server: its tool is pg_amcheck' }
        : sound(
            (await integrityFaults(q)).map((fault, at) => (at === 0 ? `damaged: ${fault}` : fault)),
            'no damage found',
            wayBack(trust === 'local' ? await fileOf(q) : null),
          ),
  ],
  [
    'schema',
    async (q) =>
      sound(
        await missingColumns(q),
        'every table and column is there',
        'not there: changed by another program; bring a backup back to a new place: pipeline restore BACKUP --db NEW',
      ),
  ],
  [
    'references',
    async (q) =>
      q.engine === 'postgres'
        ? { ok: true, detail: 'held by the server' }
        : sound(await danglingReferences(q), 'every reference leads somewhere', 'see the rows named'),
  ],
  [
    'others',
    async (q) => {
      const broken = (await brokenObjects(q)).slice(0, 20)
      return sound(
        broken,
        'nothing of other programs names what is gone',
        'not there any more: drop them, or make them anew',
      )
    },
  ],
  [
    'items',
    async (q) => {
      const odd = (await oddItems(q)).map(({ id, what }) => `#${id} ${what}`)
      return sound(
        odd,
        'every value is a legal one',
        'written by another program; put right with pipeline update, or your own SQL',
      )
    },
  ],
  [
    'values',
    async (q) => {
      if ((await missingColumns(q)).length > 0) return { ok: true, detail: 'not looked at: see schema' }
      const { oddValues } = await import('../store/legal-rows.ts')
      const { count: all, shown } = await oddValues(q)
      const more = all > shown.length ? [`${all - shown.length} more`] : []
      return sound(
        [...shown, ...more],
        'every value is one that any pipeline holds',
        'written by another program; a copy and an export take the nearest value, and say so',
      )
    },
  ],
  [
    'checks',
    async (q) => {
      const unreadable: string[] = []
      const checks = await storedChecks(q)
      for (const { id, health_check } of checks)
        if (!(await planOrUndefined(health_check))) unreadable.push(`#${id}`)
      return sound(
        unreadable.slice(0, 20),
        `${checks.length} health checks can be read`,
        'not valid; see pipeline check ID',
      )
    },
  ],
  [
    'search',
    async (q) => {
      const { missing, orphaned } = await searchDrift(q)
      const ok = missing === 0 && orphaned === 0
      return {
        ok,
        detail: ok
          ? 'the index is in step'
          : `${missing} texts missing, ${orphaned} of items that are gone: pipeline reindex`,
      }
    },
  ],
  [
    'counts',
    async (q) =>
      (await areCountsRight(q))
        ? { ok: true, detail: 'as many items a stage as the board says' }
        : {
            ok: false,
            detail: 'what is kept is not what is there; until it is, they are counted: pipeline reindex',
          },
  ],
  [
    'monitor',
    async (q, { now }) => {
      const { monitorFinding } = await import('./doctor-monitor.ts')
      return monitorFinding(q, now)
    },
  ],
  [
    'config',
    async (_q, { channels }) => {
      const { configFinding } = await import('./doctor-channels.ts')
      return configFinding(channels)
    },
  ],
  [
    'channels',
    async (q, { channels }) => {
      const { channelsFinding } = await import('./doctor-channels.ts')
      return channelsFinding(q, channels)
    },
  ],
  ['size', sizeDetail],
  ['history', historyDetail],
  [
    'version',
    async (q) => ({
      ok: true,
      detail: Object.entries(await versions(q))
        .map(([, value]) => value)
        .join(', schema '),
    }),
  ],
]

async function sizeDetail(q: Queries): Promise<Omit<Finding, 'name'>> {
  const { bytes, items, entries, runs, projects } = await sizes(q)
  const size = bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`
  return {
    ok: true,
    detail: `${size}: ${[count(items, 'item'), count(entries, 'log entry', 'log entries'), count(runs, 'run'), count(projects, 'project')].join(', ')}`,
  }
}

/** Bounded: runs of a week (or the last hundred a check), hours of 90 days, days of 5 years; changes for ever. */
async function historyDetail(q: Queries): Promise<Omit<Finding, 'name'>> {
  const { runs, hours, days, states } = await historySizes(q)
  const parts = [
    `${count(runs, 'run')} of the last 7 days (or the last 100 a check)`,
    `${count(hours, 'hour')} of the last 90 days`,
    `${count(days, 'day')} of the last 5 years`,
    count(states, 'change of state', 'changes of state'),
  ]
  return { ok: true, detail: parts.join(', ') }
}

const sound = (faults: string[], good: string, next: string): Omit<Finding, 'name'> =>
  faults.length === 0 ? { ok: true, detail: good } : { ok: false, detail: `${faults.join('; ')} (${next})` }

/** A damaged page must not hide the other findings. */
async function examined(name: string, examine: () => Promise<Omit<Finding, 'name'>>): Promise<Finding> {
  try {
    return { name, ...(await examine()) }
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}
