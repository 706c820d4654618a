/** Names that the lines of a batch give to ids: `"as":"epic"` in one, `"$epic"` in a later one where an id is wanted. */

import type * as z from 'zod/mini'
import { didYouMean } from '../domain/nearest.ts'
import { TrackerError } from '../errors.ts'
import { fieldsOf } from './input.ts'
import type { AnyOperation } from './operation.ts'

/** Characters of a name. */
const nameMax = 64

export interface Names {
  /**
   * Reserves a name; it names nothing yet, and nothing any more.
   * @throws TrackerError `invalid` for one that a line above has
   */
  claim(name: unknown): void
  set(name: string, id: number): void
  /**
   * The input with ids in the place of names, in those of its fields that take ids. Other texts stay as they are.
   * @throws TrackerError `invalid` for a name that names no id
   */
  resolve(input: Record<string, unknown>, idFields: ReadonlySet<string>): Record<string, unknown>
}

export function namesOfIds(): Names {
  /** Null: a line has that name, and gave no id. */
  const ids = new Map<string, number | null>()
  const idOf = (field: string, text: string): number => {
    const name = text.slice(1)
    const id = ids.get(name)
    if (typeof id === 'number') return id
    const why =
      id === null
        ? 'its line failed, or gave no id'
        : `no line above has that name${didYouMean(name.slice(0, nameMax), [...ids.keys()])}`
    throw new TrackerError(
      'invalid',
      `${field}: ${JSON.stringify(text.slice(0, nameMax + 1))} stands for no id: ${why}`,
    )
  }
  return {
    claim(name) {
      if (typeof name !== 'string') return
      const taken = ids.has(name)
      ids.set(name, null)
      if (!taken) return
      throw new TrackerError(
        'invalid',
        `"as": a line above has the name ${JSON.stringify(name.slice(0, nameMax))}`,
        {
          hint: 'give each line a name of its own',
        },
      )
    },
    set: (name, id) => void ids.set(name, id),
    resolve(input, idFields) {
      let changed: Record<string, unknown> | undefined
      for (const field of idFields) {
        const value = input[field]
        const found = Array.isArray(value)
          ? value.map((each) => (isName(each) ? idOf(field, each) : each))
          : isName(value)
            ? idOf(field, value)
            : value
        if (found !== value) changed = { ...(changed ?? input), [field]: found }
      }
      return changed ?? input
    },
  }
}

const isName = (value: unknown): value is string => typeof value === 'string' && value.startsWith('$')

const known = new WeakMap<AnyOperation, ReadonlySet<string>>()

/** The fields of an operation's input that take a number, or several: only there a name can stand. */
export function idFieldsOf(op: AnyOperation): ReadonlySet<string> {
  const found =
    known.get(op) ??
    new Set(
      Object.entries(fieldsOf(op))
        .filter(([, schema]) => takesNumber(schema))
        .map(([field]) => field),
    )
  known.set(op, found)
  return found
}

/** A schema, as zod keeps it. */
interface Definition {
  type: string
  innerType?: z.ZodMiniType
  element?: z.ZodMiniType
  options?: z.ZodMiniType[]
}

function takesNumber(schema: z.ZodMiniType): boolean {
  const { type, innerType, element, options } = schema._zod.def as unknown as Definition
  const inner = innerType ?? element
  return type === 'number' || (inner ? takesNumber(inner) : (options?.some(takesNumber) ?? false))
}
