import * as z from 'zod/mini'
import type { Channel } from '../domain/channel.ts'
import { findChannels } from '../store/outbox.ts'
import { closedBecause } from './channel-rules.ts'
import { operation } from './operation.ts'

export const channelState = operation({
  name: 'channel.state',
  summary: 'Say whether a channel of the configuration may be sent over',
  kind: 'read',
  needs: 'check:run',
  input: () => z.strictObject({ channel: z.record(z.string(), z.unknown()) }),
  output: () => z.strictObject({ closed: z.nullable(z.string()) }),
  http: null,
  command: null,
  async run(input, { q }) {
    const channel = input.channel as unknown as Channel
    const why = closedBecause({ ...channel, enabled: true }, (await findChannels(q)).get(channel.name))
    return { closed: why ?? null }
  },
  toText: ({ closed }) => closed ?? 'open',
})
