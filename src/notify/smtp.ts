/**
 * E-mail by nodemailer, which is loaded with the first one: plain text, one connection each. A password goes over
 * TLS alone, but to this very machine.
 */

import { createHash } from 'node:crypto'

import { type MailAddress, mailAddress, type SmtpChannel } from '../domain/channel.ts'
import { type NotificationEvent, plainText, subjectLine } from '../domain/notification.ts'
import { sentenceOf } from './faults.ts'
import { type Delivery, defaultTimeoutMs, retry, type Sender, seconds, stopped } from './notify.ts'

/** A refusal of who sends, not of what is sent: the owner can mend it. */
const signInCodes = [530, 534, 535, 538]

const sentences: Record<string, string> = {
  EAUTH: 'it refused user and password',
  ECONNECTION: 'connection closed',
  EDNS: 'unknown host',
  ETIMEDOUT: 'no answer in time',
  ETLS: 'no TLS connection',
}

export const sendMail: Sender<SmtpChannel> = async (channel, event, door) => {
  const from = mailAddress(channel.from)
  const to = channel.to.flatMap((text) => mailAddress(text) ?? [])
  if (from === undefined || to.length < channel.to.length) {
    return retry(`its "${from === undefined ? 'from' : 'to'}" holds what is no address`)
  }
  if (!/^[^\s/?#@]{1,253}$/.test(channel.host)) return retry('its "host" holds what is no host name')
  const { createTransport } = await import('nodemailer')
  const timeoutMs = door.timeoutMs ?? defaultTimeoutMs
  const transport = createTransport(transportOptions(channel, door.ca))
  const watch = watchTime(timeoutMs, door.signal)
  try {
    const mail = mailOf(event, from, to, door.nowMs())
    const info = await transport.sendMail({ ...mail, signal: watch.signal })
    return sent(info.rejected.length, to.length)
  } catch (error) {
    if (watch.signal.aborted)
      return retry(door.signal?.aborted ? stopped : `no answer within ${seconds(timeoutMs)}`)
    return refused(error as MailError)
  } finally {
    watch.end()
  }
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i

function transportOptions(channel: SmtpChannel, ca: string | undefined) {
  const { host, port, secure, user, password } = channel
  return {
    host,
    port,
    secure,
    requireTLS: !secure && user !== null && !loopback.test(host),
    ...(user !== null && password !== null && { auth: { user, pass: password } }),
    tls: { minVersion: 'TLSv1.2' as const, ...(ca !== undefined && { ca }) },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** One limit for the whole of it, shorter than those of nodemailer: a server that answers every second something would never end. */
function watchTime(timeoutMs: number, stop: AbortSignal | undefined) {
  const abort = new AbortController()
  const end = () => abort.abort()
  const timer = setTimeout(end, timeoutMs)
  stop?.addEventListener('abort', end, { once: true })
  if (stop?.aborted) end()
  return {
    signal: abort.signal,
    end: () => {
      clearTimeout(timer)
      stop?.removeEventListener('abort', end)
    },
  }
}

function mailOf(event: NotificationEvent, from: MailAddress, to: MailAddress[], nowMs: number) {
  return {
    from,
    to,
    subject: subjectLine(event),
    text: `${plainText(event)}\n`.replaceAll('\n', '\r\n'),
    date: new Date(nowMs),
    messageId: messageId(event.id, from.address),
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

/** The same for every try, so that a mail that came twice is seen once. */
function messageId(eventId: string, from: string): string {
  const local = createHash('sha256').update(eventId).digest('hex').slice(0, 32)
  const domain = from.slice(from.lastIndexOf('@') + 1)
  return `<throughline.${local}@${/^[A-Za-z0-9.-]+$/.test(domain) ? domain : 'throughline.invalid'}>`
}

/** To send again to all for the sake of one would be a second mail to the others. */
const sent = (rejected: number, all: number): Delivery =>
  rejected === 0
    ? { outcome: 'sent' }
    : { outcome: 'sent', note: `${rejected} of ${all} recipients were refused` }

/** As nodemailer tells it: `code` is its own, `originalCode` the system's. */
interface MailError {
  code?: string
  originalCode?: string
  responseCode?: number
  response?: string
}

function refused({ code = '', originalCode = '', responseCode = 0, response = '' }: MailError): Delivery {
  // what a server says of a sign-in may repeat it
  const isSignIn = code === 'EAUTH' || signInCodes.includes(responseCode)
  if (isSignIn) return retry(`${sentences.EAUTH}${responseCode === 0 ? '' : ` (${responseCode})`}`)
  const known = sentenceOf(originalCode) ?? sentences[code]
  if (known !== undefined) return retry(known)
  const more = originalCode || code
  if (responseCode === 0) return retry(`the mail could not be sent${more === '' ? '' : ` (${more})`}`)
  const reason = `answered ${response}`
  // 503 is about the order of commands: the same mail can go through over a new connection
  const isFinal = responseCode >= 500 && responseCode !== 503 && /^E(?:ENVELOPE|MESSAGE)$/.test(code)
  return isFinal ? { outcome: 'failed', reason } : retry(reason)
}
