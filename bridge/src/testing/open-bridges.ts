import { type Bridge, createBridge } from '../create-bridge.ts'
import type { BridgeOptions } from '../options.ts'

export interface OpenBridge {
  readonly bridge: Bridge
  readonly url: string
  readonly port: number
}

/** Bridges on free ports, to be closed together when a test is over. */
export class OpenBridges {
  readonly #bridges: Bridge[] = []

  async open(options: BridgeOptions = {}): Promise<OpenBridge> {
    const bridge = createBridge(options)
    this.#bridges.push(bridge)
    return { bridge, ...(await bridge.listen(0)) }
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#bridges.splice(0).map((bridge) => bridge.close()))
  }
}
