/** What a file imports, and where an import leads. */

import { posix } from 'node:path'
import { lineAt, type Source } from './source.ts'

export interface Import {
  /** As it is written. */
  specifier: string
  kind: 'static' | 'dynamic' | 'types'
  line: number
}

/** In code whose strings are blanked: where the quote of a specifier opens. */
const statement = /\b(import|export)\b(\s+type\b)?([^;'"`()]*?)(?:\bfrom\b\s*|(?<=\bimport\s*))(['"])/g
const call = /(\btypeof\s+)?\b(import|require)\s*\(\s*(['"])/g

export function importsOf({ code, text }: Pick<Source, 'code' | 'text'>): Import[] {
  const found: Import[] = []
  const add = (kind: Import['kind'], end: number, at: number): void => {
    const quote = text[end - 1]!
    found.push({ specifier: text.slice(end, text.indexOf(quote, end)), kind, line: lineAt(text, at) })
  }
  for (const match of code.matchAll(statement)) {
    const types = match[2] !== undefined || onlyTypes(match[3]!)
    add(types ? 'types' : 'static', match.index + match[0].length, match.index)
  }
  for (const match of code.matchAll(call)) {
    const types = match[1] !== undefined || isTypePosition(code, match.index)
    add(types ? 'types' : 'dynamic', match.index + match[0].length, match.index)
  }
  return found
}

/** `{ type A, type B }` */
function onlyTypes(clause: string): boolean {
  const inside = /^\s*\{([\s\S]*)\}\s*$/.exec(clause)?.[1]
  const names = inside?.split(',').filter((name) => name.trim() !== '') ?? []
  return names.length > 0 && names.every((name) => /^\s*type\s/.test(name))
}

/** `: import('x').Y`, `<import('x').Y>`: a type, not a load. */
const isTypePosition = (code: string, at: number): boolean =>
  /(?:[:<|&]|\bas|\bextends)\s*$/.test(code.slice(Math.max(0, at - 20), at))

/**
 * The file that a relative specifier names.
 * @returns undefined for a package, and for what is not there
 */
export function resolveImport(
  from: string,
  specifier: string,
  files: ReadonlySet<string>,
): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = posix.join(posix.dirname(from), specifier)
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`].find((each) => files.has(each))
}
