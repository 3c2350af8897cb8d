// On what, and of what: a result says it.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT, WORK } from './folders.mjs';
import { jvm } from './java.mjs';

const said = (command, args, pattern) => {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return (stdout + stderr).match(pattern)?.[1] ?? 'unknown';
};

export function machine() {
  return {
    processor: cpus()[0].model,
    processors: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  };
}

export function versions() {
  const modules = (name) => JSON.parse(readFileSync(join(WORK, 'express-app/node_modules', name, 'package.json'))).version;
  const jars = readdirSync(join(WORK, 'portcullis-gateway-app/lib')).join('\n');
  const jar = (name) => jars.match(new RegExp(`^${name}-([\\d.]+\\w*)\\.jar$`, 'm'))?.[1];
  return {
    java: jvm.version,
    'spring-boot': jar('spring-boot'),
    'spring-cloud-gateway': jar('spring-cloud-gateway-server-webflux'),
    netty: jar('netty-transport'),
    lettuce: jar('lettuce-core'),
    'redis-server': said('redis-server', ['--version'], /v=(\S+)/),
    nginx: said('nginx', ['-v'], /nginx\/(\S+)/),
    node: process.versions.node,
    express: modules('express'),
    ioredis: modules('ioredis'),
    jsonwebtoken: modules('jsonwebtoken'),
    wrk: said('wrk', ['--version'], /^wrk (\S+)/),
  };
}

export function commit() {
  const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short=10', 'HEAD') + (git('status', '--porcelain') ? ' and changes' : '');
  } catch {
    return 'unknown';
  }
}
