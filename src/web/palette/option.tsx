/** One row of the palette. */

import { stageName } from '../../domain/stage.ts'
import { Icon } from '../ui/icon.tsx'
import { TypeSign } from '../ui/item-signs.tsx'
import { Marked } from '../ui/marked.tsx'
import { iconOf } from '../ways.ts'
import { type Option, wordsOf } from './options.ts'

interface OptionProps {
  id: string
  option: Option
  isActive: boolean
  point(): void
  choose(): void
}

export const OptionView = ({ id, option, isActive, point, choose }: OptionProps) => (
  // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the active option
  // biome-ignore lint/a11y/useKeyWithClickEvents: the field hears the keys
  <div
    id={id}
    role="option"
    class="palette-option"
    aria-selected={isActive}
    onPointerMove={isActive ? undefined : point}
    onPointerDown={(event) => event.preventDefault()}
    onClick={choose}
  >
    <Words option={option} />
  </div>
)

function Words({ option }: { option: Option }) {
  if (option.kind === 'item') {
    const { id, title, type, stage } = option.item
    return (
      <>
        <TypeSign type={type} />
        <span class="id">#{id}</span>
        <span class="one-line grow">
          <Marked text={title} marks={option.marks} />
        </span>
        <span class={`palette-stage stage-${stage}`}>{stageName(type, stage)}</span>
      </>
    )
  }
  if (option.kind === 'page')
    return (
      <>
        <Icon name={iconOf(option.page.href)} />
        <span class="grow">
          <Marked text={option.page.name} marks={option.marks} />
        </span>
        <span class="palette-kind">page</span>
      </>
    )
  if (option.kind === 'search')
    return (
      <>
        <Icon name="search" />
        <span class="one-line grow">
          Search descriptions, specs and notes for <strong>{option.query}</strong>
        </span>
      </>
    )
  const { command, marks, of } = option
  return (
    <>
      <Icon name="terminal" />
      <span class="one-line grow">
        <Marked text={command.summary} marks={of === 'summary' ? marks : []} />
      </span>
      <code>
        <Marked text={wordsOf(command)} marks={of === 'words' ? marks : []} />
      </code>
    </>
  )
}
