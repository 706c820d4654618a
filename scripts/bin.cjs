#!/usr/bin/env node
'use strict'
// Starts the command from its bundle, with the code that V8 compiled when this was built, where it still fits.
const { existsSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const scripts = {}

function load(name, other) {
  const filename = join(__dirname, `${name}.cjs`)
  const cache = join(__dirname, `${name}.cache`)
  const script = new Script(readFileSync(filename, 'latin1'), {
    filename,
    cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
  })
  scripts[name] = script
  const bundle = { exports: {} }
  script.runInThisContext()(bundle.exports, require, bundle, filename, __dirname, other)
  return bundle.exports
}

// What only some commands need is a bundle of its own, and takes what both need from the first.
let loaders
function late(path) {
  loaders ??= load('late', (shared) => ({ ...bundle.first[shared](), __esModule: true }))
  return loaders[path]()
}
const bundle = load('pipeline', late)

if (require.main === module) bundle.start(process.argv.slice(2))
else module.exports = { start: bundle.start, scripts }
