import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A span as Jaeger gives it back. */
export interface StoredSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
}

/** A Jaeger that keeps its traces in memory. */
export interface Jaeger {
  /** Base URL of its OTLP/HTTP receiver. */
  readonly otlpUrl: string
  /** All spans of a trace, in no order; none if it does not know it. */
  spansOf(traceId: string): Promise<StoredSpan[]>
  stop(): Promise<void>
}

/** Where a Jaeger is to listen: free ports of this machine. */
export interface JaegerPorts {
  readonly otlp: number
  readonly query: number
  readonly grpc: number
}

const READY_MS = 30_000

export async function freePorts(): Promise<JaegerPorts> {
  const servers = [createServer(), createServer(), createServer()]
  const [otlp = 0, query = 0, grpc = 0] = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    }),
  )
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return { otlp, query, grpc }
}

/** Starts a Jaeger and waits until it takes traces and answers. */
export async function startJaeger(binary: string, ports: JaegerPorts): Promise<Jaeger> {
  const folder = await mkdtemp(join(tmpdir(), 'spancast-jaeger-'))
  const config = join(folder, 'config.yaml')
  // JSON is YAML too.
  await writeFile(config, JSON.stringify(configFor(ports)))
  const child = spawn(binary, ['--config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const closed = once(child, 'close')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await closed
    await rm(folder, { recursive: true, force: true })
  }
  const queryUrl = `http://127.0.0.1:${ports.query}`
  const otlpUrl = `http://127.0.0.1:${ports.otlp}`
  const ready = async (): Promise<boolean> =>
    (await answers(`${queryUrl}/api/v3/services`)) && (await answers(otlpUrl))
  for (const until = Date.now() + READY_MS; !(await ready()); await sleep(50)) {
    if (child.exitCode === null && Date.now() < until) continue
    await stop()
    throw new Error(`Expected Jaeger to answer at ${queryUrl}. It said:\n${said}`)
  }
  return { otlpUrl, spansOf: (traceId) => spansOf(queryUrl, traceId), stop }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    async (response) => {
      await response.body?.cancel()
      return true
    },
    () => false,
  )
}

async function spansOf(queryUrl: string, traceId: string): Promise<StoredSpan[]> {
  const response = await fetch(`${queryUrl}/api/v3/traces/${traceId}`)
  const text = await response.text()
  if (response.status === 404) return []
  if (!response.ok) throw new Error(`Expected a trace from Jaeger, got ${response.status}: ${text}`)
  const { result } = JSON.parse(text) as {
    result: { resourceSpans: { scopeSpans: { spans: StoredSpan[] }[] }[] }
  }
  return result.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
}

function configFor({ otlp, query, grpc }: JaegerPorts): unknown {
  const at = (port: number): unknown => ({ endpoint: `127.0.0.1:${port}` })
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
    },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 10_000 } } } },
      jaeger_query: { storage: { traces: 'memory' }, http: at(query), grpc: at(grpc) },
    },
    receivers: { otlp: { protocols: { http: at(otlp) } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  }
}
