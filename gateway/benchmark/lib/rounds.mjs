// The rounds: contestants one after the other under the same load, the next round begins with the next of them.
import { LOADS } from './load.mjs';
import { threadSeconds } from './processes.mjs';

const BATCHES = 8;
const COMPILERS_AT_MOST = 0.02;
const ROTATING = ['portcullis', 'nginx-lua', 'express'];
const FORWARDING = ['portcullis', 'plain-gateway', 'nginx'];

/** What is measured; `share` of REQUESTS is made. */
export const SCENARIOS = [
  { name: 'refresh, 1 client', load: 'refresh', clients: 1, share: 0.25, who: ROTATING },
  {
    name: 'refresh, 16 clients',
    load: 'refresh',
    clients: 16,
    share: 1,
    who: [...ROTATING, ...['HS256', 'ES256', 'EdDSA', 'ES256-both', 'EdDSA-both'].map((keys) => `portcullis-${keys}`)],
  },
  { name: 'refresh, 64 clients', load: 'refresh', clients: 64, share: 1, who: ROTATING },
  { name: '1 KiB of JSON, 16 clients', load: 'json', clients: 16, share: 1, who: FORWARDING },
  { name: '10 MiB download, 4 clients', load: 'download', clients: 4, share: 1 / 100, who: FORWARDING },
  { name: 'login, 16 clients', load: 'login', clients: 16, share: 0.5, who: FORWARDING },
];

/**
 * Lets JIT compilers do their work: every load that a contestant will meet, twice, since one that is new undoes what was compiled
 * for others; each until the compilers take next to nothing, and at most so many requests. How many each contestant had.
 */
export async function warmUp(contestants, most) {
  const had = {};
  for (let pass = 0; pass < 2; pass++) {
    for (const { load, clients, share, who } of SCENARIOS.filter(({ clients }) => clients > 1)) {
      for (const name of who) {
        const requests = await warmed(contestants[name], LOADS[load], clients, Math.ceil((most / 2) * share));
        had[name] = (had[name] ?? 0) + requests;
      }
    }
  }
  return had;
}

async function warmed(contestant, load, clients, most) {
  const batch = Math.ceil(most / BATCHES);
  for (let requests = batch; ; requests += batch) {
    const before = compilers(contestant);
    const { gatewayCpu } = await load(contestant, clients, batch);
    const share = (compilers(contestant) - before) / gatewayCpu;
    if (share < COMPILERS_AT_MOST || requests + batch > most) return requests;
  }
}

/** Processor seconds of a JVM's compilers; others have none with such names, and are warm after one batch. */
function compilers({ child }) {
  const threads = Object.entries(threadSeconds(child.pid));
  return threads.reduce((sum, [name, seconds]) => sum + (/^C[12] Compiler/.test(name) ? seconds : 0), 0);
}

/** All of them, beginning with another one each time. */
export const inTurn = (names, time) => names.map((_, i) => names[(time + i) % names.length]);

/** A measurement of each scenario's contestants: by scenario and name. */
export async function round(contestants, requests, number) {
  const measured = {};
  for (const { name: scenario, load, clients, share, who } of SCENARIOS) {
    measured[scenario] = {};
    for (const name of inTurn(who, number)) {
      measured[scenario][name] = await LOADS[load](contestants[name], clients, Math.ceil(requests * share));
    }
  }
  return measured;
}
