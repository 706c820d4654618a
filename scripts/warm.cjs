'use strict'
// Runs the daily commands once and keeps what V8 compiled for them, so that the next process need not.
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { start, script } = require('../dist/bin.cjs')

async function warm() {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-build-'))
  const db = join(folder, 'pipeline.db')
  try {
    for (const words of [
      ['create', 'One', '--as', 'human:build'],
      ['create', 'Two', '--parent', '1', '--as', 'human:build'],
      ['move', '1', 'spec', '--as', 'human:build'],
      ['note', '1', 'A note', '--as', 'human:build'],
      ['show', '1', '--children'],
      ['list'],
      ['list', '--json'],
      ['board'],
    ]) {
      await start(['--quiet', '--db', db, ...words])
      if (process.exitCode) throw new Error(`pipeline ${words.join(' ')} ended with ${process.exitCode}`)
    }
    writeFileSync(join(__dirname, '..', 'dist', 'pipeline.cache'), script.createCachedData())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

warm()
