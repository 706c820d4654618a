/**
 * A tls check: the handshake of a client that trusts nobody blindly, and how long the server's own certificate is
 * still valid. Those above it are judged by whether the chain holds. Sessions are never resumed: they would hide a
 * certificate that has changed.
 */

import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'

import { gist } from '../domain/gist.ts'
import { type Instant, toMs } from '../domain/instant.ts'
import type { Observation } from '../domain/observation.ts'
import { attempt } from './attempt.ts'
import { networkFault, notRun } from './faults.ts'
import type { Probe } from './probe.ts'
import { eachAddress, invalidTarget, targetOf } from './target.ts'

const DAY_MS = 86_400_000
const MAX_NAMES_LENGTH = 300

export interface TlsProbeOptions {
  /** Certificates (PEM) to trust instead of Node's own list. */
  ca?: string
}

export function createTlsProbe({ ca }: TlsProbeOptions = {}): Probe {
  return async (plan, context) => {
    const target = targetOf(plan)
    if (target === undefined) return notRun(invalidTarget)
    const { host, port, name } = target
    return attempt(plan, context, (settle) => {
      const socket = connect({
        host,
        port,
        // SNI knows names only
        ...(isIP(host) === 0 && { servername: host.replace(/\.$/, '') }),
        // verified all the same, see below: a refused certificate is to be told too. Nothing is sent to anybody.
        rejectUnauthorized: false,
        ...(ca !== undefined && { ca }),
        ...eachAddress,
      })
      socket.once('secureConnect', () =>
        settle({ ...shown(socket, context.now()), ...refused(socket, name) }),
      )
      socket.on('error', (error) => settle({ fault: networkFault(error, name) }))
      return () => socket.destroy()
    })
  }
}

export const tlsProbe = createTlsProbe()

function shown(socket: TLSSocket, now: Instant): Pick<Observation, 'certificate' | 'certificateDays'> {
  const certificate = socket.getPeerX509Certificate()
  const endMs = Date.parse(certificate?.validTo ?? '')
  if (certificate === undefined || Number.isNaN(endMs)) return {}
  const { subject, issuer, subjectAltName = '' } = certificate
  return {
    certificateDays: (endMs - toMs(now)) / DAY_MS,
    certificate: {
      subject: line(subject),
      issuer: line(issuer),
      names: line(subjectAltName.replace(/(^|, )(?:DNS|IP Address):/g, '$1')),
      validTo: new Date(endMs).toISOString(),
    },
  }
}

/** What Node found wrong with the chain or the name. */
function refused(socket: TLSSocket, name: string): Pick<Observation, 'fault'> {
  if (socket.authorized) return {}
  // a code, though declared as an error
  const code = String(socket.authorizationError ?? 'CERT_UNTRUSTED')
  return { fault: networkFault(Object.assign(new Error('the certificate is not accepted'), { code }), name) }
}

const line = (text: string | undefined): string => gist((text ?? '').replaceAll('\n', ', '), MAX_NAMES_LENGTH)
