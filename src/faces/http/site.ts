/**
 * The page and what it loads: the files of one folder, made by the build. Their names are read once, and only a name
 * of that list is ever opened, so that no path leads out of the folder.
 */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeptAnswer, keptAnswer } from './answer.ts'
import { readTag } from './conditional.ts'
import { cautious, revalidate } from './reply.ts'

export interface Site {
  /** The page itself, whatever it shows; undefined where none is built. */
  page(): Promise<KeptAnswer | undefined>
  /** @param path `/assets/main-1a2b.js`, `/icon.svg` */
  file(path: string): Promise<KeptAnswer | undefined>
}

const types: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json; charset=utf-8',
  webmanifest: 'application/manifest+json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
}

/** Compressed by their format. */
const dense = new Set(['png', 'woff2'])

/** What is in here bears a digest of its content in its name: it never changes. */
export const assetsPath = '/assets/'
const forEver = 'public, max-age=31536000, immutable'

/** Nothing but what this server gives: no inline script, no style in the page, nothing from elsewhere. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const pageHeaders = {
  ...cautious,
  'content-security-policy': pagePolicy,
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  // Programs that ask for the same path get a text.
  vary: 'accept',
}

/** @param root folder; it need not be there */
export function siteOf(root: string | undefined): Site {
  const answers = new Map<string, Promise<KeptAnswer>>()
  let names: Promise<ReadonlySet<string>> | undefined
  const file = async (path: string): Promise<KeptAnswer | undefined> => {
    if (root === undefined) return undefined
    names ??= listed(root)
    const known = await names
    if (!known.has(path) || /\.(?:br|gz)$/.test(path)) return undefined
    const answer = answers.get(path) ?? read(root, path, known)
    answers.set(path, answer)
    return answer.catch((error: NodeJS.ErrnoException) => {
      answers.delete(path)
      // Another version has been installed since.
      if (error.code === 'ENOENT') return undefined
      throw error
    })
  }
  return { file, page: () => file('/index.html') }
}

/** As paths of URLs. */
async function listed(root: string): Promise<ReadonlySet<string>> {
  const inFolder = async (folder: string): Promise<string[]> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
    return entries.filter((each) => each.isFile()).map(({ name }) => `${folder}${name}`)
  }
  return new Set([...(await inFolder('/')), ...(await inFolder(assetsPath))])
}

async function read(root: string, path: string, known: ReadonlySet<string>): Promise<KeptAnswer> {
  const open = (name: string): Promise<Buffer> => readFile(join(root, name))
  const body = await open(path)
  const ready = {
    ...(known.has(`${path}.br`) ? { br: await open(`${path}.br`) } : {}),
    ...(known.has(`${path}.gz`) ? { gzip: await open(`${path}.gz`) } : {}),
  }
  const ending = path.slice(path.lastIndexOf('.') + 1)
  const isPage = path.endsWith('.html')
  return keptAnswer({
    tag: readTag(undefined, body),
    type: types[ending] ?? 'application/octet-stream',
    body,
    headers: {
      ...(isPage ? pageHeaders : cautious),
      'cache-control': path.startsWith(assetsPath) ? forEver : revalidate,
    },
    compressible: !dense.has(ending),
    ready,
  })
}
