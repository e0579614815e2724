const said = new Set<string>()

/**
 * Tells the operator something once a process, as a Node process warning (on stderr unless the application
 * handles them). `code` names the matter; each is said once.
 */
export function sayOnce(code: string, message: string): void {
  if (said.has(code)) return
  said.add(code)
  process.emitWarning(message, { type: 'SpancastWarning', code })
}
