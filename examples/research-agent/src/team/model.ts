import { observe, recordUsage } from '@spancast/sdk'
import OpenAI from 'openai'

interface Prompt {
  /** What the model is to do. */
  readonly instruction: string
  /** What it is to do it with. */
  readonly text: string
}

/** Asks a model; its answer arrives in pieces. Leaving the loop early ends the request. */
export type Ask = (prompt: Prompt) => AsyncGenerator<string, void>

export interface Model {
  readonly name: string
  /** The model for one run; its requests end with the signal. */
  forRun(signal: AbortSignal): Ask
}

const PROVIDER = 'openai'
const DEFAULT_MODEL = 'gpt-4.1-mini'

/**
 * The model that the environment names: `OPENAI_API_KEY`, and if wanted `OPENAI_BASE_URL` for another server that
 * speaks the same protocol and `OPENAI_MODEL` (default `gpt-4.1-mini`).
 *
 * @returns `undefined` without a key.
 */
export function modelFrom(env: NodeJS.ProcessEnv): Model | undefined {
  const apiKey = env.OPENAI_API_KEY
  if (!apiKey) return undefined
  const name = env.OPENAI_MODEL || DEFAULT_MODEL
  const client = new OpenAI({ apiKey, baseURL: env.OPENAI_BASE_URL || null, timeout: 60_000 })

  const forRun = (signal: AbortSignal): Ask => {
    async function* ask({ instruction, text }: Prompt): AsyncGenerator<string, void> {
      const stream = await client.chat.completions.create(
        {
          model: name,
          messages: [
            { role: 'system', content: instruction },
            { role: 'user', content: text },
          ],
          stream: true,
          stream_options: { include_usage: true },
        },
        { signal },
      )
      for await (const { choices, usage, model } of stream) {
        const delta = choices[0]?.delta.content
        if (delta) yield delta
        if (usage) recordUsage(usageOf(usage), { model, provider: PROVIDER })
      }
      // The stream of an aborted request ends without an error.
      signal.throwIfAborted()
    }
    return observe(ask, {
      name,
      kind: 'llm',
      attributes: { 'gen_ai.provider.name': PROVIDER },
    })
  }
  return { name, forRun }
}

function usageOf(usage: OpenAI.CompletionUsage) {
  const cached = usage.prompt_tokens_details?.cached_tokens
  const reasoning = usage.completion_tokens_details?.reasoning_tokens
  return {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    totalTokens: usage.total_tokens,
    ...(cached !== undefined && { cacheReadTokens: cached }),
    ...(reasoning !== undefined && { reasoningTokens: reasoning }),
  }
}
