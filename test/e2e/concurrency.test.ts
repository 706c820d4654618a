import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { open, type Pipeline } from '../../src/index.ts'
import { freshPlace, type Place, places, project, sure, urlOf } from '../helpers/cli.ts'
import { atEnd } from '../helpers/engines.ts'

const library = JSON.stringify(join(project, 'dist/index.cjs'))

/** Twenty real processes at once, each of them `body` with `pipeline` and its own number `who`. */
async function crowd(place: Place, body: string, processes = 20): Promise<string[]> {
  const script = `
    const { open } = require(${library})
    const who = Number(process.argv[1])
    open(${JSON.stringify(urlOf(place))}, { actor: 'agent:a' + who }).then(async (pipeline) => {
      ${body}
      await pipeline.close()
    }).catch((error) => { console.error(error.stack); process.exitCode = 1 })`
  const one = (who: number): Promise<string> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, ['-e', script, String(who)], { cwd: place.cwd })
      let said = ''
      child.stdout.on('data', (chunk) => (said += chunk))
      child.stderr.on('data', (chunk) => (said += chunk))
      child.on('close', (code) => resolve(code === 0 ? said : `ended with ${code}: ${said}`))
    })
  return Promise.all(Array.from({ length: processes }, (_, who) => one(who)))
}

const opened = async (place: Place): Promise<Pipeline> => {
  const pipeline = await open(urlOf(place))
  atEnd(() => pipeline.close())
  return pipeline
}

describe.each(places)('twenty processes at once on $engine', ({ freshPlace: fresh }) => {
  test('lose no create, no note and no move, and none is refused', async () => {
    const place = await fresh()
    await sure(place)(['create', 'Everybody writes here'])
    const said = await crowd(
      place,
      `for (let n = 0; n < 10; n += 1) {
        await pipeline.item.create({ title: 'Item ' + who + '-' + n })
        await pipeline.item.note({ id: 1, text: 'Note ' + who + '-' + n })
        await pipeline.item.move({ id: 1, to: (who + n) % 2 ? 'qa' : 'building', note: 'Move ' + who + '-' + n })
      }`,
    )
    expect(said.filter((each) => each !== '')).toEqual([])
    const pipeline = await opened(place)
    const { items } = await pipeline.item.list({ limit: 1000 })
    expect(new Set(items.map((item) => item.title)).size).toBe(201)
    const { entries } = await pipeline.activity.list({ item: 1, limit: 1000 })
    const notes = new Set(entries.map((entry) => entry.note))
    for (let who = 0; who < 20; who += 1) {
      for (let n = 0; n < 10; n += 1) {
        expect(notes).toContain(`Note ${who}-${n}`)
        expect(notes).toContain(`Move ${who}-${n}`)
      }
    }
  })

  test('claim one item, and one of them wins', async () => {
    const place = await fresh()
    await sure(place)(['create', 'Wanted by all'])
    const said = await crowd(
      place,
      `console.log(await pipeline.item.claim({ id: 1 }).then(() => 'mine', (error) => error.kind))`,
    )
    expect(said.sort()).toEqual([...Array(19).fill('conflict\n'), 'mine\n'])
    expect((await (await opened(place)).item.show({ id: 1 })).assignee).toMatch(/^agent:a\d+$/)
  })
})

test('what a killed process had been told is stored, and the file opens clean', async () => {
  const place = await freshPlace()
  const script = `
    const { open } = require(${library})
    open('killed.db', { actor: 'agent:a' }).then(async (pipeline) => {
      for (;;) require('fs').writeSync(1, (await pipeline.item.create({ title: 'One more' })).id + '\\n')
    })`
  const child = spawn(process.execPath, ['-e', script], { cwd: place.cwd })
  let said = ''
  const ended = new Promise((resolve) => child.on('close', resolve))
  child.stdout.on('data', (chunk) => {
    said += chunk
    if (said.split('\n').length > 100) child.kill('SIGKILL')
  })
  await ended
  const told = said.split('\n').slice(0, -1).map(Number)
  expect(told.length).toBeGreaterThanOrEqual(100)
  const pipeline = await open(join(place.cwd, 'killed.db'))
  const { items } = await pipeline.item.list({ sort: '-id', limit: 1 })
  expect(items[0]!.id).toBeGreaterThanOrEqual(told.at(-1)!)
  expect((await pipeline.doctor()).healthy).toBe(true)
  await pipeline.close()
})
