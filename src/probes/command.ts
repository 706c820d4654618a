/**
 * A command check: argv without a shell, in a folder of the project, with an environment that is handed on by
 * name. A secret in argv can be seen in the system's list of processes while it runs; `env` is the better place.
 */

import { realpath } from 'node:fs/promises'
import path from 'node:path'

import type { Fault, Observation } from '../domain/observation.ts'
import { stopped } from './deadline.ts'
import { notRun, runnerFault, targetFault } from './faults.ts'
import type { Probe, ProbeContext } from './probe.ts'
import { onWindows } from './process-group.ts'
import { type ProgramEnd, type RunProgram, runProgram } from './program.ts'
import { readSecrets, type Secrets } from './secrets.ts'

/** What a program is told of the runner's environment: enough to find programs, a home and the language. */
const POSIX_NAMES = /^(?:PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_[A-Z_]+|TZ|TMPDIR)$/
const WINDOWS_NAMES =
  /^(?:PATH|PATHEXT|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|TEMP|TMP|TZ|LANG|USERNAME|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES(?:\(X86\))?)$/i

/** Start failures that are about the program; all others are about the runner. */
const PROGRAM_SENTENCES: Record<string, string> = {
  EACCES: 'not allowed to run',
  EISDIR: 'not a program',
  ELOOP: 'too many symbolic links on the way to',
  ENOENT: 'command not found',
  ENOEXEC: 'not a program',
  ENOTDIR: 'command not found',
  EPERM: 'not allowed to run',
}

/** @param run  where programs are run: here, or in a process for that (spawner.ts) */
export function createCommandProbe({ run = runProgram }: { run?: RunProgram } = {}): Probe {
  return async (plan, context) => {
    if (plan.shell && context.env.PIPELINE_ALLOW_SHELL !== '1') return notRun(noShell)
    const argv = plan.shell ? shellOf(plan.shellCommand ?? '') : (plan.argv ?? [])
    const secrets = readSecrets([...argv, ...Object.values(plan.env)], context.env)
    const [program, ...args] = argv.map(secrets.fill)
    const refusal = refuse(program, secrets)
    if (refusal || program === undefined) return notRun(refusal ?? emptyCommand)
    const folder = await findFolder(context.root, plan.cwd)
    if (typeof folder !== 'string') return notRun(folder)
    if (context.signal?.aborted) return notRun(stopped)
    const end = await run({
      argv: [program, ...args],
      cwd: folder,
      env: programEnvironment(plan.env, context.env, secrets),
      timeoutMs: plan.timeoutMs,
      signal: context.signal,
      elapsedMs: () => context.elapsedMs(),
    })
    return observe(end, program, secrets)
  }
}

export const commandProbe: Probe = createCommandProbe()

const noShell = runnerFault(
  'shell-not-allowed',
  'this runner does not run checks through a shell: its owner allows it with PIPELINE_ALLOW_SHELL=1',
)

/** The text as it was written: no secret is put into it, see `health-check-parse.ts`. */
const shellOf = (text: string): string[] =>
  onWindows ? ['cmd.exe', '/d', '/s', '/c', text] : ['/bin/sh', '-c', text]

const emptyCommand = runnerFault('invalid-plan', 'the check names no command')

function refuse(program: string | undefined, secrets: Secrets): Fault | undefined {
  if (program === undefined || program === '') return emptyCommand
  return secrets.fault
}

/** @returns  the real folder to run in, or why there is none */
async function findFolder(root: string, cwd: string): Promise<string | Fault> {
  const realRoot = await realpath(root).catch(() => undefined)
  if (realRoot === undefined)
    return runnerFault('root-not-found', `the project's folder is not there: ${root}`)
  const outside = runnerFault('cwd-outside-root', `the working folder is outside the project: ${cwd}`)
  const wanted = path.resolve(realRoot, cwd)
  if (wanted === realRoot) return realRoot
  if (!isWithin(realRoot, wanted)) return outside
  const real = await realpath(wanted).catch(() => undefined)
  if (real === undefined) return targetFault('cwd-not-found', `the working folder is not there: ${cwd}`)
  return isWithin(realRoot, real) ? real : outside
}

function isWithin(root: string, folder: string): boolean {
  const way = path.relative(root, folder)
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way)
}

function programEnvironment(
  planned: Record<string, string>,
  runner: ProbeContext['env'],
  secrets: Secrets,
): Record<string, string> {
  const names = onWindows ? WINDOWS_NAMES : POSIX_NAMES
  const handedOn = Object.entries(runner).flatMap(([name, value]) =>
    value !== undefined && names.test(name) ? [[name, value] as const] : [],
  )
  const filled = Object.entries(planned).map(([name, value]) => [name, secrets.fill(value)] as const)
  return Object.fromEntries([...handedOn, ...filled])
}

function observe(end: ProgramEnd, program: string, secrets: Secrets): Observation {
  const { durationMs, exitCode, stdout, stderr } = end
  if (end.fault) return { durationMs, fault: end.fault }
  if (end.error) return { durationMs, fault: startFault(end.error, program, secrets) }
  return {
    durationMs,
    exitCode,
    ...(end.signal !== null && { signal: end.signal }),
    stdout: secrets.redact(stdout.text, stdout.truncated),
    stderr: secrets.redact(stderr.text, stderr.truncated),
    ...((stdout.truncated || stderr.truncated) && { truncated: true }),
    ...(end.cut === 'timeout' && { timedOut: true }),
    ...(end.cut === 'stopped' && { fault: stopped }),
  }
}

function startFault(error: NonNullable<ProgramEnd['error']>, program: string, secrets: Secrets): Fault {
  const code = error.code ?? 'probe-failed'
  const sentence = PROGRAM_SENTENCES[code]
  if (sentence !== undefined) return targetFault(code, secrets.redact(`${sentence}: ${program}`))
  return runnerFault(code, secrets.redact(`the command could not be started: ${error.message}`))
}
