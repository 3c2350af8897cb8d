// Processes that the benchmark starts, and what the operating system says of them.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const READY_WITHIN_MS = 600000;
const running = new Set();

process.on('exit', () => running.forEach((child) => signalFamily(child, 'SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(130));
}

/** A port of the loopback interface that nobody listens on, below those that the system gives to connections. */
export async function freePort() {
  for (;;) {
    const port = 10000 + Math.floor(Math.random() * 20000);
    const free = await new Promise((resolve) => {
      const server = createServer()
        .once('error', () => resolve(false))
        .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** Starts a program in a folder of its own; what it prints is there in `output.txt`. */
export function start(folder, command, args, env = {}, cwd = folder) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'output.txt');
  const output = openSync(file, 'w');
  const startedAt = performance.now();
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', output, output] });
  closeSync(output);
  child.startedAt = startedAt;
  running.add(child);
  child.on('error', (failure) => (child.failure = failure));
  child.output = () => readFileSync(file, 'utf8');
  child.ended = new Promise((resolve) => child.on('close', resolve)).then(() => running.delete(child));
  return child;
}

/** Sends a signal to it and all it has started. */
export function signalFamily({ pid }, name) {
  for (const member of pid ? family(pid) : []) {
    try {
      process.kill(member, name);
    } catch {
      // has ended, alone or with its parent
    }
  }
}

/** Ends it and all it has started, at once. */
export async function end(child) {
  signalFamily(child, 'SIGKILL');
  await child.ended;
}

/** Waits until that address answers with that status, null for any; throws what the process printed if it ends before. */
export async function ready(child, url, status = 200) {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (child.failure || child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`${child.spawnfile} does not answer at ${url}: ${child.failure ?? child.output()}`);
    }
    try {
      const answer = await fetch(url);
      await answer.arrayBuffer();
      if (answer.status === (status ?? answer.status)) return;
    } catch {
      // not listening yet
    }
    await sleep(20);
  }
}

/** A process and all it has started. */
export function family(pid) {
  const children = new Map();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = statOf(entry);
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(entry)]);
  }
  const members = [pid];
  for (let i = 0; i < members.length; i++) members.push(...(children.get(members[i]) ?? []));
  return members;
}

/** utime + stime of those processes with all their threads, the ended ones too, seconds. */
export function cpuSeconds(pids) {
  return pids.reduce((sum, pid) => sum + (statOf(pid)?.ticks ?? 0), 0) / TICKS;
}

/** The same of one process, by the names of its threads without their numbers. */
export function threadSeconds(pid) {
  const seconds = {};
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = statOf(`${pid}/task/${thread}`);
    if (!stat) continue;
    const kind = readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim().replace(/[\d-]+$/, '');
    seconds[kind] = (seconds[kind] ?? 0) + stat.ticks / TICKS;
  }
  return seconds;
}

/** Processor seconds that everything else than this process and what it has started has had on this machine. */
export function othersSeconds() {
  const [user, nice, system, , , interrupts, soft] = readFileSync('/proc/stat', 'utf8').match(/\d+/g).map(Number);
  const own = family(process.pid).map((pid) => statOf(pid)).reduce((sum, one) => sum + (one?.ticks ?? 0) + (one?.ticksOfEnded ?? 0), 0);
  return (user + nice + system + interrupts + soft - own) / TICKS;
}

/** Resident memory of those processes, now and at its peak, MiB. */
export function memoryMiB(pids) {
  const sum = (name) =>
    pids.reduce((total, pid) => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return total + Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]);
    }, 0) / 1024;
  return { rss: sum('VmRSS'), peak: sum('VmHWM') };
}

function statOf(pid) {
  try {
    // the command's name may hold spaces and brackets: what counts stands behind the last one
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    const [own, ended] = [Number(fields[11]) + Number(fields[12]), Number(fields[13]) + Number(fields[14])];
    return { parent: Number(fields[1]), ticks: own, ticksOfEnded: ended };
  } catch {
    // ended meanwhile
    return null;
  }
}
