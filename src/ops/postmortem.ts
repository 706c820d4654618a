/** The draft of a postmortem: what the log knows is written down, what only people know is left to them. */

import { formatDuration } from '../domain/duration.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import type { Item } from '../domain/item.ts'
import { fenced, inline, tableRow } from '../domain/markdown.ts'
import { stageName } from '../domain/stage.ts'
import { count } from '../domain/text.ts'
import { type Entry, listEntries } from '../store/activity.ts'
import type { Queries } from '../store/database.ts'
import { gatheredItems } from '../store/incident-lists.ts'
import { deedOf } from './entry-text.ts'
import { factsOf, type IncidentFacts } from './incident-view.ts'
import type { Context } from './operation.ts'
import { second } from './style.ts'

/** Entries that are read, the last ones, and of those in the timeline, the first ones; items of a storm; characters of a note in a cell. */
const most = { read: 2000, entries: 500, items: 50, note: 300 }

/** What the postmortem is made from. */
interface Known {
  item: Item
  facts: IncidentFacts
  /** Of the incident, oldest first. */
  entries: Entry[]
  /** What its live item's check did meanwhile. */
  checks: Entry[]
  gathered: Item[]
  now: Instant
}

/** @returns Markdown, in which text of items is harmless */
export async function postmortemOf({ q, now }: Pick<Context, 'q' | 'now'>, item: Item): Promise<string> {
  const facts = (await factsOf(q, [item])).get(item.id)!
  const entries = (await listEntries(q, { itemId: item.id, limit: most.read })).toReversed()
  const checks = (await checksOf(q, facts)).filter((check) => !entries.some((own) => isSame(own, check)))
  const gathered = facts.gathered ? await gatheredItems(q, item.id, most.items) : []
  const known: Known = { item, facts, entries, checks, gathered, now }
  const parts = [head, impact, failed, detection, timeline, actions].map((part) => part(known))
  return `${[...parts, toDo].join('\n\n')}\n`
}

/** What happened to a check may stand in both logs. */
const isSame = (one: Entry, other: Entry): boolean => one.action === other.action && one.at === other.at

async function checksOf(q: Queries, { subject, openedAt, resolvedAt }: IncidentFacts): Promise<Entry[]> {
  if (!subject) return []
  const since = { itemId: subject.id, since: openedAt, limit: 1000 }
  const found = (await listEntries(q, since)).filter((entry) => entry.action.startsWith('check-'))
  return found.filter((entry) => resolvedAt === null || entry.at <= resolvedAt).toReversed()
}

const utc = (at: Instant): string => `${second(at)} UTC`

const lastedMs = ({ facts, now }: Known): number =>
  Math.max(0, toMs(facts.resolvedAt ?? now) - toMs(facts.openedAt))

/** How long after it was opened. */
const after = ({ openedAt }: IncidentFacts, at: Instant): string =>
  `after ${formatDuration(toMs(at) - toMs(openedAt))}`

function head(known: Known): string {
  const { item, facts, now } = known
  const { acknowledged, resolvedAt, resolvedBy, fix, verifiedAt, subject } = facts
  const rows: [string, string][] = [
    ['Severity', item.severity ?? 'major'],
    ['State', inline(stageName(item.type, item.stage))],
    ['Concerns', subject ? `#${subject.id} ${inline(subject.title)}` : '–'],
    ['Opened', utc(facts.openedAt)],
    [
      'Acknowledged',
      acknowledged
        ? `${utc(acknowledged.at)} by ${inline(acknowledged.by)}, ${after(facts, acknowledged.at)}`
        : '–',
    ],
    [
      'Resolved',
      resolvedAt ? `${utc(resolvedAt)}${resolvedBy ? `, by ${resolvers[resolvedBy]}` : ''}` : 'not yet',
    ],
    ['Duration', formatDuration(lastedMs(known)) + (resolvedAt ? '' : ' so far')],
    ['Fix', fix ? `#${fix.id} ${inline(fix.title)} (${stageName(fix.type, fix.stage)})` : '–'],
    ['Recovery verified', verifiedAt ? utc(verifiedAt) : '–'],
  ]
  return [
    `# Postmortem: ${inline(item.title)}`,
    `*A draft made out of the timeline of incident #${item.id} at ${utc(now)}. What is marked TODO is for people to write.*`,
    table(['', ''], rows),
    '## Summary\n\nTODO: what happened, in two sentences that anybody understands.',
  ].join('\n\n')
}

const resolvers = { system: 'the monitor', person: 'a person' }

const table = (titles: string[], rows: string[][]): string =>
  [tableRow(titles), tableRow(titles.map(() => '---')), ...rows.map(tableRow)].join('\n')

function impact(known: Known): string {
  const { facts, gathered } = known
  const lasted = formatDuration(lastedMs(known))
  const until = facts.resolvedAt ? `until ${utc(facts.resolvedAt)}` : 'and still is'
  const what = facts.subject ? `#${facts.subject.id} ${inline(facts.subject.title)}` : 'What it is about'
  const lines = [`${what} was affected for ${lasted}, from ${utc(facts.openedAt)} ${until}.`]
  if (facts.gathered) {
    lines.length = 0
    lines.push(
      `${count(facts.gathered.total, 'check')} failed at once; the storm lasted ${lasted}, from ${utc(facts.openedAt)} ${until}.`,
      '',
      ...gathered.map((each) => `- #${each.id} ${inline(each.title)}`),
    )
    const rest = facts.gathered.total - gathered.length
    if (rest > 0) lines.push(`- … and ${rest} more`)
  }
  return ['## Impact', '', ...lines, '', 'TODO: who noticed, and what they could not do.'].join('\n')
}

const opening = ({ entries }: Known): Entry | undefined =>
  entries.find(({ action }) => /^(incident-opened|storm-opened|created)$/.test(action))

function failed(known: Known): string {
  const note = opening(known)?.note
  return `## What failed\n\n${note ? fenced(note) : 'TODO: what was seen first.'}`
}

function detection(known: Known): string {
  const by = opening(known)?.actor ?? 'unknown'
  const how = {
    check: `The health check found it (${inline(by)}).`,
    storm: `Many health checks began to fail within a minute (${inline(by)}).`,
    hand: `${inline(by)} opened it by hand: no health check had found it.`,
  }
  return `## Detection\n\n${how[known.facts.origin]}\n\nTODO: could it have been found earlier?`
}

function timeline({ entries, checks }: Known): string {
  const all = [...entries, ...checks].sort((a, b) => toMs(a.at) - toMs(b.at) || a.id - b.id)
  const rows = all
    .slice(0, most.entries)
    .map((entry) => [second(entry.at), inline(entry.actor), eventOf(entry)])
  const rest = all.length - rows.length
  const more = rest > 0 ? `\n\n${count(rest, 'later entry', 'later entries')} left out.` : ''
  return `## Timeline\n\n${table(['time (UTC)', 'who', 'what'], rows)}${more}`
}

function eventOf(entry: Entry): string {
  const deed = inline(deedOf(entry, 'incident'))
  // Evidence has many lines, and a section of its own.
  const note = entry.note && !entry.note.includes('\n') ? entry.note.slice(0, most.note) : ''
  return note ? `${deed}: ${inline(note)}` : deed
}

function actions({ facts }: Known): string {
  const lines: string[] = []
  if (facts.fix) {
    const { id, title, type, stage } = facts.fix
    lines.push(
      `- [${stage === 'done' || stage === 'live' ? 'x' : ' '}] #${id} ${inline(title)} (${stageName(type, stage)})`,
    )
  }
  lines.push('- [ ] TODO: what is done so that it does not happen again, and by whom')
  return `## Actions\n\n${lines.join('\n')}`
}

const toDo = [
  '## Root cause\n\nTODO',
  '## What went well\n\nTODO',
  '## What went wrong\n\nTODO',
  '## Where we were lucky\n\nTODO',
].join('\n\n')
