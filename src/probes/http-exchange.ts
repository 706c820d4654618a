/** One request and its answer. Without undici's streams and signals, which cost more than the request itself. */

import type { Dispatcher } from 'undici'
import type { Capture } from './capture.ts'
import type { Cut } from './deadline.ts'
import { errorCode } from './faults.ts'
import { type BodyReader, readBody } from './http-body.ts'
import type { Connection, Connections } from './http-connections.ts'
import type { HttpRequest } from './http-request.ts'

/** Read of a body; the rest is not fetched. */
const BODY_CAP_BYTES = 1024 * 1024
/** Kept of a body that no condition looks at: what an incident shows of it. */
const EVIDENCE_BYTES = 4096

/** How a connection dies that was kept too long: the server had closed it before our request came. */
const DEAD = /^(?:UND_ERR_SOCKET|ECONNRESET|ECONNABORTED|EPIPE)$/
/** May be sent twice. @see https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const IDEMPOTENT = /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/

/** Filled as far as the answer came, so that a cut one can be told too. */
export interface Answer {
  status?: number | undefined
  headers?: Record<string, string> | undefined
  body?: Capture | undefined
}

/** How an attempt is ended from outside. */
export interface Ending {
  cut?: Cut
  /** Ends what is under way at the moment. */
  end(): void
}

export interface ExchangeOptions {
  connections: Connections
  ending: Ending
  elapsedMs(): number
  /** A condition looks at the body. */
  needsBody: boolean
}

/** @param wantsBody  decides by status and headers whether the body is read */
export async function exchange(
  request: HttpRequest,
  answer: Answer,
  wantsBody: (status: number, location: string | undefined) => boolean,
  options: ExchangeOptions,
): Promise<void> {
  const { connections, ending, elapsedMs } = options
  const { origin } = request.url
  const open = (fresh: boolean) => connections.open(origin, elapsedMs(), fresh)
  const connection = open(!IDEMPOTENT.test(request.method))
  try {
    await over(connection, request, answer, wantsBody, options)
  } catch (error) {
    // nothing came: the next attempt shall not meet another that is as dead
    if (connection.kept && answer.status === undefined) connections.forget(origin)
    const isDead = connection.kept && answer.status === undefined && DEAD.test(errorCode(error) ?? '')
    if (!isDead || ending.cut !== undefined) throw error
    await over(open(true), request, answer, wantsBody, options)
  }
}

async function over(
  connection: Connection,
  request: HttpRequest,
  answer: Answer,
  wantsBody: (status: number, location: string | undefined) => boolean,
  { connections, ending, needsBody }: ExchangeOptions,
): Promise<void> {
  // of a redirect that failed, nothing is told as if it came from here
  answer.status = undefined
  answer.headers = undefined
  answer.body = undefined
  ending.end = connection.close
  let complete = false
  try {
    if (ending.cut !== undefined) throw new Error('ended before it began')
    complete = await transfer(connection, request, answer, wantsBody, needsBody)
  } finally {
    ending.end = () => {}
    if (complete) connections.giveBack(connection)
    else connection.close()
  }
}

/** @returns  whether the answer was read to its end, so that the connection is fit for another request */
function transfer(
  { client }: Connection,
  { url, method, headers, body }: HttpRequest,
  answer: Answer,
  wantsBody: (status: number, location: string | undefined) => boolean,
  needsBody: boolean,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let reader: BodyReader | undefined
    let receivedBytes = 0
    client.dispatch(
      { path: `${url.pathname}${url.search}`, method: method as 'GET', headers, body: body ?? null },
      {
        // its presence tells undici which kind of handler this is
        onRequestStart() {},
        onResponseStart(controller, status, received) {
          if (status < 200) return
          answer.status = status
          answer.headers = flatten(received)
          if (!wantsBody(status, answer.headers.location)) return resolve(false)
          const capBytes = needsBody ? BODY_CAP_BYTES : EVIDENCE_BYTES
          reader = readBody(answer.headers['content-encoding'], capBytes, () => controller.resume())
          answer.body = reader.capture
        },
        // also what nobody looks at is received, since a body that breaks off is a fault
        onResponseData(controller, chunk) {
          receivedBytes += chunk.length
          if (reader?.add(chunk) === false) controller.pause()
          if (receivedBytes > BODY_CAP_BYTES || (needsBody && reader?.capture.truncated)) resolve(false)
        },
        onResponseEnd() {
          if (reader === undefined) resolve(true)
          else reader.end((error) => (error ? reject(error) : resolve(true)))
        },
        onResponseError: (_, error) => reject(error),
      } satisfies Dispatcher.DispatchHandler,
    )
  })
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? ''
    flat[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
  }
  return flat
}
