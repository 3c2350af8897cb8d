// An open loop: requests at fixed times, whether or not earlier ones were answered. A request's latency counts from the time
// at which it was due, not from when it could be sent, so that a server that stalls does not keep the stall out of the numbers
// (coordinated omission). Its clock ticks once a millisecond where it can, and how late it was is told: latencies include that.
// The first seconds are not counted: until its own code is compiled, this program is itself some 10 ms late.
//
// Argument: JSON of port, rate (requests a second), uncounted and seconds (how long), connections, and tokens (a file of refresh
// tokens, one a line: the requests are refreshes, each connection's a chain) or path and bearer (they are GETs with that access token).
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

const { port, rate, uncounted, seconds, connections, tokens, path, bearer } = JSON.parse(process.argv[2]);
const chains = tokens ? readFileSync(tokens, 'utf8').trim().split('\n') : [];
const first = Math.round(rate * uncounted);
const total = first + Math.round(rate * seconds);
const latencies = new Float64Array(total - first);
// of its own clock, for each of them
const lateness = new Float64Array(total - first);
let [counted, countedSince] = [0, 0];
// what is due and has no free connection yet: the times at which it was due, and which of them is the next
const waiting = [];
let next = 0;
const free = [];
let [due, answered, wrong] = [0, 0, 0];

class Connection {
  constructor(token) {
    this.token = token;
    this.received = '';
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text) => this.read(text));
    this.socket.on('error', fail);
    this.socket.on('close', () => fail(new Error('a connection was closed')));
  }

  send(dueAt) {
    this.dueAt = dueAt;
    const body = tokens ? `{"refreshToken":"${this.token}"}` : '';
    this.socket.write(
      tokens
        ? `POST /api/auth/refresh HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
        : `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${bearer}\r\n\r\n`,
    );
  }

  read(text) {
    this.received += text;
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.received)?.[1]);
    if (Number.isNaN(length)) fail(new Error(`no Content-Length: ${this.received.slice(0, end)}`));
    if (this.received.length < end + 4 + length) return;
    this.answer(this.received.startsWith('HTTP/1.1 200'), this.received.slice(end + 4));
    this.received = '';
    if (next < waiting.length) this.send(waiting[next++]);
    else free.push(this);
  }

  answer(good, body) {
    if (answered++ === first) countedSince = performance.now();
    if (this.dueAt >= countedFrom) latencies[counted++] = performance.now() - this.dueAt;
    this.token = tokens && good ? JSON.parse(body).refreshToken : this.token;
    if (!good) wrong++;
    if (answered === total) end();
  }
}

function fail(failure) {
  if (answered === total) return;
  console.error(failure.message);
  process.exit(1);
}

function end() {
  clearInterval(clock);
  latencies.sort();
  lateness.sort();
  const percentile = (share, of = latencies) => of[Math.min(counted - 1, Math.floor(counted * share))];
  console.log(JSON.stringify({
    rate,
    requests: counted,
    wrong,
    perSecond: (counted * 1000) / (performance.now() - countedSince),
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    p999Ms: percentile(0.999),
    maxMs: latencies[counted - 1],
    lateP99Ms: percentile(0.99, lateness),
  }));
  process.exit(0);
}

for (let i = 0; i < connections; i++) free.push(new Connection(chains[i]));
const begin = performance.now() + 200;
const countedFrom = begin + (first * 1000) / rate;
const clock = setInterval(() => {
  const now = performance.now();
  for (; due < total && begin + (due * 1000) / rate <= now; due++) {
    const dueAt = begin + (due * 1000) / rate;
    if (due >= first) lateness[due - first] = now - dueAt;
    if (free.length > 0) free.shift().send(dueAt);
    else waiting.push(dueAt);
  }
}, 1);
