'use strict'
// The library by its first name: `const { createPipeline, getChildItems } = require('throughline/lib/db.js')`.
try {
  module.exports = require('../dist/index.cjs')
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error
  throw new Error('dist/ is not built yet: run npm ci (or npm run build) in the folder of Throughline')
}
