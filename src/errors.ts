/** The one error class. Faces map its kind once: to an exit code, an HTTP status, a tool error. */

/**
 * - `invalid`       the input is wrong (unknown word, bad JSON, a cycle)
 * - `not-found`     the item, parent or project is not there
 * - `not-permitted` the actor may not do this
 * - `gate-refused`  a gate of the stage is not met
 * - `conflict`      somebody else changed it first
 * - `unavailable`   the database or a file can't be used now (locked, damaged, read-only, disk full)
 * - `internal`      a fault of ours
 */
export type ErrorKind =
  | 'invalid'
  | 'not-found'
  | 'not-permitted'
  | 'gate-refused'
  | 'conflict'
  | 'unavailable'
  | 'internal'

/** One unmet requirement or one wrong field. `field` is a dotted path in the input, if there is one. */
export interface Failure {
  field?: string
  message: string
}

export interface ErrorDetails {
  /** What to do next. Never a destructive command. */
  hint?: string
  failures?: Failure[]
  cause?: unknown
}

export class TrackerError extends Error {
  readonly kind: ErrorKind
  readonly hint: string | undefined
  readonly failures: Failure[]

  /** The kind, by the name that JSON answers give it. */
  get code(): ErrorKind {
    return this.kind
  }

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'TrackerError'
    this.kind = kind
    this.hint = details.hint
    this.failures = details.failures ?? []
  }
}
