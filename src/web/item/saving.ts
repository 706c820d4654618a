/** A draft is saved where nobody else changed the same text; what somebody else did to the rest is no conflict. */

import { type Out, Refused, tell } from '../api.ts'
import { type Draft, printOf } from './draft.ts'
import type { Field } from './fields.ts'
import { accept, reload, type Shown } from './state.ts'

/** Others may go on changing the item meanwhile: so often it is tried. */
const tries = 5

/** Whether the text of the item is another one than the draft began with, and than it says. */
export function isOvertaken(field: Field, item: Shown, draft: Draft): boolean {
  const theirs = field.read(item)
  if (theirs === undefined) return true
  return printOf(theirs) !== draft.base && theirs !== draft.text
}

/**
 * @returns whether it is saved; if not, somebody else saved another text: it is shown by now
 * @throws Refused
 */
export async function save(field: Field, item: Shown, draft: Draft): Promise<boolean> {
  let now = item
  for (let n = 0; n < tries; n += 1) {
    if (isOvertaken(field, now, draft)) return false
    try {
      await tellChange(field, now, draft.text)
      return true
    } catch (error) {
      if (!isStale(error)) throw error
      now = await reload(now.id)
    }
  }
  throw new Refused({
    code: 'conflict',
    detail: `#${item.id} is changed again and again by others`,
    hint: 'your text is kept here; try again in a moment',
  })
}

async function tellChange(field: Field, item: Shown, text: string): Promise<void> {
  const { data } = await tell('item.update', {
    ...{ id: item.id, ifMatch: item.version },
    ...field.change(item, text),
  })
  const { changed: _, ...rest } = data as Out<'item.update'>
  accept(rest)
}

/** Somebody else changed the item since it was read. */
const isStale = (error: unknown): boolean =>
  error instanceof Refused &&
  error.code === 'conflict' &&
  error.failures.some(({ field }) => field === 'ifMatch')
