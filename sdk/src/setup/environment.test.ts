import { describe, expect, test } from 'vitest'
import { readEnvironment } from './environment.ts'
import { samplerFromEnv } from './sampler-from-env.ts'

describe('the environment', () => {
  test('that says nothing leaves everything to options and defaults', () => {
    expect(readEnvironment({})).toEqual({
      disabled: false,
      serviceName: undefined,
      otlpUrl: undefined,
      otelExport: false,
      captureLive: undefined,
      captureSpans: undefined,
      maxContentBytes: undefined,
      joinRuns: undefined,
      limits: {},
    })
  })

  test('SPANCAST_ variables win over OTEL_ ones', () => {
    const env = {
      SPANCAST_SERVICE_NAME: 'ours',
      OTEL_SERVICE_NAME: 'theirs',
      SPANCAST_CAPTURE_SPANS: 'false',
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'SPAN_AND_EVENT',
    }

    expect(readEnvironment(env)).toMatchObject({
      serviceName: 'ours',
      captureLive: true,
      captureSpans: false,
    })
    expect(readEnvironment({ OTEL_SERVICE_NAME: 'theirs' }).serviceName).toBe('theirs')
    expect(readEnvironment({ SPANCAST_SERVICE_NAME: '', OTEL_SERVICE_NAME: 'x' }).serviceName).toBe(
      'x',
    )
  })

  test('says what a run is, what is live, and where prices come from', () => {
    const env = {
      SPANCAST_RUN_BY: 'conversation',
      SPANCAST_LIVE_SPAN_EVENTS: 'true',
      SPANCAST_PRICE_UPDATE_MS: '3600000',
      SPANCAST_PRICE_DATA_URL: 'https://prices.example/data.json',
    }

    expect(readEnvironment(env)).toMatchObject({
      runBy: 'conversation',
      liveSpanEvents: true,
      priceUpdateMs: 3_600_000,
      priceDataUrl: 'https://prices.example/data.json',
    })
  })

  test.each([
    ['NO_CONTENT', { captureLive: false, captureSpans: false }],
    ['SPAN_ONLY', { captureLive: true, captureSpans: true }],
    ['EVENT_ONLY', { captureLive: true, captureSpans: false }],
    ['SPAN_AND_EVENT', { captureLive: true, captureSpans: true }],
    ['true', { captureLive: true, captureSpans: true }],
    ['', { captureLive: undefined, captureSpans: undefined }],
  ])('content capture %s of the GenAI conventions', (value, expected) => {
    expect(
      readEnvironment({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: value }),
    ).toMatchObject(expected)
  })

  test('every limit of runs has its variable', () => {
    expect(
      readEnvironment({
        SPANCAST_MAX_EVENTS: '1',
        SPANCAST_MAX_CHUNKS: '2',
        SPANCAST_MAX_RUN_BYTES: '3',
        SPANCAST_MAX_TOTAL_BYTES: '4',
        SPANCAST_MAX_RUNS: '5',
        SPANCAST_RETENTION_MS: '6',
        SPANCAST_RUN_IDLE_MS: '7',
        SPANCAST_RUN_GRACE_MS: '8',
        SPANCAST_MAX_RUN_MS: '9',
      }).limits,
    ).toEqual({
      maxEvents: 1,
      maxChunks: 2,
      maxRunBytes: 3,
      maxTotalBytes: 4,
      maxRuns: 5,
      retentionMs: 6,
      runIdleMs: 7,
      runGraceMs: 8,
      maxRunMs: 9,
    })
  })

  test('a receiver is what OTEL_EXPORTER_OTLP_ says, unless no exporter is wanted', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }

    expect(readEnvironment(endpoint).otelExport).toBe(true)
    expect(
      readEnvironment({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/v1/traces' })
        .otelExport,
    ).toBe(true)
    expect(readEnvironment({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }).otelExport).toBe(false)
  })

  test.each([
    [
      { SPANCAST_MAX_EVENTS: 'many' },
      'Expected SPANCAST_MAX_EVENTS to be a whole number, got many.',
    ],
    [{ SPANCAST_MAX_RUNS: '-1' }, 'Expected SPANCAST_MAX_RUNS to be a whole number, got -1.'],
    [
      { SPANCAST_RUN_BY: 'user' },
      'Expected SPANCAST_RUN_BY to be trace or conversation, got user.',
    ],
    [
      { SPANCAST_JOIN_RUNS: 'maybe' },
      'Expected SPANCAST_JOIN_RUNS to be true or false, got maybe.',
    ],
    [
      { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'SOME' },
      /to be NO_CONTENT, SPAN_ONLY, EVENT_ONLY or SPAN_AND_EVENT, got SOME/,
    ],
  ])('%j is refused by name', (env, message) => {
    expect(() => readEnvironment(env)).toThrow(message)
  })
})

describe('OTEL_TRACES_SAMPLER', () => {
  test.each([
    [{}, 'ParentBased{root=AlwaysOnSampler'],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 'AlwaysOffSampler'],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 'AlwaysOnSampler'],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 'ParentBased{root=AlwaysOffSampler'],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
      'TraceIdRatioBased{0.25}',
    ],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' },
      'ParentBased{root=TraceIdRatioBased{1}',
    ],
    [{ OTEL_TRACES_SAMPLER: 'unheard_of' }, 'ParentBased{root=AlwaysOnSampler'],
  ])('%j is %s', (env, sampler) => {
    expect(samplerFromEnv(env).toString()).toContain(sampler)
  })
})
