import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatExpectation } from '../../src/domain/expectation.ts'
import { commandFingerprint } from '../../src/domain/fingerprint.ts'
import { type HealthCheck, parseHealthCheck } from '../../src/domain/health-check.ts'
import { intervalMsOf } from '../../src/domain/health-check-timing.ts'
import { TrackerError } from '../../src/errors.ts'

const seed = {
  type: 'command',
  command: 'node tools/invoice-extractor.js --help',
  expect: 'exit_code:0',
  frequency: 'daily',
}
const command = { type: 'command', command: 'true', frequency: 'daily' }
const http = { type: 'http', url: 'https://example.org/', frequency: 'daily' }

const plan = (raw: unknown) => parseHealthCheck(raw).plan

function failures(raw: unknown): Record<string, string> {
  try {
    parseHealthCheck(raw)
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    expect(error.kind).toBe('invalid')
    expect(error.failures.length).toBeGreaterThan(0)
    return Object.fromEntries(error.failures.map(({ field = '', message }) => [field, message]))
  }
  return {}
}

describe('the smallest form', () => {
  test('of the seed is valid for ever', () => {
    const { check, plan } = parseHealthCheck(seed)
    expect(check).toEqual(seed)
    expect(plan).toEqual({
      type: 'command',
      argv: ['node', 'tools/invoice-extractor.js', '--help'],
      shell: false,
      cwd: '.',
      env: {},
      method: 'GET',
      headers: {},
      followRedirects: 5,
      expect: [{ subject: 'exit_code', operator: '==', operand: { kind: 'literal', value: 0 } }],
      degraded: [],
      exitCodes: 'binary',
      schedule: { kind: 'interval', intervalMs: 86_400_000, name: 'daily' },
      timezone: 'UTC',
      jitter: 0.1,
      startPeriodMs: 0,
      timeoutMs: 30_000,
      retries: 2,
      retryIntervalMs: 10_000,
      failureThreshold: 1,
      successThreshold: 1,
      missedRun: 'run_once',
      maxLatenessMs: null,
      dependsOn: [],
      maintenance: [],
      incident: {
        open: true,
        autoResolve: true,
        severity: 'major',
        reopenWindowMs: 3_600_000,
        reminderIntervalMs: 86_400_000,
      },
      slo: null,
      runner: 'local',
      enabled: true,
    })
  })

  test.each([
    [{ ...http }, ['status in 200..299']],
    [{ type: 'tcp', host: 'db', port: 5432, frequency: '1m' }, []],
    [{ type: 'dns', host: 'example.org', record: 'A', frequency: '1h' }, []],
    [{ type: 'tls', host: 'example.org', port: 443, frequency: 'daily' }, ['certificate_days > 14']],
    [{ type: 'heartbeat' }, []],
  ])('%j has the conditions %j', (raw, conditions) => {
    expect(plan(raw).expect.map(formatExpectation)).toEqual(conditions)
  })

  test('what was handed in is neither kept nor changed', () => {
    const raw = structuredClone(seed)
    parseHealthCheck(raw).check.frequency = 'weekly'
    expect(raw).toEqual(seed)
  })
})

describe('a fault is refused', () => {
  test.each<[object, string, RegExp]>([
    [{ ...command, frequncy: '5m' }, 'frequncy', /unknown field; did you mean "frequency"\?/],
    [{ ...command, constructor: 1 }, 'constructor', /unknown field/],
    [JSON.parse('{"type":"heartbeat","__proto__":{}}'), '__proto__', /unknown field/],
    [{ ...command, url: 'http://x' }, 'url', /belongs to http checks, and this is a command check/],
    [{ command: 'true', frequency: 'daily' }, 'type', /is required: one of command, http/],
    [{ ...command, type: 'htp' }, 'type', /did you mean "http"\?/],
    [{ type: 'command', frequency: 'daily' }, 'command', /is required for a command check/],
    [{ type: 'http', frequency: 'daily' }, 'url', /is required for an http check/],
    [{ type: 'tcp', host: 'x', frequency: 'daily' }, 'port', /is required/],
    [{ type: 'dns', host: 'x', frequency: 'daily' }, 'record', /is required/],
    [{ type: 'command', command: 'true' }, 'frequency', /is required/],
    [{ ...command, command: 'a | b' }, 'command', /this needs a shell: "\|" at 3/],
    [{ ...command, command: 'A=1 b' }, 'command', /put it into "env"/],
    [{ ...command, command: '""' }, 'command', /must name a program/],
    [{ ...command, command: [] }, 'command', /must name a program/],
    [{ ...command, command: ['a', 1] }, 'command[1]', /must be text/],
    [{ ...command, command: 'a\0' }, 'command', /NUL/],
    [{ ...command, command: ['a', 'b\0'] }, 'command[1]', /NUL/],
    [{ ...command, command: 'a ${secret:x y}' }, 'command', /written \$\{secret:NAME\}/],
    [{ ...command, command: ['a'], shell: true }, 'shell', /needs a command that is text/],
    [{ ...command, cwd: '/etc' }, 'cwd', /inside the project/],
    [{ ...command, cwd: 'a/../../b' }, 'cwd', /inside the project/],
    [{ ...command, cwd: 'a\\..\\..' }, 'cwd', /inside the project/],
    [{ ...command, cwd: 'C:\\x' }, 'cwd', /inside the project/],
    [{ ...command, env: { 'A B': 'x' } }, 'env', /no variable's name/],
    [{ ...command, env: { A: 1 } }, 'env.A', /must be text/],
    [{ ...command, env: { A: 'a\0' } }, 'env.A', /NUL/],
    [{ ...command, exitCodes: 'nagois' }, 'exitCodes', /did you mean "nagios"/],
    [{ ...command, exitCodes: 'nagios', expect: 'exit_code:0' }, 'expect', /leave exit_code out/],
    [{ ...command, expect: 'status == 200' }, 'expect', /a command check has no status/],
    [{ ...http, degraded: ['exit_code:0'] }, 'degraded', /an http check has no exit_code/],
    [{ ...http, expect: ['status == 200', 'statsu == 1'] }, 'expect[1]', /did you mean status\?/],
    [{ ...http, expect: 5 }, 'expect', /must be text/],
    [{ ...http, url: 'ftp://x' }, 'url', /http or https/],
    [{ ...http, url: 'https://' }, 'url', /http or https/],
    [{ ...http, url: 'https://a b' }, 'url', /http or https/],
    [{ ...http, url: 'https://a:b@x' }, 'url', /must not hold a password.*headers/],
    [{ ...http, method: 'BREW' }, 'method', /must be one of GET/],
    [{ ...http, headers: { a: 'b\r\nc: d' } }, 'headers.a', /one line/],
    [{ ...http, headers: { 'a b': 'c' } }, 'headers', /no header's name/],
    [{ ...http, headers: ['a'] }, 'headers', /object of texts/],
    [{ ...http, body: 'x' }, 'body', /does not go with GET/],
    [{ ...http, followRedirects: 11 }, 'followRedirects', /from 0 to 10/],
    [{ ...command, frequency: 'dayly' }, 'frequency', /did you mean "daily"/],
    [{ ...command, frequency: '4s' }, 'frequency', /from 5s/],
    [{ ...command, frequency: 60 }, 'frequency', /must be text/],
    [{ ...command, frequency: 'cron:61 * * * *' }, 'frequency', /no cron expression/],
    [{ ...command, timezone: 'Mars/Base' }, 'timezone', /no such time zone/],
    [{ ...command, jitter: '60 %' }, 'jitter', /0 % to 50 %/],
    [{ ...command, jitter: -0.1 }, 'jitter', /0 % to 50 %/],
    [{ ...command, retries: 1.5 }, 'retries', /whole number/],
    [{ ...command, retries: null }, 'retries', /whole number/],
    [{ ...command, timeout: '0s' }, 'timeout', /longer than nothing/],
    [{ ...command, failureThreshold: 0 }, 'failureThreshold', /from 1 to 100/],
    [{ ...command, dependsOn: [1, 0] }, 'dependsOn[1]', /whole number/],
    [
      { ...command, maintenance: [{ from: '2026-01-02T00:00Z', to: '2026-01-01T00:00Z' }] },
      'maintenance[0]',
      /before/,
    ],
    [{ ...command, maintenance: [{ cron: '0 6 * * *' }] }, 'maintenance[0]', /needs a "duration"/],
    [{ ...command, incident: { sevrity: 'major' } }, 'incident.sevrity', /did you mean "severity"/],
    [
      { ...command, incident: { severity: 'huge' } },
      'incident.severity',
      /must be one of critical, major, minor/,
    ],
    [{ ...command, incident: { open: 'yes' } }, 'incident.open', /true or false/],
    [{ ...command, slo: { target: 1 } }, 'slo.target', /between 0 and 1/],
    [{ ...command, slo: {} }, 'slo.target', /is required/],
    [{ ...command, runner: 'a b' }, 'runner', /label/],
    [{ ...command, enabled: 'true' }, 'enabled', /true or false/],
    [{ type: 'heartbeat', timeout: '5s' }, 'timeout', /belongs to/],
    [{ ...http, method: 'POST', body: 'ü'.repeat(32_768) }, '', /at most 64 KB/],
  ])('%j: %s', (raw, field, message) => {
    const name = `healthCheck${field && '.'}${field}`
    expect(failures(raw)).toEqual({ [name]: expect.stringMatching(message) })
  })

  test.each([null, undefined, 5, 'daily', [seed]])('%j is no health check', (raw) => {
    expect(failures(raw).healthCheck).toMatch(/must be a JSON object/)
  })

  test('all faults are named, not the first alone', () => {
    const found = failures({ type: 'http', url: 'x', frequency: 'often', retries: 99, colour: 'red' })
    expect(Object.keys(found).sort()).toEqual(
      ['colour', 'frequency', 'retries', 'url'].map((name) => `healthCheck.${name}`),
    )
  })

  test('whatever it is, it is read or refused', () => {
    const names = fc.constantFrom(
      ...Object.keys(plan(seed)),
      'command',
      'frequency',
      'timeout',
      'url',
      'slo',
      'x',
    )
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom('5m', 'daily', 'cron:* * * * *', 'http://x', 3))
    fc.assert(
      fc.property(
        fc.constantFrom(seed, http, {}),
        fc.dictionary(names, values, { maxKeys: 4 }),
        (base, more) => {
          failures({ ...base, ...more })
        },
      ),
    )
  })
})

describe('a run fits its interval', () => {
  const everySoOften = fc.oneof(
    fc.integer({ min: 5, max: 7200 }).map((seconds) => `${seconds}s`),
    fc.constantFrom(
      'minutely',
      'hourly',
      'daily',
      'weekly',
      'monthly',
      '366d',
      'cron:* * * * *',
      'cron:0 6 * * 1-5',
    ),
  )

  test('whenever only the required fields are given', () => {
    fc.assert(
      fc.property(everySoOften, (frequency) => {
        const { schedule, timeoutMs, retries, retryIntervalMs } = plan({ ...http, frequency })
        const longest = timeoutMs * (retries + 1) + retryIntervalMs * retries
        expect(longest).toBeLessThanOrEqual(intervalMsOf(schedule))
        expect(timeoutMs).toBeLessThanOrEqual(30_000)
        expect(timeoutMs).toBeGreaterThanOrEqual(1000)
      }),
    )
  })

  test.each<[object, object]>([
    [{ frequency: '5s' }, { timeoutMs: 2500, retries: 0 }],
    [{ frequency: 'minutely' }, { timeoutMs: 30_000, retries: 0 }],
    [{ frequency: '90s' }, { timeoutMs: 30_000, retries: 1 }],
    [{ frequency: '110s' }, { timeoutMs: 30_000, retries: 2 }],
    [
      { frequency: '30s', timeout: '4s' },
      { timeoutMs: 4000, retries: 1 },
    ],
    [
      { frequency: '30s', retries: 2 },
      { timeoutMs: 3333, retries: 2 },
    ],
    [
      { frequency: '30s', retries: 2, retryInterval: '0s' },
      { timeoutMs: 10_000, retries: 2, retryIntervalMs: 0 },
    ],
    [
      { frequency: 'cron:*/5 * * * *' },
      { timeoutMs: 30_000, retries: 2, failureThreshold: 3, successThreshold: 2 },
    ],
    [{ frequency: '59m' }, { failureThreshold: 3, successThreshold: 2 }],
    [{ frequency: 'hourly' }, { failureThreshold: 1, successThreshold: 1 }],
    [
      { frequency: '1m', failureThreshold: 1 },
      { failureThreshold: 1, successThreshold: 2 },
    ],
  ])('%j comes to %j', (given, effective) => {
    expect(plan({ ...http, ...given })).toMatchObject(effective)
  })

  test.each<[object, string, RegExp]>([
    [
      { frequency: '30s', timeout: '31s' },
      'timeout',
      /one attempt of 31s take 31s, more than the interval of 30s/,
    ],
    [
      { frequency: '30s', timeout: '10s', retries: 2 },
      'timeout',
      /3 attempts of 10s and 2 × 10s between them take 50s/,
    ],
    [{ frequency: '10s', retries: 1 }, 'retries', /more than the interval of 10s/],
    [{ frequency: 'cron:* * * * *', timeout: '2m' }, 'timeout', /the interval of 1m/],
  ])('%j does not', (given, field, message) => {
    expect(failures({ ...http, ...given })).toEqual({
      [`healthCheck.${field}`]: expect.stringMatching(message),
    })
  })
})

describe('a plan', () => {
  test('keeps the default condition unless its subject is named', () => {
    const conditions = (expect: unknown) => plan({ ...http, expect }).expect.map(formatExpectation)
    expect(conditions('body contains ok')).toEqual(['status in 200..299', 'body contains ok'])
    expect(conditions(['body contains ok', 'status == 503'])).toEqual(['body contains ok', 'status == 503'])
    expect(plan({ ...command, exitCodes: 'nagios' }).expect).toEqual([])
  })

  test('has the fields as they take effect', () => {
    expect(plan({ ...http, method: 'post', body: '{}', jitter: '20 %', startPeriod: '1m' })).toMatchObject({
      method: 'POST',
      body: '{}',
      jitter: 0.2,
      startPeriodMs: 60_000,
    })
    expect(plan({ ...command, frequency: 'cron: 0  6 * * *', timezone: 'Europe/Vienna' }).schedule).toEqual({
      kind: 'cron',
      expression: '0 6 * * *',
      timezone: 'Europe/Vienna',
    })
    expect(plan({ type: 'heartbeat', frequency: 'daily', grace: '1h' }).schedule).toEqual({
      kind: 'heartbeat',
      graceMs: 3_600_000,
      every: { kind: 'interval', intervalMs: 86_400_000, name: 'daily' },
    })
    expect(plan({ ...command, incident: { open: false, reopenWindow: '0s' } }).incident).toMatchObject({
      open: false,
      autoResolve: true,
      reopenWindowMs: 0,
    })
  })

  test('of cron has no jitter unless it was given', () => {
    const cron = { ...http, frequency: 'cron:0 6 * * *' }
    expect([plan(http).jitter, plan(cron).jitter, plan({ ...cron, jitter: 0.2 }).jitter]).toEqual([
      0.1, 0, 0.2,
    ])
  })

  test('of a shell command holds its text and no words', () => {
    const { argv, shellCommand } = plan({ ...command, command: 'a | b', shell: true })
    expect([argv, shellCommand]).toEqual([undefined, 'a | b'])
  })

  test('through a shell, a secret stands in the environment alone', () => {
    const shell = { ...command, shell: true, command: 'curl "${secret:TOKEN}"' }
    expect(() => parseHealthCheck(shell)).toThrow(TrackerError)
    expect(plan({ ...shell, command: 'curl "$T"', env: { T: '${secret:TOKEN}' } }).shellCommand).toBe(
      'curl "$T"',
    )
  })
})

describe('the fingerprint of a command', () => {
  const print = (more: object) => commandFingerprint({ ...command, ...more } as HealthCheck)

  test('is the same however the same command was written', () => {
    expect(print({ command: 'a  "b c"', env: { B: '1', A: '2' } })).toBe(
      print({ command: ['a', 'b c'], env: { A: '2', B: '1' }, cwd: '.', shell: false, frequency: 'weekly' }),
    )
  })

  test('differs with the program, an argument, the folder, the environment and the shell', () => {
    const prints = [
      {},
      { command: 'false' },
      { command: 'true x' },
      { cwd: 'a' },
      { env: { A: '' } },
      { shell: true },
    ]
    expect(new Set(prints.map(print)).size).toBe(prints.length)
  })

  test('is absent where nothing is run', () => {
    expect(commandFingerprint(http as HealthCheck)).toBeUndefined()
  })
})
