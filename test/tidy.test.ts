/** The shape of the project, held by a test: layers, lengths, what is listed, what is banned. Rules: test/tidy/. */

import { expect, test } from 'vitest'
import { banFaults, idleExceptions } from './tidy/bans.ts'
import { foreignFaults, linkFaults } from './tidy/documents.ts'
import { eagerFaults } from './tidy/eager.ts'
import { layerFaults } from './tidy/layers.ts'
import { idleDependencies, unlistedFaults } from './tidy/reach.ts'
import { lengthFaults } from './tidy/size.ts'
import { type Fault, isCode, listFiles, readSource, shown } from './tidy/source.ts'

const paths = listFiles()
const texts = paths
  .filter((path) => isCode(path) || /\.(?:md|json|css|html|sh|ya?ml)$|^\.ci\//.test(path))
  .map((path) => readSource(path))
const code = texts.filter(({ path }) => isCode(path))
const below = (folder: string) => code.filter(({ path }) => path.startsWith(folder))

const tidy = (faults: Fault[]): void => expect(faults.map(shown).join('\n')).toBe('')

test('imports go one way, and siblings do not know each other', () => {
  tidy(layerFaults(below('src/')))
})

test('what few commands need is not loaded by all of them', () => {
  tidy(eagerFaults(below('src/'), 'src/bin.ts'))
})

test('every file is one thing of at most 400 lines', () => {
  tidy(lengthFaults(texts))
})

test('every file is used', () => {
  tidy(unlistedFaults([...below('src/'), ...below('test/')], [readSource('vitest.config.ts')]))
})

test('every dependency is used', () => {
  const { dependencies } = JSON.parse(readSource('package.json').text) as {
    dependencies: Record<string, string>
  }
  tidy(idleDependencies(Object.keys(dependencies), below('src/')))
})

test('clock, process, console, SQL, chance and the like stay in their place', () => {
  tidy(banFaults(texts))
})

test('no exception outlives its need', () => {
  tidy(idleExceptions(texts))
})

test('documents and code speak of the project alone', () => {
  tidy(foreignFaults(texts))
})

test('links in documents lead somewhere', () => {
  tidy(linkFaults(texts, new Set(paths)))
})
