/** Slack's incoming webhook, and what takes the same JSON. */

import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { send } from '../../src/notify/index.ts'
import { inert } from '../../src/notify/slack.ts'
import { closeServers } from '../probes/server.ts'
import { channelOf, doorOf, event, receiver } from './door.ts'

afterEach(closeServers)

interface Message {
  text: string
  blocks: { type: string; text: { type: string; text: string } }[]
}

async function sentTo(fields: Partial<typeof event>): Promise<Message> {
  const { origin, received } = await receiver((response) => response.end('ok'))
  const channel = channelOf({ type: 'slack', url: '${env:SLACK_URL}' })
  const door = doorOf({ env: { SLACK_URL: `${origin}/services/T000/B000/XXXX` } })
  expect(await send(channel, { ...event, ...fields }, door)).toEqual({ outcome: 'sent' })
  expect(received[0]).toMatchObject({ method: 'POST', path: '/services/T000/B000/XXXX' })
  expect(received[0]!.headers['content-type']).toBe('application/json; charset=utf-8')
  return JSON.parse(received[0]!.body) as Message
}

describe('a message', () => {
  test('has the whole as text, and in blocks without markup', async () => {
    const { text, blocks } = await sentTo({})
    expect(text).toContain(
      '[major] #25 Invoice extractor: expected exit_code == 0, got 1 (incident #31 opened)',
    )
    expect(text).toContain('Traceback:\n  boom')
    expect(blocks.map((block) => block.text.type)).toEqual(['plain_text', 'plain_text'])
  })

  test('calls nobody and hides no link, whatever the item and its output say', async () => {
    const title =
      '<!channel> <@U123> @everyone @here @max <https://evil.example|your bank> & [bank](https://evil)'
    const message = await sentTo({ item: { id: 25, title }, summary: title, detail: title })
    const all = JSON.stringify(message)
    expect(all).not.toMatch(/[<>]/)
    expect(all).not.toMatch(/@(?:everyone|here|channel|max|U123)/)
    expect(all).not.toContain('](')
    expect(message.text).toContain('&lt;!channel&gt; &lt;@\u200bU123&gt; @\u200beveryone')
    expect(message.text).toContain('&amp; [bank]\u200b(https://evil)')
    expect(message).toMatchObject({ parse: 'none', link_names: 0, unfurl_links: false, mrkdwn: false })
  })

  test('is within what Slack and Discord take, however much there is to escape', async () => {
    const { text, blocks } = await sentTo({ summary: '<'.repeat(5000), detail: '&'.repeat(100_000) })
    expect(text.length).toBeLessThanOrEqual(2000)
    for (const block of blocks) expect(block.text.text.length).toBeLessThanOrEqual(3000)
  })
})

test('text is cut between characters and entities, and never longer than asked', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '&', '😀', 'a', '@', '](') }),
      fc.integer({ min: 10, max: 60 }),
      (text, max) => {
        const cut = inert(text, max)
        expect(cut.length).toBeLessThanOrEqual(max)
        expect(cut.replace(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[&<>]|[\ud800-\udfff]/u)
      },
    ),
  )
  expect(inert('max@example.com', 50)).toBe('max@example.com')
})

test.each([
  ['/services/T0000000/B0000000/abcdefghijkl', '/services/T0000000/B0000000/abcdefghijkl'],
  ['/services/T0000000/B0000000/abcdefghijkl', 'abcdefghijkl'],
  ['/s/T0/B0/abc?x=1', '/s/T0/B0/abc'],
  ['/s?key=abcdefghijkl', 'abcdefghijkl'],
  ['/s/T0/B0?k=abc', '/s/T0/B0?k=abc'],
])('of the secret address %s what a server repeats, %s, is not told', async (path, echo) => {
  const { origin } = await receiver((response) => response.writeHead(404).end(`no_service at (${echo})`))
  const url = `${origin}${path}`
  const door = doorOf({ env: { SLACK_URL: url } })
  for (const given of ['${env:SLACK_URL}', url]) {
    const delivery = await send(channelOf({ type: 'slack', url: given }), event, door)
    expect(delivery).toEqual({ outcome: 'retry', reason: 'answered 404: no_service at (***)' })
  }
})
