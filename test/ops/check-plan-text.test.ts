/** `check --validate` at a terminal: whoever gave a field sees what became of it. */

import { describe, expect, test } from 'vitest'
import { parseHealthCheck } from '../../src/domain/health-check.ts'
import { checkTypes, type FieldName, fields } from '../../src/domain/health-check-fields.ts'
import { columns } from '../../src/domain/text.ts'
import { planText } from '../../src/ops/check-plan-text.ts'
import { createStyle } from '../../src/ops/style.ts'

type Shown = Partial<Record<FieldName, [given: unknown, shown: string]>>

/** Of every field a value, and how it shows. */
const unusual: Shown = {
  command: [['node', 'check.js', '--all'], 'command node check.js --all'],
  cwd: ['tools', 'in tools'],
  env: [{ MODE: 'probe', KEY: '${secret:KEY}' }, 'MODE=probe; KEY=${secret:KEY}'],
  url: ['https://shop.example/health', 'http https://shop.example/health'],
  method: ['post', 'POST'],
  headers: [{ authorization: 'Bearer ${secret:TOKEN}', 'x-a': '1' }, 'Bearer ${secret:TOKEN}; x-a: 1'],
  body: ['{"a":\n1}', '{"a": 1}'],
  followRedirects: [1, '1 redirect followed'],
  host: ['ns.example', 'ns.example'],
  port: [8443, ':8443'],
  record: ['mx', 'ns.example MX'],
  resolver: ['9.9.9.9', '9.9.9.9'],
  expect: ['response_time < 900', 'response_time < 900'],
  degraded: ['response_time < 300', 'unless response_time < 300'],
  exitCodes: ['nagios', 'exit codes  nagios'],
  frequency: ['2h', 'every 2h'],
  timezone: ['Europe/Vienna', '(Europe/Vienna)'],
  jitter: ['7 %', 'jitter 7 %'],
  startPeriod: ['6m', 'start period 6m'],
  timeout: ['17s', 'each 17s'],
  retries: [4, '4 retries'],
  retryInterval: ['11s', '11s apart'],
  failureThreshold: [5, 'down after 5 runs'],
  successThreshold: [6, 'up again after 6 runs'],
  grace: ['13m', 'late after 13m'],
  missedRun: ['skip', 'skipped'],
  maxLateness: ['19m', 'at most 19m late'],
  dependsOn: [[3, 4], '#3, #4'],
  maintenance: [
    [
      { cron: '0 2 * * 0', duration: '90m', timezone: 'Asia/Tokyo' },
      { from: '2026-03-01T22:00Z', to: '2026-03-02T04:00:30Z' },
    ],
    '0 2 * * 0 (Asia/Tokyo) for 1h 30m; 2026-03-01 22:00:00 to 2026-03-02 04:00:30',
  ],
  incident: [
    { open: false, autoResolve: false, severity: 'critical', reopenWindow: '23m', reminderInterval: '8h' },
    'none is opened (critical), resolved by hand, reopened within 23m, a reminder every 8h',
  ],
  slo: [{ target: 0.995, window: '7d' }, '99.5 % in 7d'],
  runner: ['eu-west', 'label eu-west'],
  enabled: [false, 'no: it is not run'],
}

/** What is also what it would be without being given. */
const usual: Shown = {
  ...unusual,
  shell: [false, 'without a shell'],
  cwd: ['.', 'in .'],
  method: ['PUT', 'PUT'],
  followRedirects: [5, '5 redirects followed'],
  exitCodes: ['binary', 'exit codes  binary'],
  timezone: ['UTC', '(UTC)'],
  jitter: [0.1, 'jitter 10 %'],
  startPeriod: ['0s', 'start period 0s'],
  retries: [0, 'once (0 retries'],
  failureThreshold: [1, 'down after one run'],
  successThreshold: [1, 'up again after one run'],
  missedRun: ['run_once', 'run once'],
  incident: [{ severity: 'major' }, 'major, resolved by recovery, reopened within 1h, a reminder every 1d'],
  enabled: [true, 'yes'],
}

const style = (width: number) => createStyle({ color: false, width, now: '2026-02-05T07:46:15.000Z' })

describe.each(checkTypes)('a %s check', (type) => {
  const own = (Object.keys(fields) as FieldName[]).filter(
    (name) => name !== 'type' && name !== 'shell' && fields[name].types.includes(type),
  )

  test.each([
    ['unusual', unusual],
    ['usual', usual],
  ])('shows every field that it may have: %s values', (_, values) => {
    const given = Object.fromEntries(own.map((name) => [name, values[name]![0]]))
    const text = planText(parseHealthCheck({ type, ...given }).plan, style(10_000))
    for (const name of own) expect(text, name).toContain(values[name]![1])
    expect(text).toContain(`probes      ${type}`)
  })
})

test('a shell is told, and its absence', () => {
  const shown = (shell: boolean) =>
    planText(
      parseHealthCheck({ type: 'command', command: 'node check.js', frequency: '1h', shell }).plan,
      style(80),
    )
  expect([shown(true), shown(false)].map((text) => /(by|without) a shell/.exec(text)![0])).toEqual([
    'by a shell',
    'without a shell',
  ])
})

test('it fits 80 columns, obeys no control character, and cuts what is long', () => {
  const raw = {
    type: 'http',
    url: 'https://shop.example/health',
    method: 'POST',
    frequency: '1h',
    headers: { 'x-long': 'h'.repeat(20_000) },
    body: `\u001b[31m${'b'.repeat(20_000)}`,
  }
  const text = planText(parseHealthCheck(raw).plan, style(80))
  for (const line of text.split('\n')) expect(columns(line), line).toBeLessThanOrEqual(80)
  expect(text).not.toContain('\u001b')
  expect(text.length).toBeLessThan(2000)
})
