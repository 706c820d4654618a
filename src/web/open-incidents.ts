/** How many incidents are open, for the rail: known on every page. */

import { signal } from '@preact/signals'
import { ask } from './api.ts'
import type { News } from './events.ts'
import { follow } from './following.ts'

export const openIncidents = signal(0)

/** More are told as so many. */
const most = 99

async function look(): Promise<void> {
  const { items } = await ask('incident.list', { open: true, limit: most })
  openIncidents.value = items.length
}

/** What opens an incident or ends one. */
const heeds = (news: News): boolean =>
  news.kind === 'reset' ||
  (news.kind === 'activity' &&
    news.entries.some(({ action }) => /incident|created|moved|deleted/.test(action)))

/** Milliseconds after the page: what it shows itself comes first. */
const laterMs = 400

export function watchIncidents(): void {
  setTimeout(() => void look().catch(() => undefined), laterMs)
  follow(heeds, look, { listens: false })
}
