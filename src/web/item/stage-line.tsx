/** The path of the item as a line: where it stands, what it left out, and where it may go. */

import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { isOnPath, paths, type Stage, stageName, stages } from '../../domain/stage.ts'
import { may } from '../session.ts'
import { CommandLine } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { stageTitle as plainTitle } from '../ui/item-signs.tsx'
import { done } from './deed.ts'
import * as lines from './lines.ts'
import type { Shown } from './state.ts'

/** As it is called for the type: an incident is open, and resolved. */
export function stageTitle(type: Shown['type'], stage: Stage): string {
  const name = stageName(type, stage)
  return name === stage ? plainTitle(stage) : name[0]!.toUpperCase() + name.slice(1)
}

/** The path of the type; a stage off it that the owner's own SQL left is shown in its place. */
const pathOf = ({ type, stage }: Shown): Stage[] =>
  stages.filter((each) => isOnPath(type, each) || each === stage)

export function StageLine({ item }: { item: Shown }) {
  const target = useSignal<Stage | undefined>(undefined)
  const opener = useRef<HTMLElement | null>(null)
  const path = pathOf(item)
  const mayMove = may('item:move')
  const next = paths[item.type][paths[item.type].indexOf(item.stage) + 1]
  const open = (to: Stage, from: EventTarget | null): void => {
    opener.current = from as HTMLElement
    target.value = to
  }
  const close = (): void => {
    target.value = undefined
    opener.current?.focus()
  }
  return (
    <section class="stages" aria-label="Stage">
      <div class="stages-row">
        <ol class="line">
          {path.map((stage) => (
            <Stop
              key={stage}
              item={item}
              stage={stage}
              path={path}
              {...(mayMove ? { choose: (from: EventTarget | null) => open(stage, from) } : {})}
            />
          ))}
        </ol>
        {mayMove && next && (
          <button
            type="button"
            class="button primary next"
            onClick={(event) => open(next, event.currentTarget)}
          >
            Move to {stageTitle(item.type, next)}
            <Icon name="right" />
          </button>
        )}
      </div>
      {target.value && target.value !== item.stage && (
        <MoveForm key={target.value} item={item} to={target.value} close={close} />
      )}
    </section>
  )
}

interface StopProps {
  item: Shown
  stage: Stage
  path: readonly Stage[]
  choose?(from: EventTarget | null): void
}

function Stop({ item, stage, path, choose }: StopProps) {
  const isHere = stage === item.stage
  const isSkipped = item.skipped.includes(stage)
  const isPast = path.indexOf(stage) < path.indexOf(item.stage)
  const state = isHere ? 'here' : isSkipped ? 'skipped' : isPast ? 'past' : 'ahead'
  const title = stageTitle(item.type, stage)
  const inner = (
    <>
      <span class="stop-dot" />
      <span class="stop-name">
        {title}
        {isSkipped && <span class="spoken"> (skipped)</span>}
      </span>
    </>
  )
  return (
    <li class={`stop ${state} stage-${stage}`} aria-current={isHere ? 'step' : undefined}>
      {choose && !isHere ? (
        <button
          type="button"
          class="stop-body"
          aria-label={`Move to ${title}${isSkipped ? ', skipped so far' : ''}`}
          title={isSkipped ? `${title} was skipped` : undefined}
          onClick={(event) => choose(event.currentTarget)}
        >
          {inner}
        </button>
      ) : (
        <span class="stop-body">{inner}</span>
      )}
    </li>
  )
}

function MoveForm({ item, to, close }: { item: Shown; to: Stage; close(): void }) {
  const chosen = useSignal(to)
  const note = useSignal('')
  const busy = useSignal(false)
  const first = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => first.current?.focus(), [])
  const submit = async (): Promise<void> => {
    busy.value = true
    const input = { id: item.id, to: chosen.value, ifMatch: item.version }
    const because = note.value.trim()
    const title = stageTitle(item.type, chosen.value)
    const moved = await done(
      'item.move',
      because === '' ? input : { ...input, note: because },
      `#${item.id} is in ${title}`,
    )
    busy.value = false
    if (moved) close()
  }
  return (
    <form
      class="inline-form"
      aria-label="Move"
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy.value) void submit()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      <label class="small-label">
        To
        <select
          value={chosen.value}
          onChange={(event) => (chosen.value = event.currentTarget.value as Stage)}
        >
          {paths[item.type]
            .filter((stage) => stage !== item.stage)
            .map((stage) => (
              <option key={stage} value={stage}>
                {stageTitle(item.type, stage)}
              </option>
            ))}
        </select>
      </label>
      <label class="small-label wide">
        Note, if there is something to say
        <input
          ref={first}
          autocomplete="off"
          maxLength={2_000}
          onInput={(event) => (note.value = event.currentTarget.value)}
        />
      </label>
      <div class="inline-deeds">
        <button type="submit" class="button primary small" disabled={busy.value}>
          Move
        </button>
        <button type="button" class="button small" onClick={close}>
          Cancel
        </button>
        <CommandLine line={lines.move(item.id, stageName(item.type, chosen.value), note.value.trim())} />
      </div>
    </form>
  )
}
