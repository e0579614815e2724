import { AuthError, HttpError, RunExpiredError, RunNotFoundError } from '../errors.ts'

const MAX_DETAIL = 500

/** The error of an answer that refuses: what the bridge says, or what another server's status says. */
export async function refusalOf(response: Response): Promise<HttpError> {
  const { status } = response
  const { detail, code } = problemIn(await response.text().catch(() => ''))
  const message = detail ?? `Expected an answer of the bridge, got HTTP ${status}.`
  return new (classOf(status, code))(message, status, code)
}

function classOf(status: number, code: string | undefined): typeof HttpError {
  if (status === 401 || status === 403) return AuthError
  if (status === 404 && code === 'run-not-found') return RunNotFoundError
  return status === 410 ? RunExpiredError : HttpError
}

/** Of a problem document (RFC 9457), as far as it is one. */
function problemIn(text: string): { detail?: string; code?: string } {
  try {
    const { detail, code }: Partial<Record<string, unknown>> = JSON.parse(text)
    return {
      ...(typeof detail === 'string' && { detail: detail.slice(0, MAX_DETAIL) }),
      ...(typeof code === 'string' && { code }),
    }
  } catch {
    return {}
  }
}
