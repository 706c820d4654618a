/** Whether JSON that was parsed still holds what its text said: digits and keys get lost on the way. */

/** Strings, with the colon behind those that are keys, and numbers. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** @param value what JSON.parse made of the text */
export function isWhole(text: string, value: unknown): boolean {
  if (JSON.stringify(value) === text) return true
  let keys = 0
  for (const [found, colon] of text.matchAll(token)) {
    if (colon !== undefined) keys++
    else if (!found.startsWith('"') && !isExact(found)) return false
  }
  return keys === keysIn(value)
}

/** Of two equal keys the first is gone. */
function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value).reduce((sum: number, each) => sum + keysIn(each), 0)
  return Array.isArray(value) ? inner : inner + Object.keys(value).length
}

const isExact = (literal: string): boolean => plain(literal) === plain(String(Number(literal)))

/** `-12.50` and `-1.25e1` are one: `-125e-1`. */
function plain(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const short = digits.replace(/0+$/, '')
  const shift = Number(exponent) - fraction.length + digits.length - short.length
  return short === '' ? (whole === '' ? literal : '0') : `${sign}${short}e${shift}`
}
