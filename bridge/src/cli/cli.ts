#!/usr/bin/env node
import { once } from 'node:events'
import { EXIT } from './exit-code.ts'
import { main } from './main.ts'

const { env, stdout, stderr } = process
const drained = async (): Promise<void> => {
  await once(stdout, 'drain')
}
const out = {
  isTTY: stdout.isTTY,
  get columns() {
    return stdout.columns
  },
  write: (text: string) => stdout.write(text),
  drained,
}

// Whoever read us has left, as `head` does: there is nobody to tell.
stdout.on('error', leave)
stderr.on('error', () => {})
process.exitCode = await main(process.argv.slice(2), { env, stdout: out, stderr })

function leave(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed)
}
