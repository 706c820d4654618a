/** A command check against real programs: arguments, output, folders, secrets. Its end: command-end.test.ts. */

import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckPlan } from '../../src/domain/health-check.ts'
import { createCommandProbe } from '../../src/probes/command.ts'
import type { Probe, ProbeContext } from '../../src/probes/probe.ts'
import { type Door, doors } from './doors.ts'
import { contextOf, planOf } from './plan.ts'

describe.each(doors)('by %s', (_, open) => {
  let base: string
  let root: string
  let door: Door
  let probe: Probe

  beforeAll(async () => {
    door = await open()
    probe = createCommandProbe({ run: door.run })
    base = realpathSync(mkdtempSync(path.join(tmpdir(), 'throughline-command-')))
    root = path.join(base, 'project')
    mkdirSync(path.join(root, 'inner'), { recursive: true })
    mkdirSync(path.join(base, 'project-beside'))
    symlinkSync(base, path.join(root, 'way-out'))
    symlinkSync(path.join(root, 'inner'), path.join(root, 'way-in'))
  })

  afterAll(async () => {
    await door.close()
    rmSync(base, { recursive: true, force: true })
  })

  const run = (argv: string[], fields: Partial<CheckPlan> = {}, context: Partial<ProbeContext> = {}) =>
    probe(planOf({ argv, ...fields }), contextOf({ root, ...context }))
  const sh = (script: string, fields: Partial<CheckPlan> = {}, context: Partial<ProbeContext> = {}) =>
    run(['sh', '-c', script], fields, context)
  const node = (script: string, ...args: string[]) => [process.execPath, '-e', script, ...args]

  describe('what a program did', () => {
    test.each([0, 1, 3, 255])('exit code %i is told', async (code) => {
      const seen = await sh(`exit ${code}`)
      expect(seen).toMatchObject({ exitCode: code, stdout: '', stderr: '' })
      expect(seen.fault).toBeUndefined()
      expect(seen.timedOut).toBeUndefined()
    })

    test('stdout and stderr are kept apart, and the time is measured', async () => {
      const seen = await sh('echo out; echo err >&2; sleep 0.05')
      expect(seen).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' })
      expect(seen.durationMs).toBeGreaterThanOrEqual(40)
    })

    test('a program that ends by a signal has no exit code', async () => {
      expect(await sh('kill -9 $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
    })

    test('a shell reads a text where the owner of the runner allows it, and nowhere else', async () => {
      const plan = { shell: true, shellCommand: 'echo "$WORD" | tr a-z A-Z', env: { WORD: 'word' } }
      const refused = await run([], plan)
      expect(refused.fault).toMatchObject({ code: 'shell-not-allowed', of: 'runner' })
      const seen = await run([], plan, { env: { PATH: process.env.PATH, PIPELINE_ALLOW_SHELL: '1' } })
      expect(seen).toMatchObject({ exitCode: 0, stdout: 'WORD\n' })
    })

    test('arguments reach the program literally: no shell reads them', async () => {
      const args = [
        'a b',
        `"quoted"`,
        `it's`,
        '; touch pwned',
        '$(id)',
        '`id`',
        '*',
        '&& false',
        '> x',
        '$HOME',
        '',
        '\n',
      ]
      const seen = await run(
        node('process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', ...args),
      )
      expect(JSON.parse(seen.stdout ?? '')).toEqual(args)
    })

    test('standard input is empty', async () => {
      expect(await run(['cat'])).toMatchObject({ exitCode: 0, stdout: '' })
    })

    test('a character that comes in two pieces is one character', async () => {
      const script = `const b = Buffer.from('€'); process.stdout.write(b.subarray(0, 1), () =>
      setTimeout(() => process.stdout.write(b.subarray(1)), 30))`
      expect((await run(node(script))).stdout).toBe('€')
    })

    test('NUL, which no database takes, is replaced', async () => {
      expect((await sh(`printf 'a\\000b'`)).stdout).toBe('a\uFFFDb')
    })

    test('of 200 MB the first 64 KiB are kept; the program is not blocked and memory stays bounded', async () => {
      const before = process.memoryUsage.rss()
      const seen = await sh('yes 0123456 | head -c 200000000; yes e | head -c 70000 >&2; exit 7')
      expect(seen).toMatchObject({ exitCode: 7, truncated: true })
      expect(seen.stdout).toHaveLength(64 * 1024)
      expect(seen.stderr).toHaveLength(64 * 1024)
      // maxRSS is in KiB, and the highest ever
      expect(process.resourceUsage().maxRSS * 1024 - before).toBeLessThan(150_000_000)
    })

    test('64 KiB to the byte are not cut', async () => {
      const seen = await sh('yes | head -c 65536')
      expect(seen.stdout).toHaveLength(65_536)
      expect(seen.truncated).toBeUndefined()
    })
  })

  describe('what can not be started', () => {
    test('a missing program is the fault of the target', async () => {
      const seen = await run(['no-such-program-here', '--help'])
      expect(seen.fault).toEqual({
        code: 'ENOENT',
        message: 'command not found: no-such-program-here',
        of: 'target',
      })
      expect(seen.exitCode).toBeUndefined()
    })

    test('a file that may not be run is the fault of the target', async () => {
      const file = path.join(root, 'not-executable.sh')
      writeFileSync(file, 'exit 0')
      chmodSync(file, 0o644)
      expect((await run(['./not-executable.sh'])).fault).toMatchObject({ code: 'EACCES', of: 'target' })
    })

    test.each([
      ['shell', { shell: true, shellCommand: 'true' }, 'shell-not-allowed'],
      ['no argv', { argv: [] }, 'invalid-plan'],
      ['NUL in an argument', { argv: ['echo', 'a\0b'] }, 'ERR_INVALID_ARG_VALUE'],
      ['too long a line', { argv: ['echo', 'x'.repeat(3_000_000)] }, 'E2BIG'],
    ])('%s: the runner refuses', async (_, fields, code) => {
      expect((await run(['true'], fields)).fault).toMatchObject({ code, of: 'runner' })
    })
  })

  describe('the working folder', () => {
    test.each([
      ['.', ''],
      ['inner', 'inner'],
      ['inner/../inner/', 'inner'],
      ['way-in', 'inner'],
    ])('%s', async (cwd, real) => {
      expect((await run(['pwd', '-P'], { cwd })).stdout).toBe(`${path.join(root, real)}\n`)
    })

    test.each([
      '..',
      '../project-beside',
      'inner/../..',
      '/',
      'way-out',
      'way-out/project-beside',
      '../nothing-there',
    ])('%s is outside the project', async (cwd) => {
      const seen = await sh('touch escaped', { cwd })
      expect(seen.fault).toMatchObject({ code: 'cwd-outside-root', of: 'runner' })
      expect(seen.exitCode).toBeUndefined()
    })

    test('one that is not there is told as such, not as a missing command', async () => {
      const seen = await sh('true', { cwd: 'gone' })
      expect(seen.fault).toEqual({
        code: 'cwd-not-found',
        message: 'the working folder is not there: gone',
        of: 'target',
      })
    })

    test('a project that is not there is the fault of the runner', async () => {
      const seen = await sh('true', {}, { root: path.join(base, 'no-project') })
      expect(seen.fault).toMatchObject({ code: 'root-not-found', of: 'runner' })
    })
  })

  describe('environment and secrets', () => {
    const searchPath = process.env.PATH
    const env = {
      PATH: searchPath,
      HOME: '/h',
      LC_ALL: 'C',
      NODE_OPTIONS: '--x',
      DB_URL: 'postgres://x',
      TOKEN: 's3cr3t/+"x"',
    }

    test("only the allow-list and the plan's own variables reach the program", async () => {
      const { stdout } = await run(['env'], { env: { MODE: 'probe', LC_ALL: 'C.UTF-8' } }, { env })
      expect(stdout?.trim().split('\n').sort()).toEqual(
        ['HOME=/h', 'LC_ALL=C.UTF-8', 'MODE=probe', `PATH=${searchPath}`].sort(),
      )
    })

    test('a secret reaches the program in env and argv, and is blotted out of what it prints', async () => {
      const script = `if (process.env.AUTH !== 'Bearer ' + process.argv[1] || process.argv[1].length !== 11) process.exit(9)
      console.log(process.argv[1]); console.error('x' + process.env.AUTH + encodeURIComponent(process.argv[1]))
      console.log(JSON.stringify(process.argv[1]), Buffer.from(process.argv[1]).toString('base64'))`
      const seen = await run(
        node(script, '${secret:TOKEN}'),
        { env: { AUTH: 'Bearer ${secret:TOKEN}' } },
        { env },
      )
      expect(seen).toMatchObject({ exitCode: 0, stdout: '***\n"***" ***\n', stderr: 'xBearer ******\n' })
    })

    test('a secret does not show in a fault', async () => {
      const seen = await run(['./${secret:TOKEN}'], {}, { env })
      expect(seen.fault).toMatchObject({ code: 'ENOENT', message: 'command not found: ./***' })
      const thrown = await run(['echo', 'a\0${secret:TOKEN}'], {}, { env })
      expect(thrown.fault?.message).not.toContain('s3cr3t')
    })

    test('a secret that the cap cuts through leaves no beginning behind', async () => {
      const seen = await sh(
        `yes '' | tr '\\n' . | head -c 65530; printf '%s' "$T" | tr -d '\\n'; echo tail`,
        {
          env: { T: '${secret:TOKEN}' },
        },
        { env },
      )
      expect(seen.truncated).toBe(true)
      expect(seen.stdout).toBe('.'.repeat(65_530))
    })

    test.each(['NOT_SET', 'EMPTY', '', 'toString'])('without the secret %j nothing is run', async (name) => {
      const seen = await sh(
        'touch ran-without',
        { env: { A: `\${secret:${name}}` } },
        { env: { ...env, EMPTY: '' } },
      )
      expect(seen.fault).toMatchObject({ code: 'secret-missing', of: 'runner' })
      expect((await sh('test -e ran-without')).exitCode).toBe(1)
    })

    test('a value that looks like a placeholder is not read again', async () => {
      const seen = await run(
        ['printenv', 'A'],
        { env: { A: '${secret:OUTER}' } },
        { env: { ...env, OUTER: '${secret:TOKEN}$&' } },
      )
      expect(seen).toMatchObject({ exitCode: 0, stdout: '***\n' })
    })
  })
})
