/** The frame around every page: where one can go, whether the server is there, what happened. */

import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { Refused } from './api.ts'
import { BoardPage } from './board/page.tsx'
import { CreateDialog } from './create.tsx'
import { link } from './events.ts'
import { openIncidents } from './open-incidents.ts'
import { openPalette, Palette } from './palette/door.tsx'
import { place } from './router.ts'
import { Said } from './said.tsx'
import { session } from './session.ts'
import { chooseTheme, theme } from './theme.ts'
import { Icon } from './ui/icon.tsx'
import markUrl from './ui/mark.svg'
import { Trouble } from './ui/trouble.tsx'
import { ways } from './ways.ts'

interface Page {
  path: RegExp
  /** Loaded when somebody goes there. */
  load(): Promise<ComponentType<{ words: string[] }>>
}

const pages: Page[] = [
  { path: /^\/items\/(\d+)$/, load: () => import('./item/page.tsx').then((m) => m.ItemPage) },
  { path: /^\/live$/, load: () => import('./live/page.tsx').then((m) => m.LivePage) },
  { path: /^\/live\/(\d+)$/, load: () => import('./live/item-page.tsx').then((m) => m.LiveItemPage) },
  { path: /^\/incidents$/, load: () => import('./incidents/page.tsx').then((m) => m.IncidentsPage) },
  { path: /^\/dashboard$/, load: () => import('./dashboard/page.tsx').then((m) => m.DashboardPage) },
  { path: /^\/search$/, load: () => import('./search/page.tsx').then((m) => m.SearchPage) },
  { path: /^\/list$/, load: () => import('./list/page.tsx').then((m) => m.ListPage) },
]

const loaded = signal<{ page: Page; View: ComponentType<{ words: string[] }> } | undefined>(undefined)

/** The page whose code could not be had. */
const unloaded = signal<Page | undefined>(undefined)

const notLoaded = new Refused({
  code: 'offline',
  detail: 'this page could not be loaded',
  hint: 'the server does not answer, or was brought up to another version meanwhile',
})

async function bring(page: Page): Promise<void> {
  try {
    loaded.value = { page, View: await page.load() }
    unloaded.value = undefined
  } catch {
    unloaded.value = page
  }
}

function Main() {
  const { path } = place.value
  const page = pages.find((each) => each.path.test(path))
  const isThere = link.value !== 'lost'
  useEffect(() => {
    if (page && loaded.value?.page !== page) void bring(page)
  }, [page, isThere])
  if (path === '/' || path === '/board') return <BoardPage />
  if (!page) return <Lost />
  if (loaded.value?.page !== page) {
    if (unloaded.value !== page) return <div class="page" aria-busy="true" />
    return (
      <div class="page">
        <h1 class="spoken">This page is not loaded</h1>
        <Trouble refused={notLoaded} again={() => location.reload()} />
      </div>
    )
  }
  const { View } = loaded.value
  return <View words={page.path.exec(path)!.slice(1)} />
}

const Lost = () => (
  <div class="page">
    <div class="empty">
      <h1>There is nothing here</h1>
      <p>
        <a href="/">Back to the board</a>
      </p>
    </div>
  </div>
)

export const App = () => (
  <div class="app">
    <a class="skip-link" href="#main">
      Skip to the content
    </a>
    <Rail />
    <main id="main" tabIndex={-1}>
      <Offline />
      <Main />
    </main>
    <CreateDialog />
    <Palette />
    <Said />
  </div>
)

const Offline = () =>
  link.value === 'lost' ? (
    <p class="offline" role="status">
      The server does not answer. What is shown may be old; it is asked again and again.
    </p>
  ) : null

function Rail() {
  const { path } = place.value
  return (
    <nav class="rail" aria-label="Pages">
      <a class="mark" href="/" aria-label="Throughline, board">
        <img src={markUrl} alt="" width="28" height="28" />
        <span class="way-name">Throughline</span>
      </a>
      {ways.map(({ href, name, icon, here }) => (
        <a key={href} href={href} class="way" aria-current={here.test(path) ? 'page' : undefined}>
          <Icon name={icon} />
          <span class="way-name">{name}</span>
          {href === '/incidents' && openIncidents.value > 0 && (
            <span class="count bad">{openIncidents.value}</span>
          )}
        </a>
      ))}
      <span class="rail-space" />
      <button
        type="button"
        class="way"
        aria-label="Find or run"
        aria-keyshortcuts="Control+K Meta+K"
        title="Find or run (Ctrl K, ⌘ K)"
        onClick={() => openPalette()}
      >
        <Icon name="terminal" />
        <span class="way-name">Find or run</span>
      </button>
      <button
        type="button"
        class="way way-keys"
        aria-label="Keys"
        aria-keyshortcuts="?"
        title="Keys (?)"
        onClick={() => openPalette('keys')}
      >
        <Icon name="keyboard" />
        <span class="way-name">Keys</span>
      </button>
      <ThemeButton />
      {session.value && (
        <span class="rail-foot" title={session.value.pipeline}>
          <span class="way-name one-line">{session.value.actor}</span>
        </span>
      )}
    </nav>
  )
}

const themeIcons = { auto: 'auto', light: 'sun', dark: 'moon' } as const

function ThemeButton() {
  const next = { auto: 'light', light: 'dark', dark: 'auto' } as const
  return (
    <button
      type="button"
      class="way"
      aria-label={`Colours: ${theme.value}. Change to ${next[theme.value]}`}
      onClick={() => chooseTheme(next[theme.value])}
    >
      <Icon name={themeIcons[theme.value]} />
      <span class="way-name">Colours: {theme.value}</span>
    </button>
  )
}
