import * as z from 'zod/mini'
import { sizes } from '../store/doctor.ts'
import { operation } from './operation.ts'

export const databaseInit = operation({
  name: 'database.init',
  summary: 'Make a pipeline here, or say that there is one',
  kind: 'write',
  needs: 'admin',
  input: () => z.strictObject({}),
  output: () => z.strictObject({ items: z.number() }),
  http: null,
  // Opening for a write makes the database; this operation only looks at it.
  command: { words: 'init' },
  run: async (_input, { q }) => ({ items: (await sizes(q)).items }),
  toText: ({ items }) =>
    items === 0
      ? 'The pipeline is ready. Begin: pipeline create "Title", or look at a sample: pipeline demo'
      : `There is a pipeline here already, with ${items} items.`,
})
