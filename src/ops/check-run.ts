import * as z from 'zod/mini'
import { oneLine } from '../domain/text.ts'
import * as field from './fields.ts'
import { notOpenedText } from './not-opened-text.ts'
import { type CheckedItem, workerOperation } from './operation.ts'
import { incidentChange, whyNotOpened } from './run-report.ts'
import type { Style } from './style.ts'

const result = () => z.enum(['up', 'degraded', 'down', 'unknown'])

export const checkedItem = () =>
  z.strictObject({
    itemId: z.number(),
    title: z.string(),
    result: result(),
    state: z.nullable(result()),
    summary: z.string(),
    durationMs: z.number(),
    attempts: z.number(),
    stored: z.boolean(),
    maintenance: z.boolean(),
    incident: z.nullable(incidentChange()),
    notOpened: whyNotOpened(),
  })

export const checkRun = workerOperation({
  name: 'check.run',
  summary: 'Run the health check of an item now; on a live item it counts like any run',
  kind: 'worker',
  needs: 'check:run',
  input: () => z.strictObject({ id: field.itemId() }),
  output: checkedItem,
  http: { method: 'post', path: '/items/:id/check' },
  command: {
    words: 'check',
    positionals: ['id'],
    exitCode: (run) => (run.result === 'up' || run.result === 'degraded' ? 0 : 7),
    examples: ['pipeline check 25', 'pipeline check --due'],
  },
  run: (input, { worker, dryRun }) => worker.checkItem(input.id, { dryRun }),
  toText: checkedText,
})

const incidentWords = {
  opened: 'opened',
  reopened: 'reopened',
  resolved: 'resolved',
  'recovery-noted': 'noted the recovery in',
  'failing-again': 'noted the new failure in',
} as const

/** `✖ #25 Invoice extractor is down: expected exit_code == 0, got 1` */
export function checkedText(run: CheckedItem, style: Style): string {
  const mark = {
    up: style.green('●'),
    degraded: style.yellow('◐'),
    down: style.red('✖'),
    unknown: style.dim('○'),
  }
  const lines = [
    `${mark[run.result]} ${style.bold(`#${run.itemId}`)} ${oneLine(run.title)} is ${run.result}: ${oneLine(run.summary)}`,
  ]
  if (!run.stored) lines.push(style.dim('  nothing was stored'))
  else if (run.maintenance) lines.push(style.dim('  it counts for nothing: the item is under maintenance'))
  else if (run.state !== null && run.state !== run.result)
    lines.push(style.dim(`  so far it counts as ${run.state}`))
  if (run.incident)
    lines.push(`  ${incidentWords[run.incident.change]} incident ${style.bold(`#${run.incident.id}`)}`)
  // That of maintenance stands there already.
  else if (run.notOpened && !run.maintenance) lines.push(style.dim(`  ${notOpenedText(run.notOpened)}`))
  return lines.join('\n')
}
