/** Deeds behind a button: one menu for the page, above everything, by mouse and by keys. */

import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'
import '../styles/menu.css'

export interface MenuDeed {
  label: string
  icon: IconName
  /** The same at the command line. */
  line?: string
  run(): void
}

interface Open {
  label: string
  deeds: MenuDeed[]
  button: HTMLElement
}

const open = signal<Open | undefined>(undefined)

export const MenuButton = ({ label, deeds }: { label: string; deeds(): MenuDeed[] }) => (
  <button
    type="button"
    class="icon-button"
    aria-haspopup="menu"
    aria-label={label}
    title={label}
    onClick={(event) => {
      event.preventDefault()
      open.value = { label, deeds: deeds(), button: event.currentTarget }
    }}
  >
    <Icon name="more" />
  </button>
)

/** Where the menu opens: once in a page that has menu buttons. */
export function MenuPlace() {
  const menu = useRef<HTMLDivElement>(null)
  const shown = open.value
  useEffect(
    () => () => {
      open.value = undefined
    },
    [],
  )
  useEffect(() => {
    if (!shown || !menu.current) return
    place(menu.current, shown.button)
    menu.current.showPopover()
    menu.current.querySelector<HTMLElement>('[role=menuitem]')?.focus()
  }, [shown])
  if (!shown) return null
  const close = (): void => {
    open.value = undefined
    // The row may have been drawn anew meanwhile.
    if (shown.button.isConnected) shown.button.focus()
  }
  return (
    <div
      ref={menu}
      popover="auto"
      class="menu"
      role="menu"
      aria-label={shown.label}
      onToggle={(event) => {
        if ((event as unknown as ToggleEvent).newState === 'closed') open.value = undefined
      }}
      onKeyDown={(event) => pressed(event, menu.current!, close)}
    >
      {shown.deeds.map(({ label, icon, line, run }) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            close()
            run()
          }}
        >
          <Icon name={icon} />
          <span>{label}</span>
          {line && <code>{line}</code>}
        </button>
      ))}
    </div>
  )
}

/** Below the button, or above it where there is no room. */
function place(menu: HTMLElement, button: HTMLElement): void {
  const { right, top, bottom } = button.getBoundingClientRect()
  const isLow = bottom > innerHeight * 0.6
  Object.assign(menu.style, {
    right: `${Math.max(8, document.documentElement.clientWidth - right)}px`,
    top: isLow ? 'auto' : `${bottom + 4}px`,
    bottom: isLow ? `${innerHeight - top + 4}px` : 'auto',
  })
}

function pressed(event: KeyboardEvent, menu: HTMLElement, close: () => void): void {
  const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')]
  const at = items.indexOf(document.activeElement as HTMLElement)
  const to = {
    ArrowDown: items[(at + 1) % items.length],
    ArrowUp: items[(at - 1 + items.length) % items.length],
    Home: items[0],
    End: items.at(-1),
  }[event.key]
  if (event.key === 'Escape' || event.key === 'Tab') close()
  else if (to) to.focus()
  else return
  event.preventDefault()
  event.stopPropagation()
}
