/** What the owner's own SQL did to watched items: the schedule follows, and no other check suffers. */

import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { engines } from '../helpers/engines.ts'
import { hour } from '../helpers/environment.ts'
import { hourly, monitored } from './monitored.ts'

describe.each(engines)('checks of the owner’s own rows on $engine', ({ freshDatabase }) => {
  const fresh = async () => monitored(await freshDatabase())
  const own = (m: Awaited<ReturnType<typeof fresh>>, statement: ReturnType<typeof sql>) =>
    m.env.database.write((q) => q.run(statement))

  test('a live item with a check gets a schedule; its command waits for approval', async () => {
    const m = await fresh()
    const http = JSON.stringify(hourly)
    const command = JSON.stringify({ type: 'command', command: 'true', frequency: 'daily', retries: 0 })
    await own(m, sql`INSERT INTO pipeline (title, stage, health_check) VALUES ('a', 'live', ${http})`)
    await own(m, sql`INSERT INTO pipeline (title, stage, health_check) VALUES ('b', 'live', ${command})`)
    expect(await m.due()).toMatchObject([
      { itemId: 1, result: 'up' },
      { itemId: 2, result: 'unknown', attempts: 0 },
    ])
    await m.env.ask('check.approve', { id: 2 })
    m.target.answer = { durationMs: 1, exitCode: 0 }
    expect(await m.due()).toMatchObject([{ itemId: 2, result: 'up' }])
  })

  test('such an item can be checked and approved before any pass', async () => {
    const m = await fresh()
    const command = JSON.stringify({ type: 'command', command: 'true', frequency: 'daily', retries: 0 })
    await own(
      m,
      sql`INSERT INTO pipeline (title, stage, health_check) VALUES ('a', 'live', ${JSON.stringify(hourly)})`,
    )
    await own(m, sql`INSERT INTO pipeline (title, stage, health_check) VALUES ('b', 'live', ${command})`)
    expect(await m.env.ask('check.run', { id: 1 })).toMatchObject({ result: 'up', stored: true })
    expect((await m.env.ask('check.approve', { id: 2 })).health).toMatchObject({ approved: true })
    m.target.answer = { durationMs: 1, exitCode: 0 }
    expect(await m.env.ask('check.run', { id: 2 })).toMatchObject({ result: 'up', stored: true })
  })

  test('a check that can’t be read stops no other one', async () => {
    const m = await fresh()
    const id = await m.live()
    for (const text of [
      'oops',
      'null',
      '{"type":"http"}',
      '{"type":"command","command":"a \'b","frequency":"5m"}',
    ]) {
      await own(m, sql`INSERT INTO pipeline (title, stage, health_check) VALUES ('odd', 'live', ${text})`)
    }
    expect((await m.due()).map((run) => run.itemId)).toContain(id)
    await own(m, sql`UPDATE pipeline SET health_check = 'oops' WHERE id = ${id}`)
    m.env.tick(hour)
    expect(await m.due()).toMatchObject([{ itemId: id, result: 'unknown', attempts: 0 }])
  })

  test('an item taken out of live is no longer probed, and put back it is', async () => {
    const m = await fresh()
    const id = await m.live()
    await own(m, sql`UPDATE pipeline SET stage = 'qa' WHERE id = ${id}`)
    expect(await m.due()).toEqual([])
    expect(m.target.probed).toEqual([])
    expect(await m.worker.nextDueMs()).toBeUndefined()
    await own(m, sql`UPDATE pipeline SET stage = 'live' WHERE id = ${id}`)
    expect(await m.due()).toMatchObject([{ itemId: id, result: 'up' }])
  })
})
