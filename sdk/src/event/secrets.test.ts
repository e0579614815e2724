import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSecretKey, SECRET_KEYS } from './secret-keys.ts'
import { mayHoldSecret, scrubHead, scrubText } from './secrets.ts'

const SECRETS: readonly string[] = [
  `sk-${'aB3'.repeat(16)}`,
  `sk-proj-${'aB3_-'.repeat(12)}`,
  `sk-ant-api03-${'x9-'.repeat(20)}`,
  `ghp_${'a1B2'.repeat(9)}`,
  `github_pat_${'a1B2_'.repeat(12)}`,
  `glpat-${'a1-_'.repeat(5)}`,
  'AKIAIOSFODNN7EXAMPLE',
  'ASIAIOSFODNN7EXAMPLE',
  `AIza${'Sy-_1'.repeat(7)}`,
  'xoxb-1234567890-abcdefghij',
  `sk_live_${'a1'.repeat(12)}`,
  `rk_live_${'a1'.repeat(12)}`,
  `npm_${'a1B2'.repeat(9)}`,
  `ya29.${'a1B2'.repeat(9)}`,
  `SG.${'a1B2'.repeat(5)}.${'a1B2'.repeat(9)}`,
  `whsec_${'a1B2'.repeat(9)}`,
  `pypi-${'a1B2'.repeat(9)}`,
  `dop_v1_${'a1b2'.repeat(16)}`,
  `lsv2_pt_${'a1b2'.repeat(8)}_a1b2`,
  `shpat_${'a1b2'.repeat(8)}`,
  `xapp-1-${'A1'.repeat(9)}`,
  `r8_${'a1B2'.repeat(9)}`,
  `gsk_${'a1B2'.repeat(9)}`,
  `xai-${'a1B2'.repeat(9)}`,
  `pplx-${'a1B2'.repeat(9)}`,
  `tvly-dev-${'a1B2'.repeat(9)}`,
  `hf_${'aBcD'.repeat(9)}`,
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P',
]

describe('credentials in text', () => {
  test.each(SECRETS)('%s is replaced wherever a word can begin', (secret) => {
    for (const before of ['', ' ', '"', '=', '\n', '(', '\\n', '\\u0022', '%3D', '/']) {
      for (const after of ['', ' ', '"', '\n', ')', ',', '\\n']) {
        expect(scrubText(before + secret + after)).toBe(`${before}[redacted]${after}`)
      }
    }
  })

  test.each([
    ['Authorization: token abc', 'Authorization: [redacted]'],
    ['a Bearer abc123def!', 'a Bearer [redacted]!'],
    ['["Basic dXNlcjpwYXNz"]', '["Basic [redacted]"]'],
    ['Cookie: sid=1; b=2\r\nHost: x', 'Cookie: [redacted]\r\nHost: x'],
    ['postgres://me:p@ss:w@db:5432/x', 'postgres://me:[redacted]@db:5432/x'],
    ['redis://:pw@cache', 'redis://:[redacted]@cache'],
    [
      'k: -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nx',
      'k: [redacted]\nx',
    ],
    ['-----BEGIN PRIVATE KEY-----\nMII without an end', '[redacted]'],
  ])('%j', (text, scrubbed) => {
    expect(scrubText(text)).toBe(scrubbed)
  })

  test.each([
    'task-management-system-for-everyone',
    'a basic understanding of bearer bonds',
    'https://example.com:8080/users/@me',
    'cookie: mix the butter first',
    'authors, tokens, keys and secretaries',
    'eyJ is how base64 of {" begins',
  ])('%j is no credential', (text) => {
    expect(scrubText(text)).toBe(text)
  })
})

describe('values of secret keys in text', () => {
  test.each([
    ['{"api_key":"x \\" y","b":1}', '{"api_key":"[redacted]","b":1}'],
    ['{"password": 1234, "b": true}', '{"password": "[redacted]", "b": true}'],
    ['{"credentials":{"a":"}","b":[1]},"c":2}', '{"credentials":"[redacted]","c":2}'],
    ["{'client_secret': 'x', 'b': 1}", "{'client_secret': '[redacted]', 'b': 1}"],
    ['{"api_key":"cut off he', '{"api_key":"[redacted]'],
    ['https://h/p?access_token=x&q=1', 'https://h/p?access_token=[redacted]&q=1'],
    ['Server=db;Password=x;Database=y', 'Server=db;Password=[redacted];Database=y'],
    ['OPENAI_API_KEY="a b"\nX=1', 'OPENAI_API_KEY="[redacted]"\nX=1'],
    ['run --api-key=x --max-tokens=5', 'run --api-key=[redacted] --max-tokens=5'],
    ["const c = { apiKey: 'x', n: 1 }", "const c = { apiKey: '[redacted]', n: 1 }"],
  ])('%j', (text, scrubbed) => {
    expect(scrubText(text)).toBe(scrubbed)
  })

  test('JSON in JSON in JSON is scrubbed too, and stays JSON', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 4 }), (value, levels) => {
        let text = JSON.stringify({ a: 1, api_key: `<${value}>`, b: 2 })
        for (let level = 1; level < levels; level++) text = JSON.stringify({ inner: text })

        let scrubbed: unknown = scrubText(text)
        for (let level = 1; level < levels; level++) scrubbed = JSON.parse(String(scrubbed)).inner

        expect(JSON.parse(String(scrubbed))).toEqual({ a: 1, api_key: '[redacted]', b: 2 })
      }),
    )
  })
})

describe('secret keys', () => {
  const spellings = (key: string): string[] => [
    key,
    key.toUpperCase(),
    key.replaceAll('_', '-'),
    key.replaceAll('_', ''),
    key.replaceAll('_', '.'),
    key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  ]

  test.each(SECRET_KEYS)('%s counts in every spelling, and the quick test knows it', (key) => {
    for (const spelling of spellings(key)) {
      expect(isSecretKey(spelling), spelling).toBe(true)
      expect(mayHoldSecret(JSON.stringify({ [spelling]: 1 })), spelling).toBe(true)
      expect(scrubText(`{"${spelling}": "x"}`)).toBe(`{"${spelling}": "[redacted]"}`)
    }
  })

  test.each([
    'tokens',
    'token',
    'max_tokens',
    'token_usage',
    'inputTokens',
    'key',
    'keys',
    'secretary',
    'author',
    'password_hint',
    'session_id',
    'cookie_policy',
    '',
  ])('%j does not', (key) => {
    expect(isSecretKey(key)).toBe(false)
  })
})

const fragment: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...SECRETS),
  fc.constantFrom(
    '"',
    "'",
    '\\"',
    '\\',
    ':',
    '=',
    ' ',
    '\n',
    '{',
    '}',
    '[',
    ']',
    '@',
    '://',
    '.',
    '-',
  ),
  fc.constantFrom(
    'password',
    '"api_key":',
    'Bearer ',
    'Basic ',
    'Cookie: ',
    'eyJ',
    'sk-',
    '&',
    'a',
    '1',
  ),
  fc.constantFrom('-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----', 'Authorization: '),
)

test('scrubbing twice changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 24 }), (parts) => {
      const once = scrubText(parts.join(''))

      expect(scrubText(once)).toBe(once)
    }),
    { numRuns: 3000 },
  )
})

test('a text that is cut keeps no part of a credential, wherever the cut falls', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SECRETS), fc.nat(3000), fc.nat(3000), (secret, at, length) => {
      const text = `${'x '.repeat(at)}${secret} ${'y'.repeat(5000)}`

      const head = scrubHead(text, length).slice(0, length)

      expect(head).not.toContain(secret.slice(0, 12))
    }),
  )
})

test('nor does it when so many credentials shrink that the text is used up', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SECRETS), fc.nat(100), fc.nat(3000), (secret, at, length) => {
      const text = 'x'.repeat(at) + ` ${secret}`.repeat(500)

      expect(scrubHead(text, length)).not.toContain(secret.slice(0, 8))
    }),
  )
})

test.each([
  'eyJ'.repeat(2e5),
  `${'eyJ'.repeat(2e5)}.a`,
  `${'-a.'.repeat(2e5)}eyJ`,
  '://a:'.repeat(1e5),
  `://${'a:'.repeat(3e5)}`,
  '"password":"'.repeat(5e4),
  '"password":{'.repeat(5e4),
  `"password":"${'\\'.repeat(6e5)}`,
  'password='.repeat(6e4),
  `${'\\'.repeat(6e5)}sk-`,
  `${'ab    '.repeat(1e5)}sk-`,
  `basic ${'A'.repeat(6e5)}`,
  '-----BEGIN PRIVATE KEY-----'.repeat(2e4),
  `${'-----BEGIN '.repeat(6e4)}PRIVATE KEY`,
])('hostile text takes linear time: %.20s', (text) => {
  const short = text.slice(text.length * 0.75)
  scrubText(short)

  const start = performance.now()
  scrubText(text)

  // Quadratic would be minutes here, linear is some ten milliseconds.
  expect(performance.now() - start).toBeLessThan(2_000)
})
