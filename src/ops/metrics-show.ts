import * as z from 'zod/mini'
import { operation } from './operation.ts'

export const metricsShow = operation({
  name: 'metrics.show',
  summary: 'Print figures for Prometheus; serve has them at /metrics',
  kind: 'read',
  needs: 'item:read',
  input: () => z.strictObject({}),
  output: () => z.strictObject({ text: z.string() }),
  // Not below the API: it is no JSON, and scrapers look for it at /metrics.
  http: null,
  command: { words: 'metrics', examples: ['pipeline metrics'] },
  async run(_input, { q, now, version }) {
    const { metricsText } = await import('./metrics-text.ts')
    return { text: await metricsText(q, now, version) }
  },
  toText: ({ text }) => text.trimEnd(),
})
