// A value that a JSON schema allows, taken from the question where that can be.

const WHOLE_QUESTION = /^(input|question|query|prompt|task|message|text|request|topic)$/
const MAX_DEPTH = 8

export function exampleOf(schema, question, key = '', depth = 0) {
  if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH) return {}
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum)) return schema.enum[0]
  const [option] = schema.anyOf ?? schema.oneOf ?? []
  if (option !== undefined) return exampleOf(option, question, key, depth + 1)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case 'string':
      return WHOLE_QUESTION.test(key) ? question : nameIn(question)
    case 'integer':
    case 'number':
      return numberIn(question)
    case 'boolean':
      return true
    case 'null':
      return null
    case 'array':
      return [exampleOf(schema.items ?? { type: 'string' }, question, key, depth + 1)]
    default:
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => schema.required?.includes(name) ?? true)
          .map(([name, of]) => [name, exampleOf(of, question, name, depth + 1)]),
      )
  }
}

/** The first name in it: `What is the weather in Lima?` gives `Lima`. Without any, all of it. */
function nameIn(question) {
  return /(?<=[^\s.?!:]\s)\p{Lu}[\p{L}-]*/u.exec(question)?.[0] ?? question
}

function numberIn(question) {
  return Number(/-?\d+/.exec(question)?.[0] ?? 1)
}
