/** Where commands are run: in the worker's own process, or in the spawner. What holds for one holds for both. */

import { join } from 'node:path'
import { type RunProgram, runProgram } from '../../src/probes/program.ts'
import { createSpawner, type Spawner } from '../../src/probes/spawner.ts'
import { bundleScript } from '../helpers/script.ts'

const source = join(import.meta.dirname, '../../src/probes/spawner-process.ts')

/** The spawner's bundle, as the build would make it. */
export const spawnerFile = async () => ({ path: await bundleScript(source), execPath: process.execPath })

export interface Door {
  run: RunProgram
  close(): Promise<void>
}

export const doors: [string, () => Promise<Door>][] = [
  ['the worker itself', async () => ({ run: runProgram, close: async () => {} })],
  ['the spawner', async (): Promise<Spawner> => createSpawner(await spawnerFile())],
]
