// A redis-server of a contestant's own, and redis-cli beside it.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, freePort, start } from './processes.mjs';

/** Keeps nothing on disk: of the same program for all, whose disk would be measured too. */
export async function startRedis(folder) {
  const port = await freePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  const child = start(folder, 'redis-server', args);
  const redis = {
    port,
    pid: child.pid,
    end: () => end(child),
    command: (...command) => cli(port, command),
    /** Many commands in one go: an array each. Throws where one fails. */
    all(commands) {
      const answers = cli(port, [], commands.map((command) => command.map(quoted).join(' ')).join('\n') + '\n');
      const failed = answers.split('\n').find((line) => /^(ERR|WRONG|NOSCRIPT)/.test(line));
      if (failed) throw new Error(failed);
      return answers;
    },
    /** What its keys take, and its scripts; without the buffers of its clients. */
    usedBytes() {
      const information = cli(port, ['INFO', 'memory']);
      const value = (name) => Number(information.match(new RegExp(`^${name}:(\\d+)`, 'm'))[1]);
      return value('used_memory') - value('mem_clients_normal');
    },
    /** Calls by command since the server was started or told to forget. */
    calls() {
      const lines = cli(port, ['INFO', 'commandstats']).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
      return Object.fromEntries([...lines].map(([, name, calls]) => [name, Number(calls)]));
    },
  };
  for (let tried = 0; ; tried++) {
    try {
      if (redis.command('PING') === 'PONG\n') return redis;
    } catch (failure) {
      if (tried > 100 || child.failure) throw child.failure ?? failure;
    }
    await sleep(50);
  }
}

const quoted = (text) => JSON.stringify(String(text));

function cli(port, command, input) {
  return execFileSync('redis-cli', ['-p', String(port), ...command], {
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
}
