import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ObserveOptions } from '../observe/call-spec.ts'
import { emit, emitChunk } from '../observe/emit.ts'
import { observe } from '../observe/observe.ts'
import { observeRun } from '../observe/observe-run.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find } from '../testing/telling.ts'
import { type ContentOptions, configure } from './content-rules.ts'

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => observing.stop())

const SECRET = 'the plan is 4711'

/** A run with content everywhere that content can be. */
async function runWithContent(options: ObserveOptions = {}): Promise<void> {
  await observeRun({ name: 'Team', input: SECRET }, () => {
    const say = (text: string) => `${text}!`
    observe(say, { name: 'tool', kind: 'tool', ...options })(SECRET)
    observe(say, { name: 'gpt', kind: 'llm', ...options })(SECRET)
    observe(say, { name: 'Agent', ...options })(SECRET)
    emit('note', { text: SECRET })
    emitChunk(SECRET)
    return SECRET
  })
}

function liveText(): string {
  return JSON.stringify(observing.events())
}

function spanText(): string {
  return JSON.stringify(observing.spans().map(({ attributes, events }) => [attributes, events]))
}

describe('by default', () => {
  test('content is on the live stream and not on spans', async () => {
    await runWithContent()

    expect(find(observing.events(), 'agent.tool.start').args).toBe(SECRET)
    expect(find(observing.events(), 'agent.tool.end').result).toBe(`${SECRET}!`)
    expect(find(observing.events(), 'agent.llm.start').input).toBe(SECRET)
    expect(find(observing.events(), 'agent.end').output).toBe(`${SECRET}!`)
    expect(find(observing.events(), 'agent.chunk').delta).toBe(SECRET)
    expect(find(observing.events(), 'run.end').output).toBe(SECRET)
    expect(spanText()).not.toContain('4711')
  })
})

describe('configure', () => {
  test('live: false keeps every content field off the stream; its structure stays', async () => {
    configure({ capture: { live: false } })

    await runWithContent()

    expect(liveText()).not.toContain('4711')
    expect(observing.events().map(({ type }) => type)).toEqual([
      'run.start',
      'agent.tool.start',
      'agent.tool.end',
      'agent.llm.start',
      'agent.llm.end',
      'agent.start',
      'agent.end',
      'agent.event',
      'run.end',
    ])
    expect(find(observing.events(), 'agent.tool.start').args).toBeNull()
    expect(find(observing.events(), 'agent.event').content).toBeNull()
  })

  test('spans: true puts it on exported spans, by the names of the conventions', async () => {
    configure({ capture: { spans: true } })

    await runWithContent()

    expect(observing.span('execute_tool tool').attributes).toMatchObject({
      'gen_ai.tool.call.arguments': SECRET,
      'gen_ai.tool.call.result': `${SECRET}!`,
    })
    expect(observing.span('chat gpt').attributes).toMatchObject({
      'gen_ai.input.messages': SECRET,
      'gen_ai.output.messages': `${SECRET}!`,
    })
    expect(observing.span('invoke_agent Agent').attributes).toMatchObject({
      'spancast.input': SECRET,
      'spancast.output': `${SECRET}!`,
    })
    expect(observing.span('invoke_workflow Team').attributes).toMatchObject({
      'spancast.input': SECRET,
      'spancast.output': SECRET,
    })
  })

  test('each sink may have its own rules', async () => {
    const hide = (value: unknown) => (typeof value === 'string' ? 'hidden' : value)
    configure({ capture: { live: { redact: hide }, spans: { maxContentBytes: 64 } } })

    await observeRun({}, () =>
      observe((text: string) => text.length, { name: 'A' })('4711'.repeat(50)),
    )

    expect(find(observing.events(), 'agent.start').input).toBe('hidden')
    const input = String(observing.span('invoke_agent A').attributes['spancast.input'])
    expect(input).toMatch(/^4711/)
    expect(Buffer.byteLength(JSON.stringify(input))).toBeLessThanOrEqual(64)
  })

  test('holds for whoever speaks to an observer directly too', () => {
    const observer = observing.registry.create('run-00001')
    configure({ redact: (value) => (value === SECRET ? 'hidden' : value) })
    observer.emit({ type: 'agent.event', name: 'note', content: { text: SECRET } })
    configure({ capture: { live: false } })
    observer.emit({ type: 'agent.tool.start', toolName: 'search', args: SECRET })
    observer.emit({
      type: 'agent.tool.end',
      toolName: 'search',
      duration: 1,
      result: SECRET,
      error: { type: 'Error', message: SECRET },
    })

    expect(JSON.stringify(observer.getEvents())).not.toContain('4711')
    expect(JSON.parse(JSON.stringify(observer.getEvents())).slice(1)).toMatchObject([
      { content: { text: 'hidden' } },
      { args: null },
      { error: { type: 'Error', message: '[not captured]' } },
    ])
  })

  test('observe’s own options narrow it, and never widen it', async () => {
    await runWithContent({ captureInput: false, captureOutput: false })
    const narrowed = observing
      .events()
      .filter(({ type }) => /^agent\.(tool|llm|start|end)/.test(type))
    expect(JSON.stringify(narrowed)).not.toContain('4711')

    configure({ capture: { live: false } })
    await runWithContent({ captureInput: true, captureOutput: true })
    expect(liveText()).not.toContain('4711')
    expect(spanText()).not.toContain('4711')
  })

  test('refuses what is no rule, and keeps the rules that were', () => {
    for (const [options, message] of [
      [{ maxContentBytes: 63 }, /`maxContentBytes` to be a whole number from 64 up, got 63/],
      [{ maxContentBytes: 1.5 }, /whole number/],
      [{ capture: { live: { maxContentBytes: 0 } } }, /whole number/],
      [{ redact: 'no' as never }, /`redact` to be a function \(value, path\) => value, got string/],
    ] satisfies [ContentOptions, RegExp][]) {
      expect(() => configure(options)).toThrow(
        expect.objectContaining({
          code: 'invalid-option',
          message: expect.stringMatching(message),
        }),
      )
    }
  })
})

describe('redact', () => {
  test('sees each value with its path from the event, and decides what is shown', async () => {
    const paths: string[] = []
    configure({
      redact(value, path) {
        paths.push(path)
        if (path === '/args/drop') return undefined
        return typeof value === 'number' ? value + 1 : value
      },
    })

    await observeRun({}, () =>
      observe((_: unknown) => 'r', { name: 't', kind: 'tool' })({ n: 1, drop: 'me', list: [1] }),
    )

    expect(find(observing.events(), 'agent.tool.start').args).toEqual({ n: 2, list: [2] })
    expect(paths).toEqual(
      expect.arrayContaining(['/args', '/args/n', '/args/drop', '/args/list/0']),
    )
  })

  test('that removes the whole value leaves none', async () => {
    configure({ capture: { spans: true }, redact: () => undefined })

    await runWithContent()

    expect(liveText()).not.toContain('4711')
    expect(spanText()).not.toContain('4711')
    expect(JSON.parse(liveText())[5]).not.toHaveProperty('input')
    expect(observing.span('invoke_agent Agent').attributes).not.toHaveProperty('spancast.input')
  })

  test('that throws shows that it failed, never the value, and harms nobody', async () => {
    configure({
      capture: { spans: true },
      redact() {
        throw new Error('no')
      },
    })

    await runWithContent()

    expect(find(observing.events(), 'agent.tool.start').args).toBe('[redaction failed]')
    expect(liveText()).not.toContain('4711')
    expect(spanText()).not.toContain('4711')
    expect(observing.span('execute_tool tool').attributes['gen_ai.tool.call.arguments']).toBe(
      '[redaction failed]',
    )
  })
})

describe('an error', () => {
  function fail(error: unknown): Promise<unknown> {
    return observeRun({}, () =>
      observe(
        () => {
          throw error
        },
        { name: 'A' },
      )(),
    ).catch(() => {})
  }

  test('is redacted on both sinks, and without its credentials in any case', async () => {
    configure({
      redact: (value) => (typeof value === 'string' ? value.replaceAll('4711', '####') : value),
    })

    await fail(new Error('code 4711 of sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789'))

    expect(find(observing.events(), 'agent.error').error.message).toMatch(/^code #### of /)
    for (const text of [liveText(), spanText(), String(observing.spans()[0]?.status.message)]) {
      expect(text).not.toContain('4711')
      expect(text).not.toContain('sk-ant-api03-abc')
    }
  })

  test('shows its type alone where the live stream gets no content', async () => {
    configure({ capture: { live: false } })

    await fail(new TypeError('code 4711'))

    expect(find(observing.events(), 'agent.error').error).toEqual({
      type: 'TypeError',
      message: '[not captured]',
    })
    expect(spanText()).toContain('4711')
  })

  test('has at most 4 KiB of message, 8 KiB of stack and 256 bytes of type', async () => {
    const error = new Error('ä'.repeat(5000))
    error.name = 'N'.repeat(300)
    error.stack = 's'.repeat(10_000)

    await fail(error)

    const told = find(observing.events(), 'agent.error').error
    expect(Buffer.byteLength(told.message)).toBeLessThanOrEqual(4096)
    expect(Buffer.byteLength(told.message)).toBeGreaterThan(4090)
    expect(Buffer.byteLength(told.stack ?? '')).toBe(8192)
    expect(Buffer.byteLength(told.type)).toBe(256)
    expect(find(observing.events(), 'run.end').error).toEqual(told)
  })
})

describe('size', () => {
  test('a field has 32 KiB by default, and says where it was shortened', async () => {
    await observeRun({}, () =>
      observe((_: unknown) => 'x'.repeat(40_000), { name: 't', kind: 'tool' })({
        big: 'y'.repeat(40_000),
        small: 1,
      }),
    )

    const start = find(observing.events(), 'agent.tool.start')
    expect(Buffer.byteLength(JSON.stringify(start.args))).toBeLessThanOrEqual(32_768)
    expect(start.args).toMatchObject({ small: 1 })
    expect(start.truncated).toEqual(['/args/big'])
    expect(find(observing.events(), 'agent.tool.end').truncated).toEqual(['/result'])
  })

  test('names have 256 bytes', async () => {
    await observeRun({}, () => {
      observe(() => 1, { name: 'n'.repeat(300) })()
      emit('e'.repeat(300), 1)
    })

    expect(Buffer.byteLength(find(observing.events(), 'agent.start').nodeName)).toBe(256)
    expect(Buffer.byteLength(find(observing.events(), 'agent.event').name)).toBe(256)
  })
})
