// Writes docs/reference.md from the operations. The generator is TypeScript: it is bundled, run, and thrown away.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = mkdtempSync(join(tmpdir(), 'throughline-reference-'))
const outfile = join(folder, 'reference.cjs')
try {
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/reference/reference.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    define: { 'import.meta.url': '""' },
    external: ['@photostructure/sqlite', 'pg', 'fastify', 'undici'],
    logLevel: 'warning',
  })
  const { reference } = (await import(pathToFileURL(outfile).href)).default
  writeFileSync(join(root, 'docs/reference.md'), reference())
} finally {
  rmSync(folder, { recursive: true, force: true })
}
