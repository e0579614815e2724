import type {
  AgentEnd,
  AgentError,
  AgentEvent,
  Chunk,
  CustomEvent,
  ErrorInfo,
  LlmEnd,
  LlmStart,
  NodeKind,
  RunEnd,
  RunStart,
  StreamEnd,
  StreamGap,
} from '@spancast/sdk'

/** Where in the run something happens. */
export interface Place {
  /** The span. Events that came without one are told apart by their node. */
  readonly id: string
  readonly nodeId: string
  /** The agent called by another agent that it belongs to; `undefined` for what the run itself does. */
  readonly subagent: string | undefined
}

/** An agent, a workflow or a step. What it does belongs to `subagent`, which may be itself. */
export interface NodePlace extends Place {
  readonly name: string
  /** Its name, told apart from those that are open beside it. */
  readonly label: string
  readonly kind: NodeKind
  /** The nearest node above it. */
  readonly parentId: string | undefined
  /** The subagent that it runs in. */
  readonly parentSubagent: string | undefined
  /** The tool call that it runs in, if it is the tool's direct doing. */
  readonly inTool: string | undefined
}

export interface ToolPlace extends Place {
  readonly name: string
  /** The id that the model gave the call. */
  readonly callId: string | undefined
}

/** What is told as one text: what a span says, thinks, or returns as its answer. */
export interface Voice {
  readonly id: string
  readonly kind: 'text' | 'reasoning'
  readonly of: Place
}

/**
 * What happens in a run, as a user interface needs it: everything begins before it goes on and ends once, and nothing
 * is open when the run ends, whatever the events were. `again` stands on what is open where a reader resumes, and is
 * only told to it again. `at` is in milliseconds since the Unix epoch.
 */
export type Moment =
  | { readonly is: 'run.begun'; readonly at: number; readonly again: boolean }
  | { readonly is: 'run.told'; readonly event: RunStart }
  | { readonly is: 'run.ended'; readonly event: RunEnd }
  | {
      readonly is: 'node.begun'
      readonly node: NodePlace
      readonly at: number
      readonly again: boolean
    }
  | {
      readonly is: 'node.ended'
      readonly node: NodePlace
      readonly at: number
      /** Absent if nobody told how it ended. */
      readonly event: AgentEnd | AgentError | undefined
    }
  | {
      readonly is: 'tool.begun'
      readonly tool: ToolPlace
      readonly at: number
      readonly again: boolean
    }
  | {
      readonly is: 'tool.called'
      readonly tool: ToolPlace
      readonly args: unknown
      readonly at: number
      readonly again: boolean
    }
  | {
      readonly is: 'tool.ended'
      readonly tool: ToolPlace
      readonly at: number
      readonly result: unknown
      readonly error: ErrorInfo | undefined
    }
  | { readonly is: 'model.begun'; readonly place: Place; readonly event: LlmStart }
  | { readonly is: 'model.ended'; readonly place: Place; readonly event: LlmEnd }
  | {
      readonly is: 'voice.begun'
      readonly voice: Voice
      readonly at: number
      readonly again: boolean
    }
  | {
      readonly is: 'voice.said'
      readonly voice: Voice
      readonly delta: string
      readonly at: number
    }
  | { readonly is: 'voice.ended'; readonly voice: Voice; readonly at: number }
  | { readonly is: 'chunk'; readonly place: Place; readonly event: Chunk }
  | { readonly is: 'custom'; readonly place: Place; readonly event: CustomEvent }
  /** Of a type that has no form of its own here, or that is not known. */
  | { readonly is: 'other'; readonly place: Place; readonly event: AgentEvent }
  | { readonly is: 'gap'; readonly record: StreamGap }
  /** The stream ends and the run does not. `since` is what to resume with, if there is anything. */
  | { readonly is: 'cut'; readonly record: StreamEnd; readonly since: string | undefined }
