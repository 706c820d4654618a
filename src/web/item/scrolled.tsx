/** What is longer or wider than its room: scrolled by the keys too. */

import type { ComponentChildren } from 'preact'

interface ScrolledProps {
  name: string
  kind: string
  children: ComponentChildren
}

export const Scrolled = ({ name, kind, children }: ScrolledProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without it nobody could scroll by keys
  <section class={kind} aria-label={name} tabIndex={0} dir="auto">
    {children}
  </section>
)
