/** A tcp check: whether a connection is taken, and how fast. It is closed at once, and nothing is sent. */

import { connect, type Socket } from 'node:net'

import { attempt } from './attempt.ts'
import { networkFault, notRun, targetFault } from './faults.ts'
import type { Probe } from './probe.ts'
import { eachAddress, invalidTarget, type Target, targetOf } from './target.ts'

export const tcpProbe: Probe = async (plan, context) => {
  const target = targetOf(plan)
  if (target === undefined) return notRun(invalidTarget)
  return attempt(plan, context, (settle) => {
    const socket = connect({ host: target.host, port: target.port, ...eachAddress })
    socket.once('connect', () => settle(metItself(socket) ? { fault: refused(target) } : {}))
    socket.on('error', (error) => settle({ fault: networkFault(error, target.name) }))
    return () => socket.destroy()
  })
}

/** On loopback a connection may be given the very port it goes to, and then has nobody at its other end but itself. */
const metItself = ({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean =>
  localPort === remotePort && localAddress === remoteAddress

const refused = ({ name }: Target) => targetFault('ECONNREFUSED', `connection refused by ${name}`)
