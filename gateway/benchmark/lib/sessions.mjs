// What a session takes in Redis: every one of another subject, so that each has an index of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { refreshAll } from './load.mjs';

const SETTLES_MS = 1000;

/** Bytes a session, from used_memory: when opened, and when each was refreshed a few times. Forgets all others before. */
export async function sessionBytes(contestant, sessions) {
  contestant.redis.command('FLUSHALL', 'SYNC');
  // a gateway notes again that it is there
  await sleep(SETTLES_MS);
  const empty = contestant.redis.usedBytes();
  const each = () => Math.round((contestant.redis.usedBytes() - empty) / sessions);
  const tokens = await contestant.newTokens(sessions);
  const opened = each();
  const { requests } = await refreshAll(contestant, tokens, 16, sessions * 3);
  return { sessions, opened, refreshed: each(), refreshesEach: Math.floor(requests / sessions) };
}
