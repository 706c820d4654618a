import { describe, expect, test } from 'vitest'
import { types } from '../../src/domain/stage.ts'
import type { Entry } from '../../src/web/events.ts'
import { isOfKind, told, type Words } from '../../src/web/item/entry-words.ts'
import * as lines from '../../src/web/item/lines.ts'
import { apart } from '../../src/web/item/lines-apart.ts'
import { joined } from '../../src/web/item/log-pages.ts'

const entry = (action: string, detail: Record<string, unknown> | null = null, id = 1): Entry => ({
  ...{ id, at: '2026-02-05T07:46:15.000Z', itemId: 7, actor: 'human:max', source: null },
  ...{ action, detail, note: null, noteType: null },
})

const said = (words: Words): string =>
  words.map((word) => (typeof word === 'string' ? word : `[${word.item} ${word.title ?? ''}]`)).join('')

describe('entries of the log in words', () => {
  test.each([
    [
      entry('moved', { from: 'spec', to: 'building', skipped: ['spec-review'] }),
      'moved it from spec to building, skipping spec-review',
    ],
    [
      entry('updated', {
        changed: { priority: { from: 2, to: 1 }, description: 'changed' },
        lists: ['labels'],
      }),
      'changed priority 2 → 1, the description, labels',
    ],
    [entry('updated', { changed: { parentId: { from: null, to: 4 } } }), 'changed the parent none → #4'],
    [entry('dependency-added', { on: 12, onTitle: 'Login' }), 'made it wait for [12 Login]'],
    [entry('assigned', { to: null }), 'took it from its assignee'],
    [entry('something-new', { a: 1 }), 'something new'],
    [entry('constructor'), 'constructor'],
  ])('%#: %s', (given, words) => {
    expect(said(told(given, 'feature'))).toBe(words)
  })

  test('the ends of an incident bear their own names', () => {
    expect(said(told(entry('moved', { from: 'idea', to: 'done' }), 'incident'))).toBe(
      'moved it from open to resolved',
    )
  })

  test('whatever a detail holds, it is told and nothing breaks', () => {
    const odd = [null, 0, '', 'x', [], {}, { from: {} }, Number.NaN]
    for (const action of [
      'created',
      'moved',
      'updated',
      'judged',
      'dependency-added',
      'incident-reminder',
      'fix-named',
    ]) {
      for (const value of odd) {
        const detail = {
          changed: value,
          lists: value,
          from: value,
          to: value,
          skipped: value,
          on: value,
          fixId: value,
          criterion: value,
          openForMs: value,
        }
        for (const type of types) expect(said(told(entry(action, detail), type))).not.toBe('')
      }
    }
  })

  test('a change with a note is a note and a change; a note alone is no change', () => {
    expect(isOfKind({ action: 'moved', note: 'why' }, 'notes')).toBe(true)
    expect(isOfKind({ action: 'moved', note: 'why' }, 'changes')).toBe(true)
    expect(isOfKind({ action: 'noted', note: 'so' }, 'changes')).toBe(false)
    expect(isOfKind({ action: 'moved', note: null }, 'notes')).toBe(false)
  })
})

describe('pages of the log', () => {
  const page = (ids: number[], next: string | null) => ({
    entries: ids.map((id) => entry('noted', null, id)),
    next,
  })
  const ids = (log: ReturnType<typeof page>) => log.entries.map(({ id }) => id)

  test('what is new comes before what was known, once', () => {
    const log = joined(page([9, 8, 7], '7'), page([8, 7, 6, 5], '5'))
    expect(ids(log)).toEqual([9, 8, 7, 6, 5])
    expect(log.next).toBe('5')
  })

  test('where the two do not meet, older ones are asked for again', () => {
    const log = joined(page([20, 19], '19'), page([8, 7], null))
    expect(ids(log)).toEqual([20, 19])
    expect(log.next).toBe('19')
  })
})

describe('two versions beside each other', () => {
  test('lines that the other lacks are marked', () => {
    const [theirs, yours] = apart('a\nb\nc', 'a\nB\nc')
    expect(theirs.map(({ isOwn }) => isOwn)).toEqual([false, true, false])
    expect(yours.map(({ isOwn }) => isOwn)).toEqual([false, true, false])
  })
})

describe('the same from a terminal', () => {
  test.each([
    [lines.note(7, "it's; rm -rf /", 'progress'), `pipeline note 7 'it'\\''s; rm -rf /'`],
    [lines.note(7, '--type x', 'decision'), `pipeline note 7 --type decision -- '--type x'`],
    [lines.block(7, '-1'), `pipeline block 7 --reason=-1`],
    [lines.update(7, 'assign', null), 'pipeline update 7 --assign none'],
    [lines.move(7, 'qa', 'Go $(x)'), `pipeline move 7 qa --note 'Go $(x)'`],
  ])('%s', (line, expected) => {
    expect(line).toBe(expected)
  })
})
