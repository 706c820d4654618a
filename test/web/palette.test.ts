import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { site, useBrowser, without } from './browser.ts'

useBrowser()

const palette = (page: Page) => page.getByRole('dialog')
const field = (page: Page) => page.getByRole('combobox', { name: /Find an item/ })
/** A field of a form. */
const input = (page: Page, name: string) => palette(page).locator(`[name="${name}"]`)
const options = (page: Page) => page.getByRole('option')
const active = (page: Page) => page.locator('[role="option"][aria-selected="true"]')

const opened = async (page: Page): Promise<void> => {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.keyboard.press('Control+k')
  await field(page).waitFor()
}

/** Opens the form of an operation by the keys alone. */
const formOf = async (page: Page, words: string): Promise<void> => {
  await opened(page)
  await page.keyboard.type(words)
  await expect.poll(() => active(page).innerText()).toContain(words)
  await page.keyboard.press('Enter')
  await palette(page)
    .getByRole('button', { name: /^(Run|Show)$/ })
    .waitFor()
}

const findings = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)

/** Runs in the page: milliseconds from the key to the options. */
const openedFiveTimes = `(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  const press = () =>
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }))
  const took = []
  for (let n = 0; n < 5; n += 1) {
    const begun = performance.now()
    press()
    while (!document.querySelector('dialog.palette[open] [role="option"]')) await frame()
    took.push(performance.now() - begun)
    press()
    while (document.querySelector('dialog.palette')) await frame()
  }
  return took
})()`

const isFocused = async (element: Locator): Promise<boolean> =>
  (await element.and(element.page().locator(':focus')).count()) === 1

describe.skipIf(without)('the palette', () => {
  test('opens by its key anywhere, in a field too, and gives the focus back', async () => {
    const { open, faults } = await site()
    const page = await open()
    const search = page.getByRole('searchbox', { name: 'Search the board' })
    await search.focus()
    await page.keyboard.press('Control+k')
    await expect.poll(() => isFocused(field(page))).toBe(true)
    await page.keyboard.press('Escape')
    await expect.poll(() => palette(page).count()).toBe(0)
    expect(await isFocused(search)).toBe(true)
    await page.keyboard.press('Meta+k')
    await field(page).waitFor()
    await page.keyboard.press('Control+k')
    await expect.poll(() => palette(page).count()).toBe(0)
    expect(faults).toEqual([])
  })

  test('stands within 50 ms once it is loaded', async () => {
    const { open, run } = await site()
    await run('demo.load', {})
    const page = await open()
    await opened(page)
    await page.keyboard.press('Escape')
    const times = await page.evaluate<number[]>(openedFiveTimes)
    expect(Math.min(...times)).toBeLessThan(50)
  })

  test('finds items by their words and opens them, by the keys alone', async () => {
    const { open, run, faults } = await site()
    const { id } = await run('item.create', { title: 'Invoices of several suppliers' })
    const page = await open()
    await opened(page)
    await page.keyboard.type('several suppl')
    await options(page).filter({ hasText: 'Invoices of several suppliers' }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/items/${id}`)
    expect(await palette(page).count()).toBe(0)
    expect(faults).toEqual([])
  })

  test.each(['2', '#2'])('%s is the item of that number', async (typed) => {
    const { open, run } = await site()
    await run('item.create', { title: 'The first, of 2 parts' })
    await run('item.create', { title: 'The second' })
    const page = await open()
    await opened(page)
    await page.keyboard.type(typed)
    await expect.poll(() => active(page).innerText()).toContain('The second')
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).pathname).toBe('/items/2')
  })

  test('begins with what was opened lately, without what is in view', async () => {
    const { open, run } = await site()
    for (const title of ['One', 'Two', 'Three']) await run('item.create', { title })
    const page = await open('/items/1')
    await page.goto(page.url().replace('/items/1', '/items/3'))
    await page.goto(page.url().replace('/items/3', '/items/2'))
    await page.keyboard.press('Control+k')
    const lately = page.getByRole('group', { name: 'Opened lately' }).getByRole('option')
    await expect.poll(() => lately.allInnerTexts()).toHaveLength(2)
    expect((await lately.allInnerTexts()).map((text) => /Three|One/.exec(text)?.[0])).toEqual([
      'Three',
      'One',
    ])
  })

  test('goes round by arrows and pages, and says which option it is on', async () => {
    const { open } = await site()
    const page = await open()
    await opened(page)
    const marked = async () => {
      const id = await field(page).getAttribute('aria-activedescendant')
      expect(await active(page).getAttribute('id')).toBe(id)
      return id
    }
    const first = await marked()
    await page.keyboard.press('ArrowDown')
    const second = await marked()
    expect(second).not.toBe(first)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    expect(await active(page).getAttribute('id')).toBe(await options(page).last().getAttribute('id'))
    await page.keyboard.press('ArrowDown')
    expect(await marked()).toBe(first)
    await page.keyboard.press('PageDown')
    await page.keyboard.press('PageUp')
    expect(await marked()).toBe(first)
  })

  test('runs an operation on the item in view, and links to it', async () => {
    const { open, run, faults } = await site()
    const { id } = await run('item.create', { title: 'Held up' })
    const page = await open(`/items/${id}`)
    await page.keyboard.press('Control+k')
    await field(page).fill('block')
    await expect.poll(() => active(page).innerText()).toContain('Flag an item as blocked')
    await page.keyboard.press('Enter')
    const form = palette(page)
    await expect.poll(() => input(page, 'id').inputValue()).toBe(String(id))
    // The first that is empty has the focus.
    await page.keyboard.type("the vendor's answer")
    await expect
      .poll(() => form.locator('.command-line code').innerText())
      .toBe(String.raw`pipeline block 1 --reason 'the vendor'\''s answer'`)
    await page.keyboard.press('Control+Enter')
    await form.getByRole('link', { name: `#${id} Held up` }).waitFor()
    const { blocked } = await run('item.show', { id })
    expect(blocked?.reason).toBe("the vendor's answer")
    expect(faults).toEqual([])
  })

  test('a refusal stands at its field, with what helps, and nothing is lost', async () => {
    const { open, run, faults } = await site()
    await run('item.create', { title: 'Stays' })
    const page = await open()
    await formOf(page, 'move')
    const form = palette(page)
    await input(page, 'id').fill('1')
    await input(page, 'to').fill('nowhere')
    await page.keyboard.press('Enter')
    const to = input(page, 'to')
    await expect.poll(() => to.getAttribute('aria-invalid')).toBe('true')
    await form.getByRole('alert').filter({ hasText: 'spec-review' }).waitFor()
    expect(await isFocused(to)).toBe(true)
    expect(await to.inputValue()).toBe('nowhere')
    await to.fill('building')
    await page.keyboard.press('Enter')
    await form.getByRole('link', { name: '#1 Stays' }).waitFor()
    expect((await run('item.show', { id: 1 })).stage).toBe('building')
    expect(faults).toEqual([])
  })

  test('what takes something away is asked about, and Enter twice is no yes', async () => {
    const { open, run, faults } = await site()
    await run('item.create', { title: 'Goes' })
    const page = await open()
    await formOf(page, 'delete')
    await input(page, 'id').fill('1')
    await page.keyboard.press('Enter')
    await palette(page).getByRole('alert').filter({ hasText: 'Really?' }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => palette(page).getByRole('alert').count()).toBe(0)
    expect((await run('item.list', { all: true })).items).toHaveLength(1)
    await palette(page).getByRole('button', { name: 'Run' }).click()
    await palette(page).getByRole('button', { name: 'Yes, do it' }).click()
    await palette(page).getByText('Done.').waitFor()
    expect((await run('item.list', { all: true })).items).toHaveLength(0)
    expect(faults).toEqual([])
  })

  test('an operation that asks shows its answer', async () => {
    const { open, run, faults } = await site()
    await run('item.create', { title: '<script>alert(1)</script>' })
    const page = await open()
    await formOf(page, 'list')
    await page.keyboard.press('Control+Enter')
    await expect.poll(() => palette(page).locator('pre').innerText()).toContain('<script>alert(1)</script>')
    expect(faults).toEqual([])
  })

  test('what the reader may not do is not offered', async () => {
    const { open } = await site()
    const page = await open('/search')
    await page.route('**/api/v1/session', (route) =>
      route.fulfill({
        json: {
          schemaVersion: 1,
          data: {
            actor: 'human:guest',
            permissions: ['item:read'],
            version: null,
            engine: 'sqlite',
            pipeline: 'x',
          },
        },
      }),
    )
    await page.reload()
    await page.getByText('human:guest').waitFor({ state: 'attached' })
    await opened(page)
    const texts = (await options(page).allInnerTexts()).join('\n')
    expect(texts).toContain('Show an item')
    expect(texts).not.toContain('Create an item')
    expect(texts).not.toContain('Move an item')
  })

  test('many and hostile words break nothing', async () => {
    const { open, run, faults } = await site()
    await run('item.create', { title: 'مرحبا \u202e <img src=x onerror=alert(1)> 😀 '.repeat(8) })
    const page = await open()
    await opened(page)
    for (const typed of [
      '%',
      "'; --",
      '\\',
      '<b>',
      '😀',
      'img src',
      '99999999999999999999',
      'x'.repeat(500),
    ]) {
      await field(page).fill(typed)
      await page.getByRole('option', { name: /^Search descriptions/ }).waitFor()
    }
    expect(faults).toEqual([])
  })

  test.each(['light', 'dark'] as const)(
    '%s: axe finds nothing, neither in what is found nor in a form',
    async (colorScheme) => {
      const { open, run } = await site()
      await run('demo.load', {})
      const page = await open('/', { colorScheme })
      await opened(page)
      await page.keyboard.type('in')
      await page.getByRole('group', { name: 'Items' }).waitFor()
      expect(await findings(page)).toEqual([])
      await page.keyboard.press('Escape')
      await formOf(page, 'update')
      for (const name of ['assignee', 'labels', 'healthCheck', 'priority'])
        await palette(page).getByRole('button', { name, exact: true }).click()
      await input(page, 'id').fill('nobody')
      await page.keyboard.press('Enter')
      await palette(page).getByRole('alert').waitFor()
      expect(await findings(page)).toEqual([])
    },
  )
})

describe.skipIf(without)('keys', () => {
  test('g and a letter go to a page, / to the search, n to a new item, ? to the list of keys', async () => {
    const { open, faults } = await site()
    const page = await open()
    await page.getByRole('heading', { name: 'Board' }).waitFor()
    await page.keyboard.press('/')
    const search = page.getByRole('searchbox', { name: 'Search the board' })
    await expect.poll(() => isFocused(search)).toBe(true)
    await search.blur()
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor()
    await page.keyboard.press('n')
    await page.getByRole('dialog', { name: 'New item' }).waitFor()
    await page.keyboard.type('g b ? n')
    expect(await page.getByLabel('Title').inputValue()).toBe('g b ? n')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect(new URL(page.url()).pathname).toBe('/dashboard')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    await page.keyboard.press('/')
    await expect.poll(() => new URL(page.url()).pathname).toBe('/search')
    expect(faults).toEqual([])
  })

  test('the rail has them as buttons', async () => {
    const { open } = await site()
    const page = await open()
    await page.getByRole('button', { name: 'Keys' }).click()
    await page.getByRole('dialog', { name: 'Keys' }).getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Find or run' }).click()
    await field(page).waitFor()
  })
})
