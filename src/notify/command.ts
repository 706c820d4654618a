/**
 * A program of the owner's: argv without a shell, the event as JSON on standard input, the shortest of it in
 * variables. It gets what a program needs of the worker's environment, and the variables its channel names.
 */

import type { CommandChannel } from '../domain/channel.ts'
import { type NotificationEvent, subjectLine } from '../domain/notification.ts'
import {
  defaultTimeoutMs,
  type NotifyDoor,
  type ProgramEnd,
  retry,
  type Sender,
  seconds,
  stopped,
} from './notify.ts'

/** Enough to find programs, a home, the language, and a desktop to show something on. */
const handedOn =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_[A-Z_]+|TZ|TMPDIR|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS)$/
const handedOnByWindows =
  /^(?:PATH|PATHEXT|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|TEMP|TMP|USERNAME|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES)$/i

export const sendCommand: Sender<CommandChannel> = async ({ command, env }, event, door) => {
  if (door.signal?.aborted) return retry(stopped)
  if ([...command, ...Object.values(env)].some((text) => text.includes('\0'))) {
    return retry('its command holds a NUL character')
  }
  const timeoutMs = door.timeoutMs ?? defaultTimeoutMs
  const options = {
    env: { ...inherited(door.env), ...env, ...variables(event) },
    stdin: `${JSON.stringify(event)}\n`,
    timeoutMs,
  }
  try {
    return judge(await door.run(command, options), timeoutMs)
  } catch (error) {
    const { code } = error as { code?: unknown }
    return retry(`the command could not be started${typeof code === 'string' ? ` (${code})` : ''}`)
  }
}

function judge({ exitCode, timedOut, stderr }: ProgramEnd, timeoutMs: number) {
  if (timedOut) return retry(`the command did not end within ${seconds(timeoutMs)}`)
  if (exitCode === 0) return { outcome: 'sent' as const }
  const end = exitCode === null ? 'was ended by a signal' : `ended with exit code ${exitCode}`
  return retry(`the command ${end}${stderr.trim() === '' ? '' : `: ${stderr}`}`)
}

function inherited(env: NotifyDoor['env']): Record<string, string> {
  const wanted = (name: string) => handedOn.test(name) || handedOnByWindows.test(name)
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && wanted(name) ? [[name, value] as const] : [],
    ),
  )
}

function variables(event: NotificationEvent): Record<string, string> {
  const { id, kind, severity, item, incident } = event
  return {
    PIPELINE_EVENT_ID: id,
    PIPELINE_EVENT_KIND: kind,
    PIPELINE_SEVERITY: severity,
    PIPELINE_SUBJECT: subjectLine(event),
    ...(item && { PIPELINE_ITEM_ID: String(item.id) }),
    ...(incident && { PIPELINE_INCIDENT_ID: String(incident.id) }),
  }
}
