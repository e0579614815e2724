/** An empty record for attributes. */
export function attributeRecord(): Record<string, unknown> {
  return {}
}

/** Sets an attribute, whatever its key: `__proto__` is a key like any other. The last of equal keys wins. */
export function setAttribute(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(record, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  } else {
    record[key] = value
  }
}
