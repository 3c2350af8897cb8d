// The results as Markdown.
import { median, medians, perThousand, ratio } from './summary.mjs';

export const LABELS = {
  portcullis: 'Portcullis',
  'portcullis-ES256': 'Portcullis, ES256 for access tokens',
  'portcullis-EdDSA': 'Portcullis, EdDSA for access tokens',
  'portcullis-ES256-both': 'Portcullis, ES256 for both',
  'portcullis-EdDSA-both': 'Portcullis, EdDSA for both',
  'nginx-lua': 'nginx + Lua, hand-built',
  express: 'Express, hand-written',
  'plain-gateway': 'Spring Cloud Gateway, plain',
  nginx: 'nginx',
};
const REFRESH = 'refresh, 16 clients';
const JSON_FORWARD = '1 KiB of JSON, 16 clients';
const OWN = { redis: false };

/** The targets: what against what, and at most how much. */
export const TARGETS = [
  ['a refresh: against nginx + Lua', [REFRESH, 'portcullis'], [REFRESH, 'nginx-lua'], {}, 1],
  ['a refresh: against Express', [REFRESH, 'portcullis'], [REFRESH, 'express'], {}, 0.25],
  ['a refresh, gateway alone: against forwarding through plain Spring Cloud Gateway', [REFRESH, 'portcullis'], [JSON_FORWARD, 'plain-gateway'], OWN, 0.6],
  ['1 KiB of JSON: against plain Spring Cloud Gateway', [JSON_FORWARD, 'portcullis'], [JSON_FORWARD, 'plain-gateway'], OWN, 1],
  ['a 10 MiB download: against plain Spring Cloud Gateway', ['10 MiB download, 4 clients', 'portcullis'], ['10 MiB download, 4 clients', 'plain-gateway'], OWN, 1],
  ['ES256 for access tokens, HS256 for refresh tokens: against HS256 alone', [REFRESH, 'portcullis-ES256'], [REFRESH, 'portcullis'], {}, 1.5],
  ['EdDSA for access tokens: the same', [REFRESH, 'portcullis-EdDSA'], [REFRESH, 'portcullis'], {}, 1.5],
  ['ES256 for both', [REFRESH, 'portcullis-ES256-both'], [REFRESH, 'portcullis'], {}, 1.5],
  ['EdDSA for both', [REFRESH, 'portcullis-EdDSA-both'], [REFRESH, 'portcullis'], {}, 1.5],
];

/** The targets that are no ratio: what, how much it is and is to be at most, and in what. */
function amounts({ rounds, halfLoad, sessions, startUps }) {
  const { calls, requests } = rounds.at(-1)[REFRESH].portcullis;
  const { opened, refreshed } = sessions.portcullis;
  const cpu = startUps.portcullis.map((start) => start.cpu);
  return [
    ['p99 of a refresh at half load', median(halfLoad.refresh.portcullis.map((seen) => seen.p99Ms)), 10, 'ms', 1],
    ['commands that a refresh sends to Redis', Number((calls.evalsha / requests).toFixed(2)), 1, '', 0],
    ['what a session takes in Redis', Math.max(opened, refreshed), 400, 'bytes', 0],
    ['a start until it is ready', median(cpu), 2.5, 's of processor time', 1],
  ];
}

export function ratios({ rounds }) {
  return TARGETS.map(([what, one, other, which, most]) => ({ what, most, ratio: ratio(rounds, one, other, which) }));
}

/** Everything that README.md shows between its marks. */
export function markdown(results) {
  return [
    origin(results),
    targets(results),
    ...Object.keys(results.rounds[0]).map((scenario) => measured(results, scenario)),
    halfLoad(results),
    redis(results),
    processes(results),
  ].join('\n\n');
}

function origin({ date, commit, machine, versions, jvm, settings }) {
  const { java, ...others } = versions;
  const list = Object.entries(others).map(([name, version]) => `${name} ${version}`).join(', ');
  return (
    `Of ${date}, commit ${commit}: ${machine.processor}, ${machine.processors} processors, Linux ${machine.kernel}; ${java}; ${list}. ` +
    `Flags of both JVMs: \`${jvm.flags}\`. ${settings.rounds} rounds of ${settings.requests} requests with each of ${settings.processes} processes. ` +
    `In the rounds other programs had ${machine.othersPercent} % of the machine's processor time${machine.othersPercent > 5 ? ': too much, these numbers are rough' : ''}.`
  );
}

function targets(results) {
  const rows = ratios(results).map(({ what, ratio, most }) => [what, x(ratio), x(most), ratio <= most ? 'yes' : 'no']);
  const head = ['', 'ratio', 'target, at most', 'met'];
  const others = amounts(results).map(([what, much, most, unit, digits]) => {
    return [what, `${n(much, digits)} ${unit}`.trim(), String(most), much <= most ? 'yes' : 'no'];
  });
  return (
    `**Processor time, as a ratio** (medians of the ratios in the same round):\n\n${table(head, rows)}\n\n` +
    `**The other targets**:\n\n${table(['', 'is', 'target, at most', 'met'], others)}`
  );
}

function measured({ rounds }, scenario) {
  const rows = Object.keys(rounds[0][scenario]).sort(byLabel).map((name) => {
    const m = medians(rounds, scenario, name);
    return [LABELS[name], n(m.both), n(m.gateway), n(m.redis), n(m.perSecond, 0), n(m.p50Ms, 2), n(m.p99Ms, 2)];
  });
  const head = ['', 'CPU s / 1,000', 'of it gateway', 'Redis', 'requests / s', 'p50 ms', 'p99 ms'];
  return `**${scenario[0].toUpperCase()}${scenario.slice(1)}**:\n\n${table(head, rows)}`;
}

function halfLoad({ halfLoad }) {
  const rows = Object.entries(halfLoad).flatMap(([load, seen]) =>
    Object.keys(seen).sort(byLabel).map((name) => {
      const of = (value) => median(seen[name].map(value));
      const [rate, p50, p99, longest] = [of((s) => s.rate), of((s) => s.p50Ms), of((s) => s.p99Ms), of((s) => s.maxMs)];
      return [load === 'json' ? '1 KiB of JSON' : load, LABELS[name], n(rate, 0), n(p50, 1), n(p99, 1), n(longest, 1)];
    }),
  );
  return `**Half load at a fixed rate** (medians, of one measurement with each process):\n\n${table(['', '', 'requests / s', 'p50 ms', 'p99 ms', 'longest ms'], rows)}`;
}

function redis({ rounds, bareScript, sessions }) {
  const redisOnly = (measured) => n(perThousand(measured, { gateway: false }));
  const rows = Object.keys(sessions).sort(byLabel).map((name) => {
    const s = sessions[name];
    return [LABELS[name], s.opened, s.refreshed, commands(rounds, name), redisOnly(s.alone), redisOnly(s.amongCopies)];
  });
  rows.push(['the bare script, by redis-benchmark', '', '', '', n((bareScript.redisCpu / bareScript.requests) * 1000), '']);
  const { refreshesEach, sessions: few, among } = sessions.portcullis;
  const often = `after ${refreshesEach} refreshes`;
  const head = ['', 'bytes a session', often, 'commands a refresh', `CPU s / 1,000, of ${few} sessions`, `among ${among}`];
  return `**Redis**. The first command is the one that is sent, the others are the script's:\n\n${table(head, rows)}`;
}

function commands(rounds, name) {
  const { calls, requests } = rounds.at(-1)[REFRESH][name];
  const often = Object.entries(calls).map(([command, count]) => [command, count / requests]).filter(([, each]) => each >= 0.05);
  const sent = ([command]) => command === 'evalsha';
  return [...often.filter(sent), ...often.filter((one) => !sent(one))]
    .map(([command, each]) => `${command} ${n(each, Math.abs(each - Math.round(each)) < 0.02 ? 0 : 2)}`)
    .join(', ');
}

function processes({ startUps, memory }) {
  const rows = Object.keys({ ...startUps, ...memory }).sort(byLabel).map((start) => {
    const [name, how] = start.split(', ');
    const of = (value) => (startUps[start] ? n(median(startUps[start].map(value)), 2) : '');
    const m = how ? undefined : memory[name];
    return [
      LABELS[name] + (how ? `, ${how}` : ''),
      of((one) => one.cpu),
      of((one) => one.seconds),
      m ? n(m.rss, 0) : '',
      m ? n(m.peak, 0) : '',
    ];
  });
  return `**The process**: until it answers, and its memory after rounds and half load:\n\n${table(['', 'CPU s', 'wall s', 'resident MiB', 'at its peak'], rows)}`;
}

const ORDER = Object.keys(LABELS);
export const byLabel = (a, b) => ORDER.indexOf(a.split(', ')[0]) - ORDER.indexOf(b.split(', ')[0]);
const n = (number, digits = 3) => number.toFixed(digits);
const x = (number) => `${n(number, 2)}×`;
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
