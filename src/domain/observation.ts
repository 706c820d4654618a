/** What one attempt of a probe saw: plain values, judged by `verdict.ts`. */

export interface Observation {
  /** Monotonic time the attempt took, in milliseconds. */
  durationMs: number
  /** command: null when it was killed by a signal. */
  exitCode?: number | null
  signal?: string
  stdout?: string
  stderr?: string
  /** http */
  status?: number
  /** http: lower-case names. */
  headers?: Record<string, string>
  body?: string
  /** dns: one text each, as a zone file has them but without quotes: `10 mx.example.com`; names in lower case. */
  records?: string[]
  /** tls: until the server's certificate ends, with fractions; below 0 it has ended. */
  certificateDays?: number
  /** tls */
  certificate?: Certificate
  /** Output or body was cut at the cap. */
  truncated?: boolean
  timedOut?: boolean
  /** Why there is no result: refused connection, unknown host, missing program, … */
  fault?: Fault
}

/** The certificate a server showed, trusted or not: one line each. */
export interface Certificate {
  /** Whom it names: `CN=example.com`. */
  subject: string
  issuer: string
  /** The hosts and addresses it is for: `example.com, *.example.com`. */
  names: string
  /** ISO 8601, UTC. */
  validTo: string
}

export interface Fault {
  /** `ECONNREFUSED`, `ENOENT`, … */
  code: string
  message: string
  /**
   * `target`: the thing that is watched is at fault, so it counts as down.
   * `runner`: the probe could not be run (out of file handles, not supported), so the result is unknown.
   */
  of: 'target' | 'runner'
}

/** What a run found, and the state that results add up to. */
export type CheckResult = 'up' | 'degraded' | 'down' | 'unknown'

/** The result of a run as it is recorded: in maintenance nothing it found counts. */
export type RunResult = CheckResult | 'maintenance'
