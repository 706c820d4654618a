/** Servers as processes of their own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './figure.ts'

export interface Served {
  url: string
  child: ChildProcess
}

/** `pipeline serve` on a database, without its monitor. */
export const serving = (db: string): Promise<Served> =>
  started([join(root, 'tools', 'db.js'), 'pipeline', '--db', db, 'serve', '--port', '0', '--no-monitor'])

/** @returns once it has said its address */
export function started(args: string[]): Promise<Served> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout!.on('data', (chunk) => {
      said += chunk
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (url) resolve({ url, child })
    })
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)))
  })
}
