/**
 * Slack's incoming webhook. `text` is all that Mattermost and Discord (with `/slack`) look at, `blocks` is what
 * Slack shows. Whoever wrote an item's title calls no channel together with it and hides no link in it.
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 */

import type { SlackChannel } from '../domain/channel.ts'
import { type NotificationEvent, plainText, subjectLine } from '../domain/notification.ts'
import { request } from './http.ts'
import type { Sender } from './notify.ts'

/** Discord refuses a message of more than 2,000 characters. */
const textMax = 1900
/** Slack refuses a block's text of more than 3,000. */
const blockMax = 2900

export const sendSlack: Sender<SlackChannel> = ({ url }, event, door) => {
  const headers = { 'user-agent': 'throughline', 'content-type': 'application/json; charset=utf-8' }
  return request({ url, method: 'POST', headers, body: JSON.stringify(message(event)) }, door)
}

function message(event: NotificationEvent): object {
  const subject = subjectLine(event)
  const whole = plainText(event)
  const block = (text: string) => ({
    type: 'section',
    text: { type: 'plain_text', text: inert(text, blockMax), emoji: false },
  })
  return {
    text: inert(`${subject}\n\n${whole}`, textMax),
    blocks: [block(subject), block(whole)],
    mrkdwn: false,
    parse: 'none',
    link_names: 0,
    unfurl_links: false,
    unfurl_media: false,
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
/** Between the two characters of a mark that would be obeyed: it is not seen, and the mark is none any more. */
const gap = '\u200b'

/**
 * Text that a chat shows and does not obey: no `<!channel>`, `@here`, `<https://a|b>` or `[b](https://a)`.
 * @param max  characters at most, the ellipsis included; no entity is cut in half
 */
export function inert(text: string, max: number): string {
  const calm = text
    .replace(/@(?=everyone|channel|here|all\b)|(?<!\w)@(?=[\w&!])/gi, `@${gap}`)
    .replaceAll('](', `]${gap}(`)
  let result = ''
  for (const char of calm) {
    const shown = entities[char] ?? char
    if (result.length + shown.length > max - 1) return `${result}…`
    result += shown
  }
  return result
}
