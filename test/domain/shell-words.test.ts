import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinWords, splitWords } from '../../src/domain/shell-words.ts'
import { TrackerError } from '../../src/errors.ts'

describe('a command line', () => {
  test.each<[string, string[]]>([
    ['node tools/invoice-extractor.js --help', ['node', 'tools/invoice-extractor.js', '--help']],
    ['  a\t b  ', ['a', 'b']],
    ['\n a b\n', ['a', 'b']],
    ['', []],
    [`a '' ""`, ['a', '', '']],
    [`'a b'c"d e"`, ['a bcd e']],
    [String.raw`a\ b \'c \\`, ['a b', "'c", '\\']],
    [String.raw`"a\"b\\c\d"`, [String.raw`a"b\c\d`]],
    [String.raw`'a\b'`, [String.raw`a\b`]],
    ['a\\\nb', ['ab']],
    ['a "x\\\ny"', ['a', 'xy']],
    ['a\\ ', ['a ']],
    [`echo '|&;<>()$x\`'`, ['echo', '|&;<>()$x`']],
    [`echo "|&;<>()"`, ['echo', '|&;<>()']],
    [String.raw`echo \| "\$x" "\`"`, ['echo', '|', '$x', '`']],
    ['curl -H ${secret:TOKEN} "x ${secret:T_2}"', ['curl', '-H', '${secret:TOKEN}', 'x ${secret:T_2}']],
    ['a $ b$ "c$"', ['a', '$', 'b$', 'c$']],
    ['a#b http://x/#y', ['a#b', 'http://x/#y']],
    ['ls *.ts ~', ['ls', '*.ts', '~']],
  ])('%j is split to %j', (line, words) => {
    expect(splitWords(line)).toEqual(words)
  })

  test.each([
    'a | b',
    'a && b',
    'a;b',
    'a > f',
    'a < f',
    '(a)',
    'a $(b)',
    'a "$(b)"',
    'a `b`',
    'a "`b`"',
    'a $HOME',
    'a "${HOME}"',
    'a ${secret:}',
    'a ${secret:1}',
    'a $1 $?',
    'a\nb',
    'a # b',
  ])('%j needs a shell', (line) => {
    expect(() => splitWords(line)).toThrow(/^this needs a shell/)
  })

  test.each(["a 'b", 'a "b', 'a "b\\"', 'a\\', 'a \0'])('%j is malformed', (line) => {
    expect(() => splitWords(line)).toThrow(/^the command has/)
  })

  test('a refusal says where', () => {
    expect(() => splitWords('a | b')).toThrow('this needs a shell: "|" at 3')
    expect(() => splitWords('a\nb')).toThrow('a line break at 2')
  })

  test('words that were joined are split to themselves again', () => {
    const word = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''))
    const nasty = fc.string({ unit: fc.constantFrom(...`'"\\ \t\n|&;<>()$\`{}#ab:`) })
    fc.assert(
      fc.property(fc.array(fc.oneof(word, nasty)), (words) => {
        expect(splitWords(joinWords(words))).toEqual(words)
      }),
    )
  })

  test('whatever it is, it is split or refused', () => {
    const nasty = fc.string({ unit: fc.constantFrom(...`'"\\ \t\n|&;<>()$\`{}#ab:\0`) })
    fc.assert(
      fc.property(nasty, (line) => {
        try {
          splitWords(line)
        } catch (error) {
          expect(error).toBeInstanceOf(TrackerError)
        }
      }),
    )
  })
})
