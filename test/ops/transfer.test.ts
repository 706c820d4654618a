/** `export` and `import`: what one pipeline holds becomes lines, and these become the same pipeline elsewhere. */

import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { raw } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { day, environmentOf, hour } from '../helpers/environment.ts'
import { exported, filesIn, freshFolder, imported, namesIn } from '../helpers/files.ts'
import { make, randomPipeline } from '../helpers/random-pipeline.ts'
import { richPipeline } from '../helpers/rich-pipeline.ts'
import { monitored, up } from '../worker/monitored.ts'

const [sqlite, postgres] = engines

/** The export with one line changed: the first that has the words. */
/** Counted from 1, of the first line with these words. */
const lineOf = (text: string, words: string): number =>
  text.split('\n').findIndex((line) => line.includes(words)) + 1

const changed = (text: string, words: string, change: (row: Record<string, unknown>) => object): string => {
  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.includes(words))
  lines[at] = JSON.stringify(change(JSON.parse(lines[at]!)))
  return lines.join('\n')
}

/** Without the line that has the words, and counted so. */
function without(text: string, words: string): string {
  const rest = text.split('\n').filter((line) => !line.includes(words))
  const { kind } = JSON.parse(`{${words}}`) as { kind: string }
  return changed(rest.join('\n'), '"throughline"', (header) => {
    const counts = header.counts as Record<string, number>
    return { ...header, counts: { ...counts, [kind]: counts[kind]! - 1 } }
  })
}

describe.each(engines)('export and import on $engine', ({ engine, freshDatabase }) => {
  test('whatever a pipeline holds, its export is the same bytes on the other engine, and back', async () => {
    await fc.assert(
      fc.asyncProperty(randomPipeline(engine), async (pipeline) => {
        const database = await freshDatabase()
        await make(database, pipeline)
        const text = await exported(database)
        for (const { freshDatabase: freshOther } of [postgres!, sqlite!]) {
          const other = await freshOther()
          await imported(other, text)
          expect(await exported(other)).toBe(text)
        }
      }),
      { numRuns: 10 },
    )
  }, 60_000)

  test('what is brought in is found, counted and healthy, and the next id is above all that ever were', async () => {
    const source = await richPipeline(await freshDatabase())
    const env = environmentOf(await freshDatabase())
    const { data } = await imported(env.database, await exported(source.database))
    expect(data.counts).toMatchObject({ project: 1, item: 7, label: 6, incident: 1, run: 5 })
    expect((await env.ask('doctor', {})).findings.filter(({ ok }) => !ok)).toEqual([])
    for (const words of ['walrus', 'heron', 'Größe', 'שלום'])
      expect(await env.ask('item.search', { words })).toEqual(await source.ask('item.search', { words }))
    const counts = async (from: typeof env) =>
      (await from.ask('board.show', {})).columns.map(({ stage, count }) => [stage, count])
    expect(await counts(env)).toEqual(await counts(source))
    expect(await env.ask('activity.list', { limit: 100 })).toEqual(
      await source.ask('activity.list', { limit: 100 }),
    )
    expect(await env.ask('item.create', { title: 'next' })).toMatchObject({ id: 10 })
    expect((await env.ask('activity.list', { item: 9 })).entries.map(({ action }) => action)).toEqual([
      'deleted',
      'created',
    ])
  })

  test('no approval is in an export: an imported command does not run before somebody approves it', async () => {
    const source = await richPipeline(await freshDatabase())
    expect((await source.ask('item.show', { id: 7 })).health?.approved).toBe(true)
    const text = await exported(source.database)
    expect(text).not.toContain('approvedCommand')
    const database = await freshDatabase()
    const m = monitored(database, environmentOf(database, { startAt: source.now() }))
    const { warnings } = await imported(database, text)
    expect(warnings).toEqual([expect.stringContaining('pipeline check approve')])
    expect((await m.env.ask('item.show', { id: 7 })).health?.approved).toBe(false)
    const probed = async () => {
      m.target.probed = []
      await m.after(hour, up)
      return m.target.probed.map(({ type }) => type).sort()
    }
    expect(await probed()).toEqual(['http'])
    await m.env.ask('check.approve', { id: 7 })
    expect(await probed()).toEqual(['command', 'http'])
  })

  test.each([
    ['without a line for its check', (text: string) => without(text, '"kind":"check","itemId":7')],
    [
      'in an item that goes live here',
      (text: string) =>
        changed(text, '"kind":"item","id":7', (row) => ({ ...row, stage: 'qa', liveAt: null })),
    ],
  ])('nor does a command that was smuggled in %s', async (_, edit) => {
    const database = await freshDatabase()
    const m = monitored(database)
    await imported(database, edit(await exported((await richPipeline(await freshDatabase())).database)))
    await m.env.ask('item.move', { id: 7, to: 'live' })
    await m.after(day, up)
    expect(m.target.probed.map(({ type }) => type)).toEqual(['http'])
    expect((await m.env.ask('item.show', { id: 7 })).health?.approved).toBe(false)
  })

  test('words that are none are told by an export, and come as the nearest that are some', async () => {
    const source = await richPipeline(await freshDatabase())
    const tables = {
      pipeline: ['stage', 'type', 'skipped', 'health_check', 'severity'],
      pipeline_activity: ['detail', 'note_type', 'action', 'actor'],
      pipeline_criteria: ['verdict'],
      pipeline_checks: ['state', 'last_result'],
      pipeline_runs: ['result'],
      pipeline_incidents: ['resolved_by'],
    }
    await source.database.write(async (q) => {
      for (const [table, columns] of Object.entries(tables))
        await q.run(raw(`UPDATE ${table} SET ${columns.map((name) => `${name} = 'x'`).join(', ')}`))
      await q.run(raw(`UPDATE pipeline SET title = ' ', priority = 99, version = -3 WHERE id = 3`))
    })
    const files = filesIn('/')
    const { warnings } = await source.as('human:max', { files }).answer('database.export', {})
    expect(warnings[0]).toBe(
      'not carried over as it is stored: item 1: type is not one of feature, enhancement, epic, task, bug, incident',
    )
    expect(warnings).toHaveLength(21)
    expect(warnings[20]).toMatch(/^not carried over as they are stored: \d+ more values$/)
    const text = files.printed()
    const env = environmentOf(await freshDatabase())
    await imported(env.database, text)
    expect(await exported(env.database)).toBe(text)
    const shown = async (from: typeof env, id: number) => {
      const { health: _, children: __, ...item } = await from.ask('item.show', { id })
      return { ...item, title: item.title.trim(), version: 0 }
    }
    for (const id of [1, 5, 7]) expect(await shown(env, id)).toEqual(await shown(source, id))
    expect(await env.ask('item.show', { id: 3 })).toMatchObject({
      title: '(no title)',
      priority: 4,
      version: 1,
    })
  })

  test.each<[string, string, RegExp]>([
    [
      'parents in a circle',
      'UPDATE pipeline SET parent_id = 3 WHERE id = 1; UPDATE pipeline SET parent_id = 1 WHERE id = 3',
      /item [13]: parentId closes a circle/,
    ],
    [
      'a label of white space',
      `INSERT INTO pipeline_labels (item_id, label) VALUES (1, ' ')`,
      /label 1\/ : label is not a text with something in it/,
    ],
    [
      'an item that waits for itself',
      'INSERT INTO pipeline_dependencies (item_id, blocker_id) VALUES (1, 1)',
      /dependency 1\/1: blockerId closes a circle; it is left out/,
    ],
    [
      'a run of no time',
      `INSERT INTO pipeline_runs (item_id, started_ms, duration_ms, result, attempts) VALUES (5, 9000000000000000, 1, 'up', 1)`,
      /run 5\/9000000000000000: startedMs is not from/,
    ],
  ])('%s: the export says so, and what is left imports', async (_, statements, warning) => {
    const source = await richPipeline(await freshDatabase())
    await source.database.write(async (q) => {
      for (const statement of statements.split('; ')) await q.run(raw(statement))
    })
    const files = filesIn('/')
    const { data, warnings } = await source.as('human:max', { files }).answer('database.export', {})
    expect(warnings).toEqual([expect.stringMatching(warning)])
    const env = environmentOf(await freshDatabase())
    expect((await imported(env.database, files.printed())).data.counts).toEqual(data.counts)
    expect(await exported(env.database)).toBe(files.printed())
  })

  test('an id beyond what another pipeline takes is refused before anything is written', async () => {
    const source = await richPipeline(await freshDatabase())
    await source.database.write((q) =>
      q.run(raw("INSERT INTO pipeline (id, title) VALUES (9007199254740993, 'x')")),
    )
    const files = filesIn('/')
    await expect(source.as('human:max', { files }).ask('database.export', {})).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/^item 900719925474099\d has an id that no other pipeline takes$/),
    })
    expect(files.printed()).toBe('')
  })

  test('words that are none are refused by an import', async () => {
    const env = environmentOf(await freshDatabase())
    const odd = {
      stage: 'x',
      type: 'x',
      healthCheck: 'x',
      skipped: 'x',
      detail: 'x',
      noteType: 'x',
      action: 'x',
    }
    const more = { verdict: 'x', actor: 'x', state: 'x', lastResult: 'x', result: 'x', resolvedBy: 'x' }
    let text = await exported((await richPipeline(await freshDatabase())).database)
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    for (const row of lines.slice(1))
      for (const [field, word] of Object.entries({ ...odd, ...more })) if (field in row) row[field] = word
    text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    await expect(imported(env.database, text)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/^line 3: item.type must be one of/),
    })
    expect((await env.ask('item.list', { all: true })).items).toEqual([])
  })

  test('one wrong line is named, and nothing of the file is stored', async () => {
    const env = environmentOf(await freshDatabase())
    const text = await exported((await richPipeline(await freshDatabase())).database)
    const wrong = changed(text, '"kind":"incident"', (row) => ({ ...row, subjectId: 77 }))
    const before = await exported(env.database)
    await expect(imported(env.database, wrong)).rejects.toMatchObject({
      kind: 'invalid',
      message: `line ${lineOf(text, '"kind":"incident"')}: incident.subjectId leads nowhere: there is no item 77`,
    })
    expect(await exported(env.database)).toBe(before)
    expect(await env.ask('item.create', { title: 'first' })).toMatchObject({ id: 1 })
  })

  test('a pipeline that is not empty is refused, also one with nothing but a log, and stays', async () => {
    const text = await exported((await richPipeline(await freshDatabase())).database)
    const env = environmentOf(await freshDatabase())
    await env.ask('item.create', { title: 'mine' })
    await env.ask('item.delete', { id: 1, yes: true })
    const before = await exported(env.database)
    await expect(imported(env.database, text)).rejects.toMatchObject({
      kind: 'conflict',
      message: 'the target is not empty: it has 0 items and 2 log entries',
    })
    expect(await exported(env.database)).toBe(before)
  })

  test('a dry run says what would come, stores nothing and takes no id', async () => {
    const text = await exported((await richPipeline(await freshDatabase())).database)
    const env = environmentOf(await freshDatabase(), { dryRun: true, files: filesIn('/', { stdin: text }) })
    expect((await env.ask('database.import', { file: '-' })).counts.item).toBe(7)
    env.dryRun = false
    expect(await env.ask('item.create', { title: 'first' })).toMatchObject({ id: 1 })
    expect((await env.ask('activity.list', {})).entries).toHaveLength(1)
  })
})

describe('the file of an export', () => {
  async function stocked() {
    const folder = await freshFolder()
    const { database } = await richPipeline(await sqlite!.freshDatabase())
    const env = environmentOf(database, { files: filesIn(folder) })
    return { folder, env, text: await exported(database) }
  }

  test('holds what standard output would, and the answer says where it is and what is in it', async () => {
    const { folder, env, text } = await stocked()
    const file = join(folder, 'all.jsonl')
    expect(await env.ask('database.export', { file: 'all.jsonl' })).toMatchObject({
      file,
      counts: { item: 7 },
    })
    expect(await readFile(file, 'utf8')).toBe(text)
    expect(await namesIn(folder)).toEqual(['all.jsonl'])
  })

  test('is never one that is there already, nor a link that leads nowhere', async () => {
    const { folder, env } = await stocked()
    await writeFile(join(folder, 'mine'), 'mine')
    await symlink(join(folder, 'gone'), join(folder, 'link'))
    for (const file of ['mine', 'link'])
      await expect(env.ask('database.export', { file })).rejects.toMatchObject({ kind: 'conflict' })
    expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('mine')
    expect(await namesIn(folder)).toEqual(['link', 'mine'])
  })

  test('is not made in a folder that is not there, nor by a dry run', async () => {
    const { folder, env } = await stocked()
    await expect(env.ask('database.export', { file: 'none/all.jsonl' })).rejects.toMatchObject({
      kind: 'invalid',
      message: `there is no folder ${join(folder, 'none')}`,
    })
    env.dryRun = true
    expect(await env.ask('database.export', { file: 'all.jsonl' })).toMatchObject({ counts: { item: 7 } })
    expect(await namesIn(folder)).toEqual([])
  })
})
