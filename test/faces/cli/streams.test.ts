/** Pipes, files and devices at the three streams of the command. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { door, freshPlace, type Place, run, running, sure } from '../../helpers/cli.ts'

const mebibyte = 1024 * 1024

/** A line of shell in which `pipeline` is the command. */
const shell = (place: Place, line: string, options = {}) =>
  run(place, ['bash', '-c', `pipeline() { '${process.execPath}' '${door}' "$@"; }; ${line}`], options)

describe('standard output', () => {
  test('may be closed early: head takes one line, and nobody complains', async () => {
    const place = await freshPlace()
    await sure(place)(['demo', '-q'])
    const first = await shell(place, 'pipeline log --limit 1000 | head -1; echo "codes ${PIPESTATUS[*]}"')
    expect(first.stdout).toMatch(/^\d{4}-.*\ncodes 0 0\n$/)
    expect(first.stderr).toBe('')
    const none = await shell(place, 'pipeline board --json | true; echo "codes ${PIPESTATUS[*]}"')
    expect(none).toMatchObject({ stdout: 'codes 0 0\n', stderr: '' })
  })

  test('comes through a slow pipe whole', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'A', '--desc', '-', '-q'], { stdin: 'ü'.repeat(100_000) })
    // One byte at a time, then pieces of a page: the pipe is full for most of the way.
    const slow = 'pipeline show 1 --json | (dd bs=1 count=300 2>/dev/null; dd bs=4096 2>/dev/null)'
    expect((await shell(place, slow)).json().description).toBe('ü'.repeat(100_000))
  })

  test('comes whole through a pipe that does not block', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'A', '--desc', '-', '-q'], { stdin: 'x'.repeat(200_000) })
    // Node makes the pipe of its stdout non-blocking, and whoever shares it past the third file gets it like that.
    const parent = `process.stdout.write('')
      const line = ['-c', 'exec "$0" "$@" >&3', process.execPath, '${door}', 'show', '1', '--json']
      const { status } = require('node:child_process').spawnSync('sh', line, { stdio: ['ignore', 'ignore', 'inherit', 1] })
      process.exitCode = status`
    const slow = `"$0" -e "$1" | (dd bs=1 count=300 2>/dev/null; dd bs=4096 2>/dev/null); exit \${PIPESTATUS[0]}`
    const shown = await run(place, ['bash', '-c', slow, process.execPath, parent])
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.json().description).toHaveLength(200_000)
  })

  test('that cannot be written is an error, which does not say that nothing happened', async () => {
    const place = await freshPlace()
    const full = await shell(place, 'pipeline create A > /dev/full')
    expect(full).toMatchObject({ code: 1, stdout: '' })
    expect(full.stderr).toMatch(
      /error: the answer could not be written: .*ENOSPC.*\nhint: what was asked for is done/,
    )
    expect((await sure(place)(['list', '--json=title'])).json().items).toEqual([{ title: 'A' }])
  })

  test('may be closed from the beginning', async () => {
    const place = await freshPlace()
    expect(await shell(place, 'pipeline create A >&- 2>&- <&-')).toMatchObject({ code: 0 })
    expect((await sure(place)(['list', '--json=title'])).json().items).toEqual([{ title: 'A' }])
  })
})

test('talk that cannot be written is no reason to fail', async () => {
  const place = await freshPlace()
  expect(await shell(place, 'pipeline create A -q && pipeline move 1 live 2> /dev/full')).toMatchObject({
    code: 0,
  })
  expect(await shell(place, 'pipeline show 99 2> /dev/full')).toMatchObject({ code: 3, stderr: '' })
})

describe('standard input', () => {
  test('of a mebibyte is read whole, by pipe and by file', async () => {
    const place = await freshPlace()
    const text = 'Ä line of text.\n'.repeat(Math.floor(mebibyte / 17))
    expect(Buffer.byteLength(text)).toBeGreaterThan(mebibyte - 17)
    await sure(place)(['create', 'A', '--spec', '-'], { stdin: text })
    expect((await sure(place)(['show', '1', '--json=spec'])).json().spec).toBe(text)
    const file = await shell(place, 'cat > spec.md; pipeline create B --spec spec.md -q', { stdin: text })
    expect(file).toMatchObject({ code: 0, stdout: '2\n' })
    expect((await sure(place)(['show', '2', '--json=spec'])).json().spec).toBe(text)
  })

  test('is only read where a dash asks for it', async () => {
    const place = await freshPlace()
    const one = await shell(
      place,
      'printf "one\\ntwo\\n" | while read line; do pipeline create "$line" -q; done',
    )
    expect(one.stdout).toBe('1\n2\n')
  })

  test('becomes a note, a health check, a criterion', async () => {
    const place = await freshPlace()
    await sure(place)(['create', 'A'])
    await sure(place)(['note', '1', '-'], { stdin: 'first line\nsecond line\n' })
    expect((await sure(place)(['log', '--item', '1', '--limit', '1', '--json'])).json().entries[0].note).toBe(
      'first line\nsecond line',
    )
    const check = '{"type":"command","command":"true","frequency":"daily"}'
    await sure(place)(['update', '1', '--health-check', '-'], { stdin: check })
    expect((await sure(place)(['show', '1', '--json=healthCheck'])).json().healthCheck).toEqual(
      JSON.parse(check),
    )
  })
})

test('a folder that was removed under the feet of the command is told as such', async () => {
  const place = await freshPlace()
  const gone = await shell(place, 'mkdir gone && cd gone && rmdir ../gone && pipeline list')
  expect(gone.code).toBe(1)
  expect(gone.stderr).not.toMatch(/^ +at /m)
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a check under way ends with the command on %s, and so does everything that it started',
  async (signal) => {
    const place = await freshPlace()
    const script = 'sleep 300 & echo $! > started; sleep 300'
    const check = { command: ['sh', '-c', script], timeout: '10m', frequency: 'daily', retries: 0 }
    await sure(place)(['create', 'A', '--health-check', JSON.stringify({ type: 'command', ...check })])
    const checking = running(place, ['check', '1'])
    const started = () => readFile(join(place.cwd, 'started'), 'utf8').catch(() => '')
    await expect.poll(started, { interval: 20 }).toMatch(/\d\n/)
    expect((await checking.stop(signal)).code).toBe(signal === 'SIGINT' ? 130 : 143)
    const state = await run(place, ['ps', '-o', 'stat=', '-p', (await started()).trim()])
    expect(state.stdout).toMatch(/^(Z.*\n)?$/)
  },
)
