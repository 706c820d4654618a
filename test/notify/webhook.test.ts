/** Webhooks against a real receiver. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { maxTries, type NotificationEvent, retryAtMs } from '../../src/domain/notification.ts'
import { callDeadman, send } from '../../src/notify/index.ts'
import { selfSigned } from '../probes/certificate.ts'
import { closeServers, serveRaw, serveTls, waitUntilUnused } from '../probes/server.ts'
import { channelOf, doorOf, event, nowMs, type Received, receiver } from './door.ts'

afterEach(closeServers)

const hook = (url: string, fields = {}) => channelOf({ type: 'webhook', url, ...fields })
const answering = (status: number, headers = {}, body = '') =>
  receiver((response) => response.writeHead(status, headers).end(body))

/**
 * Verification as the specification of Standard Webhooks describes it for a receiver, written down from that text:
 * the base64 after `whsec_` is the key, the content is id, timestamp and body with dots between.
 */
function isGenuine({ headers, body }: Received, key: Buffer): boolean {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const expected = createHmac('sha256', key).update(content, 'utf8').digest()
  return String(headers['webhook-signature'])
    .split(' ')
    .some((each) => {
      const [version, signature = ''] = each.split(',')
      const given = Buffer.from(signature, 'base64')
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
    })
}

describe('what a webhook sends', () => {
  test('is a CloudEvent in structured mode', async () => {
    const { origin, received } = await answering(204)
    expect(await send(hook(`${origin}/in?a=b`), event, doorOf())).toEqual({ outcome: 'sent' })
    const [{ method, path, headers, body }] = received as [Received]
    expect([method, path]).toEqual(['POST', '/in?a=b'])
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=UTF-8')
    expect(headers['webhook-id']).toBe(event.id)
    expect(headers['webhook-timestamp']).toBe('1770277576')
    expect(headers['webhook-signature']).toBeUndefined()
    expect(JSON.parse(body)).toEqual({
      specversion: '1.0',
      id: event.id,
      source: '/throughline',
      type: 'dev.throughline.incident.opened',
      time: event.at,
      subject: 'items/25',
      datacontenttype: 'application/json',
      data: event,
    })
  })

  test('without an item is about the incident, or about nothing', async () => {
    const { origin, received } = await answering(200)
    const channel = hook(origin, { source: 'urn:shop' })
    await send(channel, { ...event, kind: 'storm.opened', item: null }, doorOf())
    await send(channel, { ...event, kind: 'test', item: null, incident: null }, doorOf())
    const [storm, test] = received.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    expect(storm).toMatchObject({
      subject: 'items/31',
      source: 'urn:shop',
      type: 'dev.throughline.storm.opened',
    })
    expect(test).not.toHaveProperty('subject')
  })

  test.each([
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')],
    ['just any text ü', Buffer.from('just any text ü')],
  ])('is signed with the secret %s as Standard Webhooks say', async (secret, key) => {
    const { origin, received } = await answering(200)
    const text = { ...event, summary: 'ümläut — "quoted" 😀' }
    await send(hook(origin, { secret: '${env:HOOK}' }), text, doorOf({ env: { HOOK: secret } }))
    expect(isGenuine(received[0]!, key)).toBe(true)
    expect(isGenuine({ ...received[0]!, body: `${received[0]!.body} ` }, key)).toBe(false)
    expect(isGenuine(received[0]!, Buffer.from('another'))).toBe(false)
  })

  test('has the headers of the channel, with their variables filled in', async () => {
    const { origin, received } = await answering(200)
    const headers = { Authorization: 'Bearer ${env:TOKEN}', 'X-Team': 'ops', 'User-Agent': 'mine' }
    await send(hook(origin, { headers }), event, doorOf({ env: { TOKEN: 't0k3n' } }))
    expect(received[0]!.headers).toMatchObject({
      authorization: 'Bearer t0k3n',
      'x-team': 'ops',
      'user-agent': 'mine',
    })
  })

  test('is harmless, whatever an item is called', async () => {
    const { origin, received } = await answering(200)
    const title = '\u001b[2Jevil\u202e\ud800\r\nX: y'
    const hostile: NotificationEvent = { ...event, item: { id: 1, title }, detail: 'x'.repeat(1_000_000) }
    expect(await send(hook(origin), hostile, doorOf())).toEqual({ outcome: 'sent' })
    const { data } = JSON.parse(received[0]!.body) as { data: NotificationEvent }
    expect(data.item!.title).toBe('evil�� X: y')
    expect(data.detail).toHaveLength(4096)
  })
})

describe('what a receiver answers', () => {
  test('500 five times, then 200: the sixth try brings it through, and all tries are one message', async () => {
    const { origin, received } = await receiver((response, count) => {
      response.writeHead(count <= 5 ? 500 : 200).end()
    })
    let atMs = nowMs
    let tries = 0
    for (let delivered = false; !delivered; ) {
      const delivery = await send(hook(origin), event, doorOf({ nowMs: () => atMs }))
      tries++
      delivered = delivery.outcome === 'sent'
      if (delivered) break
      expect(delivery).toEqual({ outcome: 'retry', reason: 'answered 500' })
      const next = retryAtMs(tries, atMs)
      expect(next).not.toBeNull()
      atMs = next!
    }
    expect(tries).toBe(6)
    expect(tries).toBeLessThan(maxTries)
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(6)
  })

  test('410 disables the channel', async () => {
    const { origin } = await answering(410, {}, 'no more, please')
    expect(await send(hook(origin), event, doorOf())).toEqual({
      outcome: 'gone',
      reason: 'answered 410: no more, please',
    })
  })

  test('a redirect is not followed', async () => {
    const { origin: elsewhere, received } = await answering(200)
    const { origin } = await answering(307, { location: elsewhere })
    expect(await send(hook(origin), event, doorOf())).toEqual({ outcome: 'retry', reason: 'answered 307' })
    expect(received).toEqual([])
  })

  test.each([
    ['120', nowMs + 120_000],
    ['Thu, 05 Feb 2026 08:00:00 GMT', Date.parse('2026-02-05T08:00:00Z')],
    ['99999999', nowMs + 86_400_000],
    ['9'.repeat(400), nowMs + 86_400_000],
    ['Thu, 05 Feb 2015 08:00:00 GMT', undefined],
    ['0', undefined],
    ['soon', undefined],
  ])('503 with Retry-After %s is not tried again before %s', async (header, notBeforeMs) => {
    const { origin } = await answering(503, { 'retry-after': header })
    expect(await send(hook(origin), event, doorOf())).toEqual({
      outcome: 'retry',
      reason: 'answered 503',
      ...(notBeforeMs !== undefined && { notBeforeMs }),
    })
  })

  test('a long or hostile body is cut to one harmless line', async () => {
    const { origin } = await answering(400, {}, `\u001b[31mbad\r\nrequest ${'x'.repeat(5_000_000)}`)
    const delivery = await send(hook(origin), event, doorOf())
    expect(delivery).toMatchObject({ reason: expect.stringMatching(/^answered 400: bad request x+…$/) })
    expect((delivery as { reason: string }).reason.length).toBe(300)
  })
})

describe('a receiver that does not answer', () => {
  test('in time is tried again, and the connection is not left open', async () => {
    const { origin, server } = await receiver(() => {})
    expect(await send(hook(origin), event, doorOf({ timeoutMs: 150 }))).toEqual({
      outcome: 'retry',
      reason: 'no answer within 0.2 s',
    })
    await waitUntilUnused(server)
  })

  test('not even to the greeting of TLS leaves no connection open either', async () => {
    const { origin, server } = await serveRaw((socket) => socket.resume())
    const delivery = await send(hook(origin.replace('http:', 'https:')), event, doorOf({ timeoutMs: 150 }))
    expect(delivery).toEqual({ outcome: 'retry', reason: 'no answer within 0.2 s' })
    await waitUntilUnused(server)
  })

  test('to the end is told by what it had said', async () => {
    const { origin, server } = await receiver((response) => response.writeHead(500).write('half'))
    expect(await send(hook(origin), event, doorOf({ timeoutMs: 300 }))).toEqual({
      outcome: 'retry',
      reason: 'answered 500: half',
    })
    await waitUntilUnused(server)
  })

  test('since the worker stops is tried again', async () => {
    const stop = new AbortController()
    const { origin } = await receiver(() => stop.abort())
    const stopped = { outcome: 'retry', reason: 'the worker stopped before it was sent' }
    expect(await send(hook(origin), event, doorOf({ signal: stop.signal }))).toEqual(stopped)
    expect(await send(hook(origin), event, doorOf({ signal: stop.signal }))).toEqual(stopped)
  })

  test('since it hangs up, or is not there, is tried again', async () => {
    const { origin, server } = await serveRaw((socket) => socket.destroy())
    expect(await send(hook(origin), event, doorOf())).toMatchObject({
      outcome: 'retry',
      reason: expect.stringMatching(/^connection /),
    })
    await new Promise((resolve) => server.close(resolve))
    expect(await send(hook(origin), event, doorOf())).toEqual({
      outcome: 'retry',
      reason: 'connection refused',
    })
  })

  test('in HTTP is told so, without what it said', async () => {
    const { origin } = await serveRaw((socket) => socket.end('220 hunter2 ESMTP\r\n'))
    expect(await send(hook(origin), event, doorOf())).toEqual({
      outcome: 'retry',
      reason: 'it does not speak HTTP',
    })
  })

  test('with a certificate that can be trusted gets nothing', async () => {
    const certificate = selfSigned('localhost', 10)
    const origin = await serveTls(certificate)
    expect(await send(hook(origin), event, doorOf())).toEqual({
      outcome: 'retry',
      reason: 'its certificate is self-signed',
    })
    expect(await send(hook(origin), event, doorOf({ ca: certificate.cert }))).toEqual({ outcome: 'sent' })
  })
})

const keyOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`
const tooShort =
  'its secret must be a key of 24 to 64 bytes, as Standard Webhooks ask: whsec_ and what openssl rand -base64 32 prints'

test.each([24, 64])('a key of %i bytes is one that Standard Webhooks know', async (bytes) => {
  const { origin, received } = await answering(200)
  const env = { HOOK: keyOf(bytes) }
  expect(await send(hook(origin, { secret: '${env:HOOK}' }), event, doorOf({ env }))).toEqual({
    outcome: 'sent',
  })
  expect(isGenuine(received[0]!, Buffer.alloc(bytes, 7))).toBe(true)
})

describe('secrets', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

  test.each([{}, { HOOK: '' }, { HOOK: undefined }])(
    'a variable that is missing is named: %j',
    async (env) => {
      const { origin, received } = await answering(200)
      expect(await send(hook(origin, { secret: '${env:HOOK}' }), event, doorOf({ env }))).toEqual({
        outcome: 'retry',
        reason: 'the variable HOOK is not set where the worker runs',
      })
      expect(received).toEqual([])
    },
  )

  test('a name of the prototype is no variable', async () => {
    const delivery = await send(hook('https://x/${env:toString}'), event, doorOf())
    expect(delivery).toMatchObject({ reason: 'the variable toString is not set where the worker runs' })
  })

  test('do not come back in what a receiver repeats', async () => {
    const env = { HOOK: secret, TOKEN: 'tok/en+1234', KEY: '${env:TOKEN}' }
    const channel = (origin: string) =>
      hook(`${origin}/\${env:TOKEN}/in`, {
        secret: '${env:HOOK}',
        headers: { Authorization: 'Bearer ${env:TOKEN}', 'X-Key': '${env:KEY}' },
      })
    const echoes = [
      secret,
      secret.slice(6),
      env.TOKEN,
      encodeURIComponent(env.TOKEN),
      env.TOKEN.toUpperCase(),
    ]
    for (const echo of [...echoes, Buffer.from(env.TOKEN).toString('base64')]) {
      const { origin, received } = await answering(403, {}, `no: ${echo}`)
      const delivery = await send(channel(origin), event, doorOf({ env }))
      expect(delivery).toMatchObject({
        outcome: 'retry',
        reason: expect.stringMatching(/^answered 403: no: \*\*\*/),
      })
      expect(received[0]!.headers['x-key']).toBe('${env:TOKEN}')
    }
  })

  test.each([
    ['where the reason is cut', `${'x'.repeat(280)}${secret}`],
    ['where the body is cut', secret.repeat(100)],
    ['by escape sequences', [...secret].join('\u001b[0m')],
    ['at the end', secret.slice(0, 20)],
  ])('do not come back in parts: %s', async (_, body) => {
    const { origin } = await answering(403, {}, body)
    const delivery = await send(
      hook(origin, { secret: '${env:HOOK}' }),
      event,
      doorOf({ env: { HOOK: secret } }),
    )
    const { reason } = delivery as { reason: string }
    expect(reason).toMatch(/^answered 403:(?: |$)/)
    expect(reason.replace(/^answered 403: ?/, '')).not.toMatch(/whsec|MfKQ9|GKYq|aLaSw/)
  })

  test.each([
    ['whsec_no base64!', 'its secret says that it is base64, and is none'],
    ['whsec_', 'its secret says that it is base64, and is none'],
    [keyOf(23), tooShort],
    [keyOf(65), tooShort],
  ])('%s is told without repeating it', async (value, reason) => {
    const channel = hook('http://127.0.0.1:9', { secret: '${env:HOOK}' })
    expect(await send(channel, event, doorOf({ env: { HOOK: value } }))).toEqual({ outcome: 'retry', reason })
  })

  test('that make a header of two lines, or no URL, are not sent and not repeated', async () => {
    const { origin, received } = await answering(200)
    const door = doorOf({
      env: { A: 'hunter2\r\nX-Evil: 1', B: 'hunter2', C: 'http://me:hunter2@127.0.0.1' },
    })
    expect(await send(hook(origin, { headers: { 'X-A': '${env:A}' } }), event, door)).toEqual({
      outcome: 'retry',
      reason: 'its header x-a holds what no header can',
    })
    expect(await send(hook('${env:B}'), event, door)).toEqual({
      outcome: 'retry',
      reason: 'its address is no http or https URL',
    })
    expect(await send(hook('${env:C}'), event, door)).toEqual({
      outcome: 'retry',
      reason: 'its address holds a password: use "headers"',
    })
    expect(received).toEqual([])
  })
})

test('the deadman is called, with its variables filled in', async () => {
  const { origin, received } = await answering(200)
  const door = doorOf({ env: { PING: 'abc-1' } })
  expect(await callDeadman(`${origin}/ping/\${env:PING}`, door)).toEqual({ outcome: 'sent' })
  expect(received).toMatchObject([{ method: 'GET', path: '/ping/abc-1', body: '' }])
  expect(await callDeadman('${env:NONE}', door)).toMatchObject({ outcome: 'retry' })
})
