import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { Operations } from '../../src/ops/index.ts'
import type { OutputOf } from '../../src/ops/operation.ts'
import { type Site, site, useBrowser, without } from './browser.ts'

useBrowser()

type Out = OutputOf<Operations['dashboard.show']>

const group = (page: Page, kind: string) => page.locator(`[data-need="${kind}"]`)
const ids = (page: Page) => page.locator('.rows .id').allInnerTexts()
const pathOf = (page: Page): string => new URL(page.url()).pathname

const findings = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)

/** A group of each kind but channels: those need a configuration. */
async function troubled({ run }: Site): Promise<void> {
  await run('project.create', { name: 'Shop' })
  await run('item.create', { title: 'Held up', project: 'Shop' })
  await run('item.block', { id: 1, reason: '<b>waits</b> for "legal"' })
  await run('item.create', { title: 'To be read' })
  await run('item.move', { id: 2, to: 'spec-review' })
  await run('item.create', { title: 'Live and dark' })
  await run('item.move', { id: 3, to: 'live' })
  await run('incident.open', { id: 3, title: 'Checkout fails', severity: 'critical' })
}

/** What needs checks that ran, a command and a configuration, put into the answer. */
const everyGroup = (page: Page): Promise<unknown> =>
  page.route('**/api/v1/dashboard**', async (route) => {
    const response = await route.fetch()
    const json = (await response.json()) as { data: Out }
    const ref = {
      ...{ id: 1, title: 'z'.repeat(300), type: 'feature' as const, stage: 'live' as const },
      ...{ severity: null, assignee: 'agent:a-name-that-is-very-long', since: '2026-01-01T00:00:00.000Z' },
    }
    const one = { count: 120, list: { ids: [1] } }
    Object.assign(json.data.needs, {
      failing: {
        ...one,
        items: [{ ...ref, state: 'down', summary: '<i>500</i>'.repeat(20), incidentId: 2 }],
      },
      approvals: {
        ...one,
        items: [{ ...ref, since: null, command: 'curl --fail https://x.test '.repeat(9) }],
      },
      channels: { count: 1, names: ["it's mine"] },
      unwatched: { ...one, items: [ref] },
    })
    json.data.uptime.worst = [{ id: 1, title: 'w'.repeat(200), ratio: 0.99949, coverage: 0.4 }]
    await route.fulfill({ response, json })
  })

describe.skipIf(without)('the dashboard', () => {
  test('says first what needs a human, in the order of urgency, with what there is none of in one line', async () => {
    const here = await site()
    await troubled(here)
    const page = await here.open('/dashboard')
    await group(page, 'incidents').waitFor()
    const kinds = await page
      .locator('[data-need]')
      .evaluateAll((all) => all.map((it) => it.getAttribute('data-need')))
    expect(kinds).toEqual(['incidents', 'reviews', 'blocked', 'unwatched'])
    expect(await group(page, 'incidents').innerText()).toMatch(
      /Checkout fails[\s\S]*critical[\s\S]*Live and dark/i,
    )
    expect(await group(page, 'blocked').innerText()).toContain('<b>waits</b> for "legal"')
    await page.getByText('No failures, no commands to approve.').waitFor()
    expect(here.faults).toEqual([])
  })

  test('an empty pipeline is calm, and no number leads to nothing', async () => {
    const { open, faults } = await site()
    const page = await open('/dashboard')
    await page.getByText('Nothing waits for a human.').waitFor()
    await page.getByText('Nothing was finished in 12 weeks.').waitFor()
    expect(await findings(page)).toEqual([])
    expect(faults).toEqual([])
  })

  test('an incident is acknowledged from here, by the keys alone', async () => {
    const here = await site()
    await troubled(here)
    const page = await here.open('/dashboard')
    await group(page, 'incidents').getByRole('button', { name: 'Acknowledge' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => group(page, 'incidents').count(), { timeout: 5_000 }).toBe(0)
    expect((await here.run('incident.list', {})).items[0]?.incident.acknowledged?.by).toBe('human:max')
    expect(here.faults).toEqual([])
  })

  test('what somebody else does arrives, without a new page', async () => {
    const here = await site()
    await troubled(here)
    const page = await here.open('/dashboard')
    await group(page, 'blocked').waitFor()
    await page.evaluate('void (document.querySelector(".dashboard-body").id = "the-same")')
    await here.run('item.unblock', { id: 1 })
    await expect.poll(() => group(page, 'blocked').count(), { timeout: 5_000 }).toBe(0)
    await here.run('item.create', { title: 'One more' })
    await expect
      .poll(() => page.getByRole('link', { name: '2 items in Idea' }).count(), { timeout: 5_000 })
      .toBe(1)
    expect(await page.locator('#the-same').count()).toBe(1)
    expect(here.faults).toEqual([])
  })

  test('every number opens the items behind it', async () => {
    const here = await site()
    await troubled(here)
    const page = await here.open('/dashboard')
    const through = async (name: string | RegExp, expected: string[], heading: string | RegExp) => {
      await page.getByRole('link', { name }).first().click()
      await expect.poll(() => pathOf(page)).toBe('/list')
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      await expect.poll(() => ids(page)).toEqual(expected)
      await page.goBack()
      await group(page, 'incidents').waitFor()
    }
    await through('1: Blocked', ['#1'], 'Blocked')
    await through('1: Incidents, not acknowledged', ['#4'], 'Incidents that nobody has acknowledged')
    await through('1 item in Spec review', ['#2'], 'Spec review')
    await through(/^This week so far: 1 finished/, ['#3'], /^Finished in the week of/)
    await through(/^This week so far: 1 opened/, ['#4'], /^Incidents opened in the week of/)
    await through('1, open', ['#4'], 'Open incidents')
    expect(here.faults).toEqual([])
  })

  test('a project is chosen, and stands in the address', async () => {
    const here = await site()
    await troubled(here)
    const page = await here.open('/dashboard')
    await group(page, 'reviews').waitFor()
    await page.getByRole('combobox', { name: 'Project' }).selectOption('Shop')
    await expect.poll(() => group(page, 'reviews').count()).toBe(0)
    await group(page, 'blocked').waitFor()
    expect(new URL(page.url()).search).toBe('?project=Shop')
    await page.reload()
    await group(page, 'blocked').waitFor()
    expect(await page.getByRole('combobox', { name: 'Project' }).inputValue()).toBe('Shop')
    await page.getByRole('link', { name: '1 item in Idea' }).click()
    await expect.poll(() => ids(page)).toEqual(['#1'])
    expect(new URL(page.url()).searchParams.get('project')).toBe('Shop')
    expect(here.faults).toEqual([])
  })

  test('what waits for an approval says the line that gives it; of many the rest is a link away', async () => {
    const here = await site()
    const page = await here.open('/search')
    await everyGroup(page)
    await page.goto(`${here.url}/dashboard`)
    await group(page, 'approvals').waitFor()
    expect(await page.locator('[data-need] .command-line code').allInnerTexts()).toEqual([
      'pipeline check approve 1',
      String.raw`pipeline notify approve 'it'\''s mine'`,
    ])
    await group(page, 'failing').getByText('<i>500</i>').waitFor()
    await page.getByText('99.94 %').waitFor()
    await group(page, 'unwatched').getByRole('link', { name: 'and 119 more' }).click()
    expect(new URL(page.url()).searchParams.get('of')).toBe('120')
    expect(here.faults).toEqual([])
  })

  test('a project that there is not is said so', async () => {
    const { open } = await site()
    const page = await open('/dashboard?project=%3Cscript%3E')
    await page.getByRole('alert').filter({ hasText: '<script>' }).waitFor()
  })

  test.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 390],
  ] as const)('%s, %i pixels: axe finds nothing, and nothing sticks out', async (colorScheme, width) => {
    const here = await site()
    await here.run('demo.load', {})
    await here.run('item.create', {
      title: `<img src=x onerror=alert(1)> ${'مرحبا '.repeat(30)}${'x'.repeat(200)}`,
    })
    await here.run('item.move', { id: 15, to: 'building' })
    await here.run('item.block', { id: 15, reason: 'y'.repeat(2_000) })
    const page = await here.open('/search', { colorScheme, viewport: { width, height: 900 } })
    await everyGroup(page)
    await page.goto(`${here.url}/dashboard`)
    await group(page, 'blocked').waitFor()
    expect(await findings(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(here.faults).toEqual([])
  })
})

describe.skipIf(without)('a list', () => {
  test('is narrowed by its words, each of which can be taken away', async () => {
    const { open, run, faults } = await site()
    await run('item.create', { title: 'A', labels: ['urgent'] })
    await run('item.create', { title: 'B', labels: ['urgent'], type: 'bug' })
    await run('item.create', { title: 'C' })
    const page = await open('/list?label=urgent&type=bug')
    await expect.poll(() => ids(page)).toEqual(['#2'])
    expect(await page.locator('.command-line code').innerText()).toBe(
      'pipeline list --type bug --label urgent',
    )
    await page.getByRole('combobox', { name: 'type' }).selectOption('')
    await expect.poll(() => ids(page)).toEqual(['#1', '#2'])
    await page.getByRole('button', { name: 'Without label' }).click()
    await expect.poll(() => ids(page)).toEqual(['#1', '#2', '#3'])
    await page.getByRole('combobox', { name: 'sort' }).selectOption('-created')
    await expect.poll(() => ids(page)).toEqual(['#3', '#2', '#1'])
    expect(faults).toEqual([])
  })

  test('grows by pages, and keeps them when somebody changes something', async () => {
    const { open, run, faults } = await site()
    const lines = Array.from({ length: 130 }, (_, n) => ({
      op: 'item.create',
      input: { title: `Item ${n + 1}` },
    }))
    await run('batch.run', { operations: lines })
    const page = await open('/list')
    await page.getByText('100 shown').waitFor()
    await page.getByRole('button', { name: 'Show more' }).click()
    await page.getByText('130 shown').waitFor()
    await run('item.update', { id: 130, title: 'Changed by another' })
    await page.getByText('Changed by another').waitFor()
    expect(await ids(page)).toHaveLength(130)
    expect(faults).toEqual([])
  })

  test('what is no filter is refused in words', async () => {
    const { open } = await site()
    const page = await open('/list?stage=nowhere&ids=x')
    await page.getByRole('alert').filter({ hasText: 'must be' }).waitFor()
  })

  test.each(['light', 'dark'] as const)('%s: axe finds nothing', async (colorScheme) => {
    const { open, run } = await site()
    await run('demo.load', {})
    const page = await open('/list?all=true', { colorScheme })
    await page.locator('.row').first().waitFor()
    expect(await findings(page)).toEqual([])
  })
})

describe.skipIf(without)('search', () => {
  test('finds while one types, marks the words, and stands in the address', async () => {
    const { open, run, faults } = await site()
    await run('item.create', { title: 'Rate limits of the API' })
    await run('item.create', { title: 'Other', description: 'Also about the rate of the API' })
    const page = await open('/search')
    await page.locator('input[type="search"]:focus').waitFor()
    await page.keyboard.type('rate api')
    await expect.poll(() => ids(page)).toHaveLength(2)
    expect(await page.locator('.row mark').allInnerTexts()).toEqual(['Rate', 'API'])
    expect(new URL(page.url()).searchParams.get('q')).toBe('rate api')
    await run('item.create', { title: 'Rate of an API' })
    await expect.poll(() => ids(page), { timeout: 5_000 }).toHaveLength(3)
    await page.getByRole('searchbox').fill('nothing like it')
    await page.getByText('Nothing holds all of these words.').waitFor()
    await page.getByRole('searchbox').fill('—')
    await page.getByText('Only letters and digits are looked for.').waitFor()
    expect(faults).toEqual([])
  })

  test.each(['light', 'dark'] as const)('%s: axe finds nothing', async (colorScheme) => {
    const { open, run } = await site()
    await run('demo.load', {})
    const page = await open('/search?q=ex', { colorScheme })
    await page.locator('.row').first().waitFor()
    expect(await findings(page)).toEqual([])
  })

  test('a server that is gone is said so', async () => {
    const { open, run } = await site()
    await run('item.create', { title: 'Rates' })
    const page = await open('/search?q=rates')
    await expect.poll(() => ids(page)).toEqual(['#1'])
    await page.route('**/api/v1/search**', (route) => route.abort())
    await page.getByRole('searchbox').fill('rate')
    await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor()
  })
})
