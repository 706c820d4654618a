/** The last response times as a small line. */

import { useMemo } from 'preact/hooks'
import { sparkOf, sparkSentence } from './spark.ts'
import '../styles/spark.css'

const size = { width: 120, height: 28 }

export function SparkLine({ values }: { values: readonly (number | null)[] }) {
  const { line, fails } = useMemo(() => sparkOf(values, size.width, size.height), [values])
  const words = sparkSentence(values)
  return (
    <svg
      class="spark"
      viewBox={`-2 0 ${size.width + 4} ${size.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={words}
    >
      <title>{words}</title>
      {line !== '' && <path class="line" d={line} />}
      {fails !== '' && <path class="fails" d={fails} />}
    </svg>
  )
}
