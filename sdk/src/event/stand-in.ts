import { capText } from './cap.ts'
import { scrubHead } from './secrets.ts'

const MAX_LABEL_BYTES = 128
const MAX_MESSAGE_BYTES = 4096
const MAX_STACK_BYTES = 8192

// Digits of a larger one take time that grows with their square.
const HUGE = 1n << 4096n

// Live things: reading them could start or consume them, and their fields say nothing.
const OPAQUE: ReadonlySet<string> = new Set([
  'AbortController',
  'AbortSignal',
  'Array Iterator',
  'AsyncGenerator',
  'Blob',
  'CompressionStream',
  'DecompressionStream',
  'EventTarget',
  'File',
  'FinalizationRegistry',
  'FormData',
  'Generator',
  'Headers',
  'Map Iterator',
  'MessagePort',
  'Module',
  'Promise',
  'ReadableStream',
  'RegExp String Iterator',
  'Request',
  'Response',
  'Set Iterator',
  'String Iterator',
  'Symbol',
  'TransformStream',
  'WeakMap',
  'WeakRef',
  'WeakSet',
  'Window',
  'WritableStream',
  'global',
  'process',
])

/** What a bigint, function or symbol is written as. */
export function labelOf(value: bigint | symbol | object): string {
  if (typeof value === 'bigint') return bigintText(value)
  if (typeof value === 'symbol') return label('symbol', value.description)
  return label('function', nameOf(value))
}

/**
 * What an object is written as that JSON has no form for: a text, a primitive, or for an error its
 * type, message and stack. `undefined` if it is to be written by its own fields. May throw, as the
 * object's own code may run.
 */
export function standIn(value: object): unknown {
  if (ArrayBuffer.isView(value)) return `[binary ${value.byteLength} bytes]`
  if (value instanceof Error) return errorParts(value)
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (OPAQUE.has(tag)) return label('object', tag)
  switch (tag) {
    case 'Date': {
      const time = Date.prototype.getTime.call(value)
      return Number.isNaN(time) ? '[invalid date]' : new Date(time).toISOString()
    }
    case 'Error':
    case 'DOMException':
      return errorParts(value)
    case 'ArrayBuffer':
    case 'SharedArrayBuffer':
      return `[binary ${String(Reflect.get(value, 'byteLength'))} bytes]`
    case 'RegExp':
    case 'URLSearchParams':
      return String(value)
    case 'URL':
      return Reflect.get(value, 'href')
    case 'Number':
      return Number.prototype.valueOf.call(value)
    case 'String':
      return String.prototype.valueOf.call(value)
    case 'Boolean':
      return Boolean.prototype.valueOf.call(value)
    case 'BigInt':
      return bigintText(BigInt.prototype.valueOf.call(value))
  }
  return isLive(value) ? label('object', nameOf(dataOf(value, 'constructor'))) : undefined
}

/** Whether the object or what it inherits from has such a method. Runs no getter. */
export function hasMethod(value: object, name: string | symbol): boolean {
  return typeof dataOf(value, name) === 'function'
}

function isLive(value: object): boolean {
  return (
    hasMethod(value, 'then') ||
    hasMethod(value, Symbol.asyncIterator) ||
    (hasMethod(value, 'pipe') && hasMethod(value, 'on')) ||
    (hasMethod(value, 'next') && hasMethod(value, Symbol.iterator))
  )
}

function errorParts(error: object): { type: string; message: string; stack?: string } {
  const name: unknown = Reflect.get(error, 'name')
  const message: unknown = Reflect.get(error, 'message')
  const stack: unknown = Reflect.get(error, 'stack')
  const given = typeof name === 'string' && name !== '' && name !== 'Error' ? name : undefined
  return {
    type: given ?? nameOf(dataOf(error, 'constructor')),
    message: typeof message === 'string' ? shortened(message, MAX_MESSAGE_BYTES) : '',
    ...(typeof stack === 'string' && { stack: shortened(stack, MAX_STACK_BYTES) }),
  }
}

function shortened(text: string, maxBytes: number): string {
  return capText(scrubHead(text, maxBytes), maxBytes)
}

function bigintText(value: bigint): string {
  return value < HUGE && value > -HUGE ? `${value}n` : '[huge bigint]'
}

function label(kind: string, name: string | undefined): string {
  return `[${capText(name ? `${kind} ${name}` : kind, MAX_LABEL_BYTES)}]`
}

function nameOf(value: unknown): string {
  const name = typeof value === 'function' ? dataOf(value, 'name') : undefined
  return typeof name === 'string' && name !== '' ? name : 'anonymous'
}

function dataOf(value: object, name: string | symbol): unknown {
  let at: object | null = value
  // Bounded, since a proxy may claim an endless chain.
  for (let steps = 0; at !== null && steps < 64; steps++) {
    const property = Object.getOwnPropertyDescriptor(at, name)
    if (property !== undefined) return property.value
    at = Object.getPrototypeOf(at)
  }
  return undefined
}
