/** The check itself, as JSON: held to the rules while one types, saved only over what one has read. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { tell } from '../api.ts'
import { guardLeaving } from '../router.ts'
import { toast, toastRefusal } from '../said.tsx'
import { may } from '../session.ts'
import { CommandLine, shellWord } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { CodeField } from './code-field.tsx'
import type { LiveItem } from './item-page.tsx'
import { lineAndColumn } from './json-place.ts'
import { type Judged, useJudged } from './judged.ts'
import { planWords } from './plan-words.ts'

const example = { type: 'http', url: 'https://example.com/health', frequency: '5m' }

const written = (check: LiveItem['healthCheck']): string => JSON.stringify(check ?? example, null, 2)

export function CheckEditor({ item }: { item: LiveItem }) {
  const stored = written(item.healthCheck)
  /** What was stored when the reader began to write; it is saved over that alone. */
  const [base, setBase] = useState({ text: stored, version: item.version })
  const [draft, setDraft] = useState(stored)
  const [isSaving, setSaving] = useState(false)
  const isChanged = draft !== base.text
  const isOvertaken = isChanged && stored !== base.text
  const judged = useJudged(draft, isChanged)
  const field = useRef<HTMLTextAreaElement>(null)

  useEffect(() => {
    // Nothing is written here yet: it follows what is stored.
    if (isChanged || (stored === base.text && item.version === base.version)) return
    setBase({ text: stored, version: item.version })
    setDraft(stored)
  }, [stored, item.version, isChanged])
  useEffect(() => {
    if (!isChanged) return
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', stay)
    const release = guardLeaving(() => confirm('The check is changed and not saved. Leave it?'))
    return () => {
      removeEventListener('beforeunload', stay)
      release()
    }
  }, [isChanged])

  const take = (text: string, version: number): void => {
    setBase({ text, version })
    setDraft(text)
  }
  const save = async (ifMatch: number): Promise<void> => {
    if (judged.kind !== 'good') return
    setSaving(true)
    try {
      const healthCheck = judged.check
      const { data, warnings } = await tell('item.update', { id: item.id, healthCheck, ifMatch })
      take(written(data.healthCheck), data.version)
      toast(
        data.changed.length === 0 ? 'The check is like that already' : `The check of #${item.id} is saved`,
      )
      for (const warning of warnings) toast(warning, { tone: 'warn' })
    } catch (error) {
      toastRefusal(error)
    } finally {
      setSaving(false)
    }
  }
  const mayWrite = may('item:write')
  return (
    <section class="editor-part" aria-labelledby="editor-name">
      <header class="part-head">
        <h2 id="editor-name">The check</h2>
        {item.healthCheck === null && <span class="hint">There is none yet; this is an example.</span>}
      </header>
      <CodeField
        label="Health check, as JSON"
        field={field}
        value={draft}
        readOnly={!mayWrite}
        isWrong={judged.kind === 'wrong'}
        describedBy="check-judgement"
        onInput={setDraft}
        onSave={() => void save(base.version)}
      />
      <Judgement judged={judged} text={draft} goTo={(offset) => goTo(field.current, offset)} />
      {isOvertaken && (
        <Overtaken
          theirs={stored}
          takeTheirs={() => take(stored, item.version)}
          saveMine={() => void save(item.version)}
        />
      )}
      {mayWrite && (
        <div class="editor-deeds">
          <button
            type="button"
            class="button primary"
            disabled={isSaving || judged.kind !== 'good' || (!isChanged && item.healthCheck !== null)}
            onClick={() => void save(base.version)}
          >
            Save
          </button>
          {isChanged && (
            <button type="button" class="button" onClick={() => take(stored, item.version)}>
              Discard
            </button>
          )}
        </div>
      )}
      <ByHand id={item.id} judged={judged} />
    </section>
  )
}

function goTo(field: HTMLTextAreaElement | null, offset: number): void {
  if (!field) return
  field.focus()
  field.setSelectionRange(offset, offset)
}

interface JudgementProps {
  judged: Judged
  text: string
  goTo(offset: number): void
}

const Judgement = ({ judged, text, goTo: go }: JudgementProps) => (
  <div id="check-judgement" class={`judgement ${judged.kind}`} role="status">
    {judged.kind === 'asking' && 'Reading it …'}
    {judged.kind === 'good' && (
      <p>
        <Icon name="check" /> {planWords(judged.plan)}
      </p>
    )}
    {judged.kind === 'unasked' && judged.message}
    {judged.kind === 'wrong' && (
      <>
        <ul>
          {judged.failures.map(({ field, message, offset }) => {
            const { line, column } = lineAndColumn(text, offset)
            return (
              <li key={`${field} ${message}`}>
                <button type="button" class="to-place" onClick={() => go(offset)}>
                  {line}:{column}
                </button>
                {field && <code>{field}</code>} {message}
              </li>
            )
          })}
        </ul>
        {judged.hint && <p class="hint">{judged.hint}</p>}
      </>
    )}
  </div>
)

interface OvertakenProps {
  theirs: string
  takeTheirs(): void
  saveMine(): void
}

const Overtaken = ({ theirs, takeTheirs, saveMine }: OvertakenProps) => (
  <div class="overtaken" role="alert">
    <p>
      <strong>Somebody saved another check meanwhile.</strong> Yours is still here; this is what is stored
      now:
    </p>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
    <pre tabIndex={0}>{theirs}</pre>
    <div class="editor-deeds">
      <button type="button" class="button" onClick={takeTheirs}>
        Take theirs
      </button>
      <button type="button" class="button danger" onClick={saveMine}>
        Save mine over it
      </button>
    </div>
  </div>
)

/** What cannot be done from here, and the line for it. */
function ByHand({ id, judged }: { id: number; judged: Judged }) {
  const check = judged.kind === 'good' ? judged.check : undefined
  return (
    <div class="by-hand">
      {check?.type === 'command' && (
        <p>
          A command that is saved here waits until somebody at the machine has read it and approved it:{' '}
          <CommandLine line={`pipeline check approve ${id}`} />
        </p>
      )}
      <p>
        The page can’t try a check before it is saved. At the machine, the stored one without storing what it
        finds: <CommandLine line={`pipeline check ${id} --dry-run`} />
      </p>
      {check && (
        <p>
          The same from there:{' '}
          <CommandLine line={`pipeline update ${id} --health-check ${shellWord(JSON.stringify(check))}`} />
        </p>
      )}
    </div>
  )
}
