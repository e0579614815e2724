import { spawn } from 'node:child_process'
import type { Command, Environment } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CONNECTION_FLAGS, connect } from './watch/connection.ts'
import { watching } from './watch/watching.ts'
import { whichRun } from './watch/which-run.ts'

/** `spancast open`: the page of a run in a browser. */
export const open: Command = {
  name: 'open',
  summary: 'Opens the page of a run, or of all runs, in a browser',
  details: [
    'The address is printed in any case. BROWSER names another program to open it with.',
    'Where the bridge asks for a token, the browser gets one that reads this run for an hour;',
    'the list of runs asks for the token itself.',
  ],
  operands: [{ name: 'randomId|latest', optional: true }],
  groups: [
    {
      title: 'Flags',
      flags: [
        { name: 'print', doc: 'Prints the address and opens nothing.' },
        { name: 'quiet', doc: 'Says nothing on stderr but errors.' },
      ],
    },
    { title: 'Where', flags: CONNECTION_FLAGS },
  ],
  run: (given, io) =>
    watching(given, io, async ({ signal, notices }) => {
      const { client, url, guarded } = await connect(given, io)
      const known = async (operand: string): Promise<string> => {
        const { randomId } = await client.getRun(await whichRun(operand, { client, signal }))
        return randomId
      }
      const [operand] = given.operands
      const randomId = operand === undefined ? undefined : await known(operand)
      const page = randomId === undefined ? `${url}/` : `${url}/runs/${randomId}`
      io.stdout.write(`${page}\n`)
      if (given.switched('print') === true) return EXIT.ok
      const pass = async (id: string): Promise<string> => {
        const { token } = await client.streamToken(id, { signal })
        // A fragment is sent to no server; the page takes it out of its address.
        return `#token=${encodeURIComponent(token)}`
      }
      const secret = guarded && randomId !== undefined ? await pass(randomId) : ''
      if (await opened(`${page}${secret}`, io.env)) return EXIT.ok
      notices.say('no browser could be started')
      return EXIT.ok
    }),
}

/** @returns whether a program was found that opens it. */
function opened(page: string, env: Environment): Promise<boolean> {
  const [program, ...args] = openerOf(env)
  return new Promise((resolve) => {
    const child = spawn(program, [...args, page], { detached: true, stdio: 'ignore' })
    child.on('error', () => resolve(false))
    child.on('spawn', () => {
      // The browser outlives us.
      child.unref()
      resolve(true)
    })
  })
}

function openerOf({ BROWSER }: Environment): [string, ...string[]] {
  if (BROWSER) return [BROWSER]
  if (process.platform === 'darwin') return ['open']
  // `start` takes its first quoted argument for a title.
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '']
  return ['xdg-open']
}
