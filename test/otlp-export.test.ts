import { describe, expect, test as plainTest } from 'vitest'
import { runHost } from './otlp-export/host.ts'
import { type ReceivedSpan, type Receiver, startReceiver } from './otlp-export/receiver.ts'

const test = plainTest.extend<{ receiver: Receiver }>({
  receiver: async ({ task: _ }, use) => {
    const receiver = await startReceiver()
    await use(receiver)
    receiver.close()
  },
})

const AGENT = `
  import { emit, observe, observeRun, recordUsage } from '@spancast/sdk'
  import { trace } from '@opentelemetry/api'
  const search = observe(async (q) => 'found 4711', { name: 'search', kind: 'tool' })
  const broken = observe(() => { throw new RangeError('no such page') }, { name: 'broken', kind: 'tool' })
  const model = observe(async () => { recordUsage({ inputTokens: 3, outputTokens: 2 }, { provider: 'acme' }); return 'text' }, { name: 'gpt', kind: 'llm' })
  const agent = observe(async (q) => {
    await search(q)
    try { broken() } catch {}
    await trace.getTracer('http').startActiveSpan('POST /v1/chat', async (span) => { await model(); span.end() })
    emit('halfway', { done: 1 })
    return 'because 4711'
  }, { name: 'Researcher' })
  const ask = () => observeRun({ name: 'Team', randomId: 'run-exported', input: '4711' }, () => agent('why 4711'))
`

const RUN_IT = `
  ${AGENT}
  await ask()
  console.log('done')
`

function started(options = ''): string {
  return `
    import { start } from '@spancast/sdk/setup'
    const running = start(${options})
    ${RUN_IT}
  `
}

function named(receiver: Receiver, name: string): ReceivedSpan {
  const found = receiver.spans().filter((span) => span.name === name)
  expect(found.map((span) => span.name)).toEqual([name])
  return found[0] as ReceivedSpan
}

describe.concurrent('start({ otlpUrl })', () => {
  test('exports one correctly parented trace with GenAI names and attributes, without being flushed', async ({
    receiver,
  }) => {
    const { code, stdout } = await runHost(
      started(`{ otlpUrl: '${receiver.url}', serviceName: 'research' }`),
    )

    expect([code, stdout]).toEqual([0, 'done\n'])
    expect(new Set(receiver.paths)).toEqual(new Set(['/v1/traces']))
    const spans = receiver.spans()
    const names = new Map(spans.map(({ spanId, name }) => [spanId, name]))
    expect(
      spans.map(({ name, parentSpanId }) => `${name} < ${names.get(parentSpanId ?? '')}`).sort(),
    ).toEqual([
      'POST /v1/chat < invoke_agent Researcher',
      'chat gpt < POST /v1/chat',
      'execute_tool broken < invoke_agent Researcher',
      'execute_tool search < invoke_agent Researcher',
      'invoke_agent Researcher < invoke_workflow Team',
      'invoke_workflow Team < undefined',
    ])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    // No pending or partial copy: each span once, ended.
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
    for (const span of spans) {
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
      expect(span.attributes['spancast.run.id']).toBe('run-exported')
      expect(span.resource['service.name']).toBe('research')
    }
    expect(named(receiver, 'invoke_agent Researcher').attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'Researcher',
    })
    expect(named(receiver, 'execute_tool search').attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'search',
    })
    expect(named(receiver, 'chat gpt').attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt',
      'gen_ai.provider.name': 'acme',
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
    })
    expect(named(receiver, 'invoke_workflow Team').attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': 'Team',
    })
    expect(named(receiver, 'execute_tool broken')).toMatchObject({
      status: { code: 2, message: 'no such page' },
      attributes: { 'error.type': 'RangeError' },
      events: [
        {
          name: 'exception',
          attributes: {
            'exception.type': 'RangeError',
            'exception.message': 'no such page',
            'exception.stacktrace': expect.stringContaining('RangeError: no such page'),
          },
        },
      ],
    })
    expect(named(receiver, 'invoke_agent Researcher').events).toMatchObject([{ name: 'halfway' }])
    // Content is not on exported spans unless that was asked for.
    expect(receiver.bodies.join()).not.toContain('4711')
  })

  test('with capture.spans the content goes with them', async ({ receiver }) => {
    await runHost(started(`{ otlpUrl: '${receiver.url}/', capture: { spans: true } }`))

    expect(named(receiver, 'execute_tool search').attributes).toMatchObject({
      'gen_ai.tool.call.arguments': 'why 4711',
      'gen_ai.tool.call.result': 'found 4711',
    })
    expect(named(receiver, 'invoke_agent Researcher').events[0]?.attributes).toEqual({
      'spancast.event.content': '{"done":1}',
    })
    expect(named(receiver, 'chat gpt').resource['service.name']).toMatch(/^unknown_service/)
  })

  test('forceFlush and shutdown deliver, and shutdown may be called twice', async ({
    receiver,
  }) => {
    const { stdout } = await runHost(`
      ${started(`{ otlpUrl: '${receiver.url}' }`)}
      await running.forceFlush()
      console.log('flushed')
      await Promise.all([running.shutdown(), running.shutdown()])
      console.log(running.registry.get('run-exported').summary().status)
    `)

    expect(stdout).toBe('done\nflushed\nok\n')
    expect(receiver.spans()).toHaveLength(6)
  })

  test('a receiver that is down, or never answers, harms nobody, and the process exits', async ({
    receiver,
  }) => {
    const { url } = receiver
    receiver.close()
    const silent = await startReceiver(false)

    const outcomes = await Promise.all(
      [url, silent.url].map((otlpUrl) => runHost(started(`{ otlpUrl: '${otlpUrl}' }`))),
    )
    silent.close()

    for (const { code, stdout, leavingMs } of outcomes) {
      expect([code, stdout]).toEqual([0, 'done\n'])
      // An exporter left to itself goes on for ten seconds.
      expect(leavingMs).toBeLessThan(6_000)
    }
  })

  test('a URL that is none is refused, with one that would do', async () => {
    const { code, stderr } = await runHost(started(`{ otlpUrl: 'localhost:4318' }`))

    expect(code).toBe(1)
    expect(stderr).toMatch(/such as http:\/\/localhost:4318, got localhost:4318/)
  })
})

describe.concurrent('the environment', () => {
  test('OTEL_ variables name a receiver and a service', async ({ receiver }) => {
    await runHost(started(), {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: 'by-otel',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    })

    expect(named(receiver, 'chat gpt').resource).toMatchObject({
      'service.name': 'by-otel',
      'deployment.environment.name': 'test',
    })
  })

  test('SPANCAST_ variables win over them, and options over both', async ({ receiver }) => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_SERVICE_NAME: 'by-otel',
      SPANCAST_OTLP_URL: receiver.url,
      SPANCAST_SERVICE_NAME: 'by-spancast',
      SPANCAST_MAX_EVENTS: '7',
      SPANCAST_MAX_CHUNKS: '8',
    }
    const limits = `
      ${started(`{ serviceName: 'by-option', limits: { maxChunks: 9 } }`)}
      console.log(running.registry.limits.maxEvents, running.registry.limits.maxChunks)
    `
    const [, { stdout }] = await Promise.all([runHost(started(), env), runHost(limits, env)])

    const services = new Set(receiver.spans().map(({ resource }) => resource['service.name']))
    expect(services).toEqual(new Set(['by-spancast', 'by-option']))
    expect(stdout).toContain('7 9')
  })

  test('OTEL_SDK_DISABLED leaves the application alone', async ({ receiver }) => {
    const { code, stdout } = await runHost(started(`{ otlpUrl: '${receiver.url}' }`), {
      OTEL_SDK_DISABLED: 'true',
    })

    expect([code, stdout]).toEqual([0, 'done\n'])
    expect(receiver.bodies).toEqual([])
  })

  test('a sampler that drops traces keeps them from the receiver, not from the live view', async ({
    receiver,
  }) => {
    const { stdout } = await runHost(
      `
      ${started(`{ otlpUrl: '${receiver.url}' }`)}
      console.log(running.registry.get('run-exported').summary().steps)
    `,
      { OTEL_TRACES_SAMPLER: 'always_off' },
    )

    expect(stdout).toBe('done\n4\n')
    expect(receiver.bodies).toEqual([])
  })

  test('without a receiver that is said once, and runs can be watched', async () => {
    const { stdout, stderr } = await runHost(`
      ${started()}
      start()
      console.log(running.registry.get('run-exported').summary().status)
    `)

    expect(stdout).toBe('done\nok\n')
    expect(stderr.match(/Spans are not exported/g)).toHaveLength(1)
  })
})

describe.concurrent('starting', () => {
  test('by --import @spancast/sdk/register needs no line of code', async ({ receiver }) => {
    await runHost(RUN_IT, { SPANCAST_OTLP_URL: receiver.url }, ['--import=@spancast/sdk/register'])

    expect(receiver.spans()).toHaveLength(6)
  })

  test('twice gives what is running', async ({ receiver }) => {
    const { stdout } = await runHost(`
      import { start } from '@spancast/sdk/setup'
      console.log(start({ otlpUrl: '${receiver.url}' }) === start({ otlpUrl: 'ignored' }))
    `)

    expect(stdout).toBe('true\n')
  })

  test('beside a provider that is there is refused, with what to do instead', async () => {
    const { stdout } = await runHost(`
      import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
      import { start } from '@spancast/sdk/setup'
      new NodeTracerProvider().register()
      try { start() } catch (error) { console.log(error.code, error.message) }
    `)

    expect(stdout).toMatch(
      /^provider-exists .*add new AgentEventProcessor\(\) to its spanProcessors/,
    )
  })

  test('without one of its peers says how to install it', async ({ receiver }) => {
    const peers = [
      '@opentelemetry/sdk-trace-node',
      '@opentelemetry/context-async-hooks',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
    ]

    const { stdout } = await runHost(`
      import Module from 'node:module'
      import { start } from '@spancast/sdk/setup'
      const resolve = Module._resolveFilename
      let missing
      Module._resolveFilename = function (request, from, ...rest) {
        const isOurs = /.sdk.(src|dist)./.test(from?.filename)
        if (request !== missing || !isOurs) return resolve.call(this, request, from, ...rest)
        throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
      }
      for (missing of ${JSON.stringify(peers)}) {
        try {
          start({ otlpUrl: '${receiver.url}' })
        } catch (error) {
          console.log(error.code, error.message.match(/npm install .*/)?.[0])
        }
      }
    `)

    expect(stdout.trim().split('\n')).toEqual(
      peers.map((missing) => `missing-peer npm install ${missing}`),
    )
  })

  test('the main entry needs none of them', async () => {
    const { code, stdout } = await runHost(`
      import Module from 'node:module'
      const resolve = Module._resolveFilename
      Module._resolveFilename = function (request, ...rest) {
        if (/^@opentelemetry.(?!api$)/.test(request)) throw new Error('not installed: ' + request)
        return resolve.call(this, request, ...rest)
      }
      const { observe } = await import('@spancast/sdk')
      console.log(observe(() => 'runs')())
    `)

    expect([code, stdout]).toEqual([0, 'runs\n'])
  })
})
