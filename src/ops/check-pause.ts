import * as z from 'zod/mini'
import { type Instant, toInstant, toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { isPaused } from '../domain/pause.ts'
import { oneLine } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { type CheckRow, lockCheck } from '../store/checks.ts'
import { openIncident } from '../store/incidents.ts'
import { pauseCheck, resumeCheck } from '../store/pauses.ts'
import { lockForChange, log } from './change.ts'
import { endWatch, firstRunMs, followItem, planOrUndefined } from './check-life.ts'
import * as field from './fields.ts'
import { type Context, operation } from './operation.ts'
import { instantAhead } from './since.ts'
import { minute, named } from './style.ts'
import { fullView } from './view.ts'

export const checkPause = operation({
  name: 'check.pause',
  summary: 'Stop the health check of a live item for a while; the time is not watched',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      for: z.optional(
        field.described(z.string().check(z.maxLength(40)), 'how long, such as 2h; else until it is resumed'),
      ),
      note: z.optional(field.text('why')),
      ifMatch: z.optional(field.version()),
    }),
  output: () => field.fullItemWith({ changed: z.boolean() }),
  http: { method: 'post', path: '/items/:id/pause' },
  command: {
    words: 'pause',
    positionals: ['id'],
    flags: { note: { from: 'text', value: 'TEXT|-' } },
    examples: ['pipeline pause 25 --for 2h --note "Moving the database"'],
  },
  async run(input, context) {
    const { q, now } = context
    const item = await lockForChange(q, input.id, input.ifMatch)
    const check = await scheduled(context, item)
    const until = input.for === undefined ? null : laterThan(now, input.for)
    const going = isPaused(check, toMs(now)) ? check : undefined
    const untilMs = until === null ? null : toMs(until)
    if (going && going.pausedUntilMs === untilMs) return { ...(await fullView(q, item)), changed: false }
    const plan = await planOrUndefined(item.healthCheck!)
    const nextRunMs = await firstRunMs(plan, toMs(now), { pausedUntilMs: untilMs })
    await endWatch(context, item, check)
    await pauseCheck(q, item.id, { pausedMs: going?.pausedMs ?? toMs(now), untilMs, nextRunMs })
    await tell(context, item, 'check-paused', { until }, input.note)
    return { ...(await fullView(q, item)), changed: true }
  },
  toText(item, style) {
    const until = item.health?.paused?.until
    const how = until ? `until ${minute(until)}` : `until it is resumed: pipeline resume ${item.id}`
    return item.changed
      ? `${named(item, style)} is paused ${how}`
      : `${named(item, style)} is paused already, ${how}; nothing changed`
  },
})

export const checkResume = operation({
  name: 'check.resume',
  summary: 'Go on with a health check that is paused; it is due at once',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      note: z.optional(field.text('why')),
      ifMatch: z.optional(field.version()),
    }),
  output: () => field.fullItemWith({ changed: z.boolean() }),
  http: { method: 'post', path: '/items/:id/resume' },
  command: {
    words: 'resume',
    positionals: ['id'],
    flags: { note: { from: 'text', value: 'TEXT|-' } },
    examples: ['pipeline resume 25'],
  },
  async run(input, context) {
    const { q, now } = context
    const item = await lockForChange(q, input.id, input.ifMatch)
    const check = await lockCheck(q, item.id)
    if (!check || !isPaused(check, toMs(now))) return { ...(await fullView(q, item)), changed: false }
    const plan = item.healthCheck === null ? undefined : await planOrUndefined(item.healthCheck)
    const nextRunMs = item.stage === 'live' ? await firstRunMs(plan, toMs(now)) : null
    await resumeCheck(q, item.id, nextRunMs)
    await tell(context, item, 'check-resumed', { since: toInstant(check.pausedMs!) }, input.note)
    return { ...(await fullView(q, item)), changed: true }
  },
  toText(item, style) {
    if (!item.changed) return `${named(item, style)} is not paused; nothing changed`
    const heartbeat = item.healthCheck?.type === 'heartbeat'
    const next = item.health?.nextRunAt
    const then = !next ? '' : heartbeat ? `; a heartbeat is due by ${minute(next)}` : '; it is due now'
    return `${named(item, style)} is watched again${then}`
  },
})

/**
 * The schedule of what is live and has a check, made where the owner's own SQL put it there.
 * @throws TrackerError `invalid` where there is nothing to pause
 */
async function scheduled(context: Context, item: Item): Promise<CheckRow> {
  if (item.healthCheck === null)
    throw new TrackerError('invalid', `#${item.id} has no health check that could be paused`)
  if (item.stage !== 'live') {
    throw new TrackerError('invalid', `#${item.id} is not live: its health check does not run anyway`, {
      hint: `see where it is: pipeline show ${item.id}`,
    })
  }
  const known = await lockCheck(context.q, item.id)
  if (known && known.liveSinceMs !== null) return known
  await followItem({ ...context, trust: 'remote', warn: () => {} }, undefined, item)
  return (await lockCheck(context.q, item.id))!
}

/** @throws TrackerError `invalid` for what is no duration */
function laterThan(now: Instant, duration: string): Instant {
  if (/^\d+[a-z]+$/.test(duration)) return instantAhead(duration, now)
  throw new TrackerError('invalid', `for must be a duration, not ${JSON.stringify(duration)}`, {
    hint: 'write a whole number and its unit: 30m, 2h, 7d',
  })
}

/** In the log of the item, and in the incident that is open, which stays so. */
async function tell(
  context: Context,
  item: Item,
  action: 'check-paused' | 'check-resumed',
  detail: Record<string, unknown>,
  note: string | undefined,
): Promise<void> {
  await log(context, item.id, action, { detail: { title: item.title, ...detail }, note: note || null })
  const open = await openIncident(context.q, item.id)
  if (!open) return
  const until = typeof detail.until === 'string' ? ` until ${minute(detail.until)}` : ''
  const what = action === 'check-paused' ? `is paused${until}` : 'is watched again'
  const why = note ? `: ${oneLine(note)}` : ''
  await log(context, open.itemId, 'check-changed', {
    note: `The health check of #${item.id} ${what}${why}. This incident stays open.`,
  })
}
