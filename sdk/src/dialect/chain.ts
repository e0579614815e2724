import { isPlumbing, speaksAs } from './langchain.ts'
import type { SpanRole } from './span-facts.ts'

/** What LangChain notes of a chain that runs. */
export interface ChainNotes {
  readonly name: string
  readonly root: boolean | undefined
  /** The agent that it runs for, `lc_agent_name`. */
  readonly agent: unknown
  /** The node of a graph that it runs in, `langgraph_node`. */
  readonly node: unknown
  /** What has come out of it. */
  readonly output: unknown
}

/** What a chain is to a person; `undefined` if it is one of the library's own, or some part of a node. */
export function chainRole(notes: ChainNotes): SpanRole | undefined {
  const { name, root, agent, node } = notes
  if (isPlumbing(name)) return undefined
  if (isAgent(notes)) return 'agent'
  if (root === true || name === 'LangGraph') return 'workflow'
  // What an agent's own graph calls its model's node, and what a node calls by a name of its own; but not what tools do.
  if (name === 'model' && agent !== undefined) return undefined
  return node === undefined || node === name || node === 'tools' ? 'step' : undefined
}

/** All that runs for an agent bears the agent's name, but only its own span is called so. */
export function isAgent({ name, agent, node, output }: ChainNotes): boolean {
  if (agent === name) return true
  // Older ones bear none, and one that is called with the configuration of the agent above bears that one's: the
  // answer is told under its own. A node that is called as the agent in it hands the same answer on.
  return node !== name && speaksAs(name, output)
}
