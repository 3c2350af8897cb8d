// From the start of a process until it answers: wall time, and the processor time that it took.
import { performance } from 'node:perf_hooks';
import { cpuSeconds } from './processes.mjs';

/** `start` starts a contestant, whose Redis is not counted. */
export async function startUp(start) {
  const contestant = await start();
  await contestant.ready();
  const seconds = (performance.now() - contestant.child.startedAt) / 1000;
  const cpu = cpuSeconds(contestant.pids());
  await contestant.end();
  return { seconds, cpu };
}
