/** Path of a run's stream. No scheme and host: which ones its reader goes by, a bridge behind a proxy cannot know. */
export function streamPath(baseUrl: string, randomId: string, token?: string): string {
  const query = token === undefined ? '' : `?token=${token}`
  return `${baseUrl}/api/agents/${randomId}/stream${query}`
}
