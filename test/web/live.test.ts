/** What is live, in a real browser: the list, its deeds, and how it keeps up. */

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { day } from '../helpers/environment.ts'
import { down, up } from '../worker/monitored.ts'
import { useBrowser, without } from './browser.ts'
import { hourly, isAccessible, lived } from './lived.ts'

useBrowser()

const row = (page: Page, id: number) => page.locator(`.live-row[aria-label^="#${id} "]`)
const menuOf = (page: Page, id: number) => row(page, id).getByRole('button', { name: `Deeds for #${id}` })

describe.skipIf(without)('the live list', () => {
  test('one row each, the worst first: state, days, runs, uptime, budget and incident', async () => {
    const { m, live, open, faults } = await lived(72)
    const slo = { target: 0.9, window: '30d' }
    const good = await m.live(hourly, { title: 'Checkout' })
    await live(71)
    const bad = await m.live({ ...hourly, slo }, { title: 'Search' })
    await live(1, () => (plan) => (plan.slo ? down : up))
    const page = await open('/live')
    await row(page, bad).waitFor()
    expect(await page.locator('.live-row .live-title').allInnerTexts()).toEqual([
      `#${bad}\nSearch`,
      `#${good}\nCheckout`,
    ])
    expect(await row(page, bad).locator('.state').innerText()).toBe('down')
    expect(await row(page, bad).locator('.live-incident').innerText()).toMatch(/^#\d+ major, opened/)
    expect(await row(page, bad).locator('.live-slo').innerText()).toMatch(
      /^Error budget .*left$|^Error budget\n.*left$/,
    )
    expect(await row(page, good).locator('.live-uptime').innerText()).toContain('100 %')
    expect(await row(page, good).locator('.live-times').innerText()).toMatch(/last\s+.*next\s+/s)
    expect(await row(page, good).locator('.days path').count()).toBe(2)
    expect(await page.locator('.count-chip').allInnerTexts()).toEqual(['1\ndown', '1\nup'])
    expect(await row(page, good).locator('*').count()).toBeLessThan(60)
    expect(faults).toEqual([])
  })

  test('pointing at a day tells its date, uptime, downtime and how much was watched', async () => {
    const { m, live, open } = await lived(8 * 24)
    const id = await m.live(hourly, { title: 'Search' })
    await live(8 * 24, (left) => (left > 80 && left < 90 ? down : up))
    const page = await open('/live')
    const days = row(page, id).locator('.days')
    await days.waitFor()
    const box = (await days.boundingBox())!
    const at = async (place: number): Promise<string> => {
      await page.mouse.move(box.x + (box.width * (place + 0.4)) / 90, box.y + box.height / 2)
      return page.locator('.day-tip').innerText()
    }
    const dated = (back: number) => new Date(Date.now() - back * day).toISOString().slice(0, 10)
    expect(await at(40)).toBe(`${dated(49)} UTC\nnot watched`)
    expect(await at(84)).toMatch(new RegExp(`^${dated(5)} UTC\n100 % up\nno downtime\n\\d+ % watched$`))
    const worst = [await at(85), await at(86)].join('\n')
    // How much of it falls into which day hangs on the time of the day.
    expect(worst).toMatch(/\d+\.\d+ % up\n\d+[hms].* down/)
    await page.mouse.move(5, 5)
    expect(await page.locator('.day-tip').count()).toBe(0)
  })

  test('text, state and project narrow it, and stand in the address', async () => {
    const { m, live, open, run } = await lived(3)
    await run('project.create', { name: 'Billing' })
    await m.live(hourly, { title: 'Checkout', project: 'Billing' })
    await m.live(hourly, { title: 'Search' })
    await m.live(undefined, { title: 'Nothing watches me', healthCheck: undefined })
    await live(2)
    const page = await open('/live')
    const titles = async () => (await page.locator('.live-title .one-line').allInnerTexts()).sort()
    await expect.poll(titles).toHaveLength(3)
    await page.getByLabel('Search what is live').fill('sear')
    await expect.poll(titles).toEqual(['Search'])
    expect(new URL(page.url()).search).toBe('?text=sear')
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('button', { name: /no check/ }).click()
    await expect.poll(titles).toEqual(['Nothing watches me'])
    await page.goto(page.url().replace(/\?.*/, '?project=Billing'))
    await expect.poll(titles).toEqual(['Checkout'])
    await page.getByLabel('Search what is live').fill('nowhere')
    await page.getByText('Nothing that is live matches this filter.').waitFor()
  })

  test('run, pause and resume by the keys alone', async () => {
    const { m, live, open, run, faults } = await lived(3)
    const id = await m.live(hourly, { title: 'Search' })
    await live(3)
    const page = await open('/live')
    m.target.answer = { durationMs: 77, status: 200, body: 'ok' }
    await menuOf(page, id).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator(':focus').innerText()).toContain('Run now')
    await page.keyboard.press('Enter')
    await page.getByText(`#${id} is up: status 200 in 77ms`).waitFor()
    await menuOf(page, id).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: `Pause the check of #${id}` })
    await dialog.getByLabel('Why').fill("Max's move")
    expect(await dialog.locator('.command-line').innerText()).toBe(
      `pipeline pause ${id} --for 2h --note 'Max'\\''s move'`,
    )
    await page.keyboard.press('Enter')
    await expect.poll(() => row(page, id).locator('.state').innerText()).toBe('paused')
    expect((await run('item.show', { id })).health?.paused?.until).not.toBeNull()
    await menuOf(page, id).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: /^Resume/ }).press('Enter')
    await expect.poll(() => row(page, id).locator('.state').innerText()).not.toBe('paused')
    await menuOf(page, id).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator(':focus').getAttribute('aria-label')).toBe(`Deeds for #${id}`)
    expect(faults).toEqual([])
  })

  test('what a worker finds arrives without a reload, and leaves the scroll and the menu alone', async () => {
    const { m, live, open } = await lived(4)
    const ids: number[] = []
    for (let n = 0; n < 30; n++) ids.push(await m.live(hourly, { title: `Item ${n}` }))
    await live(3)
    const page = await open('/live')
    await row(page, ids[0]!).waitFor()
    await page.locator('.live-list').evaluate((list) => (list.scrollTop = 400))
    const scrolled = () => page.locator('.live-list').evaluate((list) => list.scrollTop)
    await menuOf(page, ids[12]!).click()
    await live(1, () => down)
    await expect
      .poll(() => page.locator('.count-chip').first().innerText(), { timeout: 8_000 })
      .toBe('30\ndown')
    expect(await scrolled()).toBe(400)
    expect(await page.getByRole('menuitem').count()).toBeGreaterThan(2)
    await expect.poll(() => page.title()).toBe('(30 down) Live · Throughline')
  })

  test('that nobody is watching is said aloud', async () => {
    const { m, open } = await lived(48)
    const id = await m.live(hourly, { title: 'Search' })
    await m.after(60_000, up)
    const page = await open('/live')
    const alert = page.getByRole('alert')
    await alert.getByText('Nobody is watching').waitFor()
    expect(await alert.innerText()).toContain('1 check was due and did not run')
    expect(await row(page, id).innerText()).toContain('not watched for')
  })

  test('hundreds of rows are paged in while one scrolls, and few of them stand in the page', async () => {
    const { m, open, database } = await lived(1)
    const rows = Array.from({ length: 330 }, (_, n) => ({ title: `Item ${n}`, healthCheck: hourly }))
    for (const each of rows) await m.live(each.healthCheck, { title: each.title })
    expect(database.engine).toBe('sqlite')
    const page = await open('/live')
    await page.locator('.live-row').first().waitFor()
    await expect
      .poll(async () => {
        await page.locator('.live-list').evaluate((list) => (list.scrollTop = list.scrollHeight))
        return page.locator('.live-row').last().getAttribute('aria-label')
      })
      .toBe('#330 Item 329')
    expect(await page.locator('.live-row').count()).toBeLessThan(40)
    expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(3_000)
  })

  test('hostile titles are texts, and an empty list teaches the first command', async () => {
    const { m, live, open, faults } = await lived(2)
    const page = await open('/live')
    await page.getByText('Nothing is live yet').waitFor()
    const title = '<img src=x onerror=alert(1)> ‮ 🔥 "quoted" \'; drop'
    const id = await m.live(hourly, { title })
    await live(1, () => ({ durationMs: 5, status: 500, body: '<script>alert(1)</script>' }))
    await row(page, id).waitFor()
    expect(await row(page, id).locator('.live-title .one-line').innerText()).toBe(title)
    expect(await page.locator('.live-row img, .live-row script').count()).toBe(0)
    expect(faults).toEqual([])
  })

  test.each(['/live', '/live/1', '/incidents?show=all'])('%s fits a phone', async (path) => {
    const { m, live, open } = await lived(5)
    await m.live({ ...hourly, slo: { target: 0.9, window: '30d' } }, { title: 'A long title '.repeat(12) })
    for (let n = 0; n < 4; n++) await m.live(hourly, { title: `Longwordwithoutanend${'x'.repeat(90)}` })
    await m.live(undefined, { title: 'No check', healthCheck: undefined })
    await live(4, () => (plan) => (plan.slo ? down : up))
    const page = await open(path, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })
    await page.locator('.live-row, .u-over, .incident-row').first().waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })

  test('axe finds nothing, light and dark', async () => {
    const { m, live, open } = await lived(30)
    await m.live({ ...hourly, slo: { target: 0.99, window: '30d' } }, { title: 'Checkout' })
    await m.live(undefined, { title: 'No check', healthCheck: undefined })
    await live(29, (left) => (left < 2 ? down : up))
    const page = await open('/live')
    await page.locator('.live-row').first().waitFor()
    await isAccessible(page)
    await page.locator('.live-row .icon-button').first().click()
    await page.getByRole('menu').waitFor()
    await isAccessible(page)
  })
})
