import * as z from 'zod/mini'
import type { Item } from '../domain/item.ts'
import { decideMove, resolveStage } from '../domain/move.ts'
import { emoji, type Stage, stageName, stages } from '../domain/stage.ts'
import { findIncident } from '../store/incidents.ts'
import { waitingFor } from '../store/links.ts'
import { lockForChange, log, store } from './change.ts'
import { followItem } from './check-life.ts'
import * as field from './fields.ts'
import { type Context, operation } from './operation.ts'
import { named } from './style.ts'
import { type FullItem, fullView } from './view.ts'

export const itemMove = operation({
  name: 'item.move',
  summary: 'Move an item to another stage of its path',
  kind: 'write',
  needs: 'item:move',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      to: field.words('stage; open and resolved for the ends of an incident'),
      note: z.optional(field.text('why; kept in the log')),
      ifMatch: z.optional(field.version()),
    }),
  output: () => field.fullItemWith({ from: z.enum(stages), moved: z.boolean(), noted: z.boolean() }),
  http: { method: 'post', path: '/items/:id/move' },
  command: {
    words: 'move',
    positionals: ['id', 'to'],
    flags: { note: { from: 'text', value: 'TEXT|-' } },
    examples: ['pipeline move 25 building', 'pipeline move 25 live --note "Shipped to production"'],
  },
  async run(input, context) {
    const { q } = context
    const item = await lockForChange(q, input.id, input.ifMatch)
    const to = resolveStage(item, input.to)
    const waits = (await waitingFor(q, [item.id])).get(item.id) ?? []
    const move = decideMove(item, to, { policy: 'guided', waitingFor: waits }, context.now)
    const note = input.note || null
    if (move.direction === 'none') {
      if (note) await log(context, item.id, 'noted', { note })
      return { ...(await fullView(q, item)), from: item.stage, moved: false, noted: note !== null }
    }
    for (const warning of move.warnings) context.warn(warning)
    const stored = await store(context, item, move.changes)
    await log(context, item.id, 'moved', { detail: detailOf(item, to, move.jumped), note })
    await followItem(context, item, stored)
    const moved = await followIncident(context, stored)
    return { ...(await fullView(q, moved)), from: item.stage, moved: true, noted: note !== null }
  },
  toText(item, style) {
    const name = stageName(item.type, item.stage)
    if (!item.moved)
      return `#${item.id} is in ${name} already; ${item.noted ? 'only the note was stored' : 'nothing changed'}`
    const from = stageName(item.type, item.from)
    const line = `${emoji[item.stage]} ${named(item, style)}: ${from} → ${style.bold(name)}`
    if (item.stage !== 'live') return line
    const tip = item.health
      ? checkTip(item)
      : `Nothing watches it yet: pipeline update ${item.id} --health-check '{"type":"http","url":"…","frequency":"5m"}'`
    return `${line}\n${style.dim(tip)}`
  },
})

function checkTip({ id, health, healthCheck }: FullItem): string {
  if (!health?.approved) return `Its health check waits for approval: pipeline check approve ${id}`
  if (healthCheck?.type === 'heartbeat')
    return `It waits for its job to report in; the line for that: pipeline heartbeat ${id}`
  return health.nextRunAt
    ? `Its health check is due now: pipeline check ${id}`
    : 'Its health check is not scheduled here.'
}

/** Of an incident the type, too: its stages have names of their own. */
const detailOf = (item: Item, to: Stage, jumped: Stage[]) => ({
  title: item.title,
  ...(item.type === 'incident' ? { type: item.type } : {}),
  from: item.stage,
  to,
  ...(jumped.length > 0 ? { skipped: jumped } : {}),
})

/** What the monitor knows of an incident follows its item. Loaded for those alone that have an incident. */
async function followIncident(context: Context, item: Item): Promise<Item> {
  const incident = await findIncident(context.q, item.id)
  return incident ? (await import('./incident-follow.ts')).followIncident(context, incident, item) : item
}
