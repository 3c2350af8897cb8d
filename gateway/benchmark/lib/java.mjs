// How the two gateways on the JVM are run: both as the image runs ours (see Containerfile), with its flags, a pod's heap and,
// where the JDK can, a cache of classes.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, WORK } from './folders.mjs';

/** A program of the JDK. */
export const tool = (name) => (process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', name) : name);
const JAVA = tool('java');
const containerfile = readFileSync(join(ROOT, 'Containerfile'), 'utf8');
const [, toolOptions] = containerfile.match(/^ENV JAVA_TOOL_OPTIONS="(.*)"$/m);
const [heap] = containerfile.match(/-Xmx\w+/);
const FLAGS = [...toolOptions.split(' '), heap];
const JAVA_VERSION = execFileSync(JAVA, ['--version'], { encoding: 'utf8' }).split('\n')[0];
const CACHES = Number(JAVA_VERSION.match(/\d+/)[0]) >= 25;

export const jvm = { version: JAVA_VERSION, flags: FLAGS.join(' '), caches: CACHES };

/** Unpacks an executable jar as the image's build does, and trains a cache of classes by a start that ends before it listens. */
export function prepare(name, jar, env, args = []) {
  const folder = join(WORK, `${name}-app`);
  if (process.env.SKIP_BUILD && existsSync(folder)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync(JAVA, ['-Djarmode=tools', '-jar', jar, 'extract', '--destination', folder]);
  if (CACHES) {
    const training = [`-XX:AOTCacheOutput=${join(folder, 'cache.aot')}`, '-Dspring.context.exit=onRefresh'];
    const program = [...FLAGS, ...training, '-jar', join(folder, `${name}.jar`), ...args];
    execFileSync(JAVA, program, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

/** What `start` is given to run a prepared one. */
export function command(name, cached = CACHES) {
  const folder = join(WORK, `${name}-app`);
  const cache = cached ? [`-XX:AOTCache=${join(folder, 'cache.aot')}`] : [];
  return [JAVA, [...FLAGS, ...cache, '-jar', join(folder, `${name}.jar`)]];
}
