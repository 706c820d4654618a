/** docs/reference.md is what the operations say today. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reference } from '../scripts/reference/reference.ts'
import { environment } from '../scripts/reference/words.ts'
import { operationList } from '../src/ops/index.ts'
import { listFiles, project, readSource } from './tidy/source.ts'

test('docs/reference.md is up to date: npm run reference', () => {
  expect(readFileSync(join(project, 'docs/reference.md'), 'utf8')).toBe(reference())
})

test('every operation has its command and its route in it', () => {
  const text = reference()
  for (const { command, http } of operationList) {
    if (command) expect(text).toContain(`### pipeline ${command.words}`)
    if (http) expect(text).toContain(`\`${http.method.toUpperCase()} /api/v1${http.path}\``)
  }
})

test('every variable that the sources read is in it', () => {
  const sources = listFiles().filter((path) => path.startsWith('src/'))
  const read = sources.flatMap(
    (path) => readSource(path).text.match(/\bPIPELINE_[A-Z]+(?:_[A-Z]+)*\b/g) ?? [],
  )
  const told = environment
    .flatMap(([names]) => names.split(', '))
    .filter((name) => name.startsWith('PIPELINE_'))
  expect(told.sort()).toEqual([...new Set(read)].sort())
})
