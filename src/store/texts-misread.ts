/** Texts that the owner's own SQL wrote and the driver can't give as they are: with NUL, or not in UTF-8. SQLite alone. */

import { isUtf8 as isBytesOfUtf8 } from 'node:buffer'
import sql, { join, raw } from 'sql-template-tag'
import { type AnyEntity, fields, type Kind, keyOf } from '../domain/entity.ts'
import type { Queries, Row } from './database.ts'
import { snake, tableOf } from './entities.ts'

type Misread = (row: AnyEntity) => Promise<[field: string, why: string][]> | []

/** @returns what a row that was read lacks of what is stored */
export async function textsMisread(q: Queries, kind: Kind): Promise<Misread> {
  if (q.engine === 'postgres') return () => []
  const texts = Object.entries(fields[kind])
    .filter(([, type]) => type.startsWith('text'))
    .map(([field]) => field)
  if (texts.length === 0) return () => []
  const cut = await cutTexts(q, kind, texts)
  return (row) => {
    const found = cut.get(keyText(kind, row))
    const replaced = texts.filter((field) => {
      const value = row[field]
      return typeof value === 'string' && value.includes('\ufffd')
    })
    return found === undefined && replaced.length === 0 ? [] : whyOf(q, kind, row, found ?? [], replaced)
  }
}

async function whyOf(
  q: Queries,
  kind: Kind,
  row: AnyEntity,
  cut: string[],
  replaced: string[],
): Promise<[field: string, why: string][]> {
  const found = cut.map((field): [string, string] => [field, 'has NUL; it ends there'])
  for (const field of replaced)
    if (!(await isUtf8(q, kind, row, field))) found.push([field, 'is not UTF-8; what is none became U+FFFD'])
  return found
}

const keyText = (kind: Kind, row: AnyEntity): string => keyOf[kind].map((field) => row[field]).join(' ')

const hasNul = (field: string) => sql`instr(CAST(${raw(snake(field))} AS BLOB), x'00') > 0`

async function cutTexts(q: Queries, kind: Kind, texts: string[]): Promise<Map<string, string[]>> {
  const key = raw(keyOf[kind].map((field) => `${snake(field)} AS "${field}"`).join(', '))
  const flags = join(texts.map((field, n) => sql`${hasNul(field)} AS ${raw(`nul${n}`)}`))
  const rows = await q.all<Row>(sql`SELECT ${key}, ${flags} FROM ${raw(tableOf[kind])}
    WHERE ${join(texts.map(hasNul), ' OR ')}`)
  return new Map(rows.map((row) => [keyText(kind, row), texts.filter((_, n) => row[`nul${n}`])]))
}

async function isUtf8(q: Queries, kind: Kind, row: AnyEntity, field: string): Promise<boolean> {
  const same = join(
    keyOf[kind].map((name) => sql`${raw(snake(name))} = ${row[name]}`),
    ' AND ',
  )
  const found = await q.get<{ bytes: string }>(
    sql`SELECT hex(CAST(${raw(snake(field))} AS BLOB)) AS bytes FROM ${raw(tableOf[kind])} WHERE ${same}`,
  )
  return found !== undefined && isBytesOfUtf8(Buffer.from(found.bytes, 'hex'))
}
