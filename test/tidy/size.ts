/** Files short enough to be one thing. */

import { type Fault, isCode, type Source } from './source.ts'

export const longest = 400

/** Files that may be longer, each with the reason. */
export const longFiles: Record<string, string> = {}

export function lengthFaults(
  sources: readonly Source[],
  except: Record<string, string> = longFiles,
): Fault[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length
    const long = (isCode(path) || path.endsWith('.css')) && lines > longest
    if (Object.hasOwn(except, path)) {
      return long
        ? []
        : [
            {
              path,
              line: 1,
              message: 'is excepted from the longest length and does not need it: strike it from the list',
            },
          ]
    }
    const message = `has ${lines} lines, and ${longest} are the most: take a thing of its own out of it`
    return long ? [{ path, line: longest + 1, message }] : []
  })
}
