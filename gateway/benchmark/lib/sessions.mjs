// What a session takes in Redis, and whether a refresh costs more among very many.
import { setTimeout as sleep } from 'node:timers/promises';
import { refreshAll } from './load.mjs';
import { cpuSeconds } from './processes.mjs';

const SETTLES_MS = 1000;
const CLIENTS = 16;
const REFRESHES_EACH = 3;
const REFRESHES_OFTEN = 12;
const IDLE_SECONDS = 5;
// of each key once, so that no call takes long
const COPY_ALL = `
  for _, key in ipairs(redis.call('KEYS', '*session*')) do
    if not string.find(key, '/', 1, true) then redis.call('COPY', key, key .. '/' .. ARGV[1]) end
  end`;

/**
 * Opens sessions of as many subjects, so that each has an index of its own, and refreshes them in turn; then again among copies
 * of them. Bytes a session are those of used_memory. What Redis takes while nobody asks it is told beside what the refreshes took: to
 * look for expired keys is work of each second, not of each refresh. Forgets all that was there before.
 */
export async function manySessions(contestant, sessions, among) {
  const { redis } = contestant;
  let empty;
  const forget = async () => {
    redis.command('FLUSHALL', 'SYNC');
    // a gateway notes again that it is there
    await sleep(SETTLES_MS);
    empty = redis.usedBytes();
  };
  const each = () => Math.round((redis.usedBytes() - empty) / sessions);
  const refreshes = async (often) => {
    const tokens = await contestant.newTokens(sessions);
    const before = cpuSeconds([redis.pid]);
    await sleep(IDLE_SECONDS * 1000);
    const idle = (cpuSeconds([redis.pid]) - before) / IDLE_SECONDS;
    return { ...(await refreshAll(contestant, tokens, CLIENTS, sessions * often)), idle };
  };

  await forget();
  await refreshes(REFRESHES_OFTEN);
  const refreshedOften = each();
  await forget();
  await contestant.newTokens(sessions);
  const opened = each();
  await forget();
  const alone = await refreshes(REFRESHES_EACH);
  const refreshed = each();
  const copies = Math.max(0, Math.round(among / sessions) - 1);
  redis.all(Array.from({ length: copies }, (_, i) => ['EVAL', COPY_ALL, 0, i]));
  // nothing else was done here meanwhile: connections that a server has closed since are still to be noticed
  await sleep(SETTLES_MS);
  const amongCopies = await refreshes(REFRESHES_EACH);
  redis.command('FLUSHALL', 'SYNC');
  const bytes = { 0: opened, [REFRESHES_EACH]: refreshed, [REFRESHES_OFTEN]: refreshedOften };
  return { sessions, bytes, alone, among: (copies + 1) * sessions, amongCopies };
}
