/** Texts of an item that are edited in place: how each is read, and what is asked for to change it. Pure. */

import type { In } from '../api.ts'
import { shellWord } from '../ui/shell-word.ts'
import { printOf } from './draft.ts'
import { update } from './lines.ts'
import type { Shown } from './state.ts'

type Change = Omit<In<'item.update'>, 'id' | 'ifMatch'>
type Criterion = Shown['criteria'][number]

export interface Field {
  /** Of the draft. */
  name: string
  label: string
  /** Undefined where there is none of the kind any more. */
  read(item: Shown): string | undefined
  change(item: Shown, text: string): Change
  /** The same from a terminal. */
  line(item: Shown): string
}

export const titleField: Field = {
  name: 'title',
  label: 'Title',
  read: ({ title }) => title,
  change: (_, title) => ({ title }),
  line: ({ id, title }) => update(id, 'title', title),
}

export const descriptionField: Field = {
  name: 'description',
  label: 'Description',
  read: ({ description }) => description ?? '',
  change: (_, text) => ({ description: text === '' ? null : text }),
  line: ({ id }) => `pipeline update ${id} --desc - < description.md`,
}

export const specField: Field = {
  name: 'spec',
  label: 'Spec',
  read: ({ spec }) => spec ?? '',
  change: (_, text) => ({ spec: text === '' ? null : text }),
  line: ({ id }) => `pipeline update ${id} --spec spec.md`,
}

const criterionName = 'criterion-'

/**
 * One criterion, told from the others by its text: numbers change when somebody takes one away, and what somebody
 * else rewrote is another one.
 * @param print of its text
 */
export function criterionField(print: string): Field {
  const find = ({ criteria }: Shown): number => criteria.findIndex(({ text }) => printOf(text) === print)
  return {
    name: `${criterionName}${print}`,
    label: 'Criterion',
    read: (item) => item.criteria[find(item)]?.text,
    change: (item, text) => ({ criteria: withText(item.criteria, find(item), text) }),
    line: ({ id, criteria }) =>
      `pipeline update ${id} ${criteria.map(({ text }) => `--ac ${shellWord(text.slice(0, 60))}`).join(' ')}`,
  }
}

/** Drafts of criteria that are there no more as they were: their text must not be lost. */
export function strayFields(fields: readonly string[], { criteria }: Shown): Field[] {
  const known = new Set(criteria.map(({ text }) => `${criterionName}${printOf(text)}`))
  return fields
    .filter((name) => name.startsWith(criterionName) && name !== newCriterionField.name && !known.has(name))
    .map((name) => criterionField(name.slice(criterionName.length)))
}

function withText(criteria: readonly Criterion[], at: number, text: string): Criterion[] {
  if (at === -1) return [...criteria, { text, verdict: 'open', evidence: null }]
  return criteria.map((each, index) => (index === at ? { ...each, text } : each))
}

export const newCriterionField: Field = {
  name: 'criterion-new',
  label: 'New criterion',
  read: () => '',
  change: (_, text) => ({ addCriteria: [text] }),
  line: ({ id }) => `pipeline update ${id} --add-ac 'It does what it says'`,
}
