/** The names of the projects, known to every page: asked for by the first that wants them, and again when one is made. */

import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ask } from './api.ts'
import { onNews } from './events.ts'

export const projectNames = signal<readonly string[]>([])

let wanted = false

const look = (): Promise<void> =>
  ask('project.list', {}).then(
    ({ items }) => {
      projectNames.value = items.map(({ name }) => name)
    },
    () => undefined,
  )

/** Has the names asked for; read them of `projectNames`. */
export function wantProjects(): void {
  if (wanted) return
  wanted = true
  void look()
  onNews((news) => {
    // What was made beside items: a project, the sample.
    if (
      news.kind === 'reset' ||
      (news.kind === 'activity' && news.entries.some(({ itemId }) => itemId === null))
    )
      void look()
  })
}

export function useProjects(): readonly string[] {
  useEffect(wantProjects, [])
  return projectNames.value
}
