// Where things are.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The benchmark's own folder, the repository's root, and where what a run needs is put. */
export const HERE = fileURLToPath(new URL('..', import.meta.url));
export const ROOT = join(HERE, '../..');
export const WORK = process.env.BENCHMARK_FOLDER ?? join(ROOT, 'gateway/target/benchmark');
export const RESULTS = process.env.RESULTS ?? join(HERE, 'results');
