/** The page in headless Chromium: how soon the first board stands, what it takes, and how a drag and a long day go. */

import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import { toInstant } from '../src/domain/instant.ts'
import { operations } from '../src/ops/index.ts'
import { call } from '../src/ops/operation.ts'
import { openDatabase } from '../src/store/open.ts'
import { type Bench, type Figure, median, root } from './figure.ts'
import { seedFile } from './seed.ts'
import { serving } from './served.ts'

// What runs in the page itself.
declare const document: { querySelectorAll(selector: string): { length: number } }
declare const window: { stoodMs?: number }
declare function requestAnimationFrame(then: (atMs: number) => void): number

export const benchPage: Bench = async ({ smoke }) => {
  const figures = sizes()
  const browser = await chromium.launch({
    executablePath: process.env.PIPELINE_TEST_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--js-flags=--expose-gc'],
  })
  const bare = await bareServer()
  try {
    for (const [items, goalMs] of smoke
      ? [[1_000, 300] as const]
      : ([
          [1_000, 300],
          [10_000, 600],
        ] as const))
      figures.push(...(await board(browser, bare.url, { items, goalMs, rounds: smoke ? 3 : 15, smoke })))
    return figures
  } finally {
    await browser.close()
    bare.close()
  }
}

/** What the first board loads: the files that index.html names. */
function sizes(): Figure[] {
  const web = join(root, 'dist', 'web')
  const html = readFileSync(join(web, 'index.html'), 'utf8')
  const sum = (ending: string) =>
    readdirSync(join(web, 'assets'))
      .filter((name) => name.endsWith(ending) && html.includes(name))
      .reduce(
        (bytes, name) => bytes + gzipSync(readFileSync(join(web, 'assets', name)), { level: 9 }).length,
        0,
      )
  return [
    {
      name: 'first board: script',
      value: sum('.js') / 1000,
      unit: 'kB gzip',
      goal: 60,
      direction: 'at most',
    },
    {
      name: 'first board: styles',
      value: sum('.css') / 1000,
      unit: 'kB gzip',
      goal: 15,
      direction: 'at most',
    },
  ]
}

interface Load {
  items: number
  goalMs: number
  rounds: number
  smoke: boolean
}

async function board(browser: Browser, bareUrl: string, load: Load): Promise<Figure[]> {
  const seed = await seedFile(load.items)
  const server = await serving(seed.url)
  try {
    const times = { ours: [] as number[], bare: [] as number[] }
    let bytes = 0
    for (let round = 0; round <= load.rounds; round++) {
      const empty = await loaded(browser, bareUrl, 'p')
      const first = await loaded(browser, server.url, '[data-id]', 20)
      if (round === 0) continue
      times.bare.push(empty.ms)
      times.ours.push(first.ms)
      bytes = first.bytes
    }
    const page = await opened(browser, server.url)
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length)
    const heapMb = await heap(page)
    const name = `${load.items} items`
    const figures: Figure[] = [
      {
        name: `${name}: first 20 cards`,
        value: median(times.ours) - median(times.bare),
        unit: 'ms later',
        goal: load.goalMs,
        direction: 'at most',
        note: `than an empty page (${median(times.bare).toFixed(0)} ms)`,
      },
      { name: `${name}: over the wire`, value: bytes / 1000, unit: 'kB', goal: 200, direction: 'at most' },
      { name: `${name}: nodes`, value: nodes, unit: '', goal: 3_000, direction: 'at most' },
      { name: `${name}: heap`, value: heapMb, unit: 'MB', goal: 20, direction: 'at most' },
      {
        name: `${name}: frames of a drag`,
        value: await framesOfDrag(page),
        unit: '/s',
        goal: 50,
        direction: 'at least',
      },
    ]
    if (load.items >= 10_000) figures.push(await longDay(page, seed.url))
    await page.context().close()
    return figures
  } finally {
    server.child.kill()
    seed.remove()
  }
}

/** From the start of the navigation until `count` of `selector` stand, nothing kept from before. */
async function loaded(
  browser: Browser,
  url: string,
  selector: string,
  count = 1,
): Promise<{ ms: number; bytes: number }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const client = await context.newCDPSession(page)
  await client.send('Network.enable')
  let bytes = 0
  client.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength))
  await page.addInitScript(
    ([wanted, least]) => {
      const look = (): number =>
        requestAnimationFrame(() => {
          if (document.querySelectorAll(wanted).length < least) look()
          else
            requestAnimationFrame(() => {
              window.stoodMs = performance.now()
            })
        })
      look()
    },
    [selector, count] as const,
  )
  await page.goto(url)
  const stood = await page.waitForFunction(() => window.stoodMs)
  const ms = (await stood.jsonValue())!
  await context.close()
  return { ms, bytes }
}

async function opened(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(url)
  await page.waitForSelector('[data-id]')
  return page
}

async function heap(page: Page): Promise<number> {
  const client = await page.context().newCDPSession(page)
  await client.send('HeapProfiler.collectGarbage')
  const { usedSize } = await client.send('Runtime.getHeapUsage')
  await client.detach()
  return usedSize / 1e6
}

async function framesOfDrag(page: Page): Promise<number> {
  const card = (await page.locator('[data-id]').first().boundingBox())!
  await page.mouse.move(card.x + 40, card.y + 30)
  await page.mouse.down()
  await page.mouse.move(card.x + 60, card.y + 40, { steps: 3 })
  const counted = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let frames = 0
        const fromMs = performance.now()
        const frame = (atMs: number): void => {
          frames += 1
          if (atMs - fromMs < 2_000) requestAnimationFrame(frame)
          else resolve((frames * 1_000) / (atMs - fromMs))
        }
        requestAnimationFrame(frame)
      }),
  )
  for (let n = 0; n < 60; n++)
    await page.mouse.move(
      card.x + 60 + 1_100 * Math.abs(Math.sin(n / 10)),
      card.y + 40 + 300 * Math.abs(Math.cos(n / 7)),
    )
  const rate = await counted
  await page.keyboard.press('Escape')
  await page.mouse.up()
  return rate
}

/** Ten thousand events, as fast as they can be written: what the page holds afterwards. */
async function longDay(page: Page, url: string): Promise<Figure> {
  const events = 10_000
  const database = await openDatabase(url, { now: toInstant(Date.now()) })
  const env = {
    database,
    now: () => toInstant(Date.now()),
    actor: 'agent:bench',
    trust: 'local',
    permissions: 'all',
  } as const
  const some = async (from: number, until: number): Promise<void> => {
    for (let n = from; n < until; n += 100) {
      const lines = Array.from({ length: 100 }, (_, k) => ({
        op: 'note',
        input: { id: 1 + ((n + k) % 500), text: `Note ${n + k}` },
      }))
      await call(operations['batch.run'], { operations: lines }, env)
      await new Promise((done) => setTimeout(done, 20))
    }
    await new Promise((done) => setTimeout(done, 2_000))
  }
  // What the page builds once is there already.
  await some(0, 500)
  const before = await heap(page)
  await some(500, events)
  const after = await heap(page)
  await database.close()
  return {
    name: `memory after ${events} events`,
    value: (after / before - 1) * 100,
    unit: '% more',
    goal: 10,
    direction: 'at most',
    note: `${before.toFixed(1)} to ${after.toFixed(1)} MB`,
  }
}

/** An empty page, as small as it can be. */
async function bareServer(): Promise<{ url: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>Empty</title><p>nothing</p>')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() }
}
