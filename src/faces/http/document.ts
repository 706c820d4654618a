/** The route of the OpenAPI document: built when it is first asked for. */

import type { FastifyInstance } from 'fastify'
import { isKnown, readTag } from './conditional.ts'
import { base } from './face.ts'
import { json, revalidate, send } from './reply.ts'

export function addDocument(app: FastifyInstance, version: string): void {
  let body: string | undefined
  app.get(`${base}/openapi.json`, async (request, reply) => {
    const { openApiDocument } = await import('./openapi.ts')
    body ??= JSON.stringify(openApiDocument(version))
    const etag = readTag(undefined, body)
    const headers = { etag, 'cache-control': revalidate }
    return isKnown(request.headers['if-none-match'], etag)
      ? send(reply, { status: 304, type: json, body: '', headers })
      : send(reply, { status: 200, type: json, body, headers })
  })
}
