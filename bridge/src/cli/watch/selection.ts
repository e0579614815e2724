import type { AgentEvent } from '@spancast/sdk'
import { UsageError } from '../usage-error.ts'

const KINDS = ['run', 'agent', 'tool', 'llm', 'text', 'event', 'error'] as const

type Kind = (typeof KINDS)[number]

/** What `--only` may name. */
export const ONLY_VALUES: string = KINDS.join(',')

/**
 * Which events a list such as `tool,error` means.
 *
 * @throws UsageError for a kind that there is not.
 */
export function selectionOf(list: string | undefined): (event: AgentEvent) => boolean {
  if (list === undefined) return () => true
  const wanted = new Set<string>(list.split(',').map((one) => one.trim()))
  for (const one of wanted) {
    if (KINDS.some((kind) => kind === one)) continue
    throw new UsageError(`Expected --only to be some of ${ONLY_VALUES}, got '${one}'.`)
  }
  return (event) => wanted.has(kindOf(event)) || (wanted.has('error') && hasFailed(event))
}

function kindOf({ type }: AgentEvent): Kind {
  if (type.startsWith('run.')) return 'run'
  if (type.startsWith('agent.tool.')) return 'tool'
  if (type.startsWith('agent.llm.')) return 'llm'
  if (type === 'agent.chunk') return 'text'
  return type === 'agent.event' ? 'event' : 'agent'
}

function hasFailed(event: AgentEvent): boolean {
  return 'error' in event && event.error !== undefined
}
