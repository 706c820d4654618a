/**
 * What each field may hold beyond its type: an import refuses anything else, an export gives the nearest. The owner's
 * own SQL may have left other values, and those reads show in the same way.
 */

import type { AnyEntity, Kind } from './entity.ts'
import { noteTypes, priorities, severities, verdicts } from './item.ts'
import { isStage, stages, types } from './stage.ts'

type Value = string | number

interface Rule {
  is(value: Value): boolean
  /** Undefined: the row can't be kept at all. */
  nearest(value: Value, row: AnyEntity): Value | null | undefined
  /** `must be …` */
  must: string
}

/** The highest id that a row may have: the index of the search doubles it, and there have to be more behind it. */
export const idMax = 2 ** 51

const word = (words: readonly Value[], nearest: Value | null): Rule => ({
  is: (value) => words.includes(value),
  nearest: () => nearest,
  must: `one of ${words.join(', ')}`,
})

const from = (least: number, most: number): Rule => ({
  is: (value) => Number(value) >= least && Number(value) <= most,
  nearest: (value) => Math.min(Math.max(Number(value), least), most),
  must: most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`,
})

const some = (nearest: (row: AnyEntity) => string | undefined): Rule => ({
  is: (value) => /\S/.test(String(value)),
  nearest: (_, row) => nearest(row),
  must: 'a text with something in it',
})

const jsonObject = (nearest: (text: string) => object): Rule => ({
  is: (value) => isObject(String(value)),
  nearest: (value) => JSON.stringify(nearest(String(value))),
  must: 'a JSON object, as a text',
})

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
  } catch {
    return false
  }
}

const results = ['up', 'degraded', 'down', 'unknown']
const runResults = [...results, 'maintenance']

/** Milliseconds since 1970 of the years 1 to 9999. */
const [firstMs, lastMs] = [Date.parse('0001-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')]
const hourMs = 3_600_000
const instant = from(firstMs, lastMs)
const natural = from(0, Number.MAX_SAFE_INTEGER)
const id = from(-idMax, idMax)
/** Of a row's key: another value could be that of another row. */
const ofKey = (rule: Rule): Rule => ({ ...rule, nearest: () => undefined })

const stagesIn = (text: Value): string[] => String(text).split(' ').filter(isStage)

const sums = {
  upMs: natural,
  degradedMs: natural,
  downMs: natural,
  maintenanceMs: natural,
  runs: natural,
  failed: natural,
  durationMs: natural,
  longestMs: natural,
}

const rules: { [K in Kind]?: Record<string, Rule> } = {
  project: { id, name: some((row) => `(no name) ${row.id}`), version: from(1, idMax) },
  item: {
    id,
    title: some(() => '(no title)'),
    type: word(types, 'feature'),
    stage: word(stages, 'idea'),
    priority: {
      ...from(1, 4),
      nearest: (value) => Math.min(4, Math.max(1, Number(value) || 2)),
      must: `one of ${priorities.join(', ')}`,
    },
    severity: word(severities, null),
    skipped: {
      is: (value) => stagesIn(value).join(' ') === value,
      nearest: (value) => stagesIn(value).join(' '),
      must: 'stages with a space between them',
    },
    version: from(1, idMax),
    healthCheck: jsonObject((invalid) => ({ invalid })),
  },
  label: { label: some(() => undefined) },
  criterion: { id, verdict: word(verdicts, 'open') },
  entry: { id, detail: jsonObject((text) => ({ text })), noteType: word(noteTypes, null) },
  check: {
    state: word(results, 'unknown'),
    sinceMs: instant,
    failures: natural,
    successes: natural,
    liveSinceMs: instant,
    lastRunMs: instant,
    lastResult: word(runResults, 'unknown'),
    lastDurationMs: natural,
    nextRunMs: instant,
    leaseMs: natural,
    epoch: from(0, idMax),
    dismissedMs: instant,
    history: from(0, 2 ** 26 - 1),
    told: word(runResults, 'unknown'),
    rolledMs: instant,
    pausedMs: instant,
    pausedUntilMs: instant,
    begunMs: instant,
  },
  run: {
    startedMs: ofKey(instant),
    durationMs: natural,
    result: word(runResults, 'unknown'),
    attempts: natural,
  },
  state: { atMs: ofKey(instant), state: word(runResults, 'unknown') },
  hour: { hour: ofKey(from(Math.ceil(firstMs / hourMs), Math.floor(lastMs / hourMs))), ...sums },
  day: { day: ofKey(from(Math.ceil(firstMs / hourMs / 24), Math.floor(lastMs / hourMs / 24))), ...sums },
  incident: { openedMs: instant, resolvedMs: instant, recoveryNoted: natural },
}

const listOf = Object.fromEntries(Object.entries(rules).map(([kind, of]) => [kind, Object.entries(of)])) as {
  [K in Kind]?: [field: string, rule: Rule][]
}

/** The first field of a row that holds no legal value, and what it must hold; undefined where all is well. */
export function illegal(kind: Kind, row: AnyEntity): { field: string; must: string } | undefined {
  for (const [field, rule] of listOf[kind] ?? []) {
    const value = row[field]
    if (value !== null && value !== undefined && !rule.is(value)) return { field, must: rule.must }
  }
  return undefined
}

/**
 * The row with the nearest legal values in it; itself, where all is well.
 * @param changed told of each field that is another now
 * @returns       undefined where it can't be kept
 */
export function nearestLegal(
  kind: Kind,
  row: AnyEntity,
  changed: (field: string, must: string) => void,
): AnyEntity | undefined {
  let legal = row
  for (const [field, rule] of listOf[kind] ?? []) {
    const value = row[field]
    if (value === null || value === undefined || rule.is(value)) continue
    changed(field, rule.must)
    const nearest = rule.nearest(value, row)
    if (nearest === undefined) return undefined
    legal = { ...legal, [field]: nearest }
  }
  return legal
}

/** How project names are compared: capital and small letters are one name, on both engines alike. */
export const nameKey = (name: string): string => name.normalize('NFC').toLowerCase()

/** An arrow of a tree of parents or of dependencies. */
export type Edge = readonly [from: number, to: number]

/** Edges without which the others close no circle: empty where there is none. Deep chains overflow nothing. */
export function closingEdges(edges: readonly Edge[]): Edge[] {
  const next = new Map<number, number[]>()
  for (const [one, other] of edges) {
    const list = next.get(one)
    if (list) list.push(other)
    else next.set(one, [other])
  }
  const closing: Edge[] = []
  const state = new Map<number, 'open' | 'done'>()
  for (const start of next.keys()) {
    if (state.has(start)) continue
    const path: { id: number; at: number }[] = [{ id: start, at: 0 }]
    state.set(start, 'open')
    while (path.length > 0) {
      const top = path.at(-1)!
      const to = next.get(top.id)?.[top.at++]
      if (to === undefined) {
        state.set(top.id, 'done')
        path.pop()
      } else if (state.get(to) === 'open') closing.push([top.id, to])
      else if (!state.has(to)) {
        state.set(to, 'open')
        path.push({ id: to, at: 0 })
      }
    }
  }
  return closing
}
