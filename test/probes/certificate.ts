/** Self-signed certificates made on the spot: no OpenSSL needed, and no key in the repository. */

import { createHash, generateKeyPairSync, sign } from 'node:crypto'

export interface Certificate {
  key: string
  cert: string
}

const SHA256_WITH_ECDSA = Buffer.from('300a06082a8648ce3d040302', 'hex')
const DAY_MS = 86_400_000

/** @param name  the one host it is for @param days  how long it is valid; below 0 it has expired */
export function selfSigned(name: string, days: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = Date.now()
  const from = time(now - 10 * DAY_MS)
  const to = time(now + days * DAY_MS)
  const issuer = der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from(name)))))
  const names = der(0x30, der(0x82, Buffer.from(name)))
  const basic = der(0x30, der(0x01, Buffer.from([0xff])))
  const extensions = der(0xa3, der(0x30, extension('551d11', names), extension('551d13', basic)))
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(
      0x02,
      Buffer.concat([
        Buffer.from([1]),
        createHash('sha256').update(`${name}${days}`).digest().subarray(0, 8),
      ]),
    ),
    SHA256_WITH_ECDSA,
    issuer,
    der(0x30, from, to),
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  )
  const signature = sign('sha256', body, privateKey)
  const whole = der(0x30, body, SHA256_WITH_ECDSA, der(0x03, Buffer.from([0]), signature))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  }
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const extension = (hex: string, value: Uint8Array) => der(0x30, oid(hex), der(0x04, value))
const time = (ms: number) =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`))
