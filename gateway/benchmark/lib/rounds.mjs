// The rounds: contestants one after the other under the same load, the next round begins with the next of them.
import { LOADS } from './load.mjs';

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
    who: [...ROTATING, 'portcullis-ES256', 'portcullis-EdDSA'],
  },
  { name: 'refresh, 64 clients', load: 'refresh', clients: 64, share: 1, who: ROTATING },
  { name: '1 KiB of JSON, 16 clients', load: 'json', clients: 16, share: 1, who: FORWARDING },
  { name: '10 MiB download, 4 clients', load: 'download', clients: 4, share: 1 / 200, who: FORWARDING },
  { name: 'login, 16 clients', load: 'login', clients: 16, share: 0.5, who: FORWARDING },
];

/** Lets JIT compilers do their work: every load that a contestant will meet, until so many requests were made. */
export async function warmUp(contestants, requests) {
  for (const { load, clients, share, who } of SCENARIOS.filter(({ clients }) => clients > 1)) {
    for (const name of who) await LOADS[load](contestants[name], clients, Math.ceil(requests * Math.min(share, 0.5)));
  }
}

/** A measurement of each scenario's contestants: by scenario and name. */
export async function round(contestants, requests, number) {
  const measured = {};
  for (const { name: scenario, load, clients, share, who } of SCENARIOS) {
    measured[scenario] = {};
    for (let i = 0; i < who.length; i++) {
      const name = who[(number + i) % who.length];
      measured[scenario][name] = await LOADS[load](contestants[name], clients, Math.ceil(requests * share));
    }
  }
  return measured;
}
