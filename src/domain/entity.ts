/**
 * Everything that a pipeline holds, as plain rows: what exports, copies, upgrades and imports are made of. The only
 * list of kinds and of their fields; the store reads and writes by it, a format fills it.
 */

import { type Instant, readInstant } from './instant.ts'

/**
 * - `int`, `text`  a whole number, a text; with `?` also null
 * - `time`         an instant
 */
export type FieldType = 'int' | 'int?' | 'text' | 'text?' | 'time' | 'time?'

/** What a column holds as an instant of the years 1 to 9999, which both engines know; null for anything else. */
export function readTime(value: unknown): Instant | null {
  const at = readInstant(value)
  return at !== null && /^(?!0000)\d{4}-/.test(at) ? at : null
}

/** In the order in which they are written: what is referred to comes first. */
export const kinds = [
  'project',
  'item',
  'label',
  'criterion',
  'dependency',
  'entry',
  'check',
  'run',
  'state',
  'hour',
  'day',
  'incident',
  'heartbeat',
  'maintenance',
] as const
export type Kind = (typeof kinds)[number]

/** Milliseconds in each state, how many runs, how long they took. */
const sums = {
  upMs: 'int',
  degradedMs: 'int',
  downMs: 'int',
  maintenanceMs: 'int',
  runs: 'int',
  failed: 'int',
  durationMs: 'int',
  longestMs: 'int',
} as const

/** The fields of each kind; the first ones are its key, by which it is sorted. */
export const fields = {
  project: {
    id: 'int',
    name: 'text',
    description: 'text?',
    version: 'int',
    createdAt: 'time',
    updatedAt: 'time',
  },
  item: {
    id: 'int',
    parentId: 'int?',
    projectId: 'int?',
    title: 'text',
    type: 'text',
    stage: 'text',
    priority: 'int',
    assignee: 'text?',
    blockedReason: 'text?',
    blockedAt: 'time?',
    severity: 'text?',
    branch: 'text?',
    /** Stages with a space between them. */
    skipped: 'text',
    version: 'int',
    createdAt: 'time',
    updatedAt: 'time',
    startedAt: 'time?',
    doneAt: 'time?',
    liveAt: 'time?',
    /** JSON, as it is stored. */
    healthCheck: 'text?',
    description: 'text?',
    spec: 'text?',
  },
  label: { itemId: 'int', label: 'text' },
  criterion: { id: 'int', itemId: 'int', text: 'text', verdict: 'text', evidence: 'text?' },
  dependency: { itemId: 'int', blockerId: 'int' },
  entry: {
    id: 'int',
    at: 'time',
    /** Of an item that may be deleted since. */
    itemId: 'int?',
    actor: 'text',
    source: 'text?',
    action: 'text',
    /** JSON. */
    detail: 'text?',
    note: 'text?',
    noteType: 'text?',
  },
  /** Without its lease: that holds where it was made, and nowhere else. */
  check: {
    itemId: 'int',
    state: 'text',
    sinceMs: 'int?',
    failures: 'int',
    successes: 'int',
    liveSinceMs: 'int?',
    lastRunMs: 'int?',
    lastResult: 'text?',
    lastSummary: 'text?',
    lastDurationMs: 'int?',
    nextRunMs: 'int?',
    runner: 'text',
    leaseMs: 'int',
    epoch: 'int',
    approvedCommand: 'text?',
    dismissedMs: 'int?',
    history: 'int',
    told: 'text?',
    rolledMs: 'int?',
    missedMs: 'int?',
    pausedMs: 'int?',
    pausedUntilMs: 'int?',
    begunMs: 'int?',
    pingedMs: 'int?',
    maintenanceUntilMs: 'int?',
  },
  run: {
    itemId: 'int',
    startedMs: 'int',
    durationMs: 'int',
    result: 'text',
    attempts: 'int',
    summary: 'text?',
    perfdata: 'text?',
  },
  /** A change of state. */
  state: { itemId: 'int', atMs: 'int', state: 'text' },
  hour: { itemId: 'int', hour: 'int', ...sums },
  day: { itemId: 'int', day: 'int', ...sums },
  incident: {
    itemId: 'int',
    subjectId: 'int?',
    checkName: 'text',
    openedMs: 'int',
    resolvedMs: 'int?',
    resolvedBy: 'text?',
    recoveryNoted: 'int',
    acknowledgedMs: 'int?',
    acknowledgedBy: 'text?',
    fixId: 'int?',
    verifiedMs: 'int?',
    stormId: 'int?',
    remindedMs: 'int?',
    beganMs: 'int?',
  },
  /** Jobs go on reporting in wherever the pipeline moves to. */
  heartbeat: { itemId: 'int', tokenHash: 'text', createdMs: 'int' },
  maintenance: {
    id: 'int',
    /** Null: every item. */
    itemId: 'int?',
    fromMs: 'int?',
    toMs: 'int?',
    cron: 'text?',
    timezone: 'text?',
    durationMs: 'int?',
    note: 'text?',
    createdBy: 'text',
    createdMs: 'int',
  },
} as const satisfies Record<Kind, Record<string, FieldType>>

/** Fields that make a kind's rows different from each other, and their order. */
export const keyOf: Record<Kind, readonly string[]> = {
  project: ['id'],
  item: ['id'],
  label: ['itemId', 'label'],
  criterion: ['id'],
  dependency: ['itemId', 'blockerId'],
  entry: ['id'],
  check: ['itemId'],
  run: ['itemId', 'startedMs'],
  state: ['itemId', 'atMs'],
  hour: ['itemId', 'hour'],
  day: ['itemId', 'day'],
  incident: ['itemId'],
  heartbeat: ['itemId'],
  maintenance: ['id'],
}

/** Fields that hold the id of a row; an entry may speak of an item that is gone. */
export const refersTo: { [K in Kind]?: { [field in keyof Entity<K>]?: 'project' | 'item' } } = {
  item: { parentId: 'item', projectId: 'project' },
  label: { itemId: 'item' },
  criterion: { itemId: 'item' },
  dependency: { itemId: 'item', blockerId: 'item' },
  check: { itemId: 'item' },
  run: { itemId: 'item' },
  state: { itemId: 'item' },
  hour: { itemId: 'item' },
  day: { itemId: 'item' },
  incident: { itemId: 'item', subjectId: 'item', fixId: 'item', stormId: 'item' },
  heartbeat: { itemId: 'item' },
  maintenance: { itemId: 'item' },
}

/** Kinds that count their own ids: a new one is above all that ever were. */
export const counted = ['project', 'item', 'criterion', 'entry', 'maintenance'] as const satisfies Kind[]
export type Counted = (typeof counted)[number]

type ValueOf<T extends FieldType> = T extends 'int'
  ? number
  : T extends 'int?'
    ? number | null
    : T extends 'text'
      ? string
      : T extends 'text?'
        ? string | null
        : T extends 'time'
          ? Instant
          : Instant | null

/** A row of a kind, its fields in the order of the list. */
export type Entity<K extends Kind> = {
  -readonly [F in keyof (typeof fields)[K]]: ValueOf<Extract<(typeof fields)[K][F], FieldType>>
}
export type AnyEntity = Record<string, string | number | null>

/** Rows of every kind. */
export type Batch = { [K in Kind]: Entity<K>[] }

export const emptyBatch = (): Batch => ({
  project: [],
  item: [],
  label: [],
  criterion: [],
  dependency: [],
  entry: [],
  check: [],
  run: [],
  state: [],
  hour: [],
  day: [],
  incident: [],
  heartbeat: [],
  maintenance: [],
})
