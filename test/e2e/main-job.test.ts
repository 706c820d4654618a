/** The main job on real input: an item walks to live, its checks run, the incident opens as its child, and closes. */

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Place, places, type Ran, running, sure } from '../helpers/cli.ts'
import { freshWebsite } from '../helpers/cli-website.ts'

const begin = Date.parse('2026-02-05T07:46:15.000Z')

/** Commands at so many seconds after the beginning. */
const clockOf = (place: Place) => (seconds: number, words: string[]) =>
  sure(place)(words, { env: { PIPELINE_NOW: new Date(begin + seconds * 1000).toISOString() } })

async function walkToLive(at: ReturnType<typeof clockOf>, title: string): Promise<number> {
  const made = await at(0, ['create', title, '--json=id'])
  const { id } = made.json() as { id: number }
  const walk = ['spec', 'spec-review', 'building', 'qa', 'final-review', 'done']
  for (const [index, stage] of walk.entries()) await at(1 + index, ['move', String(id), stage])
  const live = await at(8, ['move', String(id), 'live', '--note', 'Shipped to production'])
  expect(live.stderr).toBe('')
  return id
}

/** Actions of an item's log, oldest first. */
async function deeds(at: ReturnType<typeof clockOf>, id: number): Promise<string[]> {
  const { entries } = (await at(0, ['log', '--item', String(id), '--limit', '200', '--json'])).json()
  return entries.map((entry: { action: string }) => entry.action).reverse()
}

const runsOf = (ran: Ran) =>
  ran.json().runs.map((run: { itemId: number; result: string }) => [run.itemId, run.result])

describe.each(places)('the main job on $engine', ({ freshPlace }) => {
  test('a web server stops: after two failed runs the incident is there; it answers again: resolved', async () => {
    const place = await freshPlace()
    const site = await freshWebsite()
    const at = clockOf(place)
    const id = await walkToLive(at, 'Invoice extractor')
    const check = {
      type: 'http',
      url: site.url,
      expect: ['status == 200', 'body contains ok', 'response_time < 2000'],
      ...{ frequency: '5s', timeout: '2s', retries: 0, failureThreshold: 2, successThreshold: 1 },
    }
    await at(10, ['update', String(id), '--health-check', JSON.stringify(check)])
    const due = (seconds: number) => at(seconds, ['check', '--due', '--json'])

    expect(runsOf(await due(11))).toEqual([[id, 'up']])
    expect(runsOf(await due(11))).toEqual([])

    await site.stop()
    expect(runsOf(await due(21))).toEqual([[id, 'down']])
    expect((await at(22, ['board'])).stdout).not.toContain('INCIDENTS')
    const [run] = (await due(31)).json().runs
    expect(run).toMatchObject({ itemId: id, result: 'down', state: 'down', incident: { change: 'opened' } })
    const incident = run.incident.id as number
    expect((await due(41)).json().runs[0].incident).toBeNull()

    const shown = await at(42, ['show', String(id), '--children'])
    expect(shown.stdout).toContain('✖ down')
    expect(shown.stdout).toMatch(new RegExp(`Children \\(1.*\\n +#${incident} .*open +Invoice extractor: `))
    const under = (await at(42, ['list', '--parent', String(id), '--json'])).json()
    expect(under.items).toMatchObject([{ id: incident, type: 'incident', stage: 'idea', severity: 'major' }])
    const board = await at(42, ['board'])
    expect(board.stdout).toContain('🚨 INCIDENTS (1)')
    expect(board.stdout).toContain(`↳ of #${id} Invoice extractor`)
    expect(board.stdout).toMatch(/🟢 LIVE \(1\)\n.*Invoice extractor +✖ down/)

    await site.start()
    expect((await due(51)).json().runs).toMatchObject([
      { result: 'up', state: 'up', incident: { id: incident, change: 'resolved' } },
    ])
    expect((await at(52, ['show', String(incident)])).stdout).toContain('✅ resolved')
    expect((await at(52, ['board'])).stdout).not.toContain('INCIDENTS')
    expect((await at(52, ['show', String(id)])).stdout).toContain('● up')

    expect(await deeds(at, id)).toEqual([
      ...['created', 'moved', 'moved', 'moved', 'moved', 'moved', 'moved', 'moved', 'updated'],
      ...['check-state', 'check-state', 'incident-opened', 'check-state', 'incident-resolved'],
    ])
    expect(await deeds(at, incident)).toEqual(['incident-opened', 'incident-resolved'])
    const told = (await at(60, ['log', '--item', String(incident)])).stdout
    expect(told).toMatch(/incident opened system:monitor\n {4}connection refused by .*\n {4}took: .*worker: /)
  }, 60_000)

  test("the seed's own command check runs from the project's folder, fails, and recovers", async () => {
    const place = await freshPlace()
    const at = clockOf(place)
    const id = await walkToLive(at, 'Invoice extractor')
    const program = join(place.cwd, 'tools/invoice-extractor.js')
    await mkdir(join(place.cwd, 'tools'))
    await writeFile(program, 'console.log("usage: invoice-extractor FILE")')
    const seed =
      '{"type":"command","command":"node tools/invoice-extractor.js --help","expect":"exit_code:0","frequency":"daily"}'
    await at(9, ['update', String(id), '--health-check', seed])
    expect((await at(10, ['show', String(id), '--json=healthCheck'])).json()).toEqual({
      healthCheck: JSON.parse(seed),
    })
    expect(runsOf(await at(11, ['check', '--due', '--json']))).toEqual([[id, 'up']])

    const impatient = JSON.stringify({ ...JSON.parse(seed), retries: 0 })
    await at(12, ['update', String(id), '--health-check', impatient])
    await rm(program)
    const [down] = (await at(13, ['check', '--due', '--json'])).json().runs
    expect(down).toMatchObject({ result: 'down', incident: { change: 'opened' } })
    expect((await at(14, ['show', String(down.incident.id), '--history'])).stdout).toContain('exit code: 1')

    await writeFile(program, '')
    const checked = await at(15, ['check', String(id)])
    expect(checked.stdout).toContain(`resolved incident #${down.incident.id}`)
    expect((await at(16, ['list', '--type', 'incident', '--json'])).json().items).toMatchObject([
      { id: down.incident.id, stage: 'done' },
    ])
  }, 60_000)

  test('with serve running and nobody typing the incident comes and goes; SIGTERM ends it with 0', async () => {
    const place = await freshPlace()
    const site = await freshWebsite()
    const check = {
      type: 'http',
      url: site.url,
      ...{ frequency: '5s', timeout: '1s', retries: 0, failureThreshold: 1, successThreshold: 1 },
    }
    const made = await sure(place)([
      ...['create', 'Daily digest', '--health-check', JSON.stringify(check), '--json=id'],
    ])
    const { id } = made.json() as { id: number }
    const server = running(place, ['serve', '--port', '0'])
    const [, url] = await server.said(/listens on (http:\S+)/)
    const stages = async (): Promise<string[]> => {
      const answer = await fetch(`${url}/api/v1/items?parent=${id}`)
      const { data } = (await answer.json()) as { data: { items: { stage: string }[] } }
      return data.items.map((item) => item.stage)
    }
    const until = (wanted: string[]) => expect.poll(stages, { interval: 50, timeout: 15_000 }).toEqual(wanted)

    await site.stop()
    const moved = await fetch(`${url}/api/v1/items/${id}/move`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to: 'live', note: 'Shipped to production' }),
    })
    expect(moved.status).toBe(200)
    await until(['idea'])
    await server.said(/incident #\d+ opened/)
    await site.start()
    await until(['done'])
    await server.said(/incident #\d+ resolved/)

    const { code, stderr } = await server.stop()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const actions = (await sure(place)(['log', '--item', String(id), '--json'])).json().entries
    expect(actions.map((entry: { action: string }) => entry.action)).toContain('incident-resolved')
  }, 60_000)
})
