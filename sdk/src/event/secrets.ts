import { scrubKeyed } from './keyed-secrets.ts'
import { SECRET_KEY_HINT } from './secret-keys.ts'

/** What stands in place of a secret. */
export const REDACTED = '[redacted]'

/** Characters within which every pattern knows a credential by its beginning, however long that is. */
export const SCRUB_MARGIN = 1024

const TOKENS = [
  'gh[pousr]_[A-Za-z0-9]{20,}',
  'github_pat_\\w{20,}',
  'glpat-[\\w-]{16,}',
  '(?:AKIA|ASIA)[A-Z0-9]{12}[A-Za-z0-9]*',
  'AIza[\\w-]{30,}',
  'ya29\\.[\\w-]{20,}',
  'xox[a-z]-[A-Za-z0-9-]{10,}',
  'xapp-[A-Za-z0-9-]{10,}',
  '[sr]k_(?:live|test)_[A-Za-z0-9]{10,}',
  'whsec_[A-Za-z0-9+/]{20,}',
  'npm_[A-Za-z0-9]{30,}',
  'pypi-[\\w-]{30,}',
  'dop_v1_[a-f0-9]{32,}',
  'lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}',
  'shp(?:at|ss|ca|pa)_[a-fA-F0-9]{20,}',
  'SG\\.[\\w-]{16,}\\.[\\w-]{16,}',
].join('|')

// Too short a prefix to be looked for inside of words: `task-` ends in `sk-`.
const WORD_TOKENS = [
  'sk-[\\w-]{20,}',
  'hf_[A-Za-z0-9]{20,}',
  'r8_[A-Za-z0-9]{20,}',
  'gsk_[A-Za-z0-9]{20,}',
  'xai-[A-Za-z0-9]{20,}',
  'pplx-[A-Za-z0-9]{20,}',
  'tvly-[\\w-]{16,}',
].join('|')

// A word also begins after an escape (\n, \u0022) and after a percent code, which end in letters and digits.
const WORD_START = '(?:(?<![A-Za-z0-9])|(?<=\\\\[bfnrt]|\\\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}))'

// Right behind another credential, a short prefix counts as well.
const TOKEN = new RegExp(`(?:${TOKENS}|${WORD_START}(?:${WORD_TOKENS}))(?:${WORD_TOKENS})*`, 'g')
const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g
const HEADER =
  /((?:authorization|x-api-key|x-goog-api-key|x-auth-token)\s{0,3}:\s{0,3}|cookie\s{0,3}:\s{0,3}(?=[\w.-]{1,256}=))[^\s"'\\][^\r\n"'\\]*/gi
const URL_PASSWORD = /(:\/\/[^\s/?#@:"'<>]*:)[^\s/?#"'<>]+@/g
const BEARER = /(bearer\s{1,4})(?=[\w.~+/=-]{20}|[A-Za-z_.~+/=-]{0,19}\d)[\w.~+/=-]{6,}/gi
const BASIC = /(basic\s{1,4})([A-Za-z0-9+/]{6,}={0,2})/gi
// Only from the beginning of a run: else a run of `eyJeyJ...` is quadratic.
const DOTTED = /(?<![\w-])[\w-]{13,}(?:\.[\w-]*)+/g

// A superset of all patterns, so that a text without any costs one pass. JSON text may be asked too:
// what is escaped there (\u, \/) may hide a credential or be a lone surrogate, so it counts. Prefixes
// are looked for backwards from their last character: few alternatives make the search quick.
const HINT = new RegExp(
  [
    SECRET_KEY_HINT,
    '_(?<=(?:gh[pousr]|_pat|k_live|k_test|whsec|npm|v1|lsv2|shp(?:at|ss|ca|pa)|hf|r8|gsk)_)',
    '-(?<=(?:glpat|xox[a-z]|xapp|pypi|sk|xai|pplx|tvly)-)',
    '\\.(?<=(?:ya29|SG)\\.)',
    'a(?:kia|sia|iza)|eyj|basic\\s|://|\\\\[u/]',
  ].join('|'),
  'i',
)

/** Whether a text, or JSON text, could hold something to scrub or to repair. `false` is certain. */
export function mayHoldSecret(text: string): boolean {
  return HINT.test(text)
}

/**
 * The text with known credential patterns replaced by `[redacted]`: provider keys and tokens, JWTs,
 * private keys, passwords in URLs, authorization headers, and the values of secret keys in JSON,
 * queries and assignments. Linear in the length of the text; scrubbing twice changes nothing.
 */
export function scrubText(text: string): string {
  if (!HINT.test(text)) return text
  const scrubbed = text
    .replace(PRIVATE_KEY, REDACTED)
    .replace(HEADER, `$1${REDACTED}`)
    .replace(URL_PASSWORD, `$1${REDACTED}@`)
    .replace(BEARER, `$1${REDACTED}`)
    .replace(BASIC, scrubBasic)
    .replace(TOKEN, REDACTED)
  const untokened = scrubbed.includes('eyJ') ? scrubbed.replace(DOTTED, scrubJwts) : scrubbed
  return scrubKeyed(untokened, REDACTED)
}

/**
 * The scrubbed beginning of a text that is about to be cut to `length` characters or less: scrubbed
 * further than that, so that no part of a credential stays at the cut, and never all of a huge text.
 */
export function scrubHead(text: string, length: number): string {
  if (text.length <= length + SCRUB_MARGIN) return scrubText(text)
  const head = scrubText(text.slice(0, length + SCRUB_MARGIN))
  return head.slice(0, Math.max(0, head.length - SCRUB_MARGIN))
}

function scrubBasic(whole: string, lead: string, code: string): string {
  const body = code.replace(/=+$/, '')
  // "basic understanding" is no credential; base64 of `user:password` is.
  const said = atob(body.slice(0, body.length - (body.length % 4)))
  return /^[\x20-\x7e]*:/.test(said) ? lead + REDACTED : whole
}

function scrubJwts(run: string): string {
  const parts = run.split('.')
  const kept: string[] = []
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? ''
    const start = part.indexOf('eyJ')
    const isJwt = start !== -1 && part.length - start >= 13 && (parts[at + 1] ?? '').length >= 10
    kept.push(isJwt ? part.slice(0, start) + REDACTED : part)
    // Signed ones have three parts, encrypted ones five.
    if (isJwt) at = Math.min(parts.length - 1, at + 4)
  }
  return kept.join('.')
}
