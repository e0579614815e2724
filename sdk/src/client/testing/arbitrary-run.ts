import fc from 'fast-check'
import type { AgentEvent, ErrorInfo } from '../../event/agent-event.ts'
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
  .tuple(branches, fc.boolean(), fc.constantFrom('run', 'ok', 'error'))
  .map(([all, ends, root]) => {
    const stepsBelow = (above: number): Step[] =>
      all.flatMap((branch, at) => {
        if (branch.parent % (at + 1) !== above) return []
        return stepsOf(branch, `span-${at + 1}`, `span-${above}`, stepsBelow(at + 1))
      })
    const node = { spanId: 'span-0', nodeName: 'run' }
    const error = { type: 'Error', message: 'the run broke' }
    const failed = root === 'error' && { error }
    return script(
      { type: 'run.start', spanId: 'span-0', name: 'run' },
      // A run that is opened by `observeRun` has no other start and end than its own.
      ...(root === 'run' ? [] : [{ type: 'agent.start', ...node, nodeKind: 'agent' } as const]),
      ...stepsBelow(0),
      ...(ends && root === 'ok'
        ? [{ type: 'agent.end', ...node, duration: 8, output: 'o', ...TOTALS } as const]
        : []),
      ...(ends && failed !== false
        ? [{ type: 'agent.error', ...node, duration: 8, ...failed, ...TOTALS } as const]
        : []),
      ...(ends ? [runEnd(failed)] : []),
    )
  })

function runEnd(failed: false | { readonly error: ErrorInfo }): Step {
  const status = failed === false ? 'ok' : 'error'
  // Its end may know a better name than its start.
  const at = { spanId: 'span-0', duration: 9, output: 'o', ...(failed && { name: 'other' }) }
  return { type: 'run.end', ...at, status, ...TOTALS, ...failed }
}

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
  { kind, outcome, cost, moves }: Branch,
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
      ? { type: 'agent.end', ...node, duration: 1, ...TOTALS, ...(moves && { nodeKind: 'agent' }) }
      : { type: 'agent.error', ...node, duration: 1, ...failure, ...TOTALS },
  ]
}
