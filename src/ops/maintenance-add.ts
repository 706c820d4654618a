import * as z from 'zod/mini'
import { parseDuration } from '../domain/duration.ts'
import type { Maintenance } from '../domain/health-check.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'
import { countMaintenance, insertMaintenance, markMaintenance } from '../store/maintenance.ts'
import { lockForChange, log } from './change.ts'
import * as field from './fields.ts'
import { maintenanceLines, maintenanceWindowWith, viewOf } from './maintenance-view.ts'
import { operation } from './operation.ts'
import { instantAhead } from './since.ts'

/** Windows that are not over: each is looked at whenever a run is stored. */
const most = 1000

const word = (what: string) => z.optional(field.described(z.string().check(z.maxLength(200)), what))

const input = () =>
  z.strictObject({
    id: z.optional(field.itemId('the item that is worked on')),
    all: z.optional(field.described(z.boolean(), 'every item')),
    from: word('when it begins: now, 2h from now, a day or an instant'),
    to: word('when it ends'),
    for: word('how long, such as 2h; from now, where nothing else is said'),
    cron: word('begins again and again: five fields, such as 0 2 * * 0'),
    duration: word('how long each lasts that begins by cron'),
    timezone: word('of cron; without it UTC'),
    note: z.optional(field.text('what is done')),
  })

type Input = z.output<ReturnType<typeof input>>

export const maintenanceAdd = operation({
  name: 'maintenance.add',
  summary: 'Plan maintenance of an item or of all: what its runs find then counts for nothing',
  kind: 'write',
  needs: 'item:write',
  input,
  output: () => maintenanceWindowWith({ planned: z.literal(true) }),
  http: { method: 'post', path: '/maintenance', status: 201 },
  command: {
    words: 'maintenance add',
    positionals: ['id'],
    flags: { note: { from: 'text', value: 'TEXT|-' } },
    examples: [
      'pipeline maintenance add 25 --for 2h --note "Moving the database"',
      'pipeline maintenance add --all --from 2026-03-01T22:00Z --to 2026-03-02',
      'pipeline maintenance add 25 --cron "0 2 * * 0" --duration 2h',
    ],
  },
  async run(wanted, context) {
    const { q, now, actor } = context
    if ((wanted.id === undefined) === !wanted.all) {
      throw new TrackerError('invalid', 'say which item is worked on, or --all for every one', {
        hint: 'pipeline maintenance add 25 --for 2h',
      })
    }
    const window = await windowOf(wanted, now)
    const item = wanted.id === undefined ? undefined : await lockForChange(q, wanted.id)
    if (item && item.healthCheck === null) context.warn(`#${item.id} has no health check yet`)
    if ((await countMaintenance(q, toMs(now))) >= most)
      throw new TrackerError('invalid', `there are ${most} windows of maintenance already`, {
        hint: 'see them: pipeline maintenance list',
      })
    const itemId = item?.id ?? null
    const row = { itemId, window, note: wanted.note || null, createdBy: actor, createdMs: toMs(now) }
    const id = await insertMaintenance(q, row)
    const view = await viewOf({ id, ...row, endedMs: null }, item?.title ?? null, now)
    if (view.activeUntil !== null) await markMaintenance(q, itemId, toMs(view.activeUntil))
    const { from, to, cron, timezone, durationMs } = view
    await log(context, itemId, 'maintenance-planned', {
      detail: { title: item?.title ?? null, maintenanceId: id, from, to, cron, timezone, durationMs },
      note: row.note,
    })
    return { ...view, planned: true as const }
  },
  toText: (view, style) => `Planned maintenance:\n${maintenanceLines([view], style)}`,
})

/** @throws TrackerError `invalid` */
async function windowOf(wanted: Input, now: Instant): Promise<Maintenance> {
  const given = (names: (keyof Input)[]) => names.filter((name) => wanted[name] !== undefined)
  const forms = 'one of: --for 2h [--from …]; --from … --to …; --cron "0 2 * * 0" --duration 2h'
  const odd = (message: string): TrackerError => new TrackerError('invalid', message, { hint: forms })
  if (wanted.cron !== undefined) {
    const [foreign] = given(['from', 'to', 'for'])
    if (foreign) throw odd(`cron and ${foreign} exclude each other`)
    if (wanted.duration === undefined) throw odd('cron needs a duration: how long each maintenance lasts')
    return cronWindow(wanted.cron, wanted.duration, wanted.timezone)
  }
  const [foreign] = given(['duration', 'timezone'])
  if (foreign) throw odd(`${foreign} goes with cron`)
  if ((wanted.for === undefined) === (wanted.to === undefined)) throw odd('say how long, or when it ends')
  if (wanted.to !== undefined && wanted.from === undefined) throw odd('say when it begins: --from')
  const fromMs = toMs(instantAhead(wanted.from ?? 'now', now))
  const untilMs =
    wanted.to === undefined ? fromMs + parseDuration(wanted.for!) : toMs(instantAhead(wanted.to, now))
  if (untilMs <= fromMs) throw odd('it must end after it begins')
  if (untilMs <= toMs(now)) throw odd('it is over already: what has run stays as it is')
  return { kind: 'window', fromMs, toMs: untilMs }
}

async function cronWindow(cron: string, duration: string, timezone = 'UTC'): Promise<Maintenance> {
  const [{ isTimezone, validateCron }, { endlessness }] = await Promise.all([
    import('../domain/cron.ts'),
    import('../domain/maintenance.ts'),
  ])
  if (!isTimezone(timezone)) {
    throw new TrackerError('invalid', `no such time zone: ${JSON.stringify(timezone.slice(0, 60))}`, {
      hint: 'write it as Europe/Vienna or UTC',
    })
  }
  const durationMs = parseDuration(duration)
  if (durationMs < 1000) throw new TrackerError('invalid', 'a maintenance lasts a second at the least')
  const expression = validateCron(cron.trim().replace(/\s+/g, ' '), timezone)
  const why = endlessness({ expression, timezone, durationMs })
  if (why !== undefined) {
    throw new TrackerError('invalid', `the maintenance ${why}`, {
      hint: 'let it last shorter, or begin less often; what is to be watched no more is paused: pipeline pause 25',
    })
  }
  return { kind: 'cron', expression, timezone, durationMs }
}
