import { describe, expect, test } from 'vitest'
import { operationList } from '../../src/ops/index.ts'
import type { Command } from '../../src/web/palette/command.ts'
import { idsOf, withLatest } from '../../src/web/palette/latest.ts'
import { type FoundItem, groupsFor, idOf, type Option } from '../../src/web/palette/options.ts'

const commands: Command[] = operationList.flatMap(({ name, summary, kind, needs, command }) =>
  kind === 'files'
    ? []
    : [
        {
          ...{ name, summary, kind, needs, required: [], optional: [] },
          ...(command ? { cli: { words: command.words, places: [], flags: {}, files: [] } } : {}),
        },
      ],
)
const pages = [
  { href: '/', name: 'Board' },
  { href: '/dashboard', name: 'Dashboard' },
]
const item = (id: number, title: string): FoundItem => ({ id, title, type: 'feature', stage: 'idea' })

const found = (query: string, items: FoundItem[] = []) => groupsFor(query, { items, pages, commands })
const shown = (option: Option): string => (option.kind === 'item' ? `#${option.item.id}` : option.key)

describe('what the palette offers', () => {
  test('nothing typed: what was opened lately, then every page and every operation', () => {
    const groups = found('', [item(3, 'Three'), item(1, 'One')])
    expect(groups.map(({ name }) => name)).toEqual(['Opened lately', 'Pages', 'Operations'])
    expect(groups[0]!.options.map(shown)).toEqual(['#3', '#1'])
    expect(groups[2]!.options).toHaveLength(commands.length)
  })

  test.each([
    ['move', 'command:item.move'],
    ['dep add', 'command:dependency.add'],
    ['note', 'command:item.note'],
    ['incident ack', 'command:incident.ack'],
    ['ack', 'command:incident.ack'],
    ['assign', 'command:item.assign'],
    ['dash', 'page:/dashboard'],
    ['board', 'page:/'],
  ])('%s: first of all %s', (query, key) => {
    expect(found(query, [item(1, 'Some')])[0]!.options[0]!.key).toBe(key)
  })

  test('a number is an item before all else', () => {
    expect(found('#25', [item(25, 'T')])[0]!.options.map(shown)).toEqual(['#25'])
  })

  test('what is only perhaps meant stands behind the items, and the search through everything last', () => {
    const groups = found('invoices', [item(1, 'Invoices')])
    expect(groups[0]).toMatchObject({ name: 'Items', options: [{ marks: [[0, 8]] }] })
    expect(groups.at(-1)!.options).toEqual([{ kind: 'search', key: 'search', query: 'invoices' }])
  })

  test('each has a key of its own', () => {
    const keys = found('', [item(1, 'One')]).flatMap(({ options }) => options.map(({ key }) => key))
    expect(new Set(keys).size).toBe(keys.length)
  })
})

test.each([
  ['25', 25],
  [' #25 ', 25],
  ['0', undefined],
  ['25a', undefined],
  ['2 5', undefined],
  ['9'.repeat(16), undefined],
])('%j is the item %j', (typed, id) => {
  expect(idOf(typed)).toBe(id)
})

test('what was opened last is first, once, and eight at most', () => {
  expect(withLatest([1, 2, 3], 2)).toEqual([2, 1, 3])
  expect(withLatest([1, 2, 3, 4, 5, 6, 7, 8], 9)).toEqual([9, 1, 2, 3, 4, 5, 6, 7])
})

test('what a browser kept may be anything', () => {
  for (const kept of [null, 7, 'x', {}, { length: 3 }]) expect(idsOf(kept)).toEqual([])
  expect(idsOf([3, '4', -1, 0.5, null, 2 ** 60, 5])).toEqual([3, 5])
})
