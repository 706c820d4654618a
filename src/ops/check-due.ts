import * as z from 'zod/mini'
import { checkedItem, checkedText } from './check-run.ts'
import * as field from './fields.ts'
import { workerOperation } from './operation.ts'

export const checkDue = workerOperation({
  name: 'check.due',
  summary: 'Run every health check that is due, each once; for cron or CI',
  kind: 'worker',
  needs: 'check:run',
  input: () =>
    z.strictObject({
      runner: z.optional(field.runner()),
      concurrency: z.optional(
        field.described(z.int().check(z.minimum(1), z.maximum(1000)), 'checks at once; default 50'),
      ),
    }),
  output: () => z.strictObject({ runs: z.array(checkedItem()) }),
  http: { method: 'post', path: '/checks/due' },
  command: { words: 'check', switch: 'due', examples: ['pipeline check --due'] },
  run: async (input, { worker, dryRun }) => ({ runs: await worker.checkDue({ dryRun, ...input }) }),
  toText: ({ runs }, style) =>
    runs.length === 0 ? 'Nothing is due.' : runs.map((run) => checkedText(run, style)).join('\n'),
})
