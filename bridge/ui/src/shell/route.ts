import { useSyncExternalStore } from 'react'
import { BASE_URL } from './base-url.ts'

export type Route =
  | { readonly page: 'runs' }
  | { readonly page: 'run'; readonly randomId: string }
  | { readonly page: 'unknown' }

const MOVED = 'spancast:moved'

/** What a path below the bridge's own shows. */
export function routeOf(pathname: string, base: string = BASE_URL.pathname): Route {
  if (!pathname.startsWith(base)) return { page: 'unknown' }
  const path = pathname.slice(base.length)
  if (path === '') return { page: 'runs' }
  const [, randomId] = /^runs\/([A-Za-z0-9_-]{8,128})$/.exec(path) ?? []
  return randomId === undefined ? { page: 'unknown' } : { page: 'run', randomId }
}

export function runHref(randomId: string): string {
  return new URL(`runs/${randomId}`, BASE_URL).pathname
}

export const RUNS_HREF: string = BASE_URL.pathname

/** The path that the page shows, as it changes. */
export function usePath(): string {
  return useSyncExternalStore(onMoved, () => location.pathname)
}

/** Goes to another view without loading the page again. */
export function go(href: string): void {
  history.pushState(null, '', href)
  scrollTo(0, 0)
  dispatchEvent(new Event(MOVED))
}

/** For links: follows those that a plain click follows, and leaves the others to the browser. */
export function follow(event: React.MouseEvent<HTMLAnchorElement>): void {
  const { button, metaKey, ctrlKey, shiftKey, altKey } = event
  if (button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return
  event.preventDefault()
  go(event.currentTarget.href)
}

function onMoved(listener: () => void): () => void {
  addEventListener('popstate', listener)
  addEventListener(MOVED, listener)
  return () => {
    removeEventListener('popstate', listener)
    removeEventListener(MOVED, listener)
  }
}
