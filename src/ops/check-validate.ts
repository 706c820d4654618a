import * as z from 'zod/mini'
import type { CheckPlan } from '../domain/health-check.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'

export const checkValidate = operation({
  name: 'check.validate',
  summary: 'Say what is wrong with a health check, or what it comes to; stores and runs nothing',
  kind: 'read',
  needs: 'item:read',
  input: () => z.strictObject({ healthCheck: field.healthCheck() }),
  output: () =>
    z.strictObject({
      /** The effective values: every default resolved, every duration in milliseconds. */
      plan: z.record(z.string(), z.unknown()),
    }),
  http: { method: 'post', path: '/checks/validate' },
  command: {
    words: 'check',
    switch: 'validate',
    positionals: ['healthCheck'],
    flags: { 'health-check': { value: 'FILE' } },
    examples: ['pipeline check --validate check.json'],
  },
  async run({ healthCheck }) {
    const { acceptHealthCheck } = await import('../domain/health-check.ts')
    const { plan } = await acceptHealthCheck(healthCheck)
    return { plan: JSON.parse(JSON.stringify(plan)) as Record<string, unknown> }
  },
  toText: async ({ plan }, style) =>
    (await import('./check-plan-text.ts')).planText(plan as unknown as CheckPlan, style),
})
