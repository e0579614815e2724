// Adds the optional packages of other platforms to a lockfile (by default the root's) where npm left them out, as it
// does when a registry mirror holds only some of them: `npm ci` then works on every platform, and fetches only its own.
import { readFileSync, writeFileSync } from 'node:fs'

const [file = new URL('../package-lock.json', import.meta.url)] = process.argv.slice(2)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const OS = /(?:^|-)(android|darwin|freebsd|linux|openharmony|win32|sunos|aix|netbsd|openbsd)(?:-|$)/
const CPU = /(?:^|-)(arm64|arm|x64|ia32|ppc64|riscv64|s390x|loong64|mips64el|wasm32)(?:-|$)/
const added = []

for (const [at, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    const platform = name.split('/').pop()
    const os = OS.exec(platform)?.[1]
    const cpu = CPU.exec(platform)?.[1]
    // Only exact versions of binaries that their name places: the rest is npm's own business.
    if (lock.packages[key] !== undefined || lock.packages[`${at}/${key}`] !== undefined) continue
    if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) continue
    const libc = /musl/.test(platform) ? ['musl'] : os === 'linux' ? ['glibc'] : undefined
    lock.packages[key] = {
      version,
      cpu: [cpu],
      ...(parent.dev && { dev: true }),
      ...(libc && { libc }),
      ...(parent.license && { license: parent.license }),
      optional: true,
      os: [os],
      ...(parent.engines && { engines: parent.engines }),
    }
    added.push(name)
  }
}

const { '': root, ...packages } = lock.packages
const sorted = Object.keys(packages).sort((a, b) => a.localeCompare(b, 'en'))
lock.packages = { '': root, ...Object.fromEntries(sorted.map((key) => [key, packages[key]])) }
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(added.length === 0 ? 'The lockfile is complete.' : `Added ${added.join(', ')}.`)
