import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A server whose event loop is blocked, with its queue of connections full. */
export async function deafServer(): Promise<{ port: number; end: () => void }> {
  const script = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [chunk] = await once(child.stdout, 'data')
  const port = Number(String(chunk))
  // the queue is full before the last of these is done; the rest waits, as we shall
  const fillers = Array.from({ length: 6 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  await once(fillers[0] as Socket, 'connect')
  const end = () => {
    child.kill('SIGKILL')
    for (const socket of fillers) socket.destroy()
  }
  return { port, end }
}
