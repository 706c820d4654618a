// Builds dist/: the command (one bundle with a V8 code cache), the library for require and import, the page, and the types.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
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
// What is only ever imported by `import()` is a bundle of its own, read when it is first needed: every start would read
// past it. It takes what both need from the first one, so that there is one of each module.
const pathOf = (file) => relative(root, file).replaceAll('\\', '/')
const inSources = /^\.{1,2}\//
const resolved = async (build, { path, resolveDir, kind }) =>
  (
    await build.resolve(path, {
      resolveDir,
      kind: kind === 'dynamic-import' ? 'import-statement' : kind,
      pluginData: 'asked',
    })
  ).path
const lateOnes = new Set()
let early
const lateBeside = {
  name: 'late-beside',
  setup(build) {
    build.onResolve({ filter: inSources }, async (args) => {
      if (args.kind !== 'dynamic-import' || args.pluginData === 'asked') return undefined
      if (/\/formats\/legacy\.ts$/.test(args.path)) return undefined
      const path = pathOf(await resolved(build, args))
      // What is here anyway is taken from here.
      if (early?.has(path)) return undefined
      lateOnes.add(path)
      return { path, namespace: 'late' }
    })
    build.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({
      contents: `module.exports = __late(${JSON.stringify(path)})`,
    }))
  },
}
const first = await esbuild.build({
  ...shared,
  entryPoints: ['src/bin.ts'],
  outfile: 'dist/pipeline.cjs',
  plugins: [fastifyBeside, legacyBeside, lateBeside],
  write: false,
})
early = new Set(Object.keys(first.metafile.inputs).filter((path) => !path.startsWith('late:')))
for (const path of early) lateOnes.delete(path)
const taken = new Set()
/** Asked for by `import()`: nobody can tell which of its names. */
const takenWhole = new Set()
const takenFromFirst = {
  name: 'taken-from-first',
  setup(build) {
    build.onResolve({ filter: /.*/ }, async (args) => {
      if (args.pluginData === 'asked' || args.kind === 'entry-point' || args.path.startsWith('node:'))
        return undefined
      if (args.path === 'fastify' || external.includes(args.path) || /\/formats\/legacy\.ts$/.test(args.path))
        return undefined
      const path = pathOf(await resolved(build, args))
      // Of a package that is not small the first bundle holds what it needs itself, and the late one its own.
      if (!early.has(path) || (path.includes('node_modules/') && !path.includes('/sql-template-tag/')))
        return undefined
      taken.add(path)
      if (args.kind === 'dynamic-import') takenWhole.add(path)
      return { path, namespace: 'first' }
    })
    build.onLoad({ filter: /.*/, namespace: 'first' }, ({ path }) => ({
      // A default export of a package is what `require` gives.
      contents: path.includes('node_modules/')
        ? `const first = __first(${JSON.stringify(path)})\nmodule.exports = Object.assign(first.default, first)`
        : `module.exports = __first(${JSON.stringify(path)})`,
    }))
  },
}
const wrapped = (names) => ({
  banner: { js: `(function (exports, require, module, __filename, __dirname, ${names}) {` },
  footer: { js: '\n})' },
})
/** Each is evaluated when it is asked for. */
const loaders = (paths) =>
  `module.exports = { ${[...paths].map((path) => `${JSON.stringify(path)}: () => require(${JSON.stringify(`./${path}`)})`).join(',\n')} }`
const lateBuild = await esbuild.build({
  ...shared,
  stdin: { contents: loaders(lateOnes), resolveDir: root, loader: 'js', sourcefile: 'late.js' },
  outfile: 'dist/late.cjs',
  plugins: [fastifyBeside, legacyBeside, takenFromFirst],
  minify: true,
  ...wrapped('__first'),
})
// Which names the late modules import of each early one; undefined: all of it.
const isWhole = (path) => takenWhole.has(path) || !path.startsWith('src/')
const wanted = new Map([...taken].map((path) => [path, isWhole(path) ? undefined : new Set()]))
const imported = /^(?:import|export)\s+(?!type\b)(\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s+from\s+'(\.[^']+)'/gm
for (const path of Object.keys(lateBuild.metafile.inputs)) {
  if (!path.startsWith('src/')) continue
  for (const [, what, from] of readFileSync(join(root, path), 'utf8').matchAll(imported)) {
    const target = pathOf(join(root, dirname(path), from))
    if (!wanted.has(target)) continue
    if (what.startsWith('*')) wanted.set(target, undefined)
    for (const one of what.replace(/[{}]/g, '').split(',')) {
      const [, name] = /^\s*(?!type\s)(\w+)/.exec(one) ?? []
      if (name) wanted.get(target)?.add(name)
    }
  }
}
const firstEntry = [
  `export { start } from './src/bin.ts'`,
  ...[...wanted].map(([path, some], n) => {
    const list = some && [...some].map((name) => `${name} as m${n}_${name}`).join(', ')
    return `import ${some ? `{ ${list} }` : `* as m${n}`} from ${JSON.stringify(`./${path}`)}`
  }),
  'export const first = {',
  ...[...wanted].map(([path, some], n) => {
    const list = some ? `({ ${[...some].map((name) => `${name}: m${n}_${name}`).join(', ')} })` : `m${n}`
    return `${JSON.stringify(path)}: () => ${list},`
  }),
  '}',
].join('\n')
const builds = await Promise.all([
  esbuild.build({
    ...shared,
    stdin: { contents: firstEntry, resolveDir: root, loader: 'js', sourcefile: 'first.js' },
    outfile: 'dist/pipeline.cjs',
    plugins: [fastifyBeside, legacyBeside, lateBeside],
    minify: true,
    ...wrapped('__late'),
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
  [lateBuild, ...builds]
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .flatMap((path) => /node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
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

const { buildWeb } = await import('./web.mjs')
await buildWeb()

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' })
// The same types for `require`: what a .d.ts file is told apart by is the package.json nearest to it.
cpSync(join(dist, 'types'), join(dist, 'types-cjs'), { recursive: true })
writeFileSync(join(dist, 'types-cjs', 'package.json'), '{ "type": "commonjs" }\n')
