import { spawn, spawnSync } from 'node:child_process'

// Server and load get a core each where the system can do that.
const PINNED = spawnSync('taskset', ['--version']).status === 0

/** A worker process that answers one request at a time; on any core where none is named. */
export async function startActor(file, config, cpu) {
  const node = [
    process.execPath,
    '--expose-gc',
    new URL(`../workers/${file}`, import.meta.url).pathname,
  ]
  const [command, ...args] =
    PINNED && cpu !== undefined ? ['taskset', '-c', String(cpu), ...node] : node
  const child = spawn(command, [...args, JSON.stringify(config)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const answer = () =>
    new Promise((resolve, reject) => {
      const gone = (code) => reject(new Error(`${file} ended with exit code ${code}`))
      child.once('exit', gone)
      child.once('message', (message) => {
        child.off('exit', gone)
        resolve(message)
      })
    })
  const hello = await answer()
  return {
    hello,
    ask: (action, options = {}) => {
      const answered = answer()
      child.send({ action, ...options })
      return answered
    },
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.disconnect()
      }),
  }
}
