/** One field of a form, by what it takes. */

import { useEffect, useRef } from 'preact/hooks'
import type { Field } from './schema.ts'
import type { Values } from './values.ts'

type Value = Values[string]

interface FieldProps {
  field: Field
  value: Value
  failure: string | undefined
  change(value: Value): void
}

export function FieldView({ field, value, failure, change }: FieldProps) {
  const { name, kind, required, nullable, description } = field
  const id = `field-${name}`
  const box = useRef<HTMLDivElement>(null)
  // One that the reader asked for takes the focus; those of the form's beginning are led to by the form.
  useEffect(() => {
    if (!required && document.activeElement === document.body)
      box.current?.querySelector<HTMLElement>('[name]')?.focus()
  }, [required])
  const described = [description && `${id}-about`, failure && `${id}-wrong`].filter(Boolean).join(' ')
  const common = {
    id,
    name,
    disabled: value === null,
    'aria-required': required,
    'aria-invalid': failure !== undefined,
    'aria-describedby': described || undefined,
  }
  return (
    <div class={`palette-input ${kind}${failure ? ' wrong' : ''}`} ref={box}>
      <label for={id}>
        {name}
        {required && <span class="must"> required</span>}
      </label>
      <Control field={field} value={value} common={common} change={change} />
      {nullable && (
        <label class="palette-none">
          <input
            type="checkbox"
            checked={value === null}
            onChange={() => change(value === null ? '' : null)}
          />
          none
        </label>
      )}
      {description && (
        <p id={`${id}-about`} class="hint">
          {description}
          {kind === 'list' && '; one a line'}
          {kind === 'json' && ' (JSON)'}
        </p>
      )}
      {failure && (
        <p id={`${id}-wrong`} class="wrong-why">
          {failure}
        </p>
      )}
    </div>
  )
}

interface ControlProps {
  field: Field
  value: Value
  common: Record<string, unknown>
  change(value: Value): void
}

function Control({ field, value, common, change }: ControlProps) {
  const { kind, choices, preset, required } = field
  const text = typeof value === 'string' ? value : ''
  const shownPreset = preset === undefined ? undefined : String(preset)
  if (kind === 'switch')
    return (
      <input
        type="checkbox"
        {...common}
        checked={value === true}
        onChange={(event) => change(event.currentTarget.checked)}
      />
    )
  if (kind === 'choice')
    return (
      <select {...common} value={text} onChange={(event) => change(event.currentTarget.value)}>
        <option value="">{shownPreset ?? (required ? 'choose' : 'not said')}</option>
        {choices.map((choice) => (
          <option key={choice} value={String(choice)}>
            {choice}
          </option>
        ))}
      </select>
    )
  if (kind === 'lines' || kind === 'list' || kind === 'json')
    return (
      <textarea
        {...common}
        rows={kind === 'lines' ? 3 : 4}
        class={kind === 'json' ? 'code' : undefined}
        spellcheck={kind === 'lines'}
        placeholder={kind === 'json' ? '{ }' : shownPreset}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
      />
    )
  return (
    <input
      type="text"
      {...common}
      inputMode={kind === 'number' ? 'numeric' : 'text'}
      autocomplete="off"
      placeholder={shownPreset}
      value={text}
      onInput={(event) => change(event.currentTarget.value)}
    />
  )
}
