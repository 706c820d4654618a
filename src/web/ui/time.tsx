/** Instants as texts that stay right while the page is open. */

import { age, ago, localTime, utcTime } from '../age.ts'
import { now } from '../clock.ts'

const both = (at: string): string => `${localTime(at)}\n${utcTime(at)}`

/** `3h ago`; the instant itself, here and in UTC, where one points at it. */
export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={both(at)}>
      {ago(Date.parse(at), now.value)}
    </time>
  )
}

/** How long since: `3h`. */
export function Age({ at, what }: { at: string; what?: string }) {
  return (
    <time dateTime={at} title={what ? `${what} ${both(at)}` : both(at)}>
      {age(now.value - Date.parse(at))}
    </time>
  )
}

/** The instant in the reader's zone. */
export const At = ({ at }: { at: string }) => (
  <time dateTime={at} title={utcTime(at)}>
    {localTime(at)}
  </time>
)
