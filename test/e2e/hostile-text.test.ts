/** Text is data: whatever it holds is stored as it is, and reaches no terminal, shell or statement unescaped. */

import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, freshPlace, type Place, places, sure } from '../helpers/cli.ts'

const escapes = [
  '\u001b]0;owned\u0007\u001b[2J\u001b[31mred',
  '\u009b31m\u0085next\u007f',
  'left \u202etfel\u202c \u2066iso\u2069 \u200f\u061c mark',
  'line one\r\nerror: all is lost\nhint: rm -rf /',
  'tab\tbell\u0007back\b\b\bspace',
  '👩‍🚀 e\u0301 zero\u200bwidth 測試',
]
const statements = [
  `'; DROP TABLE pipeline; --`,
  `" OR 1=1 --`,
  `\\'); DELETE FROM pipeline;`,
  '%_%',
  '$1 ? :id @p',
]
const shells = [
  '$(touch pwned)',
  '`touch pwned`',
  '; touch pwned #',
  '| touch pwned',
  '${IFS}touch${IFS}pwned',
  '../../etc/passwd',
]
const templates = [
  '{{constructor.constructor("x")()}}',
  '<script>alert(1)</script>',
  '%s %d %n',
  '#{7*7}',
  '__proto__',
]
const texts = [...escapes, ...statements, ...shells, ...templates]

// biome-ignore lint/complexity/useRegexLiterals: the characters are easier to see in words
const obeyed = new RegExp(
  '[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]',
)
// biome-ignore lint/complexity/useRegexLiterals: as above
const ours = new RegExp('\\u001b\\[(1|2|22|31|32|33|36|39)m', 'g')

/** @returns where the text has something that a terminal obeys and that is not ours */
function obeyedIn(text: string): string | undefined {
  const found = obeyed.exec(text.replace(ours, ''))
  return found ? JSON.stringify(text.slice(Math.max(0, found.index - 40), found.index + 40)) : undefined
}

/**
 * One item for every text with escapes, in every field that takes one; under the first of them all others.
 * @returns their ids
 */
async function filled(place: Place): Promise<string[]> {
  const pipeline = sure(place)
  const ids: string[] = []
  for (const text of escapes) {
    const ac = JSON.stringify([{ text, verdict: 'failed', evidence: text }])
    const check = JSON.stringify({ type: 'command', command: ['echo', text], frequency: 'daily' })
    await pipeline(['project', 'create', '--', `p ${text}`])
    const made = await pipeline([
      ...[
        'create',
        `--project=p ${text}`,
        `--label=${text}`,
        `--desc=${text}`,
        `--assign=${text}`,
        '--quiet',
      ],
      ...[`--branch=${text}`, `--ac=${ac}`, `--health-check=${check}`, '--type', 'feature', '--', text],
    ])
    const id = made.stdout.trim()
    ids.push(id)
    await pipeline(['block', id, `--reason=${text}`])
    await pipeline(['note', id, '--', text])
    if (id !== ids[0]) await pipeline(['update', id, '--parent', ids[0]!])
    await pipeline(['move', id, 'live', `--note=${text}`])
    await pipeline(['create', '--parent', id, '--', text])
  }
  return ids
}

describe.each(places)('on $engine', ({ freshPlace: place }) => {
  test('every text is stored as it was given, and found again by its own words', async () => {
    const here = await place()
    for (const text of [...texts, '  outer space is trimmed  ']) {
      const made = await sure(here)(['create', `--desc=${text}`, '--json', '--', text])
      const shown = (await sure(here)(['show', String(made.json().id), '--json=title,description'])).json()
      expect(shown).toEqual({ title: text.trim(), description: text })
    }
    const titles = async (...words: string[]) =>
      (await sure(here)(['search', '--json=title', '--', ...words]))
        .json()
        .items.map((item: { title: string }) => item.title)
    expect(await titles('DROP', 'TABLE')).toEqual([statements[0]])
    expect(await titles('touch', 'pwned')).toEqual(shells.slice(0, 5))
    for (const words of ['" OR', 'NEAR(a b)', 'title:x', 'a*', '^a', '-a', 'a AND', "'"]) {
      expect((await cli(here)(['search', '--', words])).code).toBeOneOf([0, 2])
    }
    expect(await readdir(here.cwd)).not.toContain('pwned')
  }, 120_000)
})

test('no command prints what a terminal obeys: not as text, in colour, as JSON, nor on stderr', async () => {
  const place = await freshPlace()
  const ids = await filled(place)
  const reads = [
    ...[
      ['board'],
      ['list', '--all', '--limit', '100'],
      ['list', '--type', 'incident'],
      ['log', '--limit', '1000'],
    ],
    ...[['project', 'list'], ['doctor'], ['search', 'line'], ['show', '1', '--children', '--history']],
    ...ids.flatMap((id) => [
      ['show', id, '--history'],
      ['check', id],
      ['claim', id],
      ['move', id, 'live'],
    ]),
    ...ids.flatMap((id) => [
      ['move', id, 'idea'],
      ['move', id, 'done'],
      ['unblock', id],
      ['release', id],
    ]),
    ...ids.flatMap((id) => [
      ['delete', id],
      ['update', id, '--priority', '1'],
      ['note', id, 'x'],
    ]),
  ]
  const faults: string[] = []
  const look = async (words: string[]): Promise<void> => {
    const { stdout, stderr } = await cli(place)(words)
    for (const [name, text] of Object.entries({ stdout, stderr })) {
      const found = obeyedIn(text)
      if (found) faults.push(`${JSON.stringify(words)} prints on ${name}: ${found}`)
    }
  }
  for (const words of reads)
    await Promise.all([[], ['--color'], ['--json']].map((more) => look([...words, ...more])))
  expect(faults).toEqual([])
}, 300_000)

test('a title cannot look like a second line of ours', async () => {
  const place = await freshPlace()
  const title = 'One\nerror: all is lost\r\n#99 P1 🟢 live  Two'
  for (const words of [
    ['create', title],
    ['move', '1', 'live'],
    ['list', '--all'],
    ['show', '1'],
    ['board'],
    ['claim', '1'],
  ]) {
    const { stdout, stderr } = await sure(place)(words)
    expect(`${stdout}${stderr}`).not.toMatch(/^(error:|#99)/m)
  }
  expect((await sure(place)(['update', '1', '--priority', '1'])).stdout).not.toMatch(/^(error:|#99)/m)
  expect((await sure(place)(['delete', '1', '--yes'])).stdout).not.toMatch(/^(error:|#99)/m)
  expect((await sure(place)(['log'])).stdout).not.toMatch(/^(error:|#99)/m)
})

test('reasons repeat wrong words harmlessly, as text and as JSON', async () => {
  const place = await freshPlace()
  await sure(place)(['create', 'A'])
  await writeFile(join(place.cwd, 'broken.json'), `{"a": ${escapes[0]}`)
  const faults: string[] = []
  for (const text of escapes.slice(0, 4)) {
    for (const words of [
      [text],
      [`--${text}`],
      ['list', `--${text}`],
      ['move', '1', text],
      ['show', text],
      ['list', '--type', text],
      ['list', '--project', text],
      ['list', '--cursor', text],
      ['create', 'B', '--as', text],
      ['create', 'B', '--source', text],
      ['create', 'B', '--db', `no/${text}/x.db`],
      ['create', 'B', '--spec', text],
      ['create', 'B', '--health-check', text],
      ['create', 'B', '--health-check', 'broken.json'],
      ['create', 'B', '--health-check', JSON.stringify({ type: text, [text]: text })],
      ['create', 'B', '--ac', `[{${text}`],
      ['ac', '1', '1', text],
      ['log', '--since', text],
      ['note', '1', 'x', '--type', text],
      ['help', text],
      ['completion', text],
    ]) {
      const [asText, asJson] = await Promise.all([cli(place)(words), cli(place)([...words, '--json'])])
      const found = obeyedIn(asText.stderr) ?? obeyedIn(asJson.stderr) ?? obeyedIn(asText.stdout)
      const line = JSON.stringify(words)
      if (found) faults.push(`${line}: ${found}`)
      if (asText.code === 0) faults.push(`${line} was taken: ${asText.stdout}`)
      if (!/^(made .*\n|there is .*\n)?error: .+\n( {2}- .+\n)*(hint: .+\n)?$/.test(asText.stderr)) {
        faults.push(`${line} said ${JSON.stringify(asText.stderr.slice(0, 300))}`)
      }
    }
  }
  expect(faults).toEqual([])
}, 120_000)

test('what is taken is shown as harmlessly as what is refused', async () => {
  const place = await freshPlace()
  for (const text of escapes) {
    for (const words of [
      ['list', '--db', `${text.replaceAll('/', '')}.db`],
      ['list', `--json=${text}`],
      ['list', '--db', `${text}://x`],
      ['create', 'B', '--as', `human:${text}`],
      ['log'],
    ]) {
      const { stdout, stderr } = await cli(place)(words)
      expect({ words, found: obeyedIn(stdout) ?? obeyedIn(stderr) }).toEqual({ words, found: undefined })
    }
  }
}, 60_000)
