/** The package's name and version, as its spans' instrumentation scope says them. */
export const SCOPE_NAME = '@spancast/sdk'
export const SCOPE_VERSION = '0.1.0'
