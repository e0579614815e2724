import { SpancastError } from '@spancast/sdk'
import type { Kind } from './option-kinds.ts'
import type { Spec } from './option-specs.ts'

/**
 * The value of an option, or its default where none was given.
 *
 * @throws SpancastError `invalid-option`.
 */
export function read<T, Default extends T | undefined>(
  name: string,
  { kind, default: fallback, secret }: Spec<T, Default>,
  value: unknown,
): T | Default {
  if (value === undefined) return fallback
  if (kind.accepts(value)) return value
  throw invalid(`Expected \`${name}\` to be ${kind.expected}, got ${shown(value, secret)}.`)
}

/**
 * The value that a variable of the environment gives; `undefined` where it is not set, or empty.
 *
 * @throws SpancastError `invalid-option`.
 */
export function variableOf<T>(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  kind: Kind<T>,
  secret: boolean | undefined,
): T | undefined {
  const variable = `SPANCAST_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`
  const text = env[variable]
  if (text === undefined || text === '') return undefined
  const value = kind.fromText(text)
  if (kind.accepts(value)) return value
  throw invalid(`Expected ${variable} to be ${kind.expected}, got ${shown(text, secret)}.`)
}

export function invalid(message: string): SpancastError {
  return new SpancastError('invalid-option', message)
}

function shown(value: unknown, secret: boolean | undefined): string {
  if (secret === true) return value === '' ? 'an empty one' : 'another value'
  if (Array.isArray(value)) return `[${value.map(String).join(', ')}]`
  return typeof value === 'string' ? `'${value}'` : String(value)
}
