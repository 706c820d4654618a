import * as z from 'zod/mini'
import { severities } from '../domain/item.ts'
import { stages, types } from '../domain/stage.ts'
import { requireProject } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'

const nullable = z.nullable
const instant = () => z.string()
const milliseconds = () => nullable(z.number())

/** Input of `item.list` that shows the items behind a number: at most 100 ids, or a column. */
const list = () =>
  z.strictObject({
    ids: z.optional(z.array(z.number())),
    stage: z.optional(z.enum(stages)),
    board: z.optional(z.boolean()),
    project: z.optional(z.string()),
  })

const refShape = () => ({
  id: z.number(),
  title: z.string(),
  type: z.enum(types),
  stage: z.enum(stages),
  severity: nullable(z.enum(severities)),
  assignee: nullable(z.string()),
  since: nullable(instant()),
})

const ref = () => z.strictObject(refShape())

/** How many, and the first ten of them. */
const group = <T extends Record<string, z.ZodMiniType>>(more: T) =>
  z.strictObject({
    count: z.number(),
    items: z.array(z.strictObject({ ...refShape(), ...more })),
    list: list(),
  })

const needs = () =>
  z.strictObject({
    /** Flagged, since then. */
    blocked: group({ reason: z.string() }),
    /** In a review, since then. */
    reviews: group({}),
    /** Open, and nobody has said to know of them. */
    incidents: group({ subject: nullable(z.strictObject({ id: z.number(), title: z.string() })) }),
    /** Live, with a command or a secret that waits for `check approve`. */
    approvals: group({ command: z.string() }),
    /** Over which nothing is told until `notify approve`. */
    channels: z.strictObject({ count: z.number(), names: z.array(z.string()) }),
    failing: group({
      state: z.enum(['down', 'degraded']),
      summary: nullable(z.string()),
      incidentId: nullable(z.number()),
    }),
    /** Live, and nothing looks whether it works. */
    unwatched: group({}),
  })

const spreadShape = () => ({
  count: z.number(),
  medianMs: milliseconds(),
  p85Ms: milliseconds(),
  list: list(),
})
const spread = () => z.strictObject(spreadShape())
const mean = () => z.strictObject({ count: z.number(), meanMs: milliseconds() })

export const dashboardShow = operation({
  name: 'dashboard.show',
  summary: 'Show what needs a human now, how work flows, and how production stands',
  kind: 'read',
  needs: 'item:read',
  input: () => z.strictObject({ project: z.optional(field.words('name of the project')) }),
  output: () =>
    z.strictObject({
      project: nullable(z.string()),
      at: instant(),
      needs: needs(),
      stages: z.array(
        z.strictObject({
          stage: z.enum(stages),
          count: z.number(),
          list: list(),
          /** Of those of which it is known; null: of none, and in done and live. */
          age: nullable(z.strictObject({ known: z.number(), medianMs: z.number(), p85Ms: z.number() })),
        }),
      ),
      oldest: z.array(ref()),
      throughput: z.strictObject({
        total: z.number(),
        weeks: z.array(z.strictObject({ from: z.string(), count: z.number(), list: list() })),
      }),
      cycle: z.strictObject({
        days30: spread(),
        days90: spread(),
        weeks: z.array(z.strictObject({ from: z.string(), ...spreadShape() })),
      }),
      incidents: z.strictObject({
        open: z.strictObject({ count: z.number(), list: list() }),
        weeks: z.array(z.strictObject({ from: z.string(), opened: z.number(), list: list() })),
        /** From opened to acknowledged, to resolved: of those that were opened in the last 90 days. */
        acknowledged: mean(),
        resolved: mean(),
      }),
      uptime: z.strictObject({
        days: z.number(),
        /** Live with a check; and those of which anything was seen. */
        items: z.number(),
        watched: z.number(),
        mean: nullable(z.number()),
        worst: z.array(
          z.strictObject({
            id: z.number(),
            title: z.string(),
            ratio: z.number(),
            coverage: nullable(z.number()),
          }),
        ),
        list: list(),
      }),
    }),
  http: { method: 'get', path: '/dashboard' },
  command: { words: 'dashboard', examples: ['pipeline dashboard', 'pipeline dashboard --project Invoices'] },
  async run({ project }, { q, now }) {
    const projectId = project === undefined ? undefined : await requireProject(q, project)
    const { dashboard } = await import('./dashboard.ts')
    return dashboard(q, { project: project ?? null, projectId, now })
  },
  toText: async (output, style) => (await import('./dashboard-text.ts')).dashboardText(output, style),
})
