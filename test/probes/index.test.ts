import { expect, test, vi } from 'vitest'
import { probe, probes } from '../../src/probes/index.ts'
import { contextOf, planOf } from './plan.ts'

const undici = vi.hoisted(() => ({ loaded: false }))

vi.mock('undici', async (original) => {
  undici.loaded = true
  return original()
})

test('a command check does not load undici, an http check does', async () => {
  expect(await probe(planOf({ argv: ['sh', '-c', 'exit 3'] }), contextOf())).toMatchObject({ exitCode: 3 })
  expect(undici.loaded).toBe(false)
  const plan = planOf({ type: 'http', url: 'http://127.0.0.1:1/' })
  expect((await probe(plan, contextOf())).fault).toMatchObject({ of: 'target' })
  expect(undici.loaded).toBe(true)
})

test.each(['tcp', 'dns', 'tls', 'heartbeat'] as const)('%s is stored, but not run', async (type) => {
  expect(probes[type]).toBeUndefined()
  expect((await probe(planOf({ type }), contextOf())).fault).toEqual({
    code: 'not-supported',
    message: `checks of type ${type} are stored, but this version does not run them`,
    of: 'runner',
  })
})
