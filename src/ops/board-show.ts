import * as z from 'zod/mini'
import { type Stage, stages, types } from '../domain/stage.ts'
import { type BoardFilter, boardRows, countOpenIncidents, openIncidents } from '../store/board.ts'
import type { Queries } from '../store/database.ts'
import { type Board, boardText } from './board-text.ts'
import type { Card } from './cards.ts'
import { requireProject } from './change.ts'
import { columnList, writeCursor } from './cursor.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { wordsOf } from './search-words.ts'
import { type ItemSummary, summarize } from './view.ts'

/** Items shown a stage. */
const shown = 20

const input = () =>
  z.strictObject({
    type: z.optional(field.itemType()),
    project: z.optional(field.words('name of the project')),
    assignee: z.optional(field.described(z.nullable(field.words('name')), 'who works on it; none: nobody')),
    label: z.optional(field.words('label')),
    text: z.optional(field.searched()),
    limit: field.described(
      z._default(z.int().check(z.minimum(1), z.maximum(100)), shown),
      'how many a stage at the most, 1–100',
    ),
    cards: z.optional(field.cards()),
  })

type Input = z.output<ReturnType<typeof input>>

export const boardShow = operation({
  name: 'board.show',
  summary: 'Show the board: every stage with its items, and what is on fire',
  kind: 'read',
  needs: 'item:read',
  timeless: true,
  input,
  output: () =>
    z.strictObject({
      columns: z.array(
        z.strictObject({
          stage: z.enum(stages),
          count: z.number(),
          items: z.array(field.card()),
          /** The column goes on with it in `item.list`, with `board` and the same filters. */
          nextCursor: z.nullable(z.string()),
        }),
      ),
      incidents: z.array(
        z.extend(field.card(), { parentTitle: z.nullable(z.string()), acknowledged: z.boolean() }),
      ),
      incidentCount: z.number(),
      /** What was asked for. */
      filter: z.strictObject({
        type: z.nullable(z.enum(types)),
        project: z.nullable(z.string()),
        assignee: z.optional(z.nullable(z.string())),
        label: z.optional(z.string()),
        text: z.optional(z.string()),
      }),
      /** With `cards`: the last entry of the log that the answer knows of. */
      activityId: z.optional(z.number()),
    }),
  http: { method: 'get', path: '/board' },
  command: {
    words: 'board',
    flags: { assignee: { value: 'NAME|none' } },
    hidden: ['cards'],
    examples: ['pipeline board', 'pipeline board --project Invoices'],
  },
  async run(wanted, { q }) {
    const filter = await filterOf(q, wanted)
    const { counts, items, next } = await boardRows(q, filter, wanted.limit)
    const open = await openIncidents(q, filter, shown)
    const summaries = await summarize(q, [...items, ...open.map((incident) => incident.item)])
    const { cards, ...more } = await cardsIf(wanted.cards, q, summaries)
    return {
      columns: stages.map((stage: Stage) => ({
        stage,
        count: counts.get(stage)!,
        items: cards.slice(0, items.length).filter((card) => card.stage === stage),
        nextCursor: next.has(stage) ? writeCursor(columnList(stage), next.get(stage)!) : null,
      })),
      incidents: cards.slice(items.length).map((incident, index) => ({
        ...incident,
        parentTitle: open[index]!.parentTitle,
        acknowledged: open[index]!.isAcknowledged,
      })),
      filter: askedFor(wanted),
      incidentCount: open.length < shown ? open.length : await countOpenIncidents(q, filter),
      ...more,
    }
  },
  toText: boardText,
})

async function filterOf(q: Queries, { type, project, assignee, label, text }: Input): Promise<BoardFilter> {
  const projectId = project === undefined ? undefined : await requireProject(q, project)
  return { type, projectId, assignee, label, words: text === undefined ? undefined : wordsOf(text, 'text') }
}

const askedFor = ({ type, project, assignee, label, text }: Input): Board['filter'] => ({
  type: type ?? null,
  project: project ?? null,
  ...(assignee === undefined ? {} : { assignee }),
  ...(label === undefined ? {} : { label }),
  ...(text === undefined ? {} : { text }),
})

async function cardsIf(
  wanted: boolean | undefined,
  q: Queries,
  summaries: ItemSummary[],
): Promise<{ cards: Card[]; activityId?: number }> {
  return wanted ? (await import('./cards.ts')).boardCards(q, summaries) : { cards: summaries }
}
