/** What is known of the item besides its texts. */

import { useEffect } from 'preact/hooks'
import { severities } from '../../domain/item.ts'
import { type ItemType, isOnPath, types } from '../../domain/stage.ts'
import type { In } from '../api.ts'
import { projectNames, wantProjects } from '../projects.ts'
import { may, session } from '../session.ts'
import { copy } from '../ui/command-line.tsx'
import { Icon } from '../ui/icon.tsx'
import { Priority, TypeSign } from '../ui/item-signs.tsx'
import { Person } from '../ui/person.tsx'
import { Ago } from '../ui/time.tsx'
import { done } from './deed.ts'
import { actors } from './entries.ts'
import { Fact } from './fact.tsx'
import type { Shown } from './state.ts'

const priorityNames = ['1 highest', '2 normal', '3 low', '4 lowest']

const options = (values: readonly string[], none?: string) => [
  ...(none === undefined ? [] : [{ value: '', label: none }]),
  ...values.map((value) => ({ value, label: value })),
]

export function Facts({ item }: { item: Shown }) {
  useEffect(wantProjects, [])
  return (
    <section class="side-block" aria-labelledby="facts-head">
      <h2 id="facts-head">Facts</h2>
      <dl class="facts">
        <Assignee item={item} />
        <Place item={item} />
        <Kind item={item} />
      </dl>
      <Times item={item} />
    </section>
  )
}

const Assignee = ({ item }: { item: Shown }) => (
  <Fact
    item={item}
    name="Assignee"
    value={item.assignee ?? ''}
    flag="assign"
    known={[session.value?.actor ?? '', ...actors.value].filter((name) => name !== '')}
    placeholder="nobody"
    change={(text) => ({ assignee: text === '' ? null : text })}
  >
    {item.assignee ? <Person name={item.assignee} named /> : <span class="nothing">nobody</span>}
  </Fact>
)

const Place = ({ item }: { item: Shown }) => (
  <>
    <Fact
      item={item}
      name="Project"
      value={item.project ?? ''}
      flag="project"
      options={options(projectNames.value, 'none')}
      change={(text) => ({ project: text === '' ? null : text })}
    >
      {item.project ? (
        <a href={`/?project=${encodeURIComponent(item.project)}`} dir="auto">
          {item.project}
        </a>
      ) : (
        <span class="nothing">none</span>
      )}
    </Fact>
    <Fact
      item={item}
      name="Parent"
      value={item.parentId === null ? '' : String(item.parentId)}
      flag="parent"
      placeholder="number of an item, or nothing"
      change={parentChange}
    >
      {item.parentId === null ? (
        <span class="nothing">none</span>
      ) : (
        <a href={`/items/${item.parentId}`} class="two-lines" dir="auto">
          <span class="id">#{item.parentId}</span> {item.parentTitle}
        </a>
      )}
    </Fact>
    <Labels item={item} />
    <Fact
      item={item}
      name="Branch"
      value={item.branch ?? ''}
      flag="branch"
      placeholder="none"
      change={(text) => ({ branch: text === '' ? null : text })}
    >
      {item.branch ? (
        <>
          <code class="branch">{item.branch}</code>
          <button
            type="button"
            class="icon-button"
            aria-label="Copy branch"
            onClick={() => void copy(item.branch!)}
          >
            <Icon name="copy" />
          </button>
        </>
      ) : (
        <span class="nothing">none</span>
      )}
    </Fact>
  </>
)

const Kind = ({ item }: { item: Shown }) => (
  <>
    <Fact
      item={item}
      name="Priority"
      value={String(item.priority)}
      flag="priority"
      options={priorityNames.map((label, at) => ({ value: String(at + 1), label }))}
      change={(text) => ({ priority: Number(text) as NonNullable<In<'item.update'>['priority']> })}
    >
      <Priority level={item.priority} named />
    </Fact>
    <Fact
      item={item}
      name="Type"
      value={item.type}
      flag="type"
      options={options(types.filter((type) => isOnPath(type, item.stage)))}
      change={(text) => ({ type: text as ItemType })}
    >
      <TypeSign type={item.type} named />
    </Fact>
    {item.type === 'incident' && (
      <Fact
        item={item}
        name="Severity"
        value={item.severity ?? 'major'}
        flag="severity"
        options={options(severities)}
        change={(text) => ({ severity: text as (typeof severities)[number] })}
      >
        <span class="severity">{item.severity}</span>
      </Fact>
    )}
  </>
)

/** `12`, `#12`, or nothing. */
function parentChange(text: string): { parent: number | null } | undefined {
  if (text === '') return { parent: null }
  const number = /^#?(\d{1,15})$/.exec(text)?.[1]
  return number === undefined ? undefined : { parent: Number(number) }
}

/** One at a time: a label may hold any sign, a comma too. */
const Labels = ({ item }: { item: Shown }) => (
  <Fact
    item={item}
    name="Labels"
    value=""
    flag="add-label"
    placeholder="one more"
    change={(text) => (text === '' ? undefined : { addLabels: [text] })}
  >
    {item.labels.length === 0 && <span class="nothing">none</span>}
    <span class="labels">
      {item.labels.map((label) => (
        <span key={label} class="label">
          <a href={`/?label=${encodeURIComponent(label)}`} dir="auto">
            {label}
          </a>
          {may('item:write') && (
            <button
              type="button"
              aria-label={`Take the label ${label} away`}
              onClick={() =>
                void done('item.update', { id: item.id, removeLabels: [label] }, 'Label taken away')
              }
            >
              <Icon name="x" />
            </button>
          )}
        </span>
      ))}
    </span>
  </Fact>
)

function Times({ item }: { item: Shown }) {
  const times: [string, string | null][] = [
    ['Created', item.createdAt],
    ['Started', item.startedAt],
    ['Done', item.doneAt],
    ['Live', item.liveAt],
    ['Changed', item.updatedAt],
  ]
  return (
    <dl class="times">
      {times.map(
        ([name, at]) =>
          at && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Ago at={at} />
              </dd>
            </div>
          ),
      )}
    </dl>
  )
}
