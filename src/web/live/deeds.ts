/** What a reader does with a check: run it, stop it, go on. */

import { signal } from '@preact/signals'
import { millis } from '../age.ts'
import { Refused, tell } from '../api.ts'
import { announce, toast, toastRefusal } from '../said.tsx'

/** Checks that run because somebody here asked for it. */
export const running = signal<ReadonlySet<number>>(new Set())

function note(id: number, begins: boolean): void {
  const now = new Set(running.value)
  if (begins) now.add(id)
  else now.delete(id)
  running.value = now
}

export async function runNow(id: number): Promise<void> {
  if (running.value.has(id)) return
  note(id, true)
  announce(`The check of #${id} runs`)
  try {
    const { data } = await tell('check.run', { id })
    const { result, summary, durationMs, stored, maintenance, incident } = data
    const isGood = result === 'up' || result === 'degraded'
    toast(`#${id} is ${result}: ${summary}`, {
      tone: isGood ? 'plain' : 'bad',
      hint: [
        millis(durationMs),
        ...(stored ? [] : ['nothing was stored: it is not live']),
        ...(maintenance ? ['it counts for nothing: maintenance'] : []),
        ...(incident ? [`incident #${incident.id}: ${incident.change.replaceAll('-', ' ')}`] : []),
      ].join(' · '),
    })
  } catch (error) {
    toastRefusal(error)
  } finally {
    note(id, false)
  }
}

/** @param duration `2h`; undefined: until it is resumed */
export async function pause(id: number, duration: string | undefined, because: string): Promise<boolean> {
  return done(`#${id} is paused ${duration ? `for ${duration}` : 'until it is resumed'}`, () =>
    tell('check.pause', {
      id,
      ...(duration ? { for: duration } : {}),
      ...(because ? { note: because } : {}),
    }),
  )
}

export const resume = (id: number): Promise<boolean> =>
  done(`#${id} is watched again`, () => tell('check.resume', { id }))

/** Says what was done, or what the server refused. @returns whether it was done */
export async function done(words: string, deed: () => Promise<{ warnings: string[] }>): Promise<boolean> {
  try {
    const { warnings } = await deed()
    toast(words)
    for (const warning of warnings) toast(warning, { tone: 'warn' })
    return true
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    toastRefusal(error)
    return false
  }
}
