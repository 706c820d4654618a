/** Two saved the same text: both are shown, and the reader says what stands. */

import { useEffect, useMemo, useRef } from 'preact/hooks'
import { copy } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { apart, type Line } from './lines-apart.ts'
import { Scrolled } from './scrolled.tsx'

interface ConflictProps {
  label: string
  /** Undefined: it is gone. */
  theirs: string | undefined
  yours: string
  takeTheirs(): void
  takeYours(): void
  merge(): void
  isLine: boolean
}

export function Conflict(props: ConflictProps) {
  const { label, theirs, yours, takeTheirs, takeYours, merge, isLine } = props
  const [left, right] = useMemo(() => apart(theirs ?? '', yours), [theirs, yours])
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => head.current?.focus(), [])
  return (
    <section class="conflict" aria-label={`Two versions: ${label}`}>
      <h3 ref={head} tabIndex={-1}>
        Somebody else saved this meanwhile
      </h3>
      <p class="hint">Nothing is lost: take one of the two, or bring them together by hand.</p>
      <div class="versions">
        <Version name="Theirs, saved" lines={left} text={theirs} />
        <Version name="Yours, not saved" lines={right} text={yours} />
      </div>
      <div class="editor-deeds">
        <button type="button" class="button small" onClick={takeTheirs}>
          Take theirs
        </button>
        <button type="button" class="button small" onClick={takeYours}>
          Take yours
        </button>
        <button type="button" class="button primary small" onClick={merge}>
          {isLine ? 'Go on editing yours' : 'Merge by hand'}
        </button>
      </div>
    </section>
  )
}

export const Version = ({ name, lines, text }: { name: string; lines: Line[]; text: string | undefined }) => (
  <div class="version">
    <h4>
      {name}
      {text !== undefined && (
        <button
          type="button"
          class="icon-button"
          aria-label={`Copy: ${name}`}
          onClick={() => void copy(text)}
        >
          <Icon name="copy" />
        </button>
      )}
    </h4>
    {text === undefined ? (
      <p class="none">It was rewritten or taken away.</p>
    ) : (
      <Scrolled kind="version-text" name={name}>
        {lines.map((line, at) => (
          <div key={at} class={line.isOwn ? 'own' : undefined}>
            {line.text === '' ? '\u00a0' : line.text}
          </div>
        ))}
      </Scrolled>
    )}
  </div>
)
