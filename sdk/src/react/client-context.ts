import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react'
import { type Client, createClient } from '../client/create-client.ts'

const GivenClient = createContext<Client | undefined>(undefined)

let ofThisOrigin: Client | undefined

export interface SpancastProviderProps {
  readonly client: Client
  readonly children?: ReactNode
}

/** Gives all hooks below it their client. Without one they ask the origin of the page. */
export function SpancastProvider({ client, children }: SpancastProviderProps): ReactElement {
  return createElement(GivenClient.Provider, { value: client }, children)
}

/** A hook's own client, else that of the provider above; `undefined`: that of the page's origin. */
export function useGivenClient(own: Client | undefined): Client | undefined {
  const given = useContext(GivenClient)
  return own ?? given
}

/** The client of the page's origin. Made on first use: where a page is only rendered to text, there is none. */
export function clientOfThisOrigin(): Client {
  ofThisOrigin ??= createClient()
  return ofThisOrigin
}
