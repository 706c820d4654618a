/** Entity tags: what a client has seen, and whether that is still so. */

import { createHash } from 'node:crypto'
import { TrackerError } from '../../errors.ts'

interface Versioned {
  id: number
  version: number
}

export const isVersioned = (data: unknown): data is Versioned => {
  const { id, version } = (data ?? {}) as Partial<Versioned>
  return typeof id === 'number' && typeof version === 'number'
}

/**
 * The tag of an answer to a read. An item's is strong and begins with its version, which is all that If-Match looks
 * at: `"v3-…"`. The rest tells answers apart that show more than the item's own fields (notes, children, health).
 */
export function readTag(data: unknown, body: string | Buffer): string {
  const hash = createHash('sha1').update(body).digest('base64url').slice(0, 16)
  return isVersioned(data) ? `"v${data.version}-${hash}"` : `W/"${hash}"`
}

/** The tag of an answer to a write: good for If-Match, and equal to no read's. */
export const writeTag = (data: unknown): string | undefined =>
  isVersioned(data) ? `"v${data.version}"` : undefined

/** Of the same answer in another encoding: a strong tag names bytes, so they need one of their own. */
export const tagFor = (tag: string, encoding: 'br' | 'gzip'): string =>
  tag.startsWith('W/') ? tag : `${tag.slice(0, -1)}-${encoding}"`

/** Does If-None-Match name this answer, in any encoding? Weakly compared, as RFC 9110 has it. */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === tag || ifNoneMatch.trim() === '*') return true
  const own = [tag, tagFor(tag, 'br'), tagFor(tag, 'gzip')].map(strong)
  return ifNoneMatch.split(',').some((each) => own.includes(strong(each.trim())))
}

const strong = (tag: string): string => tag.replace(/^W\//, '')

/**
 * The version that If-Match asks for: `"v3"`, `"v3-…"`, `"3"` or `3`.
 * @returns undefined for `*`: any version will do
 * @throws  TrackerError `invalid`
 */
export function versionWanted(ifMatch: string): number | undefined {
  const text = ifMatch.trim()
  if (text === '*') return undefined
  const digits = /^(?:"v?(\d{1,15})(?:-[\w-]*)?"|(\d{1,15}))$/.exec(text)
  const version = Number(digits?.[1] ?? digits?.[2] ?? 0)
  if (version >= 1) return version
  throw new TrackerError('invalid', 'If-Match must be the ETag of one item', {
    hint: 'such as: If-Match: "v3"',
  })
}
