/** Documents that a stranger can follow: links lead somewhere, and nothing speaks of one machine. */

import { posix } from 'node:path'
import { type Fault, faultsOf, lineAt, type Source } from './source.ts'

/** Put together here, so that this file does not hold them. */
const foreign = [
  ['/wo', 'rk/'],
  ['../sha', 'red'],
  ['.lib', 'rary/'],
  ['/tmp/ba', 'sh_jobs'],
].map((parts) => parts.join(''))

/** Paths of the machine on which something was written. */
export function foreignFaults(sources: readonly Source[]): Fault[] {
  const pattern = new RegExp(
    foreign.map((word) => `(?<![\\w.])${word.replace(/[.*/]/g, '\\$&')}`).join('|'),
    'g',
  )
  const message = (found: string) =>
    `names a place of one machine (${found}): the project speaks of itself alone`
  return sources.flatMap((source) => faultsOf(source, 'text', pattern, message))
}

/** Relative links of Markdown that lead to no file, or to no heading of it. */
export function linkFaults(sources: readonly Source[], files: ReadonlySet<string>): Fault[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  return sources
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap((source) => {
      const text = source.text.replace(/^(```+)[\s\S]*?^\1|`[^`\n]*`/gm, (code) =>
        code.replace(/[^\n]/g, ' '),
      )
      return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((found) => {
        const message = linkFault(source, found[1]!, files, byPath)
        return message ? [{ path: source.path, line: lineAt(text, found.index), message }] : []
      })
    })
}

function linkFault(
  source: Source,
  link: string,
  files: ReadonlySet<string>,
  byPath: ReadonlyMap<string, Source>,
): string | undefined {
  if (/^(?:https?|mailto):/.test(link)) return undefined
  const [name = '', anchor] = link.split('#')
  const path = name === '' ? source.path : posix.join(posix.dirname(source.path), name).replace(/\/$/, '')
  const isFolder = [...files].some((file) => file.startsWith(`${path}/`))
  if (!files.has(path) && !isFolder) return `links to ${link}, and there is no ${path}: correct the link`
  if (anchor === undefined || !path.endsWith('.md')) return undefined
  const headings = [...byPath.get(path)!.text.matchAll(/^#+ +(.*)$/gm)].map((found) => slug(found[1]!))
  return headings.includes(anchor) ? undefined : `links to ${link}, and ${path} has no such heading`
}

/** As code hosts make the anchor of a heading. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
