import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { type Site, site, useBrowser, without } from './browser.ts'

const soon = { timeout: 8_000 }

const shows = (page: Page, text: string) => page.getByText(text, { exact: true }).first().waitFor(soon)

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

async function withItem(more: object = {}): Promise<{ here: Site; id: number; page: Page }> {
  const here = await site()
  const { id } = await here.run('item.create', {
    title: 'Retry on rate limits',
    description: 'What **happens** today',
    ...more,
  })
  return { here, id, page: await here.open(`/items/${id}`) }
}

const shown = (here: Site, id: number) => here.run('item.show', { id, children: true })

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

  describe('its stage', () => {
    test('is moved by keys, with a note', async () => {
      const { here, id, page } = await withItem()
      await button(page, 'Move to Spec').last().focus()
      await page.keyboard.press('Enter')
      await page.keyboard.type('Ready to be written')
      await page.getByText(`pipeline move ${id} spec --note 'Ready to be written'`).waitFor(soon)
      await page.keyboard.press('Enter')
      await page.locator('[aria-current="step"]', { hasText: 'Spec' }).waitFor(soon)
      await page.locator('.entry', { hasText: 'Ready to be written' }).waitFor(soon)
      expect((await shown(here, id)).stage).toBe('spec')
    })

    test('a stop of the line far ahead is chosen first, and what is skipped stays in sight', async () => {
      const { here, id, page } = await withItem()
      await button(page, 'Move to QA').click()
      expect((await shown(here, id)).stage).toBe('idea')
      await page
        .getByRole('form', { name: 'Move' })
        .getByRole('button', { name: 'Move', exact: true })
        .click()
      await page.locator('.toast.warn', { hasText: 'skipped' }).waitFor(soon)
      expect(await page.locator('.stop.skipped').count()).toBe(3)
    })
  })

  test('dependencies and children come and go', async () => {
    const { here, id, page } = await withItem()
    const other = await here.run('item.create', { title: 'The helper' })
    await button(page, 'Add a dependency').click()
    await page.keyboard.type(`#${other.id}`)
    await page.keyboard.press('Enter')
    await shows(page, 'The helper')
    await here.run('item.move', { id: other.id, to: 'done' })
    await page.getByLabel('finished', { exact: true }).waitFor(soon)
    await button(page, `No longer wait for #${other.id}`).click()
    await shows(page, 'It waits for nothing.')
    await button(page, 'Add a child').click()
    await page.getByRole('dialog').getByLabel('Title').fill('A part of it')
    await page.keyboard.press('Enter')
    await page.locator('.twig', { hasText: 'A part of it' }).waitFor(soon)
    expect((await shown(here, id)).childCount).toBe(1)
    expect(here.faults).toEqual([])
  })

  test('a circle of dependencies is refused with its reason', async () => {
    const { page, id } = await withItem()
    await button(page, 'Add a dependency').click()
    await page.keyboard.type(String(id))
    await page.keyboard.press('Enter')
    await page.locator('.toast.bad', { hasText: "can't wait for itself" }).waitFor(soon)
  })

  test('facts are changed in place', async () => {
    const { here, id, page } = await withItem()
    await button(page, 'Change priority').click()
    await page.getByRole('combobox', { name: 'Priority' }).selectOption('1')
    await button(page, 'Save').click()
    await button(page, 'Change labels').click()
    await page.keyboard.type('a, b')
    await page.keyboard.press('Enter')
    await button(page, 'Take the label a, b away').waitFor(soon)
    await button(page, 'Change parent').click()
    await page.keyboard.type('nonsense')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor(soon)
    await page.keyboard.press('Escape')
    const now = await shown(here, id)
    expect([now.priority, now.labels]).toEqual([1, ['a, b']])
    expect(here.faults).toEqual([])
  })

  describe('the log', () => {
    test('is narrowed by kind and by who, and a note comes in at its top', async () => {
      const { here, id, page } = await withItem()
      await here.run('item.move', { id, to: 'spec' })
      await page.getByRole('textbox', { name: 'Note' }).fill('Seen **twice**')
      await page.keyboard.press('Control+Enter')
      await page.locator('.entry').first().getByText('twice').waitFor(soon)
      await button(page, 'Notes').click()
      await expect.poll(() => page.locator('.entry').count(), soon).toBe(1)
      await button(page, 'Changes').click()
      await expect.poll(() => page.locator('.entry').allTextContents(), soon).toHaveLength(2)
      await page.getByRole('combobox', { name: 'By whom' }).selectOption('human:max')
      await shows(page, 'Nothing of that kind.')
      expect(here.faults).toEqual([])
    })

    test('is long: older entries are asked for', async () => {
      const here = await site()
      const { id } = await here.run('item.create', { title: 'Talked about' })
      for (let n = 1; n <= 60; n += 1) await here.run('item.note', { id, text: `note ${n}` })
      const page = await here.open(`/items/${id}`)
      await page.locator('.entry', { hasText: 'note 60' }).waitFor(soon)
      expect(await page.locator('.entry').count()).toBe(40)
      await button(page, 'Show older').click()
      await expect.poll(() => page.locator('.entry').count(), soon).toBe(61)
      await here.run('item.note', { id, text: 'note 61' })
      await page.locator('.entry', { hasText: 'note 61' }).waitFor(soon)
      expect(await page.locator('.entry').count()).toBe(62)
    })
  })

  describe('actions', () => {
    const deed = (page: Page, name: string) => page.locator('summary', { hasText: name }).first()

    test('claim, block with a reason, unblock: each with its line', async () => {
      const { here, id, page } = await withItem()
      await deed(page, 'Claim').click()
      await shows(page, `pipeline claim ${id}`)
      await button(page, 'Take it').click()
      await expect.poll(async () => (await shown(here, id)).assignee, soon).toBe('human:max')
      await deed(page, 'Block').click()
      await page.getByRole('textbox', { name: 'What it waits for' }).fill("the provider's key")
      await shows(page, `pipeline block ${id} --reason 'the provider'\\''s key'`)
      await button(page, 'Flag as blocked').click()
      const strip = page.getByRole('region', { name: 'Blocked' })
      await strip.getByText("the provider's key").waitFor(soon)
      await strip.getByRole('button', { name: 'Unblock' }).click()
      await strip.waitFor({ state: 'detached', ...soon })
      await deed(page, 'Release').click()
      await button(page, 'Give it back').click()
      await expect.poll(async () => (await shown(here, id)).assignee, soon).toBe(null)
      expect(here.faults).toEqual([])
    })

    test('to delete says how many children lose their parent, and wants a yes', async () => {
      const { here, id, page } = await withItem()
      await here.run('item.create', { title: 'One', parent: id })
      await here.run('item.create', { title: 'Two', parent: id })
      await page.locator('.twig', { hasText: 'Two' }).waitFor(soon)
      await deed(page, 'Delete').click()
      await page.getByText('Its 2 children stay, and lose their parent.').waitFor(soon)
      await button(page, `Delete #${id}`).click()
      expect((await shown(here, id)).childCount).toBe(2)
      await page.getByRole('checkbox').check()
      await button(page, `Delete #${id}`).click()
      await page.waitForURL(`${here.url}/`)
      await expect(shown(here, id)).rejects.toThrow(/deleted/)
    })

    test('who may only read is offered nothing', async () => {
      const { here, id } = await withItem({ criteria: ['One'] })
      const page = await here.open('/api/v1/session')
      await page.route('**/api/v1/session', async (route) => {
        const answer = await route.fetch()
        const body = await answer.json()
        body.data.permissions = ['item:read']
        await route.fulfill({ response: answer, json: body })
      })
      await page.goto(`${here.url}/items/${id}`)
      await page.getByRole('heading', { level: 1 }).waitFor(soon)
      await expect
        .poll(
          () => page.getByRole('button', { name: /^(?:Edit|Move|Judge|Add|Change |New|Take)/ }).count(),
          soon,
        )
        .toBe(0)
      expect(await page.locator('summary').count()).toBe(0)
    })
  })

  describe('an incident', () => {
    async function burning() {
      const here = await site()
      const live = await here.run('item.create', { title: 'Invoice extractor' })
      await here.run('item.move', { id: live.id, to: 'live' })
      const { id } = await here.run('incident.open', {
        id: live.id,
        title: 'It lost pages',
        severity: 'critical',
      })
      return { here, id, live: live.id, page: await here.open(`/items/${id}`) }
    }
    const deed = (page: Page, name: string) =>
      page.getByRole('region', { name: 'What to do about it' }).locator('summary', { hasText: name })

    test('is acknowledged, taken up, given a fix and resolved; its timeline tells so', async () => {
      const { here, id, page } = await burning()
      const fix = await here.run('item.create', { title: 'Read all pages', type: 'bug' })
      await page.getByRole('heading', { name: 'Open incident' }).waitFor(soon)
      await deed(page, 'Acknowledge').click()
      await button(page, 'I know of it').click()
      await deed(page, 'Acknowledge').waitFor({ state: 'detached', ...soon })
      await deed(page, 'Take up').click()
      await button(page, 'Work on it').click()
      await page.locator('[aria-current="step"]', { hasText: 'Building' }).waitFor(soon)
      await deed(page, 'Name the fix').click()
      await page.getByRole('textbox', { name: 'Number of the item that fixes it' }).fill(`#${fix.id}`)
      await button(page, 'Name it').click()
      await page.locator('.known').getByText('Read all pages').waitFor(soon)
      await deed(page, 'Resolve').click()
      await page.getByRole('textbox', { name: 'What ended it' }).fill('Started it again')
      await button(page, 'Resolve it').click()
      await page.getByRole('heading', { name: 'Resolved incident' }).waitFor(soon)
      await page.locator('.step.good', { hasText: 'Started it again' }).waitFor(soon)
      expect((await shown(here, id)).incident?.resolvedBy).toBe('person')
      expect(here.faults).toEqual([])
    })

    test('has a draft of its postmortem', async () => {
      const { page } = await burning()
      await button(page, 'Postmortem draft').click()
      const dialog = page.getByRole('dialog', { name: 'Postmortem draft' })
      await dialog.getByRole('heading', { name: 'Root cause' }).waitFor(soon)
      await dialog.getByRole('button', { name: 'Close' }).click()
      await dialog.waitFor({ state: 'hidden', ...soon })
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
