/** The health check: what the user wrote (`HealthCheck`), and what it comes to (`CheckPlan`). */

import type { Expectation } from './expectation.ts'
import type { Severity } from './item.ts'

export type CheckType = 'command' | 'http' | 'tcp' | 'dns' | 'tls' | 'heartbeat'

/** Kinds of DNS records that a dns check can ask for. */
export const recordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'SRV', 'CAA', 'PTR', 'SOA'] as const
export type RecordType = (typeof recordTypes)[number]

/** The JSON as the user wrote it. Durations are text such as `30s`. */
export interface HealthCheck {
  type: CheckType
  command?: string | string[]
  shell?: boolean
  cwd?: string
  env?: Record<string, string>
  url?: string
  method?: string
  headers?: Record<string, string>
  body?: string
  followRedirects?: number
  host?: string
  port?: number
  record?: string
  resolver?: string
  expect?: string | string[]
  degraded?: string | string[]
  exitCodes?: 'binary' | 'nagios'
  frequency?: string
  timezone?: string
  jitter?: string | number
  startPeriod?: string
  timeout?: string
  retries?: number
  retryInterval?: string
  failureThreshold?: number
  successThreshold?: number
  grace?: string
  missedRun?: 'run_once' | 'skip'
  maxLateness?: string
  dependsOn?: number[]
  maintenance?: ({ cron: string; duration: string; timezone?: string } | { from: string; to: string })[]
  incident?: {
    open?: boolean
    autoResolve?: boolean
    severity?: Severity
    reopenWindow?: string
    reminderInterval?: string
  }
  slo?: { target: number; window?: string }
  runner?: string
  enabled?: boolean
}

/** `name` is the word it was written with: `daily`; a month counts as 30 days. */
export interface IntervalSchedule {
  kind: 'interval'
  intervalMs: number
  name?: string
}

/** Five fields, in the time zone `timezone` (IANA name). */
export interface CronSchedule {
  kind: 'cron'
  expression: string
  timezone: string
}

/** Nothing is probed: the target reports in, `every` so often if that was said, and is late after `graceMs`. */
export interface HeartbeatSchedule {
  kind: 'heartbeat'
  every?: IntervalSchedule | CronSchedule
  graceMs: number
}

export type Schedule = IntervalSchedule | CronSchedule | HeartbeatSchedule

export type Maintenance =
  | { kind: 'cron'; expression: string; timezone: string; durationMs: number }
  | { kind: 'window'; fromMs: number; toMs: number }

export interface IncidentRules {
  open: boolean
  autoResolve: boolean
  severity: Severity
  reopenWindowMs: number
  reminderIntervalMs: number
}

/** The effective values: every default resolved, every duration in milliseconds. */
export interface CheckPlan {
  type: CheckType
  /** command: the program and its arguments; absent when `shell` is true. */
  argv?: string[]
  /** command with `shell`: the text for the shell. */
  shellCommand?: string
  shell: boolean
  /** Relative to the project's root, never outside it. */
  cwd: string
  env: Record<string, string>
  url?: string
  /** Upper case. */
  method: string
  headers: Record<string, string>
  body?: string
  followRedirects: number
  host?: string
  port?: number
  record?: RecordType
  /** Address or name of the name server, with its port where that is not 53; absent: the runner's own. */
  resolver?: string
  /** All must hold, else down. The type's default condition is in it unless its subject was named. */
  expect: Expectation[]
  /** All must hold, else degraded. */
  degraded: Expectation[]
  exitCodes: 'binary' | 'nagios'
  schedule: Schedule
  timezone: string
  /** Share of the interval, 0–0.5; of cron's shortest interval, and 0 unless it was given. */
  jitter: number
  startPeriodMs: number
  timeoutMs: number
  retries: number
  retryIntervalMs: number
  failureThreshold: number
  successThreshold: number
  missedRun: 'run_once' | 'skip'
  maxLatenessMs: number | null
  dependsOn: number[]
  maintenance: Maintenance[]
  incident: IncidentRules
  slo: { target: number; windowMs: number } | null
  runner: string
  enabled: boolean
}

export interface ParsedHealthCheck {
  check: HealthCheck
  plan: CheckPlan
}

export { acceptHealthCheck } from './health-check-accept.ts'
export { parseHealthCheck } from './health-check-parse.ts'
