// The yardstick: Fastify with nothing but the bytes of a file.
const { readFileSync } = require('node:fs')
const fastify = require('fastify')
const body = readFileSync(process.argv[2], 'utf8')
const app = fastify({ logger: false })
app.get('/', (_request, reply) => reply.header('content-type', 'application/json; charset=utf-8').send(body))
app.listen({ host: '127.0.0.1', port: 0 }).then((url) => process.stdout.write(`${url}\n`))
