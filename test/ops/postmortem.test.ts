import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { hour, minute } from '../helpers/environment.ts'
import { down, hourly, monitored } from '../worker/monitored.ts'

describe.each(engines)('postmortems on $engine', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  type Monitor = Awaited<ReturnType<typeof fresh>>

  async function withLive(more: object = {}) {
    const m = await fresh()
    const { id } = await m.env.ask('item.create', { title: 'Extractor', ...more })
    await m.env.ask('item.move', { id, to: 'live' })
    return { m, id }
  }
  const open = (m: Monitor, id: number, title = 'Totals are wrong', more: object = {}) =>
    m.env.ask('incident.open', { id, title, ...more })

  describe('postmortem', () => {
    const write = async ({ env }: Monitor, id: number) =>
      (await env.ask('incident.postmortem', { id })).markdown

    test('a draft out of the timeline', async () => {
      const m = await fresh()
      const id = await m.live()
      const [run] = await m.after(0, down)
      const incident = run!.incident!.id
      m.env.tick(5 * minute)
      await m.env.ask('incident.ack', { id: incident, note: 'Looking' })
      await m.env.ask('item.move', { id: incident, to: 'building' })
      m.env.tick(10 * minute)
      await m.env.ask('incident.resolve', { id: incident, note: 'Restarted it' })
      const markdown = await write(m, incident)
      for (const part of [
        '# Postmortem: Extractor: status in 200..299',
        '| Severity | major |',
        `| Concerns | #${id} Extractor |`,
        '| Opened | 2026-02-05 07:46:15 UTC |',
        '| Acknowledged | 2026-02-05 07:51:15 UTC by human:max, after 5m |',
        '| Resolved | 2026-02-05 08:01:15 UTC, by a person |',
        '| Duration | 15m |',
        `#${id} Extractor was affected for 15m, from 2026-02-05 07:46:15 UTC until 2026-02-05 08:01:15 UTC.`,
        'expected: status in 200..299',
        'The health check found it (system:monitor).',
        '| time (UTC) | who | what |',
        '| 2026-02-05 07:51:15 | human:max | acknowledged: Looking |',
        '| 2026-02-05 07:46:15 | system:monitor | check unknown → down |',
        '| 2026-02-05 08:01:15 | human:max | incident resolved: Restarted it |',
        '## Root cause\n\nTODO',
        '## What went well\n\nTODO',
      ]) {
        expect(markdown).toContain(part)
      }
    })

    test('of one that goes on; of a storm, with what it gathered', async () => {
      const { m, id } = await withLive()
      const { id: incident } = await open(m, id)
      m.env.tick(hour)
      const markdown = await write(m, incident)
      expect(markdown).toContain('| Duration | 1h so far |')
      expect(markdown).toContain('opened it by hand: no health check had found it.')
      for (let n = 0; n < 6; n++) await m.live(hourly, { title: `Part ${n}` })
      await m.after(0, down)
      const [storm] = (await m.env.ask('incident.list', {})).items
      const stormy = await write(m, storm!.id)
      expect(stormy).toContain('6 checks failed at once;')
      expect(stormy).toContain('Part 5: status in')
    })

    test('whatever people wrote, it stays text', async () => {
      const { m, id } = await withLive()
      const hostile = '# x\n| a | <img src=x onerror=alert(1)> [y](javascript:z) ```\u001b[31m'
      const { id: incident } = await open(m, id, hostile, { note: hostile })
      await m.env.ask('item.note', { id: incident, text: '<b> | c' })
      const outside = (await write(m, incident)).replaceAll(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
      expect(outside).not.toMatch(/[^\\]<|\u001b|[^\\]\[y\]/)
      for (const line of outside.split('\n').filter((each) => each.startsWith('| 2026'))) {
        expect(line.split(/(?<!\\)\|/)).toHaveLength(5)
      }
    })

    test('of what is no incident, or not there, it is refused', async () => {
      const { m, id } = await withLive()
      await expect(write(m, id)).rejects.toMatchObject({ kind: 'invalid' })
      await expect(write(m, 99)).rejects.toMatchObject({ kind: 'not-found' })
    })
  })
})
