/** The palette's forms on the API's real description, and its lines on the real command line. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitWords } from '../../src/domain/shell-words.ts'
import { findCommand } from '../../src/faces/cli/commands.ts'
import { commandOf } from '../../src/faces/cli/flags.ts'
import { readInput } from '../../src/faces/cli/read-input.ts'
import { openApiDocument } from '../../src/faces/http/openapi.ts'
import { operationList, operations } from '../../src/ops/index.ts'
import { fieldsOf as inputOf } from '../../src/ops/input.ts'
import type { AnyOperation } from '../../src/ops/operation.ts'
import {
  confirmedBy,
  formFields,
  isAboutItem,
  isDangerous,
  itemOf,
  type Route,
  shownAtOnce,
} from '../../src/web/palette/doing.ts'
import { commandLine } from '../../src/web/palette/line.ts'
import { type Document, type Field, fieldsOf } from '../../src/web/palette/schema.ts'
import { filled } from '../../src/web/palette/values.ts'

const document = openApiDocument('0.0.0') as unknown as Document
const offered = operationList.filter((op) => op.http && !op.http.text)
const fields = (name: string): Field[] => fieldsOf(document, name)!
const field = (name: string, of: string): Field => fields(name).find((each) => each.name === of)!
const routeOf = (op: AnyOperation): Route => ({ method: op.http!.method, path: op.http!.path })

/** As scripts/web.mjs hands it to the page. */
function lineOf(op: AnyOperation) {
  const { positionals, flags } = commandOf(op)
  return {
    words: [op.command!.words, ...(op.command!.switch ? [`--${op.command!.switch}`] : [])].join(' '),
    places: positionals.map((each) => each.field),
    flags: Object.fromEntries(flags.map((each) => [each.field, each.name])),
    files: [...positionals, ...flags].filter(({ from }) => from === 'file').map((each) => each.field),
  }
}

describe('the form of an operation', () => {
  test.each(offered.map((op) => [op.name, op] as const))('%s has every field of its input', (name, op) => {
    expect(
      fields(name)
        .map((each) => each.name)
        .sort(),
    ).toEqual(Object.keys(inputOf(op)).sort())
  })

  test('what must be given comes first', () => {
    for (const { name } of offered) {
      const must = fields(name).map(({ required }) => required)
      expect(must).toEqual(must.toSorted((a, b) => Number(b) - Number(a)))
    }
  })

  test.each([
    ['item.move', 'id', { kind: 'number', required: true, nullable: false }],
    ['item.move', 'note', { kind: 'lines', required: false }],
    ['item.create', 'type', { kind: 'choice', required: false }],
    ['item.create', 'priority', { kind: 'choice', choices: [1, 2, 3, 4] }],
    ['item.create', 'title', { kind: 'text', required: true, maxLength: 500 }],
    ['item.create', 'labels', { kind: 'list', numbers: false }],
    ['item.create', 'healthCheck', { kind: 'json' }],
    ['item.update', 'assignee', { kind: 'text', nullable: true }],
    ['item.list', 'project', { kind: 'text', nullable: true }],
    ['item.list', 'ids', { kind: 'list', numbers: true }],
    ['item.list', 'blocked', { kind: 'switch' }],
    ['incident.open', 'severity', { kind: 'choice', preset: 'major' }],
    ['batch.run', 'operations', { kind: 'lines' }],
  ])('%s: %s', (name, of, expected) => {
    expect(field(name, of)).toMatchObject(expected)
  })

  test('an operation that the server does not know has none', () => {
    expect(fieldsOf(document, 'no.such')).toBeUndefined()
    expect(fieldsOf({ paths: {} }, 'item.move')).toBeUndefined()
  })

  test('few fields are shown at once, many wait; versions and cursors always do', () => {
    expect([...shownAtOnce(fields('item.move'))]).toEqual(['id', 'to', 'note'])
    expect([...shownAtOnce(fields('item.update'))]).toEqual(['id'])
    expect(shownAtOnce(fields('item.search')).has('cursor')).toBe(false)
  })
})

describe('what is filled in', () => {
  const read = (name: string, values: Parameters<typeof filled>[1]) => filled(fields(name), values)

  test('is read by what its field takes; what is empty is left out', () => {
    const { input, failures } = read('item.update', {
      ...{ id: '#12', title: ' As typed ', priority: '2', labels: 'a\n\n  b \n', type: '' },
      ...{ assignee: null, healthCheck: '{"type":"http"}' },
    })
    expect(failures).toEqual([])
    expect(input).toEqual({
      ...{ id: 12, title: ' As typed ', priority: 2, labels: ['a', 'b'] },
      ...{ assignee: null, healthCheck: { type: 'http' } },
    })
  })

  test('what is no number is sent as it is, for the server to say so', () => {
    expect(read('item.move', { id: 'twelve', to: 'qa' }).input).toEqual({ id: 'twelve', to: 'qa' })
    expect(read('item.list', { ids: '1\ntwo' }).input).toEqual({ ids: [1, 'two'] })
  })

  test('what is no JSON is said at its field', () => {
    const { input, failures } = read('item.create', { title: 'a', healthCheck: '{' })
    expect(input).toEqual({ title: 'a' })
    expect(failures).toMatchObject([{ field: 'healthCheck', message: /not valid JSON/ }])
  })

  test('names of prototypes are no fields', () => {
    const { input } = read('item.create', JSON.parse('{"__proto__":"x","constructor":"y","title":"a"}'))
    expect(input).toEqual({ title: 'a' })
  })
})

describe('an operation that takes something away', () => {
  test('is asked about first', () => {
    const asked = offered.filter((op) => isDangerous(routeOf(op))).map(({ name }) => name)
    expect(asked).toEqual(['dependency.remove', 'item.delete', 'maintenance.remove', 'demo.remove'])
  })

  test('is confirmed by pressing, not by a field', () => {
    const route = routeOf(operations['item.delete'])
    expect(formFields(fields('item.delete'), route).map(({ name }) => name)).not.toContain('yes')
    expect(confirmedBy(fields('item.delete'), route)).toEqual({ yes: true })
    expect(confirmedBy(fields('demo.remove'), routeOf(operations['demo.remove']))).toEqual({})
  })
})

test('the item in view fills in an id only where that is an item’s', () => {
  expect(isAboutItem(routeOf(operations['item.move']))).toBe(true)
  expect(isAboutItem(routeOf(operations['incident.ack']))).toBe(true)
  expect(isAboutItem(routeOf(operations['maintenance.add']))).toBe(true)
  expect(isAboutItem(routeOf(operations['maintenance.remove']))).toBe(false)
})

test('an answer leads to the item that it is about, where there is one', () => {
  const get: Route = { method: 'get', path: '/' }
  expect(itemOf({ id: 3, stage: 'qa', title: 'T' }, get)).toEqual({ id: 3, title: 'T' })
  expect(itemOf({ itemId: 4, result: 'up', title: 'T' }, get)).toEqual({ id: 4, title: 'T' })
  expect(itemOf({ id: 3, stage: 'qa', title: 'T' }, { method: 'delete', path: '/' })).toBeUndefined()
  for (const none of [null, [], { id: 3 }, { items: [] }, 'x', 7]) expect(itemOf(none, get)).toBeUndefined()
})

/** Words without what a shell would do to them. */
const typed = fc
  .tuple(
    fc.constantFrom('', '', '-', '--', '--note', '--title=', "'", '$(x) ', '\n'),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
  )
  .map((parts) => parts.join(''))
  .filter((text) => !text.includes('\0') && text !== '-' && text !== '')

/** What the command line makes of a line; `stdin` is what was piped. */
async function understood(line: string, stdin = ''): Promise<[string, Record<string, unknown>]> {
  const [pipeline, ...words] = splitWords(line)
  expect(pipeline).toBe('pipeline')
  const end = words.indexOf('--')
  const marked = words.flatMap((text, n) => (n === end ? [] : [{ text, literal: end !== -1 && n > end }]))
  const found = findCommand(marked, operationList)
  if ('own' in found) throw new Error('no operation')
  const reader = { stdin: async () => stdin, file: async () => '' }
  return [found.op.name, await readInput(commandOf(found.op), found.rest, reader)]
}

describe('the line of the command line', () => {
  const inputs = fc.oneof(
    fc.record({ name: fc.constant('item.note'), input: fc.record({ id: fc.nat(), text: typed }) }),
    fc.record({
      name: fc.constant('item.move'),
      input: fc.record(
        { id: fc.nat(), to: typed, note: typed, ifMatch: fc.nat() },
        { requiredKeys: ['id', 'to'] },
      ),
    }),
    fc.record({
      name: fc.constant('item.create'),
      input: fc.record(
        { title: typed, labels: fc.array(typed, { minLength: 1, maxLength: 3 }), description: typed },
        { requiredKeys: ['title'] },
      ),
    }),
    fc.record({
      name: fc.constant('item.list'),
      input: fc.record(
        { project: fc.option(typed.filter((text) => text !== 'none')), blocked: fc.boolean(), label: typed },
        { requiredKeys: [] },
      ),
    }),
    fc.record({
      name: fc.constant('item.update'),
      input: fc.record({ id: fc.nat(), healthCheck: fc.dictionary(typed, fc.jsonValue(), { minKeys: 1 }) }),
    }),
    fc.constantFrom(
      { name: 'demo.remove', input: {} },
      { name: 'demo.load', input: {} },
      { name: 'item.delete', input: { id: 7, yes: true } },
      { name: 'dependency.add', input: { id: 7, on: 8 } },
      { name: 'check.due', input: {} },
    ),
  )

  test('means what the form says', async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async ({ name, input }) => {
        const op = operations[name as keyof typeof operations]
        const line = commandLine(lineOf(op), input)
        const plain = JSON.parse(JSON.stringify(input))
        expect(await understood(line)).toEqual([name, plain])
      }),
    )
  })

  test('a spec comes by standard input, as does a dash alone', async () => {
    const spec = commandLine(lineOf(operations['item.update']), { id: 3, spec: "it's a\nspec" })
    expect(spec).toBe("printf %s 'it'\\''s a\nspec' | pipeline update 3 --spec -")
    expect(await understood(spec.slice(spec.indexOf('pipeline')), 'x')).toEqual([
      'item.update',
      { id: 3, spec: 'x' },
    ])
    const dash = commandLine(lineOf(operations['item.note']), { id: 3, text: '-' })
    expect(dash).toBe('printf %s - | pipeline note 3 -')
  })

  test('what is still missing is named', () => {
    const line = commandLine(lineOf(operations['item.block']), { id: 3 }, ['id', 'reason'])
    expect(line).toBe('pipeline block 3 --reason REASON')
    expect(commandLine(lineOf(operations['item.move']), {}, ['id', 'to'])).toBe('pipeline move ID TO')
  })

  test('what can not be said there is left out', () => {
    expect(commandLine(lineOf(operations['item.list']), { ids: [1], stage: 'qa' })).toBe(
      'pipeline list --stage qa',
    )
  })
})
