/** Something could not be had: why, and again. */

import type { Refused } from '../api.ts'

export const Trouble = ({ refused, again }: { refused: Refused; again?: () => void }) => (
  <div class="trouble" role="alert">
    <p>
      <strong>{refused.message}</strong>
    </p>
    {refused.hint && <p class="hint">{refused.hint}</p>}
    {again && (
      <button type="button" class="button" onClick={again}>
        Try again
      </button>
    )}
  </div>
)
