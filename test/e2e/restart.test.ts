/** PostgreSQL is restarted under a `serve` that works: who asks meanwhile is told so, and everything goes on. */

import { expect, test } from 'vitest'
import { freshPlace, running, sure } from '../helpers/cli.ts'
import { freshWebsite } from '../helpers/cli-website.ts'
import { atEnd } from '../helpers/engines.ts'
import { startPostgres } from '../helpers/postgres-server.ts'

test('requests are refused with 503 while it is away, none that was answered is lost, and the monitor goes on', async () => {
  const server = await startPostgres()
  atEnd(() => server.stop())
  const place = await freshPlace(server.url)
  const site = await freshWebsite()
  const check = JSON.stringify({ type: 'http', url: site.url, frequency: '5s', retries: 0 })
  await sure(place)(['create', 'Watched', '--health-check', check])
  await sure(place)(['move', '1', 'live'])
  const serve = running(place, ['serve', '--port', '0'])
  const [, url] = await serve.said(/listens on (http:\S+)/)
  const ask = async (path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' }
    const post = { method: 'POST', headers, body: JSON.stringify(body) }
    const answer = await fetch(`${url}/api/v1${path}`, body ? post : {})
    return { status: answer.status, headers: answer.headers, json: (await answer.json()) as never }
  }
  const runs = async (): Promise<number> => {
    const { status, json } = await ask('/items/1')
    return status === 200 ? (json as { data: { runs: unknown[] } }).data.runs.length : 0
  }
  const polled = { interval: 50, timeout: 20_000 }
  await expect.poll(runs, polled).toBe(1)

  // Until the monitor, which asks once a second, has met it too.
  let hasFailed = false
  void serve.said(/the monitor had a fault/).then(() => (hasFailed = true))
  const made: string[] = []
  const refused: Awaited<ReturnType<typeof ask>>[] = []
  while (!hasFailed) {
    let isAway = true
    const restarted = server.restart().finally(() => (isAway = false))
    while (isAway) {
      const title = `Written meanwhile ${made.length + refused.length}`
      const [written, read] = await Promise.all([ask('/items', { title }), ask('/items?all')])
      if (written.status === 201) made.push(title)
      refused.push(...[written, read].filter(({ status }) => status >= 300))
    }
    await restarted
  }
  expect(refused.length).toBeGreaterThan(0)
  for (const { status, headers, json } of refused) {
    expect({ status, json }).toMatchObject({ status: 503, json: { code: 'unavailable' } })
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }

  expect((await ask('/items', { title: 'Written afterwards' })).status).toBe(201)
  const { items } = (await sure(place)(['list', '--all', '--limit', '1000', '--json=title'])).json()
  const titles = items.map(({ title }: { title: string }) => title)
  for (const title of [...made, 'Written afterwards'])
    expect(titles.filter((each: string) => each === title)).toEqual([title])
  await serve.said(/the monitor works again/)
  await expect.poll(runs, polled).toBeGreaterThan(1)
  expect(await serve.stop()).toMatchObject({ code: 0 })
}, 60_000)
