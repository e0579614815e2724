import { type Script, script } from './script.ts'

/**
 * Appends to a run, and tells those who follow it. A buffer has one writer, whose numbers go on from its own last one:
 * what the store has already is a repeat, and where it has less, it has lost some, so that its numbers may stand for
 * other events with some readers: the buffer is another one from then on. A writer that another one has taken the
 * run from has an older fence.
 */
export const APPEND: Script = script(`
local meta, events, chunks, live = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local epoch, fresh, writer, fence, begins = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5] == '1'
local base, last = tonumber(ARGV[6]), tonumber(ARGV[7])
local lost, firstEvent, firstChunk = ARGV[8], ARGV[9], ARGV[10]
local ended, seen, summary, ttl = ARGV[11], ARGV[12], ARGV[13], ARGV[14]
local known = redis.call('HMGET', meta, 'epoch', 'last', 'fence', 'ended', 'writer')
local kept, held = tonumber(known[2] or '0'), tonumber(known[3] or '0')
local function cut()
  for _, stream in ipairs({events, chunks}) do
    for _, stale in ipairs(redis.call('XRANGE', stream, '(' .. kept .. '-9', '+')) do
      redis.call('XDEL', stream, stale[1])
    end
    redis.pcall('XSETID', stream, kept .. '-9')
  end
end
if known[1] then
  if held > fence and not (begins and known[4] == '1') then return {'fenced'} end
  if held == fence and known[5] ~= writer and not begins then return {'fenced'} end
end
if begins and known[1] ~= epoch then
  redis.call('DEL', meta, events, chunks)
  kept = 0
elseif not known[1] then
  return {'missing'}
elseif known[1] ~= epoch then
  cut()
  redis.call('HSET', meta, 'fence', fence, 'writer', writer)
  return {'epoch', known[1], kept}
elseif kept < base then
  cut()
  redis.call('HSET', meta, 'epoch', fresh, 'fence', fence, 'writer', writer)
  redis.call('SPUBLISH', live, '{"epoch":"' .. fresh .. '","base":' .. kept .. ',"last":' .. kept .. '}')
  return {'epoch', fresh, kept}
end
local said = {}
for i = 15, #ARGV, 3 do
  local seq = tonumber(ARGV[i])
  if seq > kept then
    redis.call('XADD', ARGV[i + 1] == 'c' and chunks or events, ARGV[i] .. '-1', 'e', ARGV[i + 2])
    said[#said + 1] = ARGV[i] .. ' ' .. ARGV[i + 1] .. ARGV[i + 2]
  end
end
redis.call('XTRIM', events, 'MINID', '=', firstEvent .. '-0')
redis.call('XTRIM', chunks, 'MINID', '=', firstChunk .. '-0')
local newest = math.max(last, kept)
redis.call('HSET', meta, 'epoch', epoch, 'last', newest, 'fence', fence, 'writer', writer, 'lost', lost,
  'ended', ended, 'seen', seen, 'summary', summary)
if ttl ~= '0' then
  redis.call('PEXPIRE', meta, ttl)
  redis.call('PEXPIRE', events, ttl)
  redis.call('PEXPIRE', chunks, ttl)
end
if newest > kept then
  local head = '{"epoch":"' .. epoch .. '","base":' .. kept .. ',"last":' .. newest .. ',"lost":' .. lost ..
    ',"events":' .. firstEvent .. ',"chunks":' .. firstChunk .. ',"ended":' .. ended .. ',"seen":' .. seen .. '}'
  table.insert(said, 1, head)
  redis.call('SPUBLISH', live, table.concat(said, '\\n'))
end
return {'ok', newest}
`)

/** What is kept of a run above a number, and what is known of it. */
export const READ: Script = script(`
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'lost', 'ended', 'seen')
if not known[1] then return {} end
local from = '(' .. ARGV[1] .. '-9'
return {known[1], known[2], known[3], known[4], known[5],
  redis.call('XRANGE', KEYS[2], from, '+'), redis.call('XRANGE', KEYS[3], from, '+')}
`)

export const SUMMARY: Script = script(`
return redis.call('HMGET', KEYS[1], 'summary', 'epoch', 'seen')
`)

/** Who writes a run, and where it is. */
export const WRITER: Script = script(`
return redis.call('HMGET', KEYS[1], 'writer', 'fence', 'epoch', 'last', 'ended', 'lost')
`)

/**
 * A reader remembers more than the store has, or something else: it has lost what was newest, and its numbers must
 * not stand for other events. The buffer is another one from then on, whoever says so first.
 */
export const REPORT_LOSS: Script = script(`
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last')
if known[1] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'epoch', ARGV[2])
redis.call('SPUBLISH', KEYS[4], '{"epoch":"' .. ARGV[2] .. '","base":0,"last":0}')
return 1
`)

/** Lets a run go. */
export const DROP: Script = script(`
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
redis.call('SPUBLISH', KEYS[4], '{"gone":1}')
return 1
`)

/** Keeps an id for a run that is about to be invoked. */
export const RESERVE: Script = script(`
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
`)

/** Keeps it for longer. */
export const KEEP: Script = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
`)

export const RELEASE: Script = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

export const GET: Script = script(`return redis.call('GET', KEYS[1])`)

export const SAY: Script = script(`return redis.call('SPUBLISH', KEYS[1], ARGV[1])`)

/** How far a run is, and its newest event beside chunks. */
export const STATE: Script = script(`
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'ended')
if not known[1] then return {} end
local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
return {known[1], known[2] or '0', known[3] or '0', newest and newest[1] or '', newest and newest[2][2] or ''}
`)
