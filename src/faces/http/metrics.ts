/** `/metrics`, for Prometheus: outside the API, where scrapers look for it. Costs nothing while nobody asks. */

import type { FastifyInstance } from 'fastify'
import { metricsShow } from '../../ops/metrics-show.ts'
import { call } from '../../ops/operation.ts'
import type { FaceOptions } from './face.ts'
import { send } from './reply.ts'

export const metricsPath = '/metrics'

const type = 'text/plain; version=0.0.4; charset=utf-8'

export function addMetrics(app: FastifyInstance, options: FaceOptions): void {
  const { database, now, actor, version } = options
  app.get(metricsPath, async (_request, reply) => {
    const env = { database, now, actor, version, trust: 'remote', permissions: 'all' } as const
    const { data } = await call(metricsShow, {}, env)
    return send(reply, { status: 200, type, body: data.text })
  })
}
