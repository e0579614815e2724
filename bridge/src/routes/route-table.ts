import type { Express, RequestHandler } from 'express'
import { BridgeError } from '../errors.ts'
import type { Access, Guard } from '../security/guard.ts'

/** One path and what it does. */
export interface RouteSpec {
  readonly path: string
  readonly access: Access
  readonly method: 'GET' | 'POST'
  readonly handlers: readonly RequestHandler[]
}

// Below these every path is ours, whatever app the router is mounted in.
const OWN_PATHS = ['/api/agents', '/api/workflow', '/api/workflows', '/api/namespaces']

/** Puts the routes in the app, each behind the guard and with an answer to methods that it has not. */
export function addRoutes(app: Express, guard: Guard, specs: readonly RouteSpec[]): void {
  for (const { path, access, method, handlers } of specs) {
    // Express hands HEAD to the GET handler.
    const methods = method === 'GET' ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS'
    const guarded = [guard.admit(access), ...handlers]
    const route = app.route(path)
    if (access !== 'page') route.options(guard.preflight(methods))
    if (method === 'GET') route.get(...guarded)
    else route.post(...guarded)
    // An app that this one is mounted in may take other methods there.
    if (access !== 'page') route.all(guard.admit('open'), wrongMethod(methods))
  }
  app.use(OWN_PATHS, guard.admit('open'), () => {
    throw notFound()
  })
}

export function notFound(): BridgeError {
  return new BridgeError('not-found', 'Nothing is served at this path.')
}

function wrongMethod(methods: string): RequestHandler {
  return (req) => {
    const detail = `Expected one of ${methods}, got ${req.method}.`
    throw new BridgeError('method-not-allowed', detail, { headers: { Allow: methods } })
  }
}
