/** A check that is paused is not run, and the time is not watched. Pure. */

export interface Pause {
  /** Since when; null: it is not paused. Milliseconds since 1970, as all here. */
  pausedMs: number | null
  /** Null: until it is resumed. */
  pausedUntilMs: number | null
}

export const isPaused = ({ pausedMs, pausedUntilMs }: Pause, atMs: number): boolean =>
  pausedMs !== null && (pausedUntilMs === null || atMs < pausedUntilMs)
