/** An upgrade that runs out of space, or is told to stop: the file is as it was, byte by byte, before it says so. */

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { cli, door, freshPlace, type Place, run, running } from '../helpers/cli.ts'
import { backupsOf, bytesBeside, contentOf, legacyFile, thousand } from './legacy-file.ts'

/** More than SQLite keeps in memory: pages go to the file before all is written. */
const heavy = `${thousand} UPDATE pipeline SET description = printf('%.*c', 30000, 'x') WHERE id >= 1000;`

/** Grows to a multiple of its size: each item gets an entry in the log, and a row in the search. */
const growing = `WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
  INSERT INTO pipeline (id, title) SELECT i, 'Item ' || i FROM n;`

const templates: Record<string, Buffer> = {}
beforeAll(async () => {
  const place = await freshPlace()
  for (const [name, change] of Object.entries({ growing, heavy })) {
    templates[name] = readFileSync(legacyFile(place, 'V2', change))
  }
})

async function fileOf(name: string): Promise<{ place: Place; file: string; bytes: Record<string, string> }> {
  const place = await freshPlace()
  const file = join(place.cwd, 'agents', 'agents.db')
  mkdirSync(dirname(file))
  writeFileSync(file, templates[name]!)
  return { place, file, bytes: bytesBeside(file) }
}

/** Backups stay: what is in them is what there was. */
function expectAsItWas(file: string, bytes: Record<string, string>): void {
  const { ...now } = bytesBeside(file)
  for (const backup of backupsOf(file)) {
    expect(contentOf(backup)).toEqual(contentOf(file))
    delete now[backup.slice(dirname(backup).length + 1)]
  }
  expect(now).toEqual(bytes)
}

describe.each(['growing', 'heavy'])('no file may grow larger than that: a %s one', (name) => {
  test.each([0.9, 1.02, 3, 5])('× %d of its size', async (factor) => {
    const { place, file, bytes } = await fileOf(name)
    const limit = Math.ceil((statSync(file).size / 1024) * factor)
    const words = [process.execPath, door, 'pipeline', 'upgrade', file]
    const ran = await run(place, ['bash', '-c', `ulimit -f ${limit}; exec "$@"`, 'bash', ...words])
    if (ran.code !== 0) {
      expect(ran).toMatchObject({ code: 1, stdout: '' })
      expect(ran.stderr).toMatch(/^error: .*(disk|could not be written).*\nhint: .+\n$/)
      expectAsItWas(file, bytes)
      expect(await cli(place)(['upgrade', file])).toMatchObject({ code: 0, stderr: '' })
    } else expect(factor).toBeGreaterThan(1)
    expect(await cli(place)(['doctor', '--db', file])).toMatchObject({ code: 0 })
  })
})

test.each<[NodeJS.Signals, number, string, (file: string) => boolean]>([
  ['SIGINT', 130, 'when the backup begins', (file) => readdirSync(dirname(file)).length > 1],
  ['SIGTERM', 143, 'when the backup stands', (file) => backupsOf(file).length > 0],
  ['SIGHUP', 129, 'when pages of the file are kept', (file) => existsSync(`${file}-journal`)],
  ['SIGTERM', 143, 'when the file is written to', (file) => statSync(file).size > templates.heavy!.length],
])('%s (%d) %s: undone, told, and nothing is left behind', async (signal, code, _when, holds) => {
  const { place, file, bytes } = await fileOf('heavy')
  const { child, ended } = running(place, ['upgrade', file])
  while (child.exitCode === null && !holds(file)) await new Promise((done) => setImmediate(done))
  child.kill(signal)
  const ran = await ended
  // It came when all was stored.
  if (ran.stdout !== '') return expect(contentOf(file).rows).toHaveProperty('pipeline_migrations')
  expect(ran).toMatchObject({ code, signal: null, stderr: expect.stringMatching(/^error: stopped by/) })
  expectAsItWas(file, bytes)
  expect(await cli(place)(['upgrade', file])).toMatchObject({ code: 0, stderr: '' })
})
