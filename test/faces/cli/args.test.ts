import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseWords, splitGlobals, type Word } from '../../../src/faces/cli/args.ts'
import { findCommand, ownCommands } from '../../../src/faces/cli/commands.ts'
import { camel, commandOf, kebab } from '../../../src/faces/cli/flags.ts'
import { operationList } from '../../../src/ops/index.ts'

const words = (...texts: string[]): Word[] => texts.map((text) => ({ text, literal: false }))
const specs = [
  { name: 'note', boolean: false },
  { name: 'label', boolean: false },
  { name: 'yes', boolean: true },
]

describe('global flags', () => {
  test('are taken out wherever they stand, and the rest keeps its order', () => {
    const { globals, words: rest } = splitGlobals(
      'list --json=id,title --stage live -q --db=x.db --as human:max --no-color --dry-run'.split(' '),
    )
    expect(globals).toEqual({
      ...{ json: 'id,title', quiet: true, db: 'x.db', as: 'human:max', color: false },
      ...{ dryRun: true, help: false, version: false },
    })
    expect(rest.map((word) => word.text)).toEqual(['list', '--stage', 'live'])
  })

  test('behind -- there are none: every word is literal', () => {
    const { globals, words: rest } = splitGlobals(['create', '--', '--json', '-h', '--'])
    expect(globals).toMatchObject({ help: false, quiet: false })
    expect(globals.json).toBeUndefined()
    expect(rest).toEqual([
      { text: 'create', literal: false },
      ...['--json', '-h', '--'].map((text) => ({ text, literal: true })),
    ])
  })

  test.each([
    [['list', '--db']],
    [['list', '--db', '--json']],
    [['list', '--db=']],
    [['create', 'x', '--as', '']],
    [['create', 'x', '--as=']],
    [['create', 'x', '--source', '']],
  ])('%j: a value that is missing or empty is refused, not guessed', (argv) => {
    expect(() => splitGlobals(argv)).toThrow(/needs a value/)
  })

  test('any words behind -- come through as they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (texts) => {
        const { words: rest } = splitGlobals(['note', '--', ...texts])
        expect(rest.slice(1).map((word) => word.text)).toEqual(texts)
      }),
    )
  })
})

describe('flags of a command', () => {
  test('take the next word or what stands behind =, and may be repeated', () => {
    const parsed = parseWords(words('25', '--label', 'a', '--label=b=c', '--note', '-5', '--yes'), specs)
    expect(parsed.positionals).toEqual(['25'])
    expect(Object.fromEntries(parsed.options)).toEqual({ label: ['a', 'b=c'], note: ['-5'], yes: [true] })
  })

  test('a negative number and a lone dash are no flags', () => {
    expect(parseWords(words('-5', '-', '-1.5'), specs).positionals).toEqual(['-5', '-', '-1.5'])
  })

  test.each([
    ['--yes', true],
    ['--yes=true', true],
    ['--yes=false', false],
    ['--no-yes', false],
  ])('the switch %s is %s', (text, value) => {
    expect(parseWords(words(text), specs).options.get('yes')).toEqual([value])
  })

  test('a switch with another value is refused', () => {
    expect(() => parseWords(words('--yes=maybe'), specs)).toThrow('--yes takes no value')
  })

  test('a flag is not swallowed as the value of the one before it, unless it is said with =', () => {
    expect(() => parseWords(words('--note', '--yes'), specs)).toThrow('--note needs a value')
    expect(() => parseWords(words('--note', '--label=x'), specs)).toThrow('--note needs a value')
    expect(parseWords(words('--note=--yes'), specs).options.get('note')).toEqual(['--yes'])
    expect(parseWords(words('--note', '--other'), specs).options.get('note')).toEqual(['--other'])
  })

  test.each([
    ['--noet', /unknown flag "--noet"; did you mean --note\?/],
    ['--jsn', /did you mean --json\?/],
    ['-x', /unknown flag "-x"/],
    ['--__proto__', /unknown flag/],
  ])('%s is unknown', (flag, message) => {
    expect(() => parseWords(words(flag), specs)).toThrow(message)
  })

  test('whatever is typed is parsed or refused as invalid, and nothing is lost on the way', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--note', '--label=x', '--yes', '--no-yes', '-', '--', '-5'),
    )
    fc.assert(
      fc.property(fc.array(word), (texts) => {
        const { words: rest } = splitGlobals(texts)
        try {
          const { positionals, options } = parseWords(rest, specs)
          const values = [...options.values()].flat().length
          expect(positionals.length + values).toBeGreaterThanOrEqual(Math.ceil(rest.length / 2))
        } catch (error) {
          expect(error).toMatchObject({ name: 'TrackerError', kind: 'invalid' })
        }
      }),
    )
  })
})

describe('commands', () => {
  const find = (...texts: string[]) => findCommand(words(...texts), operationList)

  test('what is said with a choosing flag is its last word', () => {
    for (const typed of [
      'heartbeat 25 --ping fail',
      'heartbeat 25 --ping=fail',
      'heartbeat --ping=fail 25',
    ]) {
      const found = find(...typed.split(' '))
      expect('op' in found && found.op.name, typed).toBe('heartbeat.ping')
      expect(found.rest.map((word) => word.text)).toEqual(['25', 'fail'])
    }
    expect(find('heartbeat', '25')).toMatchObject({ op: { name: 'heartbeat.setup' } })
  })
  const named = (...texts: string[]) => {
    const found = find(...texts)
    return 'own' in found ? found.own : found.op.name
  }

  test.each(operationList.filter((op) => op.command).map((op) => [op.command!.words, op] as const))(
    '%s is found by its words, and has no flag twice',
    (text, op) => {
      const shape = op.command!
      expect(named(...text.split(' '), ...(shape.switch ? [`--${shape.switch}`] : []))).toBe(op.name)
      const names = commandOf(op).flags.map((flag) => flag.name)
      expect(new Set(names).size).toBe(names.length)
    },
  )

  test.each(Object.keys(ownCommands))('%s is a command of the program itself', (name) => {
    expect(named(name)).toBe(name)
  })

  test('flags may stand before, between and behind the words', () => {
    expect(named('--due', 'check')).toBe('check.due')
    expect(named('check', '25')).toBe('check.run')
    expect(named('check', 'approve', '25')).toBe('check.approve')
    expect(find('dep', '--json', 'add', '1', '2')).toMatchObject({ op: { name: 'dependency.add' } })
  })

  test.each([
    [['crate'], /unknown command "crate"; did you mean create\?/],
    [['lst'], /did you mean list\?/],
    [['dep'], /dep needs another word/],
    [['dep', 'remove'], /dep needs another word/],
    [[''], /unknown command ""/],
    [['__proto__'], /unknown command/],
    [['constructor'], /unknown command/],
    [['--nope'], /unknown flag "--nope"/],
  ])('%j is refused', (texts, message) => {
    expect(() => find(...texts)).toThrow(message)
  })
})

test('names of flags and fields translate into each other', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,6}([A-Z][a-z]{1,6}){0,3}$/), (field) => {
      expect(camel(kebab(field))).toBe(field)
    }),
  )
})
