/** Open pages keep up: over a restart of the server, and many pages over one connection. */

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { card, inColumn, site, useBrowser, without } from './browser.ts'

useBrowser()

/** How often each page asked for the events. */
function streams(page: Page): { count: number } {
  const seen = { count: 0 }
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/events')) seen.count += 1
  })
  return seen
}

describe.skipIf(without)('what is new', () => {
  test('the pages of a browser share one connection, and the next one takes it over', async () => {
    const at = await site()
    await at.run('item.create', { title: 'First' })
    const one = await at.open()
    await card(one, 1).waitFor()
    const two = await one.context().newPage()
    const ofTwo = streams(two)
    await two.goto(at.url)
    await card(two, 1).waitFor()
    await at.run('item.create', { title: 'Second' })
    await inColumn(two, 'idea', 2)
    await inColumn(one, 'idea', 2)
    expect(ofTwo.count).toBe(0)
    await one.close()
    await expect.poll(() => ofTwo.count).toBe(1)
    await at.run('item.create', { title: 'Third' })
    await inColumn(two, 'idea', 3)
    expect(at.faults).toEqual([])
  })

  test('a server that is gone is told, what was moved meanwhile springs back, and all is there when it is back', async () => {
    const at = await site()
    await at.run('item.create', { title: 'First' })
    const page = await at.open()
    await card(page, 1).waitFor()
    await at.stop()
    await page.locator('.offline').waitFor()
    await card(page, 1).focus()
    for (const key of ['Space', 'ArrowRight', 'Space']) await page.keyboard.press(key)
    await page.getByText('is pipeline serve still running?').waitFor()
    await inColumn(page, 'idea', 1)
    await at.run('item.create', { title: 'While it was gone' })
    await at.start()
    await inColumn(page, 'idea', 2)
    await expect.poll(() => page.locator('.offline').count()).toBe(0)
  })
})
