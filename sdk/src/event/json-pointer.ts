/** The JSON Pointer (RFC 6901) of the steps. */
export function pointerOf(steps: readonly string[]): string {
  let pointer = ''
  for (const step of steps) pointer += `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`
  return pointer
}

/** Whether the pointer leads to a value. */
export function pointsInto(value: unknown, pointer: string): boolean {
  let at = value
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return false
    at = Reflect.get(at, name)
  }
  return at !== undefined
}
