/** Who: people round, agents square. */

import { Icon } from './icon.tsx'

const kindOf = (name: string): [kind: string, bare: string] => {
  const [, kind = 'human', bare = name] = /^(?:(human|agent|system):)?(.*)$/.exec(name) ?? []
  return [kind, bare]
}

/** A hue for a name, the same each time. */
function hueOf(name: string): number {
  let sum = 7
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)!) % 360
  return sum
}

export const bareName = (name: string): string => kindOf(name)[1]

export function Person({ name, named = false }: { name: string; named?: boolean }) {
  const [kind, bare] = kindOf(name)
  const initials = [...bare.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()]
  return (
    <span class="person" title={name}>
      <span class={`face ${kind}`} style={{ '--hue': hueOf(bare) }} aria-hidden="true">
        {kind === 'agent' ? <Icon name="bot" /> : (initials[0] ?? '?').toUpperCase()}
      </span>
      <span class={named ? 'person-name' : 'spoken'}>{bare}</span>
    </span>
  )
}
