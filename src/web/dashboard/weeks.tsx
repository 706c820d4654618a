/** Twelve weeks as bars: each a link to what it counts, and in words for those who listen. */

import { dayName } from '../list/day.ts'

export interface Week {
  /** Its Monday, `2026-02-02`. */
  from: string
  value: number | null
  /** Within it, drawn denser: the median within a p85. */
  inner?: number | null
  /** In words: `3 finished`. */
  words: string
  /** On the bar, where there is room. */
  label?: string
  href: string | undefined
}

interface WeeksProps {
  /** What the bars say together. */
  caption: string
  weeks: Week[]
  tone: 'accent' | 'bad' | 'calm'
}

export function Weeks({ caption, weeks, tone }: WeeksProps) {
  const most = Math.max(0, ...weeks.map(({ value }) => value ?? 0))
  return (
    <figure class={`weeks ${tone}`}>
      <ol>
        {weeks.map((week, n) => (
          <li key={week.from}>
            <Bar week={week} most={most} isNow={n === weeks.length - 1} />
            {isNamed(n, weeks.length) && (
              <span class="week-name" aria-hidden="true">
                {n === weeks.length - 1 ? 'now' : dayName(week.from)}
              </span>
            )}
          </li>
        ))}
      </ol>
      <figcaption>{caption}</figcaption>
    </figure>
  )
}

/** Every third, and the last; none where two would touch. */
const isNamed = (n: number, count: number): boolean => n === count - 1 || (n % 3 === 0 && n < count - 2)

const share = (value: number, most: number): number => (most === 0 ? 0 : value / most)

/** Of what the label above leaves. */
const height = (value: number, most: number): string => `calc((100% - 18px) * ${share(value, most)})`

function Bar({
  week: { from, value, inner, words, label, href },
  most,
  isNow,
}: {
  week: Week
  most: number
  isNow: boolean
}) {
  const said = `${isNow ? 'This week so far' : `Week of ${dayName(from)}`}: ${words}`
  const drawn = (
    <>
      {label && <span class="week-label">{label}</span>}
      <span class="week-bar" style={{ height: height(value ?? 0, most) }}>
        {inner !== undefined && inner !== null && value !== null && value > 0 && (
          <span style={{ height: `${share(inner, value) * 100}%` }} />
        )}
      </span>
    </>
  )
  return href ? (
    <a class="week" href={href} aria-label={said} title={said}>
      {drawn}
    </a>
  ) : (
    <span class="week" title={said}>
      <span class="spoken">{said}</span>
      {drawn}
    </span>
  )
}
