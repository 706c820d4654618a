/** The six acceptance criteria of Pipeline V2.1, typed as they were first written. */

import { describe, expect, test } from 'vitest'
import { cli, type Place, places, project, run, sure, worked } from '../helpers/cli.ts'

/** A command line as it is typed into a shell, in a folder where `tools/db.js` is the project's own. */
async function typed(place: Place, line: string) {
  const shell = await run(place, ['sh', '-c', line.replace('tools/db.js', `${project}/tools/db.js`)])
  return worked(line, shell)
}

/** Twenty-five features; the last of them is #25. */
async function withTwentyFive(place: Place): Promise<void> {
  await sure(place)(['create', 'Feature 1'])
  const rest = Array.from({ length: 24 }, (_, index) => `Feature ${index + 2}`)
  for (const title of rest) await sure(place)(['create', title])
}

describe.each(places)('Pipeline V2.1 on $engine', ({ freshPlace }) => {
  test('its six acceptance criteria hold as they were typed', async () => {
    const place = await freshPlace()
    await withTwentyFive(place)

    const moved = await typed(place, 'node tools/db.js pipeline move 25 live --note "Shipped to production"')
    expect(moved.stdout).toContain('🟢 #25 Feature 25: idea → live')
    expect(moved.stderr).toContain('skipped spec, spec-review, building, qa, final-review, done')

    const made = await typed(place, 'node tools/db.js pipeline create "Fix timeout in extractor" --parent 25')
    expect(made.stdout).toContain('Created #26 Fix timeout in extractor')
    expect(made.stdout).toContain('under #25')

    const shown = await typed(place, 'node tools/db.js pipeline show 25 --children')
    expect(shown.stdout).toContain('#25 Feature 25')
    expect(shown.stdout).toMatch(/Children \(1.*\n.*#26 .*Fix timeout in extractor/)

    const listed = await typed(place, 'node tools/db.js pipeline list --stage live')
    expect(listed.stdout.trim().split('\n')).toEqual([expect.stringMatching(/^#25 .*🟢 live +Feature 25/)])

    const ids = [1, 2, 3, 4]
    for (const id of ids) await sure(place)(['move', String(id), 'live'])
    const board = await typed(place, 'node tools/db.js pipeline board')
    expect(board.stdout).toContain('🟢 LIVE (5)')
    expect(board.stdout).toContain('💡 IDEA (20)')
    expect(board.stdout).toMatch(/🚨 INCIDENTS \(1\)\n.*Fix timeout in extractor.*\n.*of #25 Feature 25/)

    const log = await typed(place, 'node tools/db.js pipeline log --item 25')
    expect(log.stdout).toMatch(/#25 moved idea → live .*human:tess\n +Shipped to production/)
  }, 60_000)

  test('the eight columns stand in order, each with its emoji and its count', async () => {
    const place = await freshPlace()
    const { stdout } = await cli(place)(['board'])
    expect(stdout.split('\n').filter((line) => /\(\d+\)$/.test(line))).toEqual([
      '💡 IDEA (0)',
      '📋 SPEC (0)',
      '🔍 SPEC-REVIEW (0)',
      '🔨 BUILDING (0)',
      '🧪 QA (0)',
      '🎯 FINAL-REVIEW (0)',
      '✅ DONE (0)',
      '🟢 LIVE (0)',
    ])
  })
})
