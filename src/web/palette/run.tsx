/** An operation, filled in and run. */

import type { Command } from 'virtual:commands'
import { paths } from 'virtual:operations'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, type In, type Name, Refused, tell } from '../api.ts'
import { announce } from '../said.tsx'
import { CommandLine } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { AnswerView } from './answer.tsx'
import { useFields } from './described.ts'
import { confirmedBy, formFields, isAboutItem, isDangerous, type Route, shownAtOnce } from './doing.ts'
import { FieldView } from './field.tsx'
import { commandLine } from './line.ts'
import { wordsOf } from './options.ts'
import { inView } from './recent.ts'
import type { Field } from './schema.ts'
import { filled, type Values } from './values.ts'

interface RunProps {
  command: Command
  back(): void
  close(): void
}

const routeOf = (name: string): Route => {
  const [method, path] = paths[name]!
  return { method, path }
}

export function Run({ command, back, close }: RunProps) {
  const { fields, refused, again } = useFields(command.name)
  return (
    <>
      <header class="palette-head">
        <button type="button" class="icon-button" aria-label="Back to what was found" onClick={back}>
          <Icon name="back" />
        </button>
        <h2>{command.summary}</h2>
        <code>{wordsOf(command)}</code>
      </header>
      {refused && <Trouble refused={refused} again={again} />}
      {fields ? (
        <Form command={command} fields={fields} close={close} />
      ) : (
        !refused && <p class="palette-wait" aria-busy="true" />
      )}
    </>
  )
}

interface Answered {
  data: unknown
  warnings: string[]
}

/** What is known before anything is typed: the item in view. */
function begun(fields: readonly Field[], route: Route): Values {
  const id = inView()
  const takesId = isAboutItem(route) && fields.some(({ name }) => name === 'id')
  return takesId && id !== undefined ? { id: String(id) } : {}
}

interface FormProps {
  command: Command
  fields: Field[]
  close(): void
}

function Form({ command, fields: all, close }: FormProps) {
  const route = routeOf(command.name)
  const fields = formFields(all, route)
  const form = useRef<HTMLFormElement>(null)
  const [values, fill] = useState<Values>(() => begun(fields, route))
  const [shown, show] = useState(() => shownAtOnce(fields))
  const [sure, ask_] = useState(false)
  const [busy, wait] = useState(false)
  const [problem, refuse] = useState<Refused | undefined>(undefined)
  const [answer, say] = useState<Answered | undefined>(undefined)
  const { input, failures } = filled(fields, values)
  const failing = failuresByField(problem, fields)

  const run = async (): Promise<void> => {
    if (busy) return
    const wrong = failures[0]
    if (wrong) return refuse(new Refused({ code: 'invalid', detail: wrong.message, failures }))
    if (isDangerous(route) && !sure) return ask_(true)
    wait(true)
    refuse(undefined)
    try {
      const answered = await send(command.name, { ...input, ...confirmedBy(all, route) }, route)
      say(answered)
      announce(route.method === 'get' ? 'Answered' : 'Done')
    } catch (error) {
      const refused =
        error instanceof Refused ? error : new Refused({ code: 'internal', detail: String(error) })
      refuse(refused)
      show((now) => new Set([...now, ...failuresByField(refused, fields).keys()]))
    } finally {
      wait(false)
      ask_(false)
    }
  }
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [problem])
  useEffect(() => focusFirst(form.current), [])

  if (answer)
    return (
      <AnswerView answer={answer} route={route} close={close} again={() => say(undefined)}>
        {command.cli && (
          <CommandLine line={commandLine(command.cli, { ...input, ...confirmedBy(all, route) })} />
        )}
      </AnswerView>
    )
  return (
    <form
      ref={form}
      class="palette-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void run()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.requestSubmit()
      }}
    >
      {fields.length === 0 && <p class="hint">Nothing to fill in.</p>}
      {fields
        .filter(({ name }) => shown.has(name))
        .map((field) => (
          <FieldView
            key={field.name}
            field={field}
            value={values[field.name]}
            failure={failing.get(field.name)}
            change={(value) => {
              fill({ ...values, [field.name]: value })
              ask_(false)
            }}
          />
        ))}
      <More
        fields={fields.filter(({ name }) => !shown.has(name))}
        add={(name) => show(new Set([...shown, name]))}
      />
      {problem && (
        <p class="refusal" role="alert">
          {problem.message}
          {problem.hint && <span class="hint"> {problem.hint}</span>}
        </p>
      )}
      <div class="palette-deeds">
        {command.cli && (
          <CommandLine line={commandLine(command.cli, { ...input, ...confirmedBy(all, route) })} />
        )}
        {sure && (
          <button type="button" class="button" onClick={() => ask_(false)}>
            No
          </button>
        )}
        <button type="submit" class={`button ${sure ? 'danger' : 'primary'}`} disabled={busy}>
          {sure ? 'Yes, do it' : route.method === 'get' ? 'Show' : 'Run'}
        </button>
      </div>
      {sure && (
        <p class="refusal" role="alert">
          This takes something away and can't be undone here. Really?
        </p>
      )}
    </form>
  )
}

const send = async (name: string, input: Record<string, unknown>, { method }: Route): Promise<Answered> =>
  method === 'get'
    ? { data: await ask(name as Name, input as In<Name>), warnings: [] }
    : tell(name as Name, input as In<Name>)

/** What is wrong within a field is said at the field. */
function failuresByField(problem: Refused | undefined, fields: readonly Field[]): Map<string, string> {
  const said = (problem?.failures ?? []).flatMap(({ field, message }) => {
    const name = fields.find((each) => each.name === field?.split('.')[0])?.name
    return name === undefined ? [] : [[name, message] as const]
  })
  return new Map(said.toReversed())
}

/** The first that is empty, else the button. */
function focusFirst(form: HTMLFormElement | null): void {
  const fields = [...(form?.querySelectorAll<HTMLInputElement>('[name]') ?? [])]
  const first = fields.find(({ value, type }) => type !== 'checkbox' && value === '')
  const button = form?.querySelector<HTMLElement>('[type="submit"]')
  ;(first ?? button)?.focus()
}

const More = ({ fields, add }: { fields: Field[]; add(name: string): void }) =>
  fields.length === 0 ? null : (
    <div class="palette-more">
      {fields.map(({ name, description }) => (
        <button key={name} type="button" class="chip" title={description} onClick={() => add(name)}>
          <Icon name="plus" />
          {name}
        </button>
      ))}
    </div>
  )
