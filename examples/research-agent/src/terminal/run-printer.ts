import type { AgentEvent, Chunk } from '@spancast/sdk'
import { clean, cleanLine } from './clean.ts'
import { Flow } from './flow.ts'
import type { Paint } from './paint.ts'
import { type Telling, tellingOf } from './telling.ts'

export interface RunPrinterOptions {
  readonly paint: Paint
  /** Characters in a line. */
  readonly columns: number
}

/** A span that has started. */
interface OpenSpan {
  /** Its name, and for a tool or model call whose it is: `researcher-1 › read_file`. */
  readonly label: string
  readonly depth: number
  readonly isNode: boolean
}

type Style = Parameters<Paint>[0]

const TIME_WIDTH = 9
const MAX_TEXT_WIDTH = 100
const STYLES: Readonly<Record<Telling['mark'], Style>> = {
  '▶': 'bold',
  '▷': 'yellow',
  '✔': 'green',
  '✖': 'red',
  '◌': 'yellow',
  '·': 'blue',
}

/**
 * Tells one run for people: a line an event, indented as the spans nest, and streamed text as flowing text.
 * What comes from agents cannot control the terminal.
 */
export class RunPrinter {
  readonly #paint: Paint
  readonly #columns: number
  readonly #spans = new Map<string, OpenSpan>()
  #startedAt: number | undefined
  #rootSpanId: string | undefined
  #flow: { readonly spanId: string; readonly text: Flow } | undefined

  constructor(options: RunPrinterOptions) {
    this.#paint = options.paint
    this.#columns = options.columns
  }

  /** What to write for this event, line ends included; empty for an event that tells nothing new. */
  print(event: AgentEvent): string {
    this.#startedAt ??= event.timestamp
    if (event.type === 'agent.chunk') return this.#chunk(event)
    if (event.type === 'run.start') this.#rootSpanId = event.spanId
    else if (this.#repeatsTheRun(event)) return ''
    const telling = tellingOf(event)
    if (telling === undefined) return ''
    if (telling.mark === '▶' || telling.mark === '▷') this.#open(event, telling)
    return `${this.end()}${this.#line(event, telling)}\n`
  }

  /** Ends streamed text that has begun. To be called when no more events come. */
  end(): string {
    const rest = this.#flow?.text.end() ?? ''
    this.#flow = undefined
    return rest === '' ? '' : this.#paint('cyan', rest)
  }

  /** The root starts and ends as a node too, which says nothing that the run has not said. */
  #repeatsTheRun({ type, spanId }: AgentEvent): boolean {
    const ofNode = type === 'agent.start' || type === 'agent.end' || type === 'agent.error'
    return ofNode && spanId === this.#rootSpanId
  }

  #open(event: AgentEvent, { mark, name }: Telling): void {
    const above = this.#spans.get(event.parentSpanId ?? '')
    const isNode = mark === '▶'
    this.#spans.set(event.spanId, {
      label: isNode || above === undefined ? name : `${above.label} › ${name}`,
      depth: above === undefined ? 0 : above.depth + 1,
      isNode,
    })
  }

  #line(event: AgentEvent, { mark, name, detail }: Telling): string {
    const span = this.#spans.get(event.spanId)
    const isSaying = mark === '·'
    const label = cleanLine(
      isSaying && span !== undefined ? `${span.label} › ${name}` : (span?.label ?? name),
      60,
    )
    const indent = '  '.repeat((span?.depth ?? 0) + (isSaying ? 1 : 0))
    const seconds = (event.timestamp - (this.#startedAt ?? event.timestamp)) / 1000
    const used = TIME_WIDTH + indent.length + label.length + 4
    const rest = cleanLine(detail, Math.max(20, this.#columns - used - 1))
    return [
      this.#paint('dim', `${seconds.toFixed(2)} s`.padStart(TIME_WIDTH - 2)),
      `  ${indent}${this.#paint(STYLES[mark], `${mark} ${label}`)}`,
      rest === '' ? '' : `  ${this.#paint(mark === '✖' ? 'red' : 'dim', rest)}`,
    ].join('')
  }

  #chunk(event: Chunk): string {
    const span = this.#spans.get(event.spanId)
    // An agent passes on what its model streams; printed once, as the agent's words.
    if (event.kind === 'data' || span?.isNode === false) return ''
    let ended = ''
    if (this.#flow?.spanId !== event.spanId) {
      ended = this.end()
      const indent = `${' '.repeat(TIME_WIDTH)}${'  '.repeat((span?.depth ?? 0) + 1)}│ `
      const width = Math.max(20, Math.min(this.#columns - indent.length - 1, MAX_TEXT_WIDTH))
      this.#flow = { spanId: event.spanId, text: new Flow(indent, width) }
    }
    const text = this.#flow?.text.push(clean(String(event.delta))) ?? ''
    return text === '' ? ended : `${ended}${this.#paint('cyan', text)}`
  }
}
