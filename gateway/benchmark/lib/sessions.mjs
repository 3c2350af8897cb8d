// What a session takes in Redis, and whether a refresh costs more among very many.
import { setTimeout as sleep } from 'node:timers/promises';
import { refreshAll } from './load.mjs';

const SETTLES_MS = 1000;
const CLIENTS = 16;
const REFRESHES_EACH = 3;
// of each key once, so that no call takes long
const COPY_ALL = `
  for _, key in ipairs(redis.call('KEYS', '*session*')) do
    if not string.find(key, '/', 1, true) then redis.call('COPY', key, key .. '/' .. ARGV[1]) end
  end`;

/**
 * Opens sessions of as many subjects, so that each has an index of its own, and refreshes them in turn; then again among copies
 * of them. Bytes a session are those of used_memory. Forgets all that was there before.
 */
export async function manySessions(contestant, sessions, among) {
  const { redis } = contestant;
  redis.command('FLUSHALL', 'SYNC');
  // a gateway notes again that it is there
  await sleep(SETTLES_MS);
  const empty = redis.usedBytes();
  const each = () => Math.round((redis.usedBytes() - empty) / sessions);
  const refreshes = async (tokens) => refreshAll(contestant, tokens, CLIENTS, sessions * REFRESHES_EACH);

  const tokens = await contestant.newTokens(sessions);
  const opened = each();
  const alone = await refreshes(tokens);
  const refreshed = each();
  const copies = Math.max(0, Math.round(among / sessions) - 1);
  redis.all(Array.from({ length: copies }, (_, i) => ['EVAL', COPY_ALL, 0, i]));
  // nothing else was done here meanwhile: connections that a server has closed since are still to be noticed
  await sleep(SETTLES_MS);
  const amongCopies = await refreshes(await contestant.newTokens(sessions));
  redis.command('FLUSHALL', 'SYNC');
  return { sessions, opened, refreshed, refreshesEach: REFRESHES_EACH, alone, among: (copies + 1) * sessions, amongCopies };
}
