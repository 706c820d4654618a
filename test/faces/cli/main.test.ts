/** The command line with everything it touches handed in: exit codes, output and errors. */

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ErrorKind, TrackerError } from '../../../src/errors.ts'
import { type Io, main } from '../../../src/faces/cli/main.ts'
import { errorText, exitCodes, jsonText } from '../../../src/faces/cli/output.ts'
import { createStyle } from '../../../src/ops/style.ts'
import { openDatabase } from '../../../src/store/open.ts'

/** Where there is no pipeline. */
const nowhere = join(tmpdir(), 'throughline-nothing-here.db')
const env = { PIPELINE_ACTOR: 'human:tess', PIPELINE_DB: nowhere }
const madeAt = '2026-02-05T07:46:15.000Z'

interface Ran {
  code: number
  stdout: string
  stderr: string
}

async function ran(argv: string[], more: Partial<Io> = {}): Promise<Ran> {
  const said = { stdout: '', stderr: '' }
  const terminal = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      said[name] += text
    },
    isTerminal: false,
    columns: undefined,
  })
  const code = await main({
    argv,
    env,
    cwd: tmpdir(),
    clock: () => madeAt,
    stdout: terminal('stdout'),
    stderr: terminal('stderr'),
    systemUser: () => 'tester',
    stdinIsTerminal: false,
    reader: { stdin: async () => '', file: async () => '' },
    version: '1.2.3',
    newToken: async () => 'token',
    open: (_, options) => openDatabase(':memory:', { ...options, create: true }),
    worker: () => ({ checkItem: () => Promise.reject(new Error('no')), checkDue: async () => [] }),
    serve: async () => 0,
    runOnTerminal: async () => 0,
    stopped: () => new AbortController().signal,
    sweep: () => {},
    ...more,
  })
  return { code, ...said }
}

const refusing = (error: unknown): Partial<Io> => ({ open: () => Promise.reject(error) })

const kinds = Object.entries(exitCodes) as [ErrorKind, number][]

test.each(kinds)('an error of kind %s ends with %i and one line on stderr', async (kind, code) => {
  const answer = await ran(['list'], refusing(new TrackerError(kind, 'because', { hint: 'do this' })))
  expect(answer).toMatchObject({ code, stdout: '' })
  expect(answer.stderr).toMatch(/\nerror: because\nhint: do this\n$/)
})

test('what is no error of ours is an internal one, without a stack', async () => {
  const answer = await ran(['list'], refusing(new TypeError('x is undefined')))
  expect(answer).toMatchObject({ code: 1, stdout: '' })
  expect(answer.stderr).toMatch(/\nerror: x is undefined\nhint: this is a fault of Throughline/)
})

test('with --json an error is JSON on stderr, also when the words themselves are wrong', async () => {
  const unknown = await ran(['crate', '--json'])
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
  expect(JSON.parse(unknown.stderr)).toEqual({
    schemaVersion: 1,
    error: {
      code: 'invalid',
      message: 'unknown command "crate"; did you mean create?',
      hint: expect.any(String),
      failures: [],
    },
  })
  expect(JSON.parse((await ran(['list', '--json', '--db'])).stderr).error.message).toBe('--db needs a value')
  expect((await ran(['crate', '--', '--json'])).stderr).toMatch(/^error: /)
})

test('a wrong field for --json is found before anything is stored, also where the list is empty', async () => {
  const opened: string[] = []
  const open: Io['open'] = (url, options) => {
    opened.push(url)
    return openDatabase(':memory:', options)
  }
  for (const words of [['create', 'A'], ['list'], ['log'], ['check', '--due']]) {
    const { code, stderr } = await ran([...words, '--json=titel'], { open })
    expect({ words, code }).toEqual({ words, code: 2 })
    expect(stderr).toContain('there is no field \\"titel\\"')
  }
  expect(opened).toEqual([])
})

test('the fields that are asked for are there, null where there is nothing', async () => {
  const { stdout } = await ran(['create', 'A', '--json=id,parentId,title'])
  expect(stdout).toBe('{"schemaVersion":1,"data":{"id":1,"parentId":null,"title":"A"}}\n')
  const board = JSON.parse((await ran(['board', '--json=incidents'])).stdout)
  expect(board.data).toEqual({ incidents: [] })
})

test('colours are for a terminal: not with NO_COLOR, --no-color or a dumb one, neither in errors', async () => {
  const shown = async (words: string[], more: Record<string, string>) => {
    let text = ''
    const write = (part: string): void => {
      text += part
    }
    const tty = { write, isTerminal: true, columns: 80 }
    await ran(words, { env: { ...env, ...more }, stdout: tty, stderr: tty })
    return text
  }
  const colour = /\u001b\[/
  for (const words of [['board'], ['show', '99']]) {
    expect(await shown(words, {})).toMatch(colour)
    expect(await shown(words, { NO_COLOR: '' })).toMatch(colour)
    expect(await shown(words, { NO_COLOR: '1' })).not.toMatch(colour)
    expect(await shown(words, { TERM: 'dumb' })).not.toMatch(colour)
    expect(await shown([...words, '--no-color'], {})).not.toMatch(colour)
  }
  expect((await ran(['board', '--color'])).stdout).toMatch(colour)
})

test('PIPELINE_NOW sets the clock, and must be an instant', async () => {
  const at = (now: string) => ran(['create', 'A', '--json=createdAt'], { env: { ...env, PIPELINE_NOW: now } })
  expect((await at('2030-01-01T00:00:00.000Z')).stdout).toContain('"createdAt":"2030-01-01T00:00:00.000Z"')
  expect(await at('tomorrow')).toMatchObject({ code: 2, stdout: '' })
})

test('a label of the source is a short word', async () => {
  expect(await ran(['list', '--source', 'a b'])).toMatchObject({ code: 2 })
  expect(await ran(['list', '--source', 'subagent'])).toMatchObject({ code: 0 })
})

test('serve has no dry run and takes no further words', async () => {
  expect(await ran(['serve', '--dry-run'])).toMatchObject({ code: 2 })
  expect(await ran(['serve', 'now'])).toMatchObject({ code: 2 })
  expect(await ran(['serve', '--port', '70000'])).toMatchObject({ code: 2 })
  expect(await ran(['serve', '--port', '-1'])).toMatchObject({ code: 2 })
  expect(await ran(['serve', '--port', '0'])).toMatchObject({ code: 0 })
})

test('every reason is one line, whatever it holds', () => {
  const style = createStyle({ color: false, width: 80, now: madeAt })
  const text = errorText(
    new TrackerError('invalid', 'a\nb\u001b[31m', {
      hint: 'c\r\nd\u202e',
      failures: [{ field: 'x', message: 'e\nf' }],
    }),
    style,
  )
  expect(text).toBe('error: a b␛[31m\n  - x: e f\nhint: c d�')
})

test('JSON holds no character that a terminal obeys, and reads back the same', () => {
  const codes = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join('')
  const text = jsonText(codes)
  expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/)
  expect(JSON.parse(text)).toBe(codes)
})
