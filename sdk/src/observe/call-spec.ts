import { type Attributes, SpanKind, type SpanOptions } from '@opentelemetry/api'
import {
  AGENT_NAME,
  INPUT,
  INPUT_MESSAGES,
  NAMESPACE,
  NODE_ID,
  NODE_KIND,
  NODE_NAME,
  OPERATION_NAME,
  OUTPUT,
  OUTPUT_MESSAGES,
  REQUEST_MODEL,
  RUN_ID,
  TOOL_CALL_ARGUMENTS,
  TOOL_CALL_RESULT,
  TOOL_NAME,
  WORKFLOW_NAME,
} from '../attributes.ts'
import { SpancastError } from '../errors.ts'

export type ObserveKind = 'agent' | 'tool' | 'llm' | 'workflow' | 'step'

/** How a wrapped function shows. */
export interface ObserveOptions {
  /** The agent's, tool's, workflow's or step's name; for `llm` the model. Default: the function's own name. */
  readonly name?: string
  /** What a call of it is. Default `'agent'`. */
  readonly kind?: ObserveKind
  /** Id that its nodes go by. It may repeat. Default: each node's span id. */
  readonly nodeId?: string
  /** Label that scopes its events, and those below it, across runs: 1 to 128 characters, not `*`. */
  readonly namespace?: string
  /** Whether arguments are captured. Default `true`; `false` narrows what the process captures, never widens it. */
  readonly captureInput?: boolean
  /** Whether results, and streamed chunks, are captured. Default `true`, as above. */
  readonly captureOutput?: boolean
  /** More attributes for each span. */
  readonly attributes?: Attributes
}

/** What is the same for every call of a wrapped function, worked out once. */
export interface CallSpec {
  readonly spanName: string
  readonly captureInput: boolean
  readonly captureOutput: boolean
  /** Where an exported span holds the content, if it is to. */
  readonly inputKey: string
  readonly outputKey: string
  /** Options for a span outside any observation context. */
  readonly options: SpanOptions
  /** The same with a run's id in them; that of the run that was seen last. */
  runOptions: SpanOptions
  runId: string
}

const KINDS: readonly ObserveKind[] = ['agent', 'tool', 'llm', 'workflow', 'step']

/** @throws SpancastError `invalid-option` for an option that is not as described. */
export function callSpec(fnName: string, options: ObserveOptions): CallSpec {
  const { kind = 'agent', name = fnName === '' ? 'anonymous' : fnName } = options
  if (!KINDS.includes(kind)) {
    throw new SpancastError(
      'invalid-option',
      `Expected \`kind\` to be one of ${KINDS.join(', ')}, got ${String(kind)}.`,
    )
  }
  expectText('name', name)
  if (options.nodeId !== undefined) expectText('nodeId', options.nodeId)
  if (options.namespace !== undefined) assertNamespace(options.namespace)
  const spanOptions: SpanOptions = {
    kind: kind === 'llm' ? SpanKind.CLIENT : SpanKind.INTERNAL,
    attributes: {
      ...options.attributes,
      ...KIND_ATTRIBUTES[kind](name),
      ...(options.nodeId !== undefined && { [NODE_ID]: options.nodeId }),
      ...(options.namespace !== undefined && { [NAMESPACE]: options.namespace }),
    },
  }
  return {
    spanName: SPAN_NAMES[kind](name),
    captureInput: options.captureInput ?? true,
    captureOutput: options.captureOutput ?? true,
    inputKey: kind === 'tool' ? TOOL_CALL_ARGUMENTS : kind === 'llm' ? INPUT_MESSAGES : INPUT,
    outputKey: kind === 'tool' ? TOOL_CALL_RESULT : kind === 'llm' ? OUTPUT_MESSAGES : OUTPUT,
    options: spanOptions,
    runOptions: spanOptions,
    runId: '',
  }
}

/** The spec's span options inside the run `runId`; built anew only when the run changes. */
export function optionsInRun(spec: CallSpec, runId: string): SpanOptions {
  if (spec.runId === runId) return spec.runOptions
  spec.runOptions = {
    ...spec.options,
    attributes: { ...spec.options.attributes, [RUN_ID]: runId },
  }
  spec.runId = runId
  return spec.runOptions
}

/** @throws SpancastError `invalid-option` unless it is 1 to 128 characters and not `*`. */
export function assertNamespace(namespace: unknown): asserts namespace is string {
  if (typeof namespace === 'string' && /^.{1,128}$/su.test(namespace) && namespace !== '*') return
  throw new SpancastError(
    'invalid-option',
    `Expected \`namespace\` to be 1 to 128 characters and not "*", got ${JSON.stringify(namespace)?.slice(0, 160)}.`,
  )
}

function expectText(option: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return
  throw new SpancastError(
    'invalid-option',
    `Expected \`${option}\` to be a string that is not empty, got ${value === '' ? '""' : typeof value}.`,
  )
}

const SPAN_NAMES: Readonly<Record<ObserveKind, (name: string) => string>> = {
  agent: (name) => `invoke_agent ${name}`,
  tool: (name) => `execute_tool ${name}`,
  llm: (name) => `chat ${name}`,
  workflow: (name) => `invoke_workflow ${name}`,
  step: (name) => name,
}

const KIND_ATTRIBUTES: Readonly<Record<ObserveKind, (name: string) => Attributes>> = {
  agent: (name) => ({ [OPERATION_NAME]: 'invoke_agent', [AGENT_NAME]: name }),
  tool: (name) => ({ [OPERATION_NAME]: 'execute_tool', [TOOL_NAME]: name }),
  llm: (name) => ({ [OPERATION_NAME]: 'chat', [REQUEST_MODEL]: name }),
  workflow: (name) => ({ [OPERATION_NAME]: 'invoke_workflow', [WORKFLOW_NAME]: name }),
  step: (name) => ({ [NODE_KIND]: 'step', [NODE_NAME]: name }),
}
