import type { NodeKind } from '@spancast/sdk'
import { Echo } from './echo.ts'
import type { NodePlace, Place, ToolPlace, Voice } from './moment.ts'

/** A span that has begun and not ended, as far as its stream has told. */
export interface OpenSpan {
  readonly place: Place
  readonly parent: OpenSpan | undefined
  /** Steps down from the run. */
  readonly depth: number
  /** Whether it is an agent or runs in one. */
  readonly inAgent: boolean
  readonly node: NodePlace | undefined
  readonly tool: ToolPlace | undefined
  /** What keeps it from repeating those below it: nodes and the run have one. */
  readonly echo: Echo | undefined
  /** The arguments of the tool call, once they have been told. */
  args: { readonly value: unknown } | undefined
  /** What it is saying at the moment. */
  voice: Voice | undefined
  /** Whether it has said any text. */
  spoke: boolean
}

export interface SpanFacts {
  readonly id: string
  readonly nodeId: string
  readonly parent: OpenSpan | undefined
}

// Deeper trees are drawn flat from there on, so that nobody makes us climb for ever.
const MAX_DEPTH = 256

/** An agent that an agent has called is a subagent; one that none has called speaks for the run. */
export function openNode(
  facts: SpanFacts,
  { name, kind, taken }: { name: string; kind: NodeKind; taken: ReadonlySet<string> },
): OpenSpan {
  const { id, nodeId } = facts
  const parent = reachable(facts.parent)
  const called = kind === 'agent' && parent?.inAgent === true
  const node: NodePlace = {
    id,
    nodeId,
    subagent: called ? id : parent?.place.subagent,
    name,
    label: taken.has(name) ? `${name} (${id})` : name,
    kind,
    parentId: nodeAbove(parent)?.id,
    parentSubagent: parent?.place.subagent,
    inTool: parent?.tool?.id,
  }
  const inAgent = kind === 'agent' || parent?.inAgent === true
  return { ...opened(node, parent), inAgent, node, echo: new Echo() }
}

export function openTool(facts: SpanFacts, name: string, callId: string | undefined): OpenSpan {
  const { id, nodeId } = facts
  const parent = reachable(facts.parent)
  const tool: ToolPlace = { id, nodeId, subagent: parent?.place.subagent, name, callId }
  return { ...opened(tool, parent), tool }
}

/** A model call, or a span of which nothing but its talk is known. */
export function openSpeaker(facts: SpanFacts): OpenSpan {
  const { id, nodeId } = facts
  const parent = reachable(facts.parent)
  return opened({ id, nodeId, subagent: parent?.place.subagent }, parent)
}

/** The run itself, which stands above all. */
export function openRun(id: string): OpenSpan {
  return { ...opened({ id, nodeId: id, subagent: undefined }, undefined), echo: new Echo() }
}

function opened(place: Place, parent: OpenSpan | undefined): OpenSpan {
  return {
    place,
    parent,
    depth: parent === undefined ? 0 : parent.depth + 1,
    inAgent: parent?.inAgent === true,
    node: undefined,
    tool: undefined,
    echo: undefined,
    args: undefined,
    voice: undefined,
    spoke: false,
  }
}

function reachable(parent: OpenSpan | undefined): OpenSpan | undefined {
  return parent !== undefined && parent.depth >= MAX_DEPTH ? undefined : parent
}

function nodeAbove(span: OpenSpan | undefined): NodePlace | undefined {
  let above = span
  while (above !== undefined && above.node === undefined) above = above.parent
  return above?.node
}
