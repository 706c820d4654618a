// Preloaded: says the peak memory of the process when it ends.
const { writeSync } = require('node:fs')
process.on('exit', () => writeSync(2, `peak-rss-kib=${process.resourceUsage().maxRSS}\n`))
