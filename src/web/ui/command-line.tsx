/** The same from a terminal: a line that a click copies. */

import { toast } from '../said.tsx'
import { Icon } from './icon.tsx'

export { shellWord } from './shell-word.ts'

export const CommandLine = ({ line }: { line: string }) => (
  <span class="command-line">
    <code title={line}>{line}</code>
    <button type="button" class="icon-button" aria-label={`Copy: ${line}`} onClick={() => void copy(line)}>
      <Icon name="copy" />
    </button>
  </span>
)

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast('Copied')
  } catch {
    toast('The browser did not let the text be copied', { tone: 'warn' })
  }
}
