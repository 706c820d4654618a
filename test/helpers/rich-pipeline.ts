/** A pipeline with something of everything, for what carries whole pipelines from one place to another. */

import type { Database } from '../../src/store/database.ts'
import { setToken } from '../../src/store/heartbeats.ts'
import { insertMaintenance } from '../../src/store/maintenance.ts'
import { down, hourly, monitored, up } from '../worker/monitored.ts'
import { hour, type TestEnvironment } from './environment.ts'

export const command = { type: 'command', command: ['true'], frequency: 'hourly', retries: 0 }

/** Family emoji, combining marks, right to left, beyond the basic plane, and what JSON and SQL escape. */
export const quirky = 'né́e 👩‍👩‍👧 שלום 𝒳 "\\\' \u2028 %s'

/** By UTF-16 the last two of them stand the other way round. */
const labels = ['Z', 'a', 'z', 'ä', '｡', '𝒳']

/** Sound, as `doctor` sees it. Items 1 to 9; 8 and 9 are deleted, and their log stays. */
export async function richPipeline(database: Database): Promise<TestEnvironment> {
  const m = monitored(database)
  const { env } = m
  await env.ask('project.create', { name: 'Größe', description: quirky })
  await env.ask('item.create', { title: quirky, type: 'epic', project: 'Größe', labels, branch: 'a/b' })
  await env.ask('item.create', { title: 'child', description: 'x\n'.repeat(60_000), spec: '# Spec\t\r\n' })
  await env.ask('item.create', { title: 'parent with a higher id', type: 'bug', priority: 1 })
  await env.ask('item.update', { id: 2, parent: 3 })
  await env.ask('item.update', { id: 3, parent: 1, assignee: 'agent:builder-1' })
  const criteria = ['Totals add up', { text: quirky, verdict: 'passed' as const, evidence: '12\nfiles' }]
  await env.ask('item.create', { title: 'walrus', criteria })
  await env.ask('item.move', { id: 4, to: 'qa', note: 'straight to it' })
  await env.ask('item.block', { id: 4, reason: 'waits for the harbour' })
  await env.ask('dependency.add', { id: 4, on: 2 })
  await env.ask('item.note', { id: 4, text: `heron ${quirky}`, type: 'decision' })
  await m.live(hourly)
  await m.after(0, up)
  await m.after(hour, down)
  await m.after(hour, down)
  const { id } = (await env.ask('item.list', { type: 'incident' })).items[0]!
  await m.live(command)
  await m.after(hour, up)
  await silence(env)
  for (const title of ['deleted', 'deleted too']) await env.ask('item.create', { title, parent: id })
  for (const gone of [9, 8]) await env.ask('item.delete', { id: gone, yes: true })
  return env
}

/** A token, and maintenance of each kind. Without entries in the log: tests count those. */
const silence = ({ database, nowMs }: TestEnvironment): Promise<unknown> =>
  database.write(async (q) => {
    await setToken(q, 2, 'a'.repeat(64), nowMs())
    const row = { note: quirky, createdBy: 'human:max', createdMs: nowMs() }
    const sundays = { kind: 'cron', expression: '0 2 * * 0', timezone: 'UTC', durationMs: hour } as const
    await insertMaintenance(q, { ...row, itemId: 5, window: sundays })
    const window = { kind: 'window', fromMs: nowMs() + hour, toMs: nowMs() + 2 * hour } as const
    await insertMaintenance(q, { ...row, itemId: null, window })
  })
