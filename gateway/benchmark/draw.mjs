// Draws results/results.json again: the charts beside it and the tables of README.md. With --check it changes nothing, and
// fails where what is there is not what the results say.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { charts } from './lib/charts.mjs';
import { HERE, RESULTS } from './lib/folders.mjs';
import { markdown } from './lib/tables.mjs';

const [BEGIN, END] = ['<!-- results: written by draw.mjs -->\n', '<!-- end of results -->\n'];

/** What belongs where, by file. */
function drawn() {
  const results = JSON.parse(readFileSync(join(RESULTS, 'results.json'), 'utf8'));
  const files = Object.entries(charts(results)).map(([name, text]) => [join(RESULTS, name), text]);
  const tables = `${BEGIN}\n${markdown(results)}\n\n${END}`;
  // of another folder for results, README.md does not tell
  if (process.env.RESULTS) return [...files, [join(RESULTS, 'results.md'), tables]];
  const readme = join(HERE, 'README.md');
  const [before, rest] = readFileSync(readme, 'utf8').split(BEGIN);
  return [...files, [readme, before + tables + rest.split(END)[1]]];
}

export function write() {
  for (const [file, text] of drawn()) writeFileSync(file, text);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv[2] === '--check') {
    const stale = drawn().filter(([file, text]) => readFileSync(file, 'utf8') !== text).map(([file]) => file);
    if (stale.length > 0) {
      console.error(`not what results.json says: ${stale.join(', ')}`);
      process.exit(1);
    }
  } else {
    write();
  }
}
