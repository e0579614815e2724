/** A method of somebody else's object. */
export type Method = (this: unknown, ...args: unknown[]) => unknown

/** A Proxy may answer with a new prototype for ever. */
const MAX_PROTOTYPES = 64

/** A method and where it stands. */
export interface FoundMethod {
  readonly method: Method
  /** Its descriptor on the object itself; `undefined` if it is inherited. */
  readonly own: PropertyDescriptor | undefined
}

/** The method `key` of the object, own or inherited, found without running a getter. */
export function findMethod(object: object, key: PropertyKey): FoundMethod | undefined {
  if (!(key in object)) return undefined
  let holder: object | null = object
  for (let depth = 0; holder !== null && depth < MAX_PROTOTYPES; depth++) {
    const descriptor = Reflect.getOwnPropertyDescriptor(holder, key)
    if (descriptor !== undefined) {
      const method: unknown = descriptor.value
      if (typeof method !== 'function') return undefined
      // A function takes any arguments; what it makes of them is its own affair.
      return { method: method as Method, own: depth === 0 ? descriptor : undefined }
    }
    holder = Reflect.getPrototypeOf(holder)
  }
  return undefined
}

/**
 * Puts `replacement` on the object itself, so that its class and its prototype stay as they are. Visible to
 * `for in` and `Object.keys` only if the method was.
 *
 * @returns `false` if the object does not allow it; then nothing has changed.
 */
export function replaceMethod(
  object: object,
  key: PropertyKey,
  replacement: Method,
  own: PropertyDescriptor | undefined,
): boolean {
  if (own?.configurable === false) return false
  return Reflect.defineProperty(object, key, {
    value: replacement,
    enumerable: own?.enumerable ?? false,
    writable: own?.writable ?? true,
    configurable: true,
  })
}
