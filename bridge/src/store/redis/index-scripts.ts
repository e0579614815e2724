import { type Script, script } from './script.ts'

// KEYS of all: runs, live, ended, gone, bytes, total, changes.
const NOW = `
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
`
const FORGET = `${NOW}
local function forget(id)
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZREM', KEYS[3], id)
  local held = redis.call('HGET', KEYS[5], id)
  if held then
    redis.call('HDEL', KEYS[5], id)
    redis.call('DECRBY', KEYS[6], held)
  end
  redis.call('ZADD', KEYS[4], now, id)
  redis.call('SPUBLISH', KEYS[7], id)
end
`

/**
 * Says how a run is, and names those that have to go for it: the oldest finished ones first, then the longest silent.
 * One that went already is told so.
 */
export const TOUCH: Script = script(`${FORGET}
local id, begins, seen, bytes = ARGV[1], ARGV[2] == '1', ARGV[3], tonumber(ARGV[4])
local staysMs, maxRuns, maxBytes = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
local known = redis.call('ZSCORE', KEYS[1], id)
if not begins and not known and redis.call('ZSCORE', KEYS[4], id) then return {'gone'} end
if begins or not known then
  redis.call('ZADD', KEYS[1], string.format('%.0f', time[1] * 1000000 + time[2]), id)
  redis.call('ZREM', KEYS[4], id)
end
if staysMs == '0' then
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZADD', KEYS[2], seen, id)
else
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZADD', KEYS[3], 'NX', now + tonumber(staysMs), id)
end
local before = tonumber(redis.call('HGET', KEYS[5], id) or '0')
redis.call('HSET', KEYS[5], id, bytes)
local total = redis.call('INCRBY', KEYS[6], bytes - before)
redis.call('SPUBLISH', KEYS[7], id)
local victims = {'ok'}
while #victims < 100 and (redis.call('ZCARD', KEYS[1]) > maxRuns or total > maxBytes) do
  local victim
  for i = 3, 2, -1 do
    for _, other in ipairs(redis.call('ZRANGE', KEYS[i], 0, 1)) do
      if not victim and other ~= id then victim = other end
    end
  end
  if not victim then break end
  forget(victim)
  total = tonumber(redis.call('GET', KEYS[6]))
  victims[#victims + 1] = victim
end
return victims
`)

/** Takes from the index what is over for long enough, and forgets what went long ago, the oldest first. */
export const EXPIRE: Script = script(`${FORGET}
local due = redis.call('ZRANGE', KEYS[3], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do forget(id) end
redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - tonumber(ARGV[2]))
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - tonumber(ARGV[3]))
redis.call('PEXPIRE', KEYS[4], ARGV[3])
return due
`)

/** Ids below a place, newest first, each with its place. */
export const PAGE: Script = script(`
return redis.call('ZRANGE', KEYS[1], ARGV[1], '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
`)

/** Whether a run went, or is about to. */
export const WENT: Script = script(`${NOW}
if redis.call('ZSCORE', KEYS[4], ARGV[1]) then return 1 end
local goes = redis.call('ZSCORE', KEYS[3], ARGV[1])
return goes and tonumber(goes) <= now and 1 or 0
`)

/** Running runs that have been silent for so long. */
export const SILENT: Script = script(`${NOW}
return redis.call('ZRANGE', KEYS[2], '-inf', now - tonumber(ARGV[1]), 'BYSCORE', 'LIMIT', 0, ARGV[2])
`)
