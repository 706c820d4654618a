/** Somebody knows of an incident. */

import { tell } from './api.ts'
import { toast, toastRefusal } from './said.tsx'

export async function acknowledge(id: number): Promise<void> {
  try {
    await tell('incident.ack', { id })
    toast(`#${id} is acknowledged`)
  } catch (error) {
    toastRefusal(error)
  }
}
