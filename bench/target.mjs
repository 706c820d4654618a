// A bare server that checks are pointed at, in a process of its own: tells when each path was asked for.
import { createServer } from 'node:http'

const delayMs = Number(process.argv[2] ?? 0)
const keepAlive = process.argv[3] !== 'fresh'
let seen = []
const server = createServer((request, response) => {
  const at = Date.now()
  seen.push(Number(request.url.slice(1)), at)
  if (!keepAlive) response.setHeader('connection', 'close')
  setTimeout(() => response.end('ok'), delayMs)
})
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', (message) => {
  if (message !== 'seen') process.exit()
  process.send({ seen })
  seen = []
})
process.on('disconnect', () => process.exit())
