/** The same from a terminal. Pure. */

import { shellWord } from '../ui/shell-word.ts'

/** A text where the command expects one: what begins with a dash is none of its flags. */
const word = (text: string): string => (text.startsWith('-') ? `-- ${shellWord(text)}` : shellWord(text))

/** A flag with its value; one that begins with a dash is joined to it. */
export const flag = (name: string, text: string): string =>
  text.startsWith('-') ? shellWord(`--${name}=${text}`) : `--${name} ${shellWord(text)}`

export const update = (id: number, name: string, value: string | null): string =>
  `pipeline update ${id} ${flag(name, value ?? 'none')}`

export const move = (id: number, to: string, note: string): string =>
  `pipeline move ${id} ${to}${note === '' ? '' : ` ${flag('note', note)}`}`

export const note = (id: number, text: string, type: string): string =>
  `pipeline note ${id}${type === 'progress' ? '' : ` --type ${type}`} ${word(text)}`

export const assign = (id: number, name: string): string => `pipeline assign ${id} ${word(name)}`

export const block = (id: number, reason: string): string => `pipeline block ${id} ${flag('reason', reason)}`

export const resolve = (id: number, text: string): string =>
  `pipeline incident resolve ${id} ${flag('note', text)}`

export const judge = (id: number, number: number, verdict: string, evidence: string): string =>
  `pipeline ac ${id} ${number} ${verdict}${evidence === '' ? '' : ` ${flag('evidence', evidence)}`}`
