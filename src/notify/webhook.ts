/**
 * A webhook: CloudEvents 1.0 in structured mode, signed as Standard Webhooks say. A receiver that wants no more
 * answers 410.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'

import type { WebhookChannel } from '../domain/channel.ts'
import type { NotificationEvent } from '../domain/notification.ts'
import { request } from './http.ts'
import { retry, type Sender } from './notify.ts'

const typePrefix = 'dev.throughline.'

export const sendWebhook: Sender<WebhookChannel> = async (channel, event, door) => {
  const { url, secret } = channel
  const key = secret === null ? null : keyOf(secret)
  if (typeof key === 'string') return retry(key)
  const body = JSON.stringify(cloudEvent(event, channel.source))
  const timestamp = String(Math.floor(door.nowMs() / 1000))
  const headers: Record<string, string> = {
    'user-agent': 'throughline',
    ...lowerCase(channel.headers),
    'content-type': 'application/cloudevents+json; charset=UTF-8',
    'webhook-id': event.id,
    'webhook-timestamp': timestamp,
  }
  if (key !== null) headers['webhook-signature'] = signature(key, `${event.id}.${timestamp}.${body}`)
  const broken = Object.keys(headers).find((name) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(headers[name]!))
  if (broken !== undefined) return retry(`its header ${broken} holds what no header can`)
  return request({ url, method: 'POST', headers, body }, door)
}

function cloudEvent(event: NotificationEvent, source: string): object {
  const { id, kind, at, item, incident } = event
  const about = item ?? incident
  return {
    specversion: '1.0',
    id,
    source,
    type: `${typePrefix}${kind}`,
    time: at,
    ...(about && { subject: `items/${about.id}` }),
    datacontenttype: 'application/json',
    data: event,
  }
}

/** Bytes of a key, as Standard Webhooks ask for. */
const keyMin = 24
const keyMax = 64

/** @returns why it is none, where it says that it is a key of Standard Webhooks */
function keyOf(secret: string): Buffer | string {
  const [, coded] = /^whsec_([\s\S]*)$/.exec(secret) ?? []
  if (coded === undefined) return Buffer.from(secret)
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(coded) && coded.replace(/=+$/, '').length % 4 !== 1
  if (!isBase64) return 'its secret says that it is base64, and is none'
  const key = Buffer.from(coded, 'base64')
  if (key.length >= keyMin && key.length <= keyMax) return key
  return `its secret must be a key of ${keyMin} to ${keyMax} bytes, as Standard Webhooks ask: whsec_ and what openssl rand -base64 32 prints`
}

const signature = (key: Buffer, content: string): string =>
  `v1,${createHmac('sha256', key).update(content).digest('base64')}`

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
