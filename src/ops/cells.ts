/** Hours or days in a row, one column each: readable without colours too. */

import type { StateTimes } from '../domain/uptime.ts'
import type { Style } from './style.ts'

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇']

/** What the signs mean, for whoever sees no colours. */
export const legend = '█ up, ▇–▁ partly to all down, ▒ degraded, ░ maintenance, · not watched'

/** The worst that a cell holds decides its sign: a minute of being down is never rounded away. */
function cell({ upMs, degradedMs, downMs, maintenanceMs }: StateTimes, style: Style): string {
  const watched = upMs + degradedMs + downMs
  if (watched === 0) return maintenanceMs > 0 ? style.cyan('░') : style.dim('·')
  if (downMs > 0) {
    const good = 1 - downMs / watched
    return (good < 0.9 ? style.red : style.yellow)(bars[Math.min(6, Math.floor(good * 7))]!)
  }
  return degradedMs > 0 ? style.yellow('▒') : style.green('█')
}

export const cells = (times: readonly StateTimes[], style: Style): string =>
  times.map((each) => cell(each, style)).join('')

/** `99.95 %`; rounded down, so that 100 % means all of it. `–`: nothing was watched. */
export function percent(ratio: number | null): string {
  if (ratio === null) return '–'
  const hundredths = Math.floor(ratio * 10_000 + 1e-9)
  return `${(hundredths / 100).toFixed(ratio === 1 ? 0 : 2)} %`
}
