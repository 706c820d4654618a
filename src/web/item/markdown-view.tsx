/** A text as Markdown; the rest of a long one when it is asked for, piece by piece. */

import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { rendered } from './markdown.ts'
import { pieces, sizeText } from './pieces.ts'

interface MarkdownProps {
  text: string
  /** Of the heading above. */
  level?: number
  /** Characters that are shown at first. */
  most?: number
}

export function Markdown({ text, level = 2, most }: MarkdownProps) {
  const parts = useMemo(() => pieces(text, most), [text, most])
  const [whole, setWhole] = useState(false)
  const shown = whole ? parts : parts.slice(0, 1)
  return (
    <div class="prose" dir="auto">
      {shown.map((part, at) => (
        <Piece key={at} text={part} level={level} at={at} />
      ))}
      {parts.length > 1 && (
        <button type="button" class="button small show-all" onClick={() => setWhole(!whole)}>
          {whole ? 'Show the beginning only' : `Show all (${sizeText(text.length)})`}
        </button>
      )}
    </div>
  )
}

/** So long a piece waits for each one before it: the page stays awake in between. */
const pauseMs = 30

function Piece({ text, level, at }: { text: string; level: number; at: number }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const draw = (): void => place.current?.replaceChildren(rendered(text, level))
    if (at === 0) {
      draw()
      return undefined
    }
    const timer = setTimeout(draw, at * pauseMs)
    return () => clearTimeout(timer)
  }, [text, level, at])
  return <div ref={place} class="piece" />
}

/** The same without Markdown: what programs wrote. */
export function Plain({ text, most = 4_000 }: { text: string; most?: number }) {
  const [whole, setWhole] = useState(false)
  return (
    <div class="verbatim" dir="auto">
      {whole ? text : text.slice(0, most)}
      {text.length > most && (
        <button type="button" class="button small show-all" onClick={() => setWhole(!whole)}>
          {whole ? 'Show the beginning only' : `Show all (${sizeText(text.length)})`}
        </button>
      )}
    </div>
  )
}
