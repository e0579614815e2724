import { describe, expect, test } from 'vitest'
import { JsonText } from '../event/json-text.ts'
import { classify } from './classify.ts'
import { type Attributes, see } from './testing/see.ts'

describe('OpenInference', () => {
  const SCOPE = 'openinference-core'
  const LANGCHAIN = '@arizeai/openinference-instrumentation-langchain'
  const kind = (value: string, more: Attributes = {}) => ({
    'openinference.span.kind': value,
    ...more,
  })

  test('a tool has its span’s name, and JSON where the types beside the content say so', () => {
    const tool = kind('TOOL', {
      'input.value': '{"city":"Lima"}',
      'input.mime_type': 'application/json',
      'output.value': '42',
      'output.mime_type': 'text/plain',
    })

    expect(see(SCOPE, 'get_weather', tool)).toMatchObject({
      role: 'tool',
      name: 'get_weather',
      input: { city: 'Lima' },
      output: '42',
    })
    expect(see(SCOPE, 'Tool', { ...tool, 'tool.name': 'search' })?.name).toBe('search')
  })

  test('a model call has usage with its details, the cost it carries and the answering model', () => {
    const call = kind('LLM', {
      'llm.model_name': 'gpt-5-2026',
      'llm.system': 'openai',
      'llm.token_count.prompt': 120,
      'llm.token_count.completion': 30,
      'llm.token_count.total': 150,
      'llm.token_count.prompt_details.cache_read': 64,
      'llm.token_count.prompt_details.cache_write': 8,
      'llm.token_count.completion_details.reasoning': 12,
      'llm.cost.prompt': 0.25,
      'llm.cost.completion': 0.5,
    })

    expect(see(SCOPE, 'OpenAI Chat Completions', call)).toMatchObject({
      role: 'llm',
      name: 'gpt-5-2026',
      provider: 'openai',
      usage: {
        inputTokens: 120,
        outputTokens: 30,
        totalTokens: 150,
        cacheReadTokens: 64,
        cacheWriteTokens: 8,
        reasoningTokens: 12,
      },
      cost: 0.75,
    })
  })

  test.each(['RETRIEVER', 'EMBEDDING', 'RERANKER', 'GUARDRAIL', 'EVALUATOR', 'PROMPT', 'X'])(
    'a span of kind %s gives no event',
    (value) => {
      expect(see(SCOPE, 'x', kind(value))).toBeUndefined()
    },
  )

  test('a graph is a workflow, its nodes are steps, and what LangChain puts between is nothing', () => {
    const inNode = (node: string) => kind('CHAIN', { metadata: `{"langgraph_node":"${node}"}` })

    expect(see(LANGCHAIN, 'support team', kind('CHAIN'), true)?.role).toBe('workflow')
    expect(see(LANGCHAIN, 'LangGraph', kind('CHAIN'), false)?.role).toBe('workflow')
    expect(see(LANGCHAIN, 'agent', kind('CHAIN'), false)).toMatchObject({
      role: 'step',
      name: 'agent',
    })
    expect(see(LANGCHAIN, 'agent', inNode('agent'), false)?.role).toBe('step')
    expect(see(LANGCHAIN, 'shout', inNode('agent'), false)?.role).toBe('step')
    const python = 'openinference.instrumentation.langchain'
    expect(see(python, 'agent', inNode('agent'), false)?.role).toBe('step')
    expect(see(python, 'pick_tool', inNode('agent'), false)).toBeUndefined()
    const between = ['RunnableSequence', 'ChannelWrite<...>', '__start__', 'StrOutputParser']
    for (const name of [...between, 'tools', 'model_request']) {
      expect(see(LANGCHAIN, name, kind('CHAIN'), false)).toBeUndefined()
    }
  })

  test('what createAgent has made is an agent, whoever calls it', () => {
    const metadata = '{"lc_agent_name":"historian","langgraph_node":"tools"}'
    const agent = kind('CHAIN', { metadata })

    expect(see(LANGCHAIN, 'historian', agent, false)).toMatchObject({
      role: 'agent',
      name: 'historian',
    })
    expect(see(LANGCHAIN, 'historian', agent, true)?.role).toBe('agent')
    expect(see(LANGCHAIN, 'rank', agent, false)?.role).toBe('step')
  })

  test('an agent that was called with the configuration of another is known by its answer', () => {
    const messages = [{ role: 'user', content: 'how old?' }]
    const answer = {
      lc: 1,
      type: 'constructor',
      id: ['langchain_core', 'messages', 'AIMessage'],
      kwargs: { content: 'old', name: 'historian' },
    }
    const called = kind('CHAIN', {
      metadata: '{"lc_agent_name":"guide","langgraph_node":"tools"}',
      'output.value': JSON.stringify({ messages: [...messages, answer] }),
      'output.mime_type': 'application/json',
    })

    expect(see(LANGCHAIN, 'historian', called, false)?.role).toBe('agent')
    expect(see(LANGCHAIN, 'rank', called, false)?.role).toBe('step')
    const older = { ...called, metadata: '{"thread_id":"t1"}' }
    expect(see(LANGCHAIN, 'historian', older, true)?.role).toBe('agent')
    expect(see(LANGCHAIN, 'newsroom', older, true)?.role).toBe('workflow')
    const around = { ...called, metadata: '{"langgraph_node":"historian"}' }
    expect(see(LANGCHAIN, 'historian', around, false)?.role).toBe('step')
  })

  test('LangChain’s messages are told as a person writes them', () => {
    const built = (of: string, kwargs: object) => ({
      lc: 1,
      type: 'constructor',
      id: ['langchain_core', 'messages', of],
      kwargs: { additional_kwargs: {}, ...kwargs },
    })
    const call = { id: 'call_1', name: 'get_weather', args: { city: 'Lima' } }
    const asks = built('AIMessage', { content: '', tool_calls: [call] })
    const model = kind('LLM', {
      'llm.invocation_parameters': '{"model":"gpt-5"}',
      'input.value': JSON.stringify({ messages: [[built('HumanMessage', { content: 'why' })]] }),
      'input.mime_type': 'application/json',
      'output.value': JSON.stringify({ generations: [[{ text: '', message: asks }]] }),
      'output.mime_type': 'application/json',
    })

    expect(see(LANGCHAIN, 'ChatOpenAI', model)).toMatchObject({
      name: 'gpt-5',
      input: [{ role: 'user', content: 'why' }],
      output: { role: 'assistant', content: '', tool_calls: [call] },
    })
  })

  test('LangChain’s messages in Python are told the same way, a tool’s as what it holds', () => {
    const python = 'openinference.instrumentation.langchain'
    const data = { content: '{"temp":21}', name: null, tool_call_id: 'call_1' }
    const tool = kind('TOOL', {
      'output.value': JSON.stringify({ type: 'tool', data }),
      'output.mime_type': 'application/json',
    })
    const graph = kind('CHAIN', {
      'input.value': JSON.stringify({ messages: [{ type: 'human', data: { content: 'why' } }] }),
      'input.mime_type': 'application/json',
      metadata: '{"lc_agent_name":"guide","langgraph_node":"model"}',
    })

    expect(see(python, 'get_weather', tool)).toMatchObject({
      output: { temp: 21 },
      toolCallId: 'call_1',
    })
    expect(see(python, 'guide', graph)?.input).toEqual({
      messages: [{ role: 'user', content: 'why' }],
    })
    expect(see(python, 'model', graph)).toBeUndefined()
  })

  test('a call that failed has the model that it asked for', () => {
    const failed = kind('LLM', {
      'input.value': '{"model":"gpt-5","messages":[]}',
      'input.mime_type': 'application/json',
    })

    expect(see(SCOPE, 'ChatCompletion', failed)?.name).toBe('gpt-5')
  })

  test('a LangChain tool’s result is the content of its message, and names the call it answers', () => {
    const message = {
      lc: 1,
      type: 'constructor',
      id: ['langchain_core', 'messages', 'ToolMessage'],
      kwargs: { content: '{"temp":21}', tool_call_id: 'call_1', name: 'get_weather' },
    }
    const tool = kind('TOOL', {
      'tool.name': 'get_weather',
      'input.value': '{"city":"Lima"}',
      'input.mime_type': 'application/json',
      'output.value': JSON.stringify({ output: message }),
      'output.mime_type': 'application/json',
    })

    expect(see(LANGCHAIN, 'get_weather', tool)).toMatchObject({
      input: { city: 'Lima' },
      output: { temp: 21 },
      toolCallId: 'call_1',
    })
  })

  test('the OpenAI Agents SDK’s trace is a workflow above its agents', () => {
    const AGENTS = '@arizeai/openinference-instrumentation-openai-agents'

    expect(see(AGENTS, 'Agent workflow', kind('AGENT'))?.role).toBe('workflow')
    expect(see(AGENTS, 'Ask the team', kind('AGENT'), true)?.role).toBe('workflow')
    const agent = kind('AGENT', { 'graph.node.id': 'Planner' })
    expect(see(AGENTS, 'Planner', agent)).toMatchObject({ role: 'agent', name: 'Planner' })
  })

  test.each([
    '@arizeai/openinference-instrumentation-openai-agents',
    'openinference.instrumentation.openai_agents',
  ])('nothing is told of what %s has between agents and calls', (scope) => {
    expect(see(scope, 'Agent workflow', kind('CHAIN'), false)).toBeUndefined()
    expect(see(scope, 'Agent workflow', kind('AGENT'), false)).toBeUndefined()
    expect(see(scope, 'turn', kind('CHAIN'), false)).toBeUndefined()
    expect(see(scope, 'my span', kind('CHAIN'), false)?.role).toBe('step')
    expect(see(SCOPE, 'turn', kind('CHAIN'), false)?.role).toBe('step')
    const handOff = kind('TOOL', { 'tool.name': 'handoff_to_Tax clerk' })
    expect(see(scope, 'handoff to Tax clerk', handOff)?.name).toBe('handoff to Tax clerk')
  })
})

describe('OpenLLMetry', () => {
  const SCOPE = '@traceloop/node-server-sdk'

  test.each([
    ['workflow', 'workflow'],
    ['agent', 'agent'],
    ['task', 'step'],
    ['tool', 'tool'],
  ])('a decorated %s is a %s, named without what the span’s name adds', (kind, role) => {
    const seen = see(SCOPE, `plan.${kind}`, {
      'traceloop.span.kind': kind,
      'gen_ai.agent.name': 'weather_agent',
    })

    expect(seen).toMatchObject({ role, name: 'plan', leftOpen: true })
  })

  test.each([
    ['{"args":[],"kwargs":{"city":"Lima"}}', { city: 'Lima' }],
    ['{"args":["why"],"kwargs":{}}', 'why'],
    ['{"args":["{\\"city\\":\\"Lima\\"}"]}', { city: 'Lima' }],
    ['{"args":[],"kwargs":{}}', {}],
    ['{"args":[1,2],"kwargs":{}}', [1, 2]],
    ['{"args":[1],"kwargs":{"a":2}}', { args: [1], kwargs: { a: 2 } }],
  ])('the input %s is what the function was given', (input, given) => {
    const attributes = { 'traceloop.span.kind': 'tool', 'traceloop.entity.input': input }

    expect(see(SCOPE, 'x.tool', attributes)?.input).toEqual(given)
  })

  test('an MCP tool has its arguments and its result, without what its library puts around them', () => {
    const tool = {
      'traceloop.span.kind': 'tool',
      'traceloop.entity.name': 'get_weather',
      'traceloop.entity.input': '{"tool_name":"get_weather","arguments":{"city":"Lima"}}',
      'traceloop.entity.output': '{"result":"{\\"temp\\":21}","is_error":false}',
    }

    expect(see('@traceloop/instrumentation-mcp', 'get_weather.tool', tool)).toMatchObject({
      name: 'get_weather',
      input: { city: 'Lima' },
      output: { temp: 21 },
    })
  })

  test('an operation of the conventions says more than the kind', () => {
    const tool = { 'traceloop.span.kind': 'task', 'gen_ai.operation.name': 'execute_tool' }
    const scope = '@traceloop/instrumentation-langchain'

    expect(see(scope, 'execute_tool search', tool)).toMatchObject({ role: 'tool', name: 'search' })
    const chain = { 'traceloop.span.kind': 'workflow', 'gen_ai.operation.name': 'workflow' }
    expect(see(scope, 'workflow x', { ...chain, 'traceloop.workflow.name': 'x' })?.name).toBe('x')
    const plumbing = { ...chain, 'traceloop.workflow.name': 'RunnableSequence' }
    expect(see(scope, 'workflow RunnableSequence', plumbing)).toBeUndefined()
  })

  test('a class of LangChain names neither a tool nor a graph', () => {
    const scope = '@traceloop/instrumentation-langchain'
    const tool = {
      'traceloop.span.kind': 'task',
      'traceloop.entity.name': 'DynamicStructuredTool',
      'gen_ai.operation.name': 'execute_tool',
      'traceloop.entity.input': '{"args":["{\\"city\\":\\"Lima\\"}"]}',
    }
    const message = { content: '{"temp":21}', tool_call_id: 'call_1', name: 'get_weather' }
    const output = JSON.stringify({
      lc: 1,
      type: 'constructor',
      id: ['ToolMessage'],
      kwargs: message,
    })

    expect(see(scope, 'execute_tool DynamicStructuredTool', tool)?.name).toBeUndefined()
    expect(
      see(scope, 'execute_tool DynamicStructuredTool', {
        ...tool,
        'traceloop.entity.output': output,
      }),
    ).toMatchObject({ name: 'get_weather', input: { city: 'Lima' }, output: { temp: 21 } })
    const graph = {
      'traceloop.span.kind': 'workflow',
      'traceloop.workflow.name': 'CompiledStateGraph',
    }
    expect(see(scope, 'workflow CompiledStateGraph', graph)?.name).toBe('LangGraph')
  })

  test('LangGraph in Python is told once, without what lies between its nodes', () => {
    const seen = (name: string, spanKind: string | undefined, more: Attributes = {}) =>
      see('opentelemetry.instrumentation.langchain', 'x', {
        ...(spanKind !== undefined && { 'traceloop.span.kind': spanKind }),
        'traceloop.entity.name': name,
        ...more,
      })
    const of = (agent: string | undefined, node: string) => ({
      ...(agent !== undefined && { 'traceloop.association.properties.lc_agent_name': agent }),
      'traceloop.association.properties.langgraph_node': node,
    })

    expect(seen('trip-report', 'workflow')?.role).toBe('workflow')
    expect(seen('research', 'task', of(undefined, 'research'))?.role).toBe('step')
    expect(seen('guide', 'task', of('guide', 'research'))).toMatchObject({
      role: 'agent',
      name: 'guide',
    })
    for (const [name, node] of [
      ['route_after', 'research'],
      ['tools', 'tools'],
      ['model', 'model'],
    ]) {
      expect(seen(`${name}`, 'task', of('guide', `${node}`))).toBeUndefined()
    }
    for (const operation of ['create_agent', 'invoke_agent']) {
      expect(seen('guide', undefined, { 'gen_ai.operation.name': operation })).toBeUndefined()
    }
    const output = { output: { content: '{"temp":21}', tool_call_id: 'call_1' }, kwargs: {} }
    const input = { input_str: '', inputs: { city: 'Lima' }, kwargs: { tool_call_id: 'call_1' } }
    const tool = {
      'gen_ai.operation.name': 'execute_tool',
      'traceloop.entity.input': JSON.stringify(input),
      'traceloop.entity.output': JSON.stringify(output),
    }
    expect(seen('get_weather', 'tool', tool)).toMatchObject({
      role: 'tool',
      name: 'get_weather',
      toolCallId: 'call_1',
      input: { city: 'Lima' },
      output: { temp: 21 },
    })
  })

  test('an agent’s name on a span does not make it an agent', () => {
    expect(see(SCOPE, 'x', { 'gen_ai.agent.name': 'weather_agent' })).toBeUndefined()
  })

  test('a model call in its older form has messages and usage', () => {
    const seen = see('opentelemetry.instrumentation.openai', 'openai.chat', {
      'llm.request.type': 'chat',
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'why',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': 'so',
      'gen_ai.usage.prompt_tokens': 120,
      'gen_ai.usage.completion_tokens': 30,
      'gen_ai.usage.cache_read_input_tokens': 64,
    })

    expect(seen).toMatchObject({
      role: 'llm',
      name: 'gpt-5',
      input: [{ role: 'user', content: 'why' }],
      output: [{ role: 'assistant', content: 'so' }],
      usage: { inputTokens: 120, outputTokens: 30, cacheReadTokens: 64 },
    })
  })
})

describe('the AI SDK', () => {
  test('an outer span is the agent, named by its function id, and repeats no usage', () => {
    const attributes = {
      'ai.operationId': 'ai.generateText',
      'ai.prompt': '{"prompt":"why"}',
      'ai.response.text': '{"so":1}',
      'ai.usage.inputTokens': 360,
    }

    expect(see('ai', 'ai.generateText', attributes)).toMatchObject({
      role: 'agent',
      name: 'generateText',
      input: { prompt: 'why' },
      output: '{"so":1}',
      usage: undefined,
    })
    const named = { ...attributes, 'ai.telemetry.functionId': 'planner' }
    expect(see('ai', 'ai.generateText', named)?.name).toBe('planner')
  })

  test.each([
    ['ai.streamText.doStream', true],
    ['ai.streamObject.doStream', true],
    ['ai.generateText.doGenerate', false],
    ['ai.streamText', false],
  ])('a span of %s may stay open when it is aborted: %s', (operation, may) => {
    expect(see('ai', operation, { 'ai.operationId': operation })?.leftOpen).toBe(may)
  })

  test.each([
    [
      'version 5',
      { 'ai.usage.promptTokens': 120, 'ai.usage.completionTokens': 30 },
      { inputTokens: 120, outputTokens: 30, totalTokens: 150 },
    ],
    [
      'version 6',
      {
        'ai.usage.inputTokens': 120,
        'ai.usage.outputTokens': 30,
        'ai.usage.totalTokens': 150,
        'ai.usage.inputTokenDetails.cacheReadTokens': 64,
        'ai.usage.inputTokenDetails.cacheWriteTokens': 8,
        'ai.usage.outputTokenDetails.reasoningTokens': 12,
        'gen_ai.usage.input_tokens': 120,
      },
      {
        inputTokens: 120,
        outputTokens: 30,
        totalTokens: 150,
        cacheReadTokens: 64,
        cacheWriteTokens: 8,
        reasoningTokens: 12,
      },
    ],
  ])('a model call of %s has its usage once', (_, usage, expected) => {
    const seen = see('ai', 'ai.streamText.doStream', {
      'ai.operationId': 'ai.streamText.doStream',
      'ai.model.id': 'm',
      'ai.model.provider': 'openai.chat',
      'ai.response.msToFirstChunk': 15,
      ...usage,
    })

    expect(seen).toMatchObject({ role: 'llm', name: 'm', provider: 'openai', timeToFirstChunk: 15 })
    expect(seen?.usage).toEqual(expected)
  })

  test('a tool call has JSON values', () => {
    const seen = see('ai', 'ai.toolCall', {
      'ai.operationId': 'ai.toolCall',
      'ai.toolCall.name': 'ask',
      'ai.toolCall.id': 'call_c',
      'ai.toolCall.args': '{"topic":"spans"}',
      'ai.toolCall.result': '"sub answer"',
    })

    expect(seen).toMatchObject({
      role: 'tool',
      name: 'ask',
      toolCallId: 'call_c',
      input: { topic: 'spans' },
      output: 'sub answer',
    })
  })

  test('an answer that calls tools holds their inputs as values', () => {
    const seen = see('ai', 'ai.generateText.doGenerate', {
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.response.text': 'Let me look.',
      'ai.response.toolCalls': '[{"toolName":"ask","input":"{\\"q\\":1}"}]',
    })

    expect(seen?.output).toEqual({
      text: 'Let me look.',
      toolCalls: [{ toolName: 'ask', input: { q: 1 } }],
    })
  })

  test('version 7 follows the conventions: a step is nothing, a model’s name names no agent', () => {
    const step = { 'gen_ai.operation.name': 'agent_step' }
    expect(see('gen_ai', 'step 1', step)).toBeUndefined()
    const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'm' }
    expect(see('gen_ai', 'invoke_agent m', agent)?.name).toBeUndefined()
    expect(see('gen_ai', 'invoke_agent m', { ...agent, 'gen_ai.agent.name': 'a' })?.name).toBe('a')
  })
})

describe('Mastra', () => {
  test.each([
    [
      { 'mastra.span.type': 'agent_run', 'gen_ai.agent.name': 'Weather' },
      'invoke_agent x',
      'agent',
      'Weather',
    ],
    [{ 'mastra.span.type': 'workflow_run' }, 'invoke_workflow report', 'workflow', 'report'],
    [{ 'mastra.span.type': 'workflow_step' }, 'workflow_step rank', 'step', 'rank'],
    [{ 'mastra.span.type': 'mcp_tool_call', 'gen_ai.tool.name': 't' }, 'x', 'tool', 't'],
    [
      {
        'mastra.span.type': 'model_inference',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'm',
      },
      'x',
      'llm',
      'm',
    ],
    [
      {
        'mastra.span.type': 'model_generation',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'm',
      },
      'x',
      'llm',
      'm',
    ],
  ])('%j is what it says', (attributes, spanName, role, name) => {
    expect(see('@mastra/otel-exporter', spanName, attributes)).toMatchObject({ role, name })
  })

  test.each([
    'model_generation',
    'model_step',
    'model_chunk',
    'workflow_parallel',
    'rag_embedding',
  ])('a %s gives no event', (type) => {
    const attributes = { 'mastra.span.type': type, 'gen_ai.operation.name': type }
    expect(see('@mastra/otel-exporter', 'x', attributes)).toBeUndefined()
  })

  test('content is JSON, usage is that of the call', () => {
    const agent = {
      'mastra.span.type': 'agent_run',
      'mastra.agent_run.input': '{"prompt":"why"}',
      'mastra.agent_run.output': 'so',
      'gen_ai.usage.input_tokens': 9,
    }
    expect(see('m', 'invoke_agent a', agent)).toMatchObject({
      input: { prompt: 'why' },
      output: 'so',
      usage: undefined,
    })
    const call = {
      'mastra.span.type': 'model_inference',
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 120,
      'gen_ai.usage.output_tokens': 30,
      'gen_ai.usage.reasoning_tokens': 12,
      'gen_ai.usage.cache_creation.input_tokens': 8,
    }
    expect(see('m', 'chat m', call)?.usage).toMatchObject({
      inputTokens: 120,
      cacheWriteTokens: 8,
      reasoningTokens: 12,
    })
  })

  test('the provider of a model is not its API', () => {
    const call = {
      'mastra.span.type': 'model_inference',
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai.responses',
    }

    expect(see('m', 'chat m', call)?.provider).toBe('openai')
  })

  test('a step that the bridge renames after its workflow keeps the name of its start', () => {
    const step = { 'mastra.span.type': 'workflow_step' }

    expect(see('@mastra/otel-bridge', 'workflow_step report', step)).toMatchObject({ role: 'step' })
    expect(see('@mastra/otel-bridge', 'workflow_step report', step)?.name).toBeUndefined()
    expect(see('@mastra/otel-bridge', "workflow step: 'rank'", {})?.name).toBe('rank')
  })

  test.each([
    ["agent run: 'weather-agent'", 'agent', 'weather-agent'],
    ["workflow run: 'report'", 'workflow', 'report'],
    ["workflow step: 'rank'", 'step', 'rank'],
    ["tool: 'get_weather'", 'tool', 'get_weather'],
    ["llm: 'gpt-5'", 'llm', 'gpt-5'],
  ])('the bridge’s span %s is known by its name alone', (spanName, role, name) => {
    expect(see('@mastra/otel-bridge', spanName, {})).toMatchObject({ role, name })
    expect(see('another-library', spanName, {})).toBeUndefined()
  })
})

describe('Langfuse', () => {
  const observe = (type: string, more: Attributes = {}) =>
    see('langfuse-sdk', 'get_weather', { 'langfuse.observation.type': type, ...more })

  test('tools, agents and chains have the names of their spans', () => {
    expect(observe('agent')).toMatchObject({ role: 'agent', name: 'get_weather' })
    expect(observe('chain')).toMatchObject({ role: 'step', name: 'get_weather' })
    const tool = observe('tool', {
      'langfuse.observation.input': '{"city":"Lima"}',
      'langfuse.observation.output': '42',
    })
    expect(tool).toMatchObject({ role: 'tool', input: { city: 'Lima' }, output: '42' })
    for (const type of ['span', 'event', 'retriever', 'evaluator', 'guardrail', 'embedding']) {
      expect(observe(type)).toBeUndefined()
    }
  })

  test('its level tells of an error, not the status', () => {
    const failed = observe('tool', {
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'nope',
    })

    expect(failed?.error).toEqual({ type: 'Error', message: 'nope' })
    expect(observe('tool', { 'langfuse.observation.level': 'WARNING' })?.error).toBeUndefined()
  })

  test.each([
    [{ input: 56, input_cache_read: 64, output: 18, output_reasoning: 12, total: 150 }],
    [{ input: 120, input_cache_read: 64, output: 30, output_reasoning: 12, total: 150 }],
    [{ input: 56, input_cached_tokens: 64, output: 18, output_reasoning_tokens: 12 }],
    [
      {
        prompt_tokens: 120,
        completion_tokens: 30,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 64 },
        completion_tokens_details: { reasoning_tokens: 12 },
      },
    ],
  ])('usage %j holds its details, counted once', (details) => {
    const call = observe('generation', {
      'langfuse.observation.model.name': 'm',
      'langfuse.observation.usage_details': JSON.stringify(details),
      'langfuse.observation.cost_details': '{"input":0.25,"output":0.5}',
    })

    expect(call).toMatchObject({ role: 'llm', name: 'm', cost: 0.75 })
    expect(call?.usage).toEqual({
      inputTokens: 120,
      outputTokens: 30,
      totalTokens: 150,
      cacheReadTokens: 64,
      reasoningTokens: 12,
    })
  })
})

test('the AI SDK is told in its own words, though OpenInference’s processor adds others', () => {
  const kind = { 'openinference.span.kind': 'AGENT', 'llm.token_count.prompt': 360 }
  const named = {
    ...kind,
    'ai.operationId': 'ai.generateText',
    'ai.telemetry.functionId': 'guide',
  }
  const invoked = {
    ...kind,
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'guide',
  }

  expect(see('ai', 'ai.generateText guide', named)).toMatchObject({ role: 'agent', name: 'guide' })
  expect(see('gen_ai', 'invoke_agent gpt-5', invoked)).toMatchObject({ name: 'guide' })
})

test('the agents of Claude’s SDK, whose model calls nobody tells, have their usage and cost', () => {
  const told = {
    'openinference.span.kind': 'AGENT',
    'llm.model_name': 'claude-sonnet-4-6',
    'llm.token_count.prompt': 80,
    'llm.token_count.completion': 60,
    'llm.token_count.total': 140,
    'llm.cost.total': 0.0012984,
  }
  const scope = '@arizeai/openinference-instrumentation-claude-agent-sdk'

  expect(see(scope, 'ClaudeAgent.query', told)).toMatchObject({
    role: 'agent',
    recorded: true,
    usage: { inputTokens: 80, outputTokens: 60 },
    cost: 0.0012984,
  })
  expect(see('openinference-core', 'guide', told)).not.toHaveProperty('usage.inputTokens')
  expect(see(scope, 'ClaudeAgent.query', { 'openinference.span.kind': 'AGENT' })?.recorded).toBe(
    false,
  )
})

describe('VoltAgent', () => {
  const SCOPE = '@voltagent/core'
  const entity = { 'entity.type': 'agent', 'entity.name': 'guide' }

  test('agents are known by what they are, those below others by their own names', () => {
    expect(see(SCOPE, 'guide', entity)).toMatchObject({ role: 'agent', name: 'guide' })
    const below = { ...entity, 'subagent.name': 'historian', input: 'how old?' }
    expect(see(SCOPE, 'subagent:historian', below)).toMatchObject({
      role: 'agent',
      name: 'historian',
      input: 'how old?',
    })
    expect(see('app', 'guide', entity)).toBeUndefined()
  })

  test('its workflows have steps, and what it remembers is nothing', () => {
    const flow = { 'entity.type': 'workflow', 'entity.name': 'Report' }
    const step = { ...flow, 'span.type': 'workflow-step', 'workflow.step.name': 'plan' }

    expect(see(SCOPE, 'workflow.Report', flow)).toMatchObject({ role: 'workflow', name: 'Report' })
    expect(see(SCOPE, 'workflow.step.func', step)).toMatchObject({ role: 'step', name: 'plan' })
    expect(see(SCOPE, 'memory.read', { ...entity, 'span.type': 'memory' })).toBeUndefined()
  })

  test('tools have their arguments, and model calls the usage that agents repeat', () => {
    const tool = {
      ...entity,
      'span.type': 'tool',
      'tool.name': 'get_weather',
      'tool.call.id': 'call_1',
      input: '{"city":"Lima"}',
      output: '{"temperature":21}',
    }
    const call = {
      ...entity,
      'span.type': 'llm',
      'llm.model': 'gpt-5-mini',
      'llm.usage.prompt_tokens': 120,
      'llm.usage.completion_tokens': 30,
      'llm.usage.cached_tokens': 64,
    }

    expect(see(SCOPE, 'tool.execution:get_weather', tool)).toMatchObject({
      role: 'tool',
      name: 'get_weather',
      toolCallId: 'call_1',
      input: { city: 'Lima' },
      output: { temperature: 21 },
    })
    const seen = see(SCOPE, 'llm:generateText', call)
    expect(seen).toMatchObject({ role: 'llm', name: 'gpt-5-mini' })
    expect(seen?.usage).toMatchObject({ inputTokens: 120, totalTokens: 150, cacheReadTokens: 64 })
    expect(see(SCOPE, 'guide', { ...entity, 'usage.prompt_tokens': 120 })?.usage).toBeUndefined()
  })
})

describe('through Sentry', () => {
  test('the AI SDK’s tools keep their names, under the keys that Sentry moves them to', () => {
    const tool = see('ai', 'execute_tool get_weather', {
      'ai.operationId': 'ai.toolCall',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'get_weather',
      'gen_ai.tool.call.id': 'call_1',
      'gen_ai.tool.input': '{"city":"Lima"}',
      'gen_ai.tool.output': '{"temperature":21}',
    })

    expect(tool).toMatchObject({
      role: 'tool',
      name: 'get_weather',
      toolCallId: 'call_1',
      input: { city: 'Lima' },
      output: { temperature: 21 },
    })
  })

  test('spans of its own are known by their kind, and the details of usage by its names', () => {
    const tool = see('@sentry/node', 'execute_tool search', {
      'sentry.op': 'gen_ai.execute_tool',
      'gen_ai.tool.name': 'search',
    })
    const call = see('@sentry/node', 'chat gpt-5', {
      'sentry.op': 'gen_ai.chat',
      'gen_ai.operation.name': 'responses',
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.usage.input_tokens': 120,
      'gen_ai.usage.input_tokens.cached': 64,
      'gen_ai.usage.output_tokens': 30,
      'gen_ai.usage.output_tokens.reasoning': 12,
    })

    expect(tool).toMatchObject({ role: 'tool', name: 'search' })
    expect(call).toMatchObject({ role: 'llm', name: 'gpt-5' })
    expect(call?.usage).toMatchObject({ cacheReadTokens: 64, reasoningTokens: 12 })
    const other = { 'sentry.op': 'http.client', 'gen_ai.agent.name': 'guide' }
    expect(see('@sentry/node', 'GET /', other)).toBeUndefined()
  })
})

describe('Genkit', () => {
  const action = (name: string, subtype: string, more: Attributes = {}) =>
    see('genkit-tracer', name, {
      'genkit:type': 'action',
      'genkit:metadata:subtype': subtype,
      'genkit:key': `/${subtype}/${name}`,
      ...more,
    })

  test('flows are workflows, what runs in them are steps, and its own loop is nothing', () => {
    expect(action('guide', 'flow', { 'genkit:input': '"why"' })).toMatchObject({
      role: 'workflow',
      name: 'guide',
    })
    expect(see('genkit-tracer', 'write', { 'genkit:type': 'flowStep' })?.role).toBe('step')
    expect(see('genkit-tracer', 'generate', { 'genkit:type': 'util' })).toBeUndefined()
    expect(action('text-embedding-004', 'embedder')).toBeUndefined()
  })

  test('a tool has its arguments and its result', () => {
    const told = { 'genkit:input': '{"city":"Lima"}', 'genkit:output': '{"temperature":21}' }
    const tool = action('get_weather', 'tool', told)

    expect(tool).toMatchObject({ role: 'tool', name: 'get_weather' })
    const read = [tool?.input, tool?.output].map((value) => JsonText.is(value) && value.read())
    expect(read).toEqual([{ city: 'Lima' }, { temperature: 21 }])
  })

  test('a model is called by its own name, with the usage that its answer holds', () => {
    const usage = { inputTokens: 120, outputTokens: 18, thoughtsTokens: 12, totalTokens: 150 }
    const call = action('googleai/gemini-2.5-flash', 'model', {
      'genkit:input': '{"messages":[{"role":"user","content":[{"text":"why"}]}]}',
      'genkit:output': JSON.stringify({ message: { role: 'model' }, usage }),
    })

    expect(call).toMatchObject({
      role: 'llm',
      name: 'gemini-2.5-flash',
      provider: 'google',
      input: [{ role: 'user', content: [{ text: 'why' }] }],
      output: { role: 'model' },
      usage: { inputTokens: 120, outputTokens: 30, totalTokens: 150, reasoningTokens: 12 },
    })
  })
})

test('OpenLLMetry tells Anthropic’s cached tokens beside the input, which holds them here', () => {
  const call = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'claude-sonnet-4-6',
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.output_tokens': 30,
    'gen_ai.usage.total_tokens': 130,
    'gen_ai.usage.cache_read.input_tokens': 64,
    'gen_ai.usage.cache_creation.input_tokens': 16,
  }

  expect(see('@traceloop/instrumentation-anthropic', 'chat', call)?.usage).toMatchObject({
    inputTokens: 180,
    totalTokens: 210,
  })
  expect(see('com.anthropic.sdk.typescript', 'chat', call)?.usage?.inputTokens).toBe(100)
})

describe('LangChain through Langfuse', () => {
  const observe = (name: string, metadata: Attributes, more: Attributes = {}) => {
    const noted = Object.entries(metadata).map(([key, value]) => [
      `langfuse.observation.metadata.${key}`,
      value,
    ])
    const type = { 'langfuse.observation.type': 'span' }
    return see('langfuse-sdk', name, { ...type, ...Object.fromEntries(noted), ...more }, false)
  }

  test('agents and the nodes of graphs are told, what stands between is not', () => {
    const inNode = (node: string) => ({ lc_agent_name: 'guide', langgraph_node: node })

    expect(observe('guide', { lc_agent_name: 'guide' })).toMatchObject({
      role: 'agent',
      name: 'guide',
    })
    expect(observe('LangGraph', {})?.role).toBe('workflow')
    expect(observe('left', { langgraph_node: 'left' })?.role).toBe('step')
    expect(observe('pick', { langgraph_node: 'left' })).toBeUndefined()
    for (const name of ['model_request', 'tools', 'RunnableLambda']) {
      expect(observe(name, inNode(name))).toBeUndefined()
    }
  })

  test('an agent that a tool calls is known by what it is given', () => {
    const inherited = { lc_agent_name: 'guide', langgraph_node: 'tools' }
    const asked = { 'langfuse.observation.input': '{"messages":[]}' }

    expect(observe('historian', inherited, asked)?.role).toBe('agent')
    expect(observe('LangGraph', inherited, asked)?.role).toBe('workflow')
  })

  test('a tool is one also where it bears no type', () => {
    const kwargs = { content: '{"temperature":21}', tool_call_id: 'call_1' }
    const told = {
      'langfuse.observation.input': '{"city":"Lima"}',
      'langfuse.observation.output': JSON.stringify({ lc: 1, type: 'constructor', kwargs }),
    }

    expect(
      observe('get_weather', { lc_agent_name: 'guide', langgraph_node: 'tools' }, told),
    ).toMatchObject({
      role: 'tool',
      name: 'get_weather',
      toolCallId: 'call_1',
      input: { city: 'Lima' },
      output: { temperature: 21 },
    })
  })

  test('a thread is the conversation', () => {
    const facts = {
      name: 'guide',
      scope: 'langfuse-sdk',
      attributes: {
        'langfuse.observation.type': 'span',
        'langfuse.observation.metadata.lc_agent_name': 'guide',
        'langfuse.observation.metadata.thread_id': 't1',
      },
    }
    const dialect = classify(facts)?.dialect
    expect(dialect?.conversation?.(facts.attributes)).toBe('t1')
  })
})

describe('LangSmith', () => {
  const run = (kind: string, more: Attributes = {}) =>
    see('langsmith', 'search', { 'langsmith.span.kind': kind, ...more })

  test('its own kind decides, though its operations say otherwise', () => {
    expect(run('prompt', { 'gen_ai.operation.name': 'chat' })).toBeUndefined()
    expect(run('chain', { 'gen_ai.operation.name': 'chain' })).toMatchObject({ role: 'step' })
    expect(run('chain', { 'gen_ai.usage.input_tokens': 9 })?.usage).toBeUndefined()
  })

  test('a streamed call that is told on the span of its caller makes no call of that', () => {
    const told = {
      'langsmith.span.kind': 'llm',
      'langsmith.trace.name': 'ChatOpenAI',
      'gen_ai.usage.input_tokens': 120,
      'gen_ai.usage.output_tokens': 30,
      'gen_ai.completion': '{"id":"chatcmpl_1"}',
    }

    const caller = see('langsmith', 'guide', told, true)
    expect(caller).toMatchObject({ role: 'workflow', name: 'guide', recorded: true })
    expect(caller?.usage?.inputTokens).toBe(120)
    expect(caller?.output).toBeUndefined()
    expect(see('langsmith', 'ChatOpenAI', told)?.role).toBe('llm')
  })

  test('a run that goes on is a step by its name, a wrapped client’s a model call', () => {
    const goingOn = (name: string, root: boolean) =>
      see('langsmith', name, { 'langsmith.traceable': 'true' }, root)

    expect(goingOn('guide', true)).toMatchObject({ role: 'workflow', name: 'guide' })
    expect(goingOn('search', false)).toMatchObject({ role: 'step', name: 'search', leftOpen: true })
    expect(goingOn('ChatOpenAI', false)).toMatchObject({ role: 'llm', name: undefined })
  })

  test('a tool has values, a model call its detailed usage', () => {
    const tool = run('tool', {
      'gen_ai.prompt': '{"input":"{\\"q\\":\\"otel\\"}"}',
      'gen_ai.completion': '{"outputs":["hit"]}',
    })
    expect(tool).toMatchObject({
      role: 'tool',
      name: 'search',
      input: { q: 'otel' },
      output: ['hit'],
    })
    const call = run('llm', {
      'gen_ai.request.model': 'm',
      'gen_ai.usage.input_tokens': 120,
      'langsmith.usage_metadata':
        '{"input_tokens":120,"output_tokens":30,"total_tokens":150,"input_token_details":{"cache_read":64}}',
    })
    expect(call).toMatchObject({ role: 'llm', name: 'm' })
    expect(call?.usage).toMatchObject({ inputTokens: 120, outputTokens: 30, cacheReadTokens: 64 })
  })
})

describe('Logfire and pydantic-ai', () => {
  test('the old names of pydantic-ai are an agent and its tools', () => {
    const agent = { agent_name: 'support', model_name: 'gpt-5', final_result: '{"ok":true}' }
    expect(
      see('pydantic-ai', 'agent run', { ...agent, 'logfire.msg': 'support run' }),
    ).toMatchObject({
      role: 'agent',
      name: 'support',
      output: { ok: true },
    })
    const tool = {
      'logfire.msg': 'running tool: search',
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.call.id': 'call_1',
      tool_arguments: '{"q":"otel"}',
      tool_response: 'found',
    }
    expect(see('pydantic-ai', 'running tool', tool)).toMatchObject({
      role: 'tool',
      name: 'search',
      toolCallId: 'call_1',
      input: { q: 'otel' },
      output: 'found',
    })
    expect(
      see('pydantic-ai', 'running tools', { 'logfire.msg': 'running 2 tools' }),
    ).toBeUndefined()
  })

  test('an agent of pydantic-ai was asked what is new of its messages, up to its own', () => {
    const [old, question, answer] = ['user', 'user', 'assistant'].map((role) => ({ role }))
    const agent = {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'support',
      'pydantic_ai.all_messages': JSON.stringify([question, answer, question]),
    }

    expect(see('pydantic-ai', 'invoke_agent support', agent)?.input).toEqual([question])
    const more = {
      ...agent,
      'pydantic_ai.all_messages': JSON.stringify([old, answer, question, answer]),
      'pydantic_ai.new_message_index': 2,
    }
    expect(see('pydantic-ai', 'invoke_agent support', more)?.input).toEqual([question])
  })

  test('a model call of pydantic-ai carries its cost', () => {
    const call = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.usage.input_tokens': 120,
      'operation.cost': 0.5,
    }
    expect(see('pydantic-ai', 'chat gpt-5', call)).toMatchObject({
      role: 'llm',
      name: 'gpt-5',
      cost: 0.5,
      usage: { inputTokens: 120 },
    })
    const details = { ...call, 'gen_ai.usage.details.reasoning_tokens': 12 }
    expect(see('pydantic-ai', 'chat gpt-5', details)?.usage?.reasoningTokens).toBe(12)
  })

  test('the OpenAI Agents SDK’s spans are known by their templates', () => {
    const span = (template: string, more: Attributes) =>
      see('logfire.openai_agents', template, { 'logfire.msg_template': template, ...more })

    expect(span('OpenAI Agents trace: {name}', { name: 'Ask' })).toMatchObject({
      role: 'workflow',
      name: 'Ask',
    })
    expect(span('Agent run: {name!r}', { name: 'Planner' })).toMatchObject({
      role: 'agent',
      name: 'Planner',
    })
    const tool = { name: 'search', input: '{"q":1}', output: 'x', error: '{"message":"no"}' }
    expect(span('Function: {name}', tool)).toMatchObject({
      role: 'tool',
      name: 'search',
      input: { q: 1 },
      output: 'x',
      error: { type: 'Error', message: 'no' },
    })
    const call = { 'gen_ai.response.model': 'gpt-5', 'gen_ai.usage.input_tokens': 120 }
    expect(span('Responses API with {gen_ai.request.model!r}', call)).toMatchObject({
      role: 'llm',
      name: 'gpt-5',
      usage: { inputTokens: 120 },
    })
    const handOff = { from_agent: 'Planner', to_agent: 'Tax clerk' }
    expect(span('Handoff: {from_agent} → {to_agent}', handOff)).toMatchObject({
      role: 'tool',
      name: 'handoff to Tax clerk',
      input: 'Planner',
      output: 'Tax clerk',
    })
    for (const template of ['GET /x', 'Custom span: {name}']) {
      expect(span(template, { name: 'x' })).toBeUndefined()
    }
    const log = { 'logfire.span_type': 'log', name: 'x' }
    expect(span('Agent run: {name!r}', log)).toBeUndefined()
  })
})

describe('MCP', () => {
  test('a call of a tool is a tool, other methods are nothing', () => {
    const call = { 'mcp.method.name': 'tools/call', 'gen_ai.tool.call.result': '{"a":1}' }

    expect(see('mcp', 'tools/call search', call)).toMatchObject({
      role: 'tool',
      name: 'search',
      output: { a: 1 },
    })
    expect(see('mcp', 'tools/list', { 'mcp.method.name': 'tools/list' })).toBeUndefined()
  })

  test('it is named without the words of its SDK, and told by who calls, not by who serves', () => {
    const call = { 'mcp.method.name': 'tools/call' }
    const served = { ...call, 'fastmcp.server.name': 'weather' }

    expect(see('mcp-python-sdk', 'MCP send tools/call search', call)?.name).toBe('search')
    expect(see('fastmcp', 'tools/call search', served, false)).toBeUndefined()
    expect(see('fastmcp', 'tools/call search', served, true)?.role).toBe('tool')
  })
})
