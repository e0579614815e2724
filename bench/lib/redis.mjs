import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'

const BINARY = process.env.REDIS_SERVER_BIN ?? 'redis-server'

/** Why there is no Redis to measure with; `undefined` if there is one. */
export function redisMissing() {
  const { error } = spawnSync(BINARY, ['--version'])
  return error === undefined ? undefined : `no ${BINARY} (set REDIS_SERVER_BIN)`
}

/** A Redis of its own, that writes each change to the disk as a careful operator's does once a second. */
export async function startRedis() {
  const port = await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'spancast-bench-'))
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '']
  const child = spawn(BINARY, [...args, '--appendonly', 'yes'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => data.includes('Ready to accept') && resolve())
    child.once('exit', reject)
  })
  const url = `redis://127.0.0.1:${port}`
  const client = createClient({ url })
  await client.connect()
  const info = async (section, name) => {
    const text = await client.info(section)
    return Number(new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1])
  }
  return {
    url,
    client,
    cpuSeconds: async () =>
      (await info('cpu', 'used_cpu_user')) + (await info('cpu', 'used_cpu_sys')),
    calls: () => info('stats', 'total_commands_processed'),
    bytes: () => info('memory', 'used_memory'),
    stop: async () => {
      client.destroy()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
