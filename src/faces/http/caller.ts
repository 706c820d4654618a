/** Who calls: named by headers, until tokens say so. */

import type { IncomingHttpHeaders } from 'node:http'
import { type Actor, parseActor } from '../../domain/actor.ts'
import { TrackerError } from '../../errors.ts'

export interface Caller {
  actor: Actor
  source: string | null
}

/**
 * @param anonymous who acts where the request names nobody
 * @throws TrackerError `invalid`
 */
export function callerOf(headers: IncomingHttpHeaders, anonymous: Actor): Caller {
  const actor = textOf(headers['x-pipeline-actor'])
  const source = textOf(headers['x-pipeline-source'])
  return {
    actor: actor === undefined ? anonymous : parseActor(actor),
    source: source === undefined ? null : parseSource(source),
  }
}

function parseSource(text: string): string {
  if (/^[^\u0000-\u001f\u007f-\u009f]{1,100}$/u.test(text)) return text
  throw new TrackerError('invalid', 'X-Pipeline-Source must be 1–100 characters without control characters')
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Node reads headers as Latin-1; most clients write UTF-8. */
function textOf(value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined
  const text = String(value)
  if (!/[\u0080-\u00ff]/.test(text)) return text
  try {
    return utf8.decode(Buffer.from(text, 'latin1'))
  } catch {
    return text
  }
}
