import * as z from 'zod/mini'
import { commandFingerprint } from '../domain/fingerprint.ts'
import type { HealthCheck } from '../domain/health-check.ts'
import { toMs } from '../domain/instant.ts'
import { oneLine } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { approveCheck } from '../store/checks.ts'
import { lockForChange, log } from './change.ts'
import { followItem } from './check-life.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { checkJson, fullView } from './view.ts'

export const checkApprove = operation({
  name: 'check.approve',
  summary:
    'Allow a health check that came over the network to run its command, or send its secret, from here',
  kind: 'write',
  needs: 'check:approve',
  input: () => z.strictObject({ id: field.itemId(), ifMatch: z.optional(field.version()) }),
  output: () => field.fullItemWith({ command: z.string(), fingerprint: z.string() }),
  // Never over the network: the point is that somebody at the machine has read the command.
  http: null,
  command: { words: 'check approve', positionals: ['id'], examples: ['pipeline check approve 25'] },
  async run(input, context) {
    const item = await lockForChange(context.q, input.id, input.ifMatch)
    const check = checkJson(item)
    const fingerprint = check && commandFingerprint(check as unknown as HealthCheck)
    if (!fingerprint) {
      throw new TrackerError('invalid', `#${item.id} has no check that needs approval`, {
        hint: `see it: pipeline show ${item.id}`,
      })
    }
    const approved = await approveCheck(context.q, item.id, fingerprint, toMs(context.now))
    // Written by the owner's own SQL: there is no schedule yet.
    if (approved === 0) await followItem({ ...context, trust: 'local' }, undefined, item)
    const command = String(check.command ?? check.url ?? check.host)
    await log(context, item.id, 'check-approved', {
      detail: { title: item.title, command, fingerprint },
    })
    return { ...(await fullView(context.q, item)), command, fingerprint }
  },
  toText: (item, style) => `Approved for ${named(item, style)}: ${oneLine(item.command)}`,
})
