import { useCallback, useState } from 'react'

/** One parameter of the page's URL, which a link can carry. The empty text is no parameter. */
export function useQuery(name: string, fallback = ''): [string, (value: string) => void] {
  const [value, setValue] = useState(() => queryOf(name) ?? fallback)
  const change = useCallback(
    (next: string) => {
      setValue(next)
      const url = new URL(location.href)
      if (next === fallback) url.searchParams.delete(name)
      else url.searchParams.set(name, next)
      history.replaceState(history.state, '', url)
    },
    [name, fallback],
  )
  return [value, change]
}

export function queryOf(name: string): string | undefined {
  return new URLSearchParams(location.search).get(name) ?? undefined
}
