/** Health checks as they are stored, read once: a worker meets the same ones over and over. Pure, but for its memory. */

import { TrackerError } from '../errors.ts'
import { type ParsedHealthCheck, parseHealthCheck } from './health-check.ts'
import { memo } from './memo.ts'

const readBefore = memo<ParsedHealthCheck | TrackerError>(20_000)

/**
 * @param text JSON as it is stored
 * @throws TrackerError `invalid` for what the owner's own SQL left unreadable
 */
export function readStoredCheck(text: string): ParsedHealthCheck {
  const known = readBefore.get(text) ?? readBefore.set(text, read(text))
  if (known instanceof TrackerError) throw known
  return known
}

function read(text: string): ParsedHealthCheck | TrackerError {
  try {
    return parseHealthCheck(JSON.parse(text))
  } catch (error) {
    if (error instanceof TrackerError) return error
    return new TrackerError('invalid', 'the health check is no JSON', { cause: error })
  }
}
