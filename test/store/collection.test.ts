/** With @photostructure/sqlite a statement does not keep its connection alive: the port has to hold both. */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runScript } from '../helpers/script.ts'

const run = (what: string) =>
  runScript(join(import.meta.dirname, 'fixtures/collect.ts'), { args: [what], nodeArgs: ['--expose-gc'] })

test('a database that is still used survives every collection', async () => {
  expect(await run('port')).toMatchObject({ code: 0, signal: null, stdout: '{"one":1}', stderr: '' })
})

/** The reason for it, on the driver that has it: when this fails, the driver has been mended. */
test.skipIf(Number.parseInt(process.versions.node, 10) >= 22)(
  'a bare statement does not survive',
  async () => {
    const { code, signal } = await run('statement')
    expect({ code, signal }).not.toEqual({ code: 0, signal: null })
  },
)
