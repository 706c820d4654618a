/** What the tests of probes share: a plan, a context, and the wait for something that is bound to happen. */

import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { vi } from 'vitest'
import type { CheckPlan } from '../../src/domain/health-check.ts'
import { toInstant } from '../../src/domain/instant.ts'
import type { ProbeContext } from '../../src/probes/probe.ts'

export function planOf(fields: Partial<CheckPlan>): CheckPlan {
  return {
    type: 'command',
    shell: false,
    cwd: '.',
    env: {},
    method: 'GET',
    headers: {},
    followRedirects: 0,
    expect: [],
    degraded: [],
    exitCodes: 'binary',
    schedule: { kind: 'interval', intervalMs: 60_000 },
    timezone: 'UTC',
    jitter: 0,
    startPeriodMs: 0,
    timeoutMs: 20_000,
    retries: 0,
    retryIntervalMs: 0,
    failureThreshold: 1,
    successThreshold: 1,
    missedRun: 'run_once',
    maxLatenessMs: null,
    dependsOn: [],
    maintenance: [],
    incident: { open: true, autoResolve: true, severity: 'major', reopenWindowMs: 0, reminderIntervalMs: 0 },
    slo: null,
    runner: 'local',
    enabled: true,
    ...fields,
  }
}

export function contextOf(fields: Partial<ProbeContext> = {}): ProbeContext {
  return {
    root: tmpdir(),
    env: { PATH: process.env.PATH },
    elapsedMs: () => performance.now(),
    now: () => toInstant(Date.now()),
    ...fields,
  }
}

/** Gone, or a zombie that only waits to be reaped. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return true
  }
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && / Z /.test(readFileSync(stat, 'utf8'))
}

export function waitUntil(condition: () => boolean): Promise<void> {
  return vi.waitFor(
    () => {
      if (!condition()) throw new Error(`never came true: ${condition}`)
    },
    { timeout: 5000, interval: 10 },
  )
}
