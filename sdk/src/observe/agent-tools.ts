import { context } from '@opentelemetry/api'
import { leaveAgent } from './agent-scope.ts'
import { warnFrozen } from './frozen.ts'
import { instrumented } from './instrumented.ts'
import { findMethod, type Method, replaceMethod } from './method.ts'

/** Makes a method or a tool's function an observed one. */
export type Wrap = (fn: Method, options: { name: string; kind: 'agent' | 'tool' }) => Method

/** Where an agent's tools stand: objects with a method that runs them, or bare functions. */
export type ToolCollection =
  | readonly unknown[]
  | Readonly<Record<string, unknown>>
  | ReadonlyMap<string, unknown>

/** The first of these that a tool has is the one that runs it. */
const METHODS = ['execute', 'invoke', 'call', 'run', 'func']

/** One entry of a collection of tools. */
interface Entry {
  readonly tool: unknown
  /** What a tool is called that has no name of its own. */
  readonly key: string
  /** Puts a function in the entry's place; `undefined` where functions are not tools. */
  readonly replace: ((fn: Method) => boolean) | undefined
}

/** Makes tools of an array's, a record's or a Map's entries, in place. Anything else is left alone. */
export function instrumentTools(tools: unknown, wrap: Wrap): void {
  if (typeof tools !== 'object' || tools === null) return
  let entries: Entry[] = []
  try {
    entries = [...entriesOf(tools)]
  } catch {
    // A Proxy that refuses to be looked at stays as it is; so does a single tool, below.
  }
  for (const entry of entries) {
    try {
      if (instrumentTool(entry, wrap)) continue
      warnFrozen(tools, `The tool "${entry.key}" or what holds it`)
    } catch {}
  }
}

function* entriesOf(tools: object): Generator<Entry> {
  if (tools instanceof Map) {
    for (const [key, tool] of tools) {
      yield { tool, key: String(key) || 'tool', replace: (fn) => tools.set(key, fn) === tools }
    }
    return
  }
  const bare = holdsBareTools(tools)
  for (const key of Object.keys(tools)) {
    const own = Object.getOwnPropertyDescriptor(tools, key)
    if (own === undefined || !('value' in own)) continue
    const tool: unknown = own.value
    yield {
      tool,
      key: Array.isArray(tools)
        ? (typeof tool === 'function' && tool.name) || `tool ${key}`
        : key || 'tool',
      replace: bare ? (fn) => replaceMethod(tools, key, fn, own) : undefined,
    }
  }
}

/** In a toolbox with a class of its own, functions are its methods rather than tools. */
function holdsBareTools(tools: object): boolean {
  if (Array.isArray(tools)) return true
  const prototype = Reflect.getPrototypeOf(tools)
  return prototype === Object.prototype || prototype === null
}

/** @returns `false` if it is frozen. */
function instrumentTool({ tool, key, replace }: Entry, wrap: Wrap): boolean {
  if ((typeof tool !== 'object' || tool === null) && typeof tool !== 'function') return true
  // An agent that serves as a tool has its own node.
  if (instrumented.tools.has(tool) || instrumented.agents.has(tool)) return true
  if (typeof tool === 'function') {
    if (replace === undefined) return true
    // A function takes any arguments; what it makes of them is its own affair.
    const entrance = toolEntrance(tool as Method, key, wrap)
    instrumented.tools.add(entrance)
    return replace(entrance)
  }
  for (const method of METHODS) {
    const found = findMethod(tool, method)
    if (found === undefined) continue
    instrumented.tools.add(tool)
    return replaceMethod(
      tool,
      method,
      toolEntrance(found.method, nameOf(tool) ?? key, wrap),
      found.own,
    )
  }
  return true
}

/** A tool is no method of the agent that calls it: an agent that it calls, be it the same, runs anew. */
function toolEntrance(run: Method, name: string, wrap: Wrap): Method {
  const wrapped = wrap(run, { name, kind: 'tool' })
  return new Proxy(wrapped, {
    apply: (_, self, args: unknown[]) => {
      const active = context.active()
      const outside = leaveAgent(active)
      return outside === active
        ? Reflect.apply(wrapped, self, args)
        : context.with(outside, wrapped, self, ...args)
    },
  })
}

function nameOf(tool: object): string | undefined {
  try {
    const { name } = tool as { name?: unknown }
    if (typeof name === 'string' && name !== '') return name
    const declared = (tool as { function?: { name?: unknown } | null }).function?.name
    if (typeof declared === 'string' && declared !== '') return declared
  } catch {
    // A throwing getter: as if it had no name.
  }
  return undefined
}
