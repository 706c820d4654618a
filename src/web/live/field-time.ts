/** Instants as fields for a date and a time take them: in the reader's zone, to the minute. Pure but for the zone. */

const two = (n: number): string => String(n).padStart(2, '0')

/** `2026-02-05T08:46` */
export function fieldTime(ms: number): string {
  const at = new Date(ms)
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** @returns undefined for what is no time yet */
export function instantOf(text: string): string | undefined {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}
