/** A real Chromium on a real server: each test its own pipeline and its own window. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { createHttpServer } from '../../src/faces/http/server.ts'
import { type Operations, operations } from '../../src/ops/index.ts'
import { call, type InputOf, type OutputOf } from '../../src/ops/operation.ts'
import type { Database } from '../../src/store/database.ts'
import { pause } from '../../src/wire.ts'
import { engines } from '../helpers/engines.ts'

/** Chromium as the system has it: named by PIPELINE_TEST_CHROMIUM, or where systems put it. */
const places = [
  process.env.PIPELINE_TEST_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export const executable = places.find((path) => path !== '' && existsSync(path))

/** Without a browser these tests are left out, and fail where nothing may be. */
export const without = executable === undefined && !process.env.CI

let browser: Browser | undefined

export function useBrowser(): void {
  beforeAll(async () => {
    if (!without) browser = await launch()
  })
  afterAll(() => browser?.close())
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executable!,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })

export interface Site {
  url: string
  database: Database
  /** By an operation of the product, as somebody else at the machine. */
  run<N extends keyof Operations>(name: N, input: InputOf<Operations[N]>): Promise<OutputOf<Operations[N]>>
  /** The server goes, and comes back at the same address. */
  stop(): Promise<void>
  start(): Promise<void>
  open(path?: string, options?: BrowserContextOptions): Promise<Page>
  /** What went wrong in the windows so far: faults of scripts, refusals of the policy, answers of 500 and more. */
  faults: string[]
}

const now = () => new Date().toISOString() as `${string}Z`

/** @param more what else the server is handed: a worker, say */
export async function site(
  engine: 'sqlite' | 'postgres' = 'sqlite',
  more: (database: Database) => object = () => ({}),
): Promise<Site> {
  const database = await engines.find((each) => each.engine === engine)!.freshDatabase()
  const begin = async (port: number) => {
    const server = await createHttpServer({
      ...{ database, now, actor: 'human:max', version: '0.0.0', graceMs: 100 },
      webRoot: join(import.meta.dirname, '../../dist/web'),
      pause,
      ...more(database),
    })
    const { url } = await server.listen(port)
    return { server, url }
  }
  let { server, url } = await begin(0)
  onTestFinished(() => server.close())
  const faults: string[] = []
  const env = { database, now, actor: 'agent:builder-1', trust: 'local', permissions: 'all' } as const
  return {
    url,
    database,
    faults,
    stop: () => server.close(),
    async start() {
      ;({ server, url } = await begin(Number(new URL(url).port)))
    },
    async run(name, input) {
      return (await call(operations[name], input, env)).data as never
    },
    async open(path = '/', options = {}) {
      const context = await browser!.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      onTestFinished(() => context.close())
      // What does not come within this does not come: the test says at which line.
      context.setDefaultTimeout(10_000)
      const page = await context.newPage()
      watch(page, faults)
      await page.goto(`${url}${path}`)
      return page
    },
  }
}

function watch(page: Page, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) faults.push(message.text())
  })
  page.on('response', (answer) => {
    if (answer.status() >= 500) faults.push(`${answer.status()} ${answer.url()}`)
  })
}

export const card = (page: Page, id: number) => page.locator(`[data-id="${id}"]`)

export const column = (page: Page, stage: string) => page.locator(`[data-stage="${stage}"]`)

export const inColumn = (page: Page, stage: string, id: number) =>
  expect.poll(() => column(page, stage).locator(`[data-id="${id}"]`).count()).toBe(1)
