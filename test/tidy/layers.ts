/** Which layer may know which. One table; whatever is not in it is refused. */

import { type Import, importsOf, resolveImport } from './imports.ts'
import type { Fault, Source } from './source.ts'

type Knows = Record<string, 'all' | 'types'>

const below: Knows = { errors: 'all', domain: 'all' }
const face: Knows = { ...below, ops: 'all', store: 'types' }

/**
 * What a layer may import, besides itself. The engine, the probes and the worker are handed to those above as
 * values of a type: `wire` joins them, `serve` joins the faces, and only the two doors, `bin` and `index`, know those.
 */
export const knows: Record<string, Knows> = {
  errors: {},
  domain: { errors: 'all' },
  store: below,
  probes: below,
  notify: below,
  formats: below,
  ops: { ...below, store: 'all', formats: 'all' },
  worker: { ...below, ops: 'all', store: 'types', probes: 'types', notify: 'types' },
  'faces/cli': face,
  'faces/http': face,
  'faces/mcp': face,
  web: { domain: 'all', ops: 'types' },
  notifier: { ...below, probes: 'all', notify: 'all' },
  wire: { ...below, ops: 'all', store: 'types', probes: 'all', worker: 'all', notifier: 'all' },
  serve: {
    ...below,
    worker: 'all',
    'faces/cli': 'types',
    'faces/http': 'all',
    notifier: 'all',
    wire: 'all',
  },
  index: { ...below, ops: 'all', store: 'all', notify: 'all', 'faces/cli': 'all', wire: 'all' },
  bin: { ...below, store: 'all', 'faces/cli': 'all', wire: 'all', serve: 'all' },
}

/** Packages and parts of Node that have one home; what is in no list is free for all but `domain`. */
export const homes: Record<string, string[]> = {
  'sql-template-tag': ['store'],
  pg: ['store'],
  '@photostructure/sqlite': ['store'],
  'node:sqlite': ['store'],
  croner: ['domain'],
  re2js: ['domain'],
  undici: ['probes', 'notify'],
  nodemailer: ['notify'],
  'node:child_process': ['probes', 'bin'],
  'node:worker_threads': ['probes', 'bin'],
  fastify: ['faces/http'],
  '@fastify/swagger': ['faces/http'],
  '@fastify/static': ['faces/http'],
  'zod/mini': ['ops', 'faces/cli', 'faces/http', 'faces/mcp', 'index'],
  zod: [],
}

/** `src/store/sqlite.ts` is in `store`, `src/faces/cli/main.ts` in `faces/cli`, `src/bin.ts` in `bin`. */
export function layerOf(path: string): string | undefined {
  const parts = path.replace(/^src\//, '').split('/')
  if (!path.startsWith('src/')) return undefined
  if (parts.length === 1) return parts[0]!.replace(/\.tsx?$/, '')
  return parts[0] === 'faces' && parts.length > 2 ? `faces/${parts[1]}` : parts[0]
}

/** @param sources files below `src` */
export function layerFaults(sources: readonly Source[]): Fault[] {
  const files = new Set(sources.map((source) => source.path))
  return sources.flatMap((source) => {
    const layer = layerOf(source.path)
    if (layer === undefined || !Object.hasOwn(knows, layer)) {
      const message = `is in no layer: put it into one of ${Object.keys(knows).join(', ')}, or add its layer here on purpose`
      return [{ path: source.path, line: 1, message }]
    }
    return importsOf(source).flatMap((each) => {
      const message = faultOf(source.path, layer, each, files)
      return message === undefined ? [] : [{ path: source.path, line: each.line, message }]
    })
  })
}

function faultOf(
  path: string,
  layer: string,
  { specifier, kind }: Import,
  files: ReadonlySet<string>,
): string | undefined {
  if (!specifier.startsWith('.')) return packageFault(layer, specifier)
  // What the build of the page takes in as it is.
  if (layer === 'web' && /\.(?:css|svg)$/.test(specifier)) return undefined
  const target = resolveImport(path, specifier, files)
  if (target === undefined) return `imports ${specifier}, which is no file of src`
  const other = layerOf(target)!
  if (other === layer) return undefined
  const allowed = Object.hasOwn(knows[layer]!, other) ? knows[layer]![other] : undefined
  if (allowed === 'all' || (allowed === 'types' && kind === 'types')) return undefined
  return allowed === 'types'
    ? `${layer} may know only types of ${other}: write "import type", and have the value handed in`
    : `${layer} must not import ${other} (${specifier}): it may know ${Object.keys(knows[layer]!).join(', ') || 'nothing'}`
}

function packageFault(layer: string, specifier: string): string | undefined {
  const home = Object.keys(homes).find(
    (name) => specifier === name || (name !== 'zod' && specifier.startsWith(`${name}/`)),
  )
  if (home !== undefined && !homes[home]!.includes(layer)) {
    const where = homes[home]!.length > 0 ? `only in ${homes[home]!.join(', ')}` : 'not used: take zod/mini'
    return `imports ${specifier}, which is ${where}`
  }
  if (layer === 'domain' && specifier.startsWith('node:')) {
    return `domain is pure: it must not import ${specifier}; have it handed in`
  }
  return undefined
}
