/** Tells the engines' own errors apart, for store code that has an answer to one of them. */

/** An error of either engine, wherever it stands in the chain of causes. */
interface EngineError {
  /** SQLite's extended code; missing from what @photostructure/sqlite throws out of `all` and `get`. */
  errcode?: number
  /** PostgreSQL's SQLSTATE. */
  code?: string
  message: string
}

const uniqueCodes = [2067, 1555, 2579]

/**
 * Whether a UNIQUE or PRIMARY KEY constraint refused a row. Inside a transaction of PostgreSQL nothing can
 * follow such an error: catch it around `write`, or use ON CONFLICT.
 */
export const isUniqueViolation = (error: unknown): boolean =>
  someCause(
    error,
    ({ errcode, code, message }) =>
      code === '23505' ||
      uniqueCodes.includes(errcode ?? 0) ||
      message.startsWith('UNIQUE constraint failed'),
  )

/** Whether a statement named a table that is not there. */
export const isMissingTable = (error: unknown): boolean =>
  someCause(error, ({ code, message }) => code === '42P01' || message.startsWith('no such table: '))

/** PostgreSQL: two sessions made the same table or schema at once, and this one lost; IF NOT EXISTS is no help. */
export const isMadeByAnother = (error: unknown): boolean =>
  someCause(error, ({ code }) => ['23505', '42P06', '42P07', '42710'].includes(code ?? ''))

function someCause(error: unknown, test: (error: EngineError) => boolean): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (test(each as unknown as EngineError)) return true
  }
  return false
}
