/** A text with the letters that were looked for. */

export interface MarkedProps {
  text: string
  /** `[from, to)`, ascending, none over another. */
  marks: readonly (readonly [from: number, to: number])[]
}

export function Marked({ text, marks }: MarkedProps) {
  let from = 0
  const parts = marks.flatMap(([begin, end]) => {
    const before = text.slice(from, begin)
    from = end
    return [before, <mark key={begin}>{text.slice(begin, end)}</mark>]
  })
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  )
}
