import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BINARY = process.env.REDIS_SERVER_BIN ?? 'redis-server'

/** Why there is no server to test with; `undefined` if there is one. Said aloud, once, by whoever leaves a test out. */
export const redisMissing: string | undefined = whyMissing()

export interface RedisServerOptions {
  /** Whether what it holds survives `kill` and `start`, to the last command. */
  readonly persistent?: boolean
  readonly config?: readonly string[]
}

/** A Redis of its own for a test: on a free port, in an empty folder. */
export class RedisServer {
  readonly port: number
  readonly #dir: string
  readonly #options: RedisServerOptions
  #child: ChildProcess | undefined

  private constructor(port: number, dir: string, options: RedisServerOptions) {
    this.port = port
    this.#dir = dir
    this.#options = options
  }

  static async open(options: RedisServerOptions = {}): Promise<RedisServer> {
    const dir = await mkdtemp(join(tmpdir(), 'spancast-redis-'))
    const server = new RedisServer(await freePort(), dir, options)
    await server.start()
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error('The server does not run.')
    return pid
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const { persistent = false, config = [] } = this.#options
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#dir]
    args.push('--save', '', '--appendonly', persistent ? 'yes' : 'no', '--appendfsync', 'always')
    const child = spawn(BINARY, [...args, ...config], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    await new Promise<void>((resolve, reject) => {
      let said = ''
      child.stdout?.on('data', (data: Buffer) => {
        said = (said + data.toString()).slice(-10_000)
        if (said.includes('Ready to accept connections')) resolve()
      })
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`redis-server ended: ${said}`)))
    })
  }

  /** Ends it at once, as a crash would. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  async close(): Promise<void> {
    await this.kill()
    await rm(this.#dir, { recursive: true, force: true })
  }
}

function whyMissing(): string | undefined {
  try {
    execFileSync(BINARY, ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return `Left out: there is no ${BINARY}. Install redis-server (7 or newer), or name one with REDIS_SERVER_BIN.`
  }
}

/** A port that nobody listens at now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}
