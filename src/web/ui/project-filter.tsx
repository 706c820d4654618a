/** One project of those that there are: it stands in the address. */

import { useProjects } from '../projects.ts'
import { ChoiceFilter } from './fields.tsx'

export function ProjectFilter({ value }: { value: string | undefined }) {
  const names = useProjects()
  if (names.length === 0 && value === undefined) return null
  return <ChoiceFilter name="project" label="Project" value={value} options={names} />
}
