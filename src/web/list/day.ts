/** Days of UTC, as the server names them. Pure. */

const short = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** `2 Feb` in the reader's language; undefined for what is no day. */
export function dayName(day: string): string | undefined {
  const ms = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN
  return Number.isNaN(ms) ? undefined : short.format(ms)
}
