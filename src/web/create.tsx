/** A new item: asked for in a dialog, from anywhere. */

import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { type ItemType, types } from '../domain/stage.ts'
import { type In, Refused, tell } from './api.ts'
import { keep, kept } from './keep.ts'
import { projectNames, wantProjects } from './projects.ts'
import { go } from './router.ts'
import { toast } from './said.tsx'

interface Asked {
  /** The parent of a child. */
  parent?: number
}

const asked = signal<Asked | undefined>(undefined)
const problem = signal<Refused | undefined>(undefined)
const busy = signal(false)

export function openCreate(about: Asked = {}): void {
  problem.value = undefined
  asked.value = about
  wantProjects()
}

/** What was written and not sent, until it is; a dialog is closed by a slip. */
interface Draft {
  title?: string
  description?: string
}

const draft = (): Draft => kept<Draft>('draft.create', {})

function keepDraft(form: HTMLFormElement): void {
  const { title, description } = Object.fromEntries(new FormData(form)) as Record<string, string>
  keep('draft.create', { title, description })
}

async function submit(form: HTMLFormElement, { parent }: Asked): Promise<void> {
  const words = Object.fromEntries(
    [...new FormData(form)].flatMap(([name, value]) => (value === '' ? [] : [[name, String(value)]])),
  ) as Record<string, string>
  busy.value = true
  try {
    const { data } = await tell('item.create', {
      title: words.title ?? '',
      ...(words.type ? { type: words.type as ItemType } : {}),
      ...(words.priority ? { priority: Number(words.priority) as In<'item.create'>['priority'] } : {}),
      ...(words.project ? { project: words.project } : {}),
      ...(words.description ? { description: words.description } : {}),
      ...(parent === undefined ? {} : { parent }),
    })
    asked.value = undefined
    keep('draft.create', {})
    toast(`#${data.id} is created`, { action: { label: 'Open', run: () => go(`/items/${data.id}`) } })
  } catch (error) {
    problem.value =
      error instanceof Refused ? error : new Refused({ code: 'internal', detail: String(error) })
  } finally {
    busy.value = false
  }
}

export function CreateDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const about = asked.value
  useEffect(() => {
    if (about && !dialog.current?.open) dialog.current?.showModal()
  }, [about])
  if (!about) return null
  const close = () => (asked.value = undefined)
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="create-name" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit(event.currentTarget, about)
        }}
        onInput={(event) => keepDraft(event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.requestSubmit()
        }}
      >
        <h2 id="create-name">{about.parent === undefined ? 'New item' : `New child of #${about.parent}`}</h2>
        <label>
          Title
          <input
            name="title"
            required
            autoFocus
            maxLength={500}
            autocomplete="off"
            defaultValue={draft().title ?? ''}
          />
        </label>
        <div class="form-row">
          <label>
            Type
            <select name="type">
              {about.parent !== undefined && <option value="">by its parent</option>}
              {types.map((type) => (
                <option key={type} value={type}>
                  {type}
                </option>
              ))}
            </select>
          </label>
          <label>
            Priority
            <select name="priority">
              <option value="1">1 highest</option>
              <option value="2" selected>
                2 normal
              </option>
              <option value="3">3 low</option>
              <option value="4">4 lowest</option>
            </select>
          </label>
          {projectNames.value.length > 0 && (
            <label>
              Project
              <select name="project">
                <option value="">none</option>
                {projectNames.value.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          )}
        </div>
        <label>
          Description
          <textarea name="description" rows={4} defaultValue={draft().description ?? ''} />
        </label>
        {problem.value && (
          <p class="refusal" role="alert">
            {problem.value.message}
            {problem.value.hint && <span class="hint"> {problem.value.hint}</span>}
          </p>
        )}
        <div class="dialog-deeds">
          <button
            type="button"
            class="button"
            onClick={() => {
              keep('draft.create', {})
              dialog.current?.close()
            }}
          >
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy.value}>
            Create
          </button>
        </div>
      </form>
    </dialog>
  )
}
