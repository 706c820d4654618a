/** A real disk that is full, or may only be read: told, nothing stored by halves, and all is well with space again. */

import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, freshPlace, type Place, running, sure } from '../helpers/cli.ts'
import { atEnd } from '../helpers/engines.ts'
import { backupsOf, bytesBeside, contentOf, legacyFile, thousand } from './legacy-file.ts'

const mount = (...words: string[]): boolean => spawnSync('mount', words).status === 0
const unmount = (folder: string): void => {
  spawnSync('umount', ['--lazy', folder])
  rmdirSync(folder)
}
const onTmpfs = (folder: string, options: string): boolean =>
  mount('-t', 'tmpfs', '-o', options, 'none', folder)

/** Only root can make a disk, and not everywhere; ulimit and permissions stand in for it in other tests. */
const canMount = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-tmpfs-'))
  const can = onTmpfs(folder, 'size=64k')
  if (can) unmount(folder)
  else rmdirSync(folder)
  return can
})()

interface Disk {
  place: Place
  /** A folder on it. */
  folder: string
  remount(options: string): boolean
  /** Takes all the space that is left. */
  fill(): void
  free(): void
}

async function freshDisk(size: string): Promise<Disk> {
  const root = mkdtempSync(join(tmpdir(), 'throughline-tmpfs-'))
  expect(onTmpfs(root, `size=${size}`)).toBe(true)
  atEnd(async () => unmount(root))
  const folder = join(root, 'work')
  mkdirSync(folder)
  const ballast = join(root, 'ballast')
  const fill = (): void => {
    for (const bytes of [4096, 1]) {
      try {
        for (;;) appendFileSync(ballast, Buffer.alloc(bytes))
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' })
      }
    }
  }
  const remount = (options: string): boolean => mount('-o', `remount,${options}`, root)
  return { place: await freshPlace(), folder, remount, fill, free: () => rmSync(ballast) }
}

/** No test is left out in silence: without a disk of their own these are held by a limit on the size of files. */
if (!canMount) {
  test.each(['database', 'upgrade-faults'])('a limit stands in for a full disk in %s.test.ts', (name) => {
    expect(readFileSync(join(import.meta.dirname, `${name}.test.ts`), 'utf8')).toContain('ulimit -f')
  })
}

describe.each(canMount ? ['tmpfs'] : [])('a disk (%s)', () => {
  test('that fills up under commands and a serve: what was answered is there and nothing else; with space again both go on', async () => {
    const { place, folder, fill, free } = await freshDisk('2m')
    const db = ['--db', join(folder, 'pipeline.db')]
    await sure(place)([...db, 'create', 'Before'])
    const serve = running(place, [...db, 'serve', '--port', '0'])
    const [, url] = await serve.said(/listens on (http:\S+)/)
    const headers = { 'content-type': 'application/json' }
    const post = async (title: string, description: string) => {
      const body = JSON.stringify({ title, description })
      const answer = await fetch(`${url}/api/v1/items`, { method: 'POST', headers, body })
      return { status: answer.status, json: (await answer.json()) as { detail: string } }
    }
    const long = 'x '.repeat(100_000)

    fill()
    for (let n = 0; n < 3; n++) {
      const posted = await post('Too much', long)
      expect(posted).toMatchObject({ status: 503, json: { code: 'unavailable' } })
      expect(posted.json.detail).toMatch(/the disk is full/)
      const ran = await cli(place)([...db, 'create', 'Too much', '--desc', '-'], { stdin: long })
      expect(ran).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^error: .*the disk is full\nhint: .+\n$/),
      })
      expect(await cli(place)([...db, 'list'])).toMatchObject({ code: 0, stderr: '' })
    }
    free()
    expect((await post('From the server', long)).status).toBe(201)
    await sure(place)([...db, 'create', 'From a command'])
    const { items } = (await sure(place)([...db, 'list', '--json=title'])).json()
    expect(items.map(({ title }: { title: string }) => title)).toEqual([
      'Before',
      'From the server',
      'From a command',
    ])
    expect(await cli(place)([...db, 'doctor'])).toMatchObject({ code: 0 })
    expect(await serve.stop()).toMatchObject({ code: 0 })
  })

  test('that has no space for an upgrade: the file is as it was, whatever of it there was space for', async () => {
    const { place, folder, remount } = await freshDisk('8m')
    const file = legacyFile({ ...place, cwd: folder }, 'V2', thousand)
    const content = contentOf(file)
    const bytes = readFileSync(file)
    const kib = Math.ceil(statSync(file).size / 1024)
    // For the file alone; for the backup; for the old pages too; for some of the new ones.
    for (const size of [1.5, 2.2, 3.2, 4.5]) {
      for (const backup of backupsOf(file)) rmSync(backup)
      expect(remount(`size=${Math.ceil(kib * size)}k`)).toBe(true)
      const ran = await cli(place)(['upgrade', file])
      expect({ size, ...ran }).toMatchObject({ size, code: 1, stdout: '' })
      expect(ran.stderr).toMatch(/^error: .*(the disk is full|no space left).*\nhint: .+\n$/)
      expect(readFileSync(file).equals(bytes)).toBe(true)
      expect(existsSync(`${file}-journal`)).toBe(false)
      expect(remount('size=8m')).toBe(true)
      expect(contentOf(file)).toEqual(content)
    }
    expect(await cli(place)(['upgrade', file])).toMatchObject({ code: 0, stderr: '' })
    expect(await cli(place)(['--db', file, 'doctor'])).toMatchObject({ code: 0 })
  })

  test('that may only be read: reading works, writing and upgrading say why not, and nothing is changed', async () => {
    const { place, folder, remount } = await freshDisk('2m')
    const db = ['--db', join(folder, 'pipeline.db')]
    await sure(place)([...db, 'create', 'Before'])
    const file = legacyFile({ ...place, cwd: folder }, 'V2')
    expect(remount('ro')).toBe(true)
    const bytes = [bytesBeside(file), bytesBeside(join(folder, 'pipeline.db'))]
    const list = await cli(place)([...db, 'list'])
    expect(list).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Before') })
    for (const words of [
      [...db, 'create', 'More'],
      ['upgrade', file],
    ]) {
      const ran = await cli(place)(words)
      expect(ran).toMatchObject({ code: 1, stdout: '' })
      expect(ran.stderr).toMatch(/^error: .*read-only.*\nhint: .+\n$/)
    }
    expect(await cli(place)(['upgrade', file, '--dry-run'])).toMatchObject({ code: 0, stderr: '' })
    expect([bytesBeside(file), bytesBeside(join(folder, 'pipeline.db'))]).toEqual(bytes)
    expect(remount('rw')).toBe(true)
    await sure(place)([...db, 'create', 'More'])
    await sure(place)(['upgrade', file])
  })
})
