/** Text from items is data: it never reaches a terminal with a control character, nor past its column. */

/** C0 but newline and tab, DEL, C1, and the marks that turn the direction of what follows. */
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

const visible = (char: string): string => {
  const code = char.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '␡' : '�'
}

/** Text that a terminal shows and does not obey: control characters become visible symbols. Newlines stay. */
export const harmless = (text: string): string => text.replace(unsafe, visible)

/** The same on one line: newlines and tabs become a space. */
export const oneLine = (text: string): string =>
  ascii.test(text) ? text : harmless(text.replace(/[\r\n\t\u2028\u2029]+/g, ' '))

/** What JSON shows of unsafe characters: the short ones as escapes, the others as they are. */
const unsafeInJson = /\\u00|\\[bfr]|[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

/** A JSON value in which every string is harmless; the same one, where it is so already. */
export const harmlessJson = <T>(value: T): T =>
  unsafeInJson.test(JSON.stringify(value) ?? '') ? cleaned(value) : value

function cleaned<T>(value: T): T {
  if (typeof value === 'string') return harmless(value) as T
  if (Array.isArray(value)) return value.map(cleaned) as T
  if (value === null || typeof value !== 'object') return value
  const copy: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) copy[harmless(key)] = cleaned(inner)
  return copy as T
}

const ascii = /^[\x20-\x7e]*$/

/**
 * First and last code points of what takes two columns: East Asian wide, and signs shown as emoji. A table, since a
 * regular expression with Unicode properties takes longer to compile than a command to run.
 */
// biome-ignore format: pairs
const wide = [
  0x1100, 0x115f, 0x231a, 0x231b, 0x23e9, 0x23ec, 0x23f0, 0x23f0, 0x23f3, 0x23f3, 0x25fd, 0x25fe, 0x2614, 0x2615,
  0x2648, 0x2653, 0x267f, 0x267f, 0x2693, 0x2693, 0x26a1, 0x26a1, 0x26aa, 0x26ab, 0x26bd, 0x26be, 0x26c4, 0x26c5,
  0x26ce, 0x26ce, 0x26d4, 0x26d4, 0x26ea, 0x26ea, 0x26f2, 0x26f3, 0x26f5, 0x26f5, 0x26fa, 0x26fa, 0x26fd, 0x26fd,
  0x2705, 0x2705, 0x270a, 0x270b, 0x2728, 0x2728, 0x274c, 0x274c, 0x274e, 0x274e, 0x2753, 0x2755, 0x2757, 0x2757,
  0x2795, 0x2797, 0x27b0, 0x27b0, 0x27bf, 0x27bf, 0x2b1b, 0x2b1c, 0x2b50, 0x2b50, 0x2b55, 0x2b55, 0x2e80, 0x303e,
  0x3041, 0x33ff, 0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xa000, 0xa4cf, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe30, 0xfe6f,
  0xff00, 0xff60, 0xffe0, 0xffe6, 0x1f000, 0x1faff, 0x20000, 0x3fffd,
]

function isWide(code: number): boolean {
  if (code < 0x1100) return false
  // Nearly all that is asked for: the emoji of the stages.
  if (code >= 0x1f000 && code <= 0x1faff) return true
  for (let index = 0; index < wide.length && wide[index]! <= code; index += 2) {
    if (code <= wide[index + 1]!) return true
  }
  return false
}

/** Marks that take no column of their own. U+FE0F takes one: it makes a narrow sign a wide emoji. */
const isZero = (code: number): boolean => {
  if (code === 0xfe0f) return false
  if (code >= 0x200b && code <= 0x200d) return true
  // Most signs of a terminal are in these blocks, and none of them is a mark.
  if (code < 0x300 || (code >= 0x2010 && code < 0x20d0) || (code >= 0x2100 && code < 0x2cef)) return false
  return /[\p{Mn}\p{Me}]/u.test(String.fromCodePoint(code))
}

/** Terminal columns that one code point takes: 0, 1 or 2. */
function columnsOf(code: number): number {
  if (code < 0x300) return 1
  return isWide(code) ? 2 : isZero(code) ? 0 : 1
}

/** Terminal columns that a line takes. */
export function columns(text: string): number {
  if (ascii.test(text)) return text.length
  let total = 0
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    total += columnsOf(code)
    at += code > 0xffff ? 2 : 1
  }
  return total
}

/** At most `width` columns, with an ellipsis where it was cut. */
export function fit(text: string, width: number): string {
  if (width < 1) return ''
  if (text.length <= width && ascii.test(text)) return text
  return lengthWithin(text, width) < text.length ? `${trimTo(text, width - 1)}…` : text
}

const trimTo = (text: string, width: number): string => text.slice(0, lengthWithin(text, width)).trimEnd()

/** How much of a text `width` columns hold, as its length. */
function lengthWithin(text: string, width: number): number {
  let total = 0
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    total += columnsOf(code)
    if (total > width) return at
    at += code > 0xffff ? 2 : 1
  }
  return text.length
}

/** Exactly `width` columns: cut or padded on the right. */
export function pad(text: string, width: number): string {
  const fitted = fit(text, width)
  return fitted + ' '.repeat(Math.max(0, width - columns(fitted)))
}

/** Lines of at most `width` columns (2 or more), broken at spaces where there are any; a tab is four spaces. */
export function wrap(text: string, width: number): string[] {
  return text
    .replaceAll('\t', '    ')
    .split('\n')
    .flatMap((line) => wrapLine(line, width))
}

function wrapLine(line: string, width: number): string[] {
  if (columns(line) <= width) return [line]
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current && columns(current) + 1 + columns(word) > width) {
      lines.push(current)
      current = word
    } else current = current ? `${current} ${word}` : word
    while (columns(current) > width) {
      const head = trimTo(current, width) || String.fromCodePoint(current.codePointAt(0)!)
      lines.push(head)
      current = current.slice(head.length)
    }
  }
  if (current) lines.push(current)
  return lines
}

/** `1 child`, `3 children` */
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`
