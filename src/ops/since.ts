/** `2h`, `2026-02-05`, `2026-02-05T07:46:15Z` as an instant, in the past or ahead. */

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

/**
 * `now`, `2h` from now, a day, an instant.
 * @throws TrackerError `invalid`
 */
export function instantAhead(text: string, now: Instant): Instant {
  if (text === 'now') return now
  if (/^\d+[a-z]+$/.test(text)) return toInstant(toMs(now) + parseDuration(text))
  try {
    return parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
  } catch (error) {
    throw new TrackerError('invalid', `not a time: ${JSON.stringify(text.slice(0, 40))}`, {
      hint: 'write now, a time from now (2h), a day (2026-02-05) or an instant (2026-02-05T07:46:15Z)',
      cause: error,
    })
  }
}
