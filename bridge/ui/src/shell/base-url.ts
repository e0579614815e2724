/** Where the bridge answers: the folder above the page's own scripts, wherever that is mounted. */
export const BASE_URL: URL = new URL(/* @vite-ignore */ '../', import.meta.url)

/** The bridge's words for the page: `<meta name="spancast-...">`. */
export function setting(name: string): string | undefined {
  const meta = document.querySelector<HTMLMetaElement>(`meta[name="spancast-${name}"]`)
  return meta?.content || undefined
}
