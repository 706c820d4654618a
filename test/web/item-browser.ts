/** What the tests of the page of an item share. */

import type { Page } from 'playwright-core'
import { type Site, site } from './browser.ts'

export const soon = { timeout: 8_000 }

export const shows = (page: Page, text: string) => page.getByText(text, { exact: true }).first().waitFor(soon)

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

export async function withItem(more: object = {}): Promise<{ here: Site; id: number; page: Page }> {
  const here = await site()
  const { id } = await here.run('item.create', {
    title: 'Retry on rate limits',
    description: 'What **happens** today',
    ...more,
  })
  return { here, id, page: await here.open(`/items/${id}`) }
}

export const shown = (here: Site, id: number) => here.run('item.show', { id, children: true })
