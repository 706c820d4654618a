import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { site, useBrowser, without } from './browser.ts'
import { button, shown, shows, soon, withItem } from './item-browser.ts'

describe.skipIf(without)('what is done on the page of an item', () => {
  useBrowser()

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
})
