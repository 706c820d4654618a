/**
 * Cards carried by mouse, pen or finger: a mouse that moves picks up, a finger that rests does. One handler on the
 * board; while a card is carried nothing is drawn anew but its ghost.
 */

import type { Stage } from '../../domain/stage.ts'

export interface Carrying {
  /** Whether a card may be picked up, by its id. */
  pick(id: number): boolean
  mayDrop(id: number, stage: Stage): boolean
  drop(id: number, stage: Stage): void
  /** It was let go over a stage that does not take it. */
  refuse(id: number, stage: Stage): void
  /** The card is in no hand any more. */
  end(): void
}

/** Pixels that a mouse may tremble, and a finger. */
const tremble = { mouse: 5, touch: 10 }
const restMs = 220
/** So long within so many pixels of an edge, and the board scrolls, by so many a frame at the most. */
const edge = { px: 72, speed: 18, restMs: 300 }

interface Held {
  id: number
  card: HTMLElement
  pointer: number
  startX: number
  startY: number
  x: number
  y: number
  ghost?: HTMLElement
  targets: { stage: Stage; element: HTMLElement; allowed: boolean }[]
  over?: HTMLElement | undefined
  timer?: ReturnType<typeof setTimeout>
  /** Since when it is at an edge. */
  nearMs?: number | undefined
  frame?: number
}

/** @param board what scrolls sideways; its columns bear `data-stage`, its cards `data-id` */
export function carry(board: HTMLElement, hand: Carrying): () => void {
  let held: Held | undefined

  const down = (event: PointerEvent): void => {
    if (held || event.button !== 0 || !event.isPrimary) return
    const card = (event.target as Element).closest<HTMLElement>('[data-id]')
    if (!card || !board.contains(card)) return
    const { clientX: x, clientY: y, pointerId: pointer } = event
    held = { id: Number(card.dataset.id), card, pointer, startX: x, startY: y, x, y, targets: [] }
    if (event.pointerType !== 'mouse') held.timer = setTimeout(lift, restMs)
  }

  const moved = (event: PointerEvent): void => {
    if (!held || event.pointerId !== held.pointer) return
    held.x = event.clientX
    held.y = event.clientY
    if (held.ghost) return
    const far = Math.hypot(held.x - held.startX, held.y - held.startY)
    if (event.pointerType === 'mouse') {
      if (far > tremble.mouse) lift()
    } else if (far > tremble.touch) letGo()
  }

  const lift = (): void => {
    if (!held || !hand.pick(held.id)) {
      letGo()
      return
    }
    const { id, card } = held
    held.targets = [...board.querySelectorAll<HTMLElement>('[data-stage]')].map((element) => {
      const stage = element.dataset.stage as Stage
      const allowed = hand.mayDrop(id, stage)
      element.dataset.drop = allowed ? 'yes' : 'no'
      return { stage, element, allowed }
    })
    held.ghost = ghostOf(card)
    card.dataset.carried = ''
    document.documentElement.dataset.carrying = ''
    step()
  }

  const step = (): void => {
    if (!held?.ghost) return
    const { ghost, x, y, startX, startY } = held
    ghost.style.transform = `translate(${x - startX}px, ${y - startY}px) rotate(1.5deg)`
    scrollNear(board, held)
    mark(held)
    held.frame = requestAnimationFrame(step)
  }

  const up = (event: PointerEvent): void => {
    if (!held || event.pointerId !== held.pointer) return
    const { id, ghost, over, targets } = held
    const target = targets.find(({ element }) => element === over)
    if (ghost) swallowClick()
    letGo()
    if (!ghost || !target) return
    if (target.allowed) hand.drop(id, target.stage)
    else hand.refuse(id, target.stage)
  }

  const letGo = (): void => {
    if (!held) return
    const { ghost, card, targets, timer, frame } = held
    held = undefined
    clearTimeout(timer)
    if (frame !== undefined) cancelAnimationFrame(frame)
    delete card.dataset.carried
    for (const { element } of targets) {
      delete element.dataset.drop
      delete element.dataset.over
    }
    delete document.documentElement.dataset.carrying
    ghost?.remove()
    if (ghost) hand.end()
  }

  const cancelled = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && held?.ghost) {
      event.stopPropagation()
      letGo()
    }
  }
  // A finger that carries does not scroll; a link is not dragged as a link.
  const still = (event: Event): void => {
    if (held?.ghost) event.preventDefault()
  }
  const no = (event: Event): void => event.preventDefault()
  const menu = (event: Event): void => {
    if (held) event.preventDefault()
  }

  const ended = new AbortController()
  const { signal } = ended
  board.addEventListener('pointerdown', down, { signal })
  board.addEventListener('dragstart', no, { signal })
  board.addEventListener('contextmenu', menu, { signal })
  document.addEventListener('touchmove', still, { passive: false, signal })
  document.addEventListener('pointermove', moved, { signal })
  document.addEventListener('pointerup', up, { signal })
  document.addEventListener('pointercancel', letGo, { signal })
  document.addEventListener('keydown', cancelled, { capture: true, signal })
  return () => {
    letGo()
    ended.abort()
  }
}

function ghostOf(card: HTMLElement): HTMLElement {
  const { left, top, width, height } = card.getBoundingClientRect()
  const ghost = card.cloneNode(true) as HTMLElement
  ghost.removeAttribute('data-id')
  ghost.removeAttribute('href')
  ghost.setAttribute('aria-hidden', 'true')
  ghost.classList.add('ghost')
  Object.assign(ghost.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
  })
  document.body.append(ghost)
  return ghost
}

/** The column under the pointer; above and below it, too. */
function mark(held: Held): void {
  const over = held.targets.find(({ element }) => {
    const { left, right } = element.getBoundingClientRect()
    return left <= held.x && held.x < right
  })?.element
  if (over === held.over) return
  if (held.over) delete held.over.dataset.over
  held.over = over
  if (over) over.dataset.over = ''
}

function scrollNear(board: HTMLElement, held: Held): void {
  const { left, right } = board.getBoundingClientRect()
  const { x } = held
  const near = x < left + edge.px ? x - left - edge.px : x > right - edge.px ? x - right + edge.px : 0
  const nowMs = document.timeline.currentTime as number
  if (near === 0) held.nearMs = undefined
  else held.nearMs ??= nowMs
  if (held.nearMs === undefined || nowMs - held.nearMs < edge.restMs) return
  board.scrollLeft += Math.max(-1, Math.min(1, near / edge.px)) * edge.speed
}

/** The click that ends carrying opens nothing. */
function swallowClick(): void {
  const swallow = (event: Event): void => {
    event.preventDefault()
    event.stopPropagation()
  }
  document.addEventListener('click', swallow, { capture: true, once: true })
  setTimeout(() => document.removeEventListener('click', swallow, { capture: true }), 50)
}
