/** What of a check has to be approved before it runs, where it came over the network. */

import type { HealthCheck } from './health-check.ts'
import { splitWords } from './shell-words.ts'

/**
 * What makes a check dangerous, as canonical JSON, to be approved: a command, and anything that sends a secret of
 * the runner's somewhere. The same program with the same arguments, folder and environment gives the same text,
 * however it was written.
 * @param check  as `parseHealthCheck` returned it
 * @returns      undefined when the check runs no command and holds no secret
 */
export function commandFingerprint(check: HealthCheck): string | undefined {
  const { type, command, shell = false, cwd = '.', env = {} } = check
  if (type !== 'command' || command === undefined) return secretFingerprint(check)
  const run = shell || typeof command !== 'string' ? command : splitWords(command)
  const sorted = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify({ command: run, shell, cwd, env: sorted })
}

function secretFingerprint({
  type,
  url,
  host,
  method = 'GET',
  headers = {},
  body,
  followRedirects,
}: HealthCheck): string | undefined {
  const sorted = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))
  const text = JSON.stringify({ type, url, host, method, headers: sorted, body, followRedirects })
  return text.includes('${secret:') ? text : undefined
}
