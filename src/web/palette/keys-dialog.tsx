/** The keys, listed. */

import { useLayoutEffect, useRef } from 'preact/hooks'
import '../styles/palette.css'
import { Icon } from '../ui/icon.tsx'
import { ways } from '../ways.ts'

type Row = [keys: string[], what: string]

const everywhere: Row[] = [
  [['Ctrl K', '⌘ K'], 'Find an item, a page or an operation'],
  [['/'], 'Search'],
  [['n'], 'New item'],
  [['?'], 'This list'],
]

const onTheBoard: Row[] = [
  [['↑', '↓', '←', '→'], 'From card to card'],
  [['Home', 'End'], 'First and last card of a stage'],
  [['↵'], 'Open the item'],
  [['Space'], 'Pick the item up; arrows carry it, Space puts it down, Esc puts it back'],
]

const inDialogs: Row[] = [
  [['Ctrl ↵', '⌘ ↵'], 'Do it'],
  [['Esc'], 'Back, or close'],
]

export function KeysDialog({ close }: { close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const element = dialog.current!
    element.showModal()
    return () => element.close()
  }, [])
  const going = ways.map(({ name }): Row => [[`g ${name[0]!.toLowerCase()}`], name])
  return (
    <dialog ref={dialog} class="dialog keys" aria-labelledby="keys-name" onClose={close}>
      <header class="keys-head">
        <h2 id="keys-name">Keys</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={close}>
          <Icon name="x" />
        </button>
      </header>
      <div class="keys-groups">
        <Keys name="Everywhere" rows={everywhere} />
        <Keys name="Go to" rows={going} />
        <Keys name="On the board" rows={onTheBoard} />
        <Keys name="In dialogs" rows={inDialogs} />
      </div>
      <p class="hint">None of these is heard while you type in a field, but for the first.</p>
    </dialog>
  )
}

const Keys = ({ name, rows }: { name: string; rows: Row[] }) => (
  <section>
    <h3>{name}</h3>
    <dl>
      {rows.map(([keys, what]) => (
        <div key={what}>
          <dt>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  </section>
)
