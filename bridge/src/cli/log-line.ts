import { type Color, paint } from './paint.ts'

const COLORS: Readonly<Record<string, Color>> = {
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
}
// In a terminal these could do more than stand there.
const CONTROLS = /\p{Cc}/gu

/**
 * A record of the log as one line for people: time of day, level, sentence, and the rest as `name=value`.
 *
 * @param record - As pino writes it, with the level's name and an ISO time.
 */
export function logLine(record: Readonly<Record<string, unknown>>, colored: boolean): string {
  const { level, time, msg, ...rest } = record
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${shown(value)}`)
  const text = [String(msg ?? ''), ...fields].join('  ').replace(CONTROLS, escaped)
  return `${String(time).slice(11, 19)} ${label(String(level), colored)} ${text}\n`
}

function label(level: string, colored: boolean): string {
  const padded = level.padEnd(5)
  return colored ? paint(COLORS[level] ?? 'gray', padded) : padded
}

function shown(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"]+$/.test(value)) return value
  return JSON.stringify(value) ?? String(value)
}

function escaped(control: string): string {
  return control === '\n' ? ' ' : `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`
}
