/** A channel of notifications: what the configuration says of it, with every default resolved. */

import type { Severity } from './item.ts'
import type { NotificationKind } from './notification.ts'

/** From one time of day to another on the clock of a zone, over midnight too. */
export interface QuietHours {
  /** Minutes since midnight; never the same as `toMinute`. */
  fromMinute: number
  toMinute: number
  /** IANA name. */
  timezone: string
  /** What is at least as severe goes out all the same; null: nothing does. */
  except: Severity | null
}

interface AnyChannel {
  name: string
  enabled: boolean
  /** The least severe that is wanted. */
  minSeverity: Severity
  /** null: all. */
  kinds: NotificationKind[] | null
  quietHours: QuietHours | null
}

/** Every text may hold `${env:NAME}`, which is filled in when the channel is used. */
export interface WebhookChannel extends AnyChannel {
  type: 'webhook'
  url: string
  /** `whsec_` and base64, or any text; null: nothing is signed. */
  secret: string | null
  headers: Record<string, string>
  /** The `source` of the CloudEvents: tells pipelines apart. */
  source: string
}

/** Slack, and what takes the same JSON: Mattermost, Rocket.Chat, Discord with `/slack` at the end. */
export interface SlackChannel extends AnyChannel {
  type: 'slack'
  url: string
}

export interface SmtpChannel extends AnyChannel {
  type: 'smtp'
  host: string
  port: number
  /** TLS from the start; else STARTTLS where the server offers it. */
  secure: boolean
  /** null, as the password: no authentication. */
  user: string | null
  password: string | null
  /** `max@example.com` or `Max <max@example.com>` */
  from: string
  to: string[]
}

export interface CommandChannel extends AnyChannel {
  type: 'command'
  /** The program and its arguments; no shell reads them. */
  command: string[]
  env: Record<string, string>
}

export type Channel = WebhookChannel | SlackChannel | SmtpChannel | CommandChannel

export const channelTypes = ['webhook', 'slack', 'smtp', 'command'] as const satisfies Channel['type'][]

/** Where a variable's value is put in. */
export const placeholder = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g

export interface MailAddress {
  name: string
  address: string
}

const atom = /^[^\s<>()[\]\\,;:@"\u0000-\u001f\u007f-\u009f]+@[^\s<>()\\,;:@"\u0000-\u001f\u007f-\u009f]+$/
const named = /^([^<>@"\\,;:()\u0000-\u001f\u007f-\u009f]*)<([^<>]+)>$/

/** One address, with a name or without; undefined for anything that a mail program could read as more. */
export function mailAddress(text: string): MailAddress | undefined {
  const [, name = '', address = ''] = named.exec(text) ?? [text, '', text]
  return text.length <= 320 && atom.test(address) ? { name: name.trim(), address } : undefined
}
