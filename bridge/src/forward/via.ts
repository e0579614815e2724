/**
 * The `Via` header of a request that is passed on: what it came with, and this instance.
 *
 * @param given - The header that it came with, if any.
 */
export function viaAfter(given: string | undefined, instanceId: string): string {
  const own = `1.1 ${nameOf(instanceId)}`
  return given === undefined || given === '' ? own : `${given}, ${own}`
}

/** Whether this instance has passed the request on before: once more would be a loop. */
export function cameFromUs(via: string | undefined, instanceId: string): boolean {
  return via?.split(/[\s,]+/).includes(nameOf(instanceId)) ?? false
}

function nameOf(instanceId: string): string {
  return `spancast/${instanceId}`
}
