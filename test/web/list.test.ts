import { describe, expect, test } from 'vitest'
import { headingOf, listHref } from '../../src/web/list/about.ts'
import { dayName } from '../../src/web/list/day.ts'
import { inputOf, listLine } from '../../src/web/list/filter.ts'

const queryOf = (href: string): URLSearchParams => new URL(href, 'http://x').searchParams
const read = (query: string) => inputOf(new URLSearchParams(query))

describe('where the items behind a number are', () => {
  test.each([
    [{ ids: [3, 1] }],
    [{ ids: [] }],
    [{ stage: 'qa', board: true }],
    [{ stage: 'qa', board: true, project: 'A & B = "C"' }],
  ])('%j comes back as it was', (list) => {
    expect(inputOf(queryOf(listHref(list, { about: 'finished', week: '2026-02-02' })))).toEqual(list)
  })

  test('of more than the list holds the number is kept', () => {
    expect(queryOf(listHref({ ids: [1, 2] }, { count: 120 })).get('of')).toBe('120')
    expect(queryOf(listHref({ ids: [1, 2] }, { count: 2 })).has('of')).toBe(false)
  })

  test('a heading is one of those that there are', () => {
    expect(headingOf(queryOf(listHref({ ids: [1] }, { about: 'blocked' })))).toBe('Blocked')
    expect(headingOf(new URLSearchParams('about=finished&week=2026-02-02'))).toBe(
      `Finished in the week of ${dayName('2026-02-02')}`,
    )
    for (const about of ['', 'x', 'constructor', '__proto__'])
      expect(headingOf(new URLSearchParams({ about }))).toBeUndefined()
  })
})

describe('the words of a list’s address', () => {
  test('are fields of item.list; none is nobody; what is no number is left to the server', () => {
    expect(read('assignee=none&project=Shop&parent=none&blocked=true&all=no&limit=5&x=1')).toEqual({
      ...{ assignee: null, project: 'Shop', parent: null, blocked: true },
    })
    expect(read('ids=1,x,&parent=7')).toEqual({ ids: [1, 'x'], parent: 7 })
  })

  test('are said at the command line, where they can be', () => {
    const quoted = (word: string) => `<${word}>`
    expect(listLine(read('stage=qa&board=true&assignee=none'), quoted)).toBe(
      'pipeline list --stage <qa> --assignee <none> --board',
    )
    expect(listLine(read('ids=1'), quoted)).toBeUndefined()
  })
})

test('a day that is none has no name', () => {
  for (const day of ['', '2026-13-45', 'yesterday', '2026-02-02T00:00']) expect(dayName(day)).toBeUndefined()
})
