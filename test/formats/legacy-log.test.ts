import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LegacyRow } from '../../src/domain/legacy-rows.ts'
import { convertLegacy, entriesOf, now, tablesOf } from './legacy-tables.ts'

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
    ['{"a":1,"b":null}', { a: 1 }],
    ['"{\\"a\\":1}"', { a: 1 }],
    ['[1]', { text: '[1]' }],
    ['"word"', { text: '"word"' }],
    ['null', null],
    ['', null],
    [deep, { text: deep }],
  ])('metadata %#', (metadata, detail) => {
    expect(activity({ metadata })?.detail).toEqual(detail)
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
