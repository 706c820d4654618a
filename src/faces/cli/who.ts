/** Who acts when nobody says: the person whose name git knows, else the user of the system. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Actor, humanActor, parseActor } from '../../domain/actor.ts'
import { gitRoot } from './locate.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * @param systemUser the name of the process's user; may throw where the system has none
 * @throws TrackerError `invalid` when what was said is no actor
 */
export function whoActs(said: string | undefined, env: Env, cwd: string, systemUser: () => string): Actor {
  const given = said ?? env.PIPELINE_ACTOR
  if (given) return parseActor(given)
  return humanActor(gitName(env, cwd) ?? systemName(env, systemUser))
}

/** Reads git's files itself: to start git for a name would take longer than the command. */
function gitName(env: Env, cwd: string): string | undefined {
  const root = gitRoot(cwd)
  const home = env.HOME ?? env.USERPROFILE
  const files = [
    root && join(root, '.git', 'config'),
    env.GIT_CONFIG_GLOBAL ?? (home && join(home, '.gitconfig')),
    env.XDG_CONFIG_HOME
      ? join(env.XDG_CONFIG_HOME, 'git', 'config')
      : home && join(home, '.config', 'git', 'config'),
  ]
  for (const file of files) {
    const name = file ? userName(file) : undefined
    if (name) return name
  }
  return undefined
}

function userName(file: string): string | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined // no such file: git would not find a name in it either
  }
  let section = ''
  let found: string | undefined
  for (const line of text.split(/\r?\n/)) {
    section =
      /^\s*\[\s*([^\]"]+?)\s*\]/.exec(line)?.[1]?.toLowerCase() ?? (/^\s*\[/.test(line) ? '' : section)
    const name = section === 'user' ? /^\s*name\s*=(.*)$/i.exec(line)?.[1] : undefined
    // As in git, the last one counts.
    if (name !== undefined) found = configValue(name)
  }
  return found
}

/** A value as git reads it: quotes keep spaces, a backslash the next character, # and ; begin a comment. */
function configValue(written: string): string {
  let value = ''
  let quoted = false
  for (const [part] of written.trim().matchAll(/\\.|[^\\]/gsu)) {
    if (part === '"') quoted = !quoted
    else if (!quoted && (part === '#' || part === ';')) break
    else value += part.length > 1 ? part.slice(1) : part
  }
  return value.trim()
}

function systemName(env: Env, systemUser: () => string): string {
  const named = env.USER ?? env.LOGNAME ?? env.USERNAME
  if (named) return named
  try {
    return systemUser()
  } catch {
    return 'unknown' // a user id without an entry, as in some containers
  }
}
