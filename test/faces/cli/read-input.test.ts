import { expect, test } from 'vitest'
import type { Word } from '../../../src/faces/cli/args.ts'
import { commandOf } from '../../../src/faces/cli/flags.ts'
import { type Reader, readInput } from '../../../src/faces/cli/read-input.ts'
import { type OperationName, operations } from '../../../src/ops/index.ts'

const files: Record<string, string> = {
  'check.json': '{"type":"http"}',
  'bom.json': '\ufeff{"type":"tcp"}',
  'spec.md': '# Spec\n',
  'broken.json': '{"type"',
}

const reader = (stdin: string): Reader => ({
  stdin: async () => stdin,
  file: async (path) => {
    if (!Object.hasOwn(files, path)) throw new Error('ENOENT')
    return files[path]!
  },
})

const read = (name: OperationName, texts: (string | Word)[], stdin = 'from standard input') =>
  readInput(
    commandOf(operations[name]),
    texts.map((text) => (typeof text === 'string' ? { text, literal: false } : text)),
    reader(stdin),
  )

test('words become typed fields; what is no number is left for the schema to refuse', async () => {
  expect(await read('item.move', ['#25', 'live', '--note', 'Shipped', '--if-match', '3'])).toEqual({
    ...{ id: 25, to: 'live', note: 'Shipped', ifMatch: 3 },
  })
  expect(await read('item.list', ['--limit', '-1'])).toEqual({ limit: -1 })
  expect(await read('item.list', ['--limit', '1e3'])).toEqual({ limit: '1e3' })
  expect(await read('item.list', ['--limit', '1.5'])).toEqual({ limit: 1.5 })
  expect(await read('item.show', ['0x10'])).toEqual({ id: '0x10' })
})

test('none clears where a field may be empty, and is a word elsewhere', async () => {
  expect(await read('item.update', ['1', '--parent', 'none', '--health-check', 'none'])).toEqual({
    ...{ id: 1, parent: null, healthCheck: null },
  })
  expect(await read('item.create', ['none'])).toEqual({ title: 'none' })
})

test('a lone dash reads standard input, once', async () => {
  expect(await read('item.note', ['1', '-'])).toEqual({ id: 1, text: 'from standard input' })
  expect(await read('item.create', ['A', '--desc', '-'])).toMatchObject({
    description: 'from standard input',
  })
  await expect(read('item.create', ['A', '--desc', '-', '--spec', '-'])).rejects.toThrow(/only one value/)
})

test('a health check is JSON, a file or standard input', async () => {
  const check = (value: string, stdin?: string) =>
    read('item.create', ['A', '--health-check', value], stdin).then((input) => input.healthCheck)
  expect(await check('{"type":"http"}')).toEqual({ type: 'http' })
  expect(await check('check.json')).toEqual({ type: 'http' })
  expect(await check('bom.json')).toEqual({ type: 'tcp' })
  expect(await check('-', '{"type":"dns"}')).toEqual({ type: 'dns' })
  await expect(check('{"type":')).rejects.toThrow('--health-check is not valid JSON')
  await expect(check('broken.json')).rejects.toThrow('broken.json is not valid JSON')
  await expect(check('-', 'no')).rejects.toThrow('standard input is not valid JSON')
  await expect(check('missing.json')).rejects.toThrow(`--health-check: can't read "missing.json"`)
})

test.each([
  [
    ['--ac', 'One', '--ac', 'Two'],
    ['One', 'Two'],
  ],
  [['--ac', '[UI] shows totals'], ['[UI] shows totals']],
  [['--ac', '[ ] to do'], ['[ ] to do']],
  [['--ac', '[{"text":"One","verdict":"passed"}]'], [{ text: 'One', verdict: 'passed' }]],
  [
    ['--ac', '["One","Two"]'],
    ['One', 'Two'],
  ],
  [['--ac', '[]'], []],
])('%j are the criteria %j', async (flags, criteria) => {
  expect(await read('item.create', ['A', ...flags])).toEqual({ title: 'A', criteria })
})

test('broken JSON for criteria is refused', async () => {
  await expect(read('item.create', ['A', '--ac', '[{"text"'])).rejects.toThrow('--ac is not valid JSON')
})

test('words behind -- are positionals; the last positional of search takes all that are left', async () => {
  expect(await read('item.create', [{ text: '--title', literal: true }])).toEqual({ title: '--title' })
  expect(await read('item.search', ['rate', 'limit'])).toEqual({ words: 'rate limit' })
})

test.each([
  [['1'], /to is missing/],
  [['1', 'live', 'now'], /a word too many: "now"/],
  [['1', 'live', '--note', 'a', '--note', 'b'], /--note was given 2 times/],
])('move %j is refused', async (texts, message) => {
  await expect(read('item.move', texts)).rejects.toThrow(message)
})

test.each<[OperationName, string[], string]>([
  ['incident.resolve', ['31'], '--note is missing'],
  ['item.block', ['25'], '--reason is missing'],
])('%s %j names the flag that is missing, and how it is used', async (name, texts, message) => {
  const error = await read(name, texts).catch((refused: unknown) => refused)
  const flag = message.split(' ')[0]!
  expect(error).toMatchObject({
    kind: 'invalid',
    message,
    hint: expect.stringContaining(flag),
    failures: [{ field: flag.slice(2), message }],
  })
})
