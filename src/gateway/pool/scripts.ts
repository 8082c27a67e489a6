/**
 * What runs inside the engine: Lua scripts on one key each, for Redis 6.2 and Valkey 7.2 or newer. Times are the
 * engine's own; gateways tell and are told ages and remaining times alone, in milliseconds.
 */
import { createHash } from "node:crypto";

export interface Script {
  readonly lua: string;
  /** As `EVALSHA` wants it. */
  readonly sha: string;
}

const script = (lua: string): Script => ({ lua, sha: createHash("sha1").update(lua).digest("hex") });

const NOW = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function text(n) return string.format('%.17g', n) end
`;

/**
 * Who is there. KEYS: a hash of gateways. ARGV: id; name; milliseconds that a word lasts (0: it goes); most; whether it says
 * that it is there (1) or only looks (0); channel, if any; what the others are told there of one that was not there before.
 * Returns the engine's time, then `ID AGE NAME` of each.
 */
export const HELLO = script(`${NOW}
local names = { text(now) }
if ARGV[3] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return names
end
if ARGV[5] == '1' and redis.call('HSET', KEYS[1], ARGV[1], text(now) .. ' ' .. ARGV[2]) == 1 and ARGV[6] ~= '' then
  redis.call('PUBLISH', ARGV[6], ARGV[7])
end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at, name = string.match(all[i + 1], '^(%S+) (.*)$')
  if at == nil or now - tonumber(at) > tonumber(ARGV[3]) or #names > tonumber(ARGV[4]) then
    redis.call('HDEL', KEYS[1], all[i])
  else
    names[#names + 1] = all[i] .. ' ' .. text(now - tonumber(at)) .. ' ' .. name
  end
end
redis.call('PEXPIRE', KEYS[1], 86400000)
return names
`);

/**
 * Keeps a note unless one of at least its rank is there, or there are too many. KEYS: a hash of notes.
 * ARGV: field, id, rank (milliseconds from now), age, milliseconds that it holds, text, most.
 */
export const KEEP = script(`${NOW}
local rank = now + tonumber(ARGV[3])
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local _, r, _, over = string.match(known, '^(%S+) (%S+) (%S+) (%S+) ')
  if r and tonumber(r) >= rank and tonumber(over) > now then return 0 end
elseif redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[7]) then
  local all = redis.call('HGETALL', KEYS[1])
  local gone = 0
  for i = 1, #all, 2 do
    local over = string.match(all[i + 1], '^%S+ %S+ %S+ (%S+) ')
    if over == nil or tonumber(over) <= now then
      redis.call('HDEL', KEYS[1], all[i])
      gone = gone + 1
    end
  end
  if gone == 0 then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], table.concat({
  ARGV[2], text(rank), text(now - tonumber(ARGV[4])), text(now + tonumber(ARGV[5])), ARGV[6] }, ' '))
redis.call('PEXPIRE', KEYS[1], 86400000)
return 1
`);

/** Takes notes away. KEYS: a hash of notes. ARGV: id or '-', age that they have at least, fields. */
export const DROP = script(`${NOW}
for i = 3, #ARGV do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  if known then
    local id, _, found = string.match(known, '^(%S+) (%S+) (%S+) ')
    if ARGV[1] == id or (ARGV[1] == '-' and tonumber(found) <= now - tonumber(ARGV[2])) then
      redis.call('HDEL', KEYS[1], ARGV[i])
    end
  end
end
return 0
`);

/** All notes that hold. KEYS: a hash of notes. Returns of each: id, age, text. */
export const NOTES = script(`${NOW}
local found = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local id, _, at, over, note = string.match(all[i + 1], '^(%S+) (%S+) (%S+) (%S+) (.*)$')
  if id == nil or tonumber(over) <= now then
    redis.call('HDEL', KEYS[1], all[i])
  else
    found[#found + 1] = id
    found[#found + 1] = text(now - tonumber(at))
    found[#found + 1] = note
  end
end
return found
`);

/**
 * A sum that gateways add to, a field each: number of its latest word, used, used at its first word, held, time. What
 * gateways say is what they have used in all, so that a word that comes twice, or late, changes nothing.
 *
 * KEYS: a hash. ARGV: gateway; number of the word; used by it; held by it beyond; used by all, as it knows; whether it has
 * given word here before (1 or 0); wanted besides at once; whether it wants more for later (1 or 0); limit; gateways;
 * milliseconds that the sum is kept; milliseconds of silence after which nothing is held; channel; how what the others are
 * told there begins (empty: they are told nothing), which is whenever this gateway takes more than before.
 * Returns: granted; used by all; held by the others; 1 where the gateway's word was lost; the sum's revision.
 *
 * The others are told in the same turn of the engine in which the gateway has its answer: so what a gateway knows of a sum when
 * the engine is lost is behind by what was granted in that one turn. A word's time is its revision too: each has a later one.
 */
export const COUNT = script(`${NOW}
local me, seq, own, held = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local seen, before, need, more = tonumber(ARGV[5]), ARGV[6] == '1', tonumber(ARGV[7]), ARGV[8] == '1'
local limit, gateways = tonumber(ARGV[9]), tonumber(ARGV[10])
local all = redis.call('HGETALL', KEYS[1])
local floor, bases, since, others, mine, late = 0, 0, 0, 0, nil, false
local latest, taken = 0, 0
for i = 1, #all, 2 do
  if all[i] == 'floor' then
    floor = tonumber(all[i + 1])
  else
    local s, o, b, h, at = string.match(all[i + 1], '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
    o, b = tonumber(o), tonumber(b)
    latest = math.max(latest, tonumber(at))
    if all[i] == me then
      mine = b
      taken = o + tonumber(h)
      late = seq <= tonumber(s)
      if late then own, held = o, tonumber(h) end
    else
      bases = bases + b
      since = since + o - b
      if now - tonumber(at) <= tonumber(ARGV[12]) then others = others + tonumber(h) end
    end
  end
end
local lost = mine == nil
if lost then
  mine = own
  if seen > math.max(floor, bases + mine) + since then
    floor = seen - since
    redis.call('HSET', KEYS[1], 'floor', text(floor))
  end
end
local total = math.max(floor, bases + mine) + since + own - mine
local granted = 0
local revision = latest
if not late then
  revision = math.max(now, latest + 1)
  if (need > 0 or more) and not (lost and before) then
    local free = math.floor(limit - total - others - held)
    local slice = more and math.min(64, math.floor(free / (4 * gateways))) or 0
    granted = math.max(0, math.min(free, math.max(math.min(need, 64), slice)))
  end
  redis.call('HSET', KEYS[1], me, table.concat({
    text(seq), text(own), text(mine), text(held + granted), text(revision) }, ' '))
  redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[11]))
  if ARGV[14] ~= '' and own + held + granted > taken then
    redis.call('PUBLISH', ARGV[13], ARGV[14] .. '"taken":' .. text(total + others + held + granted)
      .. ',"leased":' .. text(granted) .. ',"revision":' .. text(revision) .. '}')
  end
end
return { granted, text(total), text(others), lost and before and 1 or 0, text(revision) }
`);
