import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type Output, open, type Pipeline, TrackerError } from '../../src/index.ts'
import { operations } from '../../src/ops/index.ts'
import { freshPlace, type Place, places, project } from '../helpers/cli.ts'
import { atEnd, engines } from '../helpers/engines.ts'

const run = promisify(execFile)

/** A program of somebody who uses the library, in a folder of its own. */
const program = async ({ cwd, env }: Place, args: string[]): Promise<string> =>
  (await run(process.execPath, args, { cwd, env: env as NodeJS.ProcessEnv, timeout: 30_000 })).stdout

const required = `require(${JSON.stringify(join(project, 'lib/db.js'))})`

describe.each(engines)("the library on '$engine'", ({ freshUrl }) => {
  const opened = async (): Promise<Pipeline> => {
    const pipeline = await open(await freshUrl(), {
      actor: 'agent:builder-1',
      now: () => Date.UTC(2026, 1, 5),
    })
    atEnd(() => pipeline.close())
    return pipeline
  }

  test('an item is made, moved and found by typed functions', async () => {
    const pipeline = await opened()
    const feature: Output<'item.create'> = await pipeline.item.create({ title: 'Feature' })
    const child = await pipeline.item.create({ title: 'Part', parent: feature.id })
    const { data, warnings } = await pipeline.call('item.move', { id: child.id, to: 'qa' })
    expect(data.stage).toBe('qa')
    expect(warnings).toEqual([`#${child.id} skipped building; it stays on record`])
    const { items } = await pipeline.item.list({ parent: feature.id })
    expect(items.map((item) => item.title)).toEqual(['Part'])
    expect(data.updatedAt).toBe('2026-02-05T00:00:00.000Z')
    const { entries } = await pipeline.activity.list({ item: child.id })
    expect(entries.map((entry) => entry.actor)).toEqual(['agent:builder-1', 'agent:builder-1'])
  })

  test('every operation stands under its noun and verb', async () => {
    const pipeline = await opened()
    for (const name of Object.keys(operations)) {
      const path = name.split('.').map((part) => part.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()))
      // biome-ignore lint/suspicious/noExplicitAny: walked by name
      const found = path.reduce((at: any, part) => at[part], pipeline)
      expect(found, name).toBeTypeOf('function')
    }
  })

  test('a refusal is a TrackerError with its kind and a way on', async () => {
    const pipeline = await opened()
    const refused = await pipeline.item.show({ id: 9 }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(TrackerError)
    expect(refused).toMatchObject({ kind: 'not-found', hint: expect.stringContaining('pipeline list') })
  })
})

describe('the library as others load it', () => {
  test('require gives the functions, which return items and keep no process alive', async () => {
    const place = await freshPlace()
    const script = `
      const { createPipeline, getChildItems } = ${required}
      createPipeline({ title: 'Parent' })
        .then((parent) => createPipeline({ title: 'Child', parentId: parent.id }).then(() => getChildItems(parent.id)))
        .then((children) => console.log(JSON.stringify(children.map(({ title, type }) => [title, type]))))`
    expect(await program(place, ['-e', script])).toBe('[["Child","task"]]\n')
  })

  test('default and named imports are the same', async () => {
    const lib = JSON.stringify(join(project, 'lib/db.js'))
    const script = `
      import db, { createPipeline, getChildItems, open } from ${lib}
      console.log([db.createPipeline === createPipeline, db.getChildItems === getChildItems, db.open === open].join())`
    expect(await program(await freshPlace(), ['--input-type=module', '-e', script])).toBe('true,true,true\n')
  })

  test('nothing is opened or made before the first call', async () => {
    const place = await freshPlace()
    expect(
      await program(place, ['-e', `${required}; console.log(require('fs').readdirSync('.').length)`]),
    ).toBe('0\n')
  })

  test('parentId null is no parent; a missing parent is refused', async () => {
    const script = `
      const { createPipeline } = ${required}
      createPipeline({ title: 'Alone', parentId: null })
        .then((item) => console.log(item.parentId))
        .then(() => createPipeline({ title: 'Lost', parentId: 99 }))
        .catch((error) => console.log(error.kind))`
    expect(await program(await freshPlace(), ['-e', script])).toBe('null\nnot-found\n')
  })

  test.each(['0', '-1', '1.5', '"1"'])('parentId %s is refused, not taken for none', async (parentId) => {
    const script = `${required}.createPipeline({ title: 'A', parentId: ${parentId} }).catch((error) => console.log(error.kind))`
    expect(await program(await freshPlace(), ['-e', script])).toBe('invalid\n')
  })

  test('asking for children makes no pipeline, and does not stand in the way of who makes one', async () => {
    const script = `
      const { createPipeline, getChildItems } = ${required}
      const asked = getChildItems(1).catch((error) => error.kind)
      asked.then((kind) => console.log(kind, require('fs').readdirSync('.').length))
        .then(() => Promise.allSettled([getChildItems(1), createPipeline({ title: 'A' })]))
        .then((both) => console.log(both.map(({ status }) => status).join()))`
    expect(await program(await freshPlace(), ['-e', script])).toBe('not-found 0\nrejected,fulfilled\n')
  })

  test.each(places)('a process ends by itself with $engine open', async ({ freshPlace: fresh }) => {
    const script = `${required}.createPipeline({ title: 'A' }).then(({ id }) => console.log(id))`
    expect(await program(await fresh(), ['-e', script])).toBe('1\n')
  })
})

test('what open() and call() can not take is refused as invalid', async () => {
  for (const url of ['', undefined, 5, {}])
    await expect(open(url as string)).rejects.toMatchObject({ kind: 'invalid' })
  const actor = 'nobody'
  await expect(open(':memory:', { actor })).rejects.toMatchObject({ kind: 'invalid' })
  const pipeline = await open(':memory:')
  for (const name of ['item.make', '__proto__', 'constructor']) {
    await expect(pipeline.call(name as 'item.show', { id: 1 })).rejects.toMatchObject({ kind: 'invalid' })
  }
  await pipeline.close()
  await expect(pipeline.item.list({})).rejects.toThrow(/closed/)
})

test('the types take what is right and refuse what is wrong', async () => {
  const strict =
    '--ignoreConfig --noEmit --strict --module nodenext --target es2023 --allowImportingTsExtensions --skipLibCheck'
  const tsc = join(project, 'node_modules/typescript/bin/tsc')
  const args = [tsc, ...strict.split(' '), '--types', 'node', join(import.meta.dirname, 'types.ts')]
  const { stdout } = await run(process.execPath, args, { cwd: project }).catch((error) => error)
  expect(stdout).toBe('')
})

describe('the examples', () => {
  test('the library example runs, and two of its tasks move on', async () => {
    const said = await program(await freshPlace(), [join(project, 'examples/library.mjs'), 'example.db'])
    expect(said).toContain('Invoice extractor: 1 of 3 finished')
    expect(said).toContain('#3 Read totals: qa')
  })

  test('the shell example ships, breaks and mends a feature', async () => {
    const { cwd, env } = await freshPlace()
    const { stdout } = await run(join(project, 'examples/ship.sh'), [join(cwd, 'ship.db')], {
      cwd,
      env: env as NodeJS.ProcessEnv,
    })
    for (const line of ['done → live', 'opened incident #2', 'check ended with 7', 'resolved incident #2']) {
      expect(stdout).toContain(line)
    }
  })
})
