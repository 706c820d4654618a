/** A pipeline without items: how to make the first one, and a sample to look at; where that is loaded, how to be rid of it. */

import { demoProject } from '../../domain/demo.ts'
import { tell } from '../api.ts'
import { openCreate } from '../create.tsx'
import { useProjects } from '../projects.ts'
import { toast, toastRefusal } from '../said.tsx'
import { may } from '../session.ts'
import { CommandLine } from '../ui/command-line.tsx'

export const EmptyPipeline = () => (
  <div class="empty">
    <h2>An empty line, from idea to live</h2>
    <p>Items walk eight stages. What is live is watched, and what fails comes back as an incident.</p>
    <CommandLine line='pipeline create "My first idea"' />
    <p class="empty-deeds">
      <button type="button" class="button primary" onClick={() => openCreate()}>
        Create an item
      </button>
      <button type="button" class="button" onClick={() => void loadSample()}>
        Load the sample
      </button>
    </p>
    <p class="hint">The sample is a small made-up pipeline; one click takes it away again.</p>
  </div>
)

async function loadSample(): Promise<void> {
  try {
    await tell('demo.load', {})
    toast('The sample is loaded', { action: { label: 'Remove it', run: () => void removeSample() } })
  } catch (error) {
    toastRefusal(error)
  }
}

async function removeSample(): Promise<void> {
  try {
    await tell('demo.remove', {})
    toast('The sample is gone')
  } catch (error) {
    toastRefusal(error)
  }
}

/** Told as long as the sample is there. */
export function SampleNote() {
  if (!useProjects().includes(demoProject) || !may('item:write')) return null
  return (
    <p class="sample-note">
      You see the sample, beside what is yours.
      <button type="button" class="button small" onClick={() => void removeSample()}>
        Remove the sample
      </button>
    </p>
  )
}
