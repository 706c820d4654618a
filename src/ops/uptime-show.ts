import * as z from 'zod/mini'
import { findChecks } from '../store/checks.ts'
import { requireItem } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'

const share = () => z.nullable(z.number())

const window = () =>
  z.strictObject({
    window: z.enum(['24h', '7d', '30d', '90d']),
    /** Good time of what was watched, 0 to 1; null: nothing was. */
    ratio: share(),
    /** What was watched of the time outside maintenance, 0 to 1. */
    coverage: share(),
    ...field.stateTimes(),
    runs: z.number(),
    failed: z.number(),
    meanDurationMs: z.nullable(z.number()),
    longestDurationMs: z.nullable(z.number()),
  })

const objective = () =>
  z.strictObject({
    target: z.number(),
    windowMs: z.number(),
    allowedMs: z.number(),
    spentMs: z.number(),
    /** Share of the budget: 1 untouched, 0 spent, below 0 overspent. */
    left: z.number(),
    /** What was watched of its window outside maintenance, 0 to 1: what was not has spent nothing. */
    coverage: share(),
    /** 1 spends the budget exactly in its window; null: nothing was watched. */
    burnRateHour: share(),
    burnRateDay: share(),
  })

export const uptimeShow = operation({
  name: 'uptime.show',
  summary: 'Show the uptime of an item: 24 hours to 90 days, error budget, and each day',
  kind: 'read',
  needs: 'item:read',
  input: () => z.strictObject({ id: field.itemId() }),
  output: () =>
    z.strictObject({
      itemId: z.number(),
      title: z.string(),
      live: z.boolean(),
      hasCheck: z.boolean(),
      windows: z.array(window()),
      slo: z.nullable(objective()),
      days: z.array(z.strictObject({ date: z.string(), ...field.stateTimes() })),
      hours: z.array(z.strictObject({ at: z.string(), ...field.stateTimes() })),
    }),
  http: { method: 'get', path: '/items/:id/uptime' },
  command: { words: 'uptime', positionals: ['id'], examples: ['pipeline uptime 25'] },
  async run({ id }, { q, now }) {
    const item = await requireItem(q, id)
    const check = (await findChecks(q, [id])).get(id)
    const { uptimeReport } = await import('./uptime-report.ts')
    return uptimeReport(q, item, check, now)
  },
  toText: async (output, style) => (await import('./uptime-text.ts')).uptimeText(output, style),
})
