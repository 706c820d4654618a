/** The board in a real browser: carried by mouse, finger and keys; kept up with what others do. */

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { stages } from '../../src/domain/stage.ts'
import { card, column, inColumn, type Site, site, useBrowser, without } from './browser.ts'

useBrowser()

const spoken = (page: Page) => page.locator('[role=status].spoken')

async function centre(page: Page, selector: string): Promise<{ x: number; y: number }> {
  const box = (await page.locator(selector).first().boundingBox())!
  return { x: box.x + box.width / 2, y: box.y + Math.min(40, box.height / 2) }
}

async function dragged(page: Page, id: number, stage: string): Promise<void> {
  const from = await centre(page, `[data-id="${id}"]`)
  const to = await centre(page, `[data-stage="${stage}"]`)
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + 10, from.y + 10, { steps: 3 })
  await page.mouse.move(to.x, to.y + 60, { steps: 8 })
}

const stageOf = async ({ run }: Site, id: number): Promise<string> => (await run('item.show', { id })).stage

async function few(at: Site): Promise<void> {
  await at.run('item.create', { title: 'Invoice extractor', priority: 1 })
  await at.run('item.create', { title: 'Cost alerting' })
  await at.run('item.move', { id: 2, to: 'building' })
}

describe.skipIf(without)('the board', () => {
  test('shows the eight stages with counts, and on each card what one has to see', async () => {
    const at = await site()
    const { run } = at
    await run('project.create', { name: 'Invoices' })
    await run('item.create', { title: 'Extractor', priority: 1, project: 'Invoices', assignee: 'agent:b1' })
    await run('item.create', { title: 'A child', parent: 1 })
    await run('item.create', { title: 'Another child', parent: 1 })
    await run('item.move', { id: 2, to: 'done' })
    await run('item.move', { id: 1, to: 'building' })
    await run('item.block', { id: 1, reason: 'Needs the key of the bank' })
    const page = await at.open()
    for (const stage of stages) await expect.poll(() => column(page, stage).count()).toBe(1)
    const shown = card(page, 1)
    await shown.waitFor()
    const text = await shown.innerText()
    for (const words of ['#1', 'Extractor', 'Needs the key of the bank', '1/2', 'skipped 2'])
      expect(text).toContain(words)
    expect(await column(page, 'building').locator('.count').innerText()).toBe('1')
    expect(at.faults).toEqual([])
  })

  test('a card is carried to another stage by mouse, and the server has it', async () => {
    const at = await site()
    await few(at)
    const page = await at.open()
    await card(page, 2).waitFor()
    await dragged(page, 2, 'qa')
    await page.mouse.up()
    await inColumn(page, 'qa', 2)
    await expect.poll(() => stageOf(at, 2)).toBe('qa')
    expect(page.url()).toBe(`${at.url}/`)
    expect(await page.locator('.ghost').count()).toBe(0)
    expect(at.faults).toEqual([])
  })

  test('Escape puts a carried card back, and a stage off its path takes none', async () => {
    const at = await site()
    await at.run('item.create', { title: 'A task', type: 'task' })
    const page = await at.open()
    await card(page, 1).waitFor()
    await dragged(page, 1, 'done')
    await page.keyboard.press('Escape')
    await page.mouse.up()
    await inColumn(page, 'idea', 1)
    await dragged(page, 1, 'spec')
    expect(await column(page, 'spec').getAttribute('data-drop')).toBe('no')
    await page.mouse.up()
    await page.getByText('its stages: idea, building, qa, done').waitFor()
    await inColumn(page, 'idea', 1)
    expect(await stageOf(at, 1)).toBe('idea')
  })

  test('a finger that rests carries a card; one that wipes scrolls', async () => {
    const at = await site()
    await few(at)
    const page = await at.open('/', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    await card(page, 1).waitFor()
    const client = await page.context().newCDPSession(page)
    const touch = (type: string, points: { x: number; y: number }[]) =>
      client.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints: points })
    const from = await centre(page, '[data-id="1"]')
    await touch('touchStart', [from])
    await page.locator('.ghost').waitFor()
    // The next column is folded, since it is empty; it lies within the page.
    const to = await centre(page, '[data-stage="spec"]')
    await touch('touchMove', [{ x: from.x + 20, y: from.y }])
    await touch('touchMove', [{ x: Math.min(380, to.x), y: to.y }])
    await expect.poll(() => column(page, 'spec').getAttribute('data-over')).toBe('')
    await touch('touchEnd', [])
    await expect.poll(() => stageOf(at, 1)).toBe('spec')
    expect(at.faults).toEqual([])
  })

  test('by keys alone: picked up, carried over the stages of its path, dropped; every step is spoken', async () => {
    const at = await site()
    await few(at)
    const page = await at.open()
    await card(page, 1).focus()
    await page.keyboard.press('Space')
    await expect.poll(() => spoken(page).innerText()).toContain('Picked up #1')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => spoken(page).innerText()).toContain('spec-review, stage 3 of 8')
    await page.keyboard.press('Space')
    await expect.poll(() => stageOf(at, 1)).toBe('spec-review')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('1')
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Escape')
    await expect.poll(() => spoken(page).innerText()).toContain('stays in spec-review')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('2')
    expect(await stageOf(at, 1)).toBe('spec-review')
    expect(at.faults).toEqual([])
  })

  test.each(['sqlite', 'postgres'] as const)(
    'what others do is there within a second, on %s',
    async (engine) => {
      const at = await site(engine)
      await few(at)
      const [one, two] = [await at.open(), await at.open()]
      await card(one, 2).waitFor()
      await card(two, 2).waitFor()
      // Draws of a card that nothing changed on: none.
      await two.evaluate(() => {
        const kept = document.querySelector('[data-id="2"]')!
        Object.assign(window, { kept })
      })
      await at.run('item.create', { title: 'From the command line' })
      await inColumn(two, 'idea', 3)
      expect(
        await two.evaluate(
          () => document.querySelector('[data-id="2"]') === (window as never as { kept: Element }).kept,
        ),
      ).toBe(true)
      await dragged(one, 3, 'spec')
      await one.mouse.up()
      await inColumn(two, 'spec', 3)
      await at.run('item.delete', { id: 3, yes: true })
      await expect.poll(() => card(one, 3).count()).toBe(0)
      await expect.poll(() => card(two, 3).count()).toBe(0)
      expect(at.faults).toEqual([])
    },
  )

  test('somebody was first: the card springs back to where it is now, and the reader is told', async () => {
    const at = await site()
    await few(at)
    const page = await at.open()
    await card(page, 2).waitFor()
    // The page hears of nothing, and moves what it believes to be there.
    await page.route('**/api/v1/events*', (route) => route.abort())
    await page.route('**/api/v1/items/2/move', async (route) => {
      await at.run('item.update', { id: 2, title: 'Cost alerts' })
      await route.continue()
    })
    await dragged(page, 2, 'qa')
    await page.mouse.up()
    await page.getByText('Move anyway').waitFor()
    await inColumn(page, 'building', 2)
    expect(await stageOf(at, 2)).toBe('building')
    await page.unroute('**/api/v1/items/2/move')
    await page.getByText('Move anyway').click()
    await expect.poll(() => stageOf(at, 2)).toBe('qa')
  })

  test('the filter stands in the address, and the address makes the filter', async () => {
    const at = await site()
    await few(at)
    const page = await at.open('/?text=cost')
    await card(page, 2).waitFor()
    expect(await card(page, 1).count()).toBe(0)
    await page.getByPlaceholder('Search the board').fill('invoice')
    await card(page, 1).waitFor()
    await expect.poll(() => page.url()).toContain('text=invoice')
    await expect.poll(() => card(page, 2).count()).toBe(0)
    await page.getByRole('button', { name: 'Clear' }).click()
    await card(page, 2).waitFor()
    expect(page.url()).toBe(`${at.url}/`)
  })

  test('an empty pipeline teaches the first command, and a sample comes and goes in one click', async () => {
    const at = await site()
    const page = await at.open()
    await page.getByText('pipeline create "My first idea"').waitFor()
    await page.getByRole('button', { name: 'Load the sample' }).click()
    await page.getByText('The sample is loaded').waitFor()
    await card(page, 1).waitFor()
    await page.getByRole('button', { name: 'Remove it' }).click()
    await page.getByText('pipeline create "My first idea"').waitFor()
    expect(at.faults).toEqual([])
  })

  test('an item is made in a dialog, and one without a title is not', async () => {
    const at = await site()
    await few(at)
    const page = await at.open()
    await page.getByRole('button', { name: 'New item' }).click()
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    expect(await page.locator('dialog[open]').count()).toBe(1)
    await page.getByLabel('Title').fill('Made here')
    await page.locator('dialog').getByLabel('Type').selectOption('bug')
    await page.keyboard.press('Enter')
    await inColumn(page, 'idea', 3)
    expect(await at.run('item.show', { id: 3 })).toMatchObject({
      title: 'Made here',
      type: 'bug',
      priority: 2,
    })
  })

  test('titles of the worst kind are texts, and nothing of them runs', async () => {
    const at = await site()
    const worst = [
      '<img src=x onerror="window.hit=1"><script>window.hit=1</script>',
      '"><svg onload=window.hit=1>',
      'javascript:window.hit=1',
      '\u202egnp.exe',
      'w'.repeat(500),
      '🧨'.repeat(250),
    ]
    for (const title of worst) await at.run('item.create', { title })
    const page = await at.open()
    await card(page, worst.length).waitFor()
    expect(await page.evaluate(() => (window as never as { hit?: number }).hit)).toBe(undefined)
    expect(await card(page, 1).innerText()).toContain('<img src=x')
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    expect(widths[0]).toBeLessThanOrEqual(widths[1]!)
    expect(at.faults).toEqual([])
  })

  test.each([
    ['light', 1440],
    ['dark', 1440],
    ['dark', 390],
  ] as const)('axe finds nothing, %s, %i pixels wide', async (colorScheme, width) => {
    const at = await site()
    await at.run('demo.load', {})
    const { items } = await at.run('item.list', { stage: 'live', limit: 1, sort: 'priority' })
    await at.run('incident.open', { id: items[0]!.id, title: 'Nothing is read' })
    const page = await at.open('/', { colorScheme, viewport: { width, height: 844 } })
    await card(page, 1).waitFor()
    await page.locator('.fire').waitFor()
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })

  test('ten thousand items: few nodes, and a column is read to its end by scrolling', async () => {
    const at = await site()
    const lines = Array.from({ length: 1_000 }, (_, n) => ({
      op: 'create',
      input: { title: `Item ${n + 1}` },
    }))
    for (let n = 0; n < 3; n++) await at.run('batch.run', { operations: lines } as never)
    const page = await at.open()
    await card(page, 1).waitFor()
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(3_000)
    const cards = column(page, 'idea').locator('.cards')
    await expect
      .poll(
        () =>
          cards.evaluate((element) => {
            element.scrollTop = element.scrollHeight
            return [...element.querySelectorAll('[data-id]')].at(-1)?.getAttribute('data-id')
          }),
        { timeout: 20_000 },
      )
      .toBe('3000')
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(3_000)
    expect(at.faults).toEqual([])
  })
})
