import { emit, emitProgress, observe, recordUsage } from '@spancast/sdk'

export const decide = observe(
  async (request: string) => {
    emitProgress({ status: 'making_decision' })
    const action = request.endsWith('?') ? 'answer' : 'ask'
    emit('decision_made', { action })
    return action
  },
  { name: 'decide', kind: 'step' },
)

export const answer = observe(
  async function* (question: string) {
    yield* ['It ', 'depends ', `on ${question.length} things.`] // each is an agent.chunk
    recordUsage({ inputTokens: 12, outputTokens: 6 })
  },
  { name: 'my-model', kind: 'llm' },
)
