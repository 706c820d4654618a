import * as z from 'zod/mini'
import { oneLine } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { approveChannel } from '../store/outbox.ts'
import { log } from './change.ts'
import { commandText } from './channel-rules.ts'
import * as field from './fields.ts'
import { operation, workerOperation } from './operation.ts'

/**
 * A configuration comes with a repository that somebody cloned: what it would run waits until it was read by somebody
 * at this machine.
 */
export const notifyApprove = workerOperation({
  name: 'notify.approve',
  summary: 'Allow a channel of .pipeline/config.json to run its command here',
  kind: 'worker',
  needs: 'check:approve',
  input: () => z.strictObject({ channel: field.words('name of a channel', 64) }),
  output: () => z.strictObject({ channel: z.string(), command: z.string() }),
  http: null,
  command: {
    words: 'notify approve',
    positionals: ['channel'],
    examples: ['pipeline notify approve desktop'],
  },
  async run({ channel: name }, { channels, dryRun, actor }) {
    const channel = await channels().findChannel(name)
    const fingerprint = commandText(channel)
    if (channel.type !== 'command' || fingerprint === null) {
      throw new TrackerError('invalid', `the channel ${JSON.stringify(name)} runs no command`, {
        hint: `try it: pipeline notify test ${name}`,
      })
    }
    const command = channel.command.join(' ')
    if (!dryRun) await channels().approveChannel({ actor, channel: name, command, fingerprint })
    return { channel: name, command }
  },
  toText: ({ channel, command }) => `Approved for ${oneLine(channel)}: ${oneLine(command)}`,
})

/** Called by the worker for it: a worker has no transaction. */
export const channelApprove = operation({
  name: 'channel.approve',
  summary: 'Store that the command of a channel may run',
  kind: 'write',
  needs: 'check:approve',
  input: () => z.strictObject({ channel: z.string(), command: z.string(), fingerprint: z.string() }),
  output: () => z.strictObject({ channel: z.string() }),
  http: null,
  command: null,
  async run({ channel, command, fingerprint }, context) {
    await approveChannel(context.q, channel, fingerprint)
    await log(context, null, 'channel-approved', { detail: { channel, command } })
    return { channel }
  },
  toText: ({ channel }) => channel,
})
