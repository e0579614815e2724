import type { Environment } from '../command.ts'
import { main } from '../main.ts'
import type { Ended } from './spancast.ts'

export interface Terminal {
  readonly env?: Environment
  readonly isTTY?: boolean
  readonly columns?: number
}

/** The command line in this process, writing to something that looks like this. */
export async function inProcess(args: readonly string[], terminal: Terminal = {}): Promise<Ended> {
  const { env = {}, ...looks } = terminal
  let [stdout, stderr] = ['', '']
  const code = await main(args, {
    env,
    stdout: {
      ...looks,
      write: (text) => {
        stdout += text
        return true
      },
    },
    stderr: {
      write: (text) => {
        stderr += text
      },
    },
  })
  return { code, stdout, stderr }
}
