#!/usr/bin/env node
'use strict'
// The command by its first name: `node tools/db.js pipeline board` is `pipeline board`.
try {
  const { start } = require('../dist/bin.cjs')
  const argv = process.argv.slice(2)
  start(argv[0] === 'pipeline' ? argv.slice(1) : argv)
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error
  console.error(
    'error: dist/ is not built yet\nhint: run npm ci (or npm run build) in the folder of Throughline',
  )
  process.exitCode = 1
}
