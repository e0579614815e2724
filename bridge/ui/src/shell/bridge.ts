import { type Client, createClient, type WorkflowInfo } from '@spancast/sdk/client'
import { useEffect, useState } from 'react'
import { BASE_URL } from './base-url.ts'
import { currentToken, useToken } from './session.ts'

/** A workflow that can be asked, and an input to start from. */
export interface WorkflowFacts extends WorkflowInfo {
  readonly example?: unknown
}

let made: { readonly token: string | undefined; readonly client: Client } | undefined

/** The one client of the page; another token makes another. */
export function useClient(): Client {
  useToken()
  return theClient()
}

export function theClient(): Client {
  const token = currentToken()
  if (made === undefined || made.token !== token) {
    const baseUrl = BASE_URL.href.replace(/\/$/, '')
    made = { token, client: createClient({ baseUrl, ...(token !== undefined && { token }) }) }
  }
  return made.client
}

/** What can be asked here; nothing where it may not be known. */
export function useWorkflows(): readonly WorkflowFacts[] {
  const client = useClient()
  const [workflows, setWorkflows] = useState<readonly WorkflowFacts[]>([])
  useEffect(() => {
    const leaving = new AbortController()
    client.workflows({ signal: leaving.signal }).then(setWorkflows, () => setWorkflows([]))
    return () => leaving.abort()
  }, [client])
  return workflows
}
