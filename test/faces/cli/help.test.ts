/** Help and completion, made from the operations: none is missing, and the shells accept them. */

import { describe, expect, test } from 'vitest'
import { stageWords, types } from '../../../src/domain/stage.ts'
import { columns } from '../../../src/domain/text.ts'
import { ownCommands } from '../../../src/faces/cli/commands.ts'
import { completionScript } from '../../../src/faces/cli/completion.ts'
import { commandOf } from '../../../src/faces/cli/flags.ts'
import { helpFor, overview } from '../../../src/faces/cli/help.ts'
import { operationList } from '../../../src/ops/index.ts'
import { createStyle } from '../../../src/ops/style.ts'
import { cli, freshPlace, run } from '../../helpers/cli.ts'

const style = createStyle({ color: false, width: 80, now: '2026-01-01T00:00:00.000Z' })
const words = (text: string) => text.split(' ').map((word) => ({ text: word, literal: false }))
const commands = operationList.filter((op) => op.command)
const typed = commands.map((op) => [op.command!.words, op.command!.switch].filter(Boolean).join(' --'))

describe('help', () => {
  test('names every command and every flag that works everywhere', () => {
    const text = overview(style, '1.2.3')
    for (const name of [...typed, ...Object.keys(ownCommands)]) expect(text).toContain(`  ${name}`)
    for (const flag of ['--db', '--as', '--source', '--json', '--dry-run', '--quiet', '--no-color']) {
      expect(text).toContain(flag)
    }
  })

  test.each(commands.map((op, index) => [typed[index]!, op] as const))(
    'of %s names its words and flags, and fits 80 columns',
    (text, op) => {
      const help = helpFor(words(text), style)
      const { flags, positionals } = commandOf(op)
      expect(help).toContain(`pipeline ${op.command!.words}`)
      for (const flag of flags) expect(help).toContain(`--${flag.name}`)
      for (const each of positionals) expect(help).toContain(each.field.toUpperCase())
      for (const line of help.split('\n'))
        expect({ line, fits: columns(line) <= 80 }).toEqual({ line, fits: true })
      expect(help).not.toMatch(/undefined|\[object/)
    },
  )

  test.each(Object.keys(ownCommands))('of %s says how it is used', (name) => {
    expect(helpFor(words(name), style)).toContain(`pipeline ${name}`)
  })

  test('every example is a command that is there, with flags that are', () => {
    for (const op of commands) {
      for (const example of op.command!.examples ?? []) {
        const given = [...example.matchAll(/(?<= )--([a-z-]+)/g)].map((match) => match[1]!)
        const known = [
          ...commandOf(op).flags.map((flag) => flag.name),
          op.command!.switch,
          'as',
          'json',
          'db',
          'due',
          'ping',
        ]
        expect({ example, given }).toEqual({ example, given: given.filter((name) => known.includes(name)) })
      }
    }
  })

  test('is printed by help, --help, -h and by no words at all, always with exit 0', async () => {
    const pipeline = cli(await freshPlace())
    const all = await pipeline([])
    expect(all).toMatchObject({ code: 0, stderr: '' })
    for (const line of [['help'], ['--help'], ['-h']]) {
      expect(await pipeline(line)).toMatchObject({ code: 0, stdout: all.stdout })
    }
    const one = await pipeline(['help', 'dep', 'add'])
    expect(one.stdout).toMatch(/pipeline dep add/)
    for (const line of [
      ['dep', 'add', '--help'],
      ['dep', 'add', '1', '2', '-h'],
    ]) {
      expect(await pipeline(line)).toMatchObject({ code: 0, stdout: one.stdout })
    }
    expect((await pipeline(['help', 'check', '--due'])).stdout).toContain('--due')
    expect(await pipeline(['help', 'crate'])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('completion', () => {
  const shells = ['bash', 'zsh', 'fish'] as const

  test.each(shells)('for %s has every command', (shell) => {
    const script = completionScript(shell)
    for (const op of commands) {
      for (const word of op.command!.words.split(' ')) expect(script).toContain(word)
    }
    for (const name of Object.keys(ownCommands)) expect(script).toContain(name)
  })

  test('bash accepts the script, and completes commands, flags, stages and types', async () => {
    const place = await freshPlace()
    const script = (await cli(place)(['completion', 'bash'])).stdout
    expect(await run(place, ['bash', '-n'], { stdin: script })).toMatchObject({ code: 0, stderr: '' })
    const complete = async (...line: string[]): Promise<string[]> => {
      const all = line.map((word) => `'${word}'`).join(' ')
      const ask = `COMP_WORDS=(pipeline ${all}); COMP_CWORD=${line.length}; _pipeline; printf '%s\\n' "\${COMPREPLY[@]}"`
      const { stdout } = await run(place, ['bash'], { stdin: `${script}\n${ask}` })
      return stdout.trim().split('\n')
    }
    expect(await complete('cre')).toEqual(['create'])
    expect(await complete('d')).toEqual(
      ['dashboard', 'dep', 'delete', 'doctor', 'demo'].filter((name) =>
        typed.some((t) => t.startsWith(name)),
      ),
    )
    expect(await complete('dep', 'a')).toEqual(['add'])
    expect(await complete('create', '--par')).toEqual(['--parent'])
    expect(await complete('move', '1', '')).toEqual(expect.arrayContaining([...stageWords]))
    expect(await complete('list', '--type', '')).toEqual(expect.arrayContaining([...types]))
    expect(await complete('check', '--d')).toEqual(expect.arrayContaining(['--due']))
    expect(await complete('completion', '')).toEqual(expect.arrayContaining([...shells]))
    expect(await complete('help', 'boa')).toEqual(['board'])
    expect(await complete('--db', 'x.db', '--quiet', 'boa')).toEqual(['board'])
    expect(await complete('--db', 'x.db', 'dep', 'a')).toEqual(['add'])
    expect(await complete('--db', 'cre')).toEqual([''])
  })

  test.each(['tcsh', '', 'constructor'])('there is none for %j', (shell) => {
    expect(() => completionScript(shell)).toThrow(/no completion|which shell/)
  })
})
