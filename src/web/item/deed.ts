/** Something done to the item: asked of the server, shown, told. */

import type { Answer } from '../../ops/operation.ts'
import { type In, type Name, type Out, tell } from '../api.ts'
import { announce, toast, toastRefusal } from '../said.tsx'
import { accept, lookAgain, type Shown } from './state.ts'

/**
 * @param said what is told when it is done; nothing for an empty text
 * @returns what the server answered; undefined when it refused, which is told
 */
export async function done<N extends Name>(name: N, input: In<N>, said: string): Promise<Out<N> | undefined> {
  try {
    const { data, warnings } = (await tell(name, input)) as Answer<Out<N>>
    if (isItem(data)) accept(own(data))
    if (said !== '') announce(said)
    if (said !== '' && warnings.length === 0) toast(said)
    for (const warning of warnings) toast(warning, { tone: 'warn' })
    return data
  } catch (error) {
    toastRefusal(error)
    return undefined
  } finally {
    lookAgain()
  }
}

const isItem = (data: unknown): data is Shown => {
  const { id, version } = (data ?? {}) as Partial<Shown>
  return typeof id === 'number' && typeof version === 'number'
}

/** The children that `item.create` and its like answer are numbers of another kind. */
const own = (data: Shown): Partial<Shown> & { id: number } => {
  const { children: _, notes: __, history: ___, ...rest } = data as Partial<Shown> & { id: number }
  return rest
}
