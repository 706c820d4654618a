/** The same deeds at the command line: each line is copied by a click. */

import { copy } from './command-line.tsx'
import { MenuButton } from './menu.tsx'

/** @param lines by what they do */
export const CommandMenu = ({ label, lines }: { label: string; lines: Record<string, string> }) => (
  <MenuButton
    label={label}
    deeds={() =>
      Object.entries(lines).map(([what, line]) => ({
        ...({ label: `Copy: ${what}`, icon: 'copy', line } as const),
        run: () => void copy(line),
      }))
    }
  />
)
