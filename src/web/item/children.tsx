/** What hangs below the item, with its progress; and one more. */

import { useSignal } from '@preact/signals'
import { openCreate } from '../create.tsx'
import { may } from '../session.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { Health } from '../ui/health.tsx'
import { Icon } from '../ui/icon.tsx'
import { TypeSign } from '../ui/item-signs.tsx'
import { Person } from '../ui/person.tsx'
import { stageTitle } from './stage-line.tsx'
import type { Shown, TreeNode } from './state.ts'

/** Of one parent at first. */
const firstShown = 50

export function Children({ item }: { item: Shown }) {
  const { progress, childCount, children } = item
  return (
    <section class="block" aria-labelledby="children-head">
      <header class="block-head">
        <h2 id="children-head">Children</h2>
        {progress && progress.total > 0 && (
          <span class="tally">
            <span class="bar" style={{ '--share': progress.finished / progress.total }} />
            {progress.finished} of {progress.total} finished
          </span>
        )}
        {may('item:write') && (
          <button type="button" class="button quiet small" onClick={() => openCreate({ parent: item.id })}>
            <Icon name="plus" /> Add a child
          </button>
        )}
      </header>
      {childCount === 0 ? (
        <>
          <p class="none">Nothing hangs below it.</p>
          <CommandLine line={`pipeline create 'A part of it' --parent ${item.id}`} />
        </>
      ) : (
        <Branch nodes={children} total={childCount} depth={0} parent={item.id} />
      )}
    </section>
  )
}

interface BranchProps {
  nodes: readonly TreeNode[]
  total: number
  depth: number
  parent: number
}

function Branch({ nodes, total, depth, parent }: BranchProps) {
  const most = useSignal(firstShown)
  const shown = nodes.slice(0, most.value)
  const folds = nodes.some(({ childCount }) => (childCount ?? 0) > 0)
  return (
    <ul class="tree">
      {shown.map((node) => (
        <Twig key={node.id} node={node} depth={depth} folds={folds} />
      ))}
      {nodes.length > shown.length && (
        <li>
          <button type="button" class="button small" onClick={() => (most.value += 500)}>
            Show {Math.min(500, nodes.length - shown.length)} more
          </button>
        </li>
      )}
      {total > nodes.length && most.value >= nodes.length && (
        <li class="none">
          and {total - nodes.length} more: <CommandLine line={`pipeline list --parent ${parent}`} />
        </li>
      )}
    </ul>
  )
}

/** So deep it is open at first, and indented at the most. */
const openDepth = 1
const indentMost = 6

interface TwigProps {
  node: TreeNode
  depth: number
  /** Whether anything beside it can be folded: there is room for that then. */
  folds: boolean
}

function Twig({ node, depth, folds }: TwigProps) {
  const isOpen = useSignal(depth < openDepth)
  const total = node.childCount ?? 0
  return (
    <li>
      <div class="twig" style={{ '--depth': Math.min(depth, indentMost) }}>
        {total > 0 ? (
          <button
            type="button"
            class="icon-button fold"
            aria-expanded={isOpen.value}
            aria-label={`Children of #${node.id}`}
            onClick={() => (isOpen.value = !isOpen.value)}
          >
            <Icon name={isOpen.value ? 'down' : 'right'} />
          </button>
        ) : (
          (folds || depth > 0) && <span class="fold" />
        )}
        <ItemLine item={node} />
        {node.progress && node.progress.total > 0 && (
          <span class="tally">
            {node.progress.finished}/{node.progress.total}
          </span>
        )}
      </div>
      {isOpen.value && node.children && node.children.length > 0 && (
        <Branch nodes={node.children} total={total} depth={depth + 1} parent={node.id} />
      )}
    </li>
  )
}

type Lined = Pick<TreeNode, 'id' | 'title' | 'type' | 'stage'> &
  Partial<Pick<TreeNode, 'blocked' | 'health' | 'assignee'>>

/** An item on one line: where it stands, what it is, who has it. */
export const ItemLine = ({ item }: { item: Lined }) => (
  <>
    <a class="item-line" href={`/items/${item.id}`}>
      <TypeSign type={item.type} />
      <span class="id">#{item.id}</span>
      <span class="one-line" dir="auto">
        {item.title}
      </span>
    </a>
    {item.blocked && (
      <span class="fact wait">
        <Icon name="ban" label="Blocked" />
      </span>
    )}
    {item.stage === 'live' && item.health && <Health health={item.health} />}
    <span class={`stage-chip stage-${item.stage}`}>{stageTitle(item.type, item.stage)}</span>
    {item.assignee && <Person name={item.assignee} />}
  </>
)
