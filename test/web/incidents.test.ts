/** Incidents in a real browser: what burns first, and what is done about it in place. */

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { down, up } from '../worker/monitored.ts'
import { useBrowser, without } from './browser.ts'
import { hourly, isAccessible, lived } from './lived.ts'

useBrowser()

const row = (page: Page, id: number) => page.locator(`.incident-row[data-id="${id}"]`)

/** One item that is down, with its incident. */
async function burning() {
  const made = await lived(3)
  const subject = await made.m.live(hourly, { title: 'Search' })
  await made.live(2, (left) => (left === 1 ? down : up))
  const [found] = (await made.run('incident.list', { open: true })).items
  return { ...made, subject, id: found!.id }
}

describe.skipIf(without)('incidents', () => {
  test('the worst first: severity, title, subject, how long, and that nobody knows of it yet', async () => {
    const { open, run, subject, id, faults } = await burning()
    const worse = await run('incident.open', { id: subject, title: 'Totals are wrong', severity: 'critical' })
    const page = await open('/incidents')
    await row(page, id).waitFor()
    const ids = await page
      .locator('.incident-row')
      .evaluateAll((rows) => rows.map((each) => Number(each.getAttribute('data-id'))))
    expect(ids).toEqual([worse.id, id])
    const text = await row(page, id).innerText()
    expect(text).toContain('Search: status in 200..299')
    expect(text).toContain(`#${subject} Search`)
    expect(text).toContain('not acknowledged')
    expect(text.toLowerCase()).toContain('major')
    expect(await page.title()).toBe('(2) Incidents · Throughline')
    expect(faults).toEqual([])
  })

  test('acknowledge, take up and resolve in place, with a note, by the keys alone', async () => {
    const { open, run, id, faults } = await burning()
    const page = await open('/incidents')
    await row(page, id).getByRole('button', { name: 'Acknowledge' }).press('Enter')
    await row(page, id)
      .getByText(/acknowledged by/)
      .waitFor()
    await row(page, id).getByRole('button', { name: 'Take up' }).press('Enter')
    await row(page, id).getByText('in building').waitFor()
    await row(page, id).getByRole('button', { name: 'Resolve' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: `Resolve #${id}` })
    await dialog.getByLabel('What ended it').fill("The disk was full; it's clean")
    expect(await dialog.locator('.command-line').innerText()).toBe(
      `pipeline incident resolve ${id} --note 'The disk was full; it'\\''s clean'`,
    )
    await page.keyboard.press('Control+Enter')
    await page.getByText('Nothing is on fire').waitFor()
    const shown = await run('item.show', { id, history: true })
    expect(shown.incident?.resolvedBy).toBe('person')
    expect(shown.history!.map(({ note }) => note)).toContain("The disk was full; it's clean")
    await page.getByRole('button', { name: 'All' }).press('Enter')
    expect(await row(page, id).innerText()).toMatch(/resolved by a person/)
    expect(new URL(page.url()).search).toBe('?show=all')
    expect(faults).toEqual([])
  })

  test('the draft of a postmortem is shown as Markdown, and may be changed before it is copied', async () => {
    const { open, id } = await burning()
    const page = await open('/incidents', { permissions: ['clipboard-read', 'clipboard-write'] })
    await row(page, id).getByRole('button', { name: 'Postmortem' }).click()
    const text = page.getByRole('dialog').getByLabel('The draft, as Markdown')
    await expect.poll(() => text.inputValue()).toContain('# ')
    await text.fill('Mine <b>now</b>')
    await page.getByRole('button', { name: 'Copy the text' }).click()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe('Mine <b>now</b>')
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  test('what others open and resolve arrives; a draft that is being written stays', async () => {
    const { open, run, subject, id, live } = await burning()
    const page = await open('/incidents')
    await row(page, id).getByRole('button', { name: 'Resolve' }).click()
    await page.getByLabel('What ended it').fill('Half a sent')
    const other = await run('incident.open', {
      id: subject,
      title: '<script>alert(1)</script>',
      severity: 'minor',
    })
    await row(page, other.id).waitFor()
    expect(await page.getByLabel('What ended it').inputValue()).toBe('Half a sent')
    await live(1)
    await expect.poll(() => row(page, id).count(), { timeout: 8_000 }).toBe(0)
    await page.getByRole('dialog').getByRole('button', { name: 'Resolve', exact: true }).click()
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  })

  test('a project narrows it, and more are shown when they are asked for', async () => {
    const { open, run, subject } = await burning()
    await run('project.create', { name: 'Billing' })
    const billed = await run('item.create', { title: 'Bills', project: 'Billing' })
    await run('item.move', { id: billed.id, to: 'live' })
    for (let n = 0; n < 55; n++)
      await run('incident.open', { id: n < 2 ? billed.id : subject, title: `Fault ${n}` })
    const page = await open('/incidents')
    await expect.poll(() => page.locator('.incident-row').count()).toBe(50)
    await page.getByRole('button', { name: 'Show more' }).click()
    await expect.poll(() => page.locator('.incident-row').count()).toBe(56)
    await page.getByLabel('Project').selectOption('Billing')
    await expect.poll(() => page.locator('.incident-row').count()).toBe(2)
    expect(new URL(page.url()).search).toBe('?project=Billing')
  })

  test('axe finds nothing, light and dark, with incidents, without, and in a dialog', async () => {
    const { open, run, subject, id } = await burning()
    await run('incident.open', { id: subject, title: 'Totals are wrong', severity: 'critical' })
    await run('incident.open', { id: subject, title: 'A little', severity: 'minor' })
    const page = await open('/incidents?show=all')
    await row(page, id).waitFor()
    await isAccessible(page)
    await row(page, id).getByRole('button', { name: 'Resolve' }).click()
    await isAccessible(page)
    const calm = await (await lived(1)).open('/incidents')
    await calm.getByText('Nothing is on fire').waitFor()
    await isAccessible(calm)
  })
})
