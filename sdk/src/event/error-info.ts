import type { ErrorInfo } from './agent-event.ts'
import { capText } from './cap.ts'
import type { ContentRules } from './content.ts'
import { scrubText } from './secrets.ts'

/** Bytes of an error's message, and of its stack. Longer ones are cut. */
export const MAX_MESSAGE_BYTES = 4096
export const MAX_STACK_BYTES = 8192
const MAX_TYPE_BYTES = 256
const TRACEBACK = 'Traceback (most recent call last):'
// What Python shows of an exception: its class, and what it was made with.
const REPR = /^([A-Za-z_][\w.]{0,200})\((?:(['"])(.*)\2)?,?\)$/s
// Empty lines of a message that are looked at for the beginning of its stack.
const MAX_GAPS = 20

/** What can be told of anything that was thrown: credentials removed, lengths capped. Never throws. */
export function errorInfo(error: unknown): ErrorInfo {
  try {
    if (error instanceof Error) return infoOf(typeOf(error), error.message, error.stack)
    if (typeof error === 'object' && error !== null) {
      const { name, message, stack } = error as Record<string, unknown>
      if (typeof message === 'string') return infoOf(name, message, stack)
    }
    return infoOf(typeof error, String(error), undefined)
  } catch {
    return { type: 'Error', message: '[unreadable error]' }
  }
}

/** Many subclasses leave `name` as `Error`: their class says more. */
function typeOf(error: Error): string {
  return error.name === 'Error' ? error.constructor.name || 'Error' : error.name
}

/** The same from parts, as span events carry them. */
export function infoOf(type: unknown, message: unknown, stack: unknown): ErrorInfo {
  const apart = typeof message === 'string' ? apartIn(message, stack) : undefined
  if (apart !== undefined) {
    const isKnown = typeof type === 'string' && type !== 'Exception'
    return infoOf(isKnown ? type : apart.type, apart.message, apart.stack)
  }
  const named = type === undefined || type === 'Error' ? namedIn(message) : undefined
  if (named !== undefined) return infoOf(named.type, named.message, stack)
  return {
    type: capText(typeof type === 'string' && type !== '' ? type : 'Error', MAX_TYPE_BYTES),
    message: capText(scrubText(typeof message === 'string' ? message : ''), MAX_MESSAGE_BYTES),
    ...(typeof stack === 'string' && { stack: capText(scrubText(stack), MAX_STACK_BYTES) }),
  }
}

/** Some tell an error as a text, `TypeError: no city`. */
function namedIn(message: unknown): { type: string; message: string } | undefined {
  const named = typeof message === 'string' ? /^([\w$.]{0,200}Error): (?=\S)/.exec(message) : null
  const [start, type] = named ?? []
  if (typeof message !== 'string' || start === undefined || type === undefined) return undefined
  return { type, message: message.slice(start.length) }
}

interface Apart {
  readonly message: string
  readonly type: string
  readonly stack: unknown
}

/** What is in a message that is more than a message. */
function apartIn(text: string, stack: unknown): Apart | undefined {
  return (stack === undefined ? stackIn(text) : undefined) ?? tracebackIn(text)
}

/** Python's `repr` of an exception and its traceback in one: `ValueError('no such page')Traceback (most ...`. */
function tracebackIn(text: string): Apart | undefined {
  const at = text.indexOf(TRACEBACK)
  if (at === -1) return undefined
  const [, type, , message = ''] = REPR.exec(text.slice(0, at).trim()) ?? []
  if (type === undefined) return undefined
  return { type, message: message === '' ? type : message, stack: text.slice(at) }
}

/** Some append the stack to the message, after an empty line. */
function stackIn(text: string): Apart | undefined {
  if (!text.includes('\n    at ')) return undefined
  let gap = text.indexOf('\n\n')
  for (
    let tries = 0;
    gap !== -1 && tries < MAX_GAPS;
    tries++, gap = text.indexOf('\n\n', gap + 1)
  ) {
    const message = text.slice(0, gap)
    const stack = text.slice(gap + 2)
    const type = /^[\w$.]{1,200}(?=: |\n)/.exec(stack)?.[0]
    if (type !== undefined && stack.startsWith(message, type.length + 2)) {
      return { message, type, stack }
    }
  }
  return undefined
}

/** The error as a sink may show it: by its own redaction; without any content if it gets none. */
export function publishError(error: ErrorInfo, rules: ContentRules | undefined): ErrorInfo {
  if (rules === undefined) return { type: error.type, message: '[not captured]' }
  const { redact } = rules
  if (redact === undefined) return error
  const message = redactText(redact, error.message, '/error/message')
  const stack =
    error.stack === undefined ? undefined : redactText(redact, error.stack, '/error/stack')
  return { type: error.type, message: message ?? '', ...(stack !== undefined && { stack }) }
}

function redactText(
  redact: NonNullable<ContentRules['redact']>,
  text: string,
  path: string,
): string | undefined {
  try {
    const shown = redact(text, path)
    return shown === undefined ? undefined : String(shown)
  } catch {
    return '[redaction failed]'
  }
}
