/** Performance data of monitoring plugins, as real ones print it, and as broken ones do. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Metric, parsePerfdata } from '../../src/domain/perfdata.ts'

/** `label=value[unit];warn;crit;min;max`, what is absent left empty at the end. */
const shown = ({ label, value, unit, warn, crit, min, max }: Metric) =>
  `${label}=${value}${unit};${warn ?? ''};${crit ?? ''};${min ?? ''};${max ?? ''}`.replace(/;+$/, '')
const read = (stdout: string, truncated = false) => parsePerfdata(stdout, truncated).map(shown)

describe('what real plugins print', () => {
  test.each<[string, string, string[]]>([
    [
      'check_load',
      'LOAD OK - total load average: 3.16, 1.81, 2.11|load1=3.160;90.000;99.000;0; load5=1.810;90.000;99.000;0; load15=2.110;90.000;99.000;0; \n',
      ['load1=3.16;90.000;99.000;0', 'load5=1.81;90.000;99.000;0', 'load15=2.11;90.000;99.000;0'],
    ],
    [
      'check_disk',
      'DISK OK - free space: / 76064MiB (73% inode=96%);| /=29185015808B;267847005634;270552530944;0;270552530944\n',
      ['/=29185015808B;267847005634;270552530944;0;270552530944'],
    ],
    [
      'check_disk, all of them',
      'DISK OK| /dev=0B;12503796940;12630097920;0;12630097920 /dev/shm=3145728B;25023165235;25275924480;0;25275924480\n',
      [
        '/dev=0B;12503796940;12630097920;0;12630097920',
        '/dev/shm=3145728B;25023165235;25275924480;0;25275924480',
      ],
    ],
    [
      'check_disk, before 2.3',
      'DISK WARNING - free space: / 2643 MB (5% inode=92%);| /=54321MB;55000;56000;0;58000\n',
      ['/=54321MB;55000;56000;0;58000'],
    ],
    [
      'check_ping',
      'PING OK - Packet loss = 0%, RTA = 0.24 ms|rta=0.238000ms;100.000000;200.000000;0.000000 pl=0%;50;80;0;\n',
      ['rta=0.238ms;100.000000;200.000000;0', 'pl=0%;50;80;0'],
    ],
    [
      'check_icmp',
      'OK - 127.0.0.1: rta 0.024ms, lost 0%|rta=0.024ms;200.000;500.000;0; pl=0%;40;80;; rtmax=0.065ms;;;; rtmin=0.011ms;;;; \n',
      ['rta=0.024ms;200.000;500.000;0', 'pl=0%;40;80', 'rtmax=0.065ms', 'rtmin=0.011ms'],
    ],
    [
      'check_http',
      'HTTP OK: HTTP/1.0 200 OK - 26992 bytes in 0.026 second response time |time=0.025561s;;;0.000000;10.000000 size=26992B;;;0;\n',
      ['time=0.025561s;;;0;10', 'size=26992B;;;0'],
    ],
    [
      'check_tcp',
      'TCP OK - 0.001 second response time on 127.0.0.1 port 18993|time=0.000593s;;;0.000000;10.000000\n',
      ['time=0.000593s;;;0;10'],
    ],
    [
      'check_procs',
      "PROCS OK: 0 processes with command name 'nope' | procs=0;0;100000;0;\n",
      ['procs=0;0;100000;0'],
    ],
    [
      'check_file_age',
      'FILE_AGE OK: /etc/passwd is 16099786 seconds old and 1221 bytes | age=16099786s;999999999;9999999999 size=1221B;0;0;0\n',
      ['age=16099786s;999999999;9999999999', 'size=1221B;0;0;0'],
    ],
    ['check_swap', 'SWAP CRITICAL - 0% free (0MB out of 0MB) |swap=0B;0;0;0;0\n', ['swap=0B;0;0;0;0']],
    [
      'check_apt',
      'APT WARNING: 106 packages |available_upgrades=106;;;0 critical_updates=0;;;0\n',
      ['available_upgrades=106;;;0', 'critical_updates=0;;;0'],
    ],
    ['check_dummy', 'OK\n', []],
    ['check_cluster', 'CLUSTER OK: Service cluster: 2 ok, 1 warning, 0 unknown, 0 critical\n', []],
    ['check_ssh, refused', 'connect to address 127.0.0.1 and port 1: Connection refused\n', []],
  ])('%s', (_, stdout, metrics) => {
    expect(read(stdout)).toEqual(metrics)
  })

  test('the example of the guidelines: text | data, long text, | more data on the lines behind it', () => {
    const stdout = [
      'DISK OK - free space: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968',
      '/ 15272 MB (77%);',
      '/boot 68 MB (69%);',
      '/var/log 819 MB (84%); | /boot=68MB;88;93;0;98',
      '/home=69357MB;253404;253409;0;253414',
      '/var/log=818MB;970;975;0;980',
    ].join('\n')
    expect(parsePerfdata(stdout)).toEqual([
      { label: '/', value: 2643, unit: 'MB', warn: '5948', crit: '5958', min: 0, max: 5968 },
      { label: '/boot', value: 68, unit: 'MB', warn: '88', crit: '93', min: 0, max: 98 },
      { label: '/home', value: 69357, unit: 'MB', warn: '253404', crit: '253409', min: 0, max: 253414 },
      { label: '/var/log', value: 818, unit: 'MB', warn: '970', crit: '975', min: 0, max: 980 },
    ])
    expect(read(stdout.replaceAll('\n', '\r\n'))).toHaveLength(4)
  })
})

describe('the form', () => {
  test.each<[string, string[]]>([
    ["'label with space'=1s", ['label with space=1s']],
    ["'it''s'=1", ["it's=1"]],
    ["'a=b'=2", ['a=b=2']],
    ["'C:\\ %'=12%;80;90", ['C:\\ %=12%;80;90']],
    ['a=1;10:;~:20;0;100', ['a=1;10:;~:20;0;100']],
    ['a=1;10:20;@5:8', ['a=1;10:20;@5:8']],
    ['a=-1.5;-3;-.5;-10', ['a=-1.5;-3;-.5;-10']],
    ['a=1e-3s b=5. c=.5', ['a=0.001s', 'b=5', 'c=0.5']],
    ['a=0,520;15,000;30,000;0;', ['a=0.52;15.000;30.000;0']],
    ['a=U b=2', ['b=2']],
    ['a=1c;;;;', ['a=1c']],
    ['a=1us b=2µs c=3KB d=4KiB', ['a=1us', 'b=2µs', 'c=3KB', 'd=4KiB']],
    ['  a=1\t b=2  ', ['a=1', 'b=2']],
    ['a=1|b=2', ['a=1', 'b=2']],
    ['a=1;x;10;y;5', ['a=1;;10;;5']],
    ['a=1;2;3;4;5;6', ['a=1;2;3;4;5']],
    ['a=1 a=2', ['a=1']],
    ['= =1 a= b=x c d=1.2.3 e=0x1f f=NaN g=1e999 h=Infinity ok=1', ['ok=1']],
    ["'never closed=1 ok=2", ['closed=1', 'ok=2']],
    ["'no value' ok=1", ['ok=1']],
    ["''=1 ok=1", ['ok=1']],
    ['__proto__=1 constructor=2', ['__proto__=1', 'constructor=2']],
  ])('%s', (data, metrics) => {
    expect(read(`OK | ${data}`)).toEqual(metrics)
  })

  test('a label is one harmless line of at most 60 characters', () => {
    const [{ label }] = parsePerfdata(`OK | '\u001b[31m${'x'.repeat(100)}'=1`) as [Metric]
    expect(label).toBe(`${'x'.repeat(59)}…`)
  })

  test('the first 20 are read', () => {
    const data = Array.from({ length: 50 }, (_, index) => `m${index}=${index}`).join(' ')
    expect(read(`OK | ${data}`)).toEqual(data.split(' ').slice(0, 20))
  })

  test('of output that was cut the last value is left out, unless white space ends it', () => {
    expect(read('OK | a=1 b=12', true)).toEqual(['a=1'])
    expect(read('OK | a=1 b=12 ', true)).toEqual(['a=1', 'b=12'])
  })
})

const label = fc
  .string({ minLength: 1, maxLength: 30 })
  .filter(
    (text) =>
      /^[^\s\u0000-\u001f=|](?:[^\u0000-\u001f=|]*[^\s\u0000-\u001f=|])?$/.test(text) && !/\s\s/.test(text),
  )
const range = fc.constantFrom('', '5', '5:', '~:5', '1:5', '@1:5')
const metric = fc.record({
  label,
  value: fc
    .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    .map((value) => value + 0),
  unit: fc.constantFrom('', 's', 'ms', '%', 'B', 'KB', 'c'),
  warn: range,
  crit: range,
})

test('what is written by the guidelines is read as it was meant', () => {
  fc.assert(
    fc.property(fc.uniqueArray(metric, { maxLength: 20, selector: (each) => each.label }), (metrics) => {
      const data = metrics.map(
        ({ label, value, unit, warn, crit }) =>
          `'${label.replaceAll("'", "''")}'=${value}${unit};${warn};${crit}`,
      )
      const seen = parsePerfdata(`OK | ${data.join(' ')}\n`)
      expect(seen).toEqual(
        metrics.map(({ warn, crit, ...rest }) => ({ ...rest, ...(warn && { warn }), ...(crit && { crit }) })),
      )
    }),
  )
})

test('whatever it is, it is read or left out, within bounds', () => {
  const piece = fc.constantFrom(
    "'",
    "''",
    '=',
    '|',
    ';',
    ' ',
    '\n',
    '1',
    'a',
    ':',
    '~',
    '@',
    '.',
    ',',
    '-',
    'e',
    '%',
    '\u0000',
    '\ud800',
  )
  const text = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((pieces) => `|${pieces.join('')}`),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(text, fc.boolean(), (stdout, truncated) => {
      const metrics = parsePerfdata(stdout, truncated)
      expect(metrics.length).toBeLessThanOrEqual(20)
      expect(new Set(metrics.map((each) => each.label)).size).toBe(metrics.length)
      for (const { label, value, unit, warn = '', crit = '' } of metrics) {
        expect(label).toMatch(/^[^\u0000-\u001f\u007f-\u009f]{1,60}$/)
        expect(Number.isFinite(value)).toBe(true)
        expect(unit.length).toBeLessThanOrEqual(10)
        expect(Math.max(warn.length, crit.length)).toBeLessThanOrEqual(60)
      }
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ["'"],
  ["''"],
  ["'a "],
  ["' "],
  ["'' "],
  ["'''a "],
  ['a='],
  ['a=1;'],
  ['|'],
  ['1'],
  [' '],
  ["a'"],
])('64 KB of %j take no time', (piece) => {
  const stdout = `OK |${piece.repeat(65_536 / piece.length)}`
  const started = performance.now()
  parsePerfdata(stdout)
  expect(performance.now() - started).toBeLessThan(500)
})
