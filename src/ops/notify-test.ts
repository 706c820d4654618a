import * as z from 'zod/mini'
import { oneLine } from '../domain/text.ts'
import * as field from './fields.ts'
import { workerOperation } from './operation.ts'

export const notifyTest = workerOperation({
  name: 'notify.test',
  summary: 'Send a test over a channel of .pipeline/config.json',
  kind: 'worker',
  needs: 'check:run',
  input: () => z.strictObject({ channel: field.words('name of a channel', 64) }),
  output: () => z.strictObject({ channel: z.string(), sent: z.boolean(), reason: z.nullable(z.string()) }),
  // A remote caller must not make this machine call somebody.
  http: null,
  command: {
    words: 'notify test',
    positionals: ['channel'],
    exitCode: ({ sent }) => (sent ? 0 : 1),
    examples: ['pipeline notify test team'],
  },
  async run({ channel }, { channels, dryRun }) {
    if (!dryRun) return channels().testChannel(channel)
    await channels().findChannel(channel)
    return { channel, sent: false, reason: 'a dry run sends nothing' }
  },
  toText({ channel, sent, reason }, style) {
    const why = reason === null ? '' : `: ${oneLine(reason)}`
    return sent
      ? `${style.green('✔')} A test was sent over ${oneLine(channel)}${why}`
      : `${style.red('✖')} Nothing was sent over ${oneLine(channel)}${why}`
  },
})
