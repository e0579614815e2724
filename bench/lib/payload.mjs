/** An object whose JSON is exactly `bytes` long, such as tools take and give. */
export function payload(bytes, seed, kind) {
  const base = {
    id: `${kind}-${String(seed).padStart(4, '0')}`,
    query: 'weather in Berlin tomorrow',
    limit: 10,
    filters: { lang: 'en', safe: true, tags: ['a', 'b'] },
    pad: '',
  }
  base.pad = 'x'.repeat(bytes - JSON.stringify(base).length)
  return base
}
