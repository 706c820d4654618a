/** What a benchmark reports, and the small statistics that all of them use. */

declare const ROOT: string

/** The folder of the package. */
export const root = ROOT

export interface Figure {
  name: string
  value: number
  /** `×` for ratios, else the unit. */
  unit: string
  goal?: number
  direction?: 'at most' | 'at least'
  note?: string
  /** Something did not work at all: the run fails, whatever the figures are. */
  broken?: boolean
}

export type Bench = (options: { smoke: boolean }) => Promise<Figure[]>

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
