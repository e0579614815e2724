import fc from 'fast-check'
import type { AgentEvent } from '../../event/agent-event.ts'
import { type Step, script, TOTALS, USAGE } from './scripted-run.ts'

interface Branch {
  readonly kind: 'agent' | 'tool' | 'llm'
  readonly outcome: 'ok' | 'error' | 'open'
  readonly chunks: readonly string[]
  readonly cost: number | null
  readonly moves: boolean
  /** Among those before it, and the root. */
  readonly parent: number
}

const branches = fc.array(
  fc.record<Branch>({
    kind: fc.constantFrom('agent', 'tool', 'llm'),
    outcome: fc.constantFrom('ok', 'error', 'open'),
    chunks: fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
    cost: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    moves: fc.boolean(),
    parent: fc.nat(),
  }),
  { maxLength: 12 },
)

/** Runs as a bridge tells them: trees whose branches start, stream, move, end, fail or stay open. */
export const arbitraryRun: fc.Arbitrary<AgentEvent[]> = fc
  .tuple(branches, fc.boolean())
  .map(([all, ends]) => {
    const stepsBelow = (above: number): Step[] =>
      all.flatMap((branch, at) => {
        if (branch.parent % (at + 1) !== above) return []
        return stepsOf(branch, `span-${at + 1}`, `span-${above}`, stepsBelow(at + 1))
      })
    const root = { spanId: 'span-0' }
    return script(
      { type: 'run.start', ...root, name: 'run' },
      { type: 'agent.start', ...root, nodeName: 'run', nodeKind: 'workflow' },
      ...stepsBelow(0),
      ...(ends
        ? [{ type: 'run.end', ...root, status: 'ok', duration: 9, ...TOTALS } as const]
        : []),
    )
  })

function stepsOf(branch: Branch, spanId: string, parentSpanId: string, below: Step[]): Step[] {
  const at = { spanId, parentSpanId }
  const [start, end] = edgesOf(branch, at)
  return [
    { ...start, ...(branch.moves && { parentSpanId: 'span-0' }) },
    ...(branch.moves ? [{ type: 'agent.moved', ...at } as const] : []),
    ...branch.chunks.map(
      (delta, index) => ({ type: 'agent.chunk', ...at, index, delta, kind: 'text' }) as const,
    ),
    ...below,
    ...(branch.outcome === 'open' ? [] : [end]),
  ]
}

function edgesOf(
  { kind, outcome, cost }: Branch,
  at: { readonly spanId: string; readonly parentSpanId: string },
): readonly [Step, Step] {
  const failure = outcome === 'error' && { error: { type: 'Error', message: `${at.spanId} broke` } }
  if (kind === 'tool') {
    return [
      { type: 'agent.tool.start', ...at, toolName: 'search', args: [at.spanId] },
      { type: 'agent.tool.end', ...at, toolName: 'search', duration: 1, ...failure },
    ]
  }
  if (kind === 'llm') {
    return [
      { type: 'agent.llm.start', ...at, model: null },
      {
        type: 'agent.llm.end',
        ...at,
        model: 'm-1',
        duration: 1,
        tokenUsage: cost === null ? null : USAGE,
        cost,
        ...failure,
      },
    ]
  }
  const node = { ...at, nodeName: `node of ${at.spanId}` }
  return [
    { type: 'agent.start', ...node, nodeKind: 'step' },
    failure === false
      ? { type: 'agent.end', ...node, duration: 1, ...TOTALS }
      : { type: 'agent.error', ...node, duration: 1, ...failure, ...TOTALS },
  ]
}
