/** What is told of an incident or a check, and in which words. Pure; how it is sent is in `src/notify`. */

import { gist, withoutSequences } from './gist.ts'
import type { Instant } from './instant.ts'
import { type Severity, titleMax } from './item.ts'
import { harmless } from './text.ts'

export const notificationKinds = [
  'incident.opened',
  'incident.reopened',
  'incident.acknowledged',
  'incident.resolved',
  'incident.reminder',
  'check.flapping',
  'storm.opened',
  'storm.resolved',
  'test',
] as const
export type NotificationKind = (typeof notificationKinds)[number]

export interface NotificationEvent {
  /** The same over all tries: a receiver knows by it what it has seen. Visible ASCII, at most 200 characters. */
  id: string
  kind: NotificationKind
  at: Instant
  severity: Severity
  /** The live item. */
  item: { id: number; title: string } | null
  /** Of a storm the one that gathers the others. */
  incident: { id: number; title: string; openedAt: Instant } | null
  /** One line: what failed or what happened. */
  summary: string
  /** Evidence, up to 4 KB. */
  detail: string | null
  /** Who acknowledged or resolved. */
  actor: string | null
}

/** Characters of a subject line. */
const subjectMax = 250
const summaryMax = 1000
const detailMax = 4096
const actorMax = 200
/** Of an item's title in a subject line: the summary is what is looked for. */
const shortTitleMax = 80
const shortActorMax = 60

const openings: Record<NotificationKind, string> = {
  'incident.opened': 'opened',
  'incident.reopened': 'opened again',
  'incident.acknowledged': 'acknowledged',
  'incident.resolved': 'resolved',
  'incident.reminder': 'still open',
  'check.flapping': 'the check is flapping',
  'storm.opened': 'opened for a storm',
  'storm.resolved': 'resolved',
  test: 'a test',
}

/** `[major] #25 Invoice extractor: expected exit_code == 0, got 1 (incident #31 opened)`, one harmless line. */
export function subjectLine(event: NotificationEvent): string {
  const { item, severity } = event
  const end = ` (${happening(event)})`
  const feature = item === null ? '' : `#${item.id} ${line(item.title, shortTitleMax)}: `
  const start = `[${severity}] ${feature}`
  return `${start}${line(event.summary, subjectMax - start.length - end.length)}${end}`
}

/** `incident #31 acknowledged by human:max` */
function happening({ kind, incident, actor }: NotificationEvent): string {
  const who = actor === null ? '' : ` by ${line(actor, shortActorMax)}`
  if (kind === 'test') return `${openings.test}${who}`
  if (incident === null) return `${openings[kind]}${who}`
  if (kind === 'check.flapping') return `${openings[kind]}, incident #${incident.id}`
  const aside = kind === 'storm.resolved' ? ', and with it the storm' : ''
  return `incident #${incident.id} ${openings[kind]}${who}${aside}`
}

/** The whole message in lines, for e-mail and chat; no control characters but the newline. */
export function plainText(event: NotificationEvent): string {
  const { item, incident, severity, at, actor, summary, detail } = harmlessEvent(event)
  const facts = [
    item && `Item: #${item.id} ${item.title}`,
    incident && `Incident: #${incident.id} ${incident.title}, opened ${incident.openedAt}`,
    `Severity: ${severity}`,
    `What: ${happening(event)}`,
    actor && `Who: ${actor}`,
    `When: ${at}`,
  ].filter((line) => line !== null)
  const evidence = detail === null || detail === '' ? [] : ['', detail]
  return [summary, '', ...facts, ...evidence].join('\n')
}

/**
 * The same event with every text cut to its bounds and free of what a terminal, a log or a parser of JSON would
 * stumble over: escape sequences, control characters, halves of surrogate pairs. Titles and the summary are one line.
 */
export function harmlessEvent(event: NotificationEvent): NotificationEvent {
  const { item, incident, actor, detail } = event
  return {
    ...event,
    item: item && { ...item, title: line(item.title, titleMax) },
    incident: incident && { ...incident, title: line(incident.title, titleMax) },
    summary: line(event.summary, summaryMax),
    detail: detail === null ? null : lines(detail, detailMax),
    actor: actor === null ? null : line(actor, actorMax),
  }
}

/** With the flag `u` only halves that stand alone. */
const halves = /[\ud800-\udfff]/gu

const line = (text: string, max: number): string => gist(text, max).replace(halves, '�')

/** At most `max` UTF-16 units, the ellipsis included; line breaks stay, a tab is two spaces. */
function lines(text: string, max: number): string {
  const start = withoutSequences(text.slice(0, max * 8)).replace(/\r\n?/g, '\n')
  const clean = harmless(start).replaceAll('\t', '  ').trimEnd()
  const short = clean.length <= max ? clean : `${clean.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
  return short.replace(halves, '�')
}

export { earliestMs, isQuiet, maxTries, quietUntilMs, retryAtMs, wants } from './delivery.ts'
