/** What an incident tells of the run that opened it. */

import type { RunOutcome } from './run-check.ts'

/** Characters of output that are kept. */
const outputMax = 4096

/** @param worker who ran it */
export function evidenceOf({ verdict, observation, attempts }: RunOutcome, worker: string): string {
  const lines = verdict.failed ? [] : [verdict.summary]
  if (verdict.failed) lines.push(`expected: ${verdict.failed.expectation}`, `got: ${verdict.failed.got}`)
  if (typeof observation.exitCode === 'number') lines.push(`exit code: ${observation.exitCode}`)
  if (observation.signal) lines.push(`signal: ${observation.signal}`)
  if (observation.status !== undefined) lines.push(`status: ${observation.status}`)
  if (observation.records) lines.push(`records: ${observation.records.join(', ').slice(0, outputMax)}`)
  if (observation.certificate) {
    const { subject, issuer, names, validTo } = observation.certificate
    lines.push(`certificate: ${subject}, for ${names}, issued by ${issuer}, valid to ${validTo}`)
  }
  lines.push(`took: ${Math.round(observation.durationMs)} ms, attempts: ${attempts}, worker: ${worker}`)
  const output = [observation.stderr, observation.stdout, observation.body].filter(Boolean).join('\n').trim()
  if (output) lines.push('output:', output.slice(0, outputMax))
  return printable(lines.join('\n'))
}

/** NUL can't be stored; the rest is made harmless where it is shown. */
const printable = (text: string): string => text.replaceAll('\0', '�')
