/** An operation, filled in and run. */

import { useEffect, useRef } from 'preact/hooks'
import { CommandLine } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { AnswerView } from './answer.tsx'
import type { Command } from './command.ts'
import { useFields } from './described.ts'
import { FieldView } from './field.tsx'
import { wordsOf } from './options.ts'
import { failuresByField, type Running, useRunning } from './running.ts'
import type { Field } from './schema.ts'

interface RunProps {
  command: Command
  back(): void
  close(): void
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
      {fields && <Filling command={command} fields={fields} close={close} />}
      {!fields && !refused && <p class="palette-wait" aria-busy="true" />}
    </>
  )
}

interface FillingProps {
  command: Command
  fields: Field[]
  close(): void
}

function Filling({ command, fields, close }: FillingProps) {
  const running = useRunning(command, fields)
  const { answer, route, again, line } = running
  if (!answer) return <Form running={running} />
  return (
    <AnswerView answer={answer} route={route} close={close} again={again}>
      {line && <CommandLine line={line} />}
    </AnswerView>
  )
}

function Form({ running }: { running: Running }) {
  const { fields, shown, show, values, change, problem, run } = running
  const form = useRef<HTMLFormElement>(null)
  const failing = failuresByField(problem, fields)
  useEffect(() => focusFirst(form.current), [])
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [problem])
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
            change={(value) => change(field.name, value)}
          />
        ))}
      <More fields={fields.filter(({ name }) => !shown.has(name))} add={(name) => show([name])} />
      {problem && (
        <p class="refusal" role="alert">
          {problem.message}
          {problem.hint && <span class="hint"> {problem.hint}</span>}
        </p>
      )}
      <Deeds running={running} />
    </form>
  )
}

function Deeds({ running: { route, line, sure, unsure, busy } }: { running: Running }) {
  const no = useRef<HTMLButtonElement>(null)
  // Who presses Enter twice has not said yes.
  useEffect(() => {
    if (sure) no.current?.focus()
  }, [sure])
  return (
    <>
      {sure && (
        <p class="refusal" role="alert">
          This takes something away. Really?
        </p>
      )}
      <div class="palette-deeds">
        {line && <CommandLine line={line} />}
        {sure && (
          <button type="button" class="button" ref={no} onClick={unsure}>
            No
          </button>
        )}
        <button type="submit" class={`button ${sure ? 'danger' : 'primary'}`} disabled={busy}>
          {sure ? 'Yes, do it' : route.method === 'get' ? 'Show' : 'Run'}
        </button>
      </div>
    </>
  )
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
