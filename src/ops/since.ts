/** `2h`, `2026-02-05`, `2026-02-05T07:46:15Z` as an instant. */

import { parseDuration } from '../domain/duration.ts'
import { type Instant, parseInstant, toInstant, toMs } from '../domain/instant.ts'
import { TrackerError } from '../errors.ts'

/** @throws TrackerError `invalid` */
export function sinceInstant(text: string, now: Instant): Instant {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return parseInstant(`${text}T00:00:00Z`)
  if (/^\d+[a-z]+$/.test(text)) return toInstant(toMs(now) - parseDuration(text))
  try {
    return parseInstant(text)
  } catch (error) {
    throw new TrackerError('invalid', `not a time: ${JSON.stringify(text)}`, {
      hint: 'write an age (2h, 3d), a day (2026-02-05) or an instant (2026-02-05T07:46:15Z)',
      cause: error,
    })
  }
}
