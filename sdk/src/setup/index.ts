export { type PriceUpdateOptions, PriceUpdates } from '../prices/price-updates.ts'
export { type Started, type StartOptions, start } from './start.ts'
