import { describe, expect, test } from 'vitest'
import { parseHealthCheck } from '../../src/domain/health-check.ts'
import type { Observation } from '../../src/domain/observation.ts'
import { compilePatterns } from '../../src/domain/pattern.ts'
import { judge } from '../../src/domain/verdict.ts'

const http = { type: 'http', url: 'https://x/', frequency: 'daily', degraded: 'response_time < 500' }
const plugin = { type: 'command', command: 'check_disk', frequency: 'daily', exitCodes: 'nagios' }

const verdict = (check: object, seen: Partial<Observation>) =>
  judge(parseHealthCheck(check).plan, { durationMs: 120, ...seen })

describe('a run', () => {
  test.each<[string, Partial<Observation>, string, string]>([
    ['all conditions hold', { status: 204 }, 'up', 'status 204 in 120ms'],
    ['it is slow', { status: 200, durationMs: 900 }, 'degraded', 'expected response_time < 500, got 900ms'],
    ['a condition fails', { status: 500 }, 'down', 'expected status in 200..299, got 500'],
    [
      'it fails and is slow',
      { status: 500, durationMs: 900 },
      'down',
      'expected status in 200..299, got 500',
    ],
    ['nothing answers in time', { timedOut: true }, 'down', 'no answer in 30s'],
    [
      'the target is at fault',
      { fault: { code: 'ECONNREFUSED', message: 'connection refused', of: 'target' } },
      'down',
      'connection refused (ECONNREFUSED)',
    ],
    [
      'the runner is at fault',
      { fault: { code: 'EMFILE', message: 'EMFILE: too many', of: 'runner' }, timedOut: true },
      'unknown',
      'not run: EMFILE: too many',
    ],
    ['nothing was seen', {}, 'unknown', "can't tell status in 200..299: the probe did not see it"],
  ])('where %s', (_, seen, result, summary) => {
    expect(verdict(http, seen)).toMatchObject({ result, summary })
  })

  test.each<[object, Partial<Observation>, string]>([
    [{ type: 'tcp', host: 'x', port: 1 }, { durationMs: 3.2 }, 'connected in 3ms'],
    [{ type: 'dns', host: 'x', record: 'A' }, { records: ['a', 'b'], durationMs: 5 }, '2 records in 5ms'],
    [{ type: 'dns', host: 'x', record: 'A' }, { records: ['a'], durationMs: 0.2 }, '1 record in 1ms'],
    [{ type: 'tls', host: 'x', port: 1 }, { certificateDays: 88.9 }, 'certificate ends in 88 days'],
    [
      { type: 'tls', host: 'x', port: 1, expect: 'certificate_days > -9' },
      { certificateDays: -0.5 },
      'certificate ended 1 day ago',
    ],
  ])('of %j that is up says what was seen', (check, seen, summary) => {
    expect(verdict({ ...check, frequency: 'daily' }, seen)).toEqual({ result: 'up', summary })
  })

  test('names the first condition that failed, and how many more', () => {
    const check = { ...http, expect: ['body contains ok', 'body.$.x == 1'] }
    expect(verdict(check, { status: 404, body: '{"x":2}' })).toEqual({
      result: 'down',
      failed: { expectation: 'status in 200..299', got: '404' },
      summary: 'expected status in 200..299, got 404 (and 2 more)',
    })
    expect(verdict(http, { status: 200 }).failed).toBeUndefined()
    expect(verdict(http, { timedOut: true }).failed).toBeUndefined()
  })

  test('is down rather than unknown, and unknown rather than up', () => {
    const check = { ...http, expect: ['body matches /ok/'] }
    expect(verdict(check, { status: 500, body: '' }).result).toBe('down')
    expect(verdict(check, { status: 200, body: 'ok' }).result).toBe('unknown')
    expect(verdict({ ...http, degraded: 'body matches /ok/' }, { status: 200, body: '' }).result).toBe('up')
  })

  test('is judged by its patterns, of expect and of degraded, once they are ready', async () => {
    const check = { ...http, expect: 'body matches /^ok/i', degraded: 'body matches /fast$/' }
    const { plan } = parseHealthCheck(check)
    const patterns = await compilePatterns([...plan.expect, ...plan.degraded])
    const result = (body: string) => judge(plan, { durationMs: 1, status: 200, body }, patterns)
    expect(result('OK, fast').result).toBe('up')
    expect(result('OK, slow')).toMatchObject({
      result: 'degraded',
      summary: 'expected body matches /fast$/, got OK, slow',
    })
    expect(result('no').failed).toEqual({ expectation: 'body matches /^ok/i', got: 'no' })
  })

  test('has a summary of one harmless line', () => {
    const check = { ...http, expect: [`body contains ${'y'.repeat(150)}`, 'body contains z'] }
    const { summary } = verdict(check, { status: 200, body: `\u001b[2J\n${'x'.repeat(500)}` })
    expect(summary).toMatch(/^expected body contains y+, got x+… \(and 1 more\)$/)
    expect(summary).toHaveLength(200)
  })
})

describe('a monitoring plugin', () => {
  test.each([
    [0, 'up'],
    [1, 'degraded'],
    [2, 'down'],
    [3, 'unknown'],
    [127, 'unknown'],
    [null, 'unknown'],
  ])('that exits with %s is %s', (exitCode, result) => {
    expect(verdict(plugin, { exitCode, stdout: 'DISK says - free 3 GB | /=2643MB\nmore' })).toEqual({
      result,
      summary: 'DISK says - free 3 GB',
      perfdata: [{ label: '/', value: 2643, unit: 'MB' }],
    })
  })

  test('that says nothing is known by its exit code', () => {
    expect(verdict(plugin, { exitCode: 2, stdout: '' }).summary).toBe('exit code 2')
    expect(verdict(plugin, { exitCode: null, signal: 'SIGSEGV' }).summary).toBe('killed by SIGSEGV')
  })

  test('has its performance data kept, also where another condition fails, and only with exitCodes nagios', () => {
    const stdout = 'PING OK | rta=0.2ms'
    const perfdata = [{ label: 'rta', value: 0.2, unit: 'ms' }]
    expect(verdict({ ...plugin, expect: 'stdout contains X' }, { exitCode: 0, stdout })).toMatchObject({
      result: 'down',
      perfdata,
    })
    expect(verdict({ ...plugin, exitCodes: 'binary' }, { exitCode: 0, stdout })).not.toHaveProperty(
      'perfdata',
    )
    expect(verdict(plugin, { exitCode: 0, stdout: 'OK' })).not.toHaveProperty('perfdata')
    expect(verdict(plugin, { timedOut: true, stdout })).not.toHaveProperty('perfdata')
  })

  test('is judged by the other conditions too, the worst wins', () => {
    const check = { ...plugin, expect: 'stdout contains OK', degraded: 'response_time < 100' }
    expect(verdict(check, { exitCode: 1, stdout: 'BAD' }).result).toBe('down')
    expect(verdict(check, { exitCode: 2, stdout: 'BAD' })).toEqual({ result: 'down', summary: 'BAD' })
    expect(verdict(check, { exitCode: 2, stdout: 'OK' }).result).toBe('down')
    expect(verdict(check, { exitCode: 0, stdout: 'OK' }).result).toBe('degraded')
    expect(verdict(check, { exitCode: 0, stdout: 'OK', durationMs: 5 })).toMatchObject({
      result: 'up',
      summary: 'OK',
    })
  })
})
