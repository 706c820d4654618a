#!/usr/bin/env node
'use strict'
// Starts the command from its bundle, with the code that V8 compiled when this was built, where it still fits.
const { existsSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const filename = join(__dirname, 'pipeline.cjs')
const cache = join(__dirname, 'pipeline.cache')
const script = new Script(readFileSync(filename, 'latin1'), {
  filename,
  cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
})
const bundle = { exports: {} }
script.runInThisContext()(bundle.exports, require, bundle, filename, __dirname)

if (require.main === module) bundle.exports.start(process.argv.slice(2))
else module.exports = { start: bundle.exports.start, script }
