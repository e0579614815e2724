import { context, propagation, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observeRun } from '../observe/observe-run.ts'
import { type Observing, type ObservingOptions, startObserving } from '../testing/observing.ts'
import { LiveLink } from './live-link.ts'
import { BridgeStandIn } from './testing/bridge-stand-in.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CALLED = {
  traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
  baggage: 'spancast.run.id=run-00001',
}
const AGENT = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'helper' }

let bridge: BridgeStandIn
let observing: Observing
let link: LiveLink

beforeEach(async () => {
  bridge = await BridgeStandIn.open()
})
afterEach(async () => {
  observing.stop()
  await link.close()
  await bridge.close()
})

function observe(options: ObservingOptions): void {
  observing = startObserving(options)
  link = new LiveLink({ registry: observing.registry, url: bridge.url })
}

/** What a service does when it is called with these headers. */
function serve(headers: Record<string, string>, below: (name: string) => void): void {
  context.with(propagation.extract(ROOT_CONTEXT, headers), () => {
    observing.foreign.startActiveSpan('POST /help', (span: Span) => {
      below('helper')
      span.end()
    })
  })
}

function agent(): void {
  observing.foreign.startActiveSpan('invoke_agent helper', { attributes: AGENT }, (span) =>
    span.end(),
  )
}

async function sent(): Promise<{ types: string[]; runs: unknown[]; numbers: number[] }> {
  await link.flush()
  return {
    types: bridge.records.map(({ eventName }) => eventName),
    runs: [...new Set(bridge.records.map(({ attributes }) => attributes['spancast.run.id']))],
    numbers: bridge.records.map(({ number }) => number),
  }
}

describe('a service that is called from a run', () => {
  test('sends its part under the run that it joins, without a start and an end of its own', async () => {
    observe({ joinRuns: true })

    serve(CALLED, agent)

    expect(await sent()).toEqual({
      types: ['agent.start', 'agent.end'],
      runs: ['run-00001'],
      numbers: [1, 2],
    })
  })

  test('and joins none sends its part under the trace, as a part all the same', async () => {
    observe({ joinRuns: false })

    serve(CALLED, agent)

    expect(await sent()).toEqual({
      types: ['agent.start', 'agent.end'],
      runs: [TRACE],
      numbers: [1, 2],
    })
  })

  test('with no root of its own in between does the same', async () => {
    observe({ joinRuns: false })

    context.with(propagation.extract(ROOT_CONTEXT, CALLED), agent)

    expect(await sent()).toMatchObject({ types: ['agent.start', 'agent.end'], runs: [TRACE] })
  })
})

test('a service that is called with a trace but from no run opens one', async () => {
  observe({ joinRuns: true })

  serve({ traceparent: CALLED.traceparent }, agent)

  expect(await sent()).toMatchObject({
    types: ['run.start', 'agent.start', 'agent.end', 'run.end'],
    runs: [TRACE],
  })
})

test('a process that calls itself within a run of its own keeps its start and end', async () => {
  observe({ joinRuns: true })

  await observeRun({ name: 'outer', randomId: 'run-00001' }, () => {
    const headers: Record<string, string> = {}
    propagation.inject(context.active(), headers)
    serve(headers, agent)
    expect(trace.getSpanContext(context.active())?.traceId).toHaveLength(32)
  })

  expect(await sent()).toMatchObject({
    types: ['run.start', 'agent.start', 'agent.end', 'run.end'],
    runs: ['run-00001'],
    numbers: [1, 2, 3, 4],
  })
})
