/** Fields that narrow a list: what they say stands in the address. */

import { useEffect, useRef } from 'preact/hooks'
import { setQuery } from '../router.ts'
import { Icon } from './icon.tsx'

/** People who type are not asked for at every letter. */
const typedMs = 150

interface TextProps {
  /** Of the word in the address; by default what is looked for. */
  name?: string
  label: string
  value: string | undefined
  /** Words to choose from, with what they mean where that is another. */
  known?: readonly { value: string; label?: string }[]
}

export function TextFilter({ name = 'text', label, value, known }: TextProps) {
  const field = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => {
    // What the address says, unless the reader is typing.
    if (field.current && field.current !== document.activeElement) field.current.value = value ?? ''
  }, [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <label class={`field ${name}${value ? ' is-set' : ''}`}>
      {name === 'text' && <Icon name="search" />}
      <span class="spoken">{label}</span>
      <input
        ref={field}
        type="search"
        defaultValue={value ?? ''}
        placeholder={label}
        maxLength={200}
        {...(known ? { list: `known-${name}` } : {})}
        onInput={(event) => {
          const { value: typed } = event.currentTarget
          clearTimeout(timer.current)
          timer.current = setTimeout(() => setQuery({ [name]: typed.trim() }), typedMs)
        }}
      />
      {known && (
        <datalist id={`known-${name}`}>
          {known.map((each) => (
            <option key={each.value} {...each} />
          ))}
        </datalist>
      )}
    </label>
  )
}

interface ChoiceProps {
  /** Of the word in the address. */
  name: string
  label: string
  value: string | undefined
  options: readonly string[]
}

export const ChoiceFilter = ({ name, label, value, options }: ChoiceProps) => (
  <label class={`field${value ? ' is-set' : ''}`}>
    <span class="spoken">{label}</span>
    <select value={value ?? ''} onChange={(event) => setQuery({ [name]: event.currentTarget.value })}>
      <option value="">{label}</option>
      {value !== undefined && !options.includes(value) && <option value={value}>{value}</option>}
      {options.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  </label>
)
