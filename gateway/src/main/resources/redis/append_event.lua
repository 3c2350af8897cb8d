-- Appends an event to a stream that forgets the oldest ones.
--
-- KEYS[1]  the stream (its entries have one field, event)
-- ARGV     length, event as JSON
-- Answer   the entry's id

local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[2])
redis.call('PEXPIRE', KEYS[1], 2592000000)
return id
