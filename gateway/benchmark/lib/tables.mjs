// The results as Markdown.
import { median, medians, perThousand, ratio } from './summary.mjs';

export const LABELS = {
  portcullis: 'Portcullis',
  'portcullis-HS256': 'Portcullis, asked for nothing else',
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
  ['ES256 for access tokens: against HS256 for both', [REFRESH, 'portcullis-ES256'], [REFRESH, 'portcullis-HS256'], {}, 1.5],
  ['EdDSA for access tokens: against HS256 for both', [REFRESH, 'portcullis-EdDSA'], [REFRESH, 'portcullis-HS256'], {}, 1.5],
  ['ES256 for both: against HS256 for both', [REFRESH, 'portcullis-ES256-both'], [REFRESH, 'portcullis-HS256'], {}, 1.5],
  ['EdDSA for both: against HS256 for both', [REFRESH, 'portcullis-EdDSA-both'], [REFRESH, 'portcullis-HS256'], {}, 1.5],
];

/** The targets that are no ratio of processor time in the rounds: what, how much it is and is to be at most, in what, digits. */
function amounts({ rounds, halfLoad, sessions, startUps, jvm }) {
  const { calls, requests } = rounds.at(-1)[REFRESH].portcullis;
  const { bytes, sessions: few, among, alone, amongCopies } = sessions.portcullis;
  const often = Math.max(...Object.keys(bytes).map(Number));
  const cpu = startUps.portcullis.map((start) => start.cpu);
  return [
    ['p99 of a refresh at half load', median(halfLoad.refresh.portcullis.map((seen) => seen.p99Ms)), 10, 'ms', 1],
    ['commands that a refresh sends to Redis', Number((calls.evalsha / requests).toFixed(2)), 1, '', 0],
    [`what a session takes in Redis after ${often} refreshes`, bytes[often], 400, 'bytes', 0],
    [`a refresh among ${among} sessions: against one among ${few}, gateway and Redis`, busy(amongCopies) / busy(alone), 1.1, '', 2],
    [`a start until it is ready${jvm.caches ? '' : ', without the cache, which takes JDK 25'}`, median(cpu), 2.5, 's of processor time', 1],
  ];
}

/** Processor seconds for 1,000 refreshes, less what an idle Redis takes in that time. */
const busy = (measured, which) => perThousand({ ...measured, redisCpu: measured.redisCpu - measured.idle * measured.seconds }, which);

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

function origin(results) {
  const { date, commit, machine, versions, jvm, settings } = results;
  const { java, ...others } = versions;
  const list = Object.entries(others).map(([name, version]) => `${name} ${version}`).join(', ');
  return (
    `Of ${date}, commit ${commit}: ${machine.processor}, ${machine.processors} processors, Linux ${machine.kernel}; ${java}; ${list}. ` +
    `Flags of both JVMs: \`${jvm.flags}\`. ${settings.rounds} rounds of ${settings.requests} requests with each of ${settings.processes} processes. ` +
    `${repeated(results)} In the rounds other programs had ${machine.othersPercent} % of the machine's processor time${machine.othersPercent > 5 ? ': too much, these numbers are rough' : ''}.`
  );
}

/** What was measured again for a wrong answer. */
function repeated({ rounds, halfLoad, sessions }) {
  const inRounds = rounds.flatMap((round) => Object.values(round).flatMap((scenario) => Object.entries(scenario)));
  const atHalf = Object.values(halfLoad).flatMap((names) => Object.entries(names).flatMap(([name, all]) => all.map((one) => [name, one])));
  const many = Object.entries(sessions).flatMap(([name, { alone, amongCopies }]) => [[name, alone], [name, amongCopies]]);
  const all = [...inRounds, ...atHalf, ...many].filter(([, { discarded }]) => discarded);
  const of = all.map(([name, { discarded }]) => `${LABELS[name]} ${discarded}`).join(', ');
  return of ? `Measured again after a wrong answer, how often: ${of}.` : 'Nobody had a wrong answer.';
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
    const ours = name === 'portcullis' ? '' : x(ratio(rounds, [scenario, 'portcullis'], [scenario, name]));
    return [LABELS[name], n(m.both), n(m.gateway), n(m.redis), ours, n(m.perSecond, 0), n(m.p50Ms, 2), n(m.p99Ms, 2)];
  });
  const head = ['', 'CPU s / 1,000', 'of it gateway', 'Redis', 'Portcullis against it', 'requests / s', 'p50 ms', 'p99 ms'];
  return `**${scenario[0].toUpperCase()}${scenario.slice(1)}**:\n\n${table(head, rows)}`;
}

function halfLoad({ halfLoad }) {
  const rows = Object.entries(halfLoad).flatMap(([load, seen]) =>
    Object.keys(seen).sort(byLabel).map((name) => {
      const of = (value) => median(seen[name].map(value));
      const milliseconds = ['p50Ms', 'p99Ms', 'maxMs', 'lateP99Ms'].map((name) => n(of((one) => one[name]), 1));
      return [load === 'json' ? '1 KiB of JSON' : load, LABELS[name], n(of((one) => one.rate), 0), ...milliseconds];
    }),
  );
  return `**Half load at a fixed rate** (medians, of one measurement with each process):\n\n${table(['', '', 'asked for, requests / s', 'p50 ms', 'p99 ms', 'longest ms', 'p99 of the clock itself, ms'], rows)}`;
}

function redis({ rounds, bareScript, peersScript, sessions }) {
  const redisOnly = (measured) => n(busy(measured, { gateway: false }));
  const often = Object.keys(sessions.portcullis.bytes);
  const rows = Object.keys(sessions).sort(byLabel).map((name) => {
    const s = sessions[name];
    return [LABELS[name], ...often.map((refreshes) => s.bytes[refreshes]), commands(rounds, name), redisOnly(s.alone), redisOnly(s.amongCopies)];
  });
  const none = often.map(() => '');
  const bare = (measured) => n((measured.redisCpu / measured.requests) * 1000);
  rows.push(['the bare script, by redis-benchmark', ...none, '', bare(bareScript), '']);
  rows.push(["the hand-written peers' script, by redis-benchmark", ...none, '', bare(peersScript), '']);
  const { sessions: few, among } = sessions.portcullis;
  const bytes = often.map((refreshes) => `bytes after ${refreshes} refreshes`);
  const head = ['', ...bytes, 'commands a refresh', `CPU s of Redis / 1,000, of ${few} sessions`, `among ${among}`];
  return (
    `**Redis**, less what it takes when nobody asks. The first command is the one that is sent, the others are the script's:\n\n` +
    table(head, rows)
  );
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
  return `**The process**: until it answers, and its memory when all of the rounds and half load were over:\n\n${table(['', 'CPU s', 'wall s', 'resident MiB', 'at its peak'], rows)}`;
}

const ORDER = Object.keys(LABELS);
export const byLabel = (a, b) => ORDER.indexOf(a.split(', ')[0]) - ORDER.indexOf(b.split(', ')[0]);
const n = (number, digits = 3) => number.toFixed(digits);
const x = (number) => `${n(number, 2)}×`;
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
