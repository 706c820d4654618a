/** Real monitoring plugins of Debian, run by the command probe and judged with `exitCodes: nagios`. */

import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { parseHealthCheck } from '../../src/domain/health-check.ts'
import { judge, type Verdict } from '../../src/domain/verdict.ts'
import { commandProbe } from '../../src/probes/command.ts'
import { contextOf } from './plan.ts'
import { closeServers, serveRaw } from './server.ts'

const folder = '/usr/lib/nagios/plugins'
const needed = ['check_dummy', 'check_load', 'check_procs', 'check_tcp']
const missing = needed.filter((name) => !existsSync(path.join(folder, name)))

afterEach(closeServers)

async function verdictOf(name: string, ...args: string[]): Promise<Verdict> {
  const check = {
    type: 'command',
    command: [path.join(folder, name), ...args],
    exitCodes: 'nagios',
    frequency: 'daily',
  }
  const { plan } = parseHealthCheck(check)
  return judge(plan, await commandProbe(plan, contextOf()))
}

// Nothing is skipped in silence: where everything has to hold, a machine without plugins is one that is not ready.
test.runIf(process.env.CI === 'true')('the plugins are installed', () => {
  expect(missing, `not in ${folder}: apt-get install monitoring-plugins-basic`).toEqual([])
})

describe.skipIf(missing.length > 0)('a plugin of Debian', () => {
  test.each([
    ['0', 'up', 'OK: as it says'],
    ['1', 'degraded', 'WARNING: as it says'],
    ['2', 'down', 'CRITICAL: as it says'],
    ['3', 'unknown', 'UNKNOWN: as it says'],
  ])('check_dummy %s is %s', async (code, result, summary) => {
    expect(await verdictOf('check_dummy', code, 'as it says')).toEqual({ result, summary })
  })

  test('check_load measures three times', async () => {
    const { result, summary, perfdata } = await verdictOf(
      'check_load',
      '-w',
      '9000,9000,9000',
      '-c',
      '9999,9999,9999',
    )
    expect(result).toBe('up')
    expect(summary).toMatch(/^(LOAD )?OK - /)
    expect(perfdata?.map(({ label, warn, crit, min }) => [label, warn, crit, min])).toEqual(
      ['load1', 'load5', 'load15'].map((label) => [label, '9000.000', '9999.000', 0]),
    )
    for (const { value } of perfdata ?? []) expect(value).toBeGreaterThanOrEqual(0)
  })

  test('check_procs is as bad as its limits say', async () => {
    const procs = [{ label: 'procs', value: expect.any(Number), unit: '', min: 0 }]
    const up = await verdictOf('check_procs', '-w', '1:100000', '-c', '1:100000')
    expect(up).toMatchObject({ result: 'up', perfdata: procs })
    expect(up.summary).toMatch(/^PROCS OK: \d+ processes$/)
    expect(up.perfdata![0]!.value).toBeGreaterThanOrEqual(1)
    expect(await verdictOf('check_procs', '-w', '0', '-c', '100000')).toMatchObject({
      result: 'degraded',
      perfdata: procs,
    })
    expect(await verdictOf('check_procs', '-c', '0')).toMatchObject({ result: 'down', perfdata: procs })
  })

  test('check_tcp tells a server that listens from one that is gone', async () => {
    const { server, origin } = await serveRaw((socket) => socket.end())
    const port = new URL(origin).port
    const up = await verdictOf('check_tcp', '-H', '127.0.0.1', '-p', port)
    expect(up).toMatchObject({ result: 'up', perfdata: [{ label: 'time', unit: 's', min: 0, max: 10 }] })
    await new Promise((resolve) => server.close(resolve))
    expect(await verdictOf('check_tcp', '-H', '127.0.0.1', '-p', port)).toMatchObject({
      result: 'down',
      summary: expect.stringContaining('Connection refused'),
    })
  })

  test('one that is called wrongly is unknown', async () => {
    expect((await verdictOf('check_load', '--nonsense')).result).toBe('unknown')
  })
})
