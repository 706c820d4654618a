/** One project of those that there are: it stands in the address. */

import { useEffect, useState } from 'preact/hooks'
import { ask } from '../api.ts'
import { ChoiceFilter } from './fields.tsx'

export function ProjectFilter({ value }: { value: string | undefined }) {
  const [names, setNames] = useState<string[]>([])
  useEffect(() => {
    ask('project.list', {}).then(
      ({ items }) => setNames(items.map(({ name }) => name)),
      () => undefined,
    )
  }, [])
  if (names.length === 0 && value === undefined) return null
  return <ChoiceFilter name="project" label="Project" value={value} options={names} />
}
