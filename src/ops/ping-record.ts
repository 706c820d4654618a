/** A job reports in: that is a run like any other. Loaded when one does. */

import { createHash } from 'node:crypto'
import { formatDuration } from '../domain/duration.ts'
import { gist } from '../domain/gist.ts'
import type { HeartbeatSchedule } from '../domain/health-check.ts'
import { deadlineMs } from '../domain/heartbeat.ts'
import { toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { isPaused } from '../domain/pause.ts'
import { type Ping, pingResult } from '../domain/ping.ts'
import { type CheckRow, lockCheck } from '../store/checks.ts'
import { markBegun, markEnded } from '../store/heartbeats.ts'
import { holdItems } from '../store/items.ts'
import { followItem, planOrUndefined } from './check-life.ts'
import type { Context } from './operation.ts'
import { recordRuns } from './record-runs.ts'
import { notRecorded, type RecordedReport, type RunReport } from './run-report.ts'

/** What is stored of a token. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** UTF-16 units of what a job printed that are kept. */
const outputMax = 10 * 1024

export interface Reported {
  ping: Ping
  /** What the job printed. */
  output: string
}

export interface PingRecord extends RecordedReport {
  /** Is the item live, with a check that waits for reports? */
  watched: boolean
}

/** A start is noted and is no run; nor is what comes in a pause. */
export async function recordPing(
  context: Context,
  itemId: number,
  { ping, output }: Reported,
): Promise<PingRecord> {
  const { q } = context
  const nowMs = toMs(context.now)
  const none = notRecorded(itemId)
  const item = (await holdItems(q, [itemId])).get(itemId)
  if (item?.stage !== 'live' || item.healthCheck === null) return { ...none, watched: false }
  const plan = await planOrUndefined(item.healthCheck)
  if (plan?.schedule.kind !== 'heartbeat') return { ...none, watched: false }
  const check = await scheduled(context, item)
  const result = pingResult(ping)
  if (result === undefined) {
    await markBegun(q, itemId, nowMs, endDue(plan.schedule, check, nowMs))
    return { ...none, watched: true }
  }
  await markEnded(q, itemId, nowMs)
  // What comes in a pause is known afterwards, and counts for nothing.
  if (isPaused(check, nowMs)) return { ...none, watched: true }
  const beganMs = Math.min(check.begunMs ?? nowMs, nowMs)
  const report: RunReport = {
    itemId,
    epoch: check.epoch + 1,
    result,
    ...told(ping, beginningOf(output), check.begunMs === null ? null : nowMs - beganMs),
    perfdata: null,
    startedMs: nowMs,
    durationMs: nowMs - beganMs,
    attempts: 1,
  }
  return { ...(await recordRuns(context, [report]))[0]!, watched: true }
}

/** No pair is cut in half. */
const beginningOf = (output: string): string => output.slice(0, outputMax).replace(/[\ud800-\udbff]$/, '')

/** Made live by the owner's own SQL, it gets its schedule first. */
async function scheduled(context: Context, item: Item): Promise<CheckRow> {
  const known = await lockCheck(context.q, item.id)
  if (known && known.liveSinceMs !== null) return known
  await followItem(context, undefined, item)
  return (await lockCheck(context.q, item.id))!
}

/** When the end is due; what is overdue already stays so, and is dealt with first. */
function endDue(schedule: HeartbeatSchedule, check: CheckRow, nowMs: number): number | null {
  if (isPaused(check, nowMs)) return check.nextRunMs
  const { pingedMs, liveSinceMs } = check
  const facts = { lastPingMs: pingedMs, startedMs: null, liveSinceMs: liveSinceMs ?? nowMs, afterMs: nowMs }
  const expected = check.begunMs === null ? check.nextRunMs : deadlineMs({ schedule }, facts)
  return Math.min(expected ?? Number.POSITIVE_INFINITY, nowMs + schedule.graceMs)
}

function told(
  ping: Ping,
  output: string,
  tookMs: number | null,
): Pick<RunReport, 'summary' | 'condition' | 'evidence'> {
  const said =
    typeof ping === 'number' ? `exit status ${ping}` : `reported ${ping === 'fail' ? 'failure' : ping}`
  const took = tookMs === null ? '' : ` after ${formatDuration(tookMs)}`
  const condition = typeof ping === 'number' ? 'exit_status == 0' : 'the job reports success'
  const lines = [`expected: ${condition}`, `got: ${said}${took}`]
  if (output.trim() !== '') lines.push('output:', output.trim())
  return {
    summary: gist(`${said}${took}${output.trim() === '' ? '' : `: ${output}`}`, 200),
    condition,
    evidence: pingResult(ping) === 'up' ? '' : lines.join('\n'),
  }
}
