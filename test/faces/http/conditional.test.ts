/** Entity tags: 304 for what is known, 412 for what has moved on. */

import { describe, expect, test } from 'vitest'
import { isKnown, versionWanted } from '../../../src/faces/http/conditional.ts'
import { engines } from '../../helpers/engines.ts'
import { serve } from './client.ts'

describe.each(engines)('conditional requests on $engine', ({ freshDatabase }) => {
  test('an answer that is known is not sent again, until anything in it changes', async () => {
    const { ask } = await serve(await freshDatabase())
    await ask('POST', '/items', { body: { title: 'one' } })
    const etag = (await ask('GET', '/items/1')).headers.etag!
    expect(etag).toMatch(/^"v1-[\w-]+"$/)
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await ask('GET', '/items/1', { headers: { 'if-none-match': known } })
      expect(again).toMatchObject({ status: 304, text: '', headers: { etag } })
    }
    expect((await ask('GET', '/items/1', { headers: { 'if-none-match': '"v1"' } })).status).toBe(200)
    // A note does not raise the version, and is part of the answer.
    await ask('POST', '/items/1/notes', { body: { text: 'hello' } })
    const noted = await ask('GET', '/items/1', { headers: { 'if-none-match': etag } })
    expect(noted).toMatchObject({ status: 200, json: { data: { version: 1 } } })
    expect(noted.headers.etag).not.toBe(etag)
  })

  test.each(['/items', '/board', '/activity', '/projects', '/doctor', '/openapi.json'])(
    '%s has a weak tag',
    async (path) => {
      const { ask } = await serve(await freshDatabase())
      const etag = (await ask('GET', path)).headers.etag!
      expect(etag).toMatch(/^W\/"[\w-]+"$/)
      expect(await ask('GET', path, { headers: { 'if-none-match': etag } })).toMatchObject({
        status: 304,
        text: '',
      })
      expect((await ask('GET', path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    },
  )

  test('a change goes through at the version asked for, and at no other', async () => {
    const { ask } = await serve(await freshDatabase())
    await ask('POST', '/items', { body: { title: 'one' } })
    const { etag = '' } = (await ask('GET', '/items/1')).headers
    const change = (ifMatch: string, body: object = { priority: 1 }) =>
      ask('PATCH', '/items/1', { body, headers: { 'if-match': ifMatch } })
    expect(await change(etag, { title: 'two' })).toMatchObject({ status: 200, headers: { etag: '"v2"' } })
    const stale = await change(etag, { title: 'three' })
    expect(stale).toMatchObject({
      status: 412,
      json: { status: 412, code: 'conflict', instance: '/api/v1/items/1' },
    })
    expect(stale.json.type).toBe('urn:throughline:problem:precondition-failed')
    expect((await ask('GET', '/items/1')).json.data.title).toBe('two')
    expect((await change('"v2"')).status).toBe(200)
    expect((await change('"3"', { title: 'four' })).status).toBe(200)
    expect((await change('*', { title: 'five' })).status).toBe(200)
    expect((await ask('DELETE', '/items/1', { headers: { 'if-match': '"v1"' } })).status).toBe(412)
    expect((await ask('DELETE', '/items/1', { headers: { 'if-match': '"v5"' } })).status).toBe(200)
  })

  test('a version in the body that has passed is a conflict, and two versions are invalid', async () => {
    const { ask } = await serve(await freshDatabase())
    await ask('POST', '/items', { body: { title: 'one' } })
    expect((await ask('PATCH', '/items/1', { body: { title: 'x', ifMatch: 7 } })).status).toBe(409)
    const both = { body: { title: 'x', ifMatch: 7 }, headers: { 'if-match': '"v1"' } }
    expect((await ask('PATCH', '/items/1', both)).status).toBe(400)
  })

  test('a conflict that is not about the version stays one, also with If-Match', async () => {
    const { ask } = await serve(await freshDatabase())
    await ask('POST', '/items', { body: { title: 'one', assignee: 'agent:a' } })
    const claim = await ask('POST', '/items/1/claim', { headers: { 'if-match': '"v1"' } })
    expect(claim).toMatchObject({ status: 409, json: { code: 'conflict' } })
  })

  test('an If-Match that means nothing is refused, not ignored', async () => {
    const { ask } = await serve(await freshDatabase())
    await ask('POST', '/items', { body: { title: 'one' } })
    for (const wrong of ['W/"v1"', '"v1", "v2"', '"abc"', '"v0"', '-1', '1e3']) {
      const refused = await ask('PATCH', '/items/1', { body: { title: 'x' }, headers: { 'if-match': wrong } })
      expect(refused, wrong).toMatchObject({ status: 400, json: { code: 'invalid' } })
    }
    const note = await ask('POST', '/items/1/notes', { body: { text: 'x' }, headers: { 'if-match': '"v1"' } })
    expect(note).toMatchObject({ status: 400 })
  })
})

test.each([
  ['"v3"', 3],
  ['"v3-aB_-9"', 3],
  ['"12"', 12],
  [' 4 ', 4],
  ['*', undefined],
])('If-Match %s asks for version %s', (header, version) => {
  expect(versionWanted(header)).toBe(version)
})

test('If-None-Match compares weakly, and whole tags', () => {
  expect(isKnown(undefined, '"a"')).toBe(false)
  expect(isKnown('W/"a"', '"a"')).toBe(true)
  expect(isKnown('"ab"', '"a"')).toBe(false)
})
