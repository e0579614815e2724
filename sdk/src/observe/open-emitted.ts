import type { AgentObserver } from '../observer/agent-observer.ts'
import type { Opened } from './emitters.ts'

const byObserver = new WeakMap<AgentObserver, OpenEmitted>()

/** The spans of one run that emitters have opened and not yet ended: nodes by id, tools by node and name. */
export class OpenEmitted {
  readonly #nodes = new Map<string, Opened[]>()
  readonly #tools = new Map<string, Opened[]>()

  /** Those of the run that `observer` records; `abandon` is called with what is left when the run ends. */
  static of(observer: AgentObserver, abandon: (opened: Opened) => void): OpenEmitted {
    const known = byObserver.get(observer)
    if (known !== undefined) return known
    const open = new OpenEmitted()
    byObserver.set(observer, open)
    // First, so that its spans are still the run's when they end.
    observer.life.beforeEnd(() => open.#drain(abandon), true)
    return open
  }

  putNode(nodeId: string, opened: Opened): void {
    put(this.#nodes, nodeId, opened)
  }

  /** The node of that id that opened last: what starts now belongs to it. */
  node(nodeId: string): Opened | undefined {
    return this.#nodes.get(nodeId)?.at(-1)
  }

  /** Removes the node of that id that opened last. */
  takeNode(nodeId: string): Opened | undefined {
    const queue = this.#nodes.get(nodeId)
    const opened = queue?.pop()
    if (queue?.length === 0) this.#nodes.delete(nodeId)
    return opened
  }

  putTool(nodeId: string, toolName: string, opened: Opened): void {
    put(this.#tools, toolKey(nodeId, toolName), opened)
  }

  /** Removes the tool call of that node and name that has waited for longest. */
  takeTool(nodeId: string, toolName: string): Opened | undefined {
    const key = toolKey(nodeId, toolName)
    const queue = this.#tools.get(key)
    const opened = queue?.shift()
    if (queue?.length === 0) this.#tools.delete(key)
    return opened
  }

  #drain(abandon: (opened: Opened) => void): void {
    const newestFirst = (queues: Map<string, Opened[]>): Opened[] =>
      [...queues.values()].flat().sort((a, b) => b.order - a.order)
    const left = [...newestFirst(this.#tools), ...newestFirst(this.#nodes)]
    this.#tools.clear()
    this.#nodes.clear()
    for (const opened of left) abandon(opened)
  }
}

function put(queues: Map<string, Opened[]>, key: string, opened: Opened): void {
  const queue = queues.get(key)
  if (queue === undefined) queues.set(key, [opened])
  else queue.push(opened)
}

function toolKey(nodeId: string, toolName: string): string {
  return JSON.stringify([nodeId, toolName])
}
