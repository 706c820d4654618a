/** What stands in a form, as the input of an operation. Pure: whether it is right, the server says. */

import type { Field } from './schema.ts'

/** A text as it was typed, a switch, or null for none. */
export type Values = Record<string, string | boolean | null | undefined>

export interface Filled {
  input: Record<string, unknown>
  /** Only what can't be sent at all. */
  failures: { field: string; message: string }[]
}

/** What was left empty is left out. */
export function filled(fields: readonly Field[], values: Values): Filled {
  const input: Filled['input'] = {}
  const failures: Filled['failures'] = []
  for (const field of fields) {
    const value = values[field.name]
    if (value === undefined || value === '' || value === false) continue
    if (value === null || value === true) input[field.name] = value
    else {
      try {
        const read = readings[field.kind](value, field)
        if (read !== undefined) input[field.name] = read
      } catch (error) {
        const message = `${field.name} is not valid JSON: ${(error as Error).message}`
        failures.push({ field: field.name, message })
      }
    }
  }
  return { input, failures }
}

/** `12` and `#12`; anything else stays text, and the server says what is wrong with it. */
function numberOr(text: string): number | string {
  const number = Number(text.trim().replace(/^#/, ''))
  return text.trim() !== '' && Number.isFinite(number) ? number : text
}

const isBlank = (text: string): boolean => text.trim() === ''

const readings: Record<Field['kind'], (text: string, field: Field) => unknown> = {
  text: (text) => text,
  lines: (text) => text,
  switch: (text) => text,
  number: numberOr,
  choice: (text, { choices }) => choices.find((choice) => String(choice) === text) ?? text,
  list: (text, { numbers }) => {
    const lines = text.split('\n').flatMap((line) => (isBlank(line) ? [] : [line.trim()]))
    return lines.length === 0 ? undefined : numbers ? lines.map(numberOr) : lines
  },
  json: (text) => (isBlank(text) ? undefined : JSON.parse(text)),
}
