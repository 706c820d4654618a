/** What a client says that it would like: RFC 9110, 12.5. */

import { memo } from '../../domain/memo.ts'

export type Encoding = 'br' | 'gzip'

/** `br;q=0.5, gzip` as wishes between 0 and 1 by name, in lower case; the first of two counts. */
export function wishesOf(header: string): Map<string, number> {
  const wishes = new Map<string, number>()
  for (const part of header.split(',')) {
    const [name = '', ...parameters] = part.split(';')
    const key = name.trim().toLowerCase()
    if (key !== '' && !wishes.has(key)) wishes.set(key, weightOf(parameters))
  }
  return wishes
}

function weightOf(parameters: string[]): number {
  const text = parameters
    .map((each) => /^\s*q\s*=\s*(\S+)\s*$/i.exec(each)?.[1])
    .find((each) => each !== undefined)
  if (text === undefined) return 1
  const weight = /^(?:0(?:\.\d*)?|1(?:\.0*)?)$/.test(text) ? Number(text) : 0
  return weight
}

/** May an answer of this type be sent? @param type such as `text/event-stream` */
export function isWelcome(accept: string | undefined, type: string): boolean {
  if (accept === undefined || accept.trim() === '') return true
  const wishes = wishesOf(accept)
  const wish = wishes.get(type) ?? wishes.get(type.replace(/\/.*/, '/*')) ?? wishes.get('*/*')
  return wish !== undefined && wish > 0
}

/** Is a page asked for by its name? Browsers do; programs that take anything do not. */
export const wantsPage = (accept: string | undefined): boolean =>
  accept !== undefined && (wishesOf(accept).get('text/html') ?? 0) > 0

/** Clients send one of a few headers, over and over. */
const known = memo<Encoding | 'none'>(50)

/** The encoding that a client would like best; undefined: as it is. */
export function encodingFor(header: string | undefined): Encoding | undefined {
  if (header === undefined) return undefined
  const best = known.get(header) ?? known.set(header, chosen(wishesOf(header)))
  return best === 'none' ? undefined : best
}

/** Of two that are as welcome the one that makes the answer shorter. */
function chosen(wishes: Map<string, number>): Encoding | 'none' {
  const any = wishes.get('*') ?? 0
  const br = wishes.get('br') ?? any
  const gzip = wishes.get('gzip') ?? wishes.get('x-gzip') ?? any
  const plain = wishes.get('identity') ?? 0
  const most = Math.max(br, gzip, plain)
  if (most === 0) return 'none'
  return br === most ? 'br' : gzip === most ? 'gzip' : 'none'
}
