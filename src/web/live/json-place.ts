/** Where in a JSON text something stands: so that a message about a field can point at it. Pure. */

export type ReadJson =
  | { value: unknown; offsetOf(field: string): number }
  | { problem: string; offset: number }

/** Deeper than any check is, and not so deep that reading it ends in a fault. */
const deepest = 60

interface Fault {
  problem: string
  offset: number
}

const fault = (problem: string, offset: number): Fault => ({ problem, offset })

/**
 * @param root the name of the whole, with which fields begin: `healthCheck.expect[1]`
 * @returns the value with the offsets of its fields, or the first thing that is wrong and its offset
 */
export function readJson(text: string, root: string): ReadJson {
  const places = new Map<string, number>()
  try {
    const end = readValue(text, skip(text, 0), root, places, 0)
    const rest = skip(text, end)
    if (rest < text.length) throw fault('something follows the end of the object', rest)
  } catch (error) {
    if (error instanceof Error) throw error
    return error as Fault
  }
  return { value: JSON.parse(text), offsetOf: (field) => nearest(places, field) }
}

/** Of a field that is not there, where that which would hold it begins. */
function nearest(places: ReadonlyMap<string, number>, field: string): number {
  for (let name = field; name !== ''; name = name.replace(/(?:\.[^.[\]]*|\[\d+\]|^[^.[]*)$/, '')) {
    const place = places.get(name)
    if (place !== undefined) return place
  }
  return 0
}

/** As people count: from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

const blank = /[ \t\r\n]*/y
const literal = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y

function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

const skip = (text: string, at: number): number => match(blank, text, at) ?? at

type Places = Map<string, number>

function readValue(text: string, at: number, path: string, places: Places, depth: number): number {
  if (depth > deepest) throw fault('this is nested too deep', at)
  if (!places.has(path)) places.set(path, at)
  const first = text[at]
  if (first === '{') return readObject(text, at, path, places, depth)
  if (first === '[') return readList(text, at, path, places, depth)
  if (first === '"') return readString(text, at)
  const end = match(literal, text, at)
  if (end !== undefined) return end
  throw fault(first === undefined ? 'a value is missing at the end' : 'a value is expected here', at)
}

function readString(text: string, at: number): number {
  const end = match(string, text, at)
  if (end !== undefined) return end
  throw fault('this text is not closed, or holds what must be escaped', at)
}

function readObject(text: string, begin: number, path: string, places: Places, depth: number): number {
  let at = skip(text, begin + 1)
  if (text[at] === '}') return at + 1
  while (true) {
    if (text[at] !== '"')
      throw fault(text[at] === '}' ? 'a comma too many' : 'a name in quotes is expected here', at)
    const end = readString(text, at)
    const field = `${path}.${JSON.parse(text.slice(at, end))}`
    places.set(field, at)
    at = skip(text, end)
    if (text[at] !== ':') throw fault('a colon is expected here', at)
    at = skip(text, readValue(text, skip(text, at + 1), field, places, depth + 1))
    if (text[at] === '}') return at + 1
    if (text[at] !== ',') throw fault('a comma or } is expected here', at)
    at = skip(text, at + 1)
  }
}

function readList(text: string, begin: number, path: string, places: Places, depth: number): number {
  let at = skip(text, begin + 1)
  if (text[at] === ']') return at + 1
  for (let n = 0; ; n++) {
    if (text[at] === ']') throw fault('a comma too many', at)
    at = skip(text, readValue(text, at, `${path}[${n}]`, places, depth + 1))
    if (text[at] === ']') return at + 1
    if (text[at] !== ',') throw fault('a comma or ] is expected here', at)
    at = skip(text, at + 1)
  }
}
