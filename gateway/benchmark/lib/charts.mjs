// The results as bars, in SVG: readable on a light page and a dark one.
import { median, medians } from './summary.mjs';
import { byLabel, LABELS, ratios } from './tables.mjs';

const WIDTH = 760;
const NAMES = 250;
const VALUES = 70;
const ROW = 26;
const TOP = 44;
const OURS = '#2f6fde';
const THEIRS = '#9aa3ad';
const REDIS = '#d9534f';

/** Files by name. */
export function charts(results) {
  return {
    'ratios.svg': ratioChart(results),
    'refresh.svg': cpuChart(results, 'refresh, 16 clients', 'CPU seconds for 1,000 refreshes, 16 clients (red: Redis)'),
    'forward.svg': cpuChart(results, '1 KiB of JSON, 16 clients', 'CPU seconds for 1,000 forwarded requests of 1 KiB, 16 clients'),
    'half-load.svg': halfLoadChart(results),
    'memory.svg': memoryChart(results),
    'start.svg': startChart(results),
  };
}

function cpuChart({ rounds }, scenario, title) {
  const rows = Object.keys(rounds[0][scenario]).sort(byLabel).map((name) => {
    const { gateway, redis, both } = medians(rounds, scenario, name);
    return { label: LABELS[name], parts: [[gateway, colourOf(name)], [redis, REDIS]], value: both.toFixed(3) };
  });
  return bars(title, rows);
}

const colourOf = (name) => (name.startsWith('portcullis') ? OURS : THEIRS);

function halfLoadChart({ halfLoad }) {
  const rows = Object.keys(halfLoad.refresh).sort(byLabel).map((name) => {
    const p99 = median(halfLoad.refresh[name].map((seen) => seen.p99Ms));
    return { label: LABELS[name], parts: [[p99, colourOf(name)]], value: p99.toFixed(1) };
  });
  return bars('p99 of a refresh at half load, ms', rows);
}

function memoryChart({ memory }) {
  const rows = Object.keys(memory).sort(byLabel).map((name) => {
    return { label: LABELS[name], parts: [[memory[name].peak, colourOf(name)]], value: memory[name].peak.toFixed(0) };
  });
  return bars('Resident memory at its peak, MiB', rows);
}

function startChart({ startUps }) {
  const rows = Object.keys(startUps).sort(byLabel).map((start) => {
    const [name, how] = start.split(', ');
    const cpu = median(startUps[start].map((one) => one.cpu));
    return { label: LABELS[name] + (how ? `, ${how}` : ''), parts: [[cpu, colourOf(name)]], value: cpu.toFixed(2) };
  });
  return bars('A start, CPU seconds until it answers', rows);
}

function ratioChart(results) {
  const rows = ratios(results).map(({ what, ratio, most }) => ({
    label: what.replace('Spring Cloud Gateway', 'SCG').replace('forwarding through ', '').replace('for access tokens', 'for access'),
    parts: [[ratio, OURS]],
    mark: most,
    value: `${ratio.toFixed(2)}×`,
  }));
  return bars('Processor time, as a ratio (line: the target)', rows, 420);
}

function bars(title, rows, names = NAMES) {
  const most = Math.max(...rows.map(({ parts, mark = 0 }) => Math.max(mark, sum(parts))));
  const scale = (WIDTH - names - VALUES) / most;
  const height = TOP + rows.length * ROW + 8;
  const lines = rows.map((row, i) => drawn(row, TOP + i * ROW, names, scale));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${title}</title>`,
    '<style>text{font:13px sans-serif;fill:#24292f}line{stroke:#24292f}',
    '@media(prefers-color-scheme:dark){text{fill:#e6edf3}line{stroke:#e6edf3}}</style>',
    `<text x="8" y="24" style="font-weight:bold">${title}</text>`,
    ...lines,
    '</svg>\n',
  ].join('\n');
}

function drawn({ label, parts, mark, value }, y, names, scale) {
  let x = names;
  const rectangles = parts.map(([size, colour]) => {
    const width = size * scale;
    const rectangle = `<rect x="${at(x)}" y="${y}" width="${at(width)}" height="${ROW - 8}" fill="${colour}"/>`;
    x += width;
    return rectangle;
  });
  const line = mark ? `<line x1="${at(names + mark * scale)}" x2="${at(names + mark * scale)}" y1="${y - 3}" y2="${y + ROW - 5}"/>` : '';
  const end = Math.max(x, names + (mark ?? 0) * scale);
  return (
    `<text x="${names - 8}" y="${y + 14}" text-anchor="end">${label}</text>${rectangles.join('')}${line}` +
    `<text x="${at(end + 6)}" y="${y + 14}">${value}</text>`
  );
}

const sum = (parts) => parts.reduce((total, [size]) => total + size, 0);
const at = (number) => number.toFixed(1);
