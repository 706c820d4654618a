import { describe, expect, test } from 'vitest'
import type { LegacyRow } from '../../src/domain/legacy-rows.ts'
import { convertLegacy, entriesOf, itemOf, leftOf, now, tablesOf } from './legacy-tables.ts'

const at = (time: string) => `2026-02-05T${time}.000Z`
const convert = (...given: Parameters<typeof tablesOf>) => convertLegacy(tablesOf(...given), now)

describe('criteria', () => {
  const criteria = (acceptance_criteria: string | null) =>
    convert([{ acceptance_criteria }]).batch.criterion.map(({ text, verdict }) => [text, verdict])

  test.each([[null], [''], ['[]'], [' \n '], ['null'], ['""'], ['[""," ",null]']])('%j: none', (text) => {
    expect(criteria(text)).toEqual([])
  })

  test('lines lose their signs, numbers and boxes; a ticked box is passed', () => {
    const text =
      '- one\r\n* two\n\n1. three\n[ ] four\n- [x] five\n[X] six\n100% of calls\n-5 degrees\n1.5 s\n[y] z\n-'
    expect(criteria(text)).toEqual([
      ['one', 'open'],
      ['two', 'open'],
      ['three', 'open'],
      ['four', 'open'],
      ['five', 'passed'],
      ['six', 'passed'],
      ['100% of calls', 'open'],
      ['-5 degrees', 'open'],
      ['1.5 s', 'open'],
      ['[y] z', 'open'],
    ])
  })

  test('arrays of texts, encoded twice or not, are taken as they are', () => {
    const texts = ['- one', 'two\nlines']
    const read = texts.map((text) => [text, 'open'])
    expect(criteria(JSON.stringify(texts))).toEqual(read)
    expect(criteria(JSON.stringify(JSON.stringify(texts)))).toEqual(read)
  })

  test('objects: text, verdict and evidence; the rest is listed', () => {
    const given = [
      { text: 'a', passed: true },
      { criterion: 'b', done: false },
      { title: 'c', status: 'failed', evidence: 'log' },
      { text: 'd', status: 'perhaps', by: 'qa' },
      { other: 1 },
      7,
    ]
    const converted = convert([{ acceptance_criteria: JSON.stringify(given) }])
    expect(converted.batch.criterion).toEqual([
      { id: 1, itemId: 1, text: 'a', verdict: 'passed', evidence: null },
      { id: 2, itemId: 1, text: 'b', verdict: 'open', evidence: null },
      { id: 3, itemId: 1, text: 'c', verdict: 'failed', evidence: 'log' },
      { id: 4, itemId: 1, text: 'd', verdict: 'open', evidence: null },
      { id: 5, itemId: 1, text: '{"other":1}', verdict: 'open', evidence: null },
      { id: 6, itemId: 1, text: '7', verdict: 'open', evidence: null },
    ])
    expect(leftOf(converted, 'text').map((left) => left.text)).toEqual(['{"by":"qa","status":"perhaps"}'])
  })

  test('one without words is carried as what it says besides, and dropped only where that is nothing', () => {
    const given = [
      { text: '', evidence: 'log', status: 'failed' },
      { text: ' ', evidence: null },
    ]
    const converted = convert([{ acceptance_criteria: JSON.stringify(given) }])
    expect(converted.batch.criterion).toEqual([
      { id: 1, itemId: 1, text: JSON.stringify(given[0]), verdict: 'failed', evidence: 'log' },
    ])
    expect(converted.report.left).toEqual([])
  })

  test.each(['[12345678901234567890]', '[{"text":"a","n":1e400}]', '[{"text":"a","text":"b"}]'])(
    '%s loses something: it is listed',
    (acceptance_criteria) => {
      const converted = convert([{ acceptance_criteria }])
      expect(converted.batch.criterion).toHaveLength(1)
      expect(leftOf(converted, 'text')[0]).toMatchObject({ itemId: 1, text: acceptance_criteria })
    },
  )

  test('NUL inside of JSON is taken out, too', () => {
    const converted = convert([{ acceptance_criteria: '["a\\u0000b"]' }])
    expect(converted.batch.criterion[0]?.text).toBe('ab')
    expect(leftOf(converted, 'text')).toMatchObject([{ itemId: 1, text: 'ab' }])
  })
})

describe('the column of notes', () => {
  const noted = (notes: string, rows: LegacyRow[] = []) =>
    convert([{ notes, updated_at: '2026-02-05 12:00:00' }], { notes: rows })

  test('a line without a time belongs to the note above it, or is one of the last change', () => {
    const text =
      'Loose words\n2026-02-05 10:02 [main] Second\n  and more\n\nto it\n2026-02-05 09:41 [the qa] First\n'
    expect(entriesOf(noted(text), 1, 'noted')).toMatchObject([
      { at: at('09:41:00'), note: 'First', source: null, detail: { source: 'the qa' } },
      { at: at('10:02:00'), note: 'Second\n  and more\n\nto it', source: 'main', detail: null },
      { at: at('12:00:00'), note: 'Loose words', source: null },
    ])
  })

  test('of one minute the lower line is the older; a later line above keeps its time', () => {
    const text =
      '2026-02-05 09:00 [a] three\n2026-02-05 09:00 [a] two\n2026-02-05 09:30 [a] four\n2026-02-05 08:00 [a] one'
    expect(entriesOf(noted(text), 1, 'noted').map((entry) => entry.note)).toEqual([
      'one',
      'two',
      'three',
      'four',
    ])
  })

  test('a time that there is not is no time', () => {
    expect(entriesOf(noted('2026-13-45 99:99 [main] words'), 1, 'noted')).toMatchObject([
      { at: at('12:00:00'), note: '2026-13-45 99:99 [main] words' },
    ])
  })

  test('a note that stands in both places comes once, from each of its copies', () => {
    const row = { id: 1, pipeline_id: 1, agent_role: 'qa', note_type: 'decision', content: 'Same' }
    const line = '2026-02-05 09:41 [main] Same'
    const converted = noted(`${line}\n${line}`, [{ ...row, created_at: '2026-02-05 09:41:30' }])
    expect(converted.report.notes).toBe(2)
    expect(entriesOf(converted, 1, 'noted')).toMatchObject([
      { at: at('09:41:00'), actor: 'system:upgrade', note: 'Same' },
      { at: at('09:41:30'), actor: 'agent:qa', noteType: 'decision', source: 'main' },
    ])
  })

  test('rows: kinds that there are not are progress and told, so is a role that is no name', () => {
    const row = {
      id: 1,
      pipeline_id: 1,
      agent_role: 'a\nb',
      note_type: 'info',
      content: 12,
      created_at: 'then',
    }
    const converted = noted('', [row])
    expect(entriesOf(converted, 1, 'noted')).toMatchObject([
      {
        at: at('12:00:00'),
        actor: 'system:upgrade',
        note: '12',
        noteType: 'progress',
        detail: { was: 'info', role: 'a\nb' },
      },
    ])
    expect(leftOf(converted, 'time')).toMatchObject([{ id: 1, itemId: 1, text: 'then' }])
  })
})

describe('health checks', () => {
  const web = { type: 'http', url: 'https://example.com', frequency: '10m' }

  test.each([
    ['one that is off', { ...web, enabled: false }],
    ['a heartbeat', { type: 'heartbeat', frequency: 'daily' }],
  ])('%s is not due, though the item is live', (_, check) => {
    const converted = convert([{ stage: 'live', health_check: JSON.stringify(check) }])
    expect(converted.batch.check).toMatchObject([
      { liveSinceMs: Date.parse(at('06:00:00')), nextRunMs: null },
    ])
  })

  test('of an item that is not live it is kept, and neither due nor waiting', () => {
    const check = { type: 'command', command: 'true', frequency: 'daily' }
    const converted = convert([{ stage: 'qa', health_check: JSON.stringify(check) }])
    expect(itemOf(converted, 1).healthCheck).toBe(JSON.stringify(check))
    expect(converted.batch.check).toMatchObject([{ liveSinceMs: null, nextRunMs: null }])
    expect(converted.report.unapproved).toEqual([])
  })

  test('the lease lasts as long as the longest run, and half a minute more', () => {
    const check = { ...web, timeout: '5s', retries: 2, retryInterval: '3s' }
    const converted = convert([{ health_check: JSON.stringify(check) }])
    expect(converted.batch.check[0]?.leaseMs).toBe(5_000 * 3 + 3_000 * 2 + 30_000)
  })

  test('a secret that is sent somewhere waits for approval like a command', () => {
    const check = { ...web, headers: { authorization: '${secret:TOKEN}' } }
    expect(convert([{ stage: 'live', health_check: JSON.stringify(check) }]).report.unapproved).toEqual([1])
  })

  test.each([[null], [''], ['  '], ['null']])('%j is none', (health_check) => {
    const converted = convert([{ health_check }])
    expect(converted.report.left).toEqual([])
    expect(entriesOf(converted, 1)).toHaveLength(1)
  })

  test.each([['{}'], ['[]'], ['7'], ['{"type":"ping"}'], ['curl example.com']])(
    "%s can't be read",
    (text) => {
      const converted = convert([{ health_check: text }])
      expect(itemOf(converted, 1).healthCheck).toBeNull()
      expect(converted.batch.check).toEqual([])
      expect(leftOf(converted, 'health-check')).toMatchObject([{ itemId: 1, text }])
      expect(entriesOf(converted, 1, 'noted')[0]?.note).toContain(text)
    },
  )

  test('the report says what is wrong with one', () => {
    const [left] = leftOf(convert([{ health_check: '{"type":"http","frequency":"daily"}' }]), 'health-check')
    expect(left?.why).toMatch(/url is required/)
  })
})
