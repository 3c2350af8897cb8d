// The whole run, after `run` has installed and built what it takes. Variables: PROCESSES, ROUNDS, REQUESTS, WARM_UP, STARTS,
// SECONDS_AT_HALF, SESSIONS and AMONG make it shorter or longer; README.md says what they are.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { bareScript, peersScript } from './lib/bare-script.mjs';
import { checkForward, checkRefresh } from './lib/check.mjs';
import * as contestant from './lib/contestants.mjs';
import { RESULTS, WORK } from './lib/folders.mjs';
import { jvm } from './lib/java.mjs';
import { asFastAsAnswered, fixedRate } from './lib/load.mjs';
import { commit, machine, versions } from './lib/machine.mjs';
import { memoryMiB, othersSeconds } from './lib/processes.mjs';
import { inTurn, round, SCENARIOS, warmUp } from './lib/rounds.mjs';
import { manySessions } from './lib/sessions.mjs';
import { startUp } from './lib/startups.mjs';
import { write } from './draw.mjs';

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const settings = {
  processes: number('PROCESSES', 3),
  rounds: number('ROUNDS', 4),
  requests: number('REQUESTS', 10000),
  warmUp: number('WARM_UP', 150000),
  starts: number('STARTS', 3),
  secondsAtHalf: number('SECONDS_AT_HALF', 10),
  sessions: number('SESSIONS', 10000),
  among: number('AMONG', 1000000),
};
/** After a stop, until its loops are on time again and its connections are alive. */
const SECONDS_TO_COME_BACK = 2;
const say = (text) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
const results = { date: new Date().toISOString().slice(0, 10), commit: commit(), settings, jvm, machine: machine() };

/** Algorithms of access tokens and of refresh tokens, each of a gateway that does nothing but refresh. */
const KEYS = {
  HS256: ['HS256', 'HS256'],
  ES256: ['ES256', 'HS256'],
  EdDSA: ['EdDSA', 'HS256'],
  'ES256-both': ['ES256', 'ES256'],
  'EdDSA-both': ['EdDSA', 'EdDSA'],
};

say('unpacking both gateways');
const backends = {};
for (const [keys, algorithms] of Object.entries(KEYS)) backends[keys] = await contestant.startBackend(...algorithms);
// of the others too
const backend = backends.HS256;
contestant.prepareGateways(backend);
results.versions = versions();

const STARTS = {
  portcullis: (cached) => contestant.startPortcullis('portcullis', backend, cached),
  'plain-gateway': (cached) => contestant.startPlainGateway('plain-gateway', backend, cached),
  nginx: () => contestant.startPlainNginx('nginx', backend),
  'nginx-lua': () => contestant.startNginxLua('nginx-lua', backend),
  express: () => contestant.startExpress('express', backend),
};

say('start-ups');
results.startUps = {};
for (let i = 0; i < settings.starts; i++) {
  for (const [name, start] of Object.entries(STARTS)) {
    const isJvm = name === 'portcullis' || name === 'plain-gateway';
    (results.startUps[name] ??= []).push(await startUp(start));
    if (isJvm && jvm.caches) (results.startUps[`${name}, no cache`] ??= []).push(await startUp(() => start(false)));
  }
}

/** All of them by name, ready and checked. */
async function startAll() {
  const all = {};
  for (const [name, start] of Object.entries(STARTS)) all[name] = await start();
  for (const keys of Object.keys(KEYS)) {
    all[`portcullis-${keys}`] = await contestant.startPortcullis(`portcullis-${keys}`, backends[keys]);
  }
  for (const one of Object.values(all)) await one.ready();
  await check(all);
  return all;
}

/** A measurement while everybody else is stopped: a latency is of a machine that does nothing else, and idle JVMs are not nothing. */
async function alone(all, name, measure) {
  const waiting = Object.keys(all).filter((other) => other !== name).map((other) => all[other]);
  try {
    for (const one of waiting) one.signal('SIGSTOP');
    return await measure(all[name]);
  } finally {
    for (const one of waiting) one.signal('SIGCONT');
    await sleep(SECONDS_TO_COME_BACK * 1000);
  }
}

/** Half load, of whom that scenario has; the next time begins with the next of them. */
async function halfLoad(all, load, scenario, time) {
  for (const name of inTurn(SCENARIOS.find((one) => one.name === scenario).who, time)) {
    // beside that generator, whose share of the machine is not that of wrk
    const seen = await alone(all, name, async (one) => {
      const most = await asFastAsAnswered(one, load, settings.requests * 2);
      return fixedRate(one, load, Math.round(most.perSecond / 2), settings.secondsAtHalf);
    });
    ((results.halfLoad[load] ??= {})[name] ??= []).push(seen);
  }
}

async function check(all) {
  for (const [name, one] of Object.entries(all)) {
    if (one.redis) await checkRefresh(one);
    if (name.startsWith('portcullis-')) await checkForward(one, backends[name.slice('portcullis-'.length)]);
    else if (SCENARIOS.some(({ load, who }) => load === 'json' && who.includes(name))) await checkForward(one, backend);
  }
}

function keep(folder, name) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), JSON.stringify(results, null, 1) + '\n');
}

let all = {};
let [others, lasted] = [0, 0];
results.warmUps = [];
results.rounds = [];
results.halfLoad = {};
results.memory = {};
// what a JIT compiler makes of a program differs from process to process by a tenth: a ratio is not to be one process's luck
for (let set = 1; set <= settings.processes; set++) {
  if (set > 1) await check(all);
  for (const one of Object.values(all)) await one.end();
  say(`processes ${set} of ${settings.processes}: starting all, and checking what they answer`);
  all = await startAll();
  say('warming up');
  results.warmUps.push(await warmUp(all, settings.warmUp));
  say(`had before: ${JSON.stringify(results.warmUps.at(-1))}`);
  const [othersBefore, began] = [othersSeconds(), performance.now()];
  for (let i = 1; i <= settings.rounds; i++) {
    say(`round ${i} of ${settings.rounds}`);
    results.rounds.push(await round(all, settings.requests, results.rounds.length));
  }
  others += othersSeconds() - othersBefore;
  lasted += (performance.now() - began) / 1000;
  say('half load at a fixed rate');
  await halfLoad(all, 'refresh', 'refresh, 64 clients', set);
  await halfLoad(all, 'json', '1 KiB of JSON, 16 clients', set);
}
results.machine.othersPercent = Math.max(0, Math.round((others / lasted / results.machine.processors) * 100));

// not in vain should what follows fail
keep(WORK, 'rounds.json');
say('memory, the bare script, many sessions');
for (const [name, one] of Object.entries(all)) results.memory[name] = memoryMiB(one.pids());
results.bareScript = await bareScript(all.portcullis, 16, settings.requests * 10);
results.peersScript = peersScript(all['nginx-lua'], 16, settings.requests * 10);
await check(all);
results.sessions = {};
for (const name of ['portcullis', 'nginx-lua', 'express']) {
  results.sessions[name] = await manySessions(all[name], settings.sessions, settings.among);
}

keep(RESULTS, 'results.json');
write();
say(`written: ${RESULTS}`);
process.exit(0);
