import type { SpanFacts } from './span-facts.ts'

/**
 * How OpenInference's instrumentations of frameworks in Python name spans: after the thing and its method,
 * `guide.run`, or after the function and the thing, `agent_run [guide]`.
 */
const PYTHON = /^openinference\.instrumentation\.(?!langchain|openai)/
const THING = /^(.+?)(?:_[\da-f]{8}-[\da-f-]{27})?\.(\w+)$/s
const OF_THING = /^(?:invocation|agent_run) \[(.+)\]$/
const RUNS =
  /^(a?run|run_stream|a?run_stream_impl|continue_run|kickoff\w*|a?execute\w*|a?invoke|a?forward|a?call|__call__|on_messages\w*)$/

// What a LlamaIndex agent goes through between its calls of the model and of tools.
const LLAMA_STEPS =
  /\.(init_run|setup_agent|run_agent_step|parse_agent_output|call_tool|aggregate_tool_results)$/
// A chain of that name is an agent: LlamaIndex and Haystack mark theirs so.
const AGENT_CLASS = /Agent\.a?run$/
const MERGED = 'execute_tool (merged)'
const PRIVATE_METHOD = /\._[a-z]\w*$/

/** The name of what runs, without its method: `guide.run` is named `guide`, a flow's `Flow_(an id).write` is `write`. */
export function frameworkName({ name, scope }: SpanFacts): string {
  if (!PYTHON.test(scope)) return name
  const inside = OF_THING.exec(name)?.[1]
  if (inside !== undefined) return inside
  const [, thing, method] = THING.exec(name) ?? []
  if (thing === undefined || method === undefined) return name
  if (RUNS.test(method)) return thing
  return scope.endsWith('.crewai') ? method : name
}

/** Whether a chain is an agent of its framework. */
export function isAgentChain({ name, scope }: SpanFacts): boolean {
  return PYTHON.test(scope) && AGENT_CLASS.test(name)
}

/** Whether a span is a part of what another one tells. */
export function isFrameworkPart({ name, scope, root }: SpanFacts): boolean {
  if (!PYTHON.test(scope)) return false
  if (scope.endsWith('.llama_index')) return LLAMA_STEPS.test(name) || PRIVATE_METHOD.test(name)
  // ADK's gathering of answers of tools that ran side by side, its runner, and its workflow, which hold the agent that they run.
  const isRunner = name.startsWith('invocation [') || name.startsWith('invoke_workflow ')
  return scope.endsWith('.google_adk') && (name === MERGED || (root === false && isRunner))
}
