/** What `doctor` says of `.pipeline/config.json` and of the channels in it. Loaded when it is asked for. */

import type { Channel } from '../domain/channel.ts'
import { count } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import type { Queries } from '../store/database.ts'
import { type ChannelRow, findChannels } from '../store/outbox.ts'
import { closedBecause, targetOf } from './channel-rules.ts'
import type { ChannelDoor } from './operation.ts'

interface Examined {
  ok: boolean
  detail: string
}

const elsewhere: Examined = { ok: true, detail: 'not at hand here: asked for at the command line' }
const file = '.pipeline/config.json'
/** Faults that are told one by one. */
const most = 20

/** Whether the configuration can be read; where not, line or fields. */
export async function configFinding(door: ChannelDoor | undefined): Promise<Examined> {
  if (!door) return elsewhere
  const found = await channelsOr(door)
  if (Array.isArray(found)) return { ok: true, detail: `${file} names ${count(found.length, 'channel')}` }
  const faults = found.failures.map(({ field, message }) => (field ? `${field} ${message}` : message))
  const shown = faults.length > most ? [...faults.slice(0, most), `${faults.length - most} more`] : faults
  const what = shown.length > 0 ? `${file}: ${shown.join('; ')}` : found.message
  const next =
    'as it is, serve, monitor and check --due do not start; mend it, then: pipeline notify test CHANNEL'
  return { ok: false, detail: `${what} (${next})` }
}

/** Channels over which nothing is sent, though they are not switched off. */
export async function channelsFinding(q: Queries, door: ChannelDoor | undefined): Promise<Examined> {
  if (!door) return elsewhere
  const found = await channelsOr(door)
  if (!Array.isArray(found)) return { ok: true, detail: 'not looked at: see config' }
  if (found.length === 0) return { ok: true, detail: 'none: nobody is told of what fails' }
  const known = await findChannels(q)
  const on = found.filter((channel) => channel.enabled)
  const closed = on.flatMap((channel) => closedText(channel, known.get(channel.name)) ?? [])
  if (closed.length > 0) return { ok: false, detail: closed.join('; ') }
  const off = found.length - on.length
  return { ok: true, detail: `${count(on.length, 'channel')} open${off > 0 ? `, ${off} switched off` : ''}` }
}

function closedText(channel: Channel, row: ChannelRow | undefined): string | undefined {
  const why = closedBecause(channel, row)
  if (why === undefined) return undefined
  const isGone = row?.goneTarget === targetOf(channel)
  const next = isGone
    ? ` (give it another address in ${file}, then: pipeline notify test ${channel.name})`
    : ''
  return `${channel.name}: ${why}${next}`
}

/** The channels, or what is wrong with the configuration. */
async function channelsOr(door: ChannelDoor): Promise<Channel[] | TrackerError> {
  try {
    return await door.listChannels()
  } catch (error) {
    if (error instanceof TrackerError) return error
    throw error
  }
}
