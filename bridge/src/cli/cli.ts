#!/usr/bin/env node
import { EXIT } from './exit-code.ts'
import { main } from './main.ts'

const { env, stdout, stderr } = process

// Whoever read us has left, as `head` does: there is nobody to tell.
stdout.on('error', leave)
stderr.on('error', () => {})
process.exitCode = await main(process.argv.slice(2), { env, stdout, stderr })

function leave(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed)
}
