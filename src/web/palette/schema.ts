/** Fields of a form, out of the API's own description (`/api/v1/openapi.json`). Pure. */

export type FieldKind = 'text' | 'lines' | 'number' | 'switch' | 'choice' | 'list' | 'json'

export interface Field {
  name: string
  kind: FieldKind
  required: boolean
  /** It may be said to be none. */
  nullable: boolean
  /** Legal values, where there is a list of them. */
  choices: (string | number)[]
  /** What holds where nothing is said. */
  preset: unknown
  description: string
  maxLength: number | undefined
  /** A list of numbers. */
  numbers: boolean
}

interface Schema {
  type?: string
  description?: string
  enum?: (string | number)[]
  const?: unknown
  default?: unknown
  maxLength?: number
  items?: Schema
  anyOf?: Schema[]
}

interface ObjectSchema {
  properties?: Record<string, Schema>
  required?: string[]
}

interface Described {
  operationId: string
  parameters?: { name?: string; in?: string; required?: boolean; description?: string; schema?: Schema }[]
  requestBody?: { content?: Record<string, { schema?: ObjectSchema }> }
}

export interface Document {
  paths: Record<string, Record<string, Described>>
}

/** Longer texts are written on several lines. */
const oneLineMax = 600

/** @returns what must be given first; undefined for an operation that the document does not know */
export function fieldsOf(document: Document, operation: string): Field[] | undefined {
  const found = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .find(({ operationId }) => operationId === operation)
  if (!found) return undefined
  const inUrl = (found.parameters ?? []).flatMap(({ name, in: where, required, description, schema }) =>
    name !== undefined && (where === 'path' || where === 'query')
      ? [fieldOf(name, { ...schema, ...(description ? { description } : {}) }, required === true)]
      : [],
  )
  const { properties = {}, required = [] } =
    found.requestBody?.content?.['application/json']?.schema ?? ({} as ObjectSchema)
  const inBody = Object.entries(properties).map(([name, schema]) =>
    fieldOf(name, schema, required.includes(name)),
  )
  const all = [...inUrl, ...inBody]
  return [...all.filter((field) => field.required), ...all.filter((field) => !field.required)]
}

function fieldOf(name: string, schema: Schema, required: boolean): Field {
  const parts = schema.anyOf ?? [schema]
  const legal = parts.filter((part) => !isNone(part))
  const own = legal[0] ?? {}
  return {
    name,
    kind: kindOf(own),
    required,
    nullable: legal.length < parts.length,
    choices: own.enum ?? [],
    preset: schema.default,
    description: schema.description || own.description || '',
    maxLength: own.maxLength,
    numbers: own.items?.type === 'integer' || own.items?.type === 'number',
  }
}

/** In a URL the word `none` stands for null. */
const isNone = ({ type, const: value }: Schema): boolean => type === 'null' || value === 'none'

function kindOf({ type, enum: choices, maxLength }: Schema): FieldKind {
  if (choices) return 'choice'
  if (type === 'boolean') return 'switch'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'array') return 'list'
  if (type === 'string') return (maxLength ?? Number.POSITIVE_INFINITY) > oneLineMax ? 'lines' : 'text'
  return 'json'
}
