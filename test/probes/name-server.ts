/** A name server on loopback for one test: real packets over UDP, written by hand (RFC 1035). */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'

const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, CAA: 257 }
export const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 }

type RecordType = keyof typeof TYPES

export interface Question {
  name: string
  type: RecordType
}

/** Data of the answers' records, or a code, or no answer at all. */
export type Reply = Uint8Array[] | keyof typeof RCODES | 'silence' | 'garbage'

const open = new Set<Socket>()

/** @returns  `127.0.0.1:port` */
export async function serveNames(answer: (question: Question) => Reply): Promise<string> {
  const socket = createSocket('udp4')
  open.add(socket)
  socket.on('message', (query, from) => respond(socket, query, from, answer))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return `127.0.0.1:${socket.address().port}`
}

export function closeNames(): void {
  for (const socket of open) socket.close()
  open.clear()
}

function respond(socket: Socket, query: Buffer, from: RemoteInfo, answer: (question: Question) => Reply) {
  const { question, end } = read(query)
  const reply = answer(question)
  if (reply === 'silence') return
  const records = typeof reply === 'string' ? [] : reply
  const code = typeof reply === 'string' && reply !== 'garbage' ? RCODES[reply] : 0
  const header = Buffer.concat([
    query.subarray(0, 2),
    u16(0x8180 | code),
    u16(1),
    u16(reply === 'garbage' ? 9 : records.length),
    u16(0),
    u16(0),
  ])
  // the name of each is that of the question, 12 bytes from the start
  const answers = records.map((data) =>
    Buffer.concat([u16(0xc00c), u16(TYPES[question.type]), u16(1), u32(60), u16(data.length), data]),
  )
  socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), from.port, from.address)
}

function read(query: Buffer): { question: Question; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const number = query.readUInt16BE(at + 1)
  const type = (Object.keys(TYPES) as RecordType[]).find((each) => TYPES[each] === number)
  if (type === undefined) throw new Error(`a question of type ${number}`)
  return { question: { name: labels.join('.'), type }, end: at + 5 }
}

export const u16 = (value: number) => Buffer.from([value >> 8, value & 255])
export const u32 = (value: number) => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)])
/** `a.b` as labels; the root is the empty text. */
export const labels = (name: string) =>
  Buffer.concat([...name.split('.').filter(Boolean).map(chars), Buffer.from([0])])
/** A length of one byte, and the text. */
export const chars = (text: string) =>
  Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])
export const ip4 = (address: string) => Buffer.from(address.split('.').map(Number))
