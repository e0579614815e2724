import { useSyncExternalStore } from 'react'

const KEY = 'spancast-token'
const listeners = new Set<() => void>()
// In the URL it is the token of one run; it is taken out so that it is not passed on with a copied link.
let token = tokenInUrl() ?? kept()

/** The token that requests carry; `undefined` if none was given. */
export function useToken(): string | undefined {
  return useSyncExternalStore(subscribe, () => token)
}

export function currentToken(): string | undefined {
  return token
}

/** Takes a token for as long as the tab is open. */
export function setToken(next: string): void {
  token = next
  keep(next)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tokenInUrl(): string | undefined {
  const url = new URL(location.href)
  // In the fragment it reaches no server and no log.
  const inFragment = new URLSearchParams(url.hash.slice(1)).get('token')
  const given = inFragment ?? url.searchParams.get('token') ?? undefined
  if (given === undefined) return undefined
  if (inFragment !== null) url.hash = ''
  url.searchParams.delete('token')
  history.replaceState(history.state, '', url)
  keep(given)
  return given
}

function keep(given: string): void {
  try {
    sessionStorage.setItem(KEY, given)
  } catch {
    // Then it lasts as long as the page.
  }
}

function kept(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}
