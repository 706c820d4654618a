import { queryTokens } from '../domain/search.ts'
import { TrackerError } from '../errors.ts'

/**
 * What a text asks for.
 * @param field where it stands
 * @throws TrackerError `invalid` where there is nothing to search for in it
 */
export function wordsOf(text: string, field: string): string[] {
  const words = queryTokens(text)
  if (words.length > 0) return words
  const message = 'there is no letter or digit to search for'
  throw new TrackerError('invalid', message, {
    hint: 'pipeline search rate limit',
    failures: [{ field, message }],
  })
}
