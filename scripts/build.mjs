// Builds dist/: the command (one bundle with a V8 code cache), the library for require and import, and the types.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')
const { version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const esbuild = await import('esbuild').catch(() => undefined)
if (!esbuild) {
  if (existsSync(join(dist, 'bin.cjs'))) process.exit(0)
  console.error(
    'dist/ is not built, and the development dependencies that build it are not installed: run npm ci',
  )
  process.exit(1)
}

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)

// Small and pure JavaScript is bundled, for the start-up; what is native or only a server needs is left outside.
const bundled = ['zod', 'sql-template-tag', 'croner']
const external = Object.keys(dependencies).filter((name) => !bundled.includes(name))
if (!existsSync(join(root, 'src/faces/http/server.ts'))) external.push('./faces/http/server.ts')
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  external,
  define: { VERSION: JSON.stringify(version), 'import.meta.url': '""' },
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  logLevel: 'warning',
}
await Promise.all([
  esbuild.build({
    ...shared,
    entryPoints: ['src/bin.ts'],
    outfile: 'dist/pipeline.cjs',
    minify: true,
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '\n})' },
  }),
  esbuild.build({ ...shared, entryPoints: ['src/index.ts'], outfile: 'dist/index.cjs' }),
])

writeFileSync(join(dist, 'bin.cjs'), readFileSync(join(root, 'scripts', 'bin.cjs')), { mode: 0o755 })
execFileSync(process.execPath, [join(root, 'scripts', 'warm.cjs')], {
  stdio: ['ignore', 'ignore', 'inherit'],
})

const names = Object.keys(createRequire(import.meta.url)(join(dist, 'index.cjs'))).filter(
  (name) => name !== 'default',
)
writeFileSync(
  join(dist, 'index.mjs'),
  `import library from './index.cjs'\nexport default library\nexport const { ${names.sort().join(', ')} } = library\n`,
)

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' })
