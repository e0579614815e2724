import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { serving } from '../bridge/src/cli/testing/spancast.ts'
import { freePort, RedisServer, redisMissing } from '../bridge/src/store/testing/redis-server.ts'

const missing = redisMissing ?? opensslMissing()
if (missing !== undefined)
  process.stderr.write(`\n!!! ${missing} Redis over TLS is NOT tested.\n\n`)

test.skipIf(missing !== undefined)(
  'a bridge reaches Redis over TLS, as the user that its URL names, and tells nobody the password',
  { timeout: 60_000 },
  async () => {
    const { key, certificate } = await selfSigned()
    const port = await freePort()
    const redis = await RedisServer.open({
      config: [
        ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
        ...['--tls-cert-file', certificate, '--tls-key-file', key],
        ...['--tls-ca-cert-file', certificate, '--requirepass', 'hush-hush'],
      ],
    })
    onTestFinished(() => redis.close())

    const bridge = await serving([], {
      SPANCAST_REDIS_URL: `rediss://default:hush-hush@localhost:${port}/2`,
      NODE_EXTRA_CA_CERTS: certificate,
    })

    await vi.waitFor(async () => expect((await fetch(`${bridge.url}/readyz`)).status).toBe(200), {
      timeout: 20_000,
    })
    expect(JSON.stringify(bridge.log)).toContain(`rediss://localhost:${port}/2`)
    expect(JSON.stringify(bridge.log)).not.toContain('hush-hush')
  },
)

async function selfSigned(): Promise<{ readonly key: string; readonly certificate: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'spancast-tls-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const key = join(dir, 'key.pem')
  const certificate = join(dir, 'certificate.pem')
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  })
  return { key, certificate }
}

function opensslMissing(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'openssl is missing.'
  }
}
