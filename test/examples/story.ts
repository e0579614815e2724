import type { AgentEvent, TokenUsage } from '@spancast/sdk'

/**
 * A run as lines for people: each span below its parent, in the order of their starts.
 *
 * - `run guide ok 240/60/128/24 $0.000151`
 * - `guide agent 240/60/128/24`
 * - `get_weather {"city":"Lima"} -> {"temperature":21}`, or `! Error: it failed` in place of the result
 * - `gpt-5-mini 120/30/64/12`
 *
 * Usage is input / output / read from cache / reasoning, `-` where that is not reported.
 */
export function story(events: readonly AgentEvent[]): string[] {
  const spans = new Map<string, AgentEvent>()
  for (const event of inOrder(events)) {
    const key = `${event.type.startsWith('run.') ? 'run' : 'span'} ${event.spanId}`
    const before = spans.get(key)
    const { type, ...told } = event
    // What the start has said and the end does not repeat still holds; a span that moves stays what it is.
    const is = type === 'agent.moved' ? before?.type : type
    spans.set(key, { ...before, ...told, type: is } as AgentEvent)
  }
  const below = (parent: AgentEvent | undefined): string[] =>
    [...spans.values()]
      .filter(({ parentSpanId }) =>
        parent === undefined
          ? !spans.has(`span ${parentSpanId}`)
          : parentSpanId === parent.spanId && !parent.type.startsWith('run.'),
      )
      .flatMap((event) => [lineOf(event), ...below(event).map((line) => `  ${line}`)])
  return below(undefined)
}

/** Where spans came before what they hang below, they are told in the order in which they started, not came. */
function inOrder(events: readonly AgentEvent[]): readonly AgentEvent[] {
  if (!events.some(({ type }) => type === 'agent.moved')) return events
  const starts = events.filter(({ type }) => type.endsWith('.start'))
  const [run, ...spans] = starts
  if (run === undefined) return events
  spans.sort((a, b) => a.timestamp - b.timestamp)
  return [run, ...spans, ...events.filter(({ type }) => !type.endsWith('.start'))]
}

function lineOf(event: AgentEvent): string {
  switch (event.type) {
    case 'run.start':
      return `run ${event.name}`
    case 'run.end':
      return `run ${nameOf(event)} ${event.status} ${usage(event.tokenUsage)} ${dollars(event.cost)}`
    case 'agent.start':
      return `${event.nodeName} ${event.nodeKind}`
    case 'agent.end':
    case 'agent.error': {
      const outcome = event.type === 'agent.end' ? '' : ` ! ${event.error.message}`
      return `${event.nodeName} ${kindOf(event)} ${usage(event.tokenUsage)}${outcome}`
    }
    case 'agent.tool.start':
      return `${event.toolName} ${JSON.stringify(event.args)}`
    case 'agent.tool.end': {
      const outcome =
        event.error === undefined
          ? `-> ${JSON.stringify(event.result)}`
          : `! ${event.error.type}: ${event.error.message}`
      return `${event.toolName} ${JSON.stringify(event.args)} ${outcome}`
    }
    case 'agent.llm.start':
      return `${event.model}`
    case 'agent.llm.end': {
      const outcome = event.error === undefined ? '' : ` ! ${event.error.message}`
      return `${event.model} ${usage(event.tokenUsage)}${outcome}${event.abandoned ? ' abandoned' : ''}`
    }
    default:
      return event.type
  }
}

function usage(used: TokenUsage | null): string {
  if (used === null) return 'unmetered'
  const { inputTokens, outputTokens, cacheReadTokens = '-', reasoningTokens = '-' } = used
  return `${inputTokens}/${outputTokens}/${cacheReadTokens}/${reasoningTokens}`
}

function dollars(cost: number | null): string {
  return cost === null ? 'unpriced' : `$${cost.toFixed(6)}`
}

/** What the start of the same span has said. */
function nameOf(event: object): unknown {
  return 'name' in event ? event.name : undefined
}

function kindOf(event: object): unknown {
  return 'nodeKind' in event ? event.nodeKind : undefined
}
