import type { ForwardStats } from '../forward/forward-counts.ts'
import type { Ingest } from '../otlp/ingest.ts'
import { byLabel, type Metric, single } from './exposition.ts'

/** What has arrived over OTLP, and what became of it. */
export function ingestMetrics({ counts, collector }: Ingest): Metric[] {
  const { spans, linked, repeated, late, unread } = collector.counts
  return [
    single('spancast_otlp_spans_total', 'counter', 'Spans that arrived.', counts.spans),
    byLabel('spancast_otlp_signals_total', 'counter', 'What became of signals.', 'outcome', {
      span: spans,
      linked,
      repeated,
      late,
      unread,
    }),
    byLabel('spancast_otlp_skipped_total', 'counter', 'What was not read.', 'what', {
      'other span': counts.spans - counts.agenticSpans,
      'span without valid ids': counts.rejectedSpans,
      'other log record': counts.otherRecords,
      'value too deep': counts.cutValues,
      'metrics request': counts.metricRequests,
      'failed to be shown': counts.failures,
    }),
  ]
}

/** What is passed on to the upstream. */
export function forwardMetrics(stats: ForwardStats): Metric[] {
  return [
    byLabel('spancast_forward_requests_total', 'counter', 'Requests to pass on.', 'outcome', {
      accepted: stats.accepted,
      recovered: stats.recovered,
      forwarded: stats.forwarded,
      retried: stats.retried,
      refused: stats.refused,
    }),
    byLabel('spancast_forward_dropped_total', 'counter', 'Given up.', 'reason', stats.dropped),
    single('spancast_forward_queued_requests', 'gauge', 'Waiting.', stats.queuedRequests),
    single('spancast_forward_queued_bytes', 'gauge', 'Bytes waiting.', stats.queuedBytes),
    single('spancast_forward_oldest_seconds', 'gauge', 'Age of the oldest.', stats.oldestMs / 1000),
    single(
      'spancast_upstream_down',
      'gauge',
      '1 while it does not answer.',
      Number(stats.upstreamDown),
    ),
  ]
}
