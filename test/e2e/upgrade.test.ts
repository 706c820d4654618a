/** What a person finds after `pipeline upgrade`: the same pipeline, told by our own commands. */

import { beforeAll, describe, expect, test } from 'vitest'
import { cli, freshPlace, type Place, type Ran, sure } from '../helpers/cli.ts'
import { backupsOf, type Content, contentOf, legacyFile, type Version, versions } from './legacy-file.ts'

const upgradedAt = '2026-03-01T12:00:00.000Z'
const now = { env: { PIPELINE_NOW: upgradedAt } }

interface Upgraded {
  file: string
  before: Content
  ran: Ran
  pipeline(...words: string[]): Promise<Ran>
  show(id: number): Promise<Record<string, unknown>>
  /** Entries of an item's log, oldest first. */
  log(id: number, action?: string): Promise<Record<string, unknown>[]>
}

async function upgraded(version: Version, change = '', words: string[] = []): Promise<Upgraded> {
  const place: Place = await freshPlace()
  const file = legacyFile(place, version, change)
  const before = contentOf(file)
  const ran = await sure(place)(['upgrade', file, ...words], now)
  const pipeline = (...more: string[]): Promise<Ran> => cli(place)([...more, '--db', file], now)
  const show = async (id: number) => (await pipeline('show', String(id), '--json')).json()
  const log = async (id: number, action?: string) => {
    const { entries } = (await pipeline('log', '--item', String(id), '--json')).json()
    const wanted = entries.filter((entry: { action: string }) => !action || entry.action === action)
    return wanted.reverse()
  }
  return { file, before, ran, pipeline, show, log }
}

/** The same instant in our notation; the predecessor wrote UTC, with and without saying so. */
const instant = (text: unknown): string | null =>
  text === null ? null : new Date(/Z$/.test(String(text)) ? String(text) : `${text}Z`).toISOString()

describe.each(versions)('a file of %s', (version) => {
  let all: Upgraded
  beforeAll(async () => {
    all = await upgraded(version, '', ['--json'])
  })

  test('every item keeps its id, title, priority, assignee, branch and times', async () => {
    const { items } = (await all.pipeline('list', '--all', '--json')).json()
    const found = new Map(items.map((item: { id: number }) => [item.id, item]))
    const rows = all.before.rows.pipeline!
    expect(rows).toHaveLength(10)
    for (const row of rows) {
      expect(found.get(row.id as number)).toMatchObject({
        title: row.title,
        priority: row.priority ?? 2,
        assignee: row.assigned_to ?? row.assigned_agent ?? null,
        branch: row.branch_name,
        createdAt: instant(row.created_at) ?? upgradedAt,
        updatedAt: instant(row.updated_at) ?? upgradedAt,
        startedAt: instant(row.started_at),
      })
    }
    const tasks = all.before.rows.pipeline_tasks!
    expect(items).toHaveLength(rows.length + tasks.length)
  })

  test('the counts of the report are those of the file, and it says which version that was', () => {
    const { report, upgraded: done, backup } = all.ran.json()
    expect({ done, backup }).toEqual({ done: true, backup: backupsOf(all.file)[0] })
    const of = (table: string) => all.before.rows[table]!.length
    expect(report).toMatchObject({
      from: version,
      projects: of('projects'),
      items: 10,
      tasks: of('pipeline_tasks'),
    })
  })

  test('doctor finds it sound, and the board has all of it', async () => {
    const doctor = await all.pipeline('doctor', '--json')
    expect(doctor.json()).toMatchObject({ healthy: true })
    const { columns } = (await all.pipeline('board', '--json')).json()
    const onBoard = columns.reduce((sum: number, { count }: { count: number }) => sum + count, 0)
    expect(onBoard).toBe(10 + all.before.rows.pipeline_tasks!.length)
  })

  test('tables of other tools and user_version are as they were, row by row', () => {
    const after = contentOf(all.file)
    const theirs = Object.keys(all.before.rows).filter((name) => !/^(pipeline|sqlite_sequence)/.test(name))
    expect(theirs.length).toBeGreaterThan(2)
    for (const table of theirs) {
      expect(after.rows[table]).toEqual(all.before.rows[table])
      expect(after.schema[`table ${table}`]).toBe(all.before.schema[`table ${table}`])
    }
    expect(after.userVersion).toBe(version === 'V3' ? 7 : 0)
  })

  test('the backup beside it holds all that was in it', () => {
    const backups = backupsOf(all.file)
    expect(backups).toEqual([`${all.file}.before-upgrade-20260301T120000Z.db`])
    expect(contentOf(backups[0]!)).toEqual(all.before)
  })
})

test.each([
  ['V2', 409],
  ['V3', 1000],
] as const)('%s: the next item is above every id that anything ever named', async (version, next) => {
  const { pipeline } = await upgraded(version)
  expect((await pipeline('create', 'Next', '--json=id')).json()).toEqual({ id: next })
})

test('an id that was given and taken back, and that nothing names any more, is not given again', async () => {
  const deleted = `INSERT INTO pipeline (id, title) VALUES (5000, 'gone'); DELETE FROM pipeline WHERE id = 5000;`
  const { pipeline } = await upgraded('V2', `${deleted} DELETE FROM pipeline_tasks;`)
  expect((await pipeline('create', 'Next', '--json=id')).json()).toEqual({ id: 5001 })
})

describe('V2', () => {
  let v2: Upgraded
  beforeAll(async () => {
    v2 = await upgraded('V2')
  })

  test('stages have their name of today; without one it is idea', async () => {
    const { items } = (await v2.pipeline('list', '--all', '--type', 'feature', '--json=id,stage')).json()
    const stages = Object.fromEntries(items.map(({ id, stage }: Record<string, string>) => [id, stage]))
    expect(stages).toEqual({
      ...{ 6: 'idea', 7: 'spec', 8: 'done', 10: 'building', 12: 'building', 13: 'spec-review' },
      ...{ 14: 'building', 15: 'qa', 16: 'idea', 17: 'idea' },
    })
  })

  test('what was blocked is where it was, flagged, with the newest blocker note as the reason', async () => {
    const blocked = { reason: 'Need a manual login', since: '2026-02-05T02:11:00.000Z' }
    expect(await v2.show(10)).toMatchObject({ stage: 'building', blocked })
    expect((await v2.pipeline('show', '10')).stdout).toMatch(/^Blocked +Need a manual login/m)
  })

  test('approval, branch and review are in the log and on the item', async () => {
    expect(await v2.log(8, 'approved')).toMatchObject([
      { at: '2026-02-04T21:10:00.000Z', actor: 'human:owner', detail: { by: 'owner' } },
    ])
    expect(await v2.log(8, 'reviewed')).toMatchObject([
      { note: 'Both criteria checked', detail: { passed: true } },
    ])
    expect(await v2.log(15, 'reviewed')).toMatchObject([
      { note: 'needs a filter', detail: { passed: false } },
    ])
    expect(await v2.show(8)).toMatchObject({
      ...{ branch: 'feat/cost-alerting', spec: 'specs/cost-alerting.md' },
      doneAt: '2026-02-04T23:58:30.001Z',
    })
  })

  test('criteria come from JSON and from lines', async () => {
    const texts = async (id: number) =>
      ((await v2.show(id)).criteria as { text: string }[]).map((criterion) => criterion.text)
    expect(await texts(7)).toEqual(['Returns the 5 nearest notes', 'Answers in under 2 s'])
    expect(await texts(8)).toEqual(['Alert within 5 minutes', 'One alert a day at most'])
    expect(await texts(13)).toEqual([])
    expect(await texts(14)).toEqual(['not json ['])
  })

  test('notes keep their writer, kind and time, and are found by their words', async () => {
    expect(await v2.log(12, 'noted')).toMatchObject([
      { at: '2026-02-05T07:40:12.000Z', actor: 'agent:builder', note: 'Working on PDF split logic' },
      { at: '2026-02-05T07:41:00.000Z', note: 'Pages are read one by one', noteType: 'decision' },
    ])
    const { items } = (await v2.pipeline('search', 'split', 'logic', '--json=id')).json()
    expect(items).toEqual([{ id: 12 }])
  })

  test('tasks are children of the item that they belonged to', async () => {
    const { children } = (await v2.show(12)) as { children: Record<string, unknown>[] }
    expect(children.map(({ title, type, stage }) => [title, type, stage])).toEqual(
      expect.arrayContaining([
        ['Split pages', 'task', 'done'],
        ['Read totals', 'task', 'building'],
        ['Write JSON', 'task', 'idea'],
      ]),
    )
    expect(children).toHaveLength(3)
    const { items } = (await v2.pipeline('list', '--parent', '14', '--json')).json()
    expect(items).toMatchObject([
      { title: 'Back off', stage: 'idea', blocked: { reason: 'no reason was noted' } },
    ])
  })

  test('activity is in the log: encoded twice, once, and what is no JSON as its text', async () => {
    expect(await v2.log(8, 'moved')).toMatchObject([
      {
        ...{ at: '2026-02-04T23:58:30.000Z', source: 'main' },
        detail: { from: 'review', to: 'done', title: 'Cost alerting' },
      },
    ])
    expect(await v2.log(12, 'complete')).toMatchObject([
      { actor: 'agent:abc123', source: 'subagent', detail: { tokens_total: 49400, cost: 0.035 } },
    ])
    expect(await v2.log(404)).toMatchObject([{ detail: { text: 'not json' } }])
  })

  test('what could not be carried over is listed, in words and as JSON', async () => {
    const { stdout } = v2.ran
    expect(stdout).toContain(
      'note 6 of #404: its item #404 is gone (dev, info: note of an item that is gone)',
    )
    expect(stdout).toContain('project 99 of #16: there is no project #99 (Orphan of a deleted project)')
    const { report } = (await upgraded('V2', '', ['--json'])).ran.json()
    expect(report.left).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          what: 'note',
          id: 6,
          itemId: 404,
          text: 'dev, info: note of an item that is gone',
        }),
        expect.objectContaining({ what: 'project', id: 99, itemId: 16 }),
      ]),
    )
    expect(report.moved.map(({ id }: { id: number }) => id)).toEqual([10, 17, 408])
  })
})

describe('V2.1', () => {
  let v21: Upgraded
  beforeAll(async () => {
    v21 = await upgraded('V2.1')
  })

  test('its own stages stay, and so do parents', async () => {
    expect(await v21.show(13)).toMatchObject({ stage: 'spec-review', parentId: 12 })
    expect(await v21.show(14)).toMatchObject({ stage: 'final-review', parentId: 12 })
    expect(await v21.show(15)).toMatchObject({ stage: 'qa', parentId: null })
    expect(await v21.show(8)).toMatchObject({ stage: 'live', liveAt: '2026-02-04T23:58:30.001Z' })
  })

  test('its health check is on the item, and due', async () => {
    const healthCheck = { type: 'http', url: 'http://127.0.0.1:1/', frequency: 'hourly', retries: 0 }
    expect(await v21.show(8)).toMatchObject({ healthCheck, health: { state: 'unknown' } })
    const { runs } = (await v21.pipeline('check', '--due', '--json')).json()
    expect(runs).toMatchObject([{ itemId: 8, result: 'down', summary: expect.stringContaining('refused') }])
  })
})

describe('V3', () => {
  const more = `INSERT INTO pipeline (id, title, type, stage) VALUES
    (301, 'A story in a stage of features', 'story', 'spec-review'),
    (302, 'A dependency that waits', 'dependency', 'waiting'), (303, 'A risk not yet closed', 'risk', 'final-review');`
  let v3: Upgraded
  beforeAll(async () => {
    v3 = await upgraded('V3', more)
  })

  test('stories and the RAID log are tasks, in the stage that their word means', async () => {
    const { items } = (await v3.pipeline('list', '--all', '--type', 'task', '--json')).json()
    const found = Object.fromEntries(
      items.map(({ id, stage, labels }: Record<string, string>) => [id, [stage, ...labels!]]),
    )
    expect(found).toEqual({
      ...{ 101: ['idea'], 102: ['building'], 103: ['done'], 104: ['building'] },
      ...{ 204: ['building', 'raid:issue'], 205: ['done', 'raid:risk'], 206: ['idea', 'raid:assumption'] },
      ...{ 301: ['idea'], 302: ['building', 'raid:dependency'], 303: ['qa', 'raid:risk'] },
    })
    expect(await v3.show(25)).toMatchObject({
      type: 'feature',
      stage: 'live',
      liveAt: '2026-02-05T10:02:11.000Z',
    })
    expect(await v3.show(207)).toMatchObject({ type: 'feature', parentId: null })
  })

  test('a stage outside the path becomes the nearest earlier one, and the report says so', () => {
    expect(v3.ran.stdout).toContain(
      '#301 A story in a stage of features: spec-review → idea, spec-review is not on the path of type task',
    )
    expect(v3.ran.stdout).toContain('#303 A risk not yet closed: final-review → qa')
  })

  test('what was blocked is back in the stage that the activity names', async () => {
    const blocked = { reason: 'Need API key', since: '2026-02-05T10:00:00.000Z' }
    expect(await v3.show(104)).toMatchObject({ stage: 'building', blocked })
  })

  test('notes of the column and of the table are one list, in the order of time', async () => {
    expect((await v3.log(25, 'noted')).map(({ at, source, note }) => [at, source, note])).toEqual([
      ['2026-02-05T08:25:00.000Z', null, 'Spec complete: see specs/invoice-extraction-pipeline.md'],
      ['2026-02-05T09:41:00.000Z', 'subagent', 'QA: 4 passed, 0 failed'],
      ['2026-02-05T10:02:00.000Z', 'main', 'Shipped to production'],
    ])
  })

  test('its command does not run before somebody approved it', async () => {
    expect(v3.ran.stdout).toContain('pipeline check approve 25')
    const [run] = (await v3.pipeline('check', '--due', '--json')).json().runs
    expect(run).toMatchObject({ itemId: 25, result: 'unknown', summary: expect.stringMatching(/approve/) })
  })

  test('a health check that can’t be read is a note of its item, and listed', async () => {
    expect(v3.ran.stdout).toMatch(/^ {2}health-check of #207: .*\(\{not json\)$/m)
    expect(await v3.show(207)).toMatchObject({ healthCheck: null })
    expect(await v3.log(207, 'noted')).toMatchObject([{ note: expect.stringContaining('{not json') }])
  })
})
