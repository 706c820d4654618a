/** What the palette offers for what was typed. Pure. */

import type { ItemType, Stage } from '../../domain/stage.ts'
import type { Command } from './command.ts'
import { bestOf, type Match, match } from './match.ts'

export interface FoundItem {
  id: number
  title: string
  type: ItemType
  stage: Stage
}

export interface Page {
  href: string
  name: string
}

/** `key` is the same for the same thing, whatever stands around it. */
export type Option =
  | { kind: 'item'; key: string; item: FoundItem; marks: Match['marks'] }
  | { kind: 'page'; key: string; page: Page; marks: Match['marks'] }
  | { kind: 'command'; key: string; command: Command; marks: Match['marks']; of: 'summary' | 'words' }
  | { kind: 'search'; key: string; query: string }

export interface Group {
  name: string
  options: Option[]
}

interface Known {
  /** Found by the server, or opened lately where nothing was typed. */
  items: readonly FoundItem[]
  pages: readonly Page[]
  /** Those that the reader may use. */
  commands: readonly Command[]
}

/** Of what is only perhaps meant. */
const weakMax = 6

/** `25` and `#25`. */
export function idOf(query: string): number | undefined {
  const id = Number(/^\s*#?(\d{1,15})\s*$/.exec(query)?.[1])
  return id > 0 ? id : undefined
}

/** After `pipeline`; one that has no command goes by its name. */
export const wordsOf = ({ cli, name }: Command): string => cli?.words ?? name.replaceAll('.', ' ')

export function groupsFor(query: string, { items, pages, commands }: Known): Group[] {
  const typed = query.trim()
  const scored = [...pages.flatMap((page) => scoredPage(typed, page)), ...scoredCommands(typed, commands)]
  const found = items.map((item): Option => itemOption(typed, item))
  if (typed === '') {
    const plain = scored.map(({ option }) => option)
    return named([
      ['Opened lately', found],
      ['Pages', plain.filter(({ kind }) => kind === 'page')],
      ['Operations', plain.filter(({ kind }) => kind === 'command')],
    ])
  }
  scored.sort((a, b) => b.score - a.score)
  const strong = scored.filter((each) => each.strong).map(({ option }) => option)
  const weak = scored.filter((each) => !each.strong).map(({ option }) => option)
  const search: Option = { kind: 'search', key: 'search', query: typed }
  // A number means an item; words mean what is called so, and then what is about it.
  const main: [string, Option[]][] = [
    ['Go or run', strong],
    ['Items', found],
  ]
  return named([
    ...(idOf(typed) === undefined ? main : main.toReversed()),
    ['Perhaps', weak.slice(0, weakMax)],
    ['Everywhere', [search]],
  ])
}

const named = (groups: [name: string, options: Option[]][]): Group[] =>
  groups.flatMap(([name, options]) => (options.length === 0 ? [] : [{ name, options }]))

const itemOption = (typed: string, item: FoundItem): Option => ({
  ...{ kind: 'item', key: `item:${item.id}`, item },
  marks: match(typed, item.title)?.marks ?? [],
})

interface Scored {
  score: number
  strong: boolean
  option: Option
}

function scoredPage(typed: string, page: Page): Scored[] {
  const found = match(typed, page.name)
  if (!found) return []
  const { score, strong, marks } = found
  // One goes more often than one runs.
  return [{ score: score * 1.05, strong, option: { kind: 'page', key: `page:${page.href}`, page, marks } }]
}

const scoredCommands = (typed: string, commands: readonly Command[]): Scored[] =>
  commands.flatMap((command) => {
    const texts = [
      [wordsOf(command), 1],
      [command.summary, 0.9],
      [command.name.replaceAll('.', ' '), 0.85],
    ] as const
    const found = bestOf(typed, texts)
    if (!found) return []
    const { score, strong, of, marks } = found
    const where = of === 1 ? ('summary' as const) : ('words' as const)
    const option: Option = {
      ...{ kind: 'command', key: `command:${command.name}`, command, of: where },
      marks: of === 2 ? [] : marks,
    }
    return [{ score, strong, option }]
  })
