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
export const oneLine = (text: string): string => harmless(text.replace(/[\r\n\t\u2028\u2029]+/g, ' '))

/** A copy of a JSON value in which every string is harmless. */
export function harmlessJson<T>(value: T): T {
  if (typeof value === 'string') return harmless(value) as T
  if (Array.isArray(value)) return value.map(harmlessJson) as T
  if (value === null || typeof value !== 'object') return value
  const copy: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) copy[harmless(key)] = harmlessJson(inner)
  return copy as T
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
/** Without U+FE0F, which makes a narrow sign a wide emoji: one column more. */
const zero = /^(?!\ufe0f)[\p{Mn}\p{Me}\u200b-\u200d]$/u
const ascii = /^[\x20-\x7e]*$/

/** Terminal columns that one code point takes: 0, 1 or 2. */
const columnsOf = (char: string): number => (zero.test(char) ? 0 : wide.test(char) ? 2 : 1)

/** Terminal columns that a line takes. */
export function columns(text: string): number {
  if (ascii.test(text)) return text.length
  let total = 0
  for (const char of text) total += columnsOf(char)
  return total
}

/** At most `width` columns, with an ellipsis where it was cut. */
export function fit(text: string, width: number): string {
  if (width < 1) return ''
  if (text.length <= width && ascii.test(text)) return text
  let kept = ''
  let total = 0
  for (const char of text) {
    total += columnsOf(char)
    if (total > width) return `${trimTo(kept, width - 1)}…`
    kept += char
  }
  return kept
}

function trimTo(text: string, width: number): string {
  let kept = ''
  let total = 0
  for (const char of text) {
    total += columnsOf(char)
    if (total > width) break
    kept += char
  }
  return kept.trimEnd()
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
