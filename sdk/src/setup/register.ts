/** For `node --import @spancast/sdk/register`: `start()` with what the environment says. */
import { start } from './start.ts'

start()
