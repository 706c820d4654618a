/** The command palette: finds, and runs what was found. Loaded when it is opened, or when the page is idle. */

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Command } from './command.ts'
import '../styles/palette.css'
import { Find } from './find.tsx'
import { Run } from './run.tsx'

export function PaletteDialog({ close }: { close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, type] = useState('')
  const [command, run] = useState<Command | undefined>(undefined)
  useLayoutEffect(() => {
    const element = dialog.current!
    element.showModal()
    // The focus goes back to where it was.
    return () => element.close()
  }, [])
  const back = () => run(undefined)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: beside the dialog one clicks; by keys it is Escape
    <dialog
      ref={dialog}
      class={`palette${command ? ' runs' : ''}`}
      aria-label={command ? command.summary : 'Find or run'}
      onClose={close}
      onCancel={(event) => {
        if (!command) return
        event.preventDefault()
        back()
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) close()
      }}
    >
      <div class="palette-body">
        {command ? (
          <Run key={command.name} command={command} back={back} close={close} />
        ) : (
          <Find typed={typed} type={type} close={close} run={run} />
        )}
      </div>
    </dialog>
  )
}
