/** What is to be said of a check while it is written: first by its JSON, then by the server's rules. */

import { useEffect, useState } from 'preact/hooks'
import { ask, Refused } from '../api.ts'
import { refusalOf } from '../following.ts'
import { readJson } from './json-place.ts'

export interface PlacedFailure {
  /** Without the name of the whole. */
  field: string
  message: string
  /** In the text. */
  offset: number
}

export type Judged =
  | { kind: 'asking' }
  | { kind: 'good'; check: Record<string, unknown>; plan: Record<string, unknown> }
  | { kind: 'wrong'; failures: PlacedFailure[]; hint: string | undefined }
  /** The server could not be asked. */
  | { kind: 'unasked'; message: string }

/** People who type are not asked for at every letter. */
const typedMs = 250
const root = 'healthCheck'

/** @param isTyped what is stored already is looked at once, without a wait */
export function useJudged(text: string, isTyped: boolean): Judged {
  const [judged, setJudged] = useState<Judged>({ kind: 'asking' })
  useEffect(() => {
    const leaving = new AbortController()
    const timer = setTimeout(
      () => {
        judge(text, leaving.signal).then(
          (found) => {
            if (!leaving.signal.aborted) setJudged(found)
          },
          () => undefined,
        )
      },
      isTyped ? typedMs : 0,
    )
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [text])
  return judged
}

async function judge(text: string, signal: AbortSignal): Promise<Judged> {
  const read = readJson(text, root)
  if ('problem' in read) return wrong([{ field: '', message: read.problem, offset: read.offset }], undefined)
  const check = read.value
  if (check === null || typeof check !== 'object' || Array.isArray(check))
    return wrong([{ field: '', message: 'a check is an object: { … }', offset: 0 }], undefined)
  try {
    const { plan } = await ask('check.validate', { healthCheck: check as Record<string, unknown> }, signal)
    return { kind: 'good', check: check as Record<string, unknown>, plan }
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'invalid') {
      if (signal.aborted) throw error
      return { kind: 'unasked', message: refusalOf(error).message }
    }
    const failures = error.failures.map(({ field = '', message }) => ({
      field: field.replace(/^healthCheck\.?/, ''),
      message,
      offset: read.offsetOf(field),
    }))
    return failures.length > 0
      ? wrong(failures, error.hint)
      : wrong([{ field: '', message: error.message, offset: 0 }], error.hint)
  }
}

const wrong = (failures: PlacedFailure[], hint: string | undefined): Judged => ({
  kind: 'wrong',
  failures: failures.toSorted((a, b) => a.offset - b.offset),
  hint,
})
