/**
 * Time-weighted: how long items were in which state. Put together from days, hours and single changes, few statements
 * for any number of items and windows.
 */

import type { Maintenance } from '../domain/health-check.ts'
import type { StateChange, StateTimes } from '../domain/uptime.ts'
import { addTimes, stateTimes } from '../domain/uptime.ts'
import {
  dayMs,
  hourMs,
  type Piece,
  piecesOf,
  timesByUnit,
  type Walk,
  withChanges,
} from '../domain/uptime-pieces.ts'
import type { CheckRow } from '../store/checks.ts'
import type { Queries } from '../store/database.ts'
import { lastStatesMs, type Tally, type Total, type Unit, unitMs } from '../store/states.ts'
import { type Range, runsIn, sumsIn, totalsIn, type UnitTimes, walksIn } from '../store/uptime.ts'
import { windowsOf } from './maintenance-windows.ts'
import { kept } from './roll-up.ts'
import { mayHaveMaintenance, tailOf, type Watch } from './watch.ts'

/** An item, and what its stored states do not say yet. */
export interface Watched {
  itemId: number
  /** Up to which instant hours are summed up. */
  rolledMs: number | null
  /** Changes since the last run. */
  tail: readonly StateChange[]
}

/** Half-open, milliseconds since 1970; what is yet to come is unknown. */
export interface Window {
  of: Watched
  fromMs: number
  toMs: number
}

export interface Timed {
  times: StateTimes
  /** Runs that began in it: of whole hours and days, and of the rest as far as runs are kept. */
  tally: Tally
}

interface Checked extends Pick<Watch, 'healthCheck' | 'isLive'> {
  id: number
  /** Undefined: there is none any more. */
  check: (Pick<CheckRow, 'rolledMs'> & Watch['check']) | undefined
}

/** @returns one an item, in their order */
export async function watchedOf(q: Queries, items: readonly Checked[], nowMs: number): Promise<Watched[]> {
  const { planned, told } = await maintenanceOf(q, items, nowMs)
  const watched: Watched[] = []
  for (const { id, check, healthCheck, isLive } of items) {
    const watch = { healthCheck, isLive, planned: planned(id), toldMs: told.get(id) }
    watched.push({
      itemId: id,
      rolledMs: check?.rolledMs ?? null,
      tail: check ? await tailOf({ check, ...watch }, nowMs) : [],
    })
  }
  return watched
}

/** The windows of what has run, and when the state of each that has any last changed. */
async function maintenanceOf(
  q: Queries,
  items: readonly Checked[],
  nowMs: number,
): Promise<{ planned(itemId: number): readonly Maintenance[]; told: Map<number, number> }> {
  const ran = items.filter(({ check, isLive }) => isLive && check && check.lastRunMs !== null)
  const sinceMs = Math.min(nowMs, ...ran.map(({ check }) => check!.lastRunMs!))
  const planned = await windowsOf(
    q,
    ran.map(({ id }) => id),
    sinceMs,
  )
  const maintained = ran.filter(
    ({ id, healthCheck }) => planned(id).length > 0 || mayHaveMaintenance(healthCheck ?? ''),
  )
  const told = await lastStatesMs(
    q,
    maintained.map(({ id }) => id),
  )
  return { planned, told }
}

const noTimes: StateTimes = { upMs: 0, degradedMs: 0, downMs: 0, unknownMs: 0, maintenanceMs: 0 }
const noRuns: Tally = { runs: 0, failed: 0, durationMs: 0, longestMs: 0 }

interface Placed extends Piece {
  window: Window
}

const piecesOfWindow = (window: Window): Piece[] => {
  const { rolledMs } = window.of
  return piecesOf(window, rolledMs, (rolledMs ?? 0) - kept.hours * hourMs)
}

const inUnits = ({ window, fromMs, toMs }: Placed, ms: number): Range => ({
  itemId: window.of.itemId,
  from: fromMs / ms,
  to: toMs / ms,
})

/**
 * The times of windows, in their order. Together the states of each are as long as it is.
 * @param tallies  false: nobody asks for runs
 */
export async function timesOf(
  q: Queries,
  windows: readonly Window[],
  { tallies = true } = {},
): Promise<Timed[]> {
  const results = new Map(windows.map((window) => [window, { times: noTimes, tally: noRuns }]))
  const pieces = windows.flatMap((window): Placed[] =>
    piecesOfWindow(window).map((piece) => ({ ...piece, window })),
  )
  const add = ({ window }: Placed, times: StateTimes, tally: Tally | undefined): void => {
    const before = results.get(window)!
    results.set(window, {
      times: addTimes(before.times, times),
      tally: tally ? together(before.tally, tally) : before.tally,
    })
  }
  for (const unit of ['hour', 'day'] as const) {
    const those = pieces.filter((piece) => piece.by === unit)
    const totals = await totalsIn(
      q,
      unit,
      those.map((piece) => inUnits(piece, unitMs[unit])),
    )
    for (const [n, piece] of those.entries()) add(piece, timesOfTotal(totals.get(n), piece), totals.get(n))
  }
  const walked = pieces.filter((piece) => piece.by === 'states')
  const ranges = walked.map((piece) => inUnits(piece, 1))
  const walks = await walksIn(q, ranges)
  const runs = tallies ? await runsIn(q, ranges) : new Map<number, Tally>()
  for (const [n, piece] of walked.entries()) {
    const { before, changes } = withChanges(walks[n]!, piece.window.of.tail, piece.fromMs)
    add(piece, stateTimes(before, changes, piece.fromMs, piece.toMs), runs.get(n))
  }
  return windows.map((window) => results.get(window)!)
}

const together = (a: Tally, b: Tally): Tally => ({
  runs: a.runs + b.runs,
  failed: a.failed + b.failed,
  durationMs: a.durationMs + b.durationMs,
  longestMs: Math.max(a.longestMs, b.longestMs),
})

/** What no sum tells of is unknown. */
function timesOfTotal(
  total: UnitTimes | undefined,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): StateTimes {
  const { upMs, degradedMs, downMs, maintenanceMs } = total ?? noTimes
  const knownMs = upMs + degradedMs + downMs + maintenanceMs
  return { upMs, degradedMs, downMs, maintenanceMs, unknownMs: Math.max(0, toMs - fromMs - knownMs) }
}

/**
 * Hours or days one by one, from `first` (since 1970) to the one that holds `nowMs`, which is cut there.
 * @returns as many for each item, in the order of the items
 */
export async function cellsOf(
  q: Queries,
  items: readonly Watched[],
  unit: Unit,
  first: number,
  nowMs: number,
): Promise<StateTimes[][]> {
  const ms = unitMs[unit]
  const plans = items.map(({ rolledMs }) => {
    // Whole units out of their sums, then hours of the day that is not summed up yet, then single changes.
    const summedMs = Math.floor(Math.min(rolledMs ?? 0, nowMs) / hourMs) * hourMs
    const unitsMs = Math.max(first * ms, Math.floor(summedMs / ms) * ms)
    return { unitsMs, changesMs: Math.max(unitsMs, summedMs) }
  })
  const ranges = (from: (n: number) => number, to: (n: number) => number): Range[] =>
    items.map(({ itemId }, n) => ({ itemId, from: from(n), to: to(n) }))
  const sums = await sumsIn(
    q,
    unit,
    ranges(
      () => first,
      (n) => plans[n]!.unitsMs / ms,
    ),
  )
  const hours =
    unit === 'day'
      ? await totalsIn(
          q,
          'hour',
          ranges(
            (n) => plans[n]!.unitsMs / hourMs,
            (n) => plans[n]!.changesMs / hourMs,
          ),
        )
      : new Map<number, Total>()
  const walks = await walksIn(
    q,
    ranges(
      (n) => plans[n]!.changesMs,
      () => nowMs,
    ),
  )
  return items.map((item, n) => {
    const { unitsMs, changesMs } = plans[n]!
    const whole = wholeUnits(sums.get(n), first, unitsMs / ms, ms)
    const walk = withChanges(walks[n]!, item.tail, changesMs)
    const rest = timesByUnit(begunAt(walk, unitsMs, changesMs), unitsMs, nowMs, ms)
    const begun = hours.get(n)
    return [...whole, ...(begun && rest[0] ? [instead(rest[0], begun), ...rest.slice(1)] : rest)]
  })
}

const wholeUnits = (
  byUnit: ReadonlyMap<number, UnitTimes> | undefined,
  first: number,
  end: number,
  ms: number,
): StateTimes[] =>
  Array.from({ length: Math.max(0, end - first) }, (_, n) =>
    timesOfTotal(byUnit?.get(first + n), { fromMs: 0, toMs: ms }),
  )

/** The walk with nothing known of the time before it: hours tell of that. */
const begunAt = ({ before, changes }: Walk, fromMs: number, atMs: number): Walk =>
  fromMs === atMs
    ? { before, changes }
    : { before: 'unknown', changes: [{ atMs, state: before }, ...changes] }

/** What hours tell takes the place of as much that is not known. */
const instead = (times: StateTimes, total: Total): StateTimes => {
  const { upMs, degradedMs, downMs, maintenanceMs } = total
  const knownMs = upMs + degradedMs + downMs + maintenanceMs
  return addTimes(times, {
    upMs,
    degradedMs,
    downMs,
    maintenanceMs,
    unknownMs: -Math.min(knownMs, times.unknownMs),
  })
}

/** Hours, the last of which holds `nowMs`. */
export const lastHours = (count: number, nowMs: number): number => Math.floor(nowMs / hourMs) - count + 1
export const lastDays = (count: number, nowMs: number): number => Math.floor(nowMs / dayMs) - count + 1
