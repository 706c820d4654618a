/**
 * What a monitoring plugin measured: the performance data behind the bar, as the guidelines of monitoring plugins
 * have it, `'label'=value[unit];[warn];[crit];[min];[max]`. Tolerant: what can't be read is left out.
 */

import { gist } from './gist.ts'

export interface Metric {
  /** One harmless line, at most 60 characters; unlike all others of the run. */
  label: string
  value: number
  /** As the plugin wrote it, such as `s`, `%`, `B`, `c` (a counter); empty for a plain number. */
  unit: string
  /** The range that is no warning, in the plugin's words: `10`, `10:`, `~:10`, `10:20`, `@10:20`. */
  warn?: string
  crit?: string
  min?: number
  max?: number
}

const mostMetrics = 20
const longestLabel = 60
/** Characters of performance data that are read. */
const longest = 16_384

/**
 * @param stdout     all that the plugin printed
 * @param truncated  it is cut: a last value without white space behind it may be too
 * @returns          the first 20 that can be read; of those with one label the first
 */
export function parsePerfdata(stdout: string, truncated = false): Metric[] {
  const metrics: Metric[] = []
  const labels = new Set<string>()
  const text = behindBar(stdout)
  const data = text.slice(0, longest)
  for (const entry of entriesOf(data, truncated || text.length > longest)) {
    const metric = readMetric(entry)
    if (metric === undefined || labels.has(metric.label)) continue
    labels.add(metric.label)
    if (metrics.push(metric) === mostMetrics) break
  }
  return metrics
}

/** On the first line what is behind its bar; on the others, which are long text, all that is behind their first. */
function behindBar(stdout: string): string {
  const text = stdout.trimStart()
  const end = text.indexOf('\n')
  const first = end < 0 ? text : text.slice(0, end)
  const more = end < 0 ? '' : text.slice(end + 1)
  const [one, other] = [first.indexOf('|'), more.indexOf('|')]
  // With a line break where they meet: what is not white space there would be one word.
  return `${one < 0 ? '' : first.slice(one + 1)}${other < 0 ? '' : `\n${more.slice(other + 1)}`}`
}

interface Entry {
  label: string
  rest: string
}

/** A quoted label may hold anything, a quote as two. The last alternative passes over what is none. */
const entry = /\s*(?:'((?:[^'\n]|'')*)'|([^\s=|]+))=([^\s|]*)|\s*(?:\||[^\s|]+)/y

function* entriesOf(data: string, cut: boolean): Generator<Entry> {
  entry.lastIndex = 0
  for (let at = 0; at < data.length; ) {
    entry.lastIndex = at
    const found = entry.exec(data)
    if (!found) return
    at += found[0].length
    const [, quoted, bare, rest] = found
    if (rest === undefined || (cut && at === data.length)) continue
    yield { label: quoted?.replaceAll("''", "'") ?? bare ?? '', rest }
  }
}

const decimal = String.raw`[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?`
const measured = new RegExp(`^(${decimal})([%A-Za-z°µμ/]{0,10})$`)
const plain = new RegExp(`^${decimal}$`)
const range = new RegExp(`^@?(?:(?:~|${decimal})?:)?(?:${decimal})?$`)

function readMetric({ label: written, rest }: Entry): Metric | undefined {
  // Some languages print a decimal comma.
  const [first = '', ...limits] = rest.replaceAll(',', '.').split(';', 5)
  const [, number = '', unit = ''] = measured.exec(first) ?? []
  const value = readNumber(number)
  const label = gist(written, longestLabel)
  if (value === undefined || label === '') return undefined
  const [warn, crit] = limits.slice(0, 2).map(readRange)
  const [min, max] = limits.slice(2).map(readNumber)
  return {
    label,
    value,
    unit,
    ...(warn !== undefined && { warn }),
    ...(crit !== undefined && { crit }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  }
}

function readNumber(text: string): number | undefined {
  const value = plain.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value + 0 : undefined
}

const longestRange = 60

const readRange = (text: string): string | undefined =>
  text !== '' && text.length <= longestRange && /\d|~/.test(text) && range.test(text) ? text : undefined
