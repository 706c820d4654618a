import * as z from 'zod/mini'
import { checkedItem, checkedText } from './check-run.ts'
import { workerOperation } from './operation.ts'

export const checkDue = workerOperation({
  name: 'check.due',
  summary: 'Run every health check that is due, each once; for cron or CI',
  kind: 'worker',
  needs: 'check:run',
  input: () => z.strictObject({}),
  output: () => z.strictObject({ runs: z.array(checkedItem()) }),
  http: { method: 'post', path: '/checks/due' },
  command: { words: 'check', switch: 'due', examples: ['pipeline check --due'] },
  run: async (_input, { worker, dryRun }) => ({ runs: await worker.checkDue({ dryRun }) }),
  toText: ({ runs }, style) =>
    runs.length === 0 ? 'Nothing is due.' : runs.map((run) => checkedText(run, style)).join('\n'),
})
