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
  if (key === undefined) return retry('its secret says that it is base64, and is none')
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

/** @returns undefined when it says it is base64, and is not */
function keyOf(secret: string): Buffer | undefined {
  const [, coded] = /^whsec_([\s\S]*)$/.exec(secret) ?? []
  if (coded === undefined) return Buffer.from(secret)
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(coded) && coded.replace(/=+$/, '').length % 4 !== 1
  return isBase64 ? Buffer.from(coded, 'base64') : undefined
}

const signature = (key: Buffer, content: string): string =>
  `v1,${createHmac('sha256', key).update(content).digest('base64')}`

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
