const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about all an and any are as at be been being but by can could did do does each either else for from get
  give had has have he her here him his how i if in into is it its itself just know like make may me might more most
  much must my need no nor not of off on one only or other our out over own per please she should show so some
  such tell than that the their them then there these they this those through to too under until up us use used
  uses using very want was way we were what when where whether which while who whom whose why will with
  would yes you your explain describe work works difference between mean means happen happens`.split(
    /\s+/,
  ),
)

/** The words of a text, lower case, numbers included, without punctuation. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? []
}

/** What a word is found by: its stem, or `undefined` for a word that says nothing, such as *the*. */
export function termOf(word: string): string | undefined {
  const lower = word.toLowerCase().replace(/['’]\p{L}+$/u, '')
  if (lower.length < 2 || STOP_WORDS.has(lower)) return undefined
  return stem(lower)
}

/** The different terms of a text, in order of first appearance. */
export function termsOf(text: string): Set<string> {
  const terms = new Set<string>()
  for (const word of wordsOf(text)) {
    const term = termOf(word)
    if (term !== undefined) terms.add(term)
  }
  return terms
}

// Rough on purpose: it only has to bring `limits`, `limited` and `limiting` to the same place.
function stem(word: string): string {
  if (word.length < 5 || /\d/.test(word)) return word
  const base = word
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch|sh)es$/, '$1')
    .replace(/([^su])s$/, '$1')
    .replace(/(ing|ed)$/, '')
  const kept = base.length < 3 ? word : base
  return kept.replace(/([bdfgmnprt])\1$/, '$1').replace(/e$/, '')
}
