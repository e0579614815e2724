import { createBridge } from '@spancast/bridge'
import express from 'express'
import { agent } from './agent.ts'

const bridge = createBridge({
  token: process.env.SPANCAST_TOKEN,
  workflows: { ask: (input) => agent.run(String(input)) },
})
express().use(bridge.router).listen(3000, '127.0.0.1')
