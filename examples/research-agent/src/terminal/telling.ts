import type { AgentEvent, Chunk } from '@spancast/sdk'
import { brief } from './clean.ts'

/** An event in words. They come from agents as they are: to be cleaned before they are printed. */
export interface Telling {
  /** ▶ an agent starts, ▷ a tool or model starts, ✔ ends well, ✖ fails, ◌ never ended, · says something. */
  readonly mark: '▶' | '▷' | '✔' | '✖' | '◌' | '·'
  /** Of what starts, ends or speaks. */
  readonly name: string
  readonly detail: string
}

const MAX_LENGTH = 300

/** @returns `undefined` for an event that tells people nothing. */
export function tellingOf(event: Exclude<AgentEvent, Chunk>): Telling | undefined {
  switch (event.type) {
    case 'run.start':
      return { mark: '▶', name: event.name, detail: inBrief(event.input) }
    case 'agent.start':
      return { mark: '▶', name: event.nodeName, detail: inBrief(event.input) }
    case 'agent.tool.start':
      return { mark: '▷', name: event.toolName, detail: inBrief(event.args) }
    case 'agent.llm.start':
      return { mark: '▷', name: event.model ?? 'model', detail: event.provider ?? '' }
    case 'agent.event':
      return { mark: '·', name: event.name, detail: contentOf(event.content) }
    case 'agent.end':
      return endOf(event.nodeName, event, '')
    case 'agent.error':
      return endOf(event.nodeName, event, '')
    case 'agent.tool.end':
      return endOf(event.toolName, event, resultOf(event.result))
    case 'agent.llm.end':
      return endOf(event.model ?? 'model', event, tokensOf(event.tokenUsage, event.cost))
    case 'run.end':
      return event.status === 'cancelled'
        ? { mark: '✖', name: 'run', detail: `${elapsed(event.duration)}, cancelled` }
        : endOf(
            'run',
            { ...event, abandoned: event.status === 'abandoned' },
            tokensOf(event.tokenUsage, event.cost),
          )
    case 'agent.moved':
      return undefined
  }
}

interface Ending {
  readonly duration: number
  readonly error?: { readonly type: string; readonly message: string }
  readonly abandoned?: boolean
}

function endOf(name: string, { duration, error, abandoned }: Ending, outcome: string): Telling {
  const time = elapsed(duration)
  if (error !== undefined)
    return { mark: '✖', name, detail: `${time}, ${error.type}: ${error.message}` }
  return abandoned
    ? { mark: '◌', name, detail: `${time}, never ended` }
    : { mark: '✔', name, detail: `${time}${outcome}` }
}

function elapsed(duration: number): string {
  if (duration < 10) return `${duration.toFixed(1)} ms`
  return duration < 1000 ? `${Math.round(duration)} ms` : `${(duration / 1000).toFixed(2)} s`
}

function resultOf(result: unknown): string {
  if (result === undefined || result === null) return ''
  return Array.isArray(result) ? ` → ${result.length} results` : ` → ${inBrief(result)}`
}

function tokensOf(usage: { readonly totalTokens: number } | null, cost: number | null): string {
  if (usage === null || usage.totalTokens === 0) return ''
  return `, ${usage.totalTokens} tokens${cost === null ? '' : `, $${cost.toFixed(4)}`}`
}

function contentOf(content: unknown): string {
  if (typeof content !== 'object' || content === null) return inBrief(content)
  const { message, decision, ...rest } = { message: undefined, decision: undefined, ...content }
  const said = [message, decision].filter((part) => typeof part === 'string').join(', ')
  return said === '' ? inBrief(rest) : said
}

function inBrief(value: unknown): string {
  return brief(value, MAX_LENGTH)
}
