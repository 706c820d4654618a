/** The API's own description, fetched once and only when a form is to be made of it. */

import { useEffect, useState } from 'preact/hooks'
import { base, Refused } from '../api.ts'
import { type Document, type Field, fieldsOf } from './schema.ts'

let fetched: Promise<Document> | undefined

const unknown = (detail: string): Refused => new Refused({ code: 'internal', detail })

async function fetchDocument(): Promise<Document> {
  const answer = await fetch(`${base}/openapi.json`).catch(() => undefined)
  if (!answer) throw new Refused({ code: 'offline', detail: 'the server does not answer' })
  if (!answer.ok) throw unknown(`the server answered ${answer.status} for its own description`)
  return answer.json()
}

/** What fails is asked for again at the next look. */
function document(): Promise<Document> {
  fetched ??= fetchDocument().catch((error) => {
    fetched = undefined
    throw error
  })
  return fetched
}

interface Described {
  fields?: Field[]
  refused?: Refused
  again(): void
}

export function useFields(operation: string): Described {
  const [state, show] = useState<Omit<Described, 'again'>>({})
  const [tries, again] = useState(0)
  useEffect(() => {
    let isShown = true
    document().then(
      (found) => {
        const fields = fieldsOf(found, operation)
        if (isShown) show(fields ? { fields } : { refused: unknown(`the server knows no ${operation}`) })
      },
      (error) => {
        if (isShown) show({ refused: error instanceof Refused ? error : unknown(String(error)) })
      },
    )
    return () => {
      isShown = false
    }
  }, [operation, tries])
  return { ...state, again: () => again(tries + 1) }
}
