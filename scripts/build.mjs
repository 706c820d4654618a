// Builds dist/: the command (one bundle with a V8 code cache), the library for require and import, and the types.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

// Small and pure JavaScript is bundled, for the start-up; what is native or only some commands need is left outside.
const bundled = ['zod', 'sql-template-tag', 'croner']
const external = Object.keys(dependencies).filter((name) => !bundled.includes(name))
// Fastify is a bundle of its own beside the command: only `serve` reads it, and no install has to fetch it.
const fastifyBeside = {
  name: 'fastify-beside',
  setup: (build) =>
    build.onResolve({ filter: /^fastify$/ }, () => ({ path: './fastify.cjs', external: true })),
}
// So is the predecessor's format, which is pure and needed once: every start would read past it.
const legacyBeside = {
  name: 'legacy-beside',
  setup: (build) =>
    build.onResolve({ filter: /\/formats\/legacy\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './legacy.cjs', external: true },
    ),
}
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
  metafile: true,
  logLevel: 'warning',
}
const builds = await Promise.all([
  esbuild.build({
    ...shared,
    entryPoints: ['src/bin.ts'],
    outfile: 'dist/pipeline.cjs',
    plugins: [fastifyBeside, legacyBeside],
    minify: true,
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '\n})' },
  }),
  esbuild.build({
    ...shared,
    entryPoints: ['src/index.ts'],
    outfile: 'dist/index.cjs',
    plugins: [legacyBeside],
  }),
  esbuild.build({
    ...shared,
    entryPoints: ['src/formats/legacy.ts'],
    outfile: 'dist/legacy.cjs',
    minify: true,
  }),
  // A process of its own, small because it forks: it starts the commands of checks.
  esbuild.build({
    ...shared,
    entryPoints: ['src/probes/spawner-process.ts'],
    outfile: 'dist/spawner.cjs',
    minify: true,
  }),
  esbuild.build({ ...shared, entryPoints: ['fastify'], outfile: 'dist/fastify.cjs', minify: true }),
])

// What is bundled keeps its licences.
const packages = new Set(
  builds
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .flatMap((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
)
const licences = [...packages].sort().map((folder) => {
  const file = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name))
  const { name, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  return `# ${name} (${license})\n\n${file ? readFileSync(join(root, folder, file), 'utf8').trim() : ''}\n`
})
writeFileSync(join(dist, 'LICENSES.md'), licences.join('\n'))

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
// The same types for `require`: what a .d.ts file is told apart by is the package.json nearest to it.
cpSync(join(dist, 'types'), join(dist, 'types-cjs'), { recursive: true })
writeFileSync(join(dist, 'types-cjs', 'package.json'), '{ "type": "commonjs" }\n')
