/** `/metrics`, by a real client and a strict reader of the text format 0.0.4. */

import { describe, expect, test } from 'vitest'
import { seeWorker } from '../../../src/store/workers.ts'
import { engines } from '../../helpers/engines.ts'
import { down, monitored, up } from '../../worker/monitored.ts'
import { serve } from './client.ts'

interface Family {
  type: string
  help: string
  samples: { labels: Record<string, string>; value: number }[]
}

/** @throws for anything that the format does not allow */
function parsed(text: string): Map<string, Family> {
  expect(text.endsWith('\n')).toBe(true)
  const families = new Map<string, Family>()
  let current: (Family & { name: string }) | undefined
  const seen = new Set<string>()
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-zA-Z_:][\w:]*) (.*)$/.exec(line)
    if (help) {
      expect(families.has(help[1]!), line).toBe(false)
      current = { name: help[1]!, type: '', help: help[2]!, samples: [] }
      families.set(current.name, current)
      continue
    }
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line)
    if (type) {
      expect([type[1], current?.type, current?.samples.length], line).toEqual([current?.name, '', 0])
      current!.type = type[2]!
      continue
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/s.exec(line)
    expect(sample?.[1], line).toBe(current?.name)
    const value = Number(sample![3])
    expect(Number.isNaN(value), line).toBe(false)
    const labels = labelsOf(sample![2] ?? '')
    const series = `${sample![1]}${JSON.stringify(Object.entries(labels).sort())}`
    expect(seen.has(series), line).toBe(false)
    seen.add(series)
    current!.samples.push({ labels, value })
  }
  return families
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const match = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/.exec(rest)
    if (!match) throw new Error(`no label: ${rest}`)
    labels[match[1]!] = match[2]!.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
    rest = rest.slice(match[0].length)
  }
  return labels
}

const http = { type: 'http', frequency: 'cron:46 * * * *', retries: 0 }

describe.each(engines)('metrics on $engine', ({ freshDatabase }) => {
  async function stocked() {
    const database = await freshDatabase()
    const m = monitored(database)
    const title = 'Back\\slash "quoted"\u2028 über 你好 }'
    const works = await m.live({ ...http, url: 'http://127.0.0.1:1/works' }, { title })
    const fails = await m.live({ ...http, url: 'http://127.0.0.1:1/fails' })
    m.target.answer = (plan) => (plan.url?.endsWith('fails') ? down : up)
    await m.due()
    const fresh = await m.live({ ...http, url: 'http://127.0.0.1:1/new' })
    await m.env.ask('item.create', { title: 'By hand', type: 'incident', severity: 'critical' })
    await database.write((q) =>
      seeWorker(q, {
        owner: 'box "1"\n',
        runner: 'local',
        concurrency: 50,
        startedMs: 0,
        seenMs: m.env.nowMs(),
        lagMs: 250,
      }),
    )
    const server = await serve(database, { now: m.env.now })
    return { m, title, works, fails, fresh, server }
  }

  test('are in the text format, complete, and told by its usual names', async () => {
    const { m, title, works, fails, fresh, server } = await stocked()
    const reply = await server.ask('GET', '//metrics')
    expect(reply.status).toBe(200)
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    const families = parsed(reply.text)
    const samples = (name: string) => families.get(`pipeline_${name}`)!.samples
    for (const { type, help } of families.values()) expect([type, help.length > 5]).toEqual(['gauge', true])
    expect(samples('build_info')).toEqual([{ labels: { version: '1.2.3' }, value: 1 }])
    expect(samples('items').find(({ labels }) => labels.stage === 'live')!.value).toBe(3)
    expect(samples('items')).toHaveLength(8)
    expect(samples('check_up')).toEqual([
      { labels: { item: String(works), title }, value: 1 },
      { labels: { item: String(fails), title: 'Extractor' }, value: 0 },
    ])
    expect(samples('check_state').map(({ labels }) => [labels.item, labels.state])).toEqual([
      [String(works), 'up'],
      [String(fails), 'down'],
      [String(fresh), 'unknown'],
    ])
    const seconds = m.env.nowMs() / 1000
    expect(samples('check_duration_seconds').map(({ value }) => value)).toEqual([0.012, 0.034])
    expect(samples('check_last_run_timestamp_seconds').map(({ value }) => value)).toEqual([seconds, seconds])
    expect(samples('incidents_open').map(({ labels, value }) => [labels.severity, value])).toEqual(
      expect.arrayContaining([
        ['critical', 1],
        ['major', 1],
        ['minor', 0],
      ]),
    )
    expect(samples('workers')).toEqual([{ labels: {}, value: 1 }])
    expect(samples('worker_last_seen_timestamp_seconds')).toEqual([
      { labels: { worker: 'box "1"\n' }, value: seconds },
    ])
    expect(samples('check_lag_seconds')[0]!.value).toBe(0.25)
  })

  test('what nobody watches is neither up nor down, and a worker that is gone lags no more', async () => {
    const { m, server } = await stocked()
    m.env.tick(3 * 3_600_000)
    const families = parsed((await server.ask('GET', '//metrics')).text)
    expect(families.has('pipeline_check_up')).toBe(false)
    expect(families.has('pipeline_check_lag_seconds')).toBe(false)
    expect(families.get('pipeline_workers')!.samples[0]!.value).toBe(0)
    expect(families.get('pipeline_check_state')!.samples.map(({ labels }) => labels.state)).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ])
  })

  test('are read only, and for this machine alone, as all else', async () => {
    const server = await serve(await freshDatabase())
    expect(parsed((await server.ask('GET', '//metrics')).text).has('pipeline_items')).toBe(true)
    const post = await server.ask('POST', '//metrics', { body: {} })
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await server.ask('HEAD', '//metrics')).status).toBe(200)
    expect((await server.ask('GET', '//metrics', { headers: { host: 'evil.example' } })).status).toBe(403)
    expect(
      (await server.ask('GET', '//metrics', { headers: { origin: 'http://evil.example' } })).status,
    ).toBe(403)
    expect((await server.ask('GET', '/metrics')).status).toBe(404)
  })
})
