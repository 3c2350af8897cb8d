// What the gateway's processor time goes into: a JFR recording under load, and its hottest methods. `run profile` starts it.
// Argument: refresh (the default), json, download or login.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { prepareGateways, startBackend, startPortcullis } from './lib/contestants.mjs';
import { WORK } from './lib/folders.mjs';
import { jvm, tool } from './lib/java.mjs';
import { LOADS } from './lib/load.mjs';
import { parts } from './lib/parts.mjs';
import { threadSeconds } from './lib/processes.mjs';

if (!jvm.caches) {
  console.error(`samples of processor time take JDK 25, and this is ${jvm.version}`);
  process.exit(1);
}
const load = LOADS[process.argv[2] ?? 'refresh'];
const requests = Number(process.env.REQUESTS ?? 40000);
const recording = join(WORK, `${process.argv[2] ?? 'refresh'}.jfr`);
const SAMPLES = ['jdk.CPUTimeSample#enabled=true', 'jdk.CPUTimeSample#throttle=2ms'];

const backend = await startBackend(process.env.ALGORITHM ?? 'HS256');
prepareGateways(backend);
const gateway = await startPortcullis('portcullis', backend);
await gateway.ready();
await load(gateway, 16, requests);
const jcmd = (...args) => execFileSync(tool('jcmd'), [String(gateway.child.pid), ...args], { encoding: 'utf8' });
// a reactive call is deep
jcmd('JFR.configure', 'stackdepth=512');
jcmd('JFR.start', 'name=load', 'settings=profile', ...SAMPLES);
const before = threadSeconds(gateway.child.pid);
console.log(await load(gateway, 16, requests));
const after = threadSeconds(gateway.child.pid);
jcmd('JFR.stop', 'name=load', `filename=${recording}`);
for (const view of ['cpu-time-hot-methods', 'hot-methods', 'allocation-by-class', 'allocation-by-site']) {
  console.log(execFileSync(tool('jfr'), ['view', '--width', '140', '--truncate', 'beginning', view, recording], { encoding: 'utf8' }));
}
console.log("of the event loops' time:");
for (const [part, share] of await parts(recording, /reactor-http/)) {
  if (share >= 0.005) console.log(`${(share * 100).toFixed(1).padStart(8)} %  ${part}`);
}
console.log('processor seconds by kind of thread, those of the JIT compilers (C1, C2) and the collector among them');
for (const [kind, seconds] of Object.entries(after)) {
  const had = seconds - (before[kind] ?? 0);
  if (had >= 0.1) console.log(`${had.toFixed(1).padStart(8)}  ${kind}`);
}
console.log(recording);
process.exit(0);
