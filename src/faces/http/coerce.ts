/** Words of a URL as the values that a schema wants. Pure; what can't be read is left for the schema to refuse. */

import type * as z from 'zod/mini'

interface Definition {
  type: string
  innerType?: z.ZodMiniType
  element?: z.ZodMiniType
  options?: z.ZodMiniType[]
  values?: unknown[]
}

/** What makes a field optional, nullable or preset stands around it. */
const wrappers = new Set(['optional', 'nullable', 'default', 'prefault', 'nonoptional', 'readonly', 'catch'])

const definitionOf = (schema: z.ZodMiniType): Definition => schema._zod.def as unknown as Definition

interface Unwrapped {
  definition: Definition
  nullable: boolean
}

export function unwrap(schema: z.ZodMiniType): Unwrapped {
  let definition = definitionOf(schema)
  let nullable = false
  while (wrappers.has(definition.type) && definition.innerType) {
    if (definition.type === 'nullable') nullable = true
    definition = definitionOf(definition.innerType)
  }
  return { definition, nullable }
}

/**
 * @param schema undefined for a field that the operation does not know
 * @param texts  what the URL says for the field, once for each time that it is named
 * @returns a value of the schema's type; the text itself where it is none
 */
export function coerce(schema: z.ZodMiniType | undefined, texts: readonly string[]): unknown {
  if (!schema) return texts.length === 1 ? texts[0] : texts
  const { definition, nullable } = unwrap(schema)
  const [first = ''] = texts
  if (nullable && texts.length === 1 && first === 'none') return null
  if (definition.type === 'array' && definition.element) {
    const { definition: element } = unwrap(definition.element)
    return texts.map((text) => coerceWord(element, text))
  }
  return texts.every((text) => text === first) ? coerceWord(definition, first) : texts
}

function coerceWord(definition: Definition, text: string): unknown {
  switch (definition.type) {
    case 'number':
      return numberOf(text)
    case 'literal':
      return definition.values?.includes(numberOf(text)) ? numberOf(text) : text
    case 'boolean':
      return text in truth ? truth[text] : text
    case 'object':
    case 'record':
      return objectOf(text)
    case 'union':
      return definition.options?.some((option) => isObject(option)) ? objectOf(text) : text
    default:
      return text
  }
}

const isObject = (schema: z.ZodMiniType): boolean => ['object', 'record'].includes(definitionOf(schema).type)

/** `?blocked` alone says yes. */
const truth: Record<string, boolean> = Object.assign(Object.create(null), {
  '': true,
  true: true,
  '1': true,
  false: false,
  '0': false,
})

/** Only what is written as a number and is held exactly: `1e309`, ` 5`, `0x10` and 2⁵³+1 stay texts. */
function numberOf(text: string): number | string {
  if (!/^-?\d{1,16}(\.\d{1,15})?$/.test(text)) return text
  const value = Number(text)
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : text
}

function objectOf(text: string): unknown {
  if (!text.startsWith('{')) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
