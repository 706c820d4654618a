/** Puts the configuration and the channels together for whoever tells: the worker that stays, and `notify test`. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Channel } from './domain/channel.ts'
import type { Config } from './domain/config.ts'
import type { NotificationEvent } from './domain/notification.ts'
import { TrackerError } from './errors.ts'
import type { Delivery, NotifyDoor, ProgramEnd } from './notify/index.ts'

export interface NotifierOptions {
  /** The project's root: the configuration is `.pipeline/config.json` below it. */
  root: string
  env: Readonly<Record<string, string | undefined>>
  nowMs(): number
  elapsedMs(): number
  signal?: AbortSignal
}

export interface Notifier {
  config: Config
  /** @throws TrackerError `not-found`, with the names there are */
  channel(name: string): Channel
  send(channel: Channel, event: NotificationEvent): Promise<Delivery>
  callDeadman(url: string): Promise<Delivery>
}

/** @throws TrackerError `invalid` with a failure for everything in the file that is wrong */
export async function createNotifier(options: NotifierOptions): Promise<Notifier> {
  const config = await readConfig(join(options.root, '.pipeline', 'config.json'))
  const door: NotifyDoor = {
    env: options.env,
    nowMs: options.nowMs,
    run: (argv, how) => runProgram(options, argv, how),
    ...(options.signal ? { signal: options.signal } : {}),
  }
  const notify = () => import('./notify/index.ts')
  return {
    config,
    channel: (name) => channelOf(config, name),
    send: async (channel, event) => (await notify()).send(channel, event, door),
    callDeadman: async (url) => (await notify()).callDeadman(url, door),
  }
}

async function readConfig(path: string): Promise<Config> {
  const { defaults, parseConfigText } = await import('./domain/config.ts')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return defaults
    throw new TrackerError('unavailable', `can't read ${path}: ${(error as Error).message}`, { cause: error })
  }
  return parseConfigText(text)
}

function channelOf({ channels }: Config, name: string): Channel {
  const channel = Object.hasOwn(channels, name) ? channels[name] : undefined
  if (channel) return channel
  const names = Object.keys(channels)
  throw new TrackerError(
    'not-found',
    `there is no channel ${JSON.stringify(name)} in .pipeline/config.json`,
    {
      hint:
        names.length > 0
          ? `there are: ${names.join(', ')}`
          : 'write one: {"channels":{"team":{"type":"slack","url":"${env:SLACK_URL}"}}}',
    },
  )
}

async function runProgram(
  { root, elapsedMs, signal }: NotifierOptions,
  argv: readonly string[],
  how: { env: Record<string, string>; stdin: string; timeoutMs: number },
): Promise<ProgramEnd> {
  const { runProgram: run } = await import('./probes/program.ts')
  const [program = '', ...args] = argv
  const end = await run({ argv: [program, ...args], cwd: root, signal, elapsedMs, ...how })
  if (end.error) throw Object.assign(new Error(end.error.message), { code: end.error.code })
  return { exitCode: end.exitCode, timedOut: end.cut === 'timeout', stderr: end.stderr.text }
}
