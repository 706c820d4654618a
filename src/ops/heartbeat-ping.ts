import * as z from 'zod/mini'
import { monitor } from '../domain/actor.ts'
import { type Ping, pingResult, readPing } from '../domain/ping.ts'
import { TrackerError } from '../errors.ts'
import { itemOfToken } from '../store/heartbeats.ts'
import { requireItem } from './change.ts'
import { checkedText } from './check-run.ts'
import * as field from './fields.ts'
import { requireHeartbeat } from './heartbeat-setup.ts'
import { type Context, operation } from './operation.ts'
import { incidentChange, whyNotOpened } from './run-report.ts'
import { named } from './style.ts'

const pingWord = () =>
  field.described(
    z.string().check(
      z.maxLength(20),
      z.refine((word) => readPing(word) !== undefined, 'start, success, fail, or an exit status 0–255'),
    ),
    'start, success, fail, or the exit status: 0–255',
  )

const output = () => field.text('what the job printed; the first 10 KB are kept')

export const heartbeatPing = operation({
  name: 'heartbeat.ping',
  summary: 'Report in for a job on this machine, without a server: success, or what is said',
  kind: 'write',
  needs: 'check:run',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      ping: z._default(pingWord(), 'success'),
      output: z.optional(output()),
    }),
  output: () =>
    z.strictObject({
      id: z.number(),
      title: z.string(),
      result: z.nullable(z.enum(['up', 'down'])),
      state: z.nullable(z.enum(['up', 'degraded', 'down', 'unknown'])),
      stored: z.boolean(),
      live: z.boolean(),
      maintenance: z.boolean(),
      incident: z.nullable(incidentChange()),
      notOpened: whyNotOpened(),
    }),
  http: null,
  command: {
    words: 'heartbeat',
    switch: 'ping',
    positionals: ['id', 'ping'],
    flags: { output: { from: 'text', value: 'TEXT|-' } },
    examples: [
      'pipeline heartbeat 25 --ping',
      './backup 2>&1 | pipeline heartbeat 25 --ping fail --output -',
    ],
  },
  async run(input, context) {
    const item = await requireItem(context.q, input.id)
    requireHeartbeat(item)
    const ping = readPing(input.ping)!
    const { recordPing } = await import('./ping-record.ts')
    const told = await recordPing(asMonitor(context), item.id, { ping, output: input.output ?? '' })
    const { itemId: id, watched: live, ...recorded } = told
    return { id, title: item.title, result: resultOf(ping), live, ...recorded }
  },
  toText(told, style) {
    if (!told.live) return `${named(told, style)} is not live: nothing was stored`
    if (told.result === null) return `${named(told, style)}: noted that it began`
    if (!told.stored) return `${named(told, style)} is paused: noted, and it counts for nothing`
    const { id: itemId, result, ...rest } = told
    const summary = `reported ${result === 'up' ? 'success' : 'failure'}`
    return checkedText({ ...rest, itemId, result, summary, durationMs: 0, attempts: 1 }, style)
  },
})

const resultOf = (ping: Ping): 'up' | 'down' | null => {
  const result = pingResult(ping)
  return result === 'up' || result === 'down' ? result : null
}

/** Nobody moves anything by it: it is the monitor that draws the conclusions. */
const asMonitor = (context: Context): Context => ({ ...context, actor: monitor, source: 'heartbeat' })

const answer = () => z.strictObject({ ok: z.literal(true) })

const tokenField = () => field.described(z.string().check(z.minLength(1)), 'token of the heartbeat')

/** What a job sends along. */
const text = { field: 'output', maxBytes: 10 * 1024 }

export const heartbeatBeat = operation({
  name: 'heartbeat.beat',
  summary: 'A job reports that it ended well',
  kind: 'write',
  needs: 'check:run',
  input: () => z.strictObject({ token: tokenField(), output: z.optional(output()) }),
  output: answer,
  http: { method: 'post', path: '/heartbeats/:token', text },
  command: null,
  run: (input, context) => report(context, input.token, 'success', input.output),
  toText: () => 'ok',
})

export const heartbeatReport = operation({
  name: 'heartbeat.report',
  summary: 'A job reports that it began, failed, or ended with an exit status',
  kind: 'write',
  needs: 'check:run',
  input: () => z.strictObject({ token: tokenField(), ping: pingWord(), output: z.optional(output()) }),
  output: answer,
  http: { method: 'post', path: '/heartbeats/:token/:ping', text },
  command: null,
  run: (input, context) => report(context, input.token, readPing(input.ping)!, input.output),
  toText: () => 'ok',
})

/** By its hash: how long the search takes tells nothing of the token. */
async function report(context: Context, token: string, ping: Ping, printed = ''): Promise<{ ok: true }> {
  const { hashOf, recordPing } = await import('./ping-record.ts')
  const itemId = await itemOfToken(context.q, hashOf(token))
  if (itemId === undefined) {
    throw new TrackerError('not-found', 'there is no such heartbeat', {
      hint: 'the line of a job is shown by: pipeline heartbeat ID',
    })
  }
  await recordPing(asMonitor(context), itemId, { ping, output: printed })
  return { ok: true }
}
