import { createRequire } from 'node:module'
import type { AgentEventProcessor } from '@spancast/sdk'

/** What is used of an OpenTelemetry line, by shape: the lines' types differ. */
interface Line {
  readonly api: {
    readonly trace: { setGlobalTracerProvider(provider: unknown): boolean }
    readonly context: { setGlobalContextManager(manager: unknown): boolean }
  }
  readonly Provider: new (options: { spanProcessors: readonly unknown[] }) => unknown
  readonly Manager: new () => { enable(): unknown }
}

const LINES: Readonly<Record<string, () => Line>> = {
  '1.30': () => {
    const load = createRequire(new URL('../../sdk/package.json', import.meta.url))
    return {
      api: load('@opentelemetry/api'),
      Provider: load('otel1-sdk-trace-base').BasicTracerProvider,
      Manager: load('otel1-context-async-hooks').AsyncLocalStorageContextManager,
    }
  },
  '2.12': () => {
    const load = createRequire(new URL('../../sdk/package.json', import.meta.url))
    return {
      api: load('@opentelemetry/api'),
      Provider: load('@opentelemetry/sdk-trace-base').BasicTracerProvider,
      Manager: load('@opentelemetry/context-async-hooks').AsyncLocalStorageContextManager,
    }
  },
  // Its own, newer copy of the API registers; the SDK under test reads what was registered through its own.
  '3.1': () => {
    const load = createRequire(new URL('../otel3/package.json', import.meta.url))
    return {
      api: load('@opentelemetry/api'),
      Provider: load('@opentelemetry/sdk-trace').TracerProvider,
      Manager: load('@opentelemetry/context-async-hooks').AsyncLocalStorageContextManager,
    }
  },
}

/** Registers a provider of that line, with the processor in it, for this process. */
export function register(line: string, processor: AgentEventProcessor): void {
  const found = LINES[line]
  if (found === undefined) throw new Error(`Expected one of ${Object.keys(LINES)}, got ${line}.`)
  const { api, Provider, Manager } = found()
  const registered =
    api.trace.setGlobalTracerProvider(new Provider({ spanProcessors: [processor] })) &&
    api.context.setGlobalContextManager(new Manager().enable())
  if (!registered) throw new Error(`Could not register ${line}.`)
}
