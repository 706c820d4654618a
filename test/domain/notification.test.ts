import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  harmlessEvent,
  type NotificationEvent,
  notificationKinds,
  plainText,
  subjectLine,
} from '../../src/domain/notification.ts'
import { event } from './notifications.ts'

/** What no terminal and no parser should meet; the newline is allowed in texts of several lines. */
const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|[\ud800-\udfff]/u

describe('the subject line', () => {
  test.each([
    [{}, '[major] #25 Invoice extractor: expected exit_code == 0, got 1 (incident #31 opened)'],
    [
      { kind: 'incident.acknowledged', actor: 'human:max', summary: 'looking' },
      '[major] #25 Invoice extractor: looking (incident #31 acknowledged by human:max)',
    ],
    [
      { kind: 'incident.resolved', severity: 'minor', summary: 'up again' },
      '[minor] #25 Invoice extractor: up again (incident #31 resolved)',
    ],
    [
      { kind: 'incident.reminder', summary: 'down' },
      '[major] #25 Invoice extractor: down (incident #31 still open)',
    ],
    [
      { kind: 'check.flapping', incident: null, summary: '7 changes in 24 runs' },
      '[major] #25 Invoice extractor: 7 changes in 24 runs (the check is flapping)',
    ],
    [
      { kind: 'storm.opened', item: null, summary: '200 items fail' },
      '[major] 200 items fail (incident #31 opened for a storm)',
    ],
    [
      { kind: 'storm.resolved', item: null, summary: 'All 6 are up', actor: 'human:max' },
      '[major] All 6 are up (incident #31 resolved by human:max, and with it the storm)',
    ],
    [
      { kind: 'test', item: null, incident: null, severity: 'minor', summary: 'Hello' },
      '[minor] Hello (a test)',
    ],
  ] as [Partial<NotificationEvent>, string][])('of %j is %s', (fields, line) => {
    expect(subjectLine({ ...event, ...fields })).toBe(line)
  })

  test('keeps the number of the incident, however long the rest is', () => {
    const long = { ...event, summary: 's'.repeat(5000), item: { id: 25, title: 't'.repeat(500) } }
    expect(subjectLine(long)).toMatch(/^\[major\] #25 t{79}…: s+… \(incident #31 opened\)$/)
    expect(subjectLine(long).length).toBe(250)
  })
})

test('the plain text has the summary, the facts and the evidence, and leaves out what is not there', () => {
  expect(plainText(event)).toBe(
    [
      'expected exit_code == 0, got 1',
      '',
      'Item: #25 Invoice extractor',
      'Incident: #31 Invoice extractor: exit_code == 0, opened 2026-02-05T07:46:15.000Z',
      'Severity: major',
      'What: incident #31 opened',
      'When: 2026-02-05T07:46:15.000Z',
      '',
      'Traceback:',
      '  boom',
    ].join('\n'),
  )
  const bare = plainText({ ...event, kind: 'test', item: null, incident: null, detail: null })
  expect(bare.split('\n')).toEqual([
    'expected exit_code == 0, got 1',
    '',
    'Severity: major',
    'What: a test',
    'When: 2026-02-05T07:46:15.000Z',
  ])
})

test('a colour goes, a line break stays, and a carriage return hides nothing', () => {
  const detail = '\u001b[31mred\u001b[0m\r\nsafe\rhidden\t1\0'
  expect(harmlessEvent({ ...event, detail }).detail).toBe('red\nsafe\nhidden  1␀')
})

test('whatever an item says, all texts are bounded and harmless, and cleaning twice changes nothing', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6000 }),
    fc.constantFrom(
      '\ud83d',
      'a\udc00b',
      '\u202eevil',
      '\u001b]0;title\u0007x',
      `${'x'.repeat(4095)}😀😀`,
      '\r\n.\r\n',
    ),
  )
  fc.assert(
    fc.property(text, text, text, fc.constantFrom(...notificationKinds), (title, summary, detail, kind) => {
      const hostile = { ...event, kind, item: { id: 1, title }, summary, detail, actor: title }
      const clean = harmlessEvent(hostile)
      expect(harmlessEvent(clean)).toEqual(clean)
      expect(clean.detail!.length).toBeLessThanOrEqual(4096)
      expect(clean.summary.length).toBeLessThanOrEqual(1000)
      const subject = subjectLine(hostile)
      expect(subject).not.toMatch(unsafe)
      expect(subject).not.toContain('\n')
      expect(subject.length).toBeLessThanOrEqual(250)
      expect(plainText(hostile)).not.toMatch(unsafe)
      expect(JSON.stringify(clean)).not.toMatch(/\\u[0-9a-f]{4}/)
    }),
  )
})
