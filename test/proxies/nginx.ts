import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../bridge/src/store/testing/redis-server.ts'
import { isThere, type ReverseProxy, startProxy } from './proxy.ts'

const DEPLOY = fileURLToPath(new URL('../../deploy/nginx', import.meta.url))

/** The file of the scale profile, with other addresses and ports. */
export const nginx: ReverseProxy = {
  name: 'nginx',
  missing: isThere('nginx', '-v') && isThere('openssl', 'version') ? undefined : 'nginx',
  triesAnother: true,
  async start([a = '', b = ''], dir) {
    const certificate = join(dir, 'certificate')
    await mkdir(certificate)
    execFileSync(join(DEPLOY, 'certificate.sh'), {
      env: { ...process.env, CERTIFICATE_DIR: certificate },
    })
    const port = await freePort()
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    const file = await readFile(join(DEPLOY, 'nginx.conf'), 'utf8')
    const conf = file
      .replace('bridge-a:4319', a)
      .replace('bridge-b:4319', b)
      .replace('listen 8443', `listen 127.0.0.1:${port}`)
      .replaceAll('/etc/nginx/certificate', certificate)
      .replace('worker_processes auto', 'worker_processes 1')
      .replace('/dev/stdout', join(dir, 'access.log'))
      .replace('http {', `http {${temporary.map((what) => ` ${what}_temp_path ${dir};`).join('')}`)
    await writeFile(join(dir, 'nginx.conf'), conf)
    const options = ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')]
    const pid = ['-g', `daemon off; pid ${join(dir, 'nginx.pid')};`]
    return startProxy('nginx', [...options, ...pid], port)
  },
}
