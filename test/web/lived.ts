/** A site whose live items have been watched for a while: by a worker whose answers and clock the test holds. */

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { environmentOf, hour } from '../helpers/environment.ts'
import { type Monitored, monitored, up } from '../worker/monitored.ts'
import { type Site, site } from './browser.ts'

export interface Lived extends Site {
  m: Monitored
  /** So many hours go by, each with a run of every check: its answer by the hours that are left then. */
  live(hours: number, answer?: (left: number) => Monitored['target']['answer']): Promise<void>
}

/** @param hours before now at which its clock begins */
export async function lived(hours: number): Promise<Lived> {
  let m: Monitored | undefined
  const startAt = new Date(Date.now() - hours * hour).toISOString()
  const made = await site('sqlite', (database) => {
    m = monitored(database, environmentOf(database, { startAt }))
    return { worker: m.worker }
  })
  return {
    ...made,
    m: m!,
    async live(count, answer = () => up) {
      for (let left = count; left > 0; left--) await m!.after(hour, answer(left))
    },
  }
}

/** Runs once an hour, whenever it was made. */
export const hourly = {
  type: 'http',
  url: 'http://127.0.0.1:1/',
  frequency: 'hourly',
  retries: 0,
  jitter: '0%',
}

/** No finding of axe, in light and in dark. */
export async function isAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const found = violations.map(
      ({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html).join('\n')}`,
    )
    expect(found).toEqual([])
  }
}
