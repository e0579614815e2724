import { context, propagation, type TextMapPropagator } from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator } from '@opentelemetry/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { observe } from '../observe/observe.ts'
import { observeRun } from '../observe/observe-run.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { CallingPropagator } from './calling-propagator.ts'

let observing: Observing
let propagator: TextMapPropagator
beforeEach(() => {
  observing = startObserving()
  const propagators = [new W3CBaggagePropagator()]
  propagator = new CallingPropagator(new CompositePropagator({ propagators }))
})
afterEach(() => observing.stop())

const setter = {
  set: (headers: Record<string, string>, key: string, value: string) => {
    headers[key] = value
  },
}

/** Calls another process from inside a span of that kind. @returns the headers, and whether the run has noted it. */
async function call(kind: 'tool' | 'llm'): Promise<[Record<string, string>, boolean | undefined]> {
  const headers: Record<string, string> = {}
  const inside = observe(() => propagator.inject(context.active(), headers, setter), { kind })
  await observeRun({ randomId: 'run-00001' }, () => inside())
  return [headers, observing.registry.get('run-00001')?.life.calledOut]
}

test('a run whose tool has called another process is known to have done so', async () => {
  expect(await call('tool')).toEqual([{ baggage: 'spancast.run.id=run-00001' }, true])
})

test('a run that has called a model alone has not', async () => {
  expect(await call('llm')).toEqual([{ baggage: 'spancast.run.id=run-00001' }, false])
})

test('what comes in is read as ever', () => {
  const carrier = { baggage: 'spancast.run.id=run-00002' }
  const getter = {
    keys: Object.keys,
    get: (headers: Record<string, string>, key: string) => headers[key],
  }

  const inbound = propagator.extract(context.active(), carrier, getter)

  expect(propagation.getBaggage(inbound)?.getEntry('spancast.run.id')?.value).toBe('run-00002')
  expect(propagator.fields()).toEqual(['baggage'])
})
