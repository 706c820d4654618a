/** The page and its files: by their names alone, kept for ever where their name tells their content. */

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { atEnd, engines } from '../../helpers/engines.ts'
import { serve } from './client.ts'

const { freshDatabase } = engines[0]!

const html =
  '<!doctype html><title>Throughline</title><script type="module" src="/assets/main-1a2b3c4d.js"></script>'
const script = `console.log(${JSON.stringify('x'.repeat(3_000))})`
const style = `.card{color:red}${' '.repeat(3_000)}`

/** What a build would make. */
async function built(): Promise<string> {
  const above = await mkdtemp(join(tmpdir(), 'throughline-web-'))
  atEnd(() => rm(above, { recursive: true, force: true }))
  const root = join(above, 'web')
  await mkdir(join(root, 'assets'), { recursive: true })
  await mkdir(join(root, 'api'))
  const files: Record<string, string | Buffer> = {
    'index.html': html,
    'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'site.webmanifest': '{}',
    healthz: 'not this',
    'assets/main-1a2b3c4d.js': script,
    // To be told from what would be made here.
    'assets/main-1a2b3c4d.js.br': brotliCompressSync(`${script}//br`),
    'assets/main-1a2b3c4d.js.gz': gzipSync(`${script}//gz`),
    'assets/main-5e6f7a8b.css': style,
    'assets/inter-9c0d1e2f.woff2': Buffer.from([0, 1, 2, 255]),
    '../secret.txt': 'secret',
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content)
  await symlink(join(above, 'secret.txt'), join(root, 'assets', 'linked.txt'))
  return root
}

const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

test('every path of a browser’s own is the page, with its policy', async () => {
  const { ask } = await serve(await freshDatabase(), { webRoot: await built() })
  for (const path of [
    '//',
    '//board',
    '//items/25',
    '//live',
    '//incidents',
    '//dashboard?project=a',
    '//index.html',
  ]) {
    const reply = await ask('GET', path, { headers: page })
    expect(reply, path).toMatchObject({ status: 200, text: html })
    expect(reply.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-cache',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
      vary: 'accept, accept-encoding',
    })
    const policy = reply.headers['content-security-policy']!
    expect(policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    const known = { ...page, 'if-none-match': reply.headers.etag! }
    expect(await ask('GET', path, { headers: known })).toMatchObject({ status: 304, text: '' })
    expect(await ask('HEAD', path, { headers: page })).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-length': String(html.length) },
    })
  }
})

test('a program that asks for no page gets what it got before', async () => {
  const { ask } = await serve(await freshDatabase(), { webRoot: await built() })
  for (const accept of ['*/*', 'application/json']) {
    const home = await ask('GET', '//', { headers: { accept } })
    expect(home).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', vary: 'accept' },
    })
    expect(home.text).toContain('openapi.json')
    expect(await ask('GET', '//board', { headers: { accept } })).toMatchObject({
      status: 404,
      json: { code: 'not-found' },
    })
  }
  expect((await ask('POST', '//board', { headers: page })).status).toBe(404)
})

test('the API, the figures and the assets are no page, whoever asks', async () => {
  const { ask } = await serve(await freshDatabase(), { webRoot: await built() })
  for (const path of [
    '//api',
    '//api/v1/nothing',
    '//api/v2/items',
    '//assets/none.js',
    '//assets/',
    '//metrics/x',
    '//readyz/',
  ]) {
    expect(await ask('GET', path, { headers: page }), path).toMatchObject({
      status: 404,
      json: { code: 'not-found' },
    })
  }
  expect((await ask('GET', '//healthz', { headers: page })).text).toBe('ok\n')
})

test('an asset is kept for ever, and comes as short as the build made it', async () => {
  const { ask, url } = await serve(await freshDatabase(), { webRoot: await built() })
  const path = '/assets/main-1a2b3c4d.js'
  const plain = await ask('GET', `/${path}`)
  expect(plain).toMatchObject({
    status: 200,
    text: script,
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
    },
  })
  const short = async (name: string, encoding: string) => {
    const answer = await request(url + name, { headers: { 'accept-encoding': encoding } })
    expect(answer.headers['content-encoding']).toBe(encoding)
    return Buffer.from(await answer.body.arrayBuffer())
  }
  expect(brotliDecompressSync(await short(path, 'br')).toString()).toBe(`${script}//br`)
  expect(gunzipSync(await short(path, 'gzip')).toString()).toBe(`${script}//gz`)
  // What the build did not make shorter is made shorter here.
  expect(brotliDecompressSync(await short('/assets/main-5e6f7a8b.css', 'br')).toString()).toBe(style)
  const font = await request(`${url}/assets/inter-9c0d1e2f.woff2`, { headers: { 'accept-encoding': 'br' } })
  expect(font.headers).toMatchObject({ 'content-type': 'font/woff2', 'content-length': '4' })
  expect([...Buffer.from(await font.body.arrayBuffer())]).toEqual([0, 1, 2, 255])
  expect(await ask('GET', '//icon.svg')).toMatchObject({
    status: 200,
    headers: { 'content-type': 'image/svg+xml', 'cache-control': 'private, no-cache' },
  })
})

test.each([
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/assets/%2e%2e/%2e%2e/secret.txt',
  '/assets/..\\..\\secret.txt',
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '//secret.txt',
  '/assets/linked.txt',
  '/assets/main-1a2b3c4d.js.br',
  '/assets/main-1a2b3c4d.js%00',
  '/assets/__proto__',
])('%s leads nowhere', async (path) => {
  const { wire, port } = await serve(await freshDatabase(), { webRoot: await built() })
  const reply = await wire(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`)
  expect(reply).toMatch(/^HTTP\/1.1 40[04] /)
  expect(reply).not.toContain('\r\n\r\nsecret')
})

test('a file that is gone since, as after an update, is not found', async () => {
  const webRoot = await built()
  const { ask, errors } = await serve(await freshDatabase(), { webRoot })
  expect((await ask('GET', '//', { headers: page })).text).toBe(html)
  await rm(webRoot, { recursive: true })
  expect((await ask('GET', '//assets/main-5e6f7a8b.css')).status).toBe(404)
  expect((await ask('GET', '//', { headers: page })).text).toBe(html)
  expect(errors).toEqual([])
})

test('where no page is built there is the text', async () => {
  const { ask } = await serve(await freshDatabase(), { webRoot: join(tmpdir(), 'throughline-none') })
  const home = await ask('GET', '//', { headers: page })
  expect(home).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } })
  expect((await ask('GET', '//board', { headers: page })).status).toBe(404)
})

test('a page of another host or origin does not get it', async () => {
  const { ask } = await serve(await freshDatabase(), { webRoot: await built() })
  const headers = { ...page, host: 'evil.example' }
  expect((await ask('GET', '//board', { headers })).status).toBe(403)
  expect((await ask('GET', '//assets/main-1a2b3c4d.js', { headers })).status).toBe(403)
})
