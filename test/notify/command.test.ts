/** A command that is told of an event, run for real. */

import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { type Run, send } from '../../src/notify/index.ts'
import { channelOf, doorOf, event } from './door.ts'

/** The plainest way to run a program: the worker's own is tested with it. */
const run: Run = ([program = '', ...args], { env, stdin, timeoutMs }) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, timeout: timeoutMs, killSignal: 'SIGKILL' })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (exitCode, signal) => resolve({ exitCode, timedOut: signal === 'SIGKILL', stderr }))
    child.stdin.on('error', () => {}).end(stdin)
  })

const env = { PATH: process.env.PATH, SMTP_PASSWORD: 'hunter2', HOME: '/h', DISPLAY: ':0', TOKEN: 't0k3n' }
const door = (fields = {}) => doorOf({ env, run, ...fields })
const node = (script: string, fields = {}) =>
  channelOf({ type: 'command', command: [process.execPath, '-e', script, '--', '$(id); *', ''], ...fields })

/** What the program saw, handed out by its standard error and an exit code that is not 0. */
async function seen(expression: string, fields = {}): Promise<string> {
  const delivery = await send(
    node(`process.stderr.write(String(${expression})); process.exitCode = 3`, fields),
    event,
    door(),
  )
  return (delivery as { reason: string }).reason.replace('the command ended with exit code 3: ', '')
}

test('exit code 0 is sent; the program reads the event as JSON from standard input', async () => {
  const script = `let text = ''
    process.stdin.on('data', (chunk) => { text += chunk })
    process.stdin.on('end', () => {
      require('node:assert').deepStrictEqual(JSON.parse(text), JSON.parse(process.env.EXPECTED))
    })`
  const expecting = { env: { EXPECTED: JSON.stringify(event) } }
  expect(await send(node(script, expecting), event, door())).toEqual({ outcome: 'sent' })
  const changed = { ...event, summary: 'another' }
  expect(await send(node(script, expecting), changed, door())).toMatchObject({ outcome: 'retry' })
})

describe('the program', () => {
  test('gets its arguments literally: no shell reads them', async () => {
    expect(await seen('JSON.stringify(process.argv.slice(1))')).toBe('["$(id); *",""]')
  })

  test('has the shortest of the event in variables', async () => {
    const names = ['EVENT_ID', 'EVENT_KIND', 'SEVERITY', 'ITEM_ID', 'INCIDENT_ID']
    expect(await seen(`${JSON.stringify(names)}.map((name) => process.env['PIPELINE_' + name])`)).toBe(
      '0197-31-opened,incident.opened,major,25,31',
    )
    expect(await seen('process.env.PIPELINE_SUBJECT')).toMatch(/^\[major\] #25 Invoice extractor: /)
  })

  test('has what it needs of the environment, what its channel names, and no secret besides', async () => {
    const names = `Object.keys(process.env).filter((name) => !name.startsWith('PIPELINE_') && !name.startsWith('__CF')).sort()`
    expect(await seen(names)).toBe('DISPLAY,HOME,PATH')
    expect(await seen(names, { env: { API: '${env:TOKEN}' } })).toBe('API,DISPLAY,HOME,PATH')
    expect(await seen('process.env.API.length', { env: { API: '${env:TOKEN}' } })).toBe('5')
  })
})

test('a secret that the program prints is not repeated', async () => {
  expect(await seen('"<" + process.env.API + ">"', { env: { API: '${env:TOKEN}' } })).toBe('<***>')
})

describe('a command that fails is tried again:', () => {
  test('by its exit code, with what it said on one harmless line', async () => {
    const script = `process.stderr.write('\\u001b[31mno\\nbus\\u0000' + 'x'.repeat(100000)); process.exitCode = 9`
    expect(await send(node(script), event, door())).toEqual({
      outcome: 'retry',
      reason: expect.stringMatching(/^the command ended with exit code 9: no busx+…$/),
    })
  })

  test('by a signal', async () => {
    const script = `process.kill(process.pid, 'SIGTERM')`
    expect(await send(node(script), event, door())).toEqual({
      outcome: 'retry',
      reason: 'the command was ended by a signal',
    })
  })

  test('too slow', async () => {
    const script = `process.stdin.resume(); setInterval(() => {}, 1000)`
    expect(await send(node(script), event, door({ timeoutMs: 100 }))).toEqual({
      outcome: 'retry',
      reason: 'the command did not end within 0.1 s',
    })
  })

  test('not there, or not to be run', async () => {
    const absent = channelOf({ type: 'command', command: ['/no/such/${env:TOKEN}'] })
    expect(await send(absent, event, door())).toEqual({
      outcome: 'retry',
      reason: 'the command could not be started (ENOENT)',
    })
    const withNul = channelOf({ type: 'command', command: ['echo', '${env:NUL}'] })
    expect(await send(withNul, event, door({ env: { NUL: 'a\0b' } }))).toEqual({
      outcome: 'retry',
      reason: 'its command holds a NUL character',
    })
  })

  test('since the worker stops', async () => {
    const delivery = await send(node(''), event, door({ signal: AbortSignal.abort() }))
    expect(delivery).toEqual({ outcome: 'retry', reason: 'the worker stopped before it was sent' })
  })
})

test('whatever a door does, sending does not throw and repeats nothing', async () => {
  const throwing = door({
    nowMs: () => {
      throw new Error('hunter2')
    },
  })
  const channel = channelOf({ type: 'webhook', url: 'http://127.0.0.1:9' })
  expect(await send(channel, event, throwing)).toEqual({ outcome: 'retry', reason: 'sending failed: Error' })
  const rejecting = door({ run: () => Promise.reject('hunter2') })
  expect(await send(node(''), event, rejecting)).toEqual({
    outcome: 'retry',
    reason: 'the command could not be started',
  })
})
