import * as z from 'zod/mini'
import { type Stage, stages, types } from '../domain/stage.ts'
import { boardRows, countOpenIncidents, openIncidents } from '../store/lists.ts'
import { boardText } from './board-text.ts'
import { requireProject } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { summarize } from './view.ts'

/** Items shown a stage. */
const shown = 20

export const boardShow = operation({
  name: 'board.show',
  summary: 'Show the board: every stage with its items, and what is on fire',
  kind: 'read',
  needs: 'item:read',
  timeless: true,
  input: () =>
    z.strictObject({
      type: z.optional(field.itemType()),
      project: z.optional(field.words('name of the project')),
    }),
  output: () =>
    z.strictObject({
      columns: z.array(
        z.strictObject({ stage: z.enum(stages), count: z.number(), items: z.array(field.itemSummary()) }),
      ),
      incidents: z.array(z.extend(field.itemSummary(), { parentTitle: z.nullable(z.string()) })),
      incidentCount: z.number(),
      /** What was asked for. */
      filter: z.strictObject({ type: z.nullable(z.enum(types)), project: z.nullable(z.string()) }),
    }),
  http: { method: 'get', path: '/board' },
  command: { words: 'board', examples: ['pipeline board', 'pipeline board --project Invoices'] },
  async run(input, { q }) {
    const projectId = input.project === undefined ? undefined : await requireProject(q, input.project)
    const filter = { type: input.type, projectId }
    const { counts, items } = await boardRows(q, filter, shown)
    const open = await openIncidents(q, filter, shown)
    const summaries = await summarize(q, [...items, ...open.map((incident) => incident.item)])
    const cards = summaries.slice(0, items.length)
    return {
      columns: stages.map((stage: Stage) => ({
        stage,
        count: counts.get(stage)!,
        items: cards.filter((card) => card.stage === stage),
      })),
      incidents: summaries
        .slice(items.length)
        .map((incident, index) => ({ ...incident, parentTitle: open[index]!.parentTitle })),
      filter: { type: input.type ?? null, project: input.project ?? null },
      incidentCount: open.length < shown ? open.length : await countOpenIncidents(q, filter),
    }
  },
  toText: boardText,
})
