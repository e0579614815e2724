import type { Http } from './http/http.ts'
import type { FollowOptions } from './stream/follow.ts'

/** What the stores need of a client. It is no part of what a client offers. */
export interface ClientCore {
  readonly http: Http
  readonly options: FollowOptions
}

const cores = new WeakMap<object, ClientCore>()

export function keepCore(client: object, core: ClientCore): void {
  cores.set(client, core)
}

/** @throws TypeError for what `createClient` has not made. */
export function coreOf(client: object): ClientCore {
  const core = cores.get(client)
  if (core === undefined) throw new TypeError('Expected a client that createClient has made.')
  return core
}
