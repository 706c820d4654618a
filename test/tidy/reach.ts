/** Files that nothing leads to. */

import { posix } from 'node:path'
import { importsOf, resolveImport } from './imports.ts'
import type { Fault, Source } from './source.ts'

/** Where the product starts; a page or a process of its own has its own start. */
const doors = [
  'src/bin.ts',
  'src/index.ts',
  'src/web/main.ts',
  'src/web/main.tsx',
  'src/probes/spawner-process.ts',
]

const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path)

/**
 * Files below `src` that neither door leads to, and files below `test` that no test leads to, nor the
 * configuration of the tests.
 */
export function unlistedFaults(sources: readonly Source[], config: readonly Source[] = []): Fault[] {
  const product = reached(
    sources,
    sources.filter(({ path }) => doors.includes(path)),
  )
  const tested = reached(sources, [...sources.filter(({ path }) => isTest(path)), ...config])
  return sources.flatMap(({ path }) => {
    // Declarations of what the build makes are read by the compiler alone.
    if (path.startsWith('src/') && !path.endsWith('.d.ts') && !product.has(path)) {
      return [
        {
          path,
          line: 1,
          message: `nothing leads to it from ${doors.slice(0, 2).join(' or ')}: list it in its index, or remove it`,
        },
      ]
    }
    if (path.startsWith('test/') && !tested.has(path)) {
      return [{ path, line: 1, message: 'no test uses it: use it, or remove it' }]
    }
    return []
  })
}

/** Dependencies that no file of the product names: installed by everybody, used by nobody. */
export function idleDependencies(names: readonly string[], sources: readonly Source[]): Fault[] {
  return names
    .filter((name) => !sources.some(({ spoken }) => new RegExp(`['"\`/]${name}['"\`/]`).test(spoken)))
    .map((name) => ({
      path: 'package.json',
      line: 1,
      message: `nothing in src uses the dependency ${name}: remove it`,
    }))
}

function reached(sources: readonly Source[], starts: readonly Source[]): Set<string> {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const files = new Set(byPath.keys())
  const seen = new Set<string>()
  const queue = [...starts]
  for (let source = queue.pop(); source; source = queue.pop()) {
    if (seen.has(source.path)) continue
    seen.add(source.path)
    for (const path of leadsTo(source, files)) queue.push(byPath.get(path)!)
  }
  return seen
}

/** Imports, and paths in strings: a test may start a file as a process of its own. */
function leadsTo(source: Source, files: ReadonlySet<string>): string[] {
  const imports = importsOf(source).flatMap(
    ({ specifier }) => resolveImport(source.path, specifier, files) ?? [],
  )
  const named = [...source.spoken.matchAll(/['"`]([\w./-]+\.[cm]?[jt]sx?)['"`]/g)].flatMap(([, name]) => {
    const beside = posix.join(posix.dirname(source.path), name!)
    return [beside, posix.normalize(name!)].filter((path) => files.has(path))
  })
  return source.path.startsWith('src/') ? imports : [...imports, ...named]
}
