/** Much at once: a batch, an export, an upgrade. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { batchRun } from '../src/ops/batch-run.ts'
import { databaseExport } from '../src/ops/database-export.ts'
import { call, type Environment, type Files } from '../src/ops/operation.ts'
import type { Database } from '../src/store/database.ts'
import { openDatabase } from '../src/store/open.ts'
import { connect } from '../src/store/sqlite-driver.ts'
import { type Bench, type Figure, median, root } from './figure.ts'
import { seedFile } from './seed.ts'

const now = '2026-01-01T00:00:00.000Z'

export const benchBulk: Bench = async ({ smoke }) => {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-bench-'))
  try {
    return [
      await batch(folder, smoke ? 500 : 10_000, smoke ? 1 : 5),
      await exported(folder, smoke ? 1_000 : 100_000, smoke ? 1 : 5),
      ...upgraded(folder, smoke ? 500 : 10_000),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const environment = (database: Database, files?: Files): Environment => ({
  database,
  now: () => now,
  actor: 'agent:bench',
  trust: 'local',
  permissions: 'all',
  ...(files ? { files } : {}),
})

const title = (n: number): string => `invoice retry number ${n}`
const description = (n: number): string =>
  `What ${title(n)} is for, in a sentence or two, as people write them.`

/**
 * Rows a second of a batch, against a loop of the bare driver into the same indexed table: the columns and indexes of
 * `pipeline`, without the trigger that counts, which is our own work.
 */
async function batch(folder: string, items: number, rounds: number): Promise<Figure> {
  const text = Array.from({ length: items }, (_, n) =>
    JSON.stringify({ op: 'item.create', input: { title: title(n), description: description(n) } }),
  ).join('\n')
  const ratios: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const bare = await timed(async () => bareRows(await emptyFile(join(folder, `bare-${round}.db`)), items))
    const file = await emptyFile(join(folder, `batch-${round}.db`))
    const database = await openDatabase(file, { now })
    const ours = await timed(() => call(batchRun, { operations: text }, environment(database)))
    await database.close()
    // An item, its entry in the log and its row in the search index.
    ratios.push((3 * items) / ours / (items / bare))
  }
  return {
    name: `batch of ${items}, rows a second`,
    value: median(ratios),
    unit: '×',
    goal: 0.4,
    direction: 'at least',
    note: 'of bare rows into the same columns and indexes, without our trigger; an item is three rows',
  }
}

async function emptyFile(file: string): Promise<string> {
  await (await openDatabase(file, { now })).close()
  return file
}

function bareRows(file: string, items: number): void {
  const connection = connect(file)
  connection.exec('DROP TRIGGER pipeline_counts_insert; BEGIN IMMEDIATE')
  const insert = connection.prepare(`INSERT INTO pipeline (title, description, created_at, updated_at)
    VALUES (?, ?, ?, ?)`)
  for (let n = 0; n < items; n += 1) insert.run(title(n), description(n), now, now)
  connection.exec('COMMIT')
  connection.close()
}

const tables = ['pipeline', 'pipeline_labels', 'pipeline_activity']

/** An export to a file, against a SELECT of the tables that have rows, written as JSON Lines. */
async function exported(folder: string, items: number, rounds: number): Promise<Figure> {
  const seed = await seedFile(items)
  const database = await openDatabase(seed.url, { now, create: false })
  const files: Files = {
    location: { url: seed.url, exists: true },
    prepare: () => undefined,
    open: (url, create) => openDatabase(url, { now, create }),
    resolve: (path) => path,
    read: async (path) => readFileSync(path, 'utf8'),
    write: () => undefined,
  }
  const ratios: number[] = []
  try {
    for (let round = 0; round < rounds; round += 1) {
      const bare = await timed(async () => bareSelect(seed.url, join(folder, `bare-${round}.jsonl`)))
      const file = join(folder, `export-${round}.jsonl`)
      ratios.push((await timed(() => call(databaseExport, { file }, environment(database, files)))) / bare)
    }
  } finally {
    await database.close()
    seed.remove()
  }
  return { name: `export of ${items}`, value: median(ratios), unit: '×', goal: 3, direction: 'at most' }
}

function bareSelect(file: string, to: string): void {
  const connection = connect(file, { readOnly: true })
  const lines: string[] = []
  for (const table of tables) {
    for (const row of connection.prepare(`SELECT * FROM ${table}`).all()) lines.push(JSON.stringify(row))
  }
  writeFileSync(to, `${lines.join('\n')}\n`)
  connection.close()
}

/** A whole process, on a file as long use leaves it: each item with three notes, a task and two rows of the log. */
function upgraded(folder: string, items: number): Figure[] {
  const file = join(folder, 'legacy.db')
  const connection = connect(file)
  connection.exec(readFileSync(join(root, 'test', 'fixtures', 'legacy-v2.sql'), 'utf8'))
  connection.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < ${1000 + items})
    INSERT INTO pipeline (id, project_id, title, description, stage, acceptance_criteria, priority, assigned_to)
    SELECT i, 1, 'Item ' || i, replace(hex(zeroblob(20)), '00', 'What it is for. '), 'blocked',
      '["One of three","Two of three","Three"]', 2, 'builder-' || (i % 7) FROM n;
    WITH k (k) AS (VALUES ('progress'), ('decision'), ('blocker'))
    INSERT INTO pipeline_notes (pipeline_id, agent_role, note_type, content)
    SELECT id, 'builder', k, 'Note of ' || id || ' with a few words in it' FROM pipeline, k WHERE id >= 1000;
    INSERT INTO pipeline_tasks (pipeline_id, title, status)
    SELECT id, 'Task of ' || id, 'doing' FROM pipeline WHERE id >= 1000;
    WITH k (k) AS (VALUES ('building'), ('blocked'))
    INSERT INTO activity (action, category, description, metadata, source, related_id)
    SELECT 'pipeline_stage_changed', 'pipeline', 'Pipeline #' || id || ' moved',
      json_quote(json_object('from', 'spec', 'to', k, 'title', title)), 'main', 'pipeline:' || id
    FROM pipeline, k WHERE id >= 1000`)
  connection.close()
  const command = [join(root, 'tools', 'db.js'), 'pipeline', 'upgrade', file, '--json=file']
  const from = performance.now()
  const run = spawnSync(process.execPath, ['-r', join(root, 'bench', 'rss.cjs'), ...command], {
    encoding: 'utf8',
  })
  const seconds = (performance.now() - from) / 1000
  const mb = (Number(/peak-rss-kib=(\d+)/.exec(run.stderr)?.[1] ?? 0) * 1024) / 1e6
  const broken = run.status !== 0
  const note = broken ? `FAILED ${run.stderr}` : ''
  return [
    { name: `upgrade of ${items}`, value: seconds, unit: 's', goal: 5, direction: 'at most', note, broken },
    { name: `upgrade of ${items}, peak`, value: mb, unit: 'MB', goal: 150, direction: 'at most' },
  ]
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}
