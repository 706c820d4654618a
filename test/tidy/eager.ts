/** What every command loads, whatever it does: kept small, since it is paid at each start. */

import { importsOf, resolveImport } from './imports.ts'
import type { Fault, Source } from './source.ts'

/** Packages, parts of Node and folders that are loaded when they are needed, by an `import()`. */
const late =
  /^(croner|re2js|undici|nodemailer|pg|fastify|node:(crypto|child_process|http|https|os|stream|zlib|net|tls|dns|worker_threads).*)$|^src\/(formats|probes|notify|worker|web|faces\/http|faces\/mcp)\//

/** @param sources files below `src` */
export function eagerFaults(sources: readonly Source[], entry: string): Fault[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const files = new Set(byPath.keys())
  const seen = new Set([entry])
  const faults: Fault[] = []
  for (const path of seen) {
    for (const { specifier, kind, line } of importsOf(byPath.get(path)!)) {
      if (kind !== 'static') continue
      const target = resolveImport(path, specifier, files)
      if (late.test(target ?? specifier)) {
        const message = `${target ?? specifier} is loaded by every command: import it where it is needed`
        faults.push({ path, line, message })
      } else if (target) seen.add(target)
    }
  }
  return faults
}
