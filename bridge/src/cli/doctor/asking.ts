/** Why a request got no answer, in words and with the code of the system, such as `ECONNREFUSED`. */
export interface Silence {
  readonly code: string
  readonly reason: string
}

const ANSWER_MS = 5000

/** The answer to a request, or why there is none. Takes 5 s at most, unless `init` has a signal of its own. */
export async function ask(url: string, init: RequestInit = {}): Promise<Response | Silence> {
  try {
    return await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS), ...init })
  } catch (error) {
    return silenceOf(error)
  }
}

export function isSilence(answer: Response | Silence): answer is Silence {
  return !(answer instanceof Response)
}

/** What an error answer says, in one line; its status if it says nothing. */
export async function refusalOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => '')
  const said = sentenceIn(text)
  return said === undefined ? `HTTP ${response.status}` : `HTTP ${response.status}: ${said}`
}

export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

function silenceOf(error: unknown): Silence {
  const known = error instanceof Error ? error : new Error(String(error))
  if (known.name === 'TimeoutError') return { code: 'TIMEOUT', reason: 'no answer in time' }
  // `fetch` fails with the same words whatever happened; its cause tells.
  const cause = known.cause instanceof Error ? known.cause : known
  const code = 'code' in cause ? String(cause.code) : ''
  return { code, reason: oneLine(cause.message) || code || 'no answer' }
}

/** The sentence of a problem or of an OTLP status. */
function sentenceIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body !== 'object' || body === null) return undefined
    const said = 'detail' in body ? body.detail : 'message' in body ? body.message : undefined
    return typeof said === 'string' ? oneLine(said) : undefined
  } catch {
    return undefined
  }
}

/** Another machine's words, without what a terminal would obey. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 300)
}
