import * as z from 'zod/mini'
import { wrongCursor } from '../domain/cursor.ts'
import { toInstant } from '../domain/instant.ts'
import type { NotificationEvent } from '../domain/notification.ts'
import { count, fit, oneLine, pad } from '../domain/text.ts'
import { listDeliveries } from '../store/outbox.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { second } from './style.ts'

const delivery = () =>
  z.strictObject({
    id: z.number(),
    channel: z.string(),
    kind: z.string(),
    at: z.string(),
    state: z.enum(['waiting', 'sent', 'failed', 'dropped']),
    tries: z.number(),
    /** When it is tried again; null once it has ended. */
    dueAt: z.nullable(z.string()),
    endedAt: z.nullable(z.string()),
    reason: z.nullable(z.string()),
    subject: z.string(),
  })

export const notifyLog = operation({
  name: 'notify.log',
  summary: 'List what was sent over which channel, what waits, and what failed',
  kind: 'read',
  needs: 'item:read',
  input: () =>
    z.strictObject({
      channel: z.optional(field.words('name of a channel', 64)),
      failed: z.optional(field.described(z.boolean(), 'only what failed, or failed so far')),
      limit: field.limit(),
      cursor: field.cursor(),
    }),
  output: () => z.strictObject({ deliveries: z.array(delivery()), nextCursor: z.nullable(z.string()) }),
  http: { method: 'get', path: '/notifications' },
  command: { words: 'notify log', examples: ['pipeline notify log --failed'] },
  async run({ channel, failed, limit, cursor }, { q }) {
    const before = cursor === undefined ? undefined : Number(cursor)
    if (before !== undefined && !(Number.isSafeInteger(before) && before > 0)) throw wrongCursor()
    const rows = await listDeliveries(q, { channel, failed, before, limit: limit + 1 })
    const { subjectLine } = await import('../domain/notification.ts')
    const shown = rows.slice(0, limit)
    return {
      deliveries: shown.map((row) => {
        const event = JSON.parse(row.event) as NotificationEvent
        return {
          id: row.id,
          channel: row.channel,
          kind: event.kind,
          at: event.at,
          state: row.state as 'waiting',
          tries: row.tries,
          dueAt: row.state === 'waiting' ? toInstant(row.dueMs) : null,
          endedAt: row.endedMs === null ? null : toInstant(row.endedMs),
          reason: row.reason,
          subject: subjectLine(event),
        }
      }),
      nextCursor: rows.length > limit ? String(shown.at(-1)!.id) : null,
    }
  },
  toText({ deliveries, nextCursor }, style) {
    if (deliveries.length === 0) return 'Nothing was sent yet.'
    const paint = { waiting: style.yellow, sent: style.green, failed: style.red, dropped: style.dim }
    const lines = deliveries.flatMap((each) => {
      const kind = each.kind.replace(/^(incident|check|storm)\./, '')
      const what = fit(`${oneLine(each.channel)} ${kind} ${oneLine(each.subject)}`, style.width - 28)
      const head = `${style.dim(second(each.at))} ${paint[each.state](pad(each.state, 7))} ${what}`
      const again = each.dueAt && each.tries > 0 ? `; again at ${second(each.dueAt)}` : ''
      const tried = each.tries > 0 ? `tried ${count(each.tries, 'time')}: ` : ''
      const why = each.reason ? `${tried}${oneLine(each.reason)}${again}` : ''
      return [head, ...(why ? [style.dim(fit(`  ${why}`, style.width))] : [])]
    })
    return [...lines, ...(nextCursor ? [style.dim(`more: --cursor ${nextCursor}`)] : [])].join('\n')
  },
})
