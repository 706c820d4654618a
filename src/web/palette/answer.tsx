/** What an operation answered: a link to the item that it is about, and all of it for who wants to see. */

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { Icon } from '../ui/icon.tsx'
import { itemOf, type Route } from './doing.ts'

interface AnswerProps {
  answer: { data: unknown; warnings: string[] }
  route: Route
  close(): void
  again(): void
  children: ComponentChildren
}

/** Characters; what is longer is for the API. */
const shownMax = 100_000

function jsonOf(data: unknown): string {
  const text = JSON.stringify(data, null, 2) ?? 'null'
  return text.length > shownMax
    ? `${text.slice(0, shownMax)}\n… ${text.length - shownMax} characters more`
    : text
}

export function AnswerView({ answer: { data, warnings }, route, close, again, children }: AnswerProps) {
  const item = itemOf(data, route)
  const first = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => first.current?.querySelector<HTMLElement>('a, button.primary')?.focus(), [])
  return (
    <div class="palette-answer" ref={first}>
      <p class="palette-done">
        <Icon name="calm" />
        {route.method === 'get' ? 'This is the answer.' : 'Done.'}
        {item && (
          <a href={`/items/${item.id}`} onClick={close}>
            #{item.id} {item.title}
          </a>
        )}
      </p>
      {warnings.map((warning) => (
        <p key={warning} class="palette-warning">
          {warning}
        </p>
      ))}
      <details open={item === undefined}>
        <summary>The whole answer</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keys */}
        <pre tabIndex={0}>{jsonOf(data)}</pre>
      </details>
      <div class="palette-deeds">
        {children}
        <button type="button" class="button" onClick={again}>
          Once more
        </button>
        <button type="button" class="button primary" onClick={close}>
          Close
        </button>
      </div>
    </div>
  )
}
