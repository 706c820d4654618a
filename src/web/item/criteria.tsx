/** When it counts as done: each criterion with its verdict and what shows it. */

import { useSignal } from '@preact/signals'
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { type Verdict, verdicts } from '../../domain/item.ts'
import { may } from '../session.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { done } from './deed.ts'
import { begin, draftedFields, drafts, placeOf, printOf } from './draft.ts'
import { Editor } from './editor.tsx'
import { criterionField, newCriterionField, strayFields } from './fields.ts'
import * as lines from './lines.ts'
import { Markdown } from './markdown-view.tsx'
import { Pencil, useEditing } from './prose.tsx'
import type { Shown } from './state.ts'

type Criterion = Shown['criteria'][number]

const signs: Record<Verdict, IconName> = { open: 'circle', passed: 'check', failed: 'x' }

export function Criteria({ item }: { item: Shown }) {
  const passed = item.criteria.filter(({ verdict }) => verdict === 'passed').length
  const { isEdited, edit, opener } = useEditing(item, newCriterionField)
  return (
    <section class="block" aria-labelledby="criteria-head">
      <header class="block-head">
        <h2 id="criteria-head">Acceptance criteria</h2>
        {item.criteria.length > 0 && (
          <span class="tally">
            {passed} of {item.criteria.length} passed
          </span>
        )}
        {may('item:write') && !isEdited && (
          <button ref={opener} type="button" class="button quiet small" onClick={edit}>
            <Icon name="plus" /> Add a criterion
          </button>
        )}
      </header>
      {item.criteria.length === 0 && !isEdited && (
        <p class="none">None yet: what must be so for it to be done?</p>
      )}
      <ol class="criteria">
        {item.criteria.map((criterion, at) => (
          <CriterionView key={`${at} ${criterion.text}`} item={item} criterion={criterion} at={at} />
        ))}
      </ol>
      {strayFields(draftedFields(item), item).map((field) => (
        <Editor key={field.name} item={item} field={field} most={2_000} />
      ))}
      {isEdited && <Editor item={item} field={newCriterionField} most={2_000} />}
    </section>
  )
}

function CriterionView({ item, criterion, at }: { item: Shown; criterion: Criterion; at: number }) {
  const { text, verdict, evidence } = criterion
  const isJudged = useSignal(false)
  const field = useMemo(() => criterionField(printOf(text)), [text])
  const place = placeOf(item, field.name)
  const isEdited = drafts.value.has(place)
  return (
    <li class={`criterion ${verdict}`}>
      <span class="verdict" title={verdict}>
        <Icon name={signs[verdict]} label={verdict} />
      </span>
      <div class="criterion-body">
        {isEdited ? <Editor item={item} field={field} most={2_000} /> : <Markdown text={text} />}
        {evidence && (
          <div class="evidence">
            <Markdown text={evidence} most={4_000} />
          </div>
        )}
        {isJudged.value && (
          <Judging item={item} at={at} verdict={verdict} close={() => (isJudged.value = false)} />
        )}
      </div>
      {may('item:write') && !isEdited && (
        <span class="criterion-deeds">
          <button
            type="button"
            class="button small"
            aria-expanded={isJudged.value}
            onClick={() => (isJudged.value = !isJudged.value)}
          >
            Judge<span class="spoken"> criterion {at + 1}</span>
          </button>
          <CriterionPencil item={item} at={at} edit={() => begin(place, text)} field={field} />
          <TakeAway item={item} at={at} />
        </span>
      )}
    </li>
  )
}

interface CriterionPencilProps {
  item: Shown
  at: number
  edit(): void
  field: ReturnType<typeof criterionField>
}

function CriterionPencil({ item, at, edit, field }: CriterionPencilProps) {
  const { opener } = useEditing(item, field)
  return <Pencil label={`Edit criterion ${at + 1}`} onClick={edit} opener={opener} />
}

/** What is taken away can be written again: no question, but a way back. */
const TakeAway = ({ item, at }: { item: Shown; at: number }) => (
  <button
    type="button"
    class="icon-button"
    aria-label={`Take criterion ${at + 1} away`}
    onClick={() =>
      void done(
        'item.update',
        { id: item.id, criteria: item.criteria.filter((_, index) => index !== at), ifMatch: item.version },
        'Criterion taken away',
      )
    }
  >
    <Icon name="trash" />
  </button>
)

interface JudgingProps {
  item: Shown
  at: number
  verdict: Verdict
  close(): void
}

function Judging({ item, at, verdict, close }: JudgingProps) {
  const chosen = useSignal<Verdict>(verdict === 'open' ? 'passed' : verdict)
  const evidence = useSignal('')
  const choices = useRef<HTMLFieldSetElement>(null)
  useLayoutEffect(() => choices.current?.querySelector<HTMLElement>(':checked')?.focus(), [])
  const shows = evidence.value.trim()
  const submit = async (): Promise<void> => {
    const judged = await done(
      'criterion.judge',
      {
        ...{ id: item.id, number: at + 1, verdict: chosen.value, ifMatch: item.version },
        ...(shows === '' ? {} : { evidence: shows }),
      },
      `Criterion ${at + 1}: ${chosen.value}`,
    )
    if (judged) close()
  }
  return (
    <form
      class="judging"
      aria-label={`Judge criterion ${at + 1}`}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      <fieldset ref={choices}>
        <legend class="spoken">Verdict</legend>
        {verdicts.map((each) => (
          <label key={each} class="choice">
            <input
              type="radio"
              name={`verdict-${at}`}
              value={each}
              checked={chosen.value === each}
              onChange={() => (chosen.value = each)}
            />
            {each}
          </label>
        ))}
      </fieldset>
      <label class="small-label wide">
        What shows it
        <textarea rows={2} dir="auto" onInput={(event) => (evidence.value = event.currentTarget.value)} />
      </label>
      <div class="inline-deeds">
        <button type="submit" class="button primary small">
          Give the verdict
        </button>
        <CommandLine line={lines.judge(item.id, at + 1, chosen.value, shows.slice(0, 2_000))} />
      </div>
    </form>
  )
}
