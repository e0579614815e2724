import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../bridge/src/store/testing/redis-server.ts'
import { isThere, type ReverseProxy, startProxy } from './proxy.ts'

const DOCS = fileURLToPath(new URL('../../docs/proxies.md', import.meta.url))
const BINARY = process.env.CADDY_BIN ?? 'caddy'

/** What the documentation says, for other addresses and ports. */
export const caddy: ReverseProxy = {
  name: 'Caddy',
  missing: isThere(BINARY, 'version') ? undefined : BINARY,
  triesAnother: false,
  async start([a = '', b = ''], dir) {
    const port = await freePort()
    const [, site] = /^```caddy\n(.*?)^```/ms.exec(await readFile(DOCS, 'utf8')) ?? []
    if (site === undefined) throw new Error('docs/proxies.md says nothing of Caddy.')
    const conf = site
      .replace('spancast.example.com', `https://localhost:${port}`)
      .replace('bridge-a:4319', a)
      .replace('bridge-b:4319', b)
    // Certificates of its own, told to nobody, and nothing outside of its folder.
    const global = `{\n  admin off\n  skip_install_trust\n  auto_https disable_redirects\n}\n`
    const file = join(dir, 'Caddyfile')
    await writeFile(file, global + conf)
    const homes = { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir }
    return startProxy(BINARY, ['run', '--config', file, '--adapter', 'caddyfile'], port, homes)
  },
}
