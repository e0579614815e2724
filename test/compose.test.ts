import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { serving } from '../bridge/src/cli/testing/spancast.ts'
import { rawRequest } from '../bridge/src/testing/raw-request.ts'

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly target: string }
  readonly ports?: readonly string[]
  readonly environment?: Readonly<Record<string, string | null>>
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: unknown
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** The loader that Docker Compose itself uses; it validates against the schema of the specification. */
const MODULE = 'github.com/compose-spec/compose-go/v2'
const VERSION = 'v2.16.2'
const LOADER_MS = 5 * 60_000

const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8')
const source = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8')
const { services, volumes } = parse(source) as {
  services: { jaeger: Service; bridge: Service; research: Service }
  volumes: Record<string, unknown>
}
const { jaeger, bridge, research } = services

test('the file is one that Docker Compose takes', { timeout: LOADER_MS }, async ({ skip }) => {
  const loaded = await composeLoader()
  if (loaded === undefined) {
    process.stderr.write(
      '\n!!! No Go, or no module from its proxy: docker-compose.yml is NOT validated by the Compose loader.\n\n',
    )
    return skip('no loader')
  }

  expect(loaded).toMatchObject({ code: 0, stderr: '' })
  expect(Object.keys(JSON.parse(loaded.stdout).services).sort()).toEqual([
    'bridge',
    'bridge-a',
    'bridge-b',
    'jaeger',
    'proxy',
    'redis',
    'research',
  ])
})

test('only this machine reaches what it publishes', () => {
  const ports = Object.values(services).flatMap((service: Service) => service.ports ?? [])

  expect(ports).toEqual(['127.0.0.1:16686:16686', '127.0.0.1:4319:4319', '127.0.0.1:8443:8443'])
})

test('each service starts after what it needs, and each image is a pinned version or built here', () => {
  expect(jaeger.image).toMatch(/^jaegertracing\/jaeger:2\.\d+\.\d+$/)
  expect(jaeger.healthcheck).toBeDefined()
  expect(bridge.depends_on).toEqual({ jaeger: { condition: 'service_started' } })
  expect(research.depends_on).toEqual({ bridge: { condition: 'service_healthy' } })
  for (const { build } of [bridge, research]) {
    expect(build?.context).toBe('.')
    expect(dockerfile).toMatch(new RegExp(`^FROM \\w+ AS ${build?.target}$`, 'm'))
  }
  for (const { volumes: mounts = [] } of Object.values(services) as Service[]) {
    const named = mounts
      .map((mount) => mount.split(':')[0] ?? '')
      .filter((name) => !name.startsWith('.'))
    for (const name of named) expect(Object.keys(volumes)).toContain(name)
  }
})

test('the images are pinned, run as a user without rights, and tell their health', () => {
  const stages = dockerfile.split(/^FROM /m).slice(1)
  const last = stages.at(-1) ?? ''

  expect(dockerfile).toMatch(/^FROM node:22-slim AS base$/m)
  expect(stages.filter((stage) => stage.includes('ENTRYPOINT')).length).toBe(2)
  for (const stage of stages.filter((one) => one.includes('ENTRYPOINT'))) {
    expect(stage).toMatch(/^USER node$/m)
  }
  expect(last).toMatch(/^base AS bridge$/m)
  expect(last).toMatch(/^HEALTHCHECK /m)
  expect(last).toMatch(/^EXPOSE 4319$/m)
  expect(last).toContain(
    'ENTRYPOINT ["node", "bridge/dist/cli/cli.js", "serve", "--host", "0.0.0.0"]',
  )
})

test('with its variables the bridge serves its neighbours by name, nobody under another name, and passes on', async () => {
  const spool = await mkdtemp(join(tmpdir(), 'spancast-spool-'))
  onTestFinished(() => rm(spool, { recursive: true, force: true }))
  const received: string[] = []
  const upstream = await receiver((path) => received.push(path))
  const { SPANCAST_UPSTREAM_URL, ...rest } = textsOf(bridge.environment)
  const env = { ...rest, SPANCAST_UPSTREAM_URL: upstream, SPANCAST_SPOOL: spool }
  const served = await serving(['--host', '0.0.0.0'], env)
  const port = Number(new URL(served.url).port)
  const neighbour = new URL(research.environment?.SPANCAST_BRIDGE_URL ?? '').host

  const exported = await postTraces(port, neighbour)
  const rebound = await postTraces(port, 'attacker.example')

  expect(SPANCAST_UPSTREAM_URL).toBe('http://jaeger:4318')
  expect(neighbour).toBe('bridge:4319')
  expect([exported, rebound]).toEqual([200, 403])
  await expect.poll(() => received, { timeout: 10_000 }).toEqual(['/v1/traces'])
})

function textsOf(environment: Service['environment'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value ?? '']))
}

/** Sends an export request as another machine of the network would, where this one has an address in one. */
async function postTraces(port: number, host: string): Promise<number> {
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  const body = '{"resourceSpans":[]}'
  const lines = [
    'POST /v1/traces HTTP/1.1',
    `Host: ${host}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ]
  const response = await rawRequest(port, lines, { host: outward?.address ?? '127.0.0.1', body })
  return response.status
}

async function receiver(onRequest: (path: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    onRequest(request.url ?? '')
    response.end('{}')
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What the loader says of the file; `undefined` where it is not to be had. */
async function composeLoader(): Promise<Outcome | undefined> {
  const fetched = await go('mod', 'download', `${MODULE}@${VERSION}`)
  if (fetched?.code !== 0) return undefined
  return go('run', `${MODULE}/cmd@${VERSION}`, '-format', 'json', 'docker-compose.yml')
}

/** What Go says; `undefined` where there is none. */
async function go(...args: readonly string[]): Promise<Outcome | undefined> {
  const child = spawn('go', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close').catch(() => undefined)
  const [closed, stdout, said] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  const stderr = said.split('\n').filter((line) => !line.startsWith('go: downloading'))
  return closed === undefined ? undefined : { code: closed[0], stdout, stderr: stderr.join('\n') }
}
