import * as z from 'zod/mini'
import { severities } from '../domain/item.ts'
import { requireItem } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'

const result = () => z.enum(['up', 'degraded', 'down', 'unknown', 'maintenance'])
const milliseconds = () => z.nullable(z.number())

const bucket = () =>
  z.strictObject({
    from: z.string(),
    to: z.string(),
    runs: z.number(),
    failed: z.number(),
    /** Null where only sums are known. */
    minMs: milliseconds(),
    meanMs: milliseconds(),
    maxMs: milliseconds(),
    worst: result(),
  })

const time = () => z.string().check(z.maxLength(40))

export const runList = operation({
  name: 'run.list',
  summary: 'List the runs of a health check, and the incidents of that time',
  kind: 'read',
  needs: 'item:read',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      since: field.described(
        z._default(time(), '24h'),
        'from when on: an age such as 7d, a day, or an instant',
      ),
      until: z.optional(field.described(time(), 'until when, in the same words; default now')),
      oldest: z.optional(field.described(z.boolean(), 'the oldest first')),
      points: z.optional(
        field.described(
          z.int().check(z.minimum(10), z.maximum(2000)),
          'for a chart: where there are more runs, or they are no longer kept one by one, so many steps at the most',
        ),
      ),
      limit: field.described(
        z._default(z.int().check(z.minimum(1), z.maximum(5000)), 100),
        'how many at the most, 1–5000',
      ),
      cursor: field.cursor(),
    }),
  output: () =>
    z.strictObject({
      itemId: z.number(),
      title: z.string(),
      from: z.string(),
      to: z.string(),
      /** As far as anything is known. */
      total: z.number(),
      /** Single runs are kept from here; null: none are. */
      rawFrom: z.nullable(z.string()),
      runs: z.array(
        z.strictObject({
          at: z.string(),
          result: result(),
          durationMs: z.number(),
          attempts: z.number(),
          summary: z.nullable(z.string()),
        }),
      ),
      nextCursor: z.nullable(z.string()),
      /** Width of the buckets; null: `runs` tells all. */
      bucketMs: milliseconds(),
      buckets: z.array(bucket()),
      incidents: z.array(
        z.strictObject({
          id: z.number(),
          title: z.string(),
          severity: z.enum(severities),
          from: z.string(),
          to: z.nullable(z.string()),
        }),
      ),
    }),
  http: { method: 'get', path: '/items/:id/runs' },
  command: {
    words: 'runs',
    positionals: ['id'],
    hidden: ['points'],
    examples: ['pipeline runs 25', 'pipeline runs 25 --since 7d --until 6d --oldest'],
  },
  async run({ id, ...wanted }, { q, now }) {
    const item = await requireItem(q, id)
    const { runHistory } = await import('./run-history.ts')
    return runHistory(q, item, wanted, now)
  },
  toText: async (output, style) => (await import('./run-list-text.ts')).runListText(output, style),
})
