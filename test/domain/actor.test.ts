import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { humanActor, isPerson, parseActor } from '../../src/domain/actor.ts'
import { TrackerError } from '../../src/errors.ts'

test.each(['human:max', 'agent:builder-1', 'human:Zoë Müller', 'agent:a:b', 'human:李'])(
  '%s acts',
  (actor) => {
    expect(parseActor(actor)).toBe(actor)
  },
)

test.each([
  '',
  'max',
  'human:',
  'human: max',
  'human:max ',
  'robot:x',
  'HUMAN:max',
  'human:a\nb',
  'human:a\u001b[31m',
  'human:\u0085x',
  `human:${'x'.repeat(101)}`,
])('%j is no actor', (text) => {
  expect(() => parseActor(text)).toThrow(expect.objectContaining({ kind: 'invalid' }))
})

test('nobody acts in the name of the monitor', () => {
  expect(() => parseActor('system:monitor')).toThrow('nobody else acts in its name')
})

test('the hint says the name that was meant', () => {
  expect(() => parseActor('builder-1')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('agent:builder-1') }),
  )
})

describe('a person’s name', () => {
  test.each([
    ['Max', 'human:Max'],
    ['  Max\n', 'human:Max'],
    ['\u001b[31mMax', 'human:[31mMax'],
    ['', 'human:unknown'],
    ['\t\n', 'human:unknown'],
  ])('%j is %j', (name, actor) => {
    expect(humanActor(name)).toBe(actor)
  })

  test('whatever it holds, it is an actor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const actor = humanActor(name)
        expect(parseActor(actor)).toBe(actor)
        expect(isPerson(actor)).toBe(true)
      }),
    )
  })
})

test('an agent is no person', () => {
  expect(isPerson('agent:x')).toBe(false)
  expect(new TrackerError('invalid', 'x').kind).toBe('invalid')
})
