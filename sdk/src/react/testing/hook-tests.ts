import type { ComponentType, ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Client, createClient } from '../../client/create-client.ts'
import { initialState, type RunState } from '../../client/state/run-state.ts'
import { ScriptedBridge } from '../../client/testing/scripted-bridge.ts'
import { script, TOTALS } from '../../client/testing/scripted-run.ts'
import type { AgentEvent } from '../../event/agent-event.ts'
import { SpancastProvider } from '../client-context.ts'
import { type RunView, type UseRunOptions, useRun } from '../use-run.ts'
import { useRuns } from '../use-runs.ts'
import { container } from './dom.ts'

/** What renders: React, or what stands in for it. */
export interface Renderer {
  readonly createElement: (
    type: never,
    props?: object | null,
    ...children: ReactNode[]
  ) => ReactNode
  readonly StrictMode: unknown
  readonly createRoot: (at: never) => { render(what: ReactNode): void; unmount(): void }
}

const chunk = { type: 'agent.chunk', spanId: 'm', parentSpanId: 'r', kind: 'text' } as const
const RUN = script(
  { type: 'run.start', spanId: 'r', name: 'job' },
  { type: 'agent.llm.start', spanId: 'm', parentSpanId: 'r', model: 'm-1' },
  { ...chunk, index: 0, delta: 'Hello, ' },
  { ...chunk, index: 1, delta: 'world' },
  { type: 'run.end', spanId: 'r', status: 'ok', duration: 5, ...TOTALS },
)

type Shown = { readonly randomId: string } & UseRunOptions

/** Calls what it is given while it renders. */
function Probe({ look }: { readonly look: () => void }): null {
  look()
  return null
}

/** What users of the hooks get, whatever renders them. */
export function testHooks(name: string, { createElement, StrictMode, createRoot }: Renderer): void {
  let bridge: ScriptedBridge
  let client: Client
  const unmounts: (() => void)[] = []

  beforeEach(async () => {
    bridge = await ScriptedBridge.open()
    client = createClient({ baseUrl: bridge.url, retry: { baseMs: 1e8, capMs: 1e8 } })
  })
  afterEach(async () => {
    for (const unmount of unmounts.splice(0)) unmount()
    await bridge.close()
  })

  function element<P extends object>(
    type: ComponentType<P> | unknown,
    props: P,
    ...children: ReactNode[]
  ): ReactNode {
    // Each renderer has types of its own for what they all take.
    return createElement(type as never, props, ...children)
  }

  function mount(what: ReactNode): { rerender(what: ReactNode): void; unmount(): void } {
    const root = createRoot(container() as never)
    root.render(what)
    let mounted = true
    const unmount = (): void => {
      if (mounted) root.unmount()
      mounted = false
    }
    unmounts.push(unmount)
    return { rerender: (next) => root.render(next), unmount }
  }

  /** Shows a component that keeps what its hook gave it. */
  function watcher<T>(use: (props: Shown) => T): {
    readonly seen: T[]
    readonly show: (props: Shown) => ReactNode
  } {
    const seen: T[] = []
    return { seen, show: (props) => element(Probe, { look: () => seen.push(use(props)) }) }
  }

  const whole = ({
    randomId,
    ...options
  }: { readonly randomId: string } & UseRunOptions): RunView =>
    useRun(randomId, { client, ...options })

  describe(`with ${name}`, () => {
    test('a component shows the run as it grows, to its end', async () => {
      const { seen, show } = watcher(whole)
      mount(show({ randomId: 'run-0001' }))
      const exchange = await bridge.next()
      exchange.stream(...RUN.slice(0, 3))
      await vi.waitFor(() => expect(seen.at(-1)?.text).toBe('Hello, '))
      expect(seen.at(-1)).toMatchObject({ run: { name: 'job', status: 'running' } })
      exchange.send(...RUN.slice(3)).end('completed')
      await vi.waitFor(() => expect(seen.at(-1)?.connection.state).toBe('closed'))

      expect(seen.at(-1)).toMatchObject({ text: 'Hello, world', run: { status: 'ok' } })
      expect(bridge.count).toBe(1)
    })

    test('mounted twice by StrictMode, it has one connection and hears each event once', async () => {
      const events: AgentEvent[] = []
      const onEnd = vi.fn()
      const { seen, show } = watcher(whole)
      mount(
        element(
          StrictMode,
          {},
          show({
            randomId: 'run-0001',
            onEvent: (event: AgentEvent) => {
              events.push(event)
            },
            onEnd,
          }),
        ),
      )
      const exchange = await bridge.next()
      exchange.stream(...RUN).end('completed')
      await vi.waitFor(() => expect(seen.at(-1)?.connection.state).toBe('closed'))

      expect(events).toEqual(RUN)
      expect(onEnd.mock.calls).toEqual([[expect.objectContaining({ status: 'ok' })]])
      expect(bridge.count).toBe(1)
    })

    test('components that show the same run share a connection, which goes with the last', async () => {
      const one = watcher(whole)
      const two = watcher(whole)
      const first = mount(one.show({ randomId: 'run-0001' }))
      const second = mount(two.show({ randomId: 'run-0001' }))
      const exchange = await bridge.next()
      exchange.stream(...RUN.slice(0, 2))
      await vi.waitFor(() => expect(one.seen.at(-1)?.log.length).toBe(2))
      first.unmount()
      exchange.send(...RUN.slice(2, 3))
      await vi.waitFor(() => expect(two.seen.at(-1)?.log.length).toBe(3))
      second.unmount()
      await exchange.closed

      expect(bridge.count).toBe(1)
    })

    test('changes are gathered, but the end is shown at once, with the last words', async () => {
      const { seen, show } = watcher(whole)
      mount(show({ randomId: 'run-0001', throttleMs: 1e8 }))
      const exchange = await bridge.next()
      exchange.stream()
      for (const event of RUN.slice(0, 4)) exchange.send(event)
      exchange.send(...RUN.slice(4))
      await vi.waitFor(() => expect(seen.at(-1)?.run.status).toBe('ok'))

      expect(seen.at(-1)?.text).toBe('Hello, world')
      expect(seen.map(({ run }) => run.status)).not.toContain('running')
    })

    test('one that selects a part renders when that changes', async () => {
      const { seen, show } = watcher(({ randomId }) =>
        useRun(randomId, {
          client,
          throttleMs: 0,
          select: ({ spans }: RunState) => spans.get('m')?.name,
        }),
      )
      const all = watcher(whole)
      mount(show({ randomId: 'run-0001' }))
      mount(all.show({ randomId: 'run-0001', throttleMs: 0 }))
      const exchange = await bridge.next()
      exchange.stream()
      for (const [at, event] of RUN.entries()) {
        exchange.send(event)
        await vi.waitFor(() => expect(all.seen.at(-1)?.log.length).toBe(at + 1))
      }

      expect([...new Set(seen)]).toEqual([undefined, 'm-1'])
      expect(seen.length).toBeLessThan(all.seen.length)
    })

    test('one that makes a new value of every state does not render without end', async () => {
      const { seen, show } = watcher(({ randomId }) =>
        useRun(randomId, { client, select: ({ openIds }: RunState) => [...openIds] }),
      )
      mount(show({ randomId: 'run-0001' }))
      ;(await bridge.next()).stream(...RUN.slice(0, 2))
      await vi.waitFor(() => expect(seen.at(-1)).toEqual(['r', 'm']))

      expect(seen.length).toBeLessThan(10)
    })

    test('it connects once it is enabled, and to another run when it is given one', async () => {
      const { seen, show } = watcher(whole)
      const { rerender } = mount(show({ randomId: 'run-0001', enabled: false }))
      await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0))
      expect([seen.at(-1)?.connection.state, bridge.count]).toEqual(['idle', 0])

      rerender(show({ randomId: 'run-0001' }))
      const one = await bridge.next()
      one.stream(...RUN.slice(0, 1))
      await vi.waitFor(() => expect(seen.at(-1)?.log.length).toBe(1))
      rerender(show({ randomId: 'run-0002' }))
      const two = await bridge.next()
      expect(two.req.url).toBe('/api/agents/run-0002/stream')
      expect(seen.at(-1)).toMatchObject({ run: { randomId: 'run-0002', name: '' } })
      await one.closed
    })

    test('what fails is told, and tried again when asked to', async () => {
      const { seen, show } = watcher(whole)
      mount(show({ randomId: 'run-0001', initial: initialState('before') }))
      await vi.waitFor(() => expect(seen.at(-1)?.run.randomId).toBe('before'))
      ;(await bridge.next()).refuse(404, 'run-not-found')
      await vi.waitFor(() => expect(seen.at(-1)?.error).toMatchObject({ status: 404 }))
      seen.at(-1)?.retry()
      const exchange = await bridge.next()
      exchange.stream(...RUN.slice(0, 1))
      await vi.waitFor(() => expect(seen.at(-1)?.run.name).toBe('job'))
      expect(seen.at(-1)?.error).toBeUndefined()
      seen.at(-1)?.close()
      await exchange.closed
    })

    test('the list of runs is kept up to date, by the client of the provider', async () => {
      const { seen, show } = watcher(() => useRuns())
      mount(element(SpancastProvider, { client }, show({ randomId: '' })))
      const { req, res } = (await bridge.next()).stream()
      expect(req.url).toBe('/api/agents/stream')
      const summary = { randomId: 'run-0001', name: 'job', status: 'running', startedAt: 5 }
      res.write(`data: ${JSON.stringify(summary)}\n\n`)
      await vi.waitFor(() => expect(seen.at(-1)?.runs).toEqual([summary]))
      const newer = { ...summary, randomId: 'run-0002', startedAt: 6 }
      res.write(
        `data: ${JSON.stringify(newer)}\n\ndata: ${JSON.stringify({ ...summary, status: 'ok' })}\n\n`,
      )

      await vi.waitFor(() =>
        expect(seen.at(-1)?.runs).toEqual([newer, { ...summary, status: 'ok' }]),
      )
    })
  })
}
