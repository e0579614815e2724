import type { AgentEvent, Chunk, ErrorInfo, StreamGap } from '@spancast/sdk'
import { missingIn, ownText, type RunState, type SpanState } from '@spancast/sdk/client'
import type { Color } from '../paint.ts'
import { brief } from './brief.ts'
import { count, dollars, elapsed, timeOfDay, tokens } from './figures.ts'
import type { Brush, Pen } from './screen.ts'
import { Voices } from './voices.ts'

type Mark = '▶' | '✔' | '✖' | '◌' | '·' | '⚠'

const COLORS: Readonly<Record<Mark, Color | undefined>> = {
  '▶': undefined,
  '✔': 'green',
  '✖': 'red',
  '◌': 'yellow',
  '·': 'blue',
  '⚠': 'yellow',
}

/** What a line says, from left to right. Words of agents in it are not yet clean. */
interface Saying {
  readonly mark: Mark
  readonly kind: string
  readonly name: string
  /** How long it took. */
  readonly time?: string
  readonly rest?: string
}

const ENDS: ReadonlySet<string> = new Set<AgentEvent['type']>([
  'run.end',
  'agent.end',
  'agent.error',
  'agent.tool.end',
  'agent.llm.end',
])

const TIME_WIDTH = '00:00:00.000'.length
const LABEL_WIDTH = 36
const MAX_NAME = 48
const MAX_REST = 200
const MIN_REST = 8
const MAX_DEPTH = 20
const TEXT_WIDTH = 100

/** A run as it is told to people: a line an event, indented as the spans nest, and streamed text as flowing text. */
export class Story {
  readonly #brush: Brush
  readonly #pen: Pen
  readonly #voices = new Voices()
  readonly #spoken = new Map<string, number>()

  constructor(brush: Brush, pen: Pen) {
    this.#brush = brush
    this.#pen = pen
  }

  /**
   * What is to be written for an event.
   *
   * @param state - The state after it.
   */
  tell(event: AgentEvent, state: RunState): string {
    if (event.type === 'agent.chunk') return this.#chunk(event, state)
    const saying = repeatsTheRun(event, state) ? undefined : sayingOf(event, state)
    if (saying === undefined) return ''
    const span = state.spans.get(event.spanId)
    const depth = span === undefined ? 0 : depthOf(span, state)
    const inside = event.type === 'agent.event' && span !== undefined ? 1 : 0
    const text = ENDS.has(event.type) ? this.#voices.end(endOf(event)) : this.#voices.pause()
    return `${this.#words(text)}${this.#line(saying, depth + inside, event.timestamp)}`
  }

  /** A gap, at the place where the events are missing. */
  gap(gap: StreamGap, state: RunState): string {
    const line = this.#line({ mark: '⚠', kind: 'gap', name: gapWords(gap, state) }, 0)
    return `${this.#words(this.#voices.pause())}${line}`
  }

  /** Ends text that is still flowing. */
  end(): string {
    return this.#words(this.#voices.end())
  }

  #words(text: string): string {
    return this.#brush.paint('cyan', this.#brush.fit(text))
  }

  #line({ mark, kind, name, time, rest = '' }: Saying, depth: number, timestamp?: number): string {
    const at = timestamp === undefined ? ' '.repeat(TIME_WIDTH) : timeOfDay(timestamp)
    const indent = '  '.repeat(Math.min(depth, MAX_DEPTH))
    const { columns = Number.POSITIVE_INFINITY } = this.#brush.look
    const duration = time === undefined ? '' : `  ${time.padStart(7)}`
    const room = columns - at.length - indent.length - duration.length - 4
    const most = Math.min(kind === 'gap' ? MAX_REST : MAX_NAME, room - kind.length - 1)
    const shown = `${kind} ${this.#pen.line(name, most)}`.trimEnd()
    const width = Math.min(LABEL_WIDTH - indent.length, room)
    const label = time === undefined ? shown : shown.padEnd(width)
    const left = Math.min(room - label.length - 2, MAX_REST)
    const detail = left < MIN_REST ? '' : this.#pen.line(rest, left)
    const color = COLORS[mark]
    const text = `${mark} ${label}`
    return this.#brush.fit(
      [
        this.#brush.paint('gray', at),
        `  ${indent}${color === undefined ? text : this.#brush.paint(color, text)}`,
        duration,
        detail === '' ? '' : `  ${this.#brush.paint(mark === '✖' ? 'red' : 'gray', detail)}`,
        '\n',
      ].join(''),
    )
  }

  #chunk({ spanId }: Chunk, state: RunState): string {
    const span = state.spans.get(spanId)
    if (span === undefined) return ''
    const all = whole(ownText(state, spanId))
    const said = this.#spoken.get(spanId) ?? 0
    if (all.length <= said) return ''
    this.#spoken.set(spanId, all.length)
    const margin = TIME_WIDTH + 2 + 2 * Math.min(depthOf(span, state) + 1, MAX_DEPTH)
    const { columns = Number.POSITIVE_INFINITY } = this.#brush.look
    const width = Math.max(20, Math.min(columns - margin - 2, TEXT_WIDTH))
    const name = this.#pen.line(speakerOf(span, state), MAX_NAME)
    const words = this.#pen.words(all.slice(said))
    return this.#words(this.#voices.speak({ spanId, name, margin, width }, words))
  }
}

/** The name of the agent whose words they are. */
function speakerOf({ nodeId, name }: SpanState, { spans }: RunState): string {
  // By default the id of a node is that of its span.
  return spans.get(nodeId)?.name || name
}

/** Whose words are over with this event: all with the run. */
function endOf({ type, spanId }: AgentEvent): string | undefined {
  return type === 'run.end' ? undefined : spanId
}

/** Without half of a character at its end: the other half is still to come. */
export function whole(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text
}

/** What is missing, in words. */
export function gapWords(gap: StreamGap, state: RunState): string {
  if (gap.reason === 'restarted') return 'the run is told anew: the bridge was restarted'
  const { from, to } = gap
  const missing = count(missingIn(state, gap))
  return `events ${from} to ${to} were overwritten before they could be read (${missing} not seen)`
}

/** The root starts and ends as a node too, which says nothing that the run does not say. */
function repeatsTheRun({ type, spanId }: AgentEvent, { run }: RunState): boolean {
  const ofNode = type === 'agent.start' || type === 'agent.end' || type === 'agent.error'
  return ofNode && spanId === run.rootSpanId
}

function depthOf(span: SpanState, { spans }: RunState): number {
  let depth = 0
  let above = span.parentSpanId
  while (above !== undefined && depth < MAX_DEPTH) {
    depth++
    above = spans.get(above)?.parentSpanId
  }
  return depth
}

function sayingOf(event: Exclude<AgentEvent, Chunk>, state: RunState): Saying | undefined {
  const name = state.spans.get(event.spanId)?.name ?? ''
  const kind = state.spans.get(event.spanId)?.kind ?? ''
  switch (event.type) {
    case 'run.start': {
      const { randomId, traceId } = event
      const input = brief(event.input)
      const rest = `run ${randomId}, trace ${traceId.slice(0, 8)}…${input === '' ? '' : `: ${input}`}`
      return { mark: '▶', kind: 'run', name: event.name, rest }
    }
    case 'run.end':
      return { ...outcomeOf(event), kind: 'run', name: state.run.name, rest: totalOf(event, state) }
    case 'agent.start':
      return { mark: '▶', kind, name, rest: brief(event.input) }
    case 'agent.tool.start':
      return { mark: '▶', kind, name, rest: brief(event.args) }
    case 'agent.llm.start':
      return { mark: '▶', kind, name, rest: event.provider ?? '' }
    case 'agent.end':
    case 'agent.error':
      return { ...outcomeOf(event), kind, name, rest: errorOf(event) }
    case 'agent.tool.end':
      return { ...outcomeOf(event), kind, name, rest: errorOf(event) || brief(event.result) }
    case 'agent.llm.end':
      return { ...outcomeOf(event), kind, name, rest: errorOf(event) || callOf(event) }
    case 'agent.event':
      return { mark: '·', kind: event.name, name: '', rest: brief(event.content) }
    default:
      return undefined
  }
}

interface Ending {
  readonly duration: number
  readonly error?: ErrorInfo
  readonly abandoned?: true
  readonly status?: string
}

function outcomeOf({ duration, error, abandoned, status }: Ending): Pick<Saying, 'mark' | 'time'> {
  const time = elapsed(duration)
  if (error !== undefined || status === 'error' || status === 'cancelled') {
    return { mark: '✖', time }
  }
  return { mark: abandoned || status === 'abandoned' ? '◌' : '✔', time }
}

function errorOf({ error, abandoned }: Ending): string {
  if (error !== undefined) return `${error.type}: ${error.message}`
  return abandoned ? 'never ended' : ''
}

function callOf({ tokenUsage, cost }: Extract<AgentEvent, { type: 'agent.llm.end' }>): string {
  if (tokenUsage === null) return 'tokens unknown'
  return `${tokens(tokenUsage)}, ${dollars({ cost, unpricedCalls: 0 })}`
}

function totalOf(end: Extract<AgentEvent, { type: 'run.end' }>, state: RunState): string {
  const { usage, spans } = state
  let tools = 0
  for (const { kind } of spans) if (kind === 'tool') tools++
  const parts = [
    end.status === 'ok' ? '' : end.error === undefined ? end.status : errorOf(end),
    usage.calls > 0 ? `${count(usage.calls)} llm` : '',
    tools > 0 ? `${count(tools)} tool` : '',
    ...(usage.calls > 0 || usage.tokenUsage.totalTokens > 0
      ? [tokens(end.tokenUsage), dollars(end)]
      : []),
  ]
  return parts.filter((part) => part !== '').join(', ')
}
