/** What `doctor` says of those who watch. Loaded when it is asked for. */

import { formatDuration } from '../domain/duration.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import { count } from '../domain/text.ts'
import type { Queries } from '../store/database.ts'
import { lastLookMs, liveItems } from '../store/live.ts'
import { listWorkers } from '../store/workers.ts'
import { isHere, isNobodyWatching, type Standing, standingOf } from './health-standing.ts'

/** When the last pass was and by whom, how late runs began, and how many live checks nobody watches. */
export async function monitorFinding(q: Queries, now: Instant): Promise<{ ok: boolean; detail: string }> {
  const nowMs = toMs(now)
  const standings: Standing[] = []
  for (const item of await liveItems(q)) {
    const standing = await standingOf(item, nowMs)
    if (standing.state !== 'no-check' && standing.state !== 'off') standings.push(standing)
  }
  if (standings.length === 0) return { ok: true, detail: 'no live check to watch' }
  const workers = await listWorkers(q)
  const latest = workers.find(({ concurrency }) => concurrency > 0)
  const here = workers.filter((worker) => isHere(worker, nowMs))
  const lookMs = await lastLookMs(q)
  const parts = [
    `${count(standings.length, 'live check')}, ${lookMs === undefined ? 'nobody has looked yet' : `last pass ${ago(nowMs - lookMs)}`}`,
  ]
  if (latest) parts[0] += `, ${latest.owner} seen ${ago(nowMs - latest.seenMs)}`
  if (here.length > 1) parts.push(`${here.length} workers`)
  if (here.length > 0)
    parts.push(`runs begin at most ${formatDuration(Math.max(...here.map(({ lagMs }) => lagMs)))} late`)
  // What nobody has begun to watch, after an import say, is no fault; that somebody stopped is.
  const unwatched = standings.filter(({ notWatchedMs }) => notWatchedMs !== null)
  const missed = unwatched.filter(({ item }) => item.check?.lastRunMs != null).length
  if (unwatched.length > 0) parts.push(`${unwatched.length} not watched`)
  if (isNobodyWatching(standings, workers, nowMs))
    parts.push('nobody is watching: start pipeline serve or pipeline monitor')
  return { ok: missed === 0, detail: parts.join('; ') }
}

const ago = (ms: number): string => (ms < 1000 ? 'just now' : `${formatDuration(ms)} ago`)
