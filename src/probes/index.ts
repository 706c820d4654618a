/**
 * The kinds of check this version runs, one file each, loaded at first use. What lives here: one attempt at one
 * target. What never does: retries, judgement, the database, the clock.
 */

import type { CheckPlan } from '../domain/health-check.ts'
import { notRun, runnerFault } from './faults.ts'
import type { HttpProbe } from './http.ts'
import type { Probe } from './probe.ts'
import type { RunProgram } from './program.ts'

export interface ProbeOptions {
  /** Connections of http checks are kept open between runs. */
  keepAlive?: boolean
  /** Who runs the programs of command checks: this process, where it is not said. */
  run?: RunProgram
}

export interface ClosableProbe {
  probe: Probe
  /** Lets go of kept connections; attempts under way end as they would have, later ones have connections of their own. */
  close(): Promise<void> | void
}

export const probes: Partial<Record<CheckPlan['type'], () => Promise<Probe>>> = {
  command: async () => (await import('./command.ts')).commandProbe,
  http: async () => (await import('./http.ts')).httpProbe,
  tcp: async () => (await import('./tcp.ts')).tcpProbe,
  dns: async () => (await import('./dns.ts')).dnsProbe,
  tls: async () => (await import('./tls.ts')).tlsProbe,
}

/** The probe for every plan: finds the kind, and says so where there is none. */
export const probe: Probe = async (plan, context) => {
  const load = probes[plan.type]
  if (load) return (await load())(plan, context)
  const message = `checks of type ${plan.type} are stored, but this version does not run them`
  return notRun(runnerFault('not-supported', message))
}

/** `probe`, with what it holds open. */
export function createProbe({ keepAlive = false, run }: ProbeOptions = {}): ClosableProbe {
  let http: Promise<HttpProbe> | undefined
  let command: Promise<Probe> | undefined
  const httpProbe = (): Promise<HttpProbe> => {
    http ??= import('./http.ts').then(({ createHttpProbe }) => createHttpProbe({ keepAlive }))
    return http
  }
  const commandProbe = (by: RunProgram): Promise<Probe> => {
    command ??= import('./command.ts').then(({ createCommandProbe }) => createCommandProbe({ run: by }))
    return command
  }
  return {
    async probe(plan, context) {
      if (plan.type === 'http' && keepAlive) return (await httpProbe())(plan, context)
      if (plan.type === 'command' && run) return (await commandProbe(run))(plan, context)
      return probe(plan, context)
    },
    close: async () => (await http)?.close(),
  }
}
