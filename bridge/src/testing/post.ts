export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** Posts a body as it is, by default as JSON, and reads the JSON that comes back. */
export async function post(
  url: string,
  body: string | Uint8Array = '',
  headers: Readonly<Record<string, string>> = { 'Content-Type': 'application/json' },
): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', headers, body })
  const answer = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body: answer }
}

/** Invokes a workflow. */
export function invoke(
  url: string,
  request: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const all = { 'Content-Type': 'application/json', ...headers }
  return post(`${url}/api/workflow/invoke`, JSON.stringify(request), all)
}

/** Gets JSON. */
export async function get(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, { headers })
  const answer = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body: answer }
}
