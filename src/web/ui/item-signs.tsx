/** What kind of item, and how urgent. */

import type { ItemType, Stage } from '../../domain/stage.ts'
import { Icon, type IconName } from './icon.tsx'

/** As a heading says it: `Spec review`, `QA`. */
export function stageTitle(stage: Stage): string {
  const words = stage.replace('-', ' ')
  return words.length < 3 ? words.toUpperCase() : `${words[0]!.toUpperCase()}${words.slice(1)}`
}

const typeIcons: Record<ItemType, IconName> = {
  feature: 'sparkles',
  enhancement: 'wrench',
  epic: 'layers',
  task: 'check',
  bug: 'bug',
  incident: 'flame',
}

export const TypeSign = ({ type, named = false }: { type: ItemType; named?: boolean }) => (
  <span class={`type ${type}`} title={type}>
    <Icon name={typeIcons[type]} {...(named ? {} : { label: type })} />
    {named && type}
  </span>
)

const levels: [icon: IconName, name: string][] = [
  ['highest', 'highest priority'],
  ['equal', 'normal priority'],
  ['down', 'low priority'],
  ['lowest', 'lowest priority'],
]

/** @param level 1 (highest) to 4 */
export function Priority({ level, named = false }: { level: number; named?: boolean }) {
  const [icon, name] = levels[Math.min(4, Math.max(1, Math.trunc(level) || 2)) - 1]!
  return (
    <span class={`priority p${level}`} title={`${name} (${level})`}>
      <Icon name={icon} {...(named ? {} : { label: name })} />
      {named && name}
    </span>
  )
}
