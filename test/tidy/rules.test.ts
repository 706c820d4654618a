/** The rules find what they are for: each planted fault is reported at its place, and what is right is not. */

import { describe, expect, test } from 'vitest'
import { type Ban, banFaults, bans, idleExceptions } from './bans.ts'
import { blank } from './blank.ts'
import { foreignFaults, linkFaults } from './documents.ts'
import { eagerFaults } from './eager.ts'
import { importsOf } from './imports.ts'
import { knows, layerFaults } from './layers.ts'
import { idleDependencies, unlistedFaults } from './reach.ts'
import { lengthFaults, longest } from './size.ts'
import { type Fault, shown, toSource } from './source.ts'

const files = (texts: Record<string, string>) =>
  Object.entries(texts).map(([path, text]) => toSource(path, text))
const places = (faults: Fault[]): string[] => faults.map(({ path, line }) => `${path}:${line}`)

describe('what every command loads', () => {
  const from = (text: string, more: Record<string, string> = {}) =>
    places(eagerFaults(files({ 'src/bin.ts': text, 'src/formats/a.ts': '', ...more }), 'src/bin.ts'))

  test('is followed through the files that it loads', () => {
    const deep = { 'src/ops/a.ts': `import './b.ts'`, 'src/ops/b.ts': `\nimport { Cron } from 'croner'` }
    expect(from(`import './ops/a.ts'`, deep)).toEqual(['src/ops/b.ts:2'])
    expect(from(`import './formats/a.ts'`)).toEqual(['src/bin.ts:1'])
    expect(from(`import { createHash } from 'node:crypto'`)).toEqual(['src/bin.ts:1'])
  })

  test('is not what comes later, nor a type', () => {
    expect(from(`const load = () => import('./formats/a.ts')`)).toEqual([])
    expect(from(`import type { A } from './formats/a.ts'\nimport { join } from 'node:path'`)).toEqual([])
  })
})

describe('strings and comments', () => {
  test.each([
    [`a('x // y') // z`, `a('      ')     `],
    ['/* a\nb */ c', '    \n     c'],
    ['`a ${b(`c`)} d`', '`  ${b(` `)}  `'],
    ['`a ${{ b: 1 }.b} c`', '`  ${{ b: 1 }.b}  `'],
    [`x = /['"]/.test(y)`, 'x = /    /.test(y)'],
    ['x = a / b / c', 'x = a / b / c'],
    [`return /[/'"]\\/x/g`, 'return /        /g'],
    [`'it\\'s' + "a\\"b"`, `'     ' + "    "`],
    [`'open\nnext`, `'   n\nnext`],
    ["'👩‍👩‍👧' + x", "'        ' + x"],
  ])('%j', (text, code) => {
    const blanked = blank(text)
    expect(blanked.code).toBe(code)
    expect(blanked.spoken).toHaveLength(text.length)
  })

  test('a comment is blanked where strings are kept', () => {
    expect(blank(`a('x') // 'y'`).spoken).toBe(`a('x')       `)
  })
})

test('imports of every kind are seen, with their line', () => {
  const [source] = files({
    'src/a.ts': `import a, { b } from './b.ts'
import type { C } from './c.ts'
import { type D, type E } from './d.ts'
import './e.ts'
export * from "./f.ts"
export type { G } from './g.ts'
const h = await import('./h.ts')
let i: typeof import('./i.ts')
let j: import('./j.ts').J
const k = require('./k.ts')
import { type L, m } from './l.ts'
const text = "import x from './no.ts'" // import './no.ts'
`,
  })
  const seen = importsOf(source!).map(({ specifier, kind, line }) => `${line} ${kind} ${specifier}`)
  expect(seen.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))).toEqual([
    '1 static ./b.ts',
    '2 types ./c.ts',
    '3 types ./d.ts',
    '4 static ./e.ts',
    '5 static ./f.ts',
    '6 types ./g.ts',
    '7 dynamic ./h.ts',
    '8 types ./i.ts',
    '9 types ./j.ts',
    '10 dynamic ./k.ts',
    '11 static ./l.ts',
  ])
})

describe('layers', () => {
  const project = {
    'src/errors.ts': '',
    'src/domain/a.ts': '',
    'src/store/a.ts': '',
    'src/probes/a.ts': '',
    'src/formats/a.ts': '',
    'src/ops/a.ts': '',
    'src/worker/a.ts': '',
    'src/faces/cli/a.ts': '',
    'src/faces/http/a.ts': '',
    'src/web/a.ts': '',
    'src/bin.ts': '',
  }
  const importing = (from: string, text: string) => layerFaults(files({ ...project, [from]: `\n${text}` }))

  test.each([
    ['src/domain/x.ts', `import '../store/a.ts'`],
    ['src/domain/x.ts', `import type { A } from '../ops/a.ts'`],
    ['src/domain/x.ts', `import { readFileSync } from 'node:fs'`],
    ['src/store/x.ts', `import '../probes/a.ts'`],
    ['src/probes/x.ts', `import '../store/a.ts'`],
    ['src/formats/x.ts', `import '../store/a.ts'`],
    ['src/ops/x.ts', `import '../worker/a.ts'`],
    ['src/ops/x.ts', `import '../probes/a.ts'`],
    ['src/worker/x.ts', `import '../faces/cli/a.ts'`],
    ['src/worker/x.ts', `import '../store/a.ts'`],
    ['src/faces/cli/x.ts', `import '../../worker/a.ts'`],
    ['src/faces/cli/x.ts', `import '../http/a.ts'`],
    ['src/faces/cli/x.ts', `const a = await import('../http/a.ts')`],
    ['src/faces/http/x.ts', `import type { A } from '../cli/a.ts'`],
    ['src/faces/http/x.ts', `import { open } from '../../store/a.ts'`],
    ['src/web/x.ts', `import { a } from '../ops/a.ts'`],
    ['src/ops/x.ts', `import '../bin.ts'`],
    ['src/ops/x.ts', `import sql from 'sql-template-tag'`],
    ['src/faces/cli/x.ts', `import { spawn } from 'node:child_process'`],
    ['src/ops/x.ts', `import * as z from 'zod'`],
    ['src/ops/x.ts', `import './missing.ts'`],
  ])('%s must not: %s', (from, text) => {
    expect(places(importing(from, text))).toEqual([`${from}:2`])
  })

  test.each([
    ['src/domain/x.ts', `import '../errors.ts'; import './a.ts'`],
    ['src/ops/x.ts', `import '../store/a.ts'; import '../formats/a.ts'; import * as z from 'zod/mini'`],
    ['src/worker/x.ts', `import type { A } from '../store/a.ts'; import { a } from '../ops/a.ts'`],
    ['src/faces/http/x.ts', `import { type A } from '../../store/a.ts'; import fastify from 'fastify'`],
    ['src/web/x.ts', `import type { A } from '../ops/a.ts'; import { b } from '../domain/a.ts'`],
    ['src/store/x.ts', `import sql from 'sql-template-tag'`],
  ])('%s may: %s', (from, text) => {
    expect(importing(from, text).map(shown)).toEqual([])
  })

  test('a file outside every layer is refused', () => {
    expect(places(layerFaults(files({ 'src/utils/a.ts': '' })))).toEqual(['src/utils/a.ts:1'])
  })

  test('the table has no circle', () => {
    const reaches = (from: string, seen: string[] = []): string[] =>
      Object.keys(knows[from] ?? {}).flatMap((next) =>
        seen.includes(next) ? [next] : [next, ...reaches(next, [...seen, next])],
      )
    for (const layer of Object.keys(knows)) expect(reaches(layer)).not.toContain(layer)
  })
})

describe('bans', () => {
  const planted: Record<string, [path: string, text: string][]> = {
    clock: [
      ['src/ops/x.ts', 'const a = Date.now()'],
      ['src/ops/x.ts', 'const a = new Date()'],
      ['src/ops/x.ts', 'const a = new Date( )'],
      ['src/ops/x.ts', 'const a = performance.now()'],
    ],
    console: [['src/ops/x.ts', 'console.log(1)']],
    process: [
      ['src/ops/x.ts', 'if (process.env.A) b()'],
      ['src/ops/x.ts', 'const { env } = process'],
    ],
    'exit and streams': [['src/index.ts', 'process.exit(1)']],
    'node:process': [['src/faces/cli/x.ts', `import { argv } from 'node:process'`]],
    setInterval: [['src/worker/x.ts', 'setInterval(tick, 1000)']],
    'code from text': [
      ['src/ops/x.ts', `const f = new Function('a', b)`],
      ['test/x.test.ts', `eval('1')`],
    ],
    'SQL tag': [['src/ops/x.ts', 'q.run(sql`SELECT 1`)']],
    'SQL text': [['src/ops/x.ts', `const a = 'SELECT * FROM pipeline'`]],
    'Math.random': [['src/worker/x.ts', 'const jitter = Math.random()']],
    'left open': [
      ['src/ops/x.ts', `// TO${'DO'}: finish`],
      ['docs/x.md', `FIX${'ME'}`],
    ],
    'left out of the run': [
      ['test/x.test.ts', `test.skip('a', b)`],
      ['test/x.test.ts', `describe.each(all).only('a', b)`],
      ['test/x.test.ts', `test.todo('a')`],
    ],
    sleep: [
      ['test/x.test.ts', 'await sleep(50)'],
      ['test/x.test.ts', 'await new Promise((resolve) => setTimeout(resolve, 50))'],
    ],
    'default export': [['src/ops/x.ts', 'export default a']],
    'second list of stages': [
      ['src/web/x.ts', `const order = ['spec-review', 'building', 'qa', 'final-review']`],
      ['src/ops/x.ts', `type Stage = 'idea' | 'spec'`],
      ['src/ops/x.ts', `z.enum(['feature', 'enhancement'])`],
    ],
  }
  const cases = Object.entries(planted).flatMap(([name, all]) =>
    all.map(([path, text]) => [name, path, text] as const),
  )

  test.each(cases)('%s is found in %s: %s', (name, path, text) => {
    const faults = banFaults(files({ [path]: `\n${text}\n` }))
    expect(faults.filter(({ message }) => message.startsWith(`${name} (`)).map(({ line }) => line)).toEqual([
      2,
    ])
  })

  test('every ban has a planted fault', () => {
    expect(Object.keys(planted)).toEqual(bans.map(({ name }) => name))
  })

  test.each([
    ['src/ops/x.ts', `const text = 'console.log(Date.now())' // process.exit()`],
    ['src/ops/x.ts', 'const a = new Date(ms).toISOString()'],
    ['src/ops/x.ts', 'const a = Date.parse(text)'],
    ['src/ops/x.ts', `child.process.kill(); const a = { process: 1 }`],
    ['src/ops/x.ts', `const hint = 'select one of them'`],
    ['src/bin.ts', 'process.exitCode = await main(process.argv)'],
    ['test/x.test.ts', 'setTimeout(() => response.end(), 50)'],
    ['test/x.test.ts', `expect(order).toEqual(['idea', 'spec', 'spec-review', 'final-review'])`],
    ['src/domain/stage.ts', `const stages = ['idea', 'spec', 'spec-review', 'final-review']`],
  ])('%s may have: %s', (path, text) => {
    expect(banFaults(files({ [path]: text })).map(shown)).toEqual([])
  })

  test('an exception is kept only while it is needed', () => {
    const ban: Ban = { ...bans[0]!, except: { 'src/bin.ts': 'it has to' } }
    expect(idleExceptions(files({ 'src/bin.ts': 'Date.now()' }), [ban])).toEqual([])
    expect(places(idleExceptions(files({ 'src/bin.ts': '' }), [ban]))).toEqual(['src/bin.ts:1'])
    expect(places(idleExceptions([], [ban]))).toEqual(['src/bin.ts:1'])
  })
})

describe('files', () => {
  test('what nothing leads to is found', () => {
    const sources = files({
      'src/bin.ts': `import './a.ts'`,
      'src/a.ts': `const b = () => import('./b.ts')`,
      'src/b.ts': '',
      'src/lost.ts': '',
      'test/a.test.ts': `import './helpers/used.ts'; run(join(here, 'fixtures/started.ts'))`,
      'test/helpers/used.ts': '',
      'test/helpers/lost.ts': '',
      'test/helpers/setup.ts': '',
      'test/fixtures/started.ts': `import '../helpers/deep.ts'`,
      'test/helpers/deep.ts': '',
    })
    const config = files({ 'vitest.config.ts': `globalSetup: ['test/helpers/setup.ts']` })
    expect(places(unlistedFaults(sources, config))).toEqual(['src/lost.ts:1', 'test/helpers/lost.ts:1'])
  })

  test('a dependency that nothing names is found', () => {
    const sources = files({
      'src/a.ts': `import used from 'used'; import part from '@scope/part/deep' // 'idle'`,
    })
    const faults = idleDependencies(['used', '@scope/part', 'idle'], sources)
    expect(faults.map(({ message }) => message)).toEqual([
      'nothing in src uses the dependency idle: remove it',
    ])
  })

  test('what is longer than it may be is found, and an exception that is not needed', () => {
    const lines = (count: number) => 'a\n'.repeat(count)
    const sources = files({
      'src/a.ts': lines(longest),
      'src/b.ts': lines(longest + 1),
      'src/c.ts': lines(longest + 1),
    })
    expect(places(lengthFaults(sources, { 'src/c.ts': 'a table' }))).toEqual([`src/b.ts:${longest + 1}`])
    expect(places(lengthFaults(sources.slice(0, 1), { 'src/a.ts': 'no reason left' }))).toEqual([
      'src/a.ts:1',
    ])
  })
})

describe('documents', () => {
  test('a place of one machine is found', () => {
    const sources = files({
      'README.md': `see\n${['', 'work', 'main'].join('/')}`,
      'src/a.ts': `// ${['..', 'shared', 'x.md'].join('/')}`,
    })
    expect(places(foreignFaults(sources))).toEqual(['README.md:2', 'src/a.ts:1'])
    expect(foreignFaults(files({ 'README.md': 'how we work/live; a/framework/x; shared/x' }))).toEqual([])
  })

  test('a link that leads nowhere is found', () => {
    const sources = files({
      'docs/a.md':
        '# The title, and more\n[b](b.md) [root](../LICENSE) [here](#the-title-and-more) [folder](decisions/)\n[web](https://example.org)',
      'docs/b.md': '[lost](c.md)\n[anchor](a.md#lost)\n```\n[code](none.md)\n```',
    })
    const all = new Set(['docs/a.md', 'docs/b.md', 'docs/decisions/1.md', 'LICENSE'])
    expect(places(linkFaults(sources, all))).toEqual(['docs/b.md:1', 'docs/b.md:2'])
  })
})
