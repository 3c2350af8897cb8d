// Whose processor time it is: a recording's samples by the innermost frame that is somebody's, so that what the JDK does counts
// for who called it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { tool } from './java.mjs';

const SYSTEM_CALL = /^io\.netty\.channel\.(epoll\.Native|unix\.(Socket|FileDescriptor))\./;
/** Names of packages begin with these; the first that fits counts. */
const PARTS = [
  ['io.portcullis.token.', 'Portcullis: tokens'],
  ['io.portcullis.', 'Portcullis: the rest'],
  ['com.amazon.corretto.', 'AWS-LC'],
  ['tools.jackson.', 'Jackson'],
  ['io.lettuce.', 'Lettuce'],
  ['reactor.netty.', 'reactor-netty'],
  ['reactor.', 'Reactor'],
  ['io.netty.', 'Netty, without system calls'],
  ['org.springframework.', 'Spring'],
  ['io.github.resilience4j.', 'Resilience4j'],
  ['io.github.bucket4j.', 'Caffeine and Bucket4j'],
  ['com.github.benmanes.', 'Caffeine and Bucket4j'],
  ['io.micrometer.', 'Micrometer'],
];

/** Shares of the samples of the threads with such a name, by part, the largest first. */
export async function parts(recording, thread) {
  const counted = {};
  let samples = 0;
  for await (const { name, frames } of stacks(recording)) {
    if (!thread.test(name) || frames.length === 0) continue;
    samples++;
    const part = partOf(frames);
    counted[part] = (counted[part] ?? 0) + 1;
  }
  return Object.entries(counted)
    .map(([part, count]) => [part, count / samples])
    .sort(([, one], [, other]) => other - one);
}

function partOf(frames) {
  if (SYSTEM_CALL.test(frames[0])) return 'system calls';
  for (const frame of frames) {
    const found = PARTS.find(([start]) => frame.startsWith(start));
    if (found) return found[1];
  }
  return 'others';
}

/** A thread's name and its frames, the innermost first, of each sample. */
async function* stacks(recording) {
  const jfr = spawn(tool('jfr'), ['print', '--events', 'jdk.CPUTimeSample', '--stack-depth', '512', recording]);
  let sample;
  for await (const line of createInterface({ input: jfr.stdout })) {
    const text = line.trim();
    if (text.startsWith('jdk.CPUTimeSample')) sample = { name: '', frames: [] };
    else if (text === '}') yield sample;
    else if (text.startsWith('eventThread')) sample.name = text;
    else if (sample) {
      const [, frame] = text.match(/^([\w.$/<>]+)\(/) ?? [];
      if (frame) sample.frames.push(frame);
    }
  }
}
