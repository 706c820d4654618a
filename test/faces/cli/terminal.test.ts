/** On a terminal: colours, width, the editor. A pseudo-terminal is made by `script`. */

import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { columns } from '../../../src/domain/text.ts'
import { changedTexts, readTexts, writeTexts } from '../../../src/faces/cli/edit.ts'
import { door, freshPlace, type Place, type Ran, type RunOptions, run, sure } from '../../helpers/cli.ts'

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** A command on a terminal of 80 columns; what it prints on stdout and stderr comes as one. */
function onTerminal(place: Place, words: string[], options: RunOptions = {}): Promise<Ran> {
  const line = [process.execPath, door, 'pipeline', ...words].map(quoted).join(' ')
  const env = { TERM: 'xterm-256color', ...options.env }
  return run(place, ['script', '-qec', `stty cols 80; ${line}`, '/dev/null'], { ...options, env })
}

// biome-ignore lint/complexity/useRegexLiterals: the escape character is easier to see in words
const painted = new RegExp('\\u001b\\[(1|2|22|31|32|33|36|39)m', 'g')
// biome-ignore lint/complexity/useRegexLiterals: as above
const control = new RegExp('[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]')
/** Without our colours and the terminal's own carriage returns. */
const plain = (text: string): string => text.replaceAll('\r\n', '\n').replace(painted, '')

describe('on a terminal', () => {
  test('there are colours, and NO_COLOR, --no-color and a dumb terminal have none', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'A', '--priority', '1'])
    expect((await onTerminal(place, ['list'])).stdout).toMatch(painted)
    expect((await onTerminal(place, ['list', '--no-color'])).stdout).not.toMatch(painted)
    expect((await onTerminal(place, ['list'], { env: { NO_COLOR: '1' } })).stdout).not.toMatch(painted)
    expect((await onTerminal(place, ['list'], { env: { TERM: 'dumb' } })).stdout).not.toMatch(painted)
    expect((await onTerminal(place, ['show', '9'])).stdout).toMatch(painted)
    expect((await onTerminal(place, ['show', '9', '--no-color'])).stdout).not.toMatch(painted)
  })

  test.each([
    ['board'],
    ['list', '--all'],
    ['show', '2', '--children'],
    ['log'],
    ['help'],
    ['help', 'create'],
  ])('%s %s fits 80 columns, and colour changes no letter', async (...words) => {
    const place = await freshPlace()
    await sure(place)(['create', 'Größe 測試 👩‍🚀 '.repeat(20), '--assign', 'agent:'.padEnd(90, 'x')])
    await sure(place)(['demo'])
    const now = { env: { PIPELINE_NOW: '2030-01-01T00:00:00.000Z' } }
    const shown = plain((await onTerminal(place, words, now)).stdout)
    expect(shown).not.toMatch(control)
    for (const line of shown.split('\n')) {
      expect({ line, fits: columns(line) <= 80 }).toEqual({ line, fits: true })
    }
    expect(shown).toBe((await sure(place)(words, now)).stdout)
  })
})

describe('edit', () => {
  /** An editor that runs those shell commands on the file `$1`. */
  async function editor(place: Place, commands: string): Promise<{ env: Record<string, string> }> {
    const path = join(place.cwd, 'my editor.sh')
    await writeFile(path, `#!/bin/sh\n${commands}\n`)
    await chmod(path, 0o755)
    return { env: { EDITOR: `'${path}' --wait` } }
  }
  const textOf = async (place: Place) =>
    (await sure(place)(['show', '1', '--json=title,description,spec'])).json()
  const leftOver = async (place: Place) =>
    (await readdir(place.env.TMPDIR!)).filter((name) => name.startsWith('pipeline-'))

  test('saves what was written, and leaves no file', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'A', '--desc', 'Why'])
    const sed = await editor(place, `sed -i -e 's/^A$/A new title/' -e 's/^Why$/Because\\nof this/' "$2"`)
    const edited = await onTerminal(place, ['edit', '1'], sed)
    expect(edited.code).toBe(0)
    expect(plain(edited.stdout)).toContain('Updated #1 A new title: title, description')
    expect(await textOf(place)).toEqual({ title: 'A new title', description: 'Because\nof this', spec: null })
    expect(await leftOver(place)).toEqual([])
  })

  test('without a change changes nothing', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'A', '--desc', '  kept as it is  \n'])
    const edited = await onTerminal(place, ['edit', '1'], await editor(place, 'true'))
    expect(plain(edited.stdout)).toContain('nothing changed')
    expect((await textOf(place)).description).toBe('  kept as it is  \n')
  })

  test.each([
    ['the editor fails', 'echo more >> "$2"; exit 3', /the editor ended with 3; nothing was saved/],
    ['the marks are gone', 'echo lost > "$2"', /must stay as they were/],
    ['the title is gone', `sed -i '1s/.*//' "$2"`, /title must not be empty/],
  ])('keeps what was written when %s', async (_, commands, reason) => {
    const place = await freshPlace()
    await sure(place)(['create', 'A'])
    const refused = await onTerminal(place, ['edit', '1'], await editor(place, commands))
    expect(refused.code).toBe(2)
    expect(plain(refused.stdout)).toMatch(reason)
    const [, file = ''] = /what you wrote is kept in (\S+)/.exec(plain(refused.stdout)) ?? []
    expect(await readFile(file, 'utf8')).toMatch(/more|lost|spec: Markdown/)
    expect(await textOf(place)).toMatchObject({ title: 'A' })
  })

  test('does not overwrite what somebody else wrote meanwhile', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'A'])
    const other = `${quoted(process.execPath)} ${quoted(door)} update 1 --title Theirs </dev/null >/dev/null`
    const refused = await onTerminal(
      place,
      ['edit', '1'],
      await editor(place, `${other}; sed -i '1s/.*/Mine/' "$2"`),
    )
    expect(refused.code).toBe(6)
    const [, file = ''] = /what you wrote is kept in (\S+)/.exec(plain(refused.stdout)) ?? []
    expect(await readFile(file, 'utf8')).toMatch(/^Mine\n/)
    expect(await textOf(place)).toMatchObject({ title: 'Theirs' })
  })

  test.each([
    ['99', 3],
    ['x', 2],
    ['-1', 2],
  ])('of %s ends with %i', async (id, code) => {
    const place = await freshPlace()
    expect((await onTerminal(place, ['edit', id], await editor(place, 'true'))).code).toBe(code)
    expect(await leftOver(place)).toEqual([])
  })

  test('texts go into the file and come back', () => {
    for (const texts of [
      { title: 'A', description: null, spec: null },
      { title: 'A', description: '# Why\n\n- this', spec: null },
      { title: 'A', description: null, spec: 'Multi\n\nline' },
      { title: '<!-- A -->', description: '<!-- b -->', spec: '```\ncode\n```' },
    ]) {
      expect(readTexts(writeTexts(texts))).toEqual(texts)
      expect(readTexts(writeTexts(texts).replaceAll('\n', '\r\n'))).toMatchObject({ title: texts.title })
    }
    const spaced = { title: 'A', description: 'kept  \n\n', spec: null }
    const read = readTexts(writeTexts(spaced))
    expect(changedTexts(spaced, read)).toEqual({ title: 'A' })
    expect(changedTexts(spaced, { ...read, spec: 'new' })).toEqual({ title: 'A', spec: 'new' })
    const twice = writeTexts({ title: 'A', description: '<!-- spec: Markdown -->', spec: 'b' })
    expect(() => readTexts(twice)).toThrow(/once each/)
  })
})
