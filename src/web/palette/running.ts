/** The state of a form that runs an operation: what is filled in, what the server said. */

import { paths } from 'virtual:operations'
import { useState } from 'preact/hooks'
import { ask, type In, type Name, Refused, tell } from '../api.ts'
import { announce } from '../said.tsx'
import type { Command } from './command.ts'
import { confirmedBy, formFields, isAboutItem, isDangerous, type Route, shownAtOnce } from './doing.ts'
import { commandLine } from './line.ts'
import { inView } from './recent.ts'
import type { Field } from './schema.ts'
import { filled, type Values } from './values.ts'

export interface Answered {
  data: unknown
  warnings: string[]
}

export interface Running {
  route: Route
  fields: Field[]
  /** Names of the fields that are shown; the others wait to be asked for. */
  shown: ReadonlySet<string>
  show(names: Iterable<string>): void
  values: Values
  change(name: string, value: Values[string]): void
  /** The next press takes something away. */
  sure: boolean
  unsure(): void
  busy: boolean
  problem: Refused | undefined
  answer: Answered | undefined
  run(): Promise<void>
  again(): void
  /** The same at the command line; undefined where it can't be said there. */
  line: string | undefined
}

export function useRunning(command: Command, all: readonly Field[]): Running {
  const [method, path] = paths[command.name]!
  const route: Route = { method, path }
  const fields = formFields(all, route)
  const [values, fill] = useState<Values>(() => begun(fields, route))
  const [shown, setShown] = useState<ReadonlySet<string>>(() => shownAtOnce(fields))
  const [sure, setSure] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, refuse] = useState<Refused | undefined>(undefined)
  const [answer, setAnswer] = useState<Answered | undefined>(undefined)
  const { input, failures } = filled(fields, values)
  const whole = { ...input, ...confirmedBy(all, route) }
  const show = (names: Iterable<string>) => setShown((now) => new Set([...now, ...names]))

  const send = async (): Promise<void> => {
    setBusy(true)
    refuse(undefined)
    try {
      setAnswer(await sent(command.name as Name, whole, route))
      announce(route.method === 'get' ? 'Answered' : 'Done')
    } catch (error) {
      const refused = asRefused(error)
      refuse(refused)
      show(failuresByField(refused, fields).keys())
    } finally {
      setBusy(false)
      setSure(false)
    }
  }
  const run = async (): Promise<void> => {
    if (busy) return
    if (failures[0]) refuse(new Refused({ code: 'invalid', detail: failures[0].message, failures }))
    else if (isDangerous(route) && !sure) setSure(true)
    else await send()
  }
  return {
    ...{ route, fields, shown, show, values, sure, busy, problem, answer, run },
    change(name, value) {
      fill((now) => ({ ...now, [name]: value }))
      setSure(false)
    },
    unsure: () => setSure(false),
    again: () => setAnswer(undefined),
    line: command.cli && commandLine(command.cli, whole, command.required),
  }
}

/** What is known before anything is typed: the item in view. */
function begun(fields: readonly Field[], route: Route): Values {
  const id = inView()
  const takesId = isAboutItem(route) && fields.some(({ name }) => name === 'id')
  return takesId && id !== undefined ? { id: String(id) } : {}
}

const asRefused = (error: unknown): Refused =>
  error instanceof Refused ? error : new Refused({ code: 'internal', detail: String(error) })

const sent = async (name: Name, input: Record<string, unknown>, { method }: Route): Promise<Answered> =>
  method === 'get'
    ? { data: await ask(name, input as In<Name>), warnings: [] }
    : tell(name, input as In<Name>)

/** What is wrong within a field is said at the field. */
export function failuresByField(problem: Refused | undefined, fields: readonly Field[]): Map<string, string> {
  const said = (problem?.failures ?? []).flatMap(({ field, message }) => {
    const name = fields.find((each) => each.name === field?.split('.')[0])?.name
    return name === undefined ? [] : [[name, message] as const]
  })
  return new Map(said.toReversed())
}
