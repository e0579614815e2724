// Packs what would be published and checks it as a consumer would see it: publint and attw on the tarballs.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PACKAGES = ['sdk', 'bridge']
const dir = mkdtempSync(join(tmpdir(), 'spancast-pack-'))
const run = (command, ...args) => execFileSync(command, args, { stdio: 'inherit' })

try {
  for (const name of PACKAGES)
    run('npm', 'pack', '--silent', '--pack-destination', dir, `./${name}`)
  for (const tarball of readdirSync(dir)) {
    const file = join(dir, tarball)
    run('npx', 'publint', 'run', file, '--strict')
    run('npx', 'attw', file, '--profile', 'esm-only')
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}
