import { expect, test, vi } from 'vitest'
import { createProbe, probe, probes } from '../../src/probes/index.ts'
import { contextOf, planOf } from './plan.ts'
import { closeServers, serve, waitUntilUnused } from './server.ts'

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

test.each(['tcp', 'dns', 'tls'] as const)('a plan of type %s without a host is not run', async (type) => {
  expect((await probe(planOf({ type }), contextOf())).fault).toMatchObject({
    code: 'invalid-plan',
    of: 'runner',
  })
})

test('a heartbeat is not probed', async () => {
  expect(probes.heartbeat).toBeUndefined()
  expect((await probe(planOf({ type: 'heartbeat' }), contextOf())).fault).toEqual({
    code: 'not-supported',
    message: 'checks of type heartbeat are stored, but this version does not run them',
    of: 'runner',
  })
})

test.each([
  [true, 1],
  [false, 3],
])('with keepAlive %s three http checks take %i connections, and none is left', async (keepAlive, count) => {
  const { origin, server } = await serve((_, response) => response.end('ok'))
  let connections = 0
  server.on('connection', () => connections++)
  const made = createProbe({ keepAlive })
  const plan = planOf({ type: 'http', url: origin })
  for (let n = 0; n < 3; n++) expect(await made.probe(plan, contextOf())).toMatchObject({ body: 'ok' })
  expect(connections).toBe(count)
  expect(await made.probe(planOf({ argv: ['sh', '-c', 'exit 3'] }), contextOf())).toMatchObject({
    exitCode: 3,
  })
  await made.close()
  await waitUntilUnused(server)
  await closeServers()
})
