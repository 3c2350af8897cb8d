// Who takes part, and how each is started. What a contestant cannot do it lacks.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HERE, ROOT, WORK } from './folders.mjs';
import { command, prepare } from './java.mjs';
import { end, family, freePort, ready, signalFamily, start } from './processes.mjs';
import { startRedis } from './redis.mjs';
import { accessToken, loginAnswers, newKey, peerSession } from './tokens.mjs';

const SCRIPT = join(HERE, 'peers/rotate_session.lua');
const DOWNLOAD_BYTES = 10 << 20;
export const JSON_PATH = '/api/things';
export const LOGIN_PATH = '/api/auth/local/login';
// all clients have one address here, and few chains: the limiter counts as ever and lets all pass; more it does not take
const LIMITS = ['per-address', 'address-burst', 'per-session', 'session-burst'].map(
  (limit) => `--portcullis.refresh.limit.${limit}=1000000`,
);

/** A backend, the keys that it shares with a contestant, and the contestant's own. */
export async function startBackend(algorithm, ofRefreshTokens = algorithm) {
  const folder = join(WORK, `backend-${algorithm}-${ofRefreshTokens}`);
  mkdirSync(folder, { recursive: true });
  const access = newKey(join(folder, 'access-token-keys.json'), algorithm);
  const refresh = newKey(join(folder, 'refresh-token-keys.json'), ofRefreshTokens, 'benchmark');
  writeFileSync(join(folder, 'things.json'), oneKibibyteOfJson());
  writeFileSync(join(folder, 'download'), Buffer.alloc(DOWNLOAD_BYTES, 'portcullis'));
  const users = (...range) => writeFileSync(join(folder, 'logins'), loginAnswers(access, ...range).join('\n') + '\n');
  users();
  const nginx = await startNginx(folder, 'backend', { HERE: folder });
  await ready(nginx.child, `http://127.0.0.1:${nginx.port}${JSON_PATH}`);
  return {
    algorithm,
    port: nginx.port,
    access,
    refresh,
    bearer: accessToken(access),
    /** Has so many others log in from now on, from that number on. */
    async nextUsers(first, count) {
      users(first, count);
      const read = await (await fetch(`http://127.0.0.1:${nginx.port}/read-logins`)).text();
      assert.equal(Number(read), count);
    },
  };
}

function oneKibibyteOfJson() {
  const things = Array.from({ length: 10 }, (_, id) => ({ id, name: `thing ${id}`, tags: ['a', 'b'], price: id / 4 }));
  const padding = 1024 - JSON.stringify({ things, padding: '' }).length;
  return JSON.stringify({ things, padding: 'x'.repeat(padding) });
}

async function startNginx(folder, template, values, env) {
  const port = await freePort();
  const filled = Object.entries({ PORT: port, MODULES: process.env.NGINX_MODULES, ...values }).reduce(
    (text, [name, value]) => text.replaceAll(`\${${name}}`, value),
    readFileSync(join(HERE, template, 'nginx.conf'), 'utf8'),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'nginx.conf'), filled);
  const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
  // root's workers would be nobody, who may not read what is here
  const asRoot = process.getuid() === 0 ? ['-g', 'user root;'] : [];
  return { port, child: start(folder, 'nginx', [...args, ...asRoot], env) };
}

/** Variables that all who rotate have. */
function keysAndRedis(backend, redis) {
  return {
    ACCESS_TOKEN_KEYS: backend.access.file,
    REFRESH_TOKEN_KEYS: backend.refresh.file,
    BACKEND_URI: `http://127.0.0.1:${backend.port}`,
    SPRING_DATA_REDIS_URL: `redis://127.0.0.1:${redis?.port ?? 1}`,
    REDIS_PORT: String(redis?.port),
    ROTATE_SCRIPT: SCRIPT,
    NODE_ENV: 'production',
  };
}

/** Unpacks the two gateways on the JVM as they were just built, and trains their caches of classes. */
export function prepareGateways(backend) {
  const training = [`--spring.config.additional-location=${join(ROOT, 'gateway/src/image/training')}/`];
  prepare('portcullis-gateway', join(ROOT, 'gateway/target/portcullis-gateway.jar'), keysAndRedis(backend), training);
  const plain = join(HERE, 'peers/plain-gateway/target/plain-gateway.jar');
  prepare('plain-gateway', plain, keysAndRedis(backend));
}

/** Portcullis as a deployer has it: configured by config/ alone. */
export async function startPortcullis(name, backend, cached) {
  const redis = await startRedis(join(WORK, `${name}-redis`));
  const [port, management] = [await freePort(), await freePort()];
  const [java, args] = command('portcullis-gateway', cached);
  const env = { ...keysAndRedis(backend, redis), SERVER_PORT: port, MANAGEMENT_SERVER_PORT: management };
  const child = start(join(WORK, name), java, [...args, ...LIMITS], env, ROOT);
  const gateway = contestant(name, backend, child, port, `http://127.0.0.1:${management}/actuator/health/readiness`, redis);
  gateway.newTokens = (count) => logins(gateway, count);
  return gateway;
}

export async function startPlainGateway(name, backend, cached) {
  const port = await freePort();
  const [java, args] = command('plain-gateway', cached);
  const child = start(join(WORK, name), java, args, { ...keysAndRedis(backend), SERVER_PORT: port });
  return contestant(name, backend, child, port, `http://127.0.0.1:${port}${JSON_PATH}`);
}

export async function startPlainNginx(name, backend) {
  const { port, child } = await startNginx(join(WORK, name), 'peers/nginx', { BACKEND_PORT: backend.port });
  return contestant(name, backend, child, port, `http://127.0.0.1:${port}${JSON_PATH}`);
}

export async function startNginxLua(name, backend) {
  const redis = await startRedis(join(WORK, `${name}-redis`));
  const here = join(HERE, 'peers/nginx-lua');
  const { port, child } = await startNginx(join(WORK, name), 'peers/nginx-lua', { HERE: here }, keysAndRedis(backend, redis));
  return peer(name, child, port, redis, backend);
}

export async function startExpress(name, backend) {
  const redis = await startRedis(join(WORK, `${name}-redis`));
  const port = await freePort();
  const folder = join(WORK, 'express-app');
  const env = { ...keysAndRedis(backend, redis), PORT: String(port) };
  return peer(name, start(join(WORK, name), process.execPath, [join(folder, 'server.js')], env, folder), port, redis, backend);
}

function peer(name, child, port, redis, backend) {
  const made = contestant(name, backend, child, port, null, redis);
  let user = 0;
  made.newTokens = async (count) => {
    const sessions = Array.from({ length: count }, () => peerSession(backend.refresh, user++));
    redis.all(sessions.flatMap(({ sid }) => [
      ['HSET', `session:${sid}`, 'gen', 0],
      ['PEXPIRE', `session:${sid}`, 14 * 86400 * 1000],
    ]));
    return sessions.map(({ token }) => token);
  };
  return made;
}

function contestant(name, backend, child, port, readyUrl, redis) {
  return {
    name,
    port,
    redis,
    child,
    /** An access token, for who forwards. */
    bearer: backend.bearer,
    /** Waits until it answers; a hand-written peer until it refuses what is no token. */
    ready: () => ready(child, readyUrl ?? `http://127.0.0.1:${port}/api/auth/refresh`, readyUrl ? 200 : null),
    pids: () => family(child.pid),
    /** To its processes and its Redis. */
    signal(signal) {
      signalFamily(child, signal);
      if (redis) signalFamily(redis, signal);
    },
    async end() {
      await end(child);
      await redis?.end();
    },
  };
}

async function logins(gateway, count) {
  const one = async () => {
    const answer = await fetch(`http://127.0.0.1:${gateway.port}${LOGIN_PATH}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"email":"ada@example.com","password":"open sesame"}',
    });
    return (await answer.json()).refreshToken;
  };
  const tokens = [];
  while (tokens.length < count) {
    tokens.push(...(await Promise.all(Array.from({ length: Math.min(64, count - tokens.length) }, one))));
  }
  return tokens;
}
