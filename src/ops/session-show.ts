import * as z from 'zod/mini'
import { oneLine } from '../domain/text.ts'
import { operation, permissions } from './operation.ts'

/** Never kept by its URL: the answer hangs on who asks. */
export const sessionShow = operation({
  name: 'session.show',
  summary: 'Say who asks, what they may do, and which pipeline this is',
  kind: 'read',
  needs: 'item:read',
  input: () => z.strictObject({}),
  output: () =>
    z.strictObject({
      actor: z.string(),
      permissions: z.array(z.enum(permissions)),
      version: z.nullable(z.string()),
      engine: z.enum(['sqlite', 'postgres']),
      pipeline: z.string(),
    }),
  http: { method: 'get', path: '/session' },
  command: null,
  run: async (_input, { q, actor, location, permissions: granted, version = null }) => ({
    actor,
    permissions: permissions.filter((each) => granted === 'all' || granted.has(each)),
    version,
    engine: q.engine,
    /** Without a password. */
    pipeline: location,
  }),
  toText: ({ actor, pipeline }) => `${oneLine(actor)} at ${oneLine(pipeline)}`,
})
