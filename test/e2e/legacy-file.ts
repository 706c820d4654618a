/** Files of the predecessor, and everything that a file holds, to compare before and after. */

import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type Connection, connect } from '../../src/store/sqlite-driver.ts'
import { type Place, project } from '../helpers/cli.ts'

export const versions = ['V2', 'V2.1', 'V3'] as const
export type Version = (typeof versions)[number]

const fixture = (name: string): string => readFileSync(join(project, `test/fixtures/${name}.sql`), 'utf8')

/** What came with V2.1, used. */
const laterColumns = `
  ALTER TABLE pipeline ADD COLUMN parent_id INTEGER REFERENCES pipeline(id) ON DELETE SET NULL;
  ALTER TABLE pipeline ADD COLUMN health_check TEXT;
  CREATE INDEX idx_pipeline_parent ON pipeline(parent_id);
  UPDATE pipeline SET parent_id = 12, stage = 'spec-review' WHERE id = 13;
  UPDATE pipeline SET parent_id = 12, stage = 'final-review' WHERE id = 14;
  UPDATE pipeline SET stage = 'qa' WHERE id = 15;
  UPDATE pipeline SET stage = 'live', health_check =
    '{"type":"http","url":"http://127.0.0.1:1/","frequency":"hourly","retries":0}' WHERE id = 8;`

function textOf(version: Version): string {
  if (version === 'V3') return fixture('legacy-v3')
  const v2 = fixture('legacy-v2')
  if (version === 'V2') return v2
  const wider = "'blocked','done','spec-review','qa','final-review','live'"
  return v2.replace("'blocked','done'", wider) + laterColumns
}

/** A thousand items more, with a note each. */
export const thousand = `
  WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)
  INSERT INTO pipeline (id, title, stage, created_at) SELECT i, 'Item ' || i, 'build', '2026-02-05 06:00:00' FROM n;
  INSERT INTO pipeline_notes (pipeline_id, agent_role, content, created_at)
  SELECT id, 'builder', 'Note of ' || id, created_at FROM pipeline WHERE id >= 1000;`

/**
 * @param change  SQL to run on it
 * @returns       the path of a new file in the place
 */
export function legacyFile({ cwd }: Place, version: Version, change = ''): string {
  const file = join(mkdtempSync(join(cwd, 'agents-')), 'agents.db')
  const database = connect(file)
  database.exec(textOf(version) + change)
  database.close()
  return file
}

export interface Content {
  /** Tables, indexes, triggers and views, as they were made. */
  schema: Record<string, string>
  rows: Record<string, Record<string, unknown>[]>
  userVersion: number
}

const ends = ['', '-wal', '-journal']

/**
 * Everything in a file, as whoever opens it next finds it; the file is left alone.
 * @throws where the file is damaged
 */
export function contentOf(file: string): Content {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-copy-'))
  const copy = join(folder, 'copy.db')
  for (const end of ends) if (existsSync(file + end)) copyFileSync(file + end, copy + end)
  const database = connect(copy)
  try {
    return read(database)
  } finally {
    database.close()
    rmSync(folder, { recursive: true })
  }
}

function read(database: Connection): Content {
  // biome-ignore lint/suspicious/noExplicitAny: rows of any table
  const all = (text: string) => database.prepare(text).all() as Record<string, any>[]
  const [check] = all('PRAGMA integrity_check')
  if (check?.integrity_check !== 'ok') throw new Error(`not sound: ${check?.integrity_check}`)
  const schema = all('SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL')
  const tables = schema.filter(({ type, sql }) => type === 'table' && !String(sql).includes('VIRTUAL'))
  return {
    schema: Object.fromEntries(schema.map(({ type, name, sql }) => [`${type} ${name}`, sql])),
    rows: Object.fromEntries(tables.map(({ name }) => [name, all(`SELECT * FROM "${name}"`)])),
    userVersion: Number(all('PRAGMA user_version')[0]?.user_version),
  }
}

/** What stands in its folder, each file by what is in it. */
export const bytesBeside = (file: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dirname(file), { withFileTypes: true }).map((entry) => [
      entry.name,
      entry.isFile() ? hashOf(join(dirname(file), entry.name)) : 'no file',
    ]),
  )

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

/** Backups that upgrades made of it, oldest first. */
export const backupsOf = (file: string): string[] =>
  readdirSync(dirname(file))
    .filter((name) => name.startsWith(`${basename(file)}.before-upgrade-`) && name.endsWith('.db'))
    .map((name) => join(dirname(file), name))
    .sort()
