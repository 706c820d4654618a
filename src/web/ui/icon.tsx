/** One set of icons (Lucide), drawn as SVG in the page itself. */

import {
  Activity,
  Ban,
  Bot,
  Bug,
  Check,
  ChevronDown,
  ChevronLeft,
  ChevronRight,
  ChevronsDown,
  ChevronsUp,
  ChevronUp,
  Circle,
  CircleCheck,
  Clock,
  Columns3,
  Copy,
  EllipsisVertical,
  Equal,
  FileText,
  Filter,
  Flame,
  Gauge,
  GitBranch,
  HeartPulse,
  Layers,
  Link2,
  ListTree,
  Minus,
  Moon,
  Package,
  Pause,
  Pencil,
  Play,
  Plus,
  Search,
  SkipForward,
  Sparkles,
  Sun,
  SunMoon,
  Trash2,
  Undo2,
  User,
  Users,
  Wrench,
  X,
} from 'lucide'
import { h } from 'preact'

type Node = [tag: string, attributes: Record<string, string | number | undefined>][]

const icons = {
  activity: Activity,
  ban: Ban,
  bot: Bot,
  bug: Bug,
  check: Check,
  down: ChevronDown,
  left: ChevronLeft,
  right: ChevronRight,
  up: ChevronUp,
  lowest: ChevronsDown,
  highest: ChevronsUp,
  clock: Clock,
  board: Columns3,
  copy: Copy,
  more: EllipsisVertical,
  equal: Equal,
  filter: Filter,
  flame: Flame,
  gauge: Gauge,
  branch: GitBranch,
  pulse: HeartPulse,
  layers: Layers,
  tree: ListTree,
  minus: Minus,
  moon: Moon,
  package: Package,
  pause: Pause,
  pencil: Pencil,
  play: Play,
  plus: Plus,
  search: Search,
  skip: SkipForward,
  sparkles: Sparkles,
  sun: Sun,
  auto: SunMoon,
  user: User,
  wrench: Wrench,
  x: X,
  circle: Circle,
  done: CircleCheck,
  file: FileText,
  link: Link2,
  trash: Trash2,
  undo: Undo2,
  users: Users,
}

export type IconName = keyof typeof icons

/** @param label what it means; without one it is an ornament */
export const Icon = ({ name, label }: { name: IconName; label?: string }) => (
  <svg
    class="icon"
    viewBox="0 0 24 24"
    role={label ? 'img' : undefined}
    aria-label={label}
    aria-hidden={!label}
  >
    {(icons[name] as unknown as Node).map(([tag, attributes]) =>
      h(tag, { key: attributes.d ?? JSON.stringify(attributes), ...attributes }),
    )}
  </svg>
)
