/** A program and all it started, as one thing to be ended. */

import { spawn } from 'node:child_process'
// the one need for `process` here: nothing else can signal a group
import { kill, platform } from 'node:process'

export const onWindows = platform === 'win32'

/** Windows has no groups: there the tree is ended at once, whatever the signal. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (onWindows) {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on(
      'error',
      ignore,
    )
    return
  }
  trySignal(-pid, signal)
}

/** Whether anything of the group is left, be it a zombie that nobody has reaped. */
export function isGroupAlive(pid: number): boolean {
  return !onWindows && trySignal(-pid, 0)
}

/** False when there is nobody (ESRCH), or nobody we may signal (EPERM). */
function trySignal(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return kill(pid, signal)
  } catch {
    return false
  }
}

function ignore(): void {}
