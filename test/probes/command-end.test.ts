/** However a command check ends, nothing of it is left: looked up by process id. */

import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckPlan } from '../../src/domain/health-check.ts'
import { createCommandProbe } from '../../src/probes/command.ts'
import type { Probe, ProbeContext } from '../../src/probes/probe.ts'
import { type Door, doors } from './doors.ts'
import { contextOf, isGone, planOf, waitUntil } from './plan.ts'

describe.each(doors)('by %s', (_, open) => {
  let root: string
  let door: Door
  let probe: Probe

  beforeAll(async () => {
    door = await open()
    probe = createCommandProbe({ run: door.run })
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'throughline-command-')))
  })

  afterAll(async () => {
    await door.close()
    rmSync(root, { recursive: true, force: true })
  })

  const run = (argv: string[], fields: Partial<CheckPlan> = {}, context: Partial<ProbeContext> = {}) =>
    probe(planOf({ argv, ...fields }), contextOf({ root, ...context }))
  const sh = (script: string, fields: Partial<CheckPlan> = {}, context: Partial<ProbeContext> = {}) =>
    run(['sh', '-c', script], fields, context)
  const node = (script: string) => [process.execPath, '-e', script]

  describe('an end to everything', () => {
    test('the time limit ends a program that hangs', async () => {
      const seen = await sh('echo begun; exec sleep 1000', { timeoutMs: 200 })
      expect(seen).toMatchObject({ timedOut: true, exitCode: null, signal: 'SIGTERM', stdout: 'begun\n' })
      expect(seen.fault).toBeUndefined()
      expect(seen.durationMs).toBeGreaterThanOrEqual(180)
      expect(seen.durationMs).toBeLessThan(2000)
    })

    test('a program that ignores SIGTERM is killed after the grace', async () => {
      const seen = await run(
        node(`process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1e6);
      console.log(process.pid)`),
        { timeoutMs: 1500 },
      )
      expect(seen).toMatchObject({
        timedOut: true,
        signal: 'SIGKILL',
        stdout: expect.stringMatching(/^\d+\nno\n$/),
      })
      expect(seen.durationMs).toBeLessThan(5000)
      await waitUntil(() => isGone(Number.parseInt(seen.stdout ?? '', 10)))
    })

    test('a grandchild of a program that hangs is gone afterwards', async () => {
      const seen = await sh('sleep 1000 & echo $!; wait', { timeoutMs: 200 })
      expect(seen.timedOut).toBe(true)
      await waitUntil(() => isGone(Number(seen.stdout)))
    })

    test('a grandchild that ignores SIGTERM is gone too, when its parent went at once', async () => {
      const seen = await sh(`sh -c "trap '' TERM; echo \\$\\$; while :; do sleep 1; done" & wait`, {
        timeoutMs: 800,
      })
      expect(seen).toMatchObject({
        timedOut: true,
        signal: 'SIGTERM',
        stdout: expect.stringMatching(/^\d+\n$/),
      })
      await waitUntil(() => isGone(Number(seen.stdout)))
    })

    test('a grandchild is given the grace to clean up, when its parent went at once', async () => {
      const child = `trap "sleep 0.2; echo cleaned; exit" TERM; echo ready; while :; do sleep 0.02; done`
      const seen = await sh(`sh -c '${child}' & wait`, { timeoutMs: 800 })
      expect(seen).toMatchObject({ timedOut: true, stdout: 'ready\ncleaned\n' })
      expect(seen.durationMs).toBeLessThan(2500)
    })

    test('a grandchild that outlives a good end is killed, and holds nothing up', async () => {
      const startedMs = performance.now()
      const seen = await sh('sleep 1000 & echo $!')
      expect(seen).toMatchObject({ exitCode: 0 })
      expect(seen.timedOut).toBeUndefined()
      expect(performance.now() - startedMs).toBeLessThan(2000)
      await waitUntil(() => isGone(Number(seen.stdout)))
    })

    test('a grandchild in a session of its own gets away, but does not hold the attempt up', async () => {
      const seen = await run(
        node(`const { spawn } = require('node:child_process')
      const child = spawn('sleep', ['1000'], { detached: true, stdio: 'inherit' }); child.unref(); console.log(child.pid)`),
      )
      expect(seen).toMatchObject({ exitCode: 0 })
      process.kill(Number(seen.stdout), 'SIGKILL')
    })

    test('a stop of the worker kills the group at once: that is no result', async () => {
      const stop = new AbortController()
      const file = path.join(root, 'pid')
      const attempt = sh(
        `trap 'exit 5' TERM; sleep 1000 & echo $! > ${file}; wait`,
        {},
        { signal: stop.signal },
      )
      const pid = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0)
      await waitUntil(() => pid() > 0)
      stop.abort()
      const seen = await attempt
      expect(seen).toMatchObject({
        exitCode: null,
        signal: 'SIGKILL',
        fault: { of: 'runner', code: 'stopped' },
      })
      expect(seen.timedOut).toBeUndefined()
      await waitUntil(() => isGone(pid()))
    })

    test('a worker that has stopped starts nothing', async () => {
      const seen = await sh('touch started', {}, { signal: AbortSignal.abort() })
      expect(seen).toEqual({ durationMs: 0, fault: expect.objectContaining({ code: 'stopped' }) })
      expect((await sh('test -e started')).exitCode).toBe(1)
    })
  })
})
