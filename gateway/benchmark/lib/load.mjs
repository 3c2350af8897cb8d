// The load: wrk as the closed loop, and the processor time of who answers it.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HERE, WORK } from './folders.mjs';
import { cpuSeconds } from './processes.mjs';

const run = promisify(execFile);
const LONGEST = '300s';
const CREDENTIALS = '{"email":"ada@example.com","password":"open sesame"}';

const forward = (method, path, body = '') => async (contestant, clients, requests) =>
  wrk(contestant, clients, 'forward.lua', [method, path, body, requests]);

/** What can be asked: a load of so many clients and requests. */
export const LOADS = {
  refresh,
  json: forward('GET', '/api/things'),
  download: forward('GET', '/api/download'),
  login: forward('POST', '/api/auth/local/login', CREDENTIALS),
};

/** Chains of new sessions, as many as clients. */
async function refresh(contestant, clients, requests) {
  const file = join(WORK, `${contestant.name}.tokens`);
  // wrk asks for one request more, to see what it looks like
  writeFileSync(file, (await contestant.newTokens(clients + 1)).join('\n') + '\n');
  return wrk(contestant, clients, 'refresh.lua', [file, requests]);
}

async function wrk(contestant, clients, script, args) {
  const url = `http://127.0.0.1:${contestant.port}`;
  const gateway = contestant.pids();
  const redis = contestant.redis ? [contestant.redis.pid] : [];
  const before = [cpuSeconds(gateway), cpuSeconds(redis)];
  const { stdout } = await run('wrk', [
    ...['-t', '1', '-c', String(clients), '-d', LONGEST, '--timeout', '10s'],
    ...['-s', join(HERE, 'load', script), url, ...args.map(String)],
  ]);
  const [, json] = stdout.match(/^RESULT (.*)$/m);
  const seen = JSON.parse(json);
  if (seen.wrong > 0) {
    throw new Error(`${contestant.name} answered ${seen.wrong} of ${seen.requests} requests wrongly: invalid.\n${stdout}`);
  }
  return { ...seen, gatewayCpu: cpuSeconds(gateway) - before[0], redisCpu: cpuSeconds(redis) - before[1] };
}
