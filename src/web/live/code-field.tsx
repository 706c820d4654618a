/** A text field for JSON, with the numbers of its lines. */

import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'

interface CodeFieldProps {
  label: string
  field: RefObject<HTMLTextAreaElement | null>
  value: string
  readOnly: boolean
  isWrong: boolean
  /** Id of what is said of it. */
  describedBy: string
  onInput(text: string): void
  onSave(): void
}

/** So many lines are seen at once. */
const rows = { least: 8, most: 26 }
/** Of a text without end not all lines are counted. */
const numbered = 2_000

export function CodeField({ label, field, value, readOnly, isWrong, describedBy, ...on }: CodeFieldProps) {
  const numbers = useRef<HTMLPreElement>(null)
  const lines = value.split('\n').length
  return (
    <div class={`code-field${isWrong ? ' wrong' : ''}`}>
      <div class="code-numbers" aria-hidden="true">
        <pre ref={numbers}>
          {Array.from({ length: Math.min(lines, numbered) }, (_, n) => n + 1).join('\n')}
        </pre>
      </div>
      <textarea
        ref={field}
        class="code"
        aria-label={label}
        aria-invalid={isWrong}
        aria-describedby={describedBy}
        wrap="off"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        readOnly={readOnly}
        rows={Math.min(rows.most, Math.max(rows.least, lines + 1))}
        value={value}
        onInput={(event) => on.onInput(event.currentTarget.value)}
        onScroll={(event) => {
          const { scrollTop } = event.currentTarget
          if (numbers.current) numbers.current.style.transform = `translateY(${-scrollTop}px)`
        }}
        onKeyDown={(event) => {
          if ((event.metaKey || event.ctrlKey) && (event.key === 's' || event.key === 'Enter')) {
            event.preventDefault()
            on.onSave()
          }
        }}
      />
    </div>
  )
}
