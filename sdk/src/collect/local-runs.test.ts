import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contentRules } from '../context/content-rules.ts'
import { classify } from '../dialect/classify.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import { observe } from '../observe/observe.ts'
import { observeRun } from '../observe/observe-run.ts'
import { RunAssembler } from '../run/run-assembler.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { told, tree } from '../testing/telling.ts'
import type { CollectedSpan, OtherSpan } from './collected-span.ts'

import { SpanCollector } from './span-collector.ts'
import { AGENT, idOf, Source } from './testing/collecting.ts'
import { otherSpans } from './testing/other-spans.ts'

const RUN_ID = 'run-00001'

let observing: Observing
let collector: SpanCollector
beforeEach(() => {
  observing = startObserving()
  const { registry } = observing
  const assembler = new RunAssembler({ liveRules: () => contentRules().live })
  collector = new SpanCollector({ registry, assembler })
})
afterEach(() => {
  observing.stop()
})

const search = observe(async (q: string) => `hit for ${q}`, { name: 'search', kind: 'tool' })

/** The spans that this process has exported, as they come back over OTLP. */
function comeBack(): void {
  const spans = observing.spans().map((span) => {
    const { traceId, spanId } = span.spanContext()
    const at = ([seconds, nanos]: readonly [number, number]): number => seconds * 1e3 + nanos / 1e6
    const { parentSpanContext, name, attributes } = span
    const startMs = at(span.startTime)
    const place = { traceId, spanId, parentSpanId: parentSpanContext?.spanId, startMs }
    const facts = { name, scope: span.instrumentationScope.name, attributes }
    const local = parentSpanContext === undefined
    return { ...place, local, endMs: at(span.endTime), facts, error: undefined }
  })
  const isAgentic = ({ facts }: CollectedSpan): boolean => classify(facts) !== undefined
  const others: OtherSpan[] = spans.filter((span) => !isAgentic(span))
  collector.collect(spans.filter(isAgentic), otherSpans(others))
}

/** A service that is called by the tool, as it exports its spans. */
function helper(events: readonly AgentEvent[], named: boolean): CollectedSpan {
  const tool = events.find(({ type }) => type === 'agent.tool.start')
  return {
    traceId: tool?.traceId ?? '',
    spanId: idOf('Helper'),
    parentSpanId: tool?.spanId,
    local: true,
    startMs: Date.now(),
    endMs: Date.now(),
    facts: {
      name: 'invoke_agent Helper',
      scope: 'python',
      attributes: named ? { ...AGENT, 'spancast.run.id': RUN_ID } : AGENT,
    },
    error: undefined,
  }
}

describe('a bridge in the process of the agents', () => {
  test('does not count their spans again when they come back to it', async () => {
    await observeRun({ name: 'Team', randomId: RUN_ID }, () => search('a'))
    await observing.foreign.startActiveSpan('GET /', async (root) => {
      await search('b')
      root.end()
    })
    const before = observing.registry.list().map((observer) => observer.getEvents())

    comeBack()
    comeBack()

    expect(observing.registry.list().map((observer) => observer.getEvents())).toEqual(before)
  })

  test('does so while the run is still going', async () => {
    const { result } = await observeRun({ name: 'Team', randomId: RUN_ID }, async () => {
      await search('a')
      comeBack()
      await search('b')
      comeBack()
      await turn()
      return 'done'
    })
    comeBack()

    expect(result).toBe('done')
    expect(told(observing.events(RUN_ID))).toEqual([
      'run.start Team',
      'agent.tool.start search',
      'agent.tool.end search',
      'agent.tool.start search',
      'agent.tool.end search',
      'run.end ok',
    ])
  })

  test.each([true, false])(
    'takes in spans of a service that is called (run id sent: %s)',
    async (named) => {
      await observeRun({ name: 'Team', randomId: RUN_ID }, async () => {
        await search('a')
        collector.collect([helper(observing.events(RUN_ID), named)], otherSpans([]))
        comeBack()
      })

      expect(tree(observing.events(RUN_ID))).toEqual(['Team', 'search < Team', 'Helper < search'])
      expect(observing.events(RUN_ID).at(-1)).toMatchObject({ type: 'run.end', status: 'ok' })
      expect(observing.registry.size).toBe(1)
    },
  )

  test('takes in the link of that service, and waits for what it has open', async () => {
    const b = new Source(RUN_ID, 'service.b')
    await observeRun({ name: 'Team', randomId: RUN_ID }, async () => {
      await search('a')
      const { traceId, spanId } = helper(observing.events(RUN_ID), true)
      const fields = { traceId, spanId, nodeName: 'Helper', duration: 1 }
      collector.link(b.next('agent.start', 'Helper', fields))
      collector.link(b.next('run.end', 'Helper', { ...fields, status: 'error' }))
    })
    expect(observing.registry.get(RUN_ID)?.ended).toBe(false)

    collector.link(
      b.next('agent.end', 'Helper', { traceId: helper(observing.events(RUN_ID), true).traceId }),
    )

    expect(observing.events(RUN_ID).slice(-2)).toMatchObject([
      { type: 'agent.end', spanId: idOf('Helper') },
      { type: 'run.end', status: 'ok' },
    ])
  })

  test('hears nothing from its own link', async () => {
    await observeRun({ name: 'Team', randomId: RUN_ID }, () => {
      const { epoch } = observing.registry.get(RUN_ID) ?? { epoch: '' }
      collector.link(
        new Source(RUN_ID, `link.${epoch}`).next('agent.event', 'x', { name: 'echo', content: 1 }),
      )
    })

    expect(told(observing.events(RUN_ID))).toEqual(['run.start Team', 'run.end ok'])
  })
})
