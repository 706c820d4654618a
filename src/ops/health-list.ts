import * as z from 'zod/mini'
import { severities } from '../domain/item.ts'
import { requireProject } from './change.ts'
import * as field from './fields.ts'
import type { HealthPage } from './health-text.ts'
import { operation } from './operation.ts'

const states = ['down', 'degraded', 'unknown', 'maintenance', 'paused', 'up', 'off', 'no-check'] as const

/** As the worker found it last, whether or not somebody still looks. */
const known = ['up', 'degraded', 'down', 'unknown'] as const

const entry = () =>
  z.strictObject({
    id: z.number(),
    title: z.string(),
    /** `unknown` also where nobody has looked since `notWatchedSince`; `off`: switched off in the check itself. */
    state: z.enum(states),
    lastState: z.nullable(z.enum(known)),
    since: z.nullable(z.string()),
    flapping: z.boolean(),
    notWatchedSince: z.nullable(z.string()),
    /** Of the last 30 days: good time of what was watched, 0 to 1; null: nothing was. */
    uptime: z.nullable(z.number()),
    coverage: z.nullable(z.number()),
    lastRunAt: z.nullable(z.string()),
    nextRunAt: z.nullable(z.string()),
    summary: z.nullable(z.string()),
    /** Clock hours; the last one is that which has begun. */
    hours: z.array(z.strictObject(field.stateTimes())),
    ...withDays(),
  })

/** Only with `days`. */
const withDays = () => ({
  /** The last 90; the last one is today. */
  days: z.optional(z.array(z.strictObject(field.stateTimes()))),
  /** Milliseconds of the last runs, at most 50, the oldest first; null: that run did not go well. */
  spark: z.optional(z.array(z.nullable(z.number()))),
  sparkSince: z.optional(z.nullable(z.string())),
  slo: z.optional(
    z.nullable(
      z.strictObject({
        target: z.number(),
        windowMs: z.number(),
        allowedMs: z.number(),
        spentMs: z.number(),
        left: z.number(),
        /** How much of the window was watched, 0 to 1. */
        coverage: z.nullable(z.number()),
      }),
    ),
  ),
  /** The worst open one, and how many are. */
  incident: z.optional(
    z.nullable(
      z.strictObject({
        id: z.number(),
        title: z.string(),
        severity: z.enum(severities),
        openedAt: z.string(),
        acknowledged: z.boolean(),
        open: z.number(),
      }),
    ),
  ),
})

const counts = () =>
  z.strictObject(
    Object.fromEntries(states.map((state) => [state, z.number()])) as Record<State, z.ZodMiniNumber>,
  )

type State = (typeof states)[number]

export const healthList = operation({
  name: 'health.list',
  summary: 'List what is live: its state, uptime, runs and last day, the worst first',
  kind: 'read',
  needs: 'item:read',
  input: () =>
    z.strictObject({
      down: z.optional(
        field.described(
          z.boolean(),
          'only what is down, or was when somebody last looked; exit code 7 if anything is',
        ),
      ),
      project: z.optional(field.words('name of the project')),
      days: z.optional(
        field.described(
          z.boolean(),
          'each item also with its 90 days, last response times, error budget and open incident',
        ),
      ),
      limit: field.limit(),
      cursor: field.cursor(),
    }),
  output: () =>
    z.strictObject({
      /** All that is live, by state, whatever the page holds. */
      counts: counts(),
      flapping: z.number(),
      notWatched: z.number(),
      /** Seen within the last minute. */
      workers: z.number(),
      lastPassAt: z.nullable(z.string()),
      onlyDown: z.boolean(),
      /** With `days`: the day of the first cell. */
      firstDay: z.optional(z.string()),
      items: z.array(entry()),
      nextCursor: z.nullable(z.string()),
    }),
  http: { method: 'get', path: '/health' },
  command: {
    words: 'health',
    hidden: ['days'],
    exitCode: ({ onlyDown, items }) => (onlyDown && items.length > 0 ? 7 : 0),
    examples: ['pipeline health', 'pipeline health --down || echo "something is down"'],
  },
  async run(input, { q, now, warn }): Promise<HealthPage> {
    const projectId = input.project === undefined ? undefined : await requireProject(q, input.project)
    const { healthPage } = await import('./health-page.ts')
    return healthPage(q, { ...input, projectId, now, warn })
  },
  toText: async (output, style) => (await import('./health-text.ts')).healthText(output, style),
})
