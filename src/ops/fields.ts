/** Fields that several operations share: each built when an operation asks for it. */

import * as z from 'zod/mini'
import {
  criteriaMax,
  labelsMax,
  nameMax,
  noteTypes,
  priorities,
  severities,
  textMax,
  titleMax,
  verdicts,
} from '../domain/item.ts'
import { stages, types } from '../domain/stage.ts'

type Schema = z.ZodMiniType

/** Adds a sentence for help and the generated documents. */
export function described<S extends Schema>(schema: S, text: string): S {
  // Registered, not added as a check: that would build the schema a second time.
  z.globalRegistry.add(schema, { description: text })
  return schema
}

export const optional = z.optional

export const itemId = (text = 'id of the item') =>
  described(z.int().check(z.minimum(1), z.maximum(Number.MAX_SAFE_INTEGER)), text)

export const version = () =>
  described(z.int().check(z.minimum(1)), 'change only if the item is still at this version')

/** Something other than control, format and white space characters. */
const isVisible = (text: string): boolean =>
  text === '' || /[!-~]/.test(text) || /[\p{L}\p{N}\p{P}\p{S}]/u.test(text)

/** As people count them: an emoji is one character. */
const characters = (text: string): number => (text.length > titleMax ? [...text].length : text.length)

export const title = () => {
  const schema = z.string().check(
    z.trim(),
    z.minLength(1),
    z.refine((text) => characters(text) <= titleMax, { params: { maximum: titleMax } }),
    z.refine(isVisible, 'there is nothing to see in it'),
  )
  z.globalRegistry.add(schema, { description: `1–${titleMax} characters`, maxLength: titleMax })
  return schema
}

export const text = (what: string) => described(z.string().check(z.maxLength(textMax)), what)

export const words = (what: string, max = nameMax) =>
  described(z.string().check(z.trim(), z.minLength(1), z.maxLength(max)), what)

/** A path or a URL, as it was written. */
export const path = () => z.string().check(z.minLength(1), z.maxLength(4096))

export const itemType = () => described(z.enum(types), 'type of the item')

export const stage = () => described(z.enum(stages), 'stage')

export const priority = () => described(z.literal([...priorities]), 'priority: 1 (highest) to 4')

export const severity = () => described(z.enum(severities), 'severity of an incident')

export const noteType = () => described(z.enum(noteTypes), 'kind of note')

export const labels = () => described(z.array(words('label')).check(z.maxLength(labelsMax)), 'labels')

/** A criterion as it is written: a text, or with its verdict. */
const criterionInput = () =>
  z.union([
    words('criterion', 2_000),
    z.strictObject({
      text: words('criterion', 2_000),
      verdict: z.optional(z.enum(verdicts)),
      evidence: z.optional(z.nullable(z.string().check(z.maxLength(textMax)))),
    }),
  ])

export const criteria = () =>
  described(z.array(criterionInput()).check(z.maxLength(criteriaMax)), 'acceptance criteria')

/** Any JSON object: its own rules are in `domain/health-check.ts`. */
export const healthCheck = () =>
  described(z.record(z.string(), z.unknown()), 'health check, as a JSON object')

/** Label of the workers that may run a check. */
export const runner = () =>
  described(
    z.string().check(z.regex(/^[A-Za-z0-9][\w.-]{0,63}$/)),
    'only checks with this label; default local',
  )

export const limit = (preset = 50) =>
  described(z._default(z.int().check(z.minimum(1), z.maximum(1000)), preset), 'how many at the most, 1–1000')

export const cursor = () =>
  described(z.optional(z.string().check(z.maxLength(500))), 'nextCursor of the page before')

const instant = () => z.string()
const nullable = z.nullable

const checkState = () => z.enum(['up', 'degraded', 'down', 'unknown'])

/** Health of an item with a check; null for an item without one. */
export const health = () =>
  z.nullable(
    z.strictObject({
      state: checkState(),
      since: nullable(instant()),
      lastRunAt: nullable(instant()),
      lastResult: nullable(z.enum(['up', 'degraded', 'down', 'unknown', 'maintenance'])),
      summary: nullable(z.string()),
      durationMs: nullable(z.number()),
      nextRunAt: nullable(instant()),
      /** Until when the state holds: when the next run is due, and so late as it may be. Null: none is due. */
      watchedUntil: nullable(instant()),
      /** Up and down again and again. */
      flapping: z.boolean(),
      /** A command check that came over HTTP waits for `check approve`. */
      approved: z.boolean(),
      enabled: z.boolean(),
      /** As it was asked for: where `until` has passed it is over, and the next run strikes it. */
      paused: nullable(z.strictObject({ since: instant(), until: nullable(instant()) })),
      /** The end of the maintenance that the last run fell into; it may have passed. */
      maintenanceUntil: nullable(instant()),
    }),
  )

/** Milliseconds in each state. */
export const stateTimes = () => ({
  upMs: z.number(),
  degradedMs: z.number(),
  downMs: z.number(),
  unknownMs: z.number(),
  maintenanceMs: z.number(),
})

const summaryShape = () => ({
  id: z.number(),
  title: z.string(),
  type: z.enum(types),
  stage: z.enum(stages),
  priority: z.number(),
  project: nullable(z.string()),
  labels: z.array(z.string()),
  assignee: nullable(z.string()),
  parentId: nullable(z.number()),
  /** Unfinished items that this one waits for. */
  waitingFor: z.array(z.number()),
  blocked: nullable(z.strictObject({ reason: z.string(), since: instant() })),
  severity: nullable(z.enum(severities)),
  skipped: z.array(z.enum(stages)),
  branch: nullable(z.string()),
  health: health(),
  version: z.number(),
  createdAt: instant(),
  updatedAt: instant(),
  startedAt: nullable(instant()),
  doneAt: nullable(instant()),
  liveAt: nullable(instant()),
})

/** An item in a list: without its long texts. */
export const itemSummary = () => z.strictObject(summaryShape())

/** An item as a card of the board: with `cards` two things more. */
export const card = () =>
  z.strictObject({
    ...summaryShape(),
    stageSince: z.optional(nullable(instant())),
    children: z.optional(z.strictObject({ total: z.number(), done: z.number() })),
  })

/** Words of a title, a description, a spec or a note. */
export const searched = () =>
  words('words; all must be found, each at the start of a word of title, description, spec or notes', 1_000)

export const cards = () =>
  described(
    z.boolean(),
    'each item also with the instant when it came to its stage, and its children counted',
  )

const criterion = () =>
  z.strictObject({ text: z.string(), verdict: z.enum(verdicts), evidence: nullable(z.string()) })

const fullShape = () => ({
  ...summaryShape(),
  description: nullable(z.string()),
  spec: nullable(z.string()),
  criteria: z.array(criterion()),
  dependencies: z.array(z.number()),
  healthCheck: nullable(z.record(z.string(), z.unknown())),
})

/** An item with everything that is its own. */
export const fullItem = () => z.strictObject(fullShape())

/** A full item and more. */
export const fullItemWith = <T extends Record<string, Schema>>(more: T) =>
  z.strictObject({ ...fullShape(), ...more })

export const activityEntry = () =>
  z.strictObject({
    id: z.number(),
    at: instant(),
    itemId: nullable(z.number()),
    actor: z.string(),
    source: nullable(z.string()),
    action: z.string(),
    detail: nullable(z.record(z.string(), z.unknown())),
    note: nullable(z.string()),
    noteType: nullable(z.enum(noteTypes)),
  })
