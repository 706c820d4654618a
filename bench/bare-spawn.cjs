// The yardstick of commands: /bin/true by bare `spawn`, 16 at once, in a process that holds nothing else. For each
// line on standard input, a number of programs, it answers with the milliseconds that they took.
const { spawn } = require('node:child_process')
const { createInterface } = require('node:readline')

const one = () => new Promise((resolve) => spawn('/bin/true').on('close', resolve))

async function crowd(count) {
  let left = count
  const from = performance.now()
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left-- > 0) await one()
    }),
  )
  return performance.now() - from
}

createInterface(process.stdin).on('line', async (line) => console.log(await crowd(Number(line))))
