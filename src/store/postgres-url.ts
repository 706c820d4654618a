/** A PostgreSQL URL, taken apart: what is shown, what the driver gets, and the schema. */

import { TrackerError } from '../errors.ts'

export interface PostgresTarget {
  /** Without password and without other secrets. */
  location: string
  /** For the driver: without `schema`, which it doesn't know. */
  connectionString: string
  /** From `?schema=`: the only one on the search path. */
  schema: string | undefined
}

export const isPostgresUrl = (url: string): boolean => /^postgres(ql)?:\/\//i.test(url)

/** @throws TrackerError `invalid`, without repeating a URL that may hold a password */
export function parsePostgresUrl(url: string): PostgresTarget {
  const target = URL.canParse(url) ? new URL(url) : undefined
  if (!target) {
    throw new TrackerError('invalid', 'the PostgreSQL URL cannot be read', {
      hint: 'write it as postgres://user:password@host:5432/database, with %40 for an @ in the password',
    })
  }
  const schema = target.searchParams.get('schema') ?? undefined
  if (schema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new TrackerError('invalid', `not a name of a schema: ${JSON.stringify(schema.slice(0, 70))}`, {
      hint: 'use small letters, digits and _, not beginning with a digit',
    })
  }
  target.searchParams.delete('schema')
  if (schema) {
    const given = target.searchParams.get('options')
    target.searchParams.set('options', `${given ? `${given} ` : ''}-c search_path=${schema}`)
  }
  // URLSearchParams writes a space as +, which the driver's own parser keeps as a plus.
  const connectionString = target.href.replace(/\?.*$/s, (query) => query.replaceAll('+', '%20'))
  const shown = new URL(url)
  shown.password = ''
  shown.hash = ''
  shown.search = schema ? `?schema=${schema}` : ''
  return { location: shown.href, connectionString, schema }
}
