/** E-mail against a real SMTP server. */

import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, test } from 'vitest'
import { send } from '../../src/notify/index.ts'
import { selfSigned } from '../probes/certificate.ts'
import { closeServers, serveRaw, waitUntilUnused } from '../probes/server.ts'
import { channelOf, doorOf, event } from './door.ts'

const servers: SMTPServer[] = []

afterEach(async () => {
  await closeServers()
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(resolve))
})

interface Mail {
  from: string
  to: string[]
  user: string | undefined
  secure: boolean
  raw: string
}

const certificate = selfSigned('localhost', 10)

async function smtpServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = []
  const server = new SMTPServer({
    logger: false,
    disableReverseLookup: true,
    closeTimeout: 100,
    disabledCommands: ['AUTH', 'STARTTLS'],
    ...certificate,
    onData(stream, session, done) {
      let raw = ''
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        raw += chunk
      })
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const to = rcptTo.map(({ address }) => address)
        mails.push({ from, to, user: session.user as string | undefined, secure: session.secure, raw })
        done()
      })
    },
    ...options,
  })
  servers.push(server)
  server.on('error', () => {})
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return { port: (server.server.address() as AddressInfo).port, mails }
}

const refusal = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode })

const channel = (port: number, fields = {}) =>
  channelOf({
    type: 'smtp',
    host: 'localhost',
    port,
    from: 'Throughline <bot@example.com>',
    to: ['max@example.com', 'Eva Muster <eva@example.com>'],
    ...fields,
  })

/** What was written, the headers unfolded, the quoted-printable of the body undone. */
function read(raw: string): { headers: string; body: string } {
  const [head = '', ...rest] = raw.split('\r\n\r\n')
  const coded = rest.join('\r\n\r\n').replace(/=\r\n/g, '')
  const bytes = /content-transfer-encoding: base64/i.test(head)
    ? Buffer.from(coded, 'base64')
    : Buffer.from(
        coded.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      )
  return { headers: head.replace(/\r\n[ \t]+/g, ' '), body: bytes.toString() }
}

describe('a mail', () => {
  test('is text alone, and says where it comes from and what it is about', async () => {
    const { port, mails } = await smtpServer()
    expect(await send(channel(port), event, doorOf())).toEqual({ outcome: 'sent' })
    const [mail] = mails as [Mail]
    expect(mail).toMatchObject({ from: 'bot@example.com', to: ['max@example.com', 'eva@example.com'] })
    const { headers, body } = read(mail.raw)
    expect(headers).toContain('From: Throughline <bot@example.com>')
    expect(headers).toContain('To: max@example.com, Eva Muster <eva@example.com>')
    expect(headers).toContain(
      'Subject: [major] #25 Invoice extractor: expected exit_code == 0, got 1 (incident #31 opened)',
    )
    expect(headers).toContain('Date: Thu, 05 Feb 2026 07:46:16 +0000')
    expect(headers).toContain('Auto-Submitted: auto-generated')
    expect(headers).toMatch(/Content-Type: text\/plain; charset=utf-8/)
    expect(headers).not.toMatch(/multipart|html/i)
    expect(body).toContain('Traceback:\r\n  boom')
  })

  test('has the same Message-ID at each try, and another for another event', async () => {
    const { port, mails } = await smtpServer()
    for (const id of ['a', 'a', 'b\r\nBcc: evil@example.com'])
      await send(channel(port), { ...event, id }, doorOf())
    const ids = mails.map(
      ({ raw }) => /^Message-ID: (<throughline\.[0-9a-f]{32}@example\.com>)\r$/m.exec(raw)?.[1],
    )
    expect(ids).not.toContain(undefined)
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).not.toBe(ids[0])
  })

  test('can not be given headers, recipients or commands by what an item says', async () => {
    const { port, mails } = await smtpServer()
    const evil =
      'x\r\nBcc: evil@example.com\r\n\r\n.\r\nMAIL FROM:<evil@example.com>\u0000\u2028Bcc: evil@example.com'
    const hostile = {
      ...event,
      item: { id: 1, title: evil },
      summary: evil,
      detail: `${evil}\r\n.\r\nQUIT\r\n`,
      actor: evil,
    }
    expect(await send(channel(port), hostile, doorOf())).toEqual({ outcome: 'sent' })
    expect(mails).toHaveLength(1)
    expect(mails[0]!.to).toEqual(['max@example.com', 'eva@example.com'])
    const { headers, body } = read(mails[0]!.raw)
    expect(headers).not.toMatch(/^(?:Bcc|Cc|MAIL)/im)
    expect(body).toContain('QUIT')
  })

  test('with letters of the world arrives as it was written', async () => {
    const { port, mails } = await smtpServer()
    await send(
      channel(port),
      { ...event, summary: 'größer 😀 漢字', detail: `${'ü'.repeat(3000)}\n.\nend` },
      doorOf(),
    )
    const { headers, body } = read(mails[0]!.raw)
    expect(headers).toMatch(/^Subject: =\?UTF-8\?/m)
    expect(body).toContain('größer 😀 漢字')
    expect(body).toContain(`${'ü'.repeat(3000)}\r\n.\r\nend`)
  })

  test('to an address that a variable made two of is not sent', async () => {
    const { port, mails } = await smtpServer()
    const door = doorOf({ env: { WHO: 'a@example.com, b@example.com', FROM: 'a\r\nb@c', HOST: 'mail/evil' } })
    const withTo = channel(port, { to: ['${env:WHO}'] })
    expect(await send(withTo, event, door)).toEqual({
      outcome: 'retry',
      reason: 'its "to" holds what is no address',
    })
    const withFrom = channel(port, { from: '${env:FROM}' })
    expect(await send(withFrom, event, door)).toMatchObject({ reason: 'its "from" holds what is no address' })
    const withHost = channel(port, { host: '${env:HOST}' })
    expect(await send(withHost, event, door)).toMatchObject({
      reason: 'its "host" holds what is no host name',
    })
    expect(mails).toEqual([])
  })
})

describe('user and password', () => {
  const password = 'hünter2 pässword'
  const signIn: SMTPServerOptions = {
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth(auth, _, done) {
      if (auth.username === 'bot' && auth.password === password) return done(null, { user: 'bot' })
      // a server that repeats what it was given
      const plain = Buffer.from(`\0${auth.username}\0${auth.password}`).toString('base64')
      done(refusal(535, `wrong: ${auth.password} ${plain}`))
    },
  }
  const withUser = (port: number) => channel(port, { user: 'bot', password: '${env:SMTP_PASSWORD}' })

  test('are shown to the server', async () => {
    const { port, mails } = await smtpServer(signIn)
    const door = doorOf({ env: { SMTP_PASSWORD: password } })
    expect(await send(withUser(port), event, door)).toEqual({ outcome: 'sent' })
    expect(mails[0]!.user).toBe('bot')
  })

  test('that are refused are tried again, since the owner can mend them, and are not repeated', async () => {
    const { port, mails } = await smtpServer(signIn)
    const door = doorOf({ env: { SMTP_PASSWORD: 'wrong-one' } })
    expect(await send(withUser(port), event, door)).toEqual({
      outcome: 'retry',
      reason: 'it refused user and password (535)',
    })
    expect(await send(channel(port), event, door)).toEqual({
      outcome: 'retry',
      reason: 'it refused user and password (530)',
    })
    expect(mails).toEqual([])
  })

  test('do not go to another machine without TLS', async () => {
    const seen: string[] = []
    const { port, mails } = await smtpServer({
      ...signIn,
      onAuth(auth, _, done) {
        seen.push(auth.password ?? '')
        done(null, { user: 'bot' })
      },
    })
    const door = doorOf({ env: { SMTP_PASSWORD: password } })
    // 0.0.0.0 reaches this machine, and is none of the names of it that are trusted
    const far = channel(port, { host: '0.0.0.0', user: 'bot', password: '${env:SMTP_PASSWORD}' })
    expect(await send(far, event, door)).toMatchObject({ outcome: 'retry', reason: 'no TLS connection' })
    expect([seen, mails]).toEqual([[], []])
  })

  test('wait for their variable', async () => {
    expect(await send(withUser(9), event, doorOf())).toEqual({
      outcome: 'retry',
      reason: 'the variable SMTP_PASSWORD is not set where the worker runs',
    })
  })
})

describe('TLS', () => {
  test('by STARTTLS is used where the server offers it', async () => {
    const { port, mails } = await smtpServer({ disabledCommands: ['AUTH'] })
    expect(await send(channel(port), event, doorOf({ ca: certificate.cert }))).toEqual({ outcome: 'sent' })
    expect(mails[0]!.secure).toBe(true)
  })

  test('from the start is used where it is said', async () => {
    const { port, mails } = await smtpServer({ secure: true, disabledCommands: ['AUTH'] })
    const door = doorOf({ ca: certificate.cert })
    expect(await send(channel(port, { secure: true }), event, door)).toEqual({ outcome: 'sent' })
    expect(mails[0]!.secure).toBe(true)
  })

  test.each([{ secure: true }, {}])(
    'with a certificate that nobody vouches for sends nothing: %j',
    async (fields) => {
      const { port, mails } = await smtpServer({ ...fields, disabledCommands: ['AUTH'] })
      expect(await send(channel(port, fields), event, doorOf())).toEqual({
        outcome: 'retry',
        reason: 'its certificate is self-signed',
      })
      expect(mails).toEqual([])
    },
  )
})

describe('what a server answers', () => {
  test.each([
    [450, 'retry', 'try later'],
    [452, 'retry', 'full'],
    [503, 'retry', 'not now'],
    [550, 'failed', 'no such user'],
    [554, 'failed', 'spam'],
  ])('%i to the recipients or to the mail: %s', async (code, outcome, text) => {
    const reason = expect.stringMatching(new RegExp(`^answered ${code} .*${text}$`))
    const toRecipients = await smtpServer({ onRcptTo: (_, __, done) => done(refusal(code, text)) })
    expect(await send(channel(toRecipients.port), event, doorOf())).toEqual({ outcome, reason })
    const toMail = await smtpServer({
      onData(stream, _, done) {
        stream.resume().on('end', () => done(refusal(code, text)))
      },
    })
    expect(await send(channel(toMail.port), event, doorOf())).toEqual({ outcome, reason })
  })

  test('554 to the connection is about the sender, and tried again', async () => {
    const { port } = await smtpServer({ onConnect: (_, done) => done(refusal(554, 'not from there')) })
    expect(await send(channel(port), event, doorOf())).toMatchObject({ outcome: 'retry' })
  })

  test('to one recipient of two alone is noted, and the other gets no second mail', async () => {
    const { port, mails } = await smtpServer({
      onRcptTo: ({ address }, _, done) => done(address.startsWith('eva') ? refusal(550, 'unknown') : null),
    })
    expect(await send(channel(port), event, doorOf())).toEqual({
      outcome: 'sent',
      note: '1 of 2 recipients were refused',
    })
    expect(mails).toHaveLength(1)
  })

  test('nothing, in time: tried again, and the connection is not left open', async () => {
    const { server, origin } = await serveRaw(() => {})
    const mute = channel(Number(new URL(origin).port), { host: '127.0.0.1' })
    expect(await send(mute, event, doorOf({ timeoutMs: 200 }))).toEqual({
      outcome: 'retry',
      reason: 'no answer within 0.2 s',
    })
    await waitUntilUnused(server)
    const stop = new AbortController()
    server.once('connection', () => stop.abort())
    expect(await send(mute, event, doorOf({ signal: stop.signal }))).toEqual({
      outcome: 'retry',
      reason: 'the worker stopped before it was sent',
    })
    await waitUntilUnused(server)
  })

  test('what is no SMTP, or is not there: tried again', async () => {
    const { server, origin } = await serveRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const port = Number(new URL(origin).port)
    const other = channel(port, { host: '127.0.0.1' })
    expect(await send(other, event, doorOf())).toMatchObject({ outcome: 'retry' })
    await new Promise((resolve) => server.close(resolve))
    expect(await send(other, event, doorOf())).toEqual({ outcome: 'retry', reason: 'connection refused' })
    const nowhere = channel(port, { host: 'nowhere.invalid' })
    expect(await send(nowhere, event, doorOf())).toMatchObject({
      outcome: 'retry',
      reason: expect.stringMatching(/^(?:unknown host|its name can't be resolved for the moment)$/),
    })
  })
})
