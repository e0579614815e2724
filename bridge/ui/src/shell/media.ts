import { useCallback, useSyncExternalStore } from 'react'

/** The details have room beside the tree. */
export const WIDE = '(min-width: 900px)'
/** A bar has no room beside its name. */
export const STACKED = '(max-width: 639px)'

/** Whether a media query holds, as it changes. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}
