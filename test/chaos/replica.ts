import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const CLI = join(import.meta.dirname, '..', '..', 'bridge', 'src', 'cli', 'cli.ts')

/** A bridge as a process of its own, always at the same port. */
export class Replica {
  readonly url: string
  readonly #port: number
  readonly #env: Readonly<Record<string, string>>
  #child: ChildProcess | undefined

  private constructor(port: number, env: Readonly<Record<string, string>>) {
    this.#port = port
    this.#env = env
    this.url = `http://127.0.0.1:${port}`
  }

  static async open(env: Readonly<Record<string, string>>): Promise<Replica> {
    const replica = new Replica(await freePort(), env)
    await replica.start()
    return replica
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const args = ['--conditions=@spancast/source', '--import', 'tsx', CLI, 'serve', '--log', 'json']
    const child = spawn(process.execPath, [...args, '--port', String(this.#port)], {
      env: { PATH: process.env.PATH, ...this.#env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    const said: string[] = []
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line)
      if (line.includes('"level":50') || line.includes('SPANCAST_'))
        process.stderr.write(`${line}\n`)
    })
    while ((await this.#status()) !== 200) {
      if (child.exitCode !== null) throw new Error(`A bridge ended: ${said.join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async #status(): Promise<number> {
    try {
      const response = await fetch(`${this.url}/readyz`)
      await response.arrayBuffer()
      return response.status
    } catch {
      return 0
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}
