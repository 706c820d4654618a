/** The item that is shown, and how it keeps up with what others do. */

import { batch, signal } from '@preact/signals'
import { ask, type Out, Refused } from '../api.ts'
import { listen, type News, onNews } from '../events.ts'
import { type Pace, startPace } from './pace.ts'

export type Shown = Out<'item.show'>
export type TreeNode = Shown['children'][number]
export type Linked = Out<'item.list'>['items'][number]

export const item = signal<Shown | undefined>(undefined)
/** Why it could not be loaded. */
export const failure = signal<Refused | undefined>(undefined)
/** The items it waits for, by id; what is missing here is not known yet. */
export const linked = signal<ReadonlyMap<number, Linked>>(new Map())

let shownId = 0
let asked: AbortController | undefined

/** Of the item in the address. */
export async function load(id: number): Promise<void> {
  if (id !== shownId) clear(id)
  asked?.abort()
  asked = new AbortController()
  const { signal: aborted } = asked
  try {
    const found = await ask('item.show', { id, children: true }, aborted)
    if (id !== shownId) return
    accept(found)
    failure.value = undefined
    await loadLinked(found)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return
    if (id !== shownId) return
    const refused =
      error instanceof Refused ? error : new Refused({ code: 'internal', detail: String(error) })
    batch(() => {
      failure.value = refused
      if (refused.code === 'not-found') item.value = undefined
    })
    throw refused
  } finally {
    listen()
  }
}

function clear(id: number): void {
  shownId = id
  batch(() => {
    item.value = undefined
    failure.value = undefined
    linked.value = new Map()
  })
}

async function loadLinked({ id, dependencies }: Shown): Promise<void> {
  if (dependencies.length === 0) return
  const { items } = await ask('item.list', { ids: dependencies.slice(0, 500), limit: 500 })
  if (id === shownId) linked.value = new Map(items.map((each) => [each.id, each]))
}

/** What an operation answered of the item: shown at once, unless something newer is. */
export function accept(fresh: Partial<Shown> & { id: number; version?: number }): void {
  const now = item.value
  if (fresh.id !== shownId) return
  if (now && (fresh.version ?? 0) < now.version) return
  item.value = { ...(now as Shown), ...fresh }
}

/** Reads the item again, now. @throws Refused */
export async function reload(id: number): Promise<Shown> {
  const fresh = await ask('item.show', { id, children: true })
  accept(fresh)
  return fresh
}

let pace: Pace | undefined

/** After a deed of the reader: what hangs on the item changed too. */
export const lookAgain = (): void => pace?.note()

/** @returns what ends it */
export function follow(id: number): () => void {
  const own = startPace(() => load(id))
  pace = own
  const stop = onNews((news) => {
    if (concerns(news, id)) own.note()
  })
  return () => {
    stop()
    own.stop()
    if (pace === own) pace = undefined
  }
}

function concerns(news: News, id: number): boolean {
  if (news.kind === 'reset') return true
  const near = nearIds(id)
  if (news.kind === 'health') return news.itemIds === null || news.itemIds.some((each) => near.has(each))
  return news.entries.some(
    ({ itemId, detail }) =>
      (itemId !== null && near.has(itemId)) || detail?.parentId === id || isNewParent(detail, id),
  )
}

/** An item that was hung below this one. */
function isNewParent(detail: Record<string, unknown> | null, id: number): boolean {
  const changed = detail?.changed as { parentId?: { to?: unknown } } | undefined
  return changed?.parentId?.to === id
}

/** Everything that is on the page. */
function nearIds(id: number): ReadonlySet<number> {
  const near = new Set([id])
  const shown = item.value
  if (!shown) return near
  for (const each of shown.dependencies) near.add(each)
  if (shown.parentId !== null) near.add(shown.parentId)
  if (shown.incident?.fix) near.add(shown.incident.fix.id)
  for (const each of shown.gathered) near.add(each.id)
  const add = (nodes: readonly TreeNode[]): void => {
    for (const node of nodes) {
      near.add(node.id)
      if (node.children) add(node.children)
    }
  }
  add(shown.children)
  return near
}
