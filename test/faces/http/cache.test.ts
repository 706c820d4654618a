/** Answers that are kept: never an old one, never too many. */

import { expect, test } from 'vitest'
import type { KeptAnswer } from '../../../src/faces/http/answer.ts'
import { AnswerCache } from '../../../src/faces/http/cache.ts'
import { stamps } from '../../../src/faces/http/routes.ts'
import type { Database } from '../../../src/store/database.ts'
import { engines } from '../../helpers/engines.ts'
import { serve } from './client.ts'

const answer = (bytes: number): KeptAnswer => ({
  tag: '"t"',
  body: '',
  bytes,
  headers: [],
  common: {},
  type: 'text/plain',
  shorter: undefined,
})

test('an answer is kept for its stamp alone', () => {
  const cache = new AnswerCache()
  cache.set('/a', '1', answer(10))
  expect(cache.get('/a', '1')).toBeDefined()
  expect(cache.get('/a', '2')).toBeUndefined()
  expect(cache.get('/b', '1')).toBeUndefined()
})

test('the bytes are bounded, and the least recently used goes first', () => {
  const cache = new AnswerCache(100_000)
  for (let n = 0; n < 1000; n += 1) {
    cache.set(`/${n}`, '1', answer(1_000))
    cache.get('/0', '1')
    expect(cache.bytes).toBeLessThanOrEqual(100_000)
  }
  expect(cache.get('/0', '1')).toBeDefined()
  expect(cache.get('/1', '1')).toBeUndefined()
  expect(cache.get('/999', '1')).toBeDefined()
})

test('an answer that would push out many others is not kept, and an old one under its name is gone', () => {
  const cache = new AnswerCache(100_000)
  cache.set('/a', '1', answer(10))
  cache.set('/a', '1', answer(50_000))
  expect(cache.get('/a', '1')).toBeUndefined()
  expect(cache.bytes).toBe(0)
})

test('the database is asked once for the requests of one turn, and again in the next', async () => {
  let asked = 0
  const stamp = stamps({
    stamp: () => {
      asked += 1
      return String(asked)
    },
  })
  expect([stamp(), stamp()]).toEqual(['1', '1'])
  await new Promise((resolve) => setImmediate(resolve))
  expect([stamp(), stamp()]).toEqual(['2', '2'])
})

test('the same question twice reads the database once, until something is written', async () => {
  const [{ freshDatabase }] = engines as [(typeof engines)[0]]
  const database = await freshDatabase()
  let reads = 0
  const counted = new Proxy(database, {
    get(target, key) {
      const value = Reflect.get(target, key)
      if (key === 'read') reads += 1
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const { ask } = await serve(counted)
  await ask('POST', '/items', { body: { title: 'one' } })
  for (const path of ['/items/1', '/items', '/board', '/board?cards=true']) {
    const before = reads
    const first = await ask('GET', path)
    expect((await ask('GET', path)).text).toBe(first.text)
    expect(reads - before).toBe(1)
    await ask('POST', '/items/1/notes', { body: { text: path } })
    await ask('GET', path)
    expect(reads - before).toBe(2)
  }
  // The log depends on the clock.
  const before = reads
  await ask('GET', '/activity?since=1h')
  await ask('GET', '/activity?since=1h')
  expect(reads - before).toBe(2)
})

test('an answer that was overtaken while it was looked up is not kept', async () => {
  const [{ freshDatabase }] = engines as [(typeof engines)[0]]
  const database = await freshDatabase()
  const other = await serve(database)
  await other.ask('POST', '/items', { body: { title: 'old' } })
  let overtake = true
  const slow: Database = Object.assign(Object.create(database), {
    stamp: () => database.stamp(),
    read: async (work: Parameters<Database['read']>[0]) => {
      const found = await database.read(work)
      if (overtake) await other.ask('PATCH', '/items/1', { body: { title: 'new' } })
      overtake = false
      return found
    },
  })
  const { ask } = await serve(slow)
  expect((await ask('GET', '/items/1')).json.data.title).toBe('old')
  expect((await ask('GET', '/items/1')).json.data.title).toBe('new')
})
