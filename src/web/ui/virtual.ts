/** Long lists of which only what is seen is in the page. */

import {
  elementScroll,
  measureElement,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { RefObject } from 'preact'
import { useLayoutEffect, useReducer, useRef } from 'preact/hooks'

export interface VirtualOptions {
  scroller: RefObject<HTMLElement | null>
  count: number
  keyOf(index: number): number | string
  /** Pixels, until one is measured. */
  estimate: number
  gap?: number
  padding?: number
}

export interface Virtual {
  items: VirtualItem[]
  totalPx: number
  /** The `ref` of each element, which bears its place as `data-index`. */
  measure(element: Element | null): void
  scrollTo(index: number): void
}

export function useVirtual({
  scroller,
  count,
  keyOf,
  estimate,
  gap = 0,
  padding = 0,
}: VirtualOptions): Virtual {
  const [, draw] = useReducer((n: number) => n + 1, 0)
  const options = {
    ...{ count, gap, paddingStart: padding, paddingEnd: padding, overscan: 3 },
    ...{ observeElementRect, observeElementOffset, measureElement, scrollToFn: elementScroll },
    getScrollElement: () => scroller.current,
    getItemKey: keyOf,
    estimateSize: () => estimate,
    // Drawn within the same frame: what scrolls in is never blank.
    onChange: () => draw(0),
    initialRect: { width: 0, height: 800 },
  }
  const kept = useRef<Virtualizer<HTMLElement, Element> | undefined>(undefined)
  kept.current ??= new Virtualizer(options)
  const virtual = kept.current
  virtual.setOptions(options)
  useLayoutEffect(() => virtual._didMount(), [virtual])
  useLayoutEffect(() => virtual._willUpdate())
  return {
    items: virtual.getVirtualItems(),
    totalPx: virtual.getTotalSize(),
    measure: virtual.measureElement,
    scrollTo: (index) => virtual.scrollToIndex(index, { align: 'auto' }),
  }
}
