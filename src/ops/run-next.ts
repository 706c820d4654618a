import * as z from 'zod/mini'
import { toMs } from '../domain/instant.ts'
import { nextDueMs } from '../store/leases.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'

export const runNext = operation({
  name: 'run.next',
  summary: 'Say when the next run of a runner is due that nobody has taken',
  kind: 'read',
  needs: 'check:run',
  input: () => z.strictObject({ runner: field.words('label of the runner') }),
  output: () => z.strictObject({ dueAtMs: z.nullable(z.number()) }),
  http: null,
  command: null,
  run: async ({ runner }, { q, now }) => ({ dueAtMs: (await nextDueMs(q, runner, toMs(now))) ?? null }),
  toText: ({ dueAtMs }) => String(dueAtMs),
})
