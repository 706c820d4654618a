/** What is to be told, and to whom it was: events and their deliveries. Times are integer milliseconds. */

import sql, { empty, join, raw } from 'sql-template-tag'
import type { Queries } from './database.ts'

/** Written in the transaction of the change that it tells of. @param event JSON */
export const insertEvent = (
  q: Queries,
  event: { atMs: number; kind: string; incidentId: number | null; event: string },
): Promise<number> =>
  q.run(sql`INSERT INTO pipeline_outbox (at_ms, kind, incident_id, event)
    VALUES (${event.atMs}, ${event.kind}, ${event.incidentId}, ${event.event})`)

export interface WaitingEvent {
  id: number
  atMs: number
  kind: string
  incidentId: number | null
  /** JSON. */
  event: string
}

const lock = (q: Queries, how: string) => (q.engine === 'postgres' ? raw(how) : empty)

/**
 * Events that no channel was asked about yet, oldest first. Of several workers one asks after the other: else the end
 * of an incident would be told before its beginning, which another one is about to tell.
 */
export async function waitingEvents(q: Queries, limit: number): Promise<WaitingEvent[]> {
  const rows = await q.all<{
    id: number
    at_ms: number
    kind: string
    incident_id: number | null
    event: string
  }>(sql`SELECT id, at_ms, kind, incident_id, event FROM pipeline_outbox
    WHERE state = 'waiting' ORDER BY id LIMIT ${limit} ${lock(q, 'FOR UPDATE')}`)
  return rows.map((row) => ({
    id: row.id,
    atMs: row.at_ms,
    kind: row.kind,
    incidentId: row.incident_id,
    event: row.event,
  }))
}

/** `told`: its deliveries are made. `dropped`: it was over before anybody was told. */
export const markEvents = (q: Queries, ids: readonly number[], state: 'told' | 'dropped'): Promise<number> =>
  q.run(sql`UPDATE pipeline_outbox SET state = ${state} WHERE id IN (${join([...ids])})`)

export const insertDelivery = (
  q: Queries,
  eventId: number,
  channel: string,
  dueMs: number,
  droppedBecause?: string,
): Promise<number> =>
  droppedBecause === undefined
    ? q.run(sql`INSERT INTO pipeline_deliveries (event_id, channel, due_ms) VALUES (${eventId}, ${channel}, ${dueMs})
        ON CONFLICT (event_id, channel) DO NOTHING`)
    : q.run(sql`INSERT INTO pipeline_deliveries (event_id, channel, due_ms, state, reason, ended_ms)
        VALUES (${eventId}, ${channel}, ${dueMs}, 'dropped', ${droppedBecause}, ${dueMs})
        ON CONFLICT (event_id, channel) DO NOTHING`)

/**
 * Of waiting events those that nobody is told one by one: openings that a storm gathered while they waited, and what
 * happened later to an incident whose opening nobody was told of.
 */
export async function silentEvents(q: Queries, waiting: readonly WaitingEvent[]): Promise<Set<number>> {
  const ids = [...new Set(waiting.flatMap((event) => event.incidentId ?? []))]
  if (ids.length === 0) return new Set()
  const gathered = await q.all<{ id: number }>(sql`SELECT item_id AS id FROM pipeline_incidents
    WHERE item_id IN (${join(ids)}) AND storm_id IS NOT NULL`)
  const openings = await q.all<{ id: number; told: number; waiting: number }>(sql`
    SELECT incident_id AS id, sum(CASE WHEN state = 'told' THEN 1 ELSE 0 END) AS told,
      sum(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS waiting
    FROM pipeline_outbox WHERE incident_id IN (${join(ids)})
      AND kind IN ('incident.opened', 'incident.reopened', 'storm.opened') GROUP BY incident_id`)
  const inStorm = new Set(gathered.map((row) => row.id))
  const told = new Set(openings.filter((row) => Number(row.told) > 0).map((row) => row.id))
  const dropped = openings.filter((row) => Number(row.waiting) === 0).map((row) => row.id)
  const neverTold = new Set([...dropped, ...inStorm].filter((id) => !told.has(id)))
  const isOpening = (kind: string): boolean => kind === 'incident.opened' || kind === 'incident.reopened'
  const silent = waiting.filter(
    ({ kind, incidentId }) =>
      incidentId !== null && (isOpening(kind) ? inStorm.has(incidentId) : neverTold.has(incidentId)),
  )
  return new Set(silent.map((event) => event.id))
}

export interface DueDelivery {
  id: number
  channel: string
  /** Made so far. */
  tries: number
  /** JSON. */
  event: string
}

/**
 * Is no earlier event of the same incident still to be sent over the same channel? One that is tried again must not
 * arrive after what came later. Of the delivery `d` and its event `o`.
 */
const isItsTurn = sql`(o.incident_id IS NULL OR (d.channel, o.incident_id, d.event_id) IN (
    SELECT w.channel, e.incident_id, min(w.event_id)
    FROM pipeline_deliveries w JOIN pipeline_outbox e ON e.id = w.event_id
    WHERE w.state = 'waiting' AND e.incident_id IS NOT NULL GROUP BY w.channel, e.incident_id))`

/** Takes what is due and holds it until `untilMs`: it falls due again where its worker dies. */
export async function takeDue(
  q: Queries,
  nowMs: number,
  untilMs: number,
  channels: readonly string[],
  limit: number,
): Promise<DueDelivery[]> {
  if (channels.length === 0) return []
  const rows = await q.all<{ id: number; channel: string; tries: number; event_id: number }>(sql`
    WITH due AS MATERIALIZED (
      SELECT d.id FROM pipeline_deliveries d JOIN pipeline_outbox o ON o.id = d.event_id
      WHERE d.state = 'waiting' AND d.due_ms <= ${nowMs} AND d.channel IN (${join([...channels])}) AND ${isItsTurn}
      ORDER BY d.due_ms, d.id LIMIT ${limit} ${lock(q, 'FOR UPDATE OF d SKIP LOCKED')})
    UPDATE pipeline_deliveries SET due_ms = ${untilMs} WHERE id IN (SELECT id FROM due)
    RETURNING id, channel, tries, event_id`)
  const events = await eventTexts(
    q,
    rows.map((row) => row.event_id),
  )
  return rows
    .map((row) => ({
      id: row.id,
      channel: row.channel,
      tries: row.tries,
      event: events.get(row.event_id) ?? '',
    }))
    .sort((a, b) => a.id - b.id)
}

async function eventTexts(q: Queries, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map()
  const rows = await q.all<{ id: number; event: string }>(
    sql`SELECT id, event FROM pipeline_outbox WHERE id IN (${join([...new Set(ids)])})`,
  )
  return new Map(rows.map((row) => [row.id, row.event]))
}

export interface DeliveryEnd {
  state: 'waiting' | 'sent' | 'failed' | 'dropped'
  tries: number
  /** When it is tried again, where it waits. */
  dueMs: number
  reason: string | null
  endedMs: number | null
}

export const endDelivery = (q: Queries, id: number, end: DeliveryEnd): Promise<number> =>
  q.run(sql`UPDATE pipeline_deliveries SET state = ${end.state}, tries = ${end.tries}, due_ms = ${end.dueMs},
    reason = ${end.reason}, ended_ms = ${end.endedMs} WHERE id = ${id}`)

/** What is never tried again because its channel is no more. */
export const dropDeliveries = (q: Queries, channel: string, reason: string, nowMs: number): Promise<number> =>
  q.run(sql`UPDATE pipeline_deliveries SET state = 'dropped', reason = ${reason}, ended_ms = ${nowMs}
    WHERE channel = ${channel} AND state = 'waiting'`)

/** Is there anything to do? The cheapest question, asked every few seconds. */
export async function hasWork(q: Queries, nowMs: number): Promise<boolean> {
  const row = await q.get<{ n: number }>(sql`SELECT
    (CASE WHEN EXISTS (SELECT 1 FROM pipeline_outbox WHERE state = 'waiting') THEN 1 ELSE 0 END)
    + (CASE WHEN EXISTS (SELECT 1 FROM pipeline_deliveries d JOIN pipeline_outbox o ON o.id = d.event_id
      WHERE d.state = 'waiting' AND d.due_ms <= ${nowMs} AND ${isItsTurn}) THEN 1 ELSE 0 END) AS n`)
  return Number(row?.n ?? 0) > 0
}

/** What ended before `beforeMs` is forgotten. */
export const pruneOutbox = (q: Queries, beforeMs: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_outbox WHERE at_ms < ${beforeMs} AND state <> 'waiting'
    AND NOT EXISTS (SELECT 1 FROM pipeline_deliveries d WHERE d.event_id = pipeline_outbox.id AND d.state = 'waiting')`)

export interface LoggedDelivery {
  id: number
  channel: string
  state: string
  tries: number
  dueMs: number
  endedMs: number | null
  reason: string | null
  /** JSON. */
  event: string
}

/** Newest first. */
export async function listDeliveries(
  q: Queries,
  filter: {
    channel?: string | undefined
    failed?: boolean | undefined
    before?: number | undefined
    limit: number
  },
): Promise<LoggedDelivery[]> {
  const conditions = [
    sql`1 = 1`,
    ...(filter.channel === undefined ? [] : [sql`d.channel = ${filter.channel}`]),
    ...(filter.failed ? [sql`(d.state = 'failed' OR (d.state = 'waiting' AND d.tries > 0))`] : []),
    ...(filter.before === undefined ? [] : [sql`d.id < ${filter.before}`]),
  ]
  const rows = await q.all<{
    id: number
    channel: string
    state: string
    tries: number
    due_ms: number
    ended_ms: number | null
    reason: string | null
    event: string
  }>(sql`SELECT d.id, d.channel, d.state, d.tries, d.due_ms, d.ended_ms, d.reason, e.event
    FROM pipeline_deliveries d JOIN pipeline_outbox e ON e.id = d.event_id
    WHERE ${join(conditions, ' AND ')} ORDER BY d.id DESC LIMIT ${filter.limit}`)
  return rows.map((row) => ({
    id: row.id,
    channel: row.channel,
    state: row.state,
    tries: row.tries,
    dueMs: row.due_ms,
    endedMs: row.ended_ms,
    reason: row.reason,
    event: row.event,
  }))
}

/** How much is still to be told, and how much was given up. */
export async function outboxCounts(q: Queries): Promise<{ events: number; waiting: number; failed: number }> {
  const row = await q.get<{ events: number; waiting: number; failed: number }>(sql`SELECT
    (SELECT count(*) FROM pipeline_outbox WHERE state = 'waiting') AS events,
    (SELECT count(*) FROM pipeline_deliveries WHERE state = 'waiting') AS waiting,
    (SELECT count(*) FROM pipeline_deliveries WHERE state = 'failed') AS failed`)
  return { events: Number(row?.events), waiting: Number(row?.waiting), failed: Number(row?.failed) }
}

export interface ChannelRow {
  name: string
  /** Fingerprint of the target that wanted no more: another target is asked again. */
  goneTarget: string | null
  goneReason: string | null
  approvedCommand: string | null
}

export async function findChannels(q: Queries): Promise<Map<string, ChannelRow>> {
  const rows = await q.all<{
    name: string
    gone_target: string | null
    gone_reason: string | null
    approved_command: string | null
  }>(sql`SELECT name, gone_target, gone_reason, approved_command FROM pipeline_channels`)
  return new Map(
    rows.map((row) => [
      row.name,
      {
        name: row.name,
        goneTarget: row.gone_target,
        goneReason: row.gone_reason,
        approvedCommand: row.approved_command,
      },
    ]),
  )
}

export const markGone = (q: Queries, name: string, target: string, reason: string): Promise<number> =>
  q.run(sql`INSERT INTO pipeline_channels (name, gone_target, gone_reason) VALUES (${name}, ${target}, ${reason})
    ON CONFLICT (name) DO UPDATE SET gone_target = excluded.gone_target, gone_reason = excluded.gone_reason`)

export const approveChannel = (q: Queries, name: string, command: string): Promise<number> =>
  q.run(sql`INSERT INTO pipeline_channels (name, approved_command) VALUES (${name}, ${command})
    ON CONFLICT (name) DO UPDATE SET approved_command = excluded.approved_command`)
