/** Schemas of answers as a person reads them: `list of items`, `text or null`. */

import * as z from 'zod/mini'
import { stages, types } from '../../src/domain/stage.ts'
import { checkedItem } from '../../src/ops/check-run.ts'
import * as field from '../../src/ops/fields.ts'
import { incidentFacts } from '../../src/ops/incident-view.ts'
import { answers } from './words.ts'

export interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  $ref?: string
  $defs?: Record<string, Schema>
}

const jsonOf = (schema: z.ZodMiniType): Schema => z.toJSONSchema(schema, { io: 'output' }) as Schema

/** Shapes that several answers share, the larger first. */
export const shapes: [name: string, meaning: string, schema: Schema][] = [
  ['item', 'An item with everything that is its own: a [summary](#summary), and:', jsonOf(field.fullItem())],
  ['summary', 'An item as lists show it: without its long texts.', jsonOf(field.itemSummary())],
  ['entry', 'One entry of the log.', jsonOf(field.activityEntry())],
  ['run', 'What one run of a health check found and did.', jsonOf(checkedItem())],
  ['incident', 'What is known of an incident besides its item.', jsonOf(incidentFacts())],
  ['health', 'Health of an item with a health check.', jsonOf(field.health()).anyOf![0]!],
]

/** Without what does not change the meaning. */
const key = (schema: Schema): string =>
  JSON.stringify(schema, (name, value) =>
    name === 'description' || name.startsWith('$') ? undefined : value,
  )

const link = (name: string): string => `[${name}](#${name})`

/** A node of a tree refers to itself: it is a summary with children. */
const node = `${link('summary')} with \`progress\` and its own \`children\``

export function typeText(schema: Schema): string {
  if (schema.$ref) return node
  const shape = shapes.find(([, , known]) => key(known) === key(schema))
  if (shape) return link(shape[0])
  if (schema.anyOf) return unionText(schema.anyOf)
  if (schema.enum) return enumText(schema.enum)
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`
  if (schema.properties) return objectText(schema.properties)
  if (Array.isArray(schema.type)) return unionText(schema.type.map((type) => ({ type })))
  return plain[schema.type ?? ''] ?? schema.type ?? 'any'
}

const plain: Record<string, string> = {
  string: 'text',
  integer: 'number',
  boolean: 'true · false',
  object: 'object',
}

function enumText(words: unknown[]): string {
  const named = [stages, types].find((list) => list.every((word) => words.includes(word)))
  const others = words.filter((word) => word !== null && !(named as unknown[] | undefined)?.includes(word))
  const shown = [
    ...(named ? [named === stages ? 'stage' : 'type'] : []),
    ...others.map((word) => `\`${word}\``),
  ]
  return `${shown.join(' · ')}${words.includes(null) ? ' or null' : ''}`
}

function unionText(schemas: Schema[]): string {
  const others = schemas.filter(({ type }) => type !== 'null').map(typeText)
  return [...others, ...(others.length < schemas.length ? ['null'] : [])].join(' or ')
}

function objectText(properties: Record<string, Schema>): string {
  const base = shapes.find(([, , { properties: known = {} }]) => includes(properties, known))
  const own = Object.keys(properties).filter((name) => !base?.[2].properties?.[name])
  if (base) return `${link(base[0])} with ${own.map((name) => `\`${name}\``).join(', ')}`
  return `{ ${own.map((name) => `${name}: ${typeText(properties[name]!)}`).join(', ')} }`
}

const includes = (all: Record<string, Schema>, known: Record<string, Schema>): boolean =>
  Object.keys(known).length > 0 &&
  Object.entries(known).every(([name, schema]) => name in all && key(all[name]!) === key(schema))

/** Rows of a shape's table. @param operation whose own words come first */
export const rowsOf = (properties: Record<string, Schema>, operation?: string): string[][] =>
  Object.entries(properties).map(([name, schema]) => [
    `\`${name}\``,
    typeText(schema),
    meaningOf(name, operation),
  ])

function meaningOf(name: string, operation = ''): string {
  const meaning = answers[`${operation}.${name}`] ?? answers[name]
  if (meaning === undefined)
    throw new Error(`no meaning of ${operation}.${name}: write one into scripts/reference/words.ts`)
  return meaning
}

/** What `data` holds: a shared shape, what is added to it, or fields of its own. */
export function answerOf(schema: z.ZodMiniType, operation: string): { head: string; rows: string[][] } {
  const json = jsonOf(schema)
  const properties = json.properties ?? {}
  const shape = shapes.find(([, , { properties: known = {} }]) => includes(properties, known))
  if (!shape) return { head: '`data`:', rows: rowsOf(properties, operation) }
  const added = Object.fromEntries(
    Object.entries(properties).filter(([name]) => !shape[2].properties?.[name]),
  )
  const head = `\`data\`: ${/^[aeiou]/.test(shape[0]) ? 'an' : 'a'} ${link(shape[0])}`
  const rows = rowsOf(added, operation)
  return { head: rows.length > 0 ? `${head}, and:` : `${head}.`, rows }
}
