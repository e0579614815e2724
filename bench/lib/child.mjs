import { spawn } from 'node:child_process'

/**
 * Runs a worker in a fresh process, so that neither global OpenTelemetry state nor compiled code leaks from one
 * variant to the next.
 *
 * @returns the JSON that the worker printed.
 */
export function runWorker(file, config, { cpu } = {}) {
  const node = ['--expose-gc', new URL(`../workers/${file}`, import.meta.url).pathname]
  const [command, ...args] =
    cpu === undefined
      ? [process.execPath, ...node]
      : ['taskset', '-c', String(cpu), process.execPath, ...node]
  const child = spawn(command, [...args, JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve(JSON.parse(out))
      else reject(new Error(`${file} ended with exit code ${code}`))
    })
  })
}
