import { AxeBuilder } from '@axe-core/playwright'
import { describe, expect, test } from 'vitest'
import { site, useBrowser, without } from './browser.ts'
import { button, shown, shows, soon, withItem } from './item-browser.ts'

describe.skipIf(without)('the page of an item', () => {
  useBrowser()

  test('shows everything there is of it', async () => {
    const here = await site()
    const parent = await here.run('item.create', { title: 'Billing', type: 'epic' })
    const other = await here.run('item.create', { title: 'The back-off helper' })
    const { id } = await here.run('item.create', {
      ...{ title: 'Retry on rate limits', type: 'feature', parent: parent.id, labels: ['reliability'] },
      ...{ description: 'What **happens** today', spec: '# How\n\n- five tries', branch: 'feature/retry' },
      criteria: ['A `429` is tried again', 'No more than five times'],
    })
    await here.run('item.create', { title: 'A part of it', parent: id })
    await here.run('dependency.add', { id, on: other.id })
    await here.run('item.move', { id, to: 'building' })
    await here.run('item.note', { id, text: 'Took the **helper**', type: 'decision' })
    const page = await here.open(`/items/${id}`)
    await page.getByRole('heading', { level: 1, name: 'Retry on rate limits' }).waitFor(soon)
    await page.getByRole('link', { name: `Parent: #${parent.id} Billing` }).waitFor(soon)
    expect(await page.locator('.prose strong').first().textContent()).toBe('happens')
    await page.getByRole('heading', { level: 3, name: 'How' }).waitFor(soon)
    expect(await page.locator('.criterion').count()).toBe(2)
    await shows(page, 'A part of it')
    await shows(page, 'The back-off helper')
    await shows(page, 'feature/retry')
    await shows(page, 'reliability')
    await page.locator('.entry', { hasText: 'decision' }).waitFor(soon)
    const line = page.getByRole('region', { name: 'Stage' })
    expect(await line.locator('[aria-current="step"]').textContent()).toBe('Building')
    expect(await line.locator('.stop.skipped').allTextContents()).toEqual([
      'Spec (skipped)',
      'Spec review (skipped)',
    ])
    expect(await page.title()).toContain(`#${id} Retry on rate limits`)
    expect(here.faults).toEqual([])
  })

  test('an id that nobody has gets a page that says so', async () => {
    const here = await site()
    const page = await here.open('/items/4711')
    await page.getByRole('heading', { name: 'There is no item #4711' }).waitFor(soon)
    await page.getByRole('link', { name: 'Back to the board' }).click()
    await page.waitForURL(`${here.url}/`)
    expect(here.faults).toEqual([])
  })

  describe('texts edited in place', () => {
    test('a description is written and saved by keys alone, and the focus comes back', async () => {
      const { here, id, page } = await withItem()
      await button(page, 'Edit Description').focus()
      await page.keyboard.press('Enter')
      await page.keyboard.press('Control+End')
      await page.keyboard.type(' and tomorrow')
      await page.keyboard.press('Control+Enter')
      await page.locator('.prose', { hasText: 'What happens today and tomorrow' }).waitFor(soon)
      expect((await shown(here, id)).description).toBe('What **happens** today and tomorrow')
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
        .toBe('Edit Description')
      expect(here.faults).toEqual([])
    })

    test('the title is one line: Enter saves, and a title of white space is refused and kept', async () => {
      const { here, id, page } = await withItem()
      await button(page, 'Edit title').click()
      const field = page.getByRole('textbox', { name: 'Title' })
      await field.fill('   ')
      await field.press('Enter')
      await page.getByRole('alert').waitFor(soon)
      await field.fill('Retry, and say so')
      await field.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Retry, and say so' }).waitFor(soon)
      expect((await shown(here, id)).title).toBe('Retry, and say so')
    })

    test('Escape asks where something was written, and closes where nothing was', async () => {
      const { here, id, page } = await withItem()
      const text = page.getByRole('textbox', { name: 'Description' })
      await button(page, 'Edit Description').click()
      await text.press('Escape')
      await text.waitFor({ state: 'detached', ...soon })
      await button(page, 'Edit Description').click()
      await text.fill('a draft')
      await text.press('Escape')
      await page.getByRole('alertdialog').waitFor(soon)
      await button(page, 'Go on writing').press('Enter')
      expect(await text.inputValue()).toBe('a draft')
      await text.press('Escape')
      await button(page, 'Throw it away').click()
      await text.waitFor({ state: 'detached', ...soon })
      expect((await shown(here, id)).description).toBe('What **happens** today')
    })

    test('a draft survives what others do, and a reload', async () => {
      const { here, id, page } = await withItem()
      await button(page, 'Edit Spec').click()
      const text = page.getByRole('textbox', { name: 'Spec' })
      await text.fill('half a spec')
      await here.run('item.update', { id, title: 'Another title' })
      await page.getByRole('heading', { level: 1, name: 'Another title' }).waitFor(soon)
      expect(await text.inputValue()).toBe('half a spec')
      await page.reload()
      await text.waitFor(soon)
      expect(await text.inputValue()).toBe('half a spec')
      await text.press('Control+Enter')
      await text.waitFor({ state: 'detached', ...soon })
      expect((await shown(here, id)).spec).toBe('half a spec')
      await page.reload()
      await page.getByText('half a spec').waitFor(soon)
      expect(await text.count()).toBe(0)
    })

    test('what somebody else changed elsewhere in the item is no conflict', async () => {
      const { here, id, page } = await withItem()
      await button(page, 'Edit Description').click()
      await page.getByRole('textbox', { name: 'Description' }).fill('mine')
      await here.run('item.update', { id, spec: 'theirs' })
      await here.run('item.move', { id, to: 'spec' })
      await button(page, 'Save').click()
      await page.locator('.prose', { hasText: 'mine' }).waitFor(soon)
      const now = await shown(here, id)
      expect([now.description, now.spec, now.stage]).toEqual(['mine', 'theirs', 'spec'])
    })

    test.each([
      ['Take yours', 'line one\nmine'],
      ['Take theirs', 'line one\ntheirs'],
    ])('two saved: both are shown; %s', async (choice, stored) => {
      const { here, id, page } = await withItem()
      await button(page, 'Edit Description').click()
      await page.getByRole('textbox', { name: 'Description' }).fill('line one\nmine')
      await here.run('item.update', { id, description: 'line one\ntheirs' })
      await button(page, 'Save').click()
      const both = page.getByRole('region', { name: 'Two versions: Description' })
      await both.waitFor(soon)
      expect(await both.locator('.own').allTextContents()).toEqual(['theirs', 'mine'])
      expect((await shown(here, id)).description).toBe('line one\ntheirs')
      await button(page, choice).click()
      await both.waitFor({ state: 'detached', ...soon })
      await expect.poll(async () => (await shown(here, id)).description, soon).toBe(stored)
      expect(here.faults).toEqual([])
    })

    test('two saved: merged by hand, with theirs in sight', async () => {
      const { here, id, page } = await withItem()
      await button(page, 'Edit Description').click()
      const text = page.getByRole('textbox', { name: 'Description' })
      await text.fill('mine')
      await here.run('item.update', { id, description: 'theirs' })
      await button(page, 'Save').click()
      await button(page, 'Merge by hand').click()
      expect(await page.getByRole('region', { name: 'Theirs, saved' }).textContent()).toBe('theirs')
      await page.keyboard.press('Control+a')
      await page.keyboard.type('mine and theirs')
      await page.keyboard.press('Control+Enter')
      await expect.poll(async () => (await shown(here, id)).description, soon).toBe('mine and theirs')
    })

    test('a preview is Markdown, and the draft is there again after it', async () => {
      const { page } = await withItem()
      await button(page, 'Edit Spec').click()
      await page.getByRole('textbox', { name: 'Spec' }).fill('some *words*')
      await button(page, 'Preview').click()
      await page.locator('.preview em', { hasText: 'words' }).waitFor(soon)
      await button(page, 'Write').click()
      expect(await page.getByRole('textbox', { name: 'Spec' }).inputValue()).toBe('some *words*')
    })
  })

  describe('criteria', () => {
    test('are added, rewritten, judged with evidence, and taken away', async () => {
      const { here, id, page } = await withItem({ criteria: ['One', 'Two'] })
      await button(page, 'Judge criterion 2').click()
      await page.keyboard.press('ArrowRight')
      await page.getByRole('textbox', { name: 'What shows it' }).fill('run 88')
      await button(page, 'Give the verdict').click()
      await page.locator('.criterion.failed', { hasText: 'run 88' }).waitFor(soon)
      await button(page, 'Edit criterion 1').click()
      await page.getByRole('textbox', { name: 'Criterion' }).fill('One, and no more')
      await page.keyboard.press('Control+Enter')
      await page.locator('.criterion', { hasText: 'One, and no more' }).waitFor(soon)
      await button(page, 'Add a criterion').click()
      await page.getByRole('textbox', { name: 'New criterion' }).fill('Three')
      await page.keyboard.press('Control+Enter')
      await page.locator('.criterion', { hasText: 'Three' }).waitFor(soon)
      await button(page, 'Take criterion 1 away').click()
      await expect.poll(() => page.locator('.criterion').count(), soon).toBe(2)
      expect((await shown(here, id)).criteria).toEqual([
        { text: 'Two', verdict: 'failed', evidence: 'run 88' },
        { text: 'Three', verdict: 'open', evidence: null },
      ])
      expect(here.faults).toEqual([])
    })

    test('one that somebody else rewrote meanwhile is not overwritten, and the draft is not lost', async () => {
      const { here, id, page } = await withItem({ criteria: ['One'] })
      await button(page, 'Edit criterion 1').click()
      await page.getByRole('textbox', { name: 'Criterion' }).fill('One of mine')
      await here.run('item.update', { id, criteria: ['One of theirs'] })
      const both = page.getByRole('region', { name: 'Two versions: Criterion' })
      await both.waitFor(soon)
      await both.getByText('One of mine').waitFor(soon)
      await button(page, 'Take yours').click()
      await expect
        .poll(async () => (await shown(here, id)).criteria.map(({ text }) => text), soon)
        .toEqual([...['One of theirs', 'One of mine']])
    })
  })

  test('what somebody else does arrives: title, stage, criteria, children', async () => {
    const { here, id, page } = await withItem()
    await page.getByRole('heading', { level: 1 }).waitFor(soon)
    await here.run('item.update', { id, title: 'Renamed elsewhere', addCriteria: ['From afar'] })
    await page.getByRole('heading', { level: 1, name: 'Renamed elsewhere' }).waitFor(soon)
    await here.run('item.create', { title: 'A new part', parent: id })
    await page.locator('.twig', { hasText: 'A new part' }).waitFor(soon)
    await here.run('item.move', { id, to: 'spec' })
    await page.locator('[aria-current="step"]', { hasText: 'Spec' }).waitFor(soon)
    await page.locator('.criterion', { hasText: 'From afar' }).waitFor(soon)
    expect(here.faults).toEqual([])
  })

  test('hostile texts are text, and a million characters do not hold it up', async () => {
    const evil =
      '<img src=x onerror="document.title=1"><script>hacked=1</script>\u202e [x](javascript:hacked=1)'
    const here = await site()
    const { id } = await here.run('item.create', {
      ...{
        title: evil.repeat(5).slice(0, 490),
        labels: [evil.slice(0, 90)],
        assignee: evil.slice(0, 90),
        branch: evil,
      },
      ...{ description: `${'word **bold** '.repeat(70_000)}END`, spec: evil, criteria: [evil] },
    })
    await here.run('item.note', { id, text: evil })
    await here.run('item.create', { title: evil.repeat(5).slice(0, 490), parent: id })
    const on = await here.run('item.create', { title: `${'endless'.repeat(60)}` })
    await here.run('dependency.add', { id, on: on.id })
    await here.run('item.block', { id, reason: evil })
    const page = await here.open(`/items/${id}`)
    await button(page, 'Show all (981 kB)').waitFor(soon)
    expect(await page.evaluate(() => 'hacked' in globalThis || document.title === '1')).toBe(false)
    expect(await page.locator('.prose :is(img, script), .prose a[href^="javascript"]').count()).toBe(0)
    await page.locator('.twig').nth(1).waitFor(soon)
    await page.locator('.entry').first().waitFor(soon)
    for (const width of [1440, 768, 390]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
    await button(page, 'Show all (981 kB)').click()
    await expect
      .poll(() => page.locator('.prose').first().textContent(), { timeout: 20_000 })
      .toContain('END')
    expect(here.faults).toEqual([])
  })

  test.each(['light', 'dark'] as const)('%s: nothing keeps anybody out', async (colorScheme) => {
    const { here, id } = await withItem({
      criteria: ['One `code`'],
      spec: '# How\n\n```\nlong\n```\n\n|a|\n|-|\n|b|',
    })
    await here.run('item.block', { id, reason: 'A key is missing' })
    await here.run('item.create', { title: 'A part', parent: id })
    await here.run('item.move', { id, to: 'live' })
    const incident = await here.run('incident.open', { id, title: 'It lost pages' })
    for (const [path, open] of [
      [`/items/${id}`, 'Judge criterion 1'],
      [`/items/${id}`, 'Edit Spec'],
      [`/items/${incident.id}`, 'Move to Building'],
    ] as const) {
      const page = await here.open(path, { colorScheme })
      await page.locator('.entry').first().waitFor(soon)
      await button(page, open).last().click()
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(
        violations.map(({ id: rule, nodes }) => `${rule}: ${nodes.map(({ html }) => html.slice(0, 160))}`),
      ).toEqual([])
    }
    expect(here.faults).toEqual([])
  })
})
