/** The files of the project as the rules see them: text, code without strings and comments, lines. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { blank } from './blank.ts'

export interface Source {
  /** From the project's root, with `/`. */
  path: string
  text: string
  /** Strings, comments and patterns blanked; every character stays in its place. */
  code: string
  /** Only comments blanked. */
  spoken: string
}

export interface Fault {
  path: string
  /** Counted from 1. */
  line: number
  /** What is wrong, and what to do. */
  message: string
}

export const project = join(import.meta.dirname, '../..')

/** As in .gitignore, and what belongs to git itself. */
const ignored = new Set(['node_modules', 'dist', 'coverage', '.git', '.pipeline', 'out'])

/** Every file of the project that is no dependency and not made by a build, sorted. */
export function listFiles(root: string = project): string[] {
  const found: string[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && !ignored.has(entry.name)) walk(path)
      else if (entry.isFile()) found.push(path)
    }
  }
  walk('')
  return found.sort()
}

export const isCode = (path: string): boolean => /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path)

export function toSource(path: string, text: string): Source {
  const { code, spoken } = isCode(path) ? blank(text) : { code: text, spoken: text }
  return { path, text, code, spoken }
}

export const readSource = (path: string, root: string = project): Source =>
  toSource(path, readFileSync(join(root, path), 'utf8'))

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

export const shown = ({ path, line, message }: Fault): string => `${path}:${line}: ${message}`

/** Where a pattern (global) is found in one of a source's texts. */
export function faultsOf(
  { path, ...texts }: Source,
  where: 'text' | 'code' | 'spoken',
  pattern: RegExp,
  message: string | ((found: string) => string),
): Fault[] {
  return [...texts[where].matchAll(pattern)].map((found) => ({
    path,
    line: lineAt(texts[where], found.index),
    message: typeof message === 'string' ? message : message(found[0]),
  }))
}
