/** The log of the item: page by page, the newest first; what happens now comes in at its top. */

import { computed, signal } from '@preact/signals'
import { ask, Refused } from '../api.ts'
import { type Entry, type News, onNews } from '../events.ts'
import { toastRefusal } from '../said.tsx'
import { isOfKind, type Kind } from './entry-words.ts'
import { joined, type Log } from './log-pages.ts'
import { startPace } from './pace.ts'

export interface Wanted {
  item: number
  actor: string
  kind: Kind
}

export const log = signal<Log | undefined>(undefined)
export const logFailure = signal<Refused | undefined>(undefined)
export const loadingOlder = signal(false)

/** Who did something here, as far as it is known. */
export const actors = signal<string[]>([])

const pageSize = 40
/** So many entries of a kind are looked for, through so many pages, at one asking. */
const enough = 10
const pagesMost = 5

let wanted: Wanted | undefined

export const shown = computed(() => (log.value?.entries ?? []).filter((entry) => isOfKind(entry, kind.value)))
const kind = signal<Kind>('all')

/** Another item, another filter, or the first look. */
export async function showLog(by: Wanted): Promise<void> {
  if (by.item !== wanted?.item) actors.value = []
  if (by.item !== wanted?.item || by.actor !== wanted.actor) log.value = undefined
  wanted = by
  kind.value = by.kind
  if (log.value) return fill()
  await first(by)
}

const page = (by: Wanted, cursor?: string) =>
  ask('activity.list', {
    ...{ item: by.item, limit: pageSize },
    ...(by.actor === '' ? {} : { actor: by.actor }),
    ...(cursor === undefined ? {} : { cursor }),
  })

async function first(by: Wanted): Promise<void> {
  try {
    const { entries, nextCursor } = await page(by)
    if (by !== wanted) return
    log.value = joined({ entries, next: nextCursor }, log.value)
    logFailure.value = undefined
    meet(entries)
    await fill()
  } catch (error) {
    if (by === wanted) logFailure.value = error instanceof Refused ? error : undefined
  }
}

const meet = (entries: readonly Entry[]): void => {
  const all = new Set([...actors.value, ...entries.map(({ actor }) => actor)])
  if (all.size !== actors.value.length) actors.value = [...all].sort().slice(0, 100)
}

/** Where a filter leaves little of what is loaded, older pages are looked through. */
async function fill(): Promise<void> {
  if (kind.value === 'all' || shown.value.length >= enough) return
  await older(enough)
}

/** @param more so many more of the kind at the least, as far as a few pages hold them */
export async function older(more = 1): Promise<void> {
  const by = wanted
  if (!by || loadingOlder.value) return
  loadingOlder.value = true
  const before = shown.value.length
  try {
    for (let n = 0; n < pagesMost && shown.value.length < before + more; n += 1) {
      const known = log.value
      if (!known || known.next === null) return
      const { entries, nextCursor } = await page(by, known.next)
      if (by !== wanted || log.value?.next !== known.next) return
      log.value = { entries: [...log.value.entries, ...entries], next: nextCursor }
      meet(entries)
    }
  } catch (error) {
    toastRefusal(error)
  } finally {
    loadingOlder.value = false
  }
}

/** @returns what ends it */
export function followLog(id: number): () => void {
  const pace = startPace(async () => {
    if (wanted?.item === id) await first(wanted)
  })
  const concerns = (news: News): boolean =>
    news.kind === 'reset' || (news.kind === 'activity' && news.entries.some(({ itemId }) => itemId === id))
  const stop = onNews((news) => {
    if (concerns(news)) pace.note()
  })
  return () => {
    stop()
    pace.stop()
    wanted = undefined
    log.value = undefined
  }
}
