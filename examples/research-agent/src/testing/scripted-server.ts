import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export type Script = (request: IncomingMessage, response: ServerResponse) => unknown

/** A server on loopback that answers as the script says; its address. Gone when the test is over. */
export async function scriptedServer(script: Script): Promise<string> {
  const server = createServer(script)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on a port has an address with a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
