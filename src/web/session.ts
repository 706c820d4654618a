/** Who reads, and what they may do: asked of the server once. */

import { signal } from '@preact/signals'
import { ask, type Out } from './api.ts'

export const session = signal<Out<'session.show'> | undefined>(undefined)

export async function startSession(): Promise<void> {
  session.value = await ask('session.show', {}).catch(() => undefined)
}

type Permission = Out<'session.show'>['permissions'][number]

/** Until the server has answered, yes: it refuses in any case. */
export const may = (what: Permission): boolean => session.value?.permissions.includes(what) ?? true
