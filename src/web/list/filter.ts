/** What a list is narrowed to, by its address. Pure: what is not legal, the server says. */

import type { Operations } from '../../ops/index.ts'
import type { InputOf } from '../../ops/operation.ts'

type Input = InputOf<Operations['item.list']>

const texts = ['stage', 'type', 'label', 'text', 'sort'] as const
const nullable = ['project', 'assignee'] as const
const switches = ['blocked', 'all', 'board'] as const

/** Fields that are chosen from what there is. */
export const choices = ['stage', 'type', 'project', 'sort'] as const

/** Fields that the reader sees, each with its word. */
export const shownFields = [...texts, ...nullable, ...switches, 'parent', 'ids'] as const

const numberOr = (word: string): number | string => (/^\d{1,15}$/.test(word) ? Number(word) : word)

export function inputOf(query: URLSearchParams): Partial<Input> {
  const input: Record<string, unknown> = {}
  const word = (name: string): string | undefined => query.get(name)?.trim() || undefined
  for (const name of texts) if (word(name)) input[name] = word(name)
  for (const name of nullable) if (word(name)) input[name] = word(name) === 'none' ? null : word(name)
  for (const name of switches) if (word(name) === 'true') input[name] = true
  const parent = word('parent')
  if (parent) input.parent = parent === 'none' ? null : numberOr(parent)
  const ids = query.get('ids')
  if (ids !== null)
    input.ids = ids.split(',').flatMap((id) => (id.trim() === '' ? [] : [numberOr(id.trim())]))
  return input as Partial<Input>
}

/** The same list from a terminal, where it can be said there. */
export function listLine(input: Partial<Input>, shellWord: (word: string) => string): string | undefined {
  const { ids, ...rest } = input
  if (ids) return undefined
  const flags = Object.entries(rest).map(([name, value]) =>
    value === true ? `--${name}` : `--${name} ${shellWord(value === null ? 'none' : String(value))}`,
  )
  return ['pipeline list', ...flags].join(' ')
}
