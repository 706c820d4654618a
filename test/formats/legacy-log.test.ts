import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LegacyRow } from '../../src/domain/legacy-rows.ts'
import { convertLegacy, entriesOf, itemOf, now, tablesOf } from './legacy-tables.ts'

const at = (time: string) => `2026-02-05T${time}:00.000Z`
const convert = (...given: Parameters<typeof tablesOf>) => convertLegacy(tablesOf(...given), now)

describe('the log', () => {
  /** It can be parsed, but writing it would exhaust the stack. */
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`

  const activity = (row: LegacyRow) => {
    const given = { id: 1, action: 'x', related_id: 'pipeline:1', created_at: '2026-02-05 07:00:00', ...row }
    return entriesOf(convert([{}], { activity: [given] }), 1)[1]
  }

  test('an action that is one of ours promises more than a foreign row holds: it is marked', () => {
    const folder = join(import.meta.dirname, '../../src/ops')
    const calls = readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [
        ...readFileSync(join(folder, name), 'utf8').matchAll(
          /\b(?:log|entryOf)\(\s*context,\s*[^,]+,\s*'([a-z-]+)'/g,
        ),
      ])
    const actions = [...new Set(calls.map(([, action = '']) => action)), 'approved', 'reviewed', 'upgraded']
    expect(actions).toContain('demo-loaded')
    for (const action of actions)
      expect(activity({ action: action.replaceAll('-', '_') })?.action).toBe(`legacy-${action}`)
  })

  test('an action holds nothing that a terminal obeys, and its words are kept', () => {
    expect(activity({ action: 'a\u001b[2J b' })).toMatchObject({
      action: 'a-2J-b',
      detail: { action: 'a\u001b[2J b' },
    })
    expect(activity({ action: '' })?.action).toBe('logged')
  })

  test('a move whose words are no stages of anybody is told as what it is', () => {
    const metadata = JSON.stringify({ from: '\u001b]0;x\u0007', to: 'done' })
    expect(activity({ action: 'pipeline_stage_changed', metadata })?.action).toBe('pipeline-stage-changed')
  })

  test.each([
    ['{"a":1,"b":null}', { a: 1, b: null }],
    ['"{\\"a\\":1}"', { a: 1 }],
    ['[1]', { text: '[1]' }],
    ['"word"', { text: '"word"' }],
    ['null', null],
    ['', null],
    [deep, { text: deep }],
  ])('metadata %#', (metadata, detail) => {
    expect(activity({ metadata })?.detail).toEqual(detail)
  })

  test.each([
    '{"n":12345678901234567890}',
    '{"n":0.1234567890123456789}',
    '{"n":[1e400]}',
    '{"n":1e-400}',
    '{"d":1,"d":2}',
    '{"in":{"d":1,"d":1}}',
  ])('metadata %s would lose something as JSON: it stays a text', (metadata) => {
    expect(activity({ metadata })?.detail).toEqual({ text: metadata })
    expect(activity({ metadata: JSON.stringify(metadata) })?.detail).toEqual({
      text: JSON.stringify(metadata),
    })
  })

  test.each([
    '{ "n": 1.10, "m": 0, "k": 12e2 }',
    '{"a:1":"\\"b\\":2 12345678901234567890"}',
    '{"n":100000000000000000000000}',
    '{"__proto__":{"x":1}}',
  ])('metadata %s loses nothing', (metadata) => {
    expect(activity({ metadata })?.detail).toEqual(JSON.parse(metadata))
  })

  test('what a row says in its own columns stays beside metadata of the same name', () => {
    const metadata = JSON.stringify({
      description: 'other',
      category: 'c2',
      session: 's9',
      metadata: 1,
      n: 2,
    })
    const row = { description: 'real', category: 'build', session_id: 's1', metadata }
    expect(activity(row)?.detail).toEqual({
      description: 'real',
      category: 'build',
      session: 's1',
      n: 2,
      metadata: { description: 'other', category: 'c2', session: 's9', metadata: 1 },
    })
  })

  test('who and from where: what is no label or name stays in the detail', () => {
    expect(activity({ session_id: 's1', source: 'main' })).toMatchObject({
      actor: 'agent:s1',
      source: 'main',
      detail: { session: 's1' },
    })
    expect(activity({ session_id: 's\n1', source: 'the main one' })).toMatchObject({
      actor: 'system:upgrade',
      source: null,
      detail: { session: 's\n1', source: 'the main one' },
    })
  })

  test('without a readable time it is of the upgrade', () => {
    expect(activity({ created_at: 'soon' })?.at).toBe(now)
  })

  describe('moves', () => {
    const blockedBy = (row: LegacyRow) => {
      const given = {
        action: 'pipeline_stage_changed',
        related_id: 'pipeline:1',
        created_at: '2026-02-05 07:00:00',
      }
      return convert([{ stage: 'blocked' }], { activity: [{ id: 1, ...given, ...row }] })
    }
    const to = (from: unknown) => JSON.stringify({ from, to: 'blocked' })

    test.each([
      ['final_review', 'final-review'],
      ['In Progress', 'building'],
      ['REVIEW', 'qa'],
      ['ready', 'spec-review'],
    ])('from %j is from %s', (from, stage) => {
      expect(itemOf(blockedBy({ metadata: to(from) }), 1)).toMatchObject({ stage, blockedAt: at('07:00') })
    })

    test.each([null, 'not json', '{}', '{"from":"spec"}'])(
      'with metadata %j the sentence counts',
      (metadata) => {
        const converted = blockedBy({
          metadata,
          description: 'Pipeline #1 moved from In Progress to blocked',
        })
        expect(itemOf(converted, 1)).toMatchObject({ stage: 'building', blockedAt: at('07:00') })
        expect(entriesOf(converted, 1, 'moved')[0]?.detail).toMatchObject({
          from: 'In Progress',
          to: 'blocked',
        })
      },
    )

    test('from nowhere it is a move all the same, its time counts, and all that it said is kept', () => {
      const row = { metadata: to(null), description: 'because', category: 'pipeline' }
      const converted = blockedBy(row)
      expect(itemOf(converted, 1)).toMatchObject({ stage: 'idea', blockedAt: at('07:00') })
      expect(entriesOf(converted, 1, 'moved')).toMatchObject([
        { detail: { from: null, to: 'blocked', description: 'because', category: 'pipeline' } },
      ])
    })

    test('of metadata that stays a text the stages are told beside it', () => {
      const metadata = '{"from":"review","to":"blocked","n":12345678901234567890}'
      const converted = blockedBy({ metadata })
      expect(itemOf(converted, 1).stage).toBe('qa')
      expect(entriesOf(converted, 1, 'moved')[0]?.detail).toEqual({
        from: 'review',
        to: 'blocked',
        text: metadata,
      })
    })
  })

  describe('what a row is about', () => {
    const related = (...rows: LegacyRow[]) =>
      convert([{}], { activity: rows.map((row, id) => ({ id, ...row })) })

    test.each<LegacyRow>([
      { related_id: 'Pipeline:1', action: 'x' },
      { related_id: '1', action: 'pipeline_note' },
      { related_id: 1, action: 'x', category: 'Pipeline' },
    ])('%j is about #1', (row) => {
      expect(related(row).report).toMatchObject({ entries: 1, left: [] })
    })

    test('a number that counts nobody knows what, and what names no item, stay where they are and are told', () => {
      const rows: LegacyRow[] = [
        { related_id: '1', action: 'x' },
        { related_id: '1', action: 'x', category: '' },
        { related_id: '1', action: 'x', category: 'memory' },
        { related_id: null, action: 'pipeline_created' },
      ]
      const { report } = related(...rows)
      expect(report.entries).toBe(0)
      expect(report.left).toEqual([
        expect.objectContaining({ what: 'activity', text: '1 row', why: expect.stringContaining('no item') }),
        expect.objectContaining({ what: 'activity', text: '2 rows', why: expect.stringContaining('number') }),
      ])
    })
  })

  test('approved and reviewed: whoever it was, whenever it was', () => {
    const row = { approved_by: 'a\tb', review_passed: 'perhaps', started_at: '2026-02-05T07:00Z' }
    const converted = convert([row])
    expect(entriesOf(converted, 1, 'approved')).toMatchObject([
      { at: at('07:00'), actor: 'system:upgrade', detail: { by: 'a\tb' } },
    ])
    expect(entriesOf(converted, 1, 'reviewed')).toMatchObject([
      { at: at('06:00'), note: null, noteType: null, detail: { passed: null, was: 'perhaps' } },
    ])
  })
})
