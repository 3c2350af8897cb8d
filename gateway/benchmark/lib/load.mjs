// The load: wrk as the closed loop, and the processor time of who answers it.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { JSON_PATH, LOGIN_PATH } from './contestants.mjs';
import { HERE, WORK } from './folders.mjs';
import { cpuSeconds } from './processes.mjs';

const run = promisify(execFile);
const LONGEST = '300s';
const TRIES = 3;
const CREDENTIALS = '{"email":"ada@example.com","password":"open sesame"}';

class WrongAnswers extends Error {}

const get = (path) => async (contestant, clients, requests) =>
  wrk(contestant, clients, 'forward.lua', ['GET', path, '', contestant.bearer, requests]);
const login = async (contestant, clients, requests) =>
  wrk(contestant, clients, 'forward.lua', ['POST', LOGIN_PATH, CREDENTIALS, '', requests]);

/** What can be asked: a load of so many clients and requests. */
export const LOADS = {
  refresh: repeated(refresh),
  json: repeated(get(JSON_PATH)),
  download: repeated(get('/api/download')),
  login: repeated(login),
};

/** A measurement with a wrong answer counts for nothing: it is made again, which is told, and the third time ends the run. */
function repeated(load) {
  return async (...asked) => {
    for (let tried = 1; ; tried++) {
      try {
        const measured = await load(...asked);
        return tried > 1 ? { ...measured, discarded: tried - 1 } : measured;
      } catch (failure) {
        if (!(failure instanceof WrongAnswers) || tried === TRIES) throw failure;
        console.log(failure.message);
      }
    }
  };
}

/** Chains of new sessions, as many as clients. */
async function refresh(contestant, clients, requests) {
  // wrk asks for one request more, to see what it looks like
  return refreshAll(contestant, await contestant.newTokens(clients + 1), clients, requests);
}

/** Chains of those sessions, one refresh of each in turn. */
export function refreshAll(contestant, tokens, clients, requests) {
  return wrk(contestant, clients, 'refresh.lua', [tokenFile(contestant, tokens), requests]);
}

function tokenFile(contestant, tokens) {
  const file = join(WORK, `${contestant.name}.tokens`);
  writeFileSync(file, tokens.join('\n') + '\n');
  return file;
}

async function wrk(contestant, clients, script, args) {
  const url = `http://127.0.0.1:${contestant.port}`;
  const gateway = contestant.pids();
  const redis = contestant.redis ? [contestant.redis.pid] : [];
  const calls = contestant.redis?.calls();
  const before = [cpuSeconds(gateway), cpuSeconds(redis)];
  const { stdout } = await run('wrk', [
    ...['-t', '1', '-c', String(clients), '-d', LONGEST, '--timeout', '10s'],
    ...['-s', join(HERE, 'load', script), url, ...args.map(String)],
  ]);
  const [, json] = stdout.match(/^RESULT (.*)$/m);
  const seen = JSON.parse(json);
  if (seen.wrong > 0) {
    throw new WrongAnswers(`invalid: ${contestant.name} answered ${seen.wrong} of ${seen.requests} requests wrongly\n${stdout}`);
  }
  const cpu = { gatewayCpu: cpuSeconds(gateway) - before[0], redisCpu: cpuSeconds(redis) - before[1] };
  return { ...seen, ...cpu, ...(calls ? { calls: since(calls, contestant.redis.calls()) } : {}) };
}

function since(before, after) {
  const made = Object.entries(after).map(([name, calls]) => [name, calls - (before[name] ?? 0)]);
  return Object.fromEntries(made.filter(([, calls]) => calls > 0));
}

/** The open loop's generator with nearly everything due at once: how much it gets answered, after as many that do not count. */
export async function asFastAsAnswered(contestant, load, requests) {
  return fixedRate(contestant, load, requests * 10, 0.1, 0.1);
}

/** The open loop, at that rate, after some uncounted seconds: see load/fixed-rate.mjs. */
export const fixedRate = repeated(async (contestant, load, rate, seconds, uncounted = 2) => {
  const connections = 64;
  const asked = { port: contestant.port, rate, uncounted, seconds, connections };
  if (load === 'refresh') {
    asked.tokens = tokenFile(contestant, await contestant.newTokens(connections));
  } else {
    Object.assign(asked, { path: JSON_PATH, bearer: contestant.bearer });
  }
  const generator = [join(HERE, 'load/fixed-rate.mjs'), JSON.stringify(asked)];
  const { stdout } = await run(process.execPath, generator).catch((failure) => {
    throw new WrongAnswers(`invalid: ${contestant.name} at a fixed rate: ${failure.stderr}`);
  });
  const seen = JSON.parse(stdout);
  if (seen.wrong > 0) throw new WrongAnswers(`invalid: ${contestant.name} answered ${seen.wrong} requests wrongly at a fixed rate`);
  return seen;
});
