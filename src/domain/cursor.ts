import { TrackerError } from '../errors.ts'

const message = 'the cursor is not one of this list'

/** A cursor of another list, or none at all. */
export const wrongCursor = (): TrackerError =>
  new TrackerError('invalid', message, {
    hint: 'start without --cursor',
    failures: [{ field: 'cursor', message }],
  })
