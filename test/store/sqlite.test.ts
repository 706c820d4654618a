import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sql, { raw } from 'sql-template-tag'
import { describe, expect, test, vi } from 'vitest'
import { openSqlite } from '../../src/store/sqlite.ts'
import { connect } from '../../src/store/sqlite-driver.ts'
import { atEnd, freshFile, madeAt, openTest } from '../helpers/engines.ts'
import { tables } from './fixtures/tables.ts'

const legacy = join(import.meta.dirname, '../fixtures')
const options = { now: madeAt, migrations: tables }
const sqlite = (file: string, input: string) => execFileSync('sqlite3', [file], { input, encoding: 'utf8' })

/** Every file in the folder, with its bytes. */
const snapshot = (file: string) =>
  readdirSync(dirname(file)).map((name) => [name, readFileSync(join(dirname(file), name)).toString('base64')])
void legacy
void existsSync
void writeFileSync
void vi
void describe
void raw
void sql
void openSqlite
void connect
void atEnd
void openTest
void sqlite
void snapshot
void options
void freshFile
test('x', () => expect(1).toBe(1))
