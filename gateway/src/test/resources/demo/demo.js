// The demo page: real requests through the gateway, and what Redis says of the session, once a second.
'use strict';

const byId = (id) => document.getElementById(id);
const buttons = ['login', 'refresh', 'call', 'logout', 'steal', 'replay'].map(byId);
const you = { accessToken: null, refreshToken: null };
const thief = { refreshToken: null };
let sid = null;

/** What a token says; nobody needs a key to read it. */
function claims(token) {
  const payload = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
  return JSON.parse(atob(payload));
}

const generation = (token) => claims(token).gen;

async function send(who, method, path, body, bearer) {
  const headers = {};
  if (body) headers['Content-Type'] = 'application/json';
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  const line = document.createElement('li');
  line.className = response.ok ? 'granted' : 'refused';
  line.textContent = `${who}: ${method} ${path} → ${response.status} ${answer.message ?? answer.error ?? answer.email}`;
  byId('wire').append(line);
  return response.ok ? answer : null;
}

async function refresh(who, refreshToken) {
  return send(who, 'POST', '/api/auth/refresh', { refreshToken });
}

const actions = {
  async login() {
    const answer = await send('you', 'POST', '/api/auth/login', { email: 'ada@example.com', password: 'open sesame' });
    keep(answer);
    sid = claims(you.refreshToken).sid;
    thief.refreshToken = null;
  },
  async refresh() {
    keep(await refresh('you', you.refreshToken));
  },
  async call() {
    await send('you', 'GET', '/api/me', null, you.accessToken);
  },
  async logout() {
    await send('you', 'POST', '/api/auth/logout', null, you.accessToken);
  },
  async steal() {
    thief.refreshToken = you.refreshToken;
  },
  async replay() {
    const answer = await refresh('thief', thief.refreshToken);
    if (answer) thief.refreshToken = answer.refreshToken;
  },
};

function keep(answer) {
  if (answer) {
    you.accessToken = answer.token;
    you.refreshToken = answer.refreshToken;
  }
}

async function show() {
  byId('you').textContent = you.refreshToken
    ? `Your refresh token is of generation ${generation(you.refreshToken)}.` : 'No tokens.';
  byId('thief').textContent = thief.refreshToken
    ? `Has a refresh token of generation ${generation(thief.refreshToken)}.` : 'Has nothing.';
  for (const id of ['refresh', 'call', 'logout', 'steal']) byId(id).disabled = !you.refreshToken;
  byId('replay').disabled = !thief.refreshToken;
  if (!sid) return;
  const response = await fetch(`/demo/sessions/${sid}`);
  if (response.ok) draw(await response.json());
}

function draw(session) {
  const revoked = session.status === 'revoked';
  const first = Math.max(0, session.generation - 7);
  const parts = [];
  const x = (gen) => 60 + (gen - first) * 100;
  for (let gen = first; gen <= session.generation; gen++) {
    if (gen > first) parts.push(`<line x1="${x(gen) - 76}" y1="80" x2="${x(gen) - 24}" y2="80"/>`);
    const state = revoked ? 'dead' : gen === session.generation ? 'live' : 'used';
    const reused = revoked && session.reason === 'reuse' && session.presented === gen ? ' reused' : '';
    const holders = [
      you.refreshToken && generation(you.refreshToken) === gen ? 'you' : '',
      thief.refreshToken && generation(thief.refreshToken) === gen ? 'thief' : '',
    ].filter(Boolean).join(', ');
    parts.push(`<g class="generation ${state}${reused}" data-generation="${gen}">`
      + `<circle cx="${x(gen)}" cy="80" r="22"/><text class="number" x="${x(gen)}" y="80">${gen}</text>`
      + `<text x="${x(gen)}" y="40">${reused ? 'came back' : ''}</text><text x="${x(gen)}" y="125">${holders}</text></g>`);
  }
  byId('family').innerHTML = parts.join('');
  const state = byId('state');
  state.className = session.status;
  state.textContent = revoked
    ? `Revoked (${session.reason}): no token of it gives anything any more.`
    : `Live, generation ${session.generation}: only the newest refresh token may be used.`;
}

async function run(action) {
  buttons.forEach((button) => { button.disabled = true; });
  await action();
  byId('login').disabled = false;
  await show();
}

for (const [id, action] of Object.entries(actions)) byId(id).addEventListener('click', () => run(action));
setInterval(show, 1000);

/** #play: the story plays by itself, by the same buttons. */
async function play() {
  for (const id of ['login', 'refresh', 'steal', 'refresh', 'call', 'replay', 'call', 'refresh']) {
    byId(id).click();
    do {
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    } while (byId('login').disabled);
  }
  document.body.dataset.played = 'true';
}

if (location.hash === '#play') play();
