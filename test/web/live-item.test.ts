/** One live item in a real browser: its chart, its figures, its check. */

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { down, up } from '../worker/monitored.ts'
import { useBrowser, without } from './browser.ts'
import { hourly, isAccessible, lived } from './lived.ts'

useBrowser()

/** One item that was down for a while. */
async function watched(check: Record<string, unknown> = hourly) {
  const made = await lived(60)
  const id = await made.m.live(check, { title: 'Search' })
  await made.live(59, (left) => (left > 8 && left < 12 ? down : { ...up, durationMs: 80 + left }))
  return { ...made, id }
}

const canvas = (page: Page) => page.locator('.chart-place canvas')
const editor = (page: Page) => page.getByLabel('Health check, as JSON')
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true })

describe.skipIf(without)('a live item', () => {
  test('its response times are drawn, with the incident; a drag zooms in, two clicks go back', async () => {
    const { open, id, faults } = await watched()
    const page = await open(`/live/${id}`)
    await canvas(page).waitFor()
    await expect.poll(() => page.locator('.chart-legend li').count()).toBe(1)
    expect(await page.locator('.chart-place').getAttribute('aria-label')).toMatch(
      /^Response times of 2\d runs, between 81 ms and 10\d ms, 3 failed, incidents: #\d+$/,
    )
    const box = (await page.locator('.u-over').boundingBox())!
    await page.mouse.move(box.x + box.width * 0.9, box.y + 50)
    await expect.poll(() => page.locator('.chart-legend p').innerText()).toMatch(/: (?:up|down)/)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 5 })
    await page.mouse.up()
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor()
    const query = new URL(page.url()).searchParams
    const hours = (Date.parse(query.get('to')!) - Date.parse(query.get('from')!)) / 3_600_000
    expect(hours).toBeGreaterThan(6)
    expect(hours).toBeLessThan(8.5)
    await expect.poll(() => page.locator('.chart-place').getAttribute('aria-label')).toMatch(/of [678] runs/)
    await page.locator('.u-over').dblclick({ position: { x: 80, y: 60 } })
    await expect.poll(() => new URL(page.url()).search).toBe('')
    expect(faults).toEqual([])
  })

  test('ranges and zoom by the keys, and the same as a table', async () => {
    const { open, id } = await watched()
    const page = await open(`/live/${id}`)
    await canvas(page).waitFor()
    await page.getByRole('button', { name: '30 days' }).press('Enter')
    await expect.poll(() => new URL(page.url()).search).toBe('?range=30d')
    await page.getByRole('button', { name: 'Zoom in' }).press('Enter')
    await page.getByRole('button', { name: 'Earlier' }).press('Enter')
    await page.getByRole('button', { name: 'Reset zoom' }).press('Enter')
    await expect.poll(() => new URL(page.url()).search).toBe('?range=30d')
    await page.getByRole('button', { name: '24 hours' }).press('Enter')
    await expect.poll(() => new URL(page.url()).search).toBe('')
    await page.getByText('The same as a table').press('Enter')
    await expect.poll(() => page.locator('.table-place tbody tr').count()).toBeGreaterThan(21)
    await expect.poll(() => page.locator('.table-place thead th').count()).toBe(3)
    expect(await page.locator('.table-place tbody .state.down').count()).toBe(3)
  })

  test('uptime in four windows, the budget with its burn, and each day by the arrow keys', async () => {
    const { open, id } = await watched({ ...hourly, slo: { target: 0.9, window: '30d' } })
    const page = await open(`/live/${id}`)
    await page.locator('.tile').first().waitFor()
    expect(await page.locator('.tile dt').allInnerTexts()).toEqual([
      ...['24 hours', '7 days', '30 days', '90 days'],
      'Error budget, 90.00 % of 30d',
    ])
    expect(await page.locator('.objective').innerText()).toMatch(
      /left[\s\S]*burns 0\.0× this hour, [\d.]+× this day/,
    )
    const days = page.getByRole('slider', { name: 'Day' })
    await days.press('Home')
    expect(await days.getAttribute('aria-valuetext')).toMatch(/^\d{4}-\d\d-\d\d: not watched$/)
    await page.locator('.day-tip').waitFor()
    await days.press('End')
    expect(await days.getAttribute('aria-valuetext')).toMatch(/% up, .*watched$/)
    await days.press('Escape')
    expect(await page.locator('.day-tip').count()).toBe(0)
  })

  test('last runs, and what became of its state', async () => {
    const { open, id, m } = await watched()
    const page = await open(`/live/${id}`)
    await expect.poll(() => page.locator('.runs li').count()).toBe(12)
    expect(await page.locator('.runs .state.down').count()).toBe(3)
    await page.getByRole('button', { name: 'Older runs' }).click()
    await expect.poll(() => page.locator('.runs li').count()).toBe(59)
    const story = await page.locator('.story').innerText()
    for (const words of ['incident resolved', 'incident opened', 'down', 'went live'])
      expect(story).toContain(words)
    m.target.answer = { durationMs: 4, status: 500, body: '' }
    await page.getByRole('button', { name: 'Run now' }).press('Enter')
    await expect
      .poll(() => page.locator('.runs li .state').first().innerText(), { timeout: 8_000 })
      .toBe('down')
    await page.getByText(/incident #\d+: reopened|incident #\d+: opened/).waitFor()
  })

  test('the check is judged while one types: what is wrong, and where', async () => {
    const { open, id, run } = await watched()
    const page = await open(`/live/${id}`)
    await page.getByText(/http check, every 1h/).waitFor()
    const text = '{\n  "type": "http",\n  "url": "http://127.0.0.1:1/",\n  "frequncy": "5m"\n}'
    await editor(page).fill(text)
    await page.getByText('unknown field; did you mean "frequency"?').waitFor()
    await page.getByRole('button', { name: '4:3' }).press('Enter')
    expect(await editor(page).evaluate((field) => (field as HTMLTextAreaElement).selectionStart)).toBe(
      text.indexOf('"frequncy"'),
    )
    expect(await save(page).isDisabled()).toBe(true)
    await editor(page).fill('{"type": "http",}')
    await page.getByText('a comma too many').waitFor()
    expect(await page.locator('.to-place').innerText()).toBe('1:17')
    await editor(page).fill('{"type":"http","url":"http://127.0.0.1:1/new","frequency":"5m"}')
    await page.getByText(/http check, every 5m/).waitFor()
    await editor(page).press('Control+s')
    await page.getByText(`The check of #${id} is saved`).waitFor()
    expect((await run('item.show', { id })).healthCheck).toMatchObject({ url: 'http://127.0.0.1:1/new' })
    await expect.poll(() => editor(page).inputValue()).toContain('\n  "frequency": "5m"')
  })

  test('somebody saved another check meanwhile: both are shown, and nothing is lost', async () => {
    const { open, id, run } = await watched()
    const page = await open(`/live/${id}`)
    await page.getByText(/http check, every 1h/).waitFor()
    const mine = '{"type":"http","url":"http://127.0.0.1:1/mine","frequency":"5m"}'
    await editor(page).fill(mine)
    await run('item.update', { id, healthCheck: { ...hourly, url: 'http://127.0.0.1:1/theirs' } })
    await page.getByText('Somebody saved another check meanwhile.').waitFor()
    expect(await editor(page).inputValue()).toBe(mine)
    expect(await page.locator('.overtaken pre').innerText()).toContain('/theirs')
    await page.getByText(/http check, every 5m/).waitFor()
    await save(page).click()
    await expect.poll(() => page.locator('.toast.bad').count()).toBe(1)
    expect((await run('item.show', { id })).healthCheck!.url).toBe('http://127.0.0.1:1/theirs')
    await page.getByRole('button', { name: 'Save mine over it' }).click()
    await expect
      .poll(async () => (await run('item.show', { id })).healthCheck!.url)
      .toBe('http://127.0.0.1:1/mine')
    await expect.poll(() => page.locator('.overtaken').count()).toBe(0)
  })

  test('a command that is saved here waits for approval, and the line for it is there', async () => {
    const { open, id, run } = await watched()
    const page = await open(`/live/${id}`)
    await page.getByText(/http check/).waitFor()
    await editor(page).fill('{"type":"command","command":"node -v","frequency":"daily"}')
    await page.getByText(/command check/).waitFor()
    await save(page).click()
    await page.locator('.notice.warn').getByText(`pipeline check approve ${id}`).waitFor()
    expect((await run('item.show', { id })).health!.approved).toBe(false)
  })

  test('a draft is not lost by a click on a link', async () => {
    const { open, id } = await watched()
    const page = await open(`/live/${id}`)
    await page.getByText(/http check/).waitFor()
    await editor(page).fill('{}')
    let asked = ''
    page.once('dialog', (dialog) => {
      asked = dialog.message()
      void dialog.dismiss()
    })
    await page.getByRole('link', { name: 'Incidents' }).click()
    await expect.poll(() => asked).toContain('not saved')
    expect(new URL(page.url()).pathname).toBe(`/live/${id}`)
    expect(await editor(page).inputValue()).toBe('{}')
  })

  test('maintenance is planned and taken away; a pause lasts until it is resumed', async () => {
    const { open, id, run, faults } = await watched()
    const page = await open(`/live/${id}`)
    await page.getByRole('button', { name: 'Plan maintenance' }).press('Enter')
    await page.getByLabel('Reason').fill('Moving the database')
    await page.getByRole('button', { name: 'Plan it' }).press('Enter')
    await expect
      .poll(() => page.locator('.windows li').innerText())
      .toMatch(/^now\n.* to .*\nMoving the database/)
    const { items } = await run('maintenance.list', { id })
    expect(Date.parse(items[0]!.to!) - Date.parse(items[0]!.from!)).toBe(7_200_000)
    await page.getByRole('button', { name: /^End maintenance/ }).press('Enter')
    await expect.poll(() => page.locator('.windows li').count()).toBe(0)
    await page.getByRole('button', { name: 'Pause …' }).press('Enter')
    await page.getByLabel('How long').selectOption('')
    await page.getByRole('button', { name: 'Pause', exact: true }).press('Enter')
    await page.getByText(/until it is resumed\. That time/).waitFor()
    await page.getByRole('button', { name: 'Resume' }).press('Enter')
    await expect.poll(async () => (await run('item.show', { id })).health!.paused).toBeNull()
    expect(faults).toEqual([])
  })

  test('of what there is not it says so; what nothing watches is taught its first check', async () => {
    const { open, run } = await watched()
    const page = await open('/live/999')
    await page.getByRole('alert').getByText(/999/).waitFor()
    const { id } = await run('item.create', { title: '<b>Bare</b>' })
    await page.goto(page.url().replace('999', String(id)))
    await page.getByText('Nothing watches it').waitFor()
    expect(await page.locator('h1').innerText()).toBe(`#${id} <b>Bare</b>`)
    await save(page).click()
    await expect
      .poll(async () => (await run('item.show', { id })).healthCheck)
      .toMatchObject({ type: 'http' })
  })

  test('axe finds nothing, light and dark', async () => {
    const { open, id } = await watched({ ...hourly, slo: { target: 0.9, window: '30d' } })
    const page = await open(`/live/${id}?range=7d`)
    await canvas(page).waitFor()
    await page.getByText('The same as a table').click()
    await page.getByRole('button', { name: 'Plan maintenance' }).click()
    await editor(page).fill('{"type":"http"}')
    await page
      .getByText(/is required/)
      .first()
      .waitFor()
    await isAccessible(page)
  })
})
