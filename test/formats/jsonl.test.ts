/** What an import refuses, by the number of the line, and what an export looks like. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AnyEntity,
  counted,
  type FieldType,
  fields,
  type Kind,
  keyOf,
  kinds,
} from '../../src/domain/entity.ts'
import { TrackerError } from '../../src/errors.ts'
import { entityLine, headerLine, parseHeader, parseRows } from '../../src/formats/jsonl.ts'

const at = '2026-02-05T07:46:15.000Z'
const plain: Record<FieldType, string | number | null> = {
  int: 1,
  'int?': null,
  text: 'x',
  'text?': null,
  time: at,
  'time?': null,
}

/** Fields that take certain words alone. */
const words: { [K in Kind]?: AnyEntity } = {
  item: { type: 'task', stage: 'qa', skipped: '' },
  criterion: { verdict: 'open' },
  check: { state: 'up' },
  run: { result: 'down' },
  state: { state: 'maintenance' },
}

const rowOf = (kind: Kind, given: AnyEntity = {}): AnyEntity => ({
  ...Object.fromEntries(Object.entries(fields[kind]).map(([field, type]) => [field, plain[type]])),
  ...words[kind],
  ...given,
})

type Line = [kind: Kind, given?: AnyEntity]

/** A row of every kind; what refers to something refers to item 1 or 2. */
const every: Line[] = [
  ['project'],
  ['item', { projectId: 1 }],
  ['item', { id: 2, parentId: 1 }],
  ['label'],
  ['criterion'],
  ['dependency', { blockerId: 2 }],
  ['entry'],
  ['check'],
  ['run'],
  ['incident', { subjectId: 2 }],
]

const numbers = <N extends string>(names: readonly N[], of: (name: N) => number) =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<N, number>

function exportOf(lines: readonly Line[]): string {
  const counts = numbers(kinds, (kind) => lines.filter((line) => line[0] === kind).length)
  const header = headerLine({ counts, lastIds: numbers(counted, () => 7) })
  return header + lines.map(([kind, given]) => entityLine(kind, rowOf(kind, given))).join('')
}

const read = (text: string) => [...parseRows(text, parseHeader(text))]

/** What reading it is refused with. */
function refusal(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof TrackerError && error.kind === 'invalid') return error.message
    throw error
  }
  return 'not refused'
}

/** The whole export with one line instead of another; the header is line 1. */
function withLine(number: number, line: string | ((row: AnyEntity) => object)): string {
  const lines = exportOf(every).split('\n')
  const made = typeof line === 'string' ? line : JSON.stringify(line(JSON.parse(lines[number - 1]!)))
  return lines.with(number - 1, made).join('\n')
}

test('what is written is what is read, in order, but for approvals', () => {
  const rows = read(exportOf(every)).flatMap((page) => page.rows.map((row) => [page.kind, row]))
  expect(rows).toEqual(every.map(([kind, given]) => [kind, rowOf(kind, given)]))
  const [approved] = read(exportOf([['item'], ['check', { approvedCommand: 'abc' }]])).slice(1)
  expect(approved?.rows).toEqual([rowOf('check', { approvedCommand: null })])
  expect(exportOf([['check', { approvedCommand: 'abc' }]])).not.toContain('abc')
})

test('every text stays as it is, however it is made', () => {
  const text = fc.string({ unit: 'binary' }).map((any) => any.replaceAll('\0', ''))
  fc.assert(
    fc.property(text, fc.constantFrom(1, 2, 3, 4), (description, priority) => {
      const [page] = read(exportOf([['item', { description, priority }]]))
      expect(page?.rows).toEqual([rowOf('item', { description, priority })])
    }),
  )
})

test('rows come a kind at a time, no more than a thousand at once', () => {
  const many = Array.from({ length: 2300 }, (_, n): Line => ['entry', { id: n + 1 }])
  const pages = read(exportOf([['item'], ...many]))
  expect(pages.map(({ kind, rows }) => [kind, rows.length])).toEqual([
    ['item', 1],
    ['entry', 1000],
    ['entry', 1000],
    ['entry', 300],
  ])
})

test('lines may end as on Windows, and empty ones are passed over', () => {
  const text = exportOf(every)
  expect(read(text.replaceAll('\n', '\r\n\r\n'))).toEqual(read(text))
  expect(read(text.trimEnd())).toEqual(read(text))
})

describe('the header', () => {
  const header = exportOf([]).trim()
  const but = (change: object) => JSON.stringify({ ...JSON.parse(header), ...change })

  test.each<[string, string, RegExp]>([
    ['nothing', '', /^the file is empty$/],
    ['empty lines', '\n \n', /^the file is empty$/],
    ['another text', 'id,title\n1,x\n', /^line 1: not JSON: /],
    ['a list', '[1]\n', /^line 1: not an object$/],
    [
      'an object of something else',
      '{"a":1}\n',
      /^this is no export of a pipeline: its first line is no header$/,
    ],
    ['a row', exportOf(every).split('\n').slice(1).join('\n'), /its first line is no header$/],
    ['a newer format', but({ format: 2 }), /^the export has format 2; this version reads 1$/],
    ['no format', but({ format: undefined }), /^the export has format nothing; this version reads 1$/],
    ['no counts', but({ counts: undefined }), /^line 1: counts.project of the header is no whole number$/],
    ['a count below zero', but({ lastIds: { project: -1 } }), /^line 1: lastIds.project of the header/],
  ])('%s is refused', (_, text, message) => {
    expect(refusal(text)).toMatch(message)
  })

  test('of an empty pipeline is a whole export', () => {
    expect(read(header)).toEqual([])
  })
})

describe('one wrong line', () => {
  const item = (change: object) => withLine(3, (row) => ({ ...row, ...change }))

  test.each<[string, string, string | RegExp]>([
    ['is no JSON', withLine(3, '{"kind":"item",'), /^line 3: not JSON: /],
    ['is no object', withLine(3, 'null'), 'line 3: not an object'],
    ['has no kind', item({ kind: undefined }), 'line 3: no kind nothing'],
    ['has an unknown kind', item({ kind: 'itme' }), 'line 3: no kind "itme"; did you mean item?'],
    ['has a kind of every object', item({ kind: 'constructor' }), /^line 3: no kind "constructor"/],
    ['lacks a field', item({ stage: undefined }), 'line 3: item.stage must be a text; got nothing'],
    ['has a field too many', item({ color: 'red' }), 'line 3: item has no field "color"'],
    ['names the prototype', withLine(3, '{"kind":"item","__proto__":{}}'), /^line 3: item.id must be/],
    [
      'has a text for a number',
      item({ priority: '2' }),
      'line 3: item.priority must be a whole number; got "2"',
    ],
    ['has half a number', item({ priority: 1.5 }), /^line 3: item.priority must be a whole number; got 1.5$/],
    ['has a number beyond', item({ version: 2 ** 53 }), /^line 3: item.version must be a whole number/],
    ['has null', item({ title: null }), 'line 3: item.title must be a text; got null'],
    ['has an object', item({ spec: { a: 1 } }), 'line 3: item.spec must be a text or null; got {"a":1}'],
    ['has NUL', item({ title: 'a\0b' }), /^line 3: item.title must be a text; got "a/],
    ['has half a character', item({ title: 'a\ud800' }), /^line 3: item.title must be a text; got "a/],
    [
      'has another time',
      item({ createdAt: '2026-02-05 07:46:15' }),
      /^line 3: item.createdAt must be an instant such/,
    ],
    [
      'has a day that is none',
      item({ createdAt: '2026-02-30T00:00:00.000Z' }),
      /^line 3: item.createdAt must be/,
    ],
    [
      'has a year before 1',
      item({ liveAt: '0000-02-05T07:46:15.000Z' }),
      /^line 3: item.liveAt must be an instant .* or null/,
    ],
    [
      'has an approval',
      withLine(9, (row) => ({ ...row, approvedCommand: 'x' })),
      'line 9: check has no field "approvedCommand"',
    ],
    [
      'refers to no project',
      item({ projectId: 3 }),
      'line 3: item.projectId leads nowhere: there is no project 3',
    ],
    [
      'refers to no item',
      withLine(5, (row) => ({ ...row, itemId: 3 })),
      'line 5: label.itemId leads nowhere: there is no item 3',
    ],
    [
      'waits for no item',
      withLine(7, (row) => ({ ...row, blockerId: 3 })),
      /^line 7: dependency.blockerId leads nowhere/,
    ],
    [
      'has a parent that never comes',
      item({ parentId: 3 }),
      'line 3: item.parentId leads nowhere: there is no item 3',
    ],
    [
      'has a parent that should have come',
      withLine(4, (row) => ({ ...row, parentId: -1 })),
      'line 4: item.parentId leads nowhere: there is no item -1',
    ],
    [
      'is there twice',
      withLine(4, (row) => ({ ...row, id: 1 })),
      'line 4: this item is not after the one before it',
    ],
    [
      'is out of order',
      withLine(4, (row) => ({ ...row, id: 0 })),
      'line 4: this item is not after the one before it',
    ],
    [
      'is of a kind that was before',
      withLine(6, JSON.stringify({ kind: 'project', ...rowOf('project', { id: 2 }) })),
      'line 6: a project comes after a label',
    ],
  ])('%s: it is named', (_, text, message) => {
    expect(refusal(text)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  test('a long value is not repeated whole', () => {
    expect(refusal(item({ priority: 'x'.repeat(1000) })).length).toBeLessThan(150)
  })

  test('a parent may come later; an entry may speak of an item that is gone', () => {
    expect(
      refusal(
        exportOf([
          ['item', { parentId: 9 }],
          ['item', { id: 9 }],
          ['entry', { itemId: 5 }],
        ]),
      ),
    ).toBe('not refused')
  })

  test('labels are in the order of their bytes, so one that is there twice is seen', () => {
    const labels = (...all: string[]) =>
      exportOf([['item'], ...all.map((label): Line => ['label', { label }])])
    expect(refusal(labels('Z', 'a', 'ä', '｡', '𝒳'))).toBe('not refused')
    expect(refusal(labels('a', 'b', 'a'))).toBe('line 5: this label is not after the one before it')
    expect(refusal(labels('a', 'a'))).toBe('line 4: this label is not after the one before it')
  })
})

describe('a value that no pipeline of ours would write', () => {
  const refused = (kind: Kind, given: AnyEntity): string =>
    refusal(exportOf([...(kind === 'project' || kind === 'item' ? [] : [['item'] as Line]), [kind, given]]))

  test.each<[Kind, AnyEntity, string]>([
    [
      'item',
      { id: 2 ** 52 },
      'item.id must be from -2251799813685248 to 2251799813685248; got 4503599627370496',
    ],
    ['item', { title: '' }, 'item.title must be a text with something in it; got ""'],
    ['item', { title: ' \n' }, 'item.title must be a text with something in it; got " \\n"'],
    ['item', { stage: 'shipped' }, 'item.stage must be one of idea, spec,'],
    ['item', { type: 'story' }, 'item.type must be one of feature,'],
    ['item', { severity: 'huge' }, 'item.severity must be one of critical, major, minor; got "huge"'],
    ['item', { priority: 0 }, 'item.priority must be one of 1, 2, 3, 4; got 0'],
    ['item', { version: -1 }, 'item.version must be from 1 to'],
    ['item', { skipped: 'qa nonsense' }, 'item.skipped must be stages with a space between them;'],
    ['item', { healthCheck: '[1]' }, 'item.healthCheck must be a JSON object, as a text; got "[1]"'],
    ['project', { name: '' }, 'project.name must be a text with something in it'],
    ['label', { label: '' }, 'label.label must be a text with something in it'],
    ['criterion', { verdict: 'maybe' }, 'criterion.verdict must be one of open, passed, failed'],
    ['entry', { detail: 'oops' }, 'entry.detail must be a JSON object, as a text; got "oops"'],
    ['entry', { noteType: 'rumour' }, 'entry.noteType must be one of progress,'],
    ['check', { state: 'fine' }, 'check.state must be one of up,'],
    ['check', { nextRunMs: 9e15 }, 'check.nextRunMs must be from -62135596800000 to 253402300799999;'],
    ['check', { failures: -1 }, 'check.failures must be 0 or more; got -1'],
    ['run', { startedMs: 9e15 }, 'run.startedMs must be from -62135596800000 to 253402300799999;'],
    ['run', { result: 'fine' }, 'run.result must be one of up, degraded, down, unknown, maintenance'],
    ['incident', { openedMs: -9e15 }, 'incident.openedMs must be from'],
  ])('%s %j is refused, by its line and field', (kind, given, message) => {
    const line = kind === 'project' || kind === 'item' ? 2 : 3
    expect(refused(kind, given)).toContain(`line ${line}: ${message}`)
  })

  test('an id that leaves no room for the next is refused in the header too', () => {
    const text = exportOf([]).replace('"item":7', '"item":9007199254740991')
    expect(refusal(text)).toBe(
      'line 1: lastIds.item of the header must be at most 2251799813685248; got 9007199254740991',
    )
  })

  test('no item is above itself, and none waits for itself', () => {
    const items: Line[] = [1, 2, 3].map((id) => ['item', { id }])
    expect(refusal(exportOf([['item', { parentId: 1 }]]))).toMatch(/^line 2: item.parentId closes a circle/)
    const circle = exportOf([
      ['item', { parentId: 3 }],
      ['item', { id: 2, parentId: 1 }],
      ['item', { id: 3, parentId: 2 }],
    ])
    expect(refusal(circle)).toMatch(/^line \d: item.parentId closes a circle/)
    const waits = (...edges: [number, number][]) =>
      exportOf([...items, ...edges.map(([itemId, blockerId]): Line => ['dependency', { itemId, blockerId }])])
    expect(refusal(waits([1, 2], [1, 3], [2, 3]))).toBe('not refused')
    expect(refusal(waits([2, 2]))).toBe('line 5: dependency.blockerId closes a circle: 2 → 2 → … → 2')
    expect(refusal(waits([1, 2], [2, 3], [3, 1]))).toMatch(/^line \d: dependency.blockerId closes a circle/)
  })

  test('a chain of many parents overflows nothing', () => {
    const chain = Array.from({ length: 20_000 }, (_, n): Line => ['item', { id: n + 1, parentId: n || null }])
    expect(refusal(exportOf(chain))).toBe('not refused')
  })

  test('two projects of one name, and two open incidents of one check, are told by their lines', () => {
    expect(
      refusal(
        exportOf([
          ['project', { name: 'Größe' }],
          ['project', { id: 2, name: 'gRÖßE' }],
        ]),
      ),
    ).toBe('line 3: this project.name is the same as in line 2')
    const incident = { subjectId: 1, checkName: 'a' }
    const two = exportOf([
      ['item'],
      ['item', { id: 2 }],
      ['incident', incident],
      ['incident', { ...incident, itemId: 2 }],
    ])
    expect(refusal(two)).toBe('line 5: this incident is open for the same check as in line 4')
    expect(refusal(two.replaceAll('"resolvedMs":null', '"resolvedMs":1'))).toBe('not refused')
  })
})

test('a byte order mark at the start is passed over', () => {
  expect(read(`\ufeff${exportOf(every)}`)).toEqual(read(exportOf(every)))
})

test('a file that was cut off is refused, wherever that was', () => {
  const text = exportOf(every)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: text.length - 2 }), (length) => {
      expect(refusal(text.slice(0, length))).toMatch(
        /^(the file is empty|the export is not whole: |line \d+: )/,
      )
    }),
  )
  const lines = text.trimEnd().split('\n')
  expect(refusal(lines.slice(0, -1).join('\n'))).toBe('the export is not whole: 0 of 1 (incident)')
})

test('every line of an export is an object with the fields of its kind, its key first', () => {
  const lines = exportOf(every).trimEnd().split('\n').slice(1)
  for (const [index, line] of lines.entries()) {
    const kind = every[index]![0]
    const { kind: said, ...row } = JSON.parse(line)
    expect(said).toBe(kind)
    expect(Object.keys(row)).toEqual(Object.keys(fields[kind]).filter((field) => field !== 'approvedCommand'))
    expect(Object.keys(row).slice(0, keyOf[kind].length)).toEqual(keyOf[kind])
  }
})
