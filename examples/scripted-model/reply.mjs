// What the model says: from a conversation to a reply, the same reply every time.
import { exampleOf } from './example-of.mjs'

// What each call uses, so that sums are easy to tell.
export const USAGE = { input: 120, cached: 64, output: 30, reasoning: 12 }

const NO_SUBJECT = new Set(['transfer', 'agent', 'tool', 'call', 'with', 'final', 'result'])
const SHORTEST_WORD = 4
const FAILURE = /\bfail with (4\d\d|5\d\d)\b/i

/**
 * A conversation, whichever API it came by: the last `question` of the user, the tools `offered`, the `results` of
 * those called since (`{ name, output }`), how tools are to be used (`choice`: 'auto', 'none', 'required' or a name;
 * `oneByOne`), and the JSON `schema` that the answer must have, if any.
 *
 * The reply is one of
 * - `{ failure: { status, message } }` if the question says `fail with 400` or another status;
 * - `{ calls: [{ name, args }] }`: the offered tools that have a word in common with the question, each once;
 * - `{ text }`: what the tools found, or the question.
 */
export function replyTo(conversation) {
  const { question, results, schema, choice } = conversation
  const status = FAILURE.exec(question)?.[1]
  if (status !== undefined) {
    return { failure: { status: Number(status), message: `The script says: fail with ${status}` } }
  }
  const calls = callsOf(conversation)
  if (calls.length > 0 && choice !== 'none') return { calls }
  if (schema !== undefined) return { text: JSON.stringify(exampleOf(schema, question)) }
  if (results.length === 0) return { text: `You said: ${question}` }
  return { text: results.map(({ name, output }) => `${name} says: ${output}`).join('\n') }
}

function callsOf({ question, offered, results, choice, oneByOne }) {
  const called = new Set(results.map(({ name }) => name))
  const open = offered.filter(({ name }) => !called.has(name))
  const named = open.filter(({ name }) => name === choice)
  let wanted = named.length > 0 ? named : open.filter(({ name }) => isAbout(name, question))
  // Whoever must call one and sees none that fits takes the last: there stands the tool that ends the talk.
  if (wanted.length === 0 && choice === 'required') wanted = offered.slice(-1)
  // A hand-over leaves nobody to read what the others found.
  const handOver = wanted.find(({ name }) => name.startsWith('transfer_to_'))
  if (handOver !== undefined) wanted = [handOver]
  if (oneByOne) wanted = wanted.slice(0, 1)
  return wanted.map(({ name, parameters }) => ({ name, args: exampleOf(parameters, question) }))
}

/** Whether a tool's name has a word in common with the question: `get_weather`, `getWeather` with `the weather in`. */
function isAbout(name, question) {
  const said = new Set(wordsOf(question))
  return wordsOf(name).some(
    (word) => word.length >= SHORTEST_WORD && !NO_SUBJECT.has(word) && said.has(word),
  )
}

function wordsOf(text) {
  const apart = text.replace(/([a-z])([A-Z])/g, '$1 $2')
  return apart.toLowerCase().match(/[a-z]+/g) ?? []
}
