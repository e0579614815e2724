/** The parts of a browser that tell whether anybody looks. */
interface Page {
  readonly visibilityState?: string
  addEventListener(type: string, fn: () => void): void
  removeEventListener(type: string, fn: () => void): void
}

// The library is typed for Node too, which has no page.
const global = globalThis as unknown as Partial<Page> & { readonly document?: Page }
const HIDDEN_MS = 5000

function isHidden(): boolean {
  return global.document?.visibilityState === 'hidden'
}

/**
 * Calls `fn` once the page has been hidden for 5 s: a browser allows six connections to a host over HTTP/1.1, for all
 * of its tabs. Elsewhere than on a page it never does.
 *
 * @returns the function that ends it.
 */
export function whenHidden(fn: () => void): () => void {
  const { document } = global
  if (document === undefined) return () => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = (): void => {
    clearTimeout(timer)
    if (isHidden()) timer = setTimeout(fn, HIDDEN_MS)
  }
  look()
  document.addEventListener('visibilitychange', look)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  }
}

/** Resolves as soon as the page is shown, or the signal fires. */
export async function untilShown(signal: AbortSignal): Promise<void> {
  const { document } = global
  if (document === undefined || !isHidden() || signal.aborted) return
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (isHidden() && !signal.aborted) return
      document.removeEventListener('visibilitychange', look)
      signal.removeEventListener('abort', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', look)
  })
}

/**
 * Calls `fn` when the machine is on the network again.
 *
 * @returns the function that ends it.
 */
export function whenOnline(fn: () => void): () => void {
  if (global.document === undefined) return () => {}
  global.addEventListener?.('online', fn)
  return () => global.removeEventListener?.('online', fn)
}
