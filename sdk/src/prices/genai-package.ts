import { sayOnce } from '../say-once.ts'

export type GenaiPackage = typeof import('@pydantic/genai-prices')

const NAME = '@pydantic/genai-prices'

let loaded: GenaiPackage | null | undefined

/**
 * `@pydantic/genai-prices`, if it is installed. Loaded when it is first asked for, which takes some 50 ms: who calls
 * no model does not pay for it.
 */
export function genaiPackage(): GenaiPackage | undefined {
  if (loaded === undefined) loaded = load()
  return loaded ?? undefined
}

function load(): GenaiPackage | null {
  try {
    // No static import: the SDK works without the package, and where there is no `node:module`.
    const { createRequire } = process.getBuiltinModule('node:module')
    // A bundle of CommonJS has no URL; what it needs is installed where it runs.
    return createRequire(import.meta.url ?? `${process.cwd()}/`)(NAME) as GenaiPackage
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    if (code !== 'MODULE_NOT_FOUND') {
      sayOnce('SPANCAST_NO_PRICES', `${NAME} cannot be used, so calls have no price: ${message}`)
    }
    return null
  }
}
