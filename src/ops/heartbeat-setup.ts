import * as z from 'zod/mini'
import { toInstant, toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { TrackerError } from '../errors.ts'
import { setToken, tokenSinceMs } from '../store/heartbeats.ts'
import { lockForChange, log, quoted } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { minute, named } from './style.ts'
import { checkJson } from './view.ts'

const here = 'http://127.0.0.1:4400'

export const heartbeatSetup = operation({
  name: 'heartbeat.setup',
  summary: 'Show the line with which a job reports in; it holds a token and is shown once',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      new: z.optional(field.described(z.boolean(), 'a new token; the one before is void')),
      url: z.optional(
        field.described(z.string().check(z.maxLength(500)), `where the server is; without it ${here}`),
      ),
    }),
  output: () =>
    z.strictObject({
      id: z.number(),
      title: z.string(),
      line: z.nullable(z.string()),
      url: z.nullable(z.string()),
      tokenSince: z.string(),
      changed: z.boolean(),
    }),
  http: { method: 'post', path: '/items/:id/heartbeat' },
  givenOnce: true,
  command: {
    words: 'heartbeat',
    positionals: ['id'],
    examples: ['pipeline heartbeat 25', 'pipeline heartbeat 25 --new', 'pipeline heartbeat 25 --ping fail'],
  },
  async run(input, context) {
    const { q, now } = context
    const base = baseOf(input.url ?? here)
    const item = await lockForChange(q, input.id)
    requireHeartbeat(item)
    const sinceMs = await tokenSinceMs(q, item.id)
    const { id, title } = item
    if (sinceMs !== undefined && !input.new)
      return { id, title, line: null, url: null, tokenSince: toInstant(sinceMs), changed: false }
    const token = await context.newToken()
    const { hashOf } = await import('./ping-record.ts')
    await setToken(q, id, hashOf(token), toMs(now))
    await log(context, id, sinceMs === undefined ? 'heartbeat-set-up' : 'heartbeat-renewed', {
      detail: { title },
    })
    const url = `${base}/api/v1/heartbeats/${token}`
    const line = `&& curl -fsS -X POST -m 10 --retry 3 ${quoted(url)}`
    return { id, title, line, url, tokenSince: now, changed: true }
  },
  toText(made, style) {
    if (made.line === null) {
      const known = `${named(made, style)} has a token since ${minute(made.tokenSince)}; it was shown then, once.`
      return `${known}\n${style.dim(`another one, which voids it: pipeline heartbeat ${made.id} --new`)}`
    }
    return [
      `${named(made, style)} waits for this. Put it behind the job, in its crontab say:`,
      '',
      `  … ${made.line}`,
      '',
      style.dim('The token is shown only now. To report more, put one of these behind it:'),
      style.dim('  /start when it begins, /fail when it failed, or its exit status: /$?'),
      style.dim(`Without a server, on this machine: pipeline heartbeat ${made.id} --ping`),
    ].join('\n')
  },
})

/** @throws TrackerError `invalid` when it has no check of type heartbeat */
export function requireHeartbeat(item: Item): void {
  if (checkJson(item)?.type === 'heartbeat') return
  throw new TrackerError('invalid', `#${item.id} has no health check of type heartbeat`, {
    hint: `give it one: pipeline update ${item.id} --health-check '{"type":"heartbeat","frequency":"daily","grace":"1h"}'`,
  })
}

/** Nothing in it that a shell or a crontab would take for its own. */
function baseOf(url: string): string {
  const base = url.replace(/\/+$/, '')
  if (/^https?:\/\/[\w.:[\]/~-]+$/i.test(base) && URL.canParse(base)) return base
  throw new TrackerError('invalid', 'url must be the http or https URL of the server', {
    hint: `such as ${here}, or https://pipeline.example.org/base`,
  })
}
