/** What an operation means to who runs it from the palette. Pure. */

import type { Field } from './schema.ts'

export interface Route {
  method: 'get' | 'post' | 'patch' | 'delete'
  path: string
}

/** What takes something away is asked about first. */
export const isDangerous = ({ method }: Route): boolean => method === 'delete'

/** Said by the button that is pressed twice, not by a field. */
const saidByPressing = 'yes'

/** Fields that somebody may want to fill in; `hidden` ones are sent all the same. */
export function formFields(fields: readonly Field[], route: Route): Field[] {
  return fields.filter(
    ({ name, kind }) => !(isDangerous(route) && name === saidByPressing && kind === 'switch'),
  )
}

export const confirmedBy = (fields: readonly Field[], route: Route): Record<string, true> =>
  isDangerous(route) && fields.some(({ name }) => name === saidByPressing) ? { [saidByPressing]: true } : {}

/** Whether its `id` is an item's: that of a maintenance window is none. */
export const isAboutItem = ({ path }: Route): boolean =>
  !path.includes(':id') || /^\/(?:items|incidents)\/:id/.test(path)

/** For programs, or for the end of long lists: behind a button. */
const seldom = new Set(['ifMatch', 'cursor'])
const fewFields = 4

/** Fields shown at once: what must be said, and the rest where it is little. */
export function shownAtOnce(fields: readonly Field[]): Set<string> {
  const optional = fields.filter(({ required, name }) => !required && !seldom.has(name))
  const all = optional.length <= fewFields ? optional : optional.filter(({ name }) => name === 'id')
  return new Set([...fields.filter(({ required }) => required), ...all].map(({ name }) => name))
}

/** The item that an answer is about. */
export function itemOf(data: unknown, route: Route): { id: number; title: string | undefined } | undefined {
  if (data === null || typeof data !== 'object' || isDangerous(route)) return undefined
  const { itemId, id, title, stage } = data as Record<string, unknown>
  const own = typeof itemId === 'number' ? itemId : typeof stage === 'string' ? id : undefined
  return typeof own === 'number'
    ? { id: own, title: typeof title === 'string' ? title : undefined }
    : undefined
}
