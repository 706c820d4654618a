/** What an operation looks like on the command line: flags and positionals, derived from its input. */

import { fieldsOf } from '../../ops/input.ts'
import type { AnyOperation, FlagShape } from '../../ops/operation.ts'

export type Kind = 'text' | 'number' | 'boolean' | 'list' | 'object'

export interface Argument {
  /** Without the dashes. */
  name: string
  field: string
  kind: Kind
  required: boolean
  nullable: boolean
  /** Legal words, where there is a list of them. */
  choices: string[]
  preset: unknown
  from: NonNullable<FlagShape['from']>
  /** Name of the value in help. */
  value: string
  description: string
}

export interface Positional extends Argument {
  /** Takes all the words that are left. */
  rest: boolean
}

export interface Command {
  op: AnyOperation
  words: string[]
  positionals: Positional[]
  flags: Argument[]
}

/** The shape of an operation's command. Builds its input schema. */
export function commandOf(op: AnyOperation): Command {
  const shape = op.command!
  const named = Object.entries(shape.flags ?? {})
  const flagFor = (field: string): [string, FlagShape] =>
    named.find(([name, flag]) => (flag.field ?? camel(name)) === field) ?? [kebab(field), {}]
  const positionals = (shape.positionals ?? []).map((written) => {
    const field = written.replace('...', '')
    return { ...argument(op, field, flagFor(field)), rest: written.endsWith('...') }
  })
  const fields = Object.keys(fieldsOf(op)).filter(
    (field) => !positionals.some((each) => each.field === field) && !shape.hidden?.includes(field),
  )
  return {
    op,
    words: shape.words.split(' '),
    positionals,
    flags: fields.map((field) => argument(op, field, flagFor(field))),
  }
}

function argument(op: AnyOperation, field: string, [name, flag]: [string, FlagShape]): Argument {
  const found = examine(fieldsOf(op)[field])
  return {
    name,
    field,
    ...found,
    from: flag.from ?? (found.kind === 'list' ? 'texts' : found.kind === 'object' ? 'json' : 'word'),
    value: flag.value ?? (found.choices.length > 0 ? found.choices.join('|') : valueName(found.kind, field)),
  }
}

const valueName = (kind: Kind, field: string): string =>
  field === 'id' || field === 'item' || field === 'on' ? 'ID' : kind === 'number' ? 'N' : field.toUpperCase()

type Examined = Pick<Argument, 'kind' | 'required' | 'nullable' | 'choices' | 'preset' | 'description'>

/** The definition of a schema, as zod keeps it. */
interface Definition {
  type: string
  innerType?: Schema
  defaultValue?: unknown
  entries?: Record<string, string>
  values?: unknown[]
  checks?: { _zod: { def: { check?: string; description?: string } } }[]
}
interface Schema {
  _zod: { def: Definition }
}

function examine(schema: unknown): Examined {
  const found: Examined = {
    kind: 'text',
    required: true,
    nullable: false,
    choices: [],
    preset: undefined,
    description: '',
  }
  let current = schema as Schema
  for (;;) {
    const { def } = current._zod
    found.description ||= descriptionOf(current)
    if (def.type === 'optional') found.required = false
    else if (def.type === 'default') {
      found.required = false
      found.preset = def.defaultValue
    } else if (def.type === 'nullable') found.nullable = true
    else {
      found.kind = kinds[def.type] ?? 'text'
      if (def.type === 'enum') found.choices = Object.values(def.entries ?? {})
      if (def.type === 'literal') {
        found.choices = (def.values ?? []).map(String)
        if (typeof def.values?.[0] === 'number') found.kind = 'number'
      }
      return found
    }
    current = def.innerType!
  }
}

const kinds: Record<string, Kind> = {
  number: 'number',
  int: 'number',
  boolean: 'boolean',
  array: 'list',
  record: 'object',
  object: 'object',
}

let registry: { get(schema: unknown): { description?: string } | undefined } | undefined

/** Descriptions are kept beside schemas; help hands the registry in, other commands never need it. */
export function useDescriptions(source: typeof registry): void {
  registry = source
}

const descriptionOf = (schema: unknown): string => registry?.get(schema)?.description ?? ''

export const kebab = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
export const camel = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
