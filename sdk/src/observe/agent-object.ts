import { context } from '@opentelemetry/api'
import { SpancastError } from '../errors.ts'
import { enterAgent, isInsideAgent } from './agent-scope.ts'
import { instrumentTools, type ToolCollection, type Wrap } from './agent-tools.ts'
import { warnFrozen } from './frozen.ts'
import { instrumented } from './instrumented.ts'
import { type FoundMethod, findMethod, type Method, replaceMethod } from './method.ts'

/** How to take an existing agent. */
export interface AgentObjectOptions {
  /** Name of its nodes. Default: the agent's own `name`, else that of its class. */
  readonly name?: string
  /**
   * Names of the methods that become nodes. Default: those of `run`, `invoke`, `generate`, `stream` and `call` that it
   * has. A name that is not a method is an error; one behind a getter is left alone.
   */
  readonly methods?: readonly string[]
  /** Its tools: an array, record or Map. Default: what stands at `tools` of the agent. `false`: they are left alone. */
  readonly tools?: ToolCollection | false
}

const METHODS = ['run', 'invoke', 'generate', 'stream', 'call']

/**
 * Makes an existing agent's methods nodes and its tools tools, in place: on the object itself, never on its class.
 * Once: a second time changes nothing. What is frozen is left alone, with one warning.
 *
 * @throws SpancastError `invalid-option` if `methods` names something that is not a method of the agent.
 */
export function instrumentAgent<T extends object>(
  agent: T,
  options: AgentObjectOptions,
  wrap: Wrap,
): T {
  for (const key of options.methods ?? []) checkMethod(agent, key)
  if (instrumented.agents.has(agent)) return agent
  const name = options.name ?? nameOf(agent)
  // All of them before the first is replaced: an option that is refused leaves the agent as it was.
  const entrances = (options.methods ?? METHODS).flatMap((key) =>
    entranceOf(agent, key, name, wrap),
  )
  instrumented.agents.add(agent)

  const replaced = entrances.map(({ key, entrance, own }) =>
    replaceMethod(agent, key, entrance, own),
  )
  if (replaced.includes(false)) warnFrozen(agent, `The agent "${name}"`)
  const tools = options.tools ?? toolsOf(agent)
  if (tools !== false) instrumentTools(tools, wrap)
  return agent
}

interface Entrance {
  readonly key: string
  readonly entrance: Method
  readonly own: PropertyDescriptor | undefined
}

/** What is to stand in place of a method; nothing if it is none, or behind a getter. */
function entranceOf(agent: object, key: string, name: string, wrap: Wrap): Entrance[] {
  let found: FoundMethod | undefined
  try {
    found = findMethod(agent, key)
  } catch {
    // A Proxy that refuses to be looked at stays as it is.
  }
  if (found === undefined) return []
  const { method, own } = found
  const wrapped = wrap(method, { name, kind: 'agent' })
  // A Proxy has the wrapper's name, length and properties without a copy of them.
  const entrance = new Proxy(wrapped, {
    apply: (_, self, args: unknown[]) =>
      // Its own other method: one call of the agent is one node.
      isInsideAgent(agent)
        ? Reflect.apply(method, self, args)
        : context.with(enterAgent(context.active(), agent), wrapped, self, ...args),
  })
  return [{ key, entrance, own }]
}

function checkMethod(agent: object, key: string): void {
  let known: boolean
  try {
    known = key in agent
  } catch {
    return
  }
  if (!known) {
    throw new SpancastError(
      'invalid-option',
      `Expected \`methods\` to name methods of the agent, got "${key}", which it does not have.`,
    )
  }
}

function nameOf(agent: object): string {
  try {
    const { name } = agent as { name?: unknown }
    if (typeof name === 'string' && name !== '') return name
    const className: unknown = agent.constructor?.name
    if (typeof className === 'string' && className !== '' && className !== 'Object')
      return className
  } catch {
    // A throwing getter: as if it had no name.
  }
  return 'agent'
}

function toolsOf(agent: object): unknown {
  try {
    return (agent as { tools?: unknown }).tools
  } catch {
    return undefined
  }
}
