/** A client of the events: every event as it stood on the wire, in its order. */

import { Agent, request } from 'undici'
import { atEnd } from '../../helpers/engines.ts'

export interface Told {
  name: string
  id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: JSON, for tests to look into
  data: any
}

export interface Stream {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** The next event; undefined once the stream has ended. */
  next(): Promise<Told | undefined>
  /** The next one of this name; those before it are passed over. */
  until(name: string): Promise<Told>
  /** All that came so far. */
  text(): string
  leave(): void
}

/** @param path below `/api/v1`, such as `/events?since=5` */
export async function follow(
  url: string,
  path = '/events',
  headers: Record<string, string> = {},
): Promise<Stream> {
  const agent = new Agent({ bodyTimeout: 0 })
  const stop = new AbortController()
  atEnd(async () => {
    stop.abort()
    await agent.destroy()
  })
  const answer = await request(`${url}/api/v1${path}`, { dispatcher: agent, headers, signal: stop.signal })
  const waiting: Told[] = []
  let text = ''
  let read = 0
  let over = false
  let wake = (): void => {}
  answer.body.setEncoding('utf8')
  answer.body.on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n\n', read); end !== -1; end = text.indexOf('\n\n', read)) {
      const told = toldOf(text.slice(read, end))
      if (told) waiting.push(told)
      read = end + 2
    }
    wake()
  })
  for (const name of ['end', 'error', 'close']) {
    answer.body.on(name, () => {
      over = true
      wake()
    })
  }
  const next = async (): Promise<Told | undefined> => {
    while (waiting.length === 0 && !over) await new Promise<void>((resolve) => (wake = resolve))
    return waiting.shift()
  }
  return {
    status: answer.statusCode,
    headers: answer.headers,
    next,
    async until(name) {
      for (let told = await next(); told; told = await next()) if (told.name === name) return told
      throw new Error(`the stream ended before ${name}: ${text.slice(-500)}`)
    },
    text: () => text,
    leave: () => stop.abort(),
  }
}

function toldOf(block: string): Told | undefined {
  const fields = new Map(
    block.split('\n').map((line) => {
      const at = line.indexOf(': ')
      return [line.slice(0, at), line.slice(at + 2)] as const
    }),
  )
  const data = fields.get('data')
  if (data === undefined) return undefined
  return { name: fields.get('event') ?? 'message', id: fields.get('id'), data: JSON.parse(data) }
}
