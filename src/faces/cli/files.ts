/** What the command line hands to operations on whole databases and files: paths, streams, a progress bar. */

import { resolve } from 'node:path'
import { TrackerError } from '../../errors.ts'
import type { Files } from '../../ops/operation.ts'
import { isServer, type Location, prepare } from './locate.ts'
import type { Io } from './main.ts'
import { incomplete } from './output.ts'
import type { Session } from './session.ts'

export function filesOf({ io, globals }: Session, location: Location, open: Files['open']): Files {
  const bar = io.stderr.isTerminal && !globals.quiet && globals.json === undefined
  return {
    location,
    stopped: io.stopped,
    sweep: io.sweep,
    prepare: () => prepare(location),
    open,
    resolve: (path) => (isServer(path) ? path : resolve(io.cwd, path)),
    read: async (path) => {
      if (path === '-') return standardInput(io)
      try {
        return await io.reader.file(resolve(io.cwd, path))
      } catch (cause) {
        if (cause instanceof TrackerError) throw cause
        throw new TrackerError('not-found', `can't read ${path}: ${(cause as Error).message}`, { cause })
      }
    },
    write(text) {
      if (globals.json !== undefined) {
        throw new TrackerError('invalid', 'standard output is for the data or for --json, not for both', {
          hint: 'name a file to write to',
        })
      }
      try {
        io.stdout.write(text)
      } catch (error) {
        throw incomplete(error)
      }
    },
    ...(bar ? { progress: (done: number, total: number) => io.stderr.write(progressBar(done, total)) } : {}),
  }
}

/** Read once, and kept: where there is no pipeline yet, a rehearsal reads it before the work itself does. */
const inputs = new WeakMap<Io, Promise<string>>()

function standardInput(io: Io): Promise<string> {
  const text = inputs.get(io) ?? io.reader.stdin()
  inputs.set(io, text)
  return text
}

const cells = 30

/** `[##########··········]  50 %`, over itself; gone when all is done. */
export function progressBar(done: number, total: number): string {
  if (done >= total) return '\r\u001b[K'
  const full = Math.floor((done / total) * cells)
  const percent = String(Math.floor((done / total) * 100)).padStart(3)
  return `\r[${'#'.repeat(full)}${'·'.repeat(cells - full)}] ${percent} %`
}
