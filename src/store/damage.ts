/** What is damaged in a SQLite file, as far as can be told, and which backups lie beside it. Read-only. */

import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Connection, connect } from './sqlite-driver.ts'
import { hasJournal } from './sqlite-journal.ts'

/** Rows of a query; throws where it can't be read. */
export type Ask = (text: string) => Promise<Record<string, unknown>[]>

const shownMax = 20

/**
 * At most 20 faults, by page, table and index where that is known; empty when sound.
 * @param file null for what is no file
 */
export async function faultsOf(file: string | null, ask: Ask): Promise<string[]> {
  const trees = await treesOf(ask)
  const found = await faultsFound(ask, trees)
  // A file may be short while its last pages are in its journal still.
  const cut = file === null || (found.length === 0 && hasJournal(file)) ? [] : await cutOff(file, ask)
  const faults = [...cut, ...found].map((line) => named(line, trees))
  const all = [...new Set(faults)]
  return all.length > shownMax ? [...all.slice(0, shownMax), 'and more'] : all
}

/** The same of a file that no pipeline can be opened in. */
export async function faultsInFile(file: string): Promise<string[]> {
  const head = headFaults(file)
  if (head.length > 0) return head
  let connection: Connection | undefined
  try {
    connection = connect(file, { readOnly: true })
    const open = connection
    return await faultsOf(file, async (text) => open.prepare(text).all() as Record<string, unknown>[])
  } catch (error) {
    return [messageOf(error)]
  } finally {
    connection?.close()
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const magic = 'SQLite format 3\0'
const headBytes = 100

async function cutOff(file: string, ask: Ask): Promise<string[]> {
  try {
    const [row] = await ask(
      'SELECT page_count AS pages, page_size AS size FROM pragma_page_count(), pragma_page_size()',
    )
    return shortBy(statSync(file).size, Number(row?.pages), Number(row?.size))
  } catch {
    return []
  }
}

const shortBy = (bytes: number, pages: number, pageSize: number): string[] =>
  bytes >= pages * pageSize
    ? []
    : [`the file is cut off: ${Math.floor(bytes / pageSize)} of its ${pages} pages are there`]

/**
 * What the first bytes of a file say that can't be so. Only of one that nobody in this process has open: to close it
 * would take SQLite's locks away.
 */
function headFaults(file: string): string[] {
  const { head, size } = headOf(file)
  if (head.length < headBytes || head.toString('latin1', 0, magic.length) !== magic)
    return ['page 1: its head is not that of a SQLite file, and without it no other page can be found']
  const pageSize = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16)
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0)
    return [`page 1: there is no page size ${pageSize}`]
  const pages = head.readUInt32BE(28)
  return shortBy(size, pages, pageSize)
}

function headOf(file: string): { head: Buffer; size: number } {
  const descriptor = openSync(file, 'r')
  try {
    const head = Buffer.alloc(headBytes)
    return { head: head.subarray(0, readSync(descriptor, head, 0, headBytes, 0)), size: statSync(file).size }
  } finally {
    closeSync(descriptor)
  }
}

/** What stands where: by the page at which its tree begins. */
interface Trees {
  names: Map<number, string>
  tables: string[]
}

/** Undefined where the schema itself can't be read. */
async function treesOf(ask: Ask): Promise<Trees | undefined> {
  try {
    const rows = await ask('SELECT type, name, tbl_name, rootpage FROM sqlite_schema ORDER BY rootpage')
    const names = rows.map(({ type, name, tbl_name, rootpage }): [number, string] => [
      Number(rootpage),
      type === 'index' ? `index ${name} of ${tbl_name}` : `table ${name}`,
    ])
    const tables = rows.filter(({ type }) => type === 'table').map(({ name }) => String(name))
    return { names: new Map([[1, 'the schema'], ...names]), tables }
  } catch {
    return undefined
  }
}

async function faultsFound(ask: Ask, trees: Trees | undefined): Promise<string[]> {
  try {
    return await checked(ask, `integrity_check(${shownMax})`)
  } catch (error) {
    // It gives up at some damage: then one table after the other.
    if (trees === undefined) return [`the schema can't be read: ${messageOf(error)}`]
    const faults = await faultsByTable(ask, trees.tables)
    return faults.length > 0 ? faults : [messageOf(error)]
  }
}

/** What looks at less goes on where the thorough look gives up, and what stops at the first fault tells that one. */
async function faultsOfTable(ask: Ask, table: string): Promise<string[]> {
  const quoted = `"${table.replaceAll('"', '""')}"`
  let fault: unknown
  for (const look of [
    `integrity_check(${quoted})`,
    `quick_check(${quoted})`,
    'quick_check',
    'integrity_check(1)',
  ]) {
    try {
      const found = await checked(ask, look)
      if (fault === undefined || found.length > 0) return found
    } catch (error) {
      fault ??= error
    }
  }
  return [`table ${table} can't be read: ${messageOf(fault)}`]
}

async function faultsByTable(ask: Ask, tables: string[]): Promise<string[]> {
  const faults: string[] = []
  for (const table of tables) faults.push(...(await faultsOfTable(ask, table)))
  return faults
}

async function checked(ask: Ask, pragma: string): Promise<string[]> {
  const rows = await ask(`PRAGMA ${pragma}`)
  const lines = rows.flatMap((row) => Object.values(row)).flatMap((text) => String(text).split('\n'))
  return lines.filter((line) => line !== 'ok' && !line.startsWith('***'))
}

/** `Tree 7 page 9 cell 3: …` → `table pipeline, page 9 cell 3: …` */
const named = (line: string, trees: Trees | undefined): string =>
  line.replace(/^Tree (\d+) (?=page)/, (whole, root) => {
    const name = trees?.names.get(Number(root))
    return name === undefined ? whole : `${name}, `
  })

/** Files looked at. */
const lookedAt = 100
const namedMax = 3

/** Sound-looking files beside `file` that hold a pipeline, newest first; at most three. */
export function backupsBeside(file: string): string[] {
  try {
    return readdirSync(dirname(file))
      .filter((name) => !/^\.|-(wal|shm|journal)$/.test(name))
      .slice(0, lookedAt)
      .map((name) => join(dirname(file), name))
      .filter((path) => path !== file && statSync(path).isFile())
      .map((path) => ({ path, changedMs: statSync(path).mtimeMs }))
      .sort((a, b) => b.changedMs - a.changedMs)
      .map(({ path }) => path)
      .filter(holdsPipeline)
      .slice(0, namedMax)
  } catch {
    return []
  }
}

function holdsPipeline(path: string): boolean {
  let connection: Connection | undefined
  try {
    connection = connect(path, { readOnly: true })
    return connection.prepare('SELECT max(id) AS id FROM pipeline_migrations').get() !== undefined
  } catch {
    return false
  } finally {
    connection?.close()
  }
}
