import { describe, expect, test } from 'vitest'
import { convertLegacy, entriesOf, itemOf, leftOf, now, readFixture } from './legacy-tables.ts'

describe('V2', () => {
  const v2 = convertLegacy(readFixture('legacy-v2'), now)
  const { batch, report, lastIds } = v2

  test('the version and the counts are told', () => {
    const { moved, left, unapproved, ...counts } = report
    expect(counts).toEqual({ from: 'V2', projects: 2, items: 10, tasks: 4, notes: 5, entries: 4 })
    expect(unapproved).toEqual([])
  })

  test('ids and titles stay, and all are features', () => {
    const items = batch.item.filter((item) => item.type === 'feature')
    expect(items.map((item) => item.id)).toEqual([6, 7, 8, 10, 12, 13, 14, 15, 16, 17])
    expect(itemOf(v2, 14).title).toBe('Retry on "rate limit"; 100% of calls')
    expect(itemOf(v2, 14).description).toBe("Quotes ' and emoji 🧾 and a tab\there")
    expect(itemOf(v2, 7).title).toBe('Second brain upgrade – embeddings')
  })

  test('stages have their name of today', () => {
    const stages = Object.fromEntries(batch.item.map((item) => [item.id, item.stage]))
    expect(stages).toMatchObject({
      6: 'idea',
      7: 'spec',
      8: 'done',
      12: 'building',
      13: 'spec-review',
      14: 'building',
      15: 'qa',
    })
    expect(report.moved.map((move) => move.id)).toEqual([10, 17, 408])
  })

  test('a stage of NULL is idea, and listed', () => {
    expect(itemOf(v2, 17)).toMatchObject({ stage: 'idea', createdAt: now, updatedAt: now, priority: 2 })
    expect(report.moved[1]).toEqual({
      id: 17,
      title: 'Row written by hand',
      type: 'feature',
      from: null,
      to: 'idea',
      why: 'it had no stage',
    })
  })

  test('blocked becomes a flag with the newest blocker note; started, it was in building', () => {
    expect(itemOf(v2, 10)).toMatchObject({
      stage: 'building',
      blockedReason: 'Need a manual login',
      blockedAt: '2026-02-05T02:11:00.000Z',
    })
    expect(report.moved[0]).toMatchObject({ id: 10, from: 'blocked', to: 'building' })
    expect(entriesOf(v2, 10, 'upgraded')).toMatchObject([{ at: now, detail: { stage: 'blocked' } }])
  })

  test('times are the same instants in our notation', () => {
    expect(itemOf(v2, 8)).toMatchObject({
      createdAt: '2026-02-04T12:03:00.000Z',
      updatedAt: '2026-02-04T23:58:30.000Z',
      startedAt: '2026-02-04T21:12:09.120Z',
      doneAt: '2026-02-04T23:58:30.001Z',
      liveAt: null,
    })
  })

  test('priority, branch, spec and assignee are kept; a second assignee stands in the log', () => {
    expect(batch.item.slice(0, 5).map((item) => item.priority)).toEqual([4, 3, 1, 2, 1])
    expect(itemOf(v2, 8)).toMatchObject({
      branch: 'feat/cost-alerting',
      spec: 'specs/cost-alerting.md',
      assignee: 'builder-7f3a',
    })
    expect(itemOf(v2, 12).spec).toMatch(/^# Spec\n\nSplit, read, merge\.\n\n## Out of scope\nHandwriting$/)
    expect(itemOf(v2, 15).assignee).toBe('qa_agent')
    expect(itemOf(v2, 12).assignee).toBe('builder-abc123')
    expect(entriesOf(v2, 12, 'upgraded')[0]?.detail).toEqual({ alsoAssigned: 'dev_agent' })
  })

  test('criteria: a JSON array, plain lines, NULL, an empty array, and what only looks like JSON', () => {
    const texts = (id: number) =>
      batch.criterion.filter((each) => each.itemId === id).map((each) => each.text)
    expect(texts(7)).toEqual(['Returns the 5 nearest notes', 'Answers in under 2 s'])
    expect(texts(8)).toEqual(['Alert within 5 minutes', 'One alert a day at most'])
    expect(texts(6)).toEqual([])
    expect(texts(13)).toEqual([])
    expect(texts(14)).toEqual(['not json ['])
    expect(batch.criterion.map((each) => each.id)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(new Set(batch.criterion.map((each) => each.verdict))).toEqual(new Set(['open']))
  })

  test('approvals and reviews become entries of their time', () => {
    expect(entriesOf(v2, 8, 'approved')).toMatchObject([
      {
        at: '2026-02-04T21:10:00.000Z',
        actor: 'human:owner',
        detail: { by: 'owner', at: '2026-02-04T21:10:00.000Z' },
      },
    ])
    expect(entriesOf(v2, 8, 'reviewed')).toMatchObject([
      {
        at: '2026-02-04T23:58:30.000Z',
        note: 'Both criteria checked',
        noteType: 'decision',
        detail: { passed: true },
      },
    ])
    expect(entriesOf(v2, 15, 'reviewed')).toMatchObject([
      { note: 'needs a filter', detail: { passed: false } },
    ])
  })

  test('notes keep writer, kind and time; that of a deleted item is listed', () => {
    expect(entriesOf(v2, 12, 'noted')).toMatchObject([
      {
        at: '2026-02-05T07:40:12.000Z',
        actor: 'agent:builder',
        note: 'Working on PDF split logic',
        noteType: 'progress',
      },
      { note: 'Pages are read one by one', noteType: 'decision' },
    ])
    expect(entriesOf(v2, 8, 'noted')).toMatchObject([
      { note: 'PASSED: both criteria', noteType: 'progress', detail: null },
    ])
    expect(leftOf(v2, 'note')).toEqual([
      {
        what: 'note',
        id: 6,
        itemId: 404,
        why: 'its item #404 is gone',
        text: 'dev, info: note of an item that is gone',
      },
    ])
  })

  test('tasks become children, above every id that was ever named', () => {
    const tasks = batch.item.filter((item) => item.type === 'task')
    expect(tasks.map(({ id, parentId, projectId, stage }) => [id, parentId, projectId, stage])).toEqual([
      [405, 12, 2, 'done'],
      [406, 12, 2, 'building'],
      [407, 12, 2, 'idea'],
      [408, 14, 2, 'idea'],
    ])
    expect(itemOf(v2, 405)).toMatchObject({
      assignee: 'builder-abc123',
      createdAt: '2026-02-05T07:00:00.000Z',
      updatedAt: '2026-02-05T07:39:00.000Z',
      doneAt: '2026-02-05T07:39:00.000Z',
      priority: 2,
    })
    expect(itemOf(v2, 406)).toMatchObject({
      startedAt: '2026-02-05T07:00:00.000Z',
      description: 'Sum of lines equals the total',
    })
    expect(itemOf(v2, 408)).toMatchObject({
      blockedReason: 'no reason was noted',
      blockedAt: '2026-02-05T07:00:00.000Z',
    })
    expect(entriesOf(v2, 405, 'noted')).toMatchObject([
      { at: '2026-02-05T07:39:00.000Z', note: 'Output: tools/split.js' },
    ])
    expect(lastIds.item).toBe(408)
  })

  test('activity about items is copied, its metadata decoded once or twice', () => {
    expect(entriesOf(v2, 8, 'moved')).toMatchObject([
      {
        at: '2026-02-04T23:58:30.000Z',
        source: 'main',
        actor: 'system:upgrade',
        detail: { from: 'review', to: 'done', title: 'Cost alerting' },
      },
    ])
    expect(entriesOf(v2, 12, 'complete')).toMatchObject([
      {
        actor: 'agent:abc123',
        source: 'subagent',
        note: null,
        detail: {
          description: 'Builder finished the page splitter',
          category: 'build',
          session: 'abc123',
          cost: 0.035,
          status: 'success',
        },
      },
    ])
    expect(batch.entry.filter((entry) => entry.action === 'email-sent')).toEqual([])
  })

  test('activity of a deleted item stays readable, what is no JSON as text', () => {
    expect(entriesOf(v2, 404)).toMatchObject([
      {
        action: 'moved',
        detail: {
          from: 'idea',
          to: 'spec',
          description: 'Pipeline #404 moved from idea to spec',
          category: 'pipeline',
          text: 'not json',
        },
      },
    ])
  })

  test('a project that is gone is listed; what a project was besides its name is told', () => {
    expect(itemOf(v2, 16).projectId).toBeNull()
    expect(leftOf(v2, 'project')).toMatchObject([{ id: 99, itemId: 16, text: 'Orphan of a deleted project' }])
    expect(batch.project).toEqual([
      {
        id: 1,
        name: 'Agent Infrastructure',
        description: 'Tools that the agents share',
        version: 1,
        createdAt: '2026-02-04T11:40:39.000Z',
        updatedAt: '2026-02-04T11:40:39.000Z',
      },
      expect.objectContaining({ id: 2, name: 'Invoices', description: null }),
    ])
    expect(leftOf(v2, 'column').map((left) => left.text)).toEqual(['projects.status: 1 row'])
    expect(lastIds.project).toBe(99)
  })

  test('the log goes by time, its ids from 1, and opens every item with its creation', () => {
    expect(batch.entry.map((entry) => entry.id)).toEqual(batch.entry.map((_, index) => index + 1))
    const times = batch.entry.map((entry) => entry.at)
    expect(times).toEqual([...times].sort())
    for (const item of batch.item) {
      const [first] = entriesOf(v2, item.id)
      expect(first).toMatchObject({ action: 'created', at: item.createdAt, actor: 'system:upgrade' })
      expect(first?.detail).toMatchObject({ title: item.title, type: item.type, stage: 'idea' })
    }
  })
})
