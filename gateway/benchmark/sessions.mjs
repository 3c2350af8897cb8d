// A million sessions of as many subjects, none of them a copy: opened by logins a tenth at a time, and each refreshed, so that the
// last tenth is refreshed among all of them. Prints what a refresh cost. `run sessions` starts it; SESSIONS makes it shorter or longer.
import { prepareGateways, startBackend, startPortcullis } from './lib/contestants.mjs';
import { LOADS, refreshAll } from './lib/load.mjs';

const PARTS = 10;
const CLIENTS = 16;
const sessions = Math.ceil(Number(process.env.SESSIONS ?? 1000000) / PARTS);
const warmUp = Number(process.env.WARM_UP ?? 150000);

const backend = await startBackend('HS256', 'HS256');
prepareGateways(backend);
const gateway = await startPortcullis('portcullis', backend);
await gateway.ready();
await LOADS.refresh(gateway, CLIENTS, warmUp);
gateway.redis.command('FLUSHALL', 'SYNC');
const empty = gateway.redis.usedBytes();

console.log(['sessions', 'CPU s / 1,000 refreshes', 'of it Redis', 'bytes a session', 'keys in Redis'].join('\t'));
for (let part = 1; part <= PARTS; part++) {
  await backend.nextUsers(sessions * (part - 1), sessions);
  const tokens = await gateway.newTokens(sessions);
  const { gatewayCpu, redisCpu, requests } = await refreshAll(gateway, tokens, CLIENTS, sessions);
  const thousands = requests / 1000;
  const each = (gateway.redis.usedBytes() - empty) / (sessions * part);
  const cpu = [gatewayCpu + redisCpu, redisCpu].map((seconds) => (seconds / thousands).toFixed(3));
  console.log([sessions * part, ...cpu, Math.round(each), gateway.redis.command('DBSIZE').trim()].join('\t'));
}
process.exit(0);
