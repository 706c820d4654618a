import * as z from 'zod/mini'
import { giveBack } from '../store/leases.ts'
import { endWorker } from '../store/workers.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'

export const runGiveBack = operation({
  name: 'run.give-back',
  summary: 'Give back the leases of a worker: what it did not record is due again',
  kind: 'write',
  needs: 'check:run',
  input: () => z.strictObject({ owner: field.words('worker', 200) }),
  output: () => z.strictObject({ givenBack: z.number() }),
  http: null,
  command: null,
  async run({ owner }, { q }) {
    await endWorker(q, owner)
    return { givenBack: await giveBack(q, owner) }
  },
  toText: ({ givenBack }) => String(givenBack),
})
