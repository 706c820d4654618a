import { describe, expect, test } from 'vitest'
import { mailAddress } from '../../src/domain/channel.ts'
import { defaults, parseConfig, parseConfigText } from '../../src/domain/config.ts'
import { TrackerError } from '../../src/errors.ts'

const slack = { type: 'slack', url: '${env:SLACK_URL}' }
const smtp = {
  type: 'smtp',
  host: 'mail.example.com',
  from: 'Throughline <bot@example.com>',
  to: ['max@example.com'],
}
const webhook = { type: 'webhook', url: 'https://example.com/hook' }

/** `field: message` of everything that is wrong. */
function faultsOf(make: () => unknown): string[] {
  try {
    make()
  } catch (error) {
    expect(error).toBeInstanceOf(TrackerError)
    const { kind, failures } = error as TrackerError
    expect(kind).toBe('invalid')
    return failures.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`))
  }
  return []
}
const faults = (raw: unknown) => faultsOf(() => parseConfig(raw))
/** Of one channel, without the path to it. */
const channelFaults = (channel: unknown) =>
  faults({ channels: { team: channel } }).map((fault) => fault.replace(/^channels\.team\.?/, ''))

describe('the configuration', () => {
  test('of nothing is the defaults', () => {
    expect(parseConfig({})).toEqual(defaults)
    expect(parseConfigText('\ufeff{}')).toEqual({
      channels: {},
      storm: { items: 5, windowMs: 60_000 },
      groupWaitMs: 30_000,
    })
  })

  test('is read with its durations in milliseconds; what was not said keeps its default', () => {
    const raw = {
      deadmanUrl: 'https://hc.example.com/${env:PING}',
      storm: { items: 10 },
      groupWait: '0s',
    }
    expect(parseConfig(raw)).toEqual({
      channels: {},
      deadmanUrl: 'https://hc.example.com/${env:PING}',
      storm: { items: 10, windowMs: 60_000 },
      groupWaitMs: 0,
    })
  })

  test.each([
    [[], 'must be an object such as {"channels":{"team":{"type":"slack","url":"${env:SLACK_URL}"}}}'],
    [{ chanels: {} }, 'chanels: unknown field "chanels"; did you mean "channels"?'],
    [{ storm: { item: 3 } }, 'storm.item: unknown field "item"; did you mean "items"?'],
    [{ storm: { items: 0 } }, 'storm.items: must be a whole number from 1 to 10000, not 0'],
    [{ groupWait: '2h' }, 'groupWait: must be from 0s to 1h, not "2h"'],
    [{ deadmanUrl: 'ftp://x' }, 'deadmanUrl: must be an http or https URL, or "${env:NAME}"'],
    [{ channels: [] }, 'channels: must be an object of channels by name'],
    [
      { channels: { 'a b': slack } },
      'channels: "a b" is no name of a channel: letters, digits, . _ - and at most 64',
    ],
  ])('%j is refused: %s', (raw, fault) => {
    expect(faults(raw)).toEqual([fault])
  })

  test('tells every fault at once, each with the path of its field', () => {
    const raw = { storm: { items: 'x' }, channels: { a: { ...slack, kinds: ['incident.open'] }, b: {} } }
    expect(faults(raw)).toEqual([
      expect.stringMatching(
        /^channels\.a\.kinds\[0\]: must be one of incident\.opened, .*did you mean "incident\.opened"\?$/,
      ),
      'channels.b.type: is required: one of webhook, slack, smtp, command',
      'storm.items: must be a whole number from 1 to 10000, not "x"',
    ])
  })

  test('that is no JSON is told by its place, and what stands there is not quoted', () => {
    const text = '{\n  "channels": {"a": {"password": "hunter2" "x": 1}}}'
    const [fault] = faultsOf(() => parseConfigText(text))
    expect(fault).toMatch(/^is no JSON: look at line 2, column 44$/)
    expect(fault).not.toContain('hunter2')
    expect(faultsOf(() => parseConfigText('hunter2'))).toEqual(['is no JSON: look at line 1, column 1'])
    expect(faultsOf(() => parseConfigText('x'.repeat(1_000_001)))).toEqual(['must have at most 1 MB'])
  })

  test.each([
    ['a word', '{\n "storm": yes}', 'line 2, column 11'],
    ['a quote', "\ufeff{\n\n  'storm': 1}", 'line 3, column 3'],
    ['a comment', '{} // none', 'line 1, column 4'],
    ['an end too early', '{"channels":\n', 'line 2, column 1'],
    ['nothing', '', 'line 1, column 1'],
    ['a comma', '{"channels": {},}', 'line 1, column 17'],
    ['half a word', `{"storm": ${'[true,'.repeat(2000)}fals}`, 'line 1, column 12015'],
  ])('its fault is found: %s', (_, text, place) => {
    expect(faultsOf(() => parseConfigText(text))).toEqual([`is no JSON: look at ${place}`])
  })

  test('a name of the prototype is a name like any other, or none', () => {
    const config = parseConfigText(`{"channels":{"constructor":${JSON.stringify(slack)}}}`)
    expect(Object.keys(config.channels)).toEqual(['constructor'])
    expect(faultsOf(() => parseConfigText('{"channels":{"__proto__":{"type":"slack"}}}'))).toHaveLength(1)
    expect(faultsOf(() => parseConfigText('{"__proto__":{}}'))).toEqual([
      '__proto__: unknown field "__proto__"',
    ])
    expect(channelFaults({ type: 'toString' })).toHaveLength(1)
  })

  test('of a thousand wrong fields a hundred are told', () => {
    const raw = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, 1]))
    expect(faults(raw)).toHaveLength(100)
  })
})

describe('a channel', () => {
  test('of each type is read, with every default resolved', () => {
    const raw = {
      hook: { ...webhook, secret: '${env:HOOK}', headers: { Authorization: 'Bearer ${env:T}' } },
      team: { ...slack, minSeverity: 'critical', kinds: ['storm.opened'], enabled: false },
      mail: { ...smtp, user: 'bot', password: '${env:SMTP_PASSWORD}' },
      desk: { type: 'command', command: ['notify-send', 'Throughline', ''] },
    }
    const general = { enabled: true, minSeverity: 'minor', kinds: null, quietHours: null }
    expect(parseConfig({ channels: raw }).channels).toEqual({
      hook: { ...general, ...raw.hook, name: 'hook', source: '/throughline' },
      team: { ...general, ...raw.team, name: 'team' },
      mail: { ...general, ...raw.mail, name: 'mail', port: 587, secure: false },
      desk: { ...general, ...raw.desk, name: 'desk', env: {} },
    })
    expect(parseConfig({ channels: { mail: { ...smtp, secure: true } } }).channels.mail).toMatchObject({
      port: 465,
      user: null,
      password: null,
    })
  })

  test('may have quiet hours, in UTC where no zone is said', () => {
    const read = (quietHours: unknown) => parseConfig({ channels: { team: { ...slack, quietHours } } })
    expect(
      read({ from: '22:00', to: '07:05', timezone: 'Europe/Vienna', except: 'critical' }).channels.team,
    ).toMatchObject({
      quietHours: { fromMinute: 1320, toMinute: 425, timezone: 'Europe/Vienna', except: 'critical' },
    })
    expect(read({ from: '00:00', to: '23:59' }).channels.team!.quietHours).toEqual({
      fromMinute: 0,
      toMinute: 1439,
      timezone: 'UTC',
      except: null,
    })
  })

  test.each([
    [{ from: '22:00' }, 'quietHours.to: is required'],
    [{ from: '24:00', to: '07:00' }, 'quietHours.from: must be a time of day such as "22:00", not "24:00"'],
    [{ from: '7:00', to: '08:00' }, 'quietHours.from: must be a time of day such as "22:00", not "7:00"'],
    [
      { from: '22:00', to: '22:00' },
      'quietHours.to: must differ from "from": the whole day is said by "enabled": false',
    ],
    [
      { from: '22:00', to: '07:00', timezone: 'Europe/Wien' },
      'quietHours.timezone: no such time zone: "Europe/Wien", write it as Europe/Vienna or UTC',
    ],
    [
      { from: '22:00', to: '07:00', timezon: 'UTC' },
      'quietHours.timezon: unknown field "timezon"; did you mean "timezone"?',
    ],
  ])('is refused with quiet hours %j: %s', (quietHours, fault) => {
    expect(channelFaults({ ...slack, quietHours })).toEqual([fault])
  })

  test.each([
    [
      { type: 'slak', url: 'x' },
      'type: must be one of webhook, slack, smtp, command, not "slak"; did you mean "slack"?',
    ],
    [{ type: 'slack' }, 'url: is required for the type slack'],
    [{ ...slack, secret: '${env:A}' }, 'secret: unknown field "secret"'],
    [{ ...slack, kinds: [] }, 'kinds: must name at least one'],
    [{ ...webhook, source: 'a b' }, 'source: must be a URI or a path, such as /throughline'],
    [
      { ...webhook, headers: { 'Webhook-Id': '1' } },
      'headers.Webhook-Id: is set by the sender itself: leave it out',
    ],
    [
      { ...webhook, headers: { 'X-A': 'a\r\nB: c' } },
      'headers.X-A: must be one line without control characters',
    ],
    [
      { ...smtp, from: 'nobody' },
      'from: must be one address, such as max@example.com or Max <max@example.com>',
    ],
    [
      { ...smtp, to: ['max@example.com', 'a@example.com, b@example.com'] },
      'to[1]: must be one address, such as max@example.com or Max <max@example.com>',
    ],
    [{ ...smtp, to: [] }, 'to: must name at least one'],
    [{ ...smtp, host: 'smtp://mail' }, 'host: must be a host name or an address'],
    [{ ...smtp, user: 'bot' }, 'password: is required with "user"'],
    [{ ...smtp, password: '${env:P}' }, 'user: is required with "password"'],
    [
      { type: 'command', command: 'notify-send x' },
      'command: must be a list, the program first, such as ["notify-send", "Throughline"]: no shell splits it',
    ],
    [{ type: 'command', command: [''] }, 'command: must name a program'],
    [{ type: 'command', command: ['a', 'b\0'] }, 'command[1]: must not hold a NUL character'],
    [{ ...slack, url: '${env:}' }, 'url: has a variable that is not written ${env:NAME}'],
    [{ ...slack, url: '${secret:A}' }, 'url: takes a variable as ${env:NAME}, not as ${secret:NAME}'],
  ])('is refused: %j %s', (channel, fault) => {
    expect(channelFaults(channel)).toEqual([fault])
  })

  const aVariable =
    'is a secret and does not belong into a file: give it as "${env:NAME}", and set NAME where the worker runs'
  test.each([
    ['secret', { ...webhook, secret: 'hunter2' }, aVariable],
    ['secret', { ...webhook, secret: 'hunter2${env:A}' }, aVariable],
    ['password', { ...smtp, user: 'bot', password: 'hunter2' }, aVariable],
    ['password', { ...smtp, user: 'bot', password: { hunter2: 1 } }, aVariable],
    ['headers.Authorization', { ...webhook, headers: { Authorization: 'Bearer hunter2' } }, aVariable],
    ['headers.X-Api-Key', { ...webhook, headers: { 'X-Api-Key': 'hunter2' } }, aVariable],
  ])(
    'with a secret as plain text in %s is refused, and the secret is not repeated',
    (field, channel, why) => {
      expect(channelFaults(channel)).toContain(`${field}: ${why}`)
      expect(channelFaults(channel).join()).not.toContain('hunter2')
    },
  )

  test.each([
    'hunter2',
    { ...slack, url: 'hunter2' },
    { ...slack, url: ['hunter2'] },
    { ...webhook, url: 'https://hunter2:x@example.com' },
    { ...webhook, headers: 'hunter2' },
    { ...webhook, headers: { A: ['hunter2'] } },
    { ...smtp, host: 'hunter2/x' },
    { type: 'command', command: 'curl hunter2' },
    { type: 'command', command: ['x'], env: 'hunter2' },
  ])('%j is refused without repeating what it holds', (channel) => {
    const found = channelFaults(channel)
    expect(found).toHaveLength(1)
    expect(found[0]).not.toContain('hunter2')
  })

  test('may give the address of a chat as plain text or as a variable, and parts of others as variables', () => {
    const channels = {
      a: { type: 'slack', url: 'https://hooks.slack.com/services/T/B/X' },
      b: { type: 'slack', url: '${env:BASE}/services' },
      c: {
        ...smtp,
        host: '${env:H}',
        from: '${env:FROM}',
        to: ['${env:WHO}@example.com', 'Max <${env:MAX}>'],
      },
    }
    expect(Object.keys(parseConfig({ channels }).channels)).toEqual(['a', 'b', 'c'])
  })
})

test.each([
  ['max@example.com', { name: '', address: 'max@example.com' }],
  ['Max Muster <max@example.com>', { name: 'Max Muster', address: 'max@example.com' }],
  ['Jörg <jörg@exämple.com>', { name: 'Jörg', address: 'jörg@exämple.com' }],
  ['a@example.com\r\nBcc: b@example.com', undefined],
  ['Max\nBcc: x <max@example.com>', undefined],
  ['a@example.com, b@example.com', undefined],
  ['a@example.com <b@example.com>', undefined],
  ['list: a@example.com;', undefined],
  ['"a b"@example.com', undefined],
  ['a@b@c', undefined],
  ['', undefined],
])('the address %j is read as %j', (text, address) => {
  expect(mailAddress(text)).toEqual(address)
})
