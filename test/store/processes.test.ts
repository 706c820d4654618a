/** Real processes on one database: nobody is refused, nothing acknowledged is lost. */

import { join } from 'node:path'
import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { engines, openTest } from '../helpers/engines.ts'
import { runScript, startScript } from '../helpers/script.ts'
import { tables } from './fixtures/tables.ts'

const script = join(import.meta.dirname, 'fixtures/write.ts')

async function stored(url: string): Promise<{ names: string[]; counted: number; migrations: unknown[] }> {
  const db = await openTest(url, { migrations: tables })
  return db.read(async (q) => {
    const rows = await q.all<{ name: string }>(sql`SELECT name FROM pipeline_things ORDER BY name`)
    const counter = await q.get<{ n: number }>(sql`SELECT n FROM pipeline_counters`)
    const migrations = await q.all(sql`SELECT id FROM pipeline_migrations ORDER BY id`)
    return { names: rows.map((row) => row.name), counted: counter?.n ?? 0, migrations }
  })
}

describe.each(engines)('processes on $engine', ({ freshUrl }) => {
  test('20 of them make one database at once and write to it: none is refused, nothing is lost', async () => {
    const url = await freshUrl()
    const writers = Array.from({ length: 20 }, () => runScript(script, { args: [url, '10'] }))
    const ended = await Promise.all(writers)
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      ended.map(() => ({ code: 0, stderr: '' })),
    )
    const said = ended.flatMap(({ stdout }) => stdout.trim().split('\n')).sort()
    const { names, counted, migrations } = await stored(url)
    expect(names).toHaveLength(200)
    expect([...names].sort()).toEqual(said)
    expect(counted).toBe(200)
    expect(migrations).toEqual(tables.map(({ id }) => ({ id })))
  })

  test('what a killed process had acknowledged is there, and nothing by halves', async () => {
    const url = await freshUrl()
    const writer = await startScript(script, { args: [url, '1000000'] })
    const said = [await writer.line(), await writer.line(), await writer.line()]
    writer.child.kill('SIGKILL')
    const { stdout, signal } = await writer.ended
    expect(signal).toBe('SIGKILL')
    const all = stdout.split('\n').slice(0, -1)
    expect(all).toEqual(expect.arrayContaining(said))
    const { names, counted } = await stored(url)
    expect(names).toEqual(expect.arrayContaining(all))
    expect(counted).toBe(names.length)
  })
})
