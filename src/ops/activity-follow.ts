import * as z from 'zod/mini'
import { entriesAfter, lastEntryIds } from '../store/activity.ts'
import { runsEndedSince } from '../store/runs.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'

/** So many of the last ids are looked through for those that may yet appear. */
const recent = 1_000
/** Checks that are told of at once. */
const checksMax = 20_000

const place = () =>
  z.strictObject({ last: z.number(), gaps: z.array(z.object({ from: z.number(), to: z.number() })) })

/** Of the log, with `cut` where a long note was cut or a long detail left out. */
const followedEntry = () => z.extend(field.activityEntry(), { cut: z.optional(z.literal(true)) })

/** For a server that tells many of what is new: their places are looked at in one state of the database. */
export const activityFollow = operation({
  name: 'activity.follow',
  summary: 'Say what is new in the log since a place in it, and for others since theirs',
  kind: 'read',
  needs: 'item:read',
  input: () =>
    z.strictObject({
      /** Null: from now on. */
      after: z.nullable(place()),
      limit: field.limit(),
      /** Others, who come to the same place; left out where there are more than `limit` entries. */
      joining: z.array(place()),
      joiningLimit: field.limit(),
      /** Also checks whose last run ended since then. */
      runsSinceMs: z.optional(z.number()),
    }),
  output: () =>
    z.strictObject({
      entries: z.array(followedEntry()),
      /** Of the entries; without a place of the last ones, some of which may yet appear, above `start`. */
      ids: z.array(z.number()),
      start: z.number(),
      joining: z.nullable(z.array(z.array(followedEntry()))),
      runs: z.nullable(z.array(z.strictObject({ itemId: z.number(), startedMs: z.number() }))),
    }),
  http: null,
  command: null,
  async run({ after, limit, joining, joiningLimit, runsSinceMs }, { q }) {
    const entries = after ? await entriesAfter(q, after, limit) : []
    const ids = after ? entries.map(({ id }) => id) : await lastEntryIds(q, recent)
    const runs = runsSinceMs === undefined ? null : await runsEndedSince(q, runsSinceMs, checksMax)
    const start = after?.last ?? Math.max(0, (ids.at(-1) ?? 0) - recent)
    if (entries.length === limit) return { entries, ids, start, joining: null, runs }
    const replays = []
    for (const each of joining) replays.push(await entriesAfter(q, each, joiningLimit))
    return { entries, ids, start, joining: replays, runs }
  },
  toText: ({ entries }) => `${entries.length} new`,
})
