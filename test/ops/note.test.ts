import { describe, expect, test } from 'vitest'
import { noteTypes } from '../../src/domain/item.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf, minute } from '../helpers/environment.ts'

describe.each(engines)('note on $engine', ({ freshDatabase }) => {
  const fresh = async () => {
    const env = environmentOf(await freshDatabase())
    await env.ask('item.create', { title: 'x' })
    return env
  }

  test('is kept with who, when and what kind, and leaves the version alone', async () => {
    const env = await fresh()
    env.tick(minute)
    const agent = env.as('agent:builder-1', { source: 'subagent' })
    const answer = await agent.ask('item.note', { id: 1, text: '  why\n\nand how ', type: 'decision' })
    const note = {
      itemId: 1,
      at: env.now(),
      actor: 'agent:builder-1',
      source: 'subagent',
      action: 'noted',
      note: 'why\n\nand how',
      noteType: 'decision',
    }
    expect(answer).toMatchObject({ id: 1, version: 1, note })
    const shown = await env.ask('item.show', { id: 1 })
    expect(shown.notes).toEqual([answer.note])
    expect(shown).toMatchObject({ version: 1, moreNotes: false })
    expect((await env.ask('activity.list', { item: 1, limit: 1 })).entries).toEqual([answer.note])
  })

  test('is progress unless said otherwise', async () => {
    const env = await fresh()
    expect((await env.ask('item.note', { id: 1, text: 'x' })).note.noteType).toBe('progress')
    for (const type of noteTypes) {
      expect((await env.ask('item.note', { id: 1, text: 'x', type })).note.noteType).toBe(type)
    }
  })

  test('the last five are shown, newest first, and that there are more', async () => {
    const env = await fresh()
    for (let n = 1; n <= 7; n++) await env.ask('item.note', { id: 1, text: `n${n}` })
    const { notes, moreNotes } = await env.ask('item.show', { id: 1 })
    expect(notes.map((each) => each.note)).toEqual(['n7', 'n6', 'n5', 'n4', 'n3'])
    expect(moreNotes).toBe(true)
  })

  test.each([
    ['nothing', { id: 1, text: '' }, 'invalid'],
    ['spaces', { id: 1, text: ' \n ' }, 'invalid'],
    ['NUL', { id: 1, text: 'a\0' }, 'invalid'],
    ['a million and one', { id: 1, text: 'x'.repeat(1_000_001) }, 'invalid'],
    ['an unknown kind', { id: 1, text: 'x', type: 'rant' }, 'invalid'],
    ['an item that is not there', { id: 9, text: 'x' }, 'not-found'],
  ])('%s is refused', async (_, input, kind) => {
    const env = await fresh()
    await expect(env.ask('item.note', input as { id: number; text: string })).rejects.toMatchObject({ kind })
    expect((await env.ask('item.show', { id: 1 })).notes).toEqual([])
  })

  test('a long one is kept whole, and its words are found', async () => {
    const env = await fresh()
    const text = Array.from({ length: 60_000 }, (_, n) => `word${n}`).join(' ')
    await env.ask('item.note', { id: 1, text })
    expect((await env.ask('item.show', { id: 1 })).notes[0]?.note).toBe(text)
    expect((await env.ask('item.search', { words: 'word99' })).items).toHaveLength(1)
  })
})
