const ELLIPSIS = '…'
const ELLIPSIS_BYTES = 3

/** Bytes that the text takes as UTF-8; a lone surrogate counts as the U+FFFD that an encoder makes of it. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (isPairAt(text, at, unit)) {
      bytes += 2
      at++
    } else bytes += 2
  }
  return bytes
}

/** Whether the text takes at most so many bytes as UTF-8. */
export function fitsIn(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || (text.length <= maxBytes && utf8Length(text) <= maxBytes)
}

/** The text with every lone surrogate replaced by U+FFFD, so that any encoder takes it. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD')
}

/**
 * The text within `maxBytes` of UTF-8, well-formed. A text that was cut ends in `…`, which is
 * counted; below 3 bytes nothing is left. Credentials are to be scrubbed before the cut, since the
 * cut may take away what they are recognised by.
 */
export function capText(text: string, maxBytes: number): string {
  const head = text.length > maxBytes ? text.slice(0, Math.max(0, maxBytes) + 1) : text
  const whole = wellFormed(head.length < text.length && endsInHalf(head) ? head.slice(0, -1) : head)
  if (head.length === text.length && fitsIn(whole, maxBytes)) return whole
  if (maxBytes < ELLIPSIS_BYTES) return ''
  return whole.slice(0, cutAt(whole, maxBytes - ELLIPSIS_BYTES, plainBytes)) + ELLIPSIS
}

// In characters, as users count them when they give one.
const MAX_NAMESPACE_CHARACTERS = 128

/** A name as a namespace: its first 128 characters. */
export function capNamespace(name: string): string {
  if (name.length <= MAX_NAMESPACE_CHARACTERS) return name
  const units = name.slice(0, 2 * MAX_NAMESPACE_CHARACTERS)
  return [...units].slice(0, MAX_NAMESPACE_CHARACTERS).join('')
}

/** The beginning of a well-formed text as a JSON string ending in `…`, quotes included. From 5 bytes up. */
export function cutToJson(text: string, maxBytes: number): string {
  const end = cutAt(text, maxBytes - ELLIPSIS_BYTES - 2, escapedBytes)
  return JSON.stringify(text.slice(0, end) + ELLIPSIS)
}

function cutAt(text: string, maxBytes: number, bytesOf: (unit: number) => number): number {
  let left = maxBytes
  let at = 0
  while (at < text.length) {
    const unit = text.charCodeAt(at)
    const pair = isPairAt(text, at, unit)
    // A half pair can only stand at the end, where a slice left it.
    if (!pair && unit >= 0xd800 && unit <= 0xdfff) break
    left -= pair ? 4 : bytesOf(unit)
    if (left < 0) break
    at += pair ? 2 : 1
  }
  return at
}

function plainBytes(unit: number): number {
  return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3
}

function escapedBytes(unit: number): number {
  if (unit === 0x22 || unit === 0x5c) return 2
  return unit < 0x20 ? 6 : plainBytes(unit)
}

function isPairAt(text: string, at: number, unit: number): boolean {
  if (unit < 0xd800 || unit > 0xdbff) return false
  const next = text.charCodeAt(at + 1)
  return next >= 0xdc00 && next <= 0xdfff
}

function endsInHalf(text: string): boolean {
  const unit = text.charCodeAt(text.length - 1)
  return unit >= 0xd800 && unit <= 0xdbff
}
