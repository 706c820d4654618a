'use strict'
// Runs the daily commands once and keeps what V8 compiled for them, so that the next process need not.
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { start, scripts } = require('../dist/bin.cjs')

const check = '{"type":"http","url":"http://127.0.0.1:1/","frequency":"5m"}'

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
      ['create', 'Watched', '--as', 'human:build', '--health-check', check],
      ['health'],
    ]) {
      await start(['--quiet', '--db', db, ...words])
      if (process.exitCode) throw new Error(`pipeline ${words.join(' ')} ended with ${process.exitCode}`)
    }
    for (const [name, script] of Object.entries(scripts))
      writeFileSync(join(__dirname, '..', 'dist', `${name}.cache`), script.createCachedData())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

warm()
