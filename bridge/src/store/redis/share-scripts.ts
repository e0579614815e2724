import { type Script, script } from './script.ts'

/** Which group an id belongs to. Whoever asks first may say so; what has been said stays. */
export const ROUTE: Script = script(`
local group = redis.call('GET', KEYS[1])
if not group then
  if ARGV[1] == '' then return false end
  group = ARGV[1]
end
redis.call('SET', KEYS[1], group, 'PX', ARGV[2])
return group
`)

/** Says which group an id belongs to, whatever was said before. */
export const SET_ROUTE: Script = script(`
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
`)

/** Keeps what has come for a group, in order. The oldest goes where it would be too much. */
export const PUT: Script = script(`
local log, size = KEYS[1], KEYS[2]
redis.call('XADD', log, '*', ARGV[1], ARGV[2])
local bytes = redis.call('INCRBY', size, #ARGV[2])
while bytes > tonumber(ARGV[4]) and redis.call('XLEN', log) > 1 do
  local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
  redis.call('XDEL', log, oldest[1])
  bytes = redis.call('DECRBY', size, #oldest[2][2])
end
if redis.call('PTTL', log) < tonumber(ARGV[3]) then
  redis.call('PEXPIRE', log, ARGV[3])
  redis.call('PEXPIRE', size, ARGV[3])
end
return 1
`)

/** What has come for a group after an id, a part at a time: id, kind and text of each. */
export const PULL: Script = script(`
local found = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])) do
  found[#found + 1] = entry[1]
  found[#found + 1] = entry[2][1]
  found[#found + 1] = entry[2][2]
end
return found
`)

/** Forgets what has come for a group up to an id. */
export const FORGET_INPUTS: Script = script(`
redis.call('XTRIM', KEYS[1], 'MINID', '=', ARGV[1])
redis.call('SET', KEYS[2], 0, 'KEEPTTL')
return 1
`)

/** Forgets all that has come for a group. */
export const DROP_INPUTS: Script = script(`return redis.call('UNLINK', KEYS[1], KEYS[2])`)

/** Tells whoever folds a share that something has come for a group of it; if that is little, only if it has runs. */
export const RING: Script = script(`
if ARGV[2] == '1' and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1], ARGV[1])
redis.call('SPUBLISH', KEYS[2], ARGV[1])
return 1
`)

/** The groups of a share that may have runs that go on. Those that nothing has come for in so long do not. */
export const GROUPS: Script = script(`
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] - tonumber(ARGV[1]))
return redis.call('ZRANGE', KEYS[1], 0, -1)
`)

/** A group has no run that goes on. */
export const REST: Script = script(`return redis.call('ZREM', KEYS[1], ARGV[1])`)

/** Takes a share, or keeps it. The fence rises whenever it may have had another owner meanwhile. 0: it has one. */
export const TAKE: Script = script(`
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(redis.call('GET', KEYS[2]))
end
if owner then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('INCR', KEYS[2])
`)

/** Who is there, oneself among them. */
export const MEET: Script = script(`
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('SET', KEYS[2], ARGV[1], 'NX')
return {redis.call('GET', KEYS[2]), redis.call('ZRANGE', KEYS[1], 0, -1)}
`)

export const LEAVE: Script = script(`
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('SPUBLISH', KEYS[3], ARGV[1])
`)

/** Tells the others that shares are free. */
export const OFFER: Script = script(`return redis.call('SPUBLISH', KEYS[3], ARGV[1])`)

/** Lets a run be found by another id too. */
export const ALIAS: Script = script(`
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SPUBLISH', KEYS[2], '{"alias":1}')
return 1
`)
