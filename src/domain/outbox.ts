/** Which events are told now, which wait, and which were over before anybody was told. Pure. */

export interface OutboxEvent {
  id: number
  atMs: number
  kind: string
  incidentId: number | null
}

export interface OutboxPlan {
  /** Ids, in the order of the events. */
  tell: number[]
  drop: number[]
}

const opens = (kind: string): boolean => /^(incident\.(opened|reopened)|storm\.opened)$/.test(kind)
const ends = (kind: string): boolean => /^(incident|storm)\.resolved$/.test(kind)

/**
 * An incident that opens waits for `groupWaitMs`, and what else happens to it waits with it: where it is resolved by
 * then, nothing of it is told. Events of no incident are told at once.
 * @param events in the order in which they were written
 */
export function planOutbox(events: readonly OutboxEvent[], nowMs: number, groupWaitMs: number): OutboxPlan {
  const plan: OutboxPlan = { tell: [], drop: [] }
  for (const group of groups(events)) {
    const opened = group.find((event) => opens(event.kind))
    const resolved = group.find((event) => ends(event.kind) && opened !== undefined && event.id > opened.id)
    const before = opened === undefined ? group : group.filter((event) => event.id < opened.id)
    plan.tell.push(...idsOf(before))
    if (opened === undefined) continue
    const behind = group.filter((event) => event.id >= opened.id)
    if (resolved !== undefined && resolved.atMs - opened.atMs <= groupWaitMs) {
      const over = behind.filter((event) => event.id <= resolved.id)
      const later = planOutbox(
        behind.filter((event) => event.id > resolved.id),
        nowMs,
        groupWaitMs,
      )
      plan.drop.push(...idsOf(over), ...later.drop)
      plan.tell.push(...later.tell)
    } else if (nowMs - opened.atMs >= groupWaitMs || nowMs < opened.atMs) plan.tell.push(...idsOf(behind))
  }
  return { tell: plan.tell.sort((a, b) => a - b), drop: plan.drop.sort((a, b) => a - b) }
}

const idsOf = (events: readonly OutboxEvent[]): number[] => events.map((event) => event.id)

/** By incident; an event of none is alone. */
function groups(events: readonly OutboxEvent[]): OutboxEvent[][] {
  const found = new Map<string, OutboxEvent[]>()
  for (const event of events) {
    const key = event.incidentId === null ? `event ${event.id}` : `incident ${event.incidentId}`
    const group = found.get(key)
    if (group) group.push(event)
    else found.set(key, [event])
  }
  return [...found.values()]
}
