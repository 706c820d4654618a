/** From what a probe saw to the result of the run. Pure. */

import { formatDuration } from './duration.ts'
import { type Evaluation, evaluate } from './expectation.ts'
import { gist } from './gist.ts'
import type { CheckPlan } from './health-check.ts'
import type { CheckResult, Fault, Observation } from './observation.ts'
import type { Patterns } from './pattern.ts'
import { type Metric, parsePerfdata } from './perfdata.ts'
import { count } from './text.ts'

export interface Verdict {
  result: CheckResult
  /** The first condition that does not hold; absent for a fault or a timeout: there `summary` says it. */
  failed?: { expectation: string; got: string }
  /** One line without control characters, at most 200 characters. */
  summary: string
  /** What a monitoring plugin measured, with `exitCodes: nagios` alone; absent where it measured nothing. */
  perfdata?: Metric[]
}

type Judged = Pick<CheckPlan, 'type' | 'timeoutMs' | 'expect' | 'degraded' | 'exitCodes'>

const longest = 200

/**
 * A fault of the target and a timeout are down, a fault of the runner is unknown; then `exitCodes: nagios`,
 * `expect` (down) and `degraded` speak, the worst wins. A condition that can't be told makes the run unknown;
 * one of `degraded` does not, since the run is up either way.
 * @param patterns  of `compilePatterns` for `expect` and `degraded`
 */
export function judge(plan: Judged, observation: Observation, patterns?: Patterns): Verdict {
  const { fault, timedOut } = observation
  if (fault?.of === 'runner') return verdict('unknown', `not run: ${described(fault)}`)
  if (timedOut) return verdict('down', `no answer in ${formatDuration(plan.timeoutMs)}`)
  if (fault !== undefined) return verdict('down', described(fault))
  const weighed = weigh(plan, observation, patterns)
  if (plan.exitCodes !== 'nagios') return weighed
  const perfdata = parsePerfdata(observation.stdout ?? '', observation.truncated)
  return perfdata.length > 0 ? { ...weighed, perfdata } : weighed
}

function weigh(plan: Judged, observation: Observation, patterns: Patterns | undefined): Verdict {
  const evaluations = plan.expect.map((expectation) => evaluate(expectation, observation, patterns))
  const nagios = plan.exitCodes === 'nagios' ? pluginVerdict(observation) : undefined
  if (nagios?.result === 'down') return nagios
  const unmet = unmetOf('down', evaluations)
  if (unmet !== undefined) return unmet
  if (nagios?.result === 'unknown') return nagios
  const untold = evaluations.find(({ ok }) => ok === 'unknown')
  if (untold !== undefined) return verdict('unknown', `can't tell ${untold.expected}: ${untold.got}`)
  if (nagios?.result === 'degraded') return nagios
  const degraded = plan.degraded.map((expectation) => evaluate(expectation, observation, patterns))
  return unmetOf('degraded', degraded) ?? nagios ?? verdict('up', seen(plan.type, observation))
}

const verdict = (result: CheckResult, summary: string): Verdict => ({
  result,
  summary: gist(summary, longest),
})

function described({ code, message }: Fault): string {
  if (message.trim() === '') return code
  return code === '' || message.includes(code) ? message : `${message} (${code})`
}

function unmetOf(result: CheckResult, evaluations: Evaluation[]): Verdict | undefined {
  const unmet = evaluations.filter(({ ok }) => ok === false)
  const [first] = unmet
  if (first === undefined) return undefined
  const more = unmet.length > 1 ? ` (and ${unmet.length - 1} more)` : ''
  const { expected: expectation, got } = first
  const summary = `${gist(`expected ${expectation}, got ${got}`, longest - more.length)}${more}`
  return { ...verdict(result, summary), failed: { expectation, got } }
}

const pluginResults: readonly CheckResult[] = ['up', 'degraded', 'down', 'unknown']

/** The convention of monitoring plugins: 0 ok, 1 warning, 2 critical; 3 and all others can't tell. */
function pluginVerdict({ exitCode, signal, stdout = '' }: Observation): Verdict {
  const result = pluginResults[exitCode ?? 3] ?? 'unknown'
  const [said = ''] = stdout.trim().split(/[|\n]/)
  const code = exitCode === null ? `killed by ${signal ?? 'a signal'}` : `exit code ${exitCode ?? 'unknown'}`
  return verdict(result, said.trim() === '' ? code : said)
}

function seen(type: CheckPlan['type'], observation: Observation): string {
  const { status, exitCode, records, certificateDays, durationMs } = observation
  const took = `in ${formatDuration(Math.max(1, Math.round(durationMs)))}`
  if (status !== undefined) return `status ${status} ${took}`
  if (certificateDays !== undefined) return `certificate ${ends(certificateDays)}`
  if (records !== undefined) return `${count(records.length, 'record')} ${took}`
  if (type === 'tcp') return `connected ${took}`
  return typeof exitCode === 'number' ? `exit code ${exitCode} ${took}` : `answered ${took}`
}

/** Whole days: a part of one is not promised. */
function ends(days: number): string {
  return days < 0
    ? `ended ${count(Math.ceil(-days), 'day')} ago`
    : `ends in ${count(Math.floor(days), 'day')}`
}
