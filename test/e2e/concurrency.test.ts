/** Many processes at once: none is refused, nothing acknowledged is lost, and of many who want one thing one gets it. */

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, type Place, places, type Ran, run, sure, urlOf } from '../helpers/cli.ts'

const writers = 20
const rounds = 10
const names = Array.from({ length: writers }, (_, index) => `w${index}`)
const script = join(import.meta.dirname, 'fixtures/writer.cjs')

const writer = (place: Place, name: string, times: number): string[] => [
  ...[process.execPath, script, urlOf(place), name, String(times)],
]

/** What a writer was told is stored: numbers by word. */
function acknowledged(stdout: string): Record<'created' | 'noted' | 'moved', number[]> {
  const said = { created: [], noted: [], moved: [] } as Record<'created' | 'noted' | 'moved', number[]>
  for (const [, word, number] of stdout.matchAll(/^(created|noted|moved) (\d+)\n/gm)) {
    said[word as keyof typeof said].push(Number(number))
  }
  return said
}

interface Entry {
  id: number
  action: string
  note: string | null
}

async function pages<T>(place: Place, words: string[], list: 'items' | 'entries'): Promise<T[]> {
  const all: T[] = []
  let cursor: string | null = null
  do {
    const more: string[] = cursor === null ? [] : ['--cursor', cursor]
    const page = (await sure(place)([...words, '--limit', '1000', '--json', ...more])).json()
    all.push(...page[list])
    cursor = page.nextCursor
  } while (cursor !== null)
  return all
}

const numbers = (list: number[]): number[] => list.toSorted((a, b) => a - b)
const failed = (all: Ran[]) => all.filter(({ code, stderr }) => code !== 0 || stderr !== '')

describe.each(places)('on $engine', ({ freshPlace }) => {
  test('20 processes with 10 creates, 10 notes and 10 moves each: none is refused, nothing is lost', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'Everybody works on this one'])
    const all = await Promise.all(names.map((name) => run(place, writer(place, name, rounds))))
    expect(failed(all)).toEqual([])
    const said = all.map(({ stdout }) => acknowledged(stdout))

    const items = await pages<{ id: number }>(place, ['list', '--all'], 'items')
    expect(items).toHaveLength(1 + writers * rounds)
    expect(numbers(items.map((item) => item.id))).toEqual(
      numbers([1, ...said.flatMap((each) => each.created)]),
    )

    const entries = await pages<Entry>(place, ['log', '--item', '1'], 'entries')
    const notes = entries.filter((entry) => entry.action === 'noted')
    expect(numbers(notes.map((note) => note.id))).toEqual(numbers(said.flatMap((each) => each.noted)))
    expect(new Set(notes.map((note) => note.note)).size).toBe(writers * rounds)

    // Every move that changed something made the next version, and left one entry.
    const versions = numbers(said.flatMap((each) => each.moved).filter((version) => version > 0))
    expect(versions.length).toBeGreaterThan(writers)
    expect(versions).toEqual(versions.map((_, index) => index + 2))
    expect(entries.filter((entry) => entry.action === 'moved')).toHaveLength(versions.length)
    const { version } = (await sure(place)(['show', '1', '--json=version'])).json()
    expect(version).toBe(versions.at(-1) ?? 1)
    expect(await cli(place)(['doctor'])).toMatchObject({ code: 0 })
  }, 120_000)

  test('20 first commands at once make one pipeline, and all of them are in it', async () => {
    const place = await freshPlace()
    const all = await Promise.all(names.map((name) => cli(place)(['create', name, '-q'])))
    expect(failed(all)).toEqual([])
    expect(numbers(all.map(({ stdout }) => Number(stdout)))).toEqual(names.map((_, index) => index + 1))
    const { items } = (await sure(place)(['list', '--json=title'])).json()
    expect(items.map((item: { title: string }) => item.title).sort()).toEqual(names.toSorted())
  }, 60_000)

  test('of 20 processes that claim one item, one wins and the others are told whose it is', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'Wanted'])
    const all = await Promise.all(names.map((name) => cli(place)(['claim', '1', '--as', `agent:${name}`])))
    const winners = names.filter((_, index) => all[index]!.code === 0)
    expect(winners).toHaveLength(1)
    for (const ran of all.filter(({ code }) => code !== 0)) {
      expect(ran).toMatchObject({
        code: 6,
        stderr: expect.stringContaining(`is agent:${winners[0]}'s already`),
      })
    }
    expect((await sure(place)(['show', '1', '--json=assignee,version'])).json()).toEqual({
      ...{ assignee: `agent:${winners[0]}`, version: 2 },
    })
    const { entries } = (await sure(place)(['log', '--item', '1', '--json'])).json()
    expect(entries.filter((entry: Entry) => entry.action === 'claimed')).toHaveLength(1)
  }, 60_000)

  test.each([5, 50, 150])(
    'after a SIGKILL at line %i everything acknowledged is there',
    async (lines) => {
      const place = await freshPlace()
      await sure(place)(['create', 'Everybody works on this one'])
      // Killed by its reader, with writes under way.
      const kill = `exec 3< <(exec "$@"); pid=$!; for i in $(seq ${lines}); do read -u 3 line; echo "$line"; done; kill -KILL $pid; cat <&3`
      const killed = await run(place, ['bash', '-c', kill, 'bash', ...writer(place, 'doomed', 1_000_000)])
      const said = acknowledged(killed.stdout)
      const count = said.created.length + said.noted.length + said.moved.length
      expect(count).toBeGreaterThanOrEqual(lines)
      expect(await cli(place)(['doctor'])).toMatchObject({ code: 0 })
      const items = await pages<{ id: number }>(place, ['list', '--all'], 'items')
      expect(items.map((item) => item.id)).toEqual(expect.arrayContaining(said.created))
      const entries = await pages<Entry>(place, ['log', '--item', '1'], 'entries')
      expect(entries.map((entry) => entry.id)).toEqual(expect.arrayContaining(said.noted))
      const { version } = (await sure(place)(['show', '1', '--json=version'])).json()
      expect(version).toBeGreaterThanOrEqual(Math.max(1, ...said.moved))
      expect(entries.filter((entry) => entry.action === 'moved')).toHaveLength(version - 1)
      await sure(place)(['create', 'It goes on'])
    },
    60_000,
  )
})
