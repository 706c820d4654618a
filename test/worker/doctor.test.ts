/** `doctor` watches the watcher: when the last pass was, by whom, and what nobody watches. */

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { markGone } from '../../src/store/outbox.ts'
import { seeWorker } from '../../src/store/workers.ts'
import { channelsOf } from '../../src/wire.ts'
import { engines } from '../helpers/engines.ts'
import { hour, minute, second, type TestEnvironment } from '../helpers/environment.ts'
import { freshFolder } from '../helpers/files.ts'
import { hourly, type Monitored, monitored, up } from './monitored.ts'

describe.each(engines)('doctor on $engine, of the monitor', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  const finding = async (m: Monitored, name = 'monitor') =>
    (await m.env.ask('doctor', {})).findings.find((each) => each.name === name)!

  test('nothing is wrong while there is nothing to watch', async () => {
    const m = await fresh()
    const { id } = await m.env.ask('item.create', { title: 'No check' })
    await m.env.ask('item.move', { id, to: 'live' })
    await m.env.ask('item.create', { title: 'Not live', healthCheck: hourly })
    await m.live({ ...hourly, enabled: false })
    expect(await finding(m)).toMatchObject({ ok: true, detail: 'no live check to watch' })
  })

  test('says when the last pass was, who was seen, and how late runs begin', async () => {
    const m = await fresh()
    await m.live()
    await m.live()
    expect(await finding(m)).toMatchObject({
      ok: true,
      detail:
        '2 live checks, nobody has looked yet; nobody is watching: start pipeline serve or pipeline monitor',
    })
    await m.due()
    await m.env.database.write((q) =>
      seeWorker(q, {
        owner: 'box:1',
        runner: 'local',
        concurrency: 50,
        startedMs: m.env.nowMs(),
        seenMs: m.env.nowMs(),
        lagMs: 1500,
      }),
    )
    m.env.tick(5 * second)
    expect(await finding(m)).toMatchObject({
      ok: true,
      detail: '2 live checks, last pass 5s ago, box:1 seen 5s ago; runs begin at most 1s 500ms late',
    })
  })

  test('says how many live checks nobody watches', async () => {
    const m = await fresh()
    await m.live()
    await m.live({ ...hourly, frequency: 'daily' })
    await m.due()
    m.env.tick(2 * hour)
    const { healthy } = await m.env.ask('doctor', {})
    expect(healthy).toBe(false)
    expect((await finding(m)).detail).toMatch(
      /^2 live checks, last pass 2h ago; 1 not watched; nobody is watching/,
    )
  })

  test('tells how much is kept: runs, hours, days, changes', async () => {
    const m = await fresh()
    await m.live()
    for (let n = 0; n < 30; n += 1) await m.after(hour, up)
    m.env.tick(minute)
    expect((await finding(m, 'history')).detail).toBe(
      '30 runs of the last 7 days (or the last 100 a check), 29 hours of the last 90 days, 1 day of the last 5 years, 1 change of state',
    )
  })
})

describe.each(engines)('doctor on $engine, of who is told', ({ freshDatabase }) => {
  /** With that in `.pipeline/config.json`; a folder where there should be a file, for null. */
  async function configured(text: string | null | undefined) {
    const { env, worker } = monitored(await freshDatabase())
    const root = await freshFolder()
    const path = join(root, '.pipeline', 'config.json')
    await mkdir(text === null ? path : dirname(path), { recursive: true })
    if (typeof text === 'string') await writeFile(path, text)
    const { database, now } = env
    const wiring = { database, root, now, env: {}, elapsedMs: env.nowMs, owner: () => 'worker-1' }
    const asked = env.as('human:max', { worker, channels: channelsOf(wiring) })
    return { env: asked, path, channels: (channels: object) => writeFile(path, JSON.stringify({ channels })) }
  }
  const findings = async ({ ask }: TestEnvironment) => {
    const { healthy, findings: all } = await ask('doctor', {})
    const of = (name: string) => all.find((each) => each.name === name)!
    return { healthy, config: of('config'), channels: of('channels') }
  }

  test('nothing is wrong without a configuration, or where it is not at hand', async () => {
    const { env } = await configured(undefined)
    expect(await findings(env)).toMatchObject({
      healthy: true,
      config: { ok: true, detail: '.pipeline/config.json names 0 channels' },
      channels: { ok: true, detail: 'none: nobody is told of what fails' },
    })
    expect(await findings(env.as('human:max', { channels: undefined }))).toMatchObject({
      healthy: true,
      config: { ok: true, detail: 'not at hand here: asked for at the command line' },
    })
  })

  test.each<[string, string | null, RegExp]>([
    ['can’t be read', null, /^can't read .*config\.json: EISDIR/],
    [
      'is no JSON',
      '{\n  "channels": {,}\n}',
      /^\.pipeline\/config\.json: is no JSON: look at line 2, column 16 \(/,
    ],
    ['has a word of no meaning', '{\n  "storm": none }', /: look at line 2, column 13 \(/],
    ['ends too early', '{"channels": {\n', /: look at line 2, column 1 \(/],
    [
      'has fields that are wrong',
      '{"channels":{"team":{"type":"slack","url":1}},"groupWait":"x"}',
      /^\.pipeline\/config\.json: channels\.team\.url must be text; groupWait .* \(/,
    ],
  ])('a configuration that %s is told with the place', async (_, text, detail) => {
    const { env } = await configured(text)
    const found = await findings(env)
    expect(found).toMatchObject({
      healthy: false,
      config: { ok: false, detail: expect.stringMatching(detail) },
      channels: { ok: true, detail: 'not looked at: see config' },
    })
    expect(found.config.detail).toContain('pipeline notify test CHANNEL')
  })

  test('a channel that is disabled, and one that waits for approval, are told with what helps', async () => {
    const { env, channels } = await configured('')
    const url = 'http://127.0.0.1:1/'
    const desk = { type: 'command', command: ['true'] }
    const off = { ...desk, enabled: false }
    await channels({ team: { type: 'webhook', url }, desk, off })
    expect((await findings(env)).channels).toMatchObject({
      ok: false,
      detail: 'desk: its command is not approved: pipeline notify approve desk',
    })
    await env.ask('notify.approve', { channel: 'desk' })
    expect(await findings(env)).toMatchObject({
      healthy: true,
      channels: { ok: true, detail: '2 channels open, 1 switched off' },
    })
    await env.database.write((q) => markGone(q, 'team', JSON.stringify(['webhook', url]), 'answered 410'))
    expect((await findings(env)).channels).toMatchObject({
      ok: false,
      detail:
        'team: its receiver wants nothing any more: answered 410 (give it another address in .pipeline/config.json, then: pipeline notify test team)',
    })
    await channels({ team: { type: 'webhook', url: `${url}new` }, desk, off })
    expect((await findings(env)).healthy).toBe(true)
  })
})
