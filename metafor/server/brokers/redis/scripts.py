"""The steps that have to be atomic, in Lua (https://redis.io/docs/latest/develop/interact/programmability/).

Keys, each behind the broker's prefix:

===================  =================================================================================
``generation``       which persistence Redis has now (see `GENERATION`)
``log:R``            hash: ``epoch``, ``seq``, ``generation`` of the log of room R (``log`` of everybody's)
``messages:R``       stream: the last messages of it; the id of message N is ``N-0``
``session:S``        hash: ``proof``, ``received``, ``generation``, ``refusals`` (how many there were), and as
                     ``#N`` who answers the open request N, a line feed, and the request
``refused:S``        list: the last refused numbers
``node:N``           exists as long as the node N lives
``members:R``        hash: member → ``order data``
``ends``             sorted set: room and member → when it is over (milliseconds of Redis's clock)
``came``             a counter, for the order in which members came
===================  =================================================================================

A log or a session of another generation is not used: Redis may have lost its tail (ruling 48). All keys of
logs and sessions expire, and Redis may evict any of them before: what is left of a log or a session is not
used then. The others never expire.
"""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = [
    "ACCEPT",
    "ALL",
    "ANSWER",
    "CLAIM",
    "GENERATION",
    "KEEP",
    "OPEN_SESSION",
    "POSITION",
    "PUBLISH",
    "READ_SESSION",
    "REMOVE_MEMBER",
    "REPLAY",
    "SET_MEMBER",
    "SWEEP",
    "TAKE_OVER",
    "Script",
]


class Script:
    """A Lua script and the name by which Redis knows it."""

    __slots__ = ("sha", "source")

    def __init__(self, source: str) -> None:
        self.source = source.encode()
        self.sha = hashlib.sha1(self.source, usedforsecurity=False).hexdigest()


# The log in KEYS[i], or nil if it is of another generation; a session likewise.
_COMMON = """
local function log_of(key, messages, generation)
  local log = redis.call('HMGET', key, 'epoch', 'seq', 'generation')
  if not log[1] then return nil end
  if log[3] ~= generation then
    redis.call('DEL', key, messages)
    return nil
  end
  return {log[1], tonumber(log[2])}
end
local function begin(key, messages, generation, epoch)
  redis.call('DEL', messages)
  redis.call('HSET', key, 'epoch', epoch, 'seq', '0', 'generation', generation)
  return {epoch, 0}
end
local function claim(session, number, generation, ms)
  local known = redis.call('HMGET', session, 'received', 'generation')
  if known[2] and known[2] ~= generation then
    redis.call('DEL', session)
    known = {}
  end
  if tonumber(number) <= tonumber(known[1] or '0') then return false end
  redis.call('HSET', session, 'received', number, 'generation', generation)
  redis.call('PEXPIRE', session, ms)
  return true
end
local function publish(key, messages, generation, channel, packed, history, ms)
  local log = log_of(key, messages, generation)
  local place = ' 0'
  if log then
    local seq = string.format('%d', redis.call('HINCRBY', key, 'seq', 1))
    redis.call('XADD', messages, 'MAXLEN', history, seq .. '-0', 'm', packed)
    redis.call('PEXPIRE', key, ms)
    redis.call('PEXPIRE', messages, ms)
    place = log[1] .. ' ' .. seq
  end
  redis.call('PUBLISH', channel, 'E' .. place .. '\\n' .. packed)
end
"""

#: KEYS generation; ARGV the generation that Redis has now.
GENERATION: Final = Script("""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then redis.call('SET', KEYS[1], ARGV[1]) end
return 1
""")

#: KEYS generation, log, messages, session; ARGV channel, packed, number or '', history, ms log, ms session.
PUBLISH: Final = Script(
    _COMMON
    + """
local generation = redis.call('GET', KEYS[1]) or ''
if ARGV[3] ~= '' and not claim(KEYS[4], ARGV[3], generation, ARGV[6]) then return 0 end
publish(KEYS[2], KEYS[3], generation, ARGV[1], ARGV[2], ARGV[4], ARGV[5])
return 1
"""
)

#: KEYS generation, log, messages; ARGV a new epoch, ms.
POSITION: Final = Script(
    _COMMON
    + """
local generation = redis.call('GET', KEYS[1]) or ''
local log = log_of(KEYS[2], KEYS[3], generation) or begin(KEYS[2], KEYS[3], generation, ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return {log[1], string.format('%d', log[2])}
"""
)

#: KEYS generation, log, messages; ARGV a new epoch, ms, asked epoch, asked seq, limit.
REPLAY: Final = Script(
    _COMMON
    + """
local generation = redis.call('GET', KEYS[1]) or ''
local log = log_of(KEYS[2], KEYS[3], generation) or begin(KEYS[2], KEYS[3], generation, ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
local oldest = log[2] - redis.call('XLEN', KEYS[3])
local start = tonumber(ARGV[4])
if log[1] ~= ARGV[3] or start < oldest or start > log[2] then start = oldest end
local after = string.format('(%d-0', start)
local entries = redis.call('XRANGE', KEYS[3], after, '+', 'COUNT', ARGV[5])
local messages = {}
for i, entry in ipairs(entries) do messages[i] = entry[2][2] end
return {log[1], string.format('%d', start), string.format('%d', log[2]), messages}
"""
)

#: KEYS generation, session; ARGV proof, ms.
OPEN_SESSION: Final = Script("""
redis.call('HSET', KEYS[2], 'proof', ARGV[1], 'received', '0',
  'generation', redis.call('GET', KEYS[1]) or '')
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
""")

#: KEYS generation, session, refused. Gives proof, received, the refused, and how many requests are open; or
#: nothing.
READ_SESSION: Final = Script("""
local known = redis.call('HMGET', KEYS[2], 'proof', 'received', 'generation', 'refusals')
if not known[1] or known[3] ~= (redis.call('GET', KEYS[1]) or '') then return {} end
if known[4] and redis.call('EXISTS', KEYS[3]) == 0 then return {} end
local requests = redis.call('HLEN', KEYS[2]) - (known[4] and 4 or 3)
return {known[1], known[2], redis.call('LRANGE', KEYS[3], 0, -1), requests}
""")

#: KEYS generation, session, refused; ARGV number, ms, how many refused to keep (0: this one is not).
CLAIM: Final = Script(
    _COMMON
    + """
if not claim(KEYS[2], ARGV[1], redis.call('GET', KEYS[1]) or '', ARGV[2]) then return 0 end
if ARGV[3] ~= '0' then
  redis.call('HINCRBY', KEYS[2], 'refusals', 1)
  redis.call('RPUSH', KEYS[3], ARGV[1])
  redis.call('LTRIM', KEYS[3], -tonumber(ARGV[3]), -1)
  redis.call('PEXPIRE', KEYS[3], ARGV[2])
end
return 1
"""
)

#: KEYS generation, session; ARGV number, ms, node, packed.
ACCEPT: Final = Script(
    _COMMON
    + """
local field, mine = '#' .. ARGV[1], ARGV[3] .. '\\n'
if claim(KEYS[2], ARGV[1], redis.call('GET', KEYS[1]) or '', ARGV[2]) then
  redis.call('HSET', KEYS[2], field, mine .. ARGV[4])
  return 1
end
local held = redis.call('HGET', KEYS[2], field)
return held and string.sub(held, 1, #mine) == mine and 1 or 0
"""
)

#: KEYS generation, log, messages, session; ARGV channel, packed reply, number, history, ms log.
ANSWER: Final = Script(
    _COMMON
    + """
if redis.call('HDEL', KEYS[4], '#' .. ARGV[3]) == 0 then return 0 end
publish(KEYS[2], KEYS[3], redis.call('GET', KEYS[1]) or '', ARGV[1], ARGV[2], ARGV[4], ARGV[5])
return 1
"""
)

#: KEYS generation, session; ARGV node, prefix of nodes. Gives how many others have, then those of the node.
TAKE_OVER: Final = Script("""
if redis.call('HGET', KEYS[2], 'generation') ~= (redis.call('GET', KEYS[1]) or '') then return {0} end
local fields = redis.call('HGETALL', KEYS[2])
local taken = {0}
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 1) == '#' then
    local stop = string.find(fields[i + 1], '\\n', 1, true)
    local node, packed = string.sub(fields[i + 1], 1, stop - 1), string.sub(fields[i + 1], stop + 1)
    if node ~= ARGV[1] and redis.call('EXISTS', ARGV[2] .. node) == 1 then
      taken[1] = taken[1] + 1
    else
      redis.call('HSET', KEYS[2], fields[i], ARGV[1] .. '\\n' .. packed)
      taken[#taken + 1] = packed
    end
  end
end
return taken
""")

#: KEYS members, ends, came; ARGV member, data, ms, pair, channel.
SET_MEMBER: Final = Script("""
local now = redis.call('TIME')
redis.call('ZADD', KEYS[2], now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[3], ARGV[4])
local known = redis.call('HGET', KEYS[1], ARGV[1])
local order, data
if known then order, data = string.match(known, '^(%d+) (.*)$') end
if data == ARGV[2] then return 0 end
order = order or string.format('%d', redis.call('INCR', KEYS[3]))
redis.call('HSET', KEYS[1], ARGV[1], order .. ' ' .. ARGV[2])
redis.call('PUBLISH', ARGV[5], 'M' .. ARGV[4] .. ARGV[2])
return 1
""")

#: KEYS members, ends; ARGV member, pair, channel.
REMOVE_MEMBER: Final = Script("""
redis.call('ZREM', KEYS[2], ARGV[2])
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('PUBLISH', ARGV[3], 'X' .. ARGV[2])
return 1
""")

#: KEYS ends; ARGV prefix of members, prefix of channels. Members whose time is over leave, 1,000 at most.
SWEEP: Final = Script("""
local now = redis.call('TIME')
local over = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now[1] * 1000 + math.floor(now[2] / 1000),
  'LIMIT', 0, 1000)
for _, pair in ipairs(over) do
  local length, rest = string.match(pair, '^(%d+):(.*)$')
  local room = string.sub(rest, 1, tonumber(length))
  local member = string.match(string.sub(rest, tonumber(length) + 1), '^%d+:(.*)$')
  redis.call('ZREM', KEYS[1], pair)
  if redis.call('HDEL', ARGV[1] .. room, member) == 1 then
    redis.call('PUBLISH', ARGV[2] .. room, 'X' .. pair)
  end
end
return #over
""")

#: KEYS that are in use; ARGV ms.
KEEP: Final = Script("""
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1]) end
return 1
""")

ALL: Final = (
    GENERATION,
    PUBLISH,
    POSITION,
    REPLAY,
    OPEN_SESSION,
    READ_SESSION,
    CLAIM,
    ACCEPT,
    ANSWER,
    TAKE_OVER,
    SET_MEMBER,
    REMOVE_MEMBER,
    SWEEP,
    KEEP,
)
