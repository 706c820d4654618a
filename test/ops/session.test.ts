/** Who asks, and what they may do. */

import { describe, expect, test } from 'vitest'
import { permissions } from '../../src/ops/operation.ts'
import { serve } from '../faces/http/client.ts'
import { engines } from '../helpers/engines.ts'
import { environmentOf } from '../helpers/environment.ts'

describe.each(engines)('the session on $engine', ({ engine, freshDatabase }) => {
  test('a person at the machine may everything', async () => {
    const database = await freshDatabase()
    const env = environmentOf(database, { version: '1.2.3' })
    expect(await env.ask('session.show', {})).toEqual({
      actor: 'human:max',
      permissions: [...permissions],
      version: '1.2.3',
      engine,
      pipeline: database.location,
    })
    const reader = env.as('agent:a', { permissions: new Set(['item:read'] as const) })
    expect(await reader.ask('session.show', {})).toMatchObject({
      actor: 'agent:a',
      permissions: ['item:read'],
    })
  })

  test('over HTTP everything but letting a command run, each asker by their name, and no password', async () => {
    const { ask } = await serve(await freshDatabase())
    const shown = async (headers: Record<string, string> = {}) =>
      (await ask('GET', '/session', { headers })).json.data
    expect(await shown()).toMatchObject({
      actor: 'human:web',
      permissions: permissions.filter((each) => each !== 'check:approve'),
      version: '1.2.3',
      engine,
    })
    expect((await shown({ 'x-pipeline-actor': 'agent:a' })).actor).toBe('agent:a')
    expect((await shown()).actor).toBe('human:web')
    expect((await shown()).pipeline).not.toContain(':test@')
  })
})
