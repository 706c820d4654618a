/** What the board is narrowed to: it stands in the address, so that a link shows the same. */

import { isType } from '../../domain/stage.ts'
import type { In } from '../api.ts'

export const filterNames = ['text', 'project', 'type', 'assignee', 'label'] as const
export type FilterName = (typeof filterNames)[number]
export type Filter = Partial<Record<FilterName, string>>

export function filterOf(query: URLSearchParams): Filter {
  const filter: Filter = {}
  for (const name of filterNames) {
    const word = query.get(name)?.trim()
    if (word && (name !== 'type' || isType(word))) filter[name] = word
  }
  return filter
}

export const isFiltered = (filter: Filter): boolean => Object.keys(filter).length > 0

/** As the server takes it; `none` is nobody. */
export function wanted({ assignee, ...filter }: Filter): Pick<In<'board.show'>, FilterName> {
  const named = assignee === undefined ? {} : { assignee: assignee === 'none' ? null : assignee }
  return { ...filter, ...named } as Pick<In<'board.show'>, FilterName>
}

/** Only letters and digits are looked for. */
export const isSearchable = (text: string): boolean => /[\p{L}\p{N}]/u.test(text)
