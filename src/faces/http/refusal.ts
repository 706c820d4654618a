/** A refusal that HTTP has a status of its own for: 405, 412, 413, 415 and their like. */

import { type ErrorDetails, type ErrorKind, TrackerError } from '../../errors.ts'

export class Refusal extends TrackerError {
  readonly status: number
  readonly headers: Record<string, string>

  constructor(
    status: number,
    kind: ErrorKind,
    message: string,
    details: ErrorDetails & { headers?: Record<string, string> } = {},
  ) {
    super(kind, message, details)
    this.status = status
    this.headers = details.headers ?? {}
  }
}

export const nothingHere = (): Refusal =>
  new Refusal(404, 'not-found', 'there is nothing at this path', {
    hint: 'what there is stands in /api/v1/openapi.json',
  })
