/** Whether a channel of the configuration may be sent over. Pure. */

import type { Channel } from '../domain/channel.ts'
import type { ChannelRow } from '../store/outbox.ts'

/** What a channel's receiver is told by: another one is another channel. */
export const targetOf = (channel: Channel): string =>
  JSON.stringify('url' in channel ? [channel.type, channel.url] : [channel.type])

/** All that a command channel runs: what was approved must be the same still. */
export const commandText = (channel: Channel): string | null =>
  channel.type === 'command' ? JSON.stringify([channel.command, channel.env]) : null

/** How the reason begins where a program waits for approval. */
export const notApproved = 'its command is not approved'

/** Why nothing is sent over a channel; undefined: it is open. */
export function closedBecause(channel: Channel, row: ChannelRow | undefined): string | undefined {
  if (!channel.enabled) return 'it is switched off in the configuration'
  if (row?.goneTarget === targetOf(channel)) return `its receiver wants nothing any more: ${row.goneReason}`
  const command = commandText(channel)
  if (command !== null && command !== row?.approvedCommand)
    return `${notApproved}: pipeline notify approve ${channel.name}`
  return undefined
}
