// Builds dist/web: the page, with every file named by its content and compressed beside itself.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Module } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build as bundle } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** The list of operations, as the server has it: what the page calls, and what the palette offers. */
async function operations() {
  const { outputFiles } = await bundle({
    absWorkingDir: root,
    stdin: {
      contents: [
        `export { operationList } from './src/ops/index.ts'`,
        `export { isKeepable } from './src/ops/operation.ts'`,
        `export { fieldsOf } from './src/ops/input.ts'`,
        `export { commandOf } from './src/faces/cli/flags.ts'`,
      ].join('\n'),
      resolveDir: root,
      loader: 'ts',
    },
    ...{
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['pg', 'undici', 'nodemailer', 're2js', '@photostructure/sqlite'],
      write: false,
      logLevel: 'error',
    },
    define: { VERSION: '""', 'import.meta.url': '""' },
  })
  const file = join(root, 'operations.cjs')
  const module = new Module(file)
  module.paths = [join(root, 'node_modules')]
  module._compile(outputFiles[0].text, file)
  const { operationList, isKeepable, fieldsOf, commandOf } = module.exports
  return operationList
    .filter((op) => op.http && !op.http.text)
    .map((op) => {
      const fields = Object.entries(fieldsOf(op))
      const isOptional = ([, schema]) => schema.isOptional?.() ?? schema._zod.optin === 'optional'
      return {
        name: op.name,
        summary: op.summary,
        kind: op.kind,
        needs: op.needs,
        cli: op.command ? lineOf(commandOf(op)) : undefined,
        required: fields.filter((field) => !isOptional(field)).map(([name]) => name),
        optional: fields.filter(isOptional).map(([name]) => name),
        http: [op.http.method, op.http.path, isKeepable(op)],
      }
    })
}

/** How the same is said at the command line: the page shows the line that it runs. */
function lineOf({ op, positionals, flags }) {
  return {
    words: [op.command.words, ...(op.command.switch ? [`--${op.command.switch}`] : [])].join(' '),
    places: positionals.map(({ field }) => field),
    flags: Object.fromEntries(flags.map(({ field, name }) => [field, name])),
    files: [...positionals, ...flags].filter(({ from }) => from === 'file').map(({ field }) => field),
  }
}

const fromOperations = {
  name: 'operations',
  resolveId: (id) => (/^virtual:(operations|commands)$/.test(id) ? `\0${id}` : undefined),
  async load(id) {
    if (id === '\0virtual:operations') {
      const paths = Object.fromEntries((await operations()).map(({ name, http }) => [name, http]))
      return `export const paths = ${JSON.stringify(paths)}`
    }
    if (id === '\0virtual:commands') {
      const commands = (await operations()).map(({ http: _, ...rest }) => rest)
      return `export const commands = ${JSON.stringify(commands)}`
    }
    return undefined
  },
}

export async function buildWeb() {
  const { build } = await import('vite')
  const outDir = join(root, 'dist', 'web')
  await build({
    configFile: false,
    root: join(root, 'src', 'web'),
    base: '/',
    logLevel: 'warn',
    publicDir: false,
    plugins: [fromOperations],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // Inlined, an image would be a data URL; a file of its own is kept by browsers.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  })
  for (const file of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || !/\.(?:html|js|css|svg|webmanifest)$/.test(file.name)) continue
    const path = join(file.parentPath, file.name)
    const bytes = readFileSync(path)
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
    writeFileSync(
      `${path}.br`,
      brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    )
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWeb()
