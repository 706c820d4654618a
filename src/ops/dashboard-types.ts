/** What the parts of the dashboard hand to each other. */

import type { Spread } from '../domain/flow.ts'
import type { Instant } from '../domain/instant.ts'
import type { Severity } from '../domain/item.ts'
import type { ItemType, Stage } from '../domain/stage.ts'

/** Input of `item.list` that shows the items behind a number. */
export interface ListInput {
  ids?: number[] | undefined
  stage?: Stage | undefined
  board?: boolean | undefined
  project?: string | undefined
}

export interface Ref {
  id: number
  title: string
  type: ItemType
  stage: Stage
  severity: Severity | null
  assignee: string | null
  since: Instant | null
}

export interface Group<More = object> {
  count: number
  items: (Ref & More)[]
  list: ListInput
}

export interface Needs {
  blocked: Group<{ reason: string }>
  reviews: Group
  incidents: Group<{ subject: { id: number; title: string } | null }>
  approvals: Group<{ command: string }>
  channels: { count: number; names: string[] }
  failing: Group<{ state: 'down' | 'degraded'; summary: string | null; incidentId: number | null }>
  unwatched: Group
}

export type ListedSpread = Spread & { list: ListInput }
export interface Mean {
  count: number
  meanMs: number | null
}

export interface Dashboard {
  project: string | null
  at: Instant
  needs: Needs
  stages: {
    stage: Stage
    count: number
    list: ListInput
    age: { known: number; medianMs: number; p85Ms: number } | null
  }[]
  oldest: Ref[]
  throughput: { total: number; weeks: { from: string; count: number; list: ListInput }[] }
  cycle: { days30: ListedSpread; days90: ListedSpread; weeks: ({ from: string } & ListedSpread)[] }
  incidents: {
    open: { count: number; list: ListInput }
    weeks: { from: string; opened: number; list: ListInput }[]
    acknowledged: Mean
    resolved: Mean
  }
  uptime: {
    days: number
    items: number
    watched: number
    mean: number | null
    worst: { id: number; title: string; ratio: number; coverage: number | null }[]
    list: ListInput
  }
}
