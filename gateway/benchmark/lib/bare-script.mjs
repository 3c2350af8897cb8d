// The gateway's own script without a gateway: by redis-benchmark, on the gateway's Redis.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { granted } from './check.mjs';
import { HERE, ROOT } from './folders.mjs';
import { cpuSeconds } from './processes.mjs';

const FILES = ['sessions', 'make_room', 'rotate_session'];
const PEERS_SCRIPT = join(HERE, 'peers/rotate_session.lua');
const IDLE_MS = 14 * 86400 * 1000;
const SESSIONS = 1000;
// redis-benchmark cannot take a token from an answer: here the script itself looks up which generation is the newest (one
// command more than the gateway's), and no time is set after which the call is given up
const PREFIX = "ARGV[3] = cmsgpack.unpack(redis.call('HGET', KEYS[1], ARGV[2]))[2] ARGV[13] = '0'\n";
// what redis-benchmark fills with a number of 12 digits
const NUMBER = '__rand_int__';

/** The processor time of rotations by the script alone, with the arguments of a refresh that the gateway has just made. */
export async function bareScript({ redis, ...contestant }, clients, requests) {
  const source = FILES.map((name) => readFileSync(join(ROOT, `gateway/src/main/resources/redis/${name}.lua`), 'utf8')).join('');
  const sha = createHash('sha1').update(source).digest('hex');
  const call = await callOf({ redis, ...contestant }, sha);
  const keys = call.slice(3, 3 + Number(call[2]));
  const bare = keys[0].slice(0, -NUMBER.length);
  redis.all(Array.from({ length: SESSIONS }, (_, i) => ['COPY', keys[0], bare + String(i).padStart(12, '0')]));

  const changed = ['EVAL', PREFIX + source, call[2], ...keys, ...call.slice(3 + keys.length)];
  const [word] = redis.command(...changed).split('\n');
  if (word !== 'rotated') throw new Error(`the bare script does not rotate: ${word}`);
  const changedSha = redis.command('SCRIPT', 'LOAD', PREFIX + source).trim();
  const args = ['EVALSHA', changedSha, call[2], bare + NUMBER, ...changed.slice(4)];
  return measured(redis, clients, requests, args);
}

/** The same of the hand-written peers' script, on the Redis of one of them. */
export function peersScript({ redis }, clients, requests) {
  const source = "ARGV[1] = redis.call('HGET', KEYS[1], 'gen')\n" + readFileSync(PEERS_SCRIPT, 'utf8');
  const keys = Array.from({ length: SESSIONS }, (_, i) => `session:${String(i).padStart(12, '0')}`);
  redis.all(keys.map((key) => ['HSET', key, 'gen', 0]));
  const generation = redis.command('EVAL', source, '1', keys[0], '0', String(IDLE_MS)).trim();
  if (generation !== '1') throw new Error(`the peers' script does not rotate: ${generation}`);
  const sha = redis.command('SCRIPT', 'LOAD', source).trim();
  return measured(redis, clients, requests, ['EVALSHA', sha, '1', `session:${NUMBER}`, '0', String(IDLE_MS)]);
}

function measured(redis, clients, requests, args) {
  const before = cpuSeconds([redis.pid]);
  const counts = ['-c', clients, '-n', requests, '-r', SESSIONS].map(String);
  execFileSync('redis-benchmark', ['-p', String(redis.port), ...counts, '-q', ...args]);
  return { requests, redisCpu: cpuSeconds([redis.pid]) - before };
}

/** The gateway's call of that script, as Redis' slow log has it when everything is slow. */
async function callOf(contestant, sha) {
  const { redis } = contestant;
  redis.command('CONFIG', 'SET', 'slowlog-log-slower-than', '0');
  redis.command('SLOWLOG', 'RESET');
  const [token] = await contestant.newTokens(1);
  await granted(contestant, token);
  const log = JSON.parse(redis.command('--json', 'SLOWLOG', 'GET', '128'));
  redis.command('CONFIG', 'SET', 'slowlog-log-slower-than', '10000');
  const entry = log.find(([, , , [command, name]]) => command.toUpperCase() === 'EVALSHA' && name === sha);
  if (!entry) throw new Error('the gateway did not call the script that is in its sources');
  return entry[3];
}
