// Whether a contestant answers rightly: before and after it is measured.
import assert from 'node:assert/strict';

const claimsIn = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** It really rotates: the new token works, the used one does not, and then neither does the newest. */
export async function checkRefresh(contestant) {
  const [first] = await contestant.newTokens(1);
  const second = await granted(contestant, first);
  const third = await granted(contestant, second.refreshToken);
  const access = claimsIn(third.token);
  for (const claim of ['sub', 'email', 'projectId', 'role', 'sid']) assert.equal(typeof access[claim], 'string', claim);
  assert.equal(access.exp - access.iat, 1800);
  assert.equal(access.sid, claimsIn(first).sid);
  await refused(contestant, 401, second.refreshToken);
  await refused(contestant, 401, third.refreshToken);
  const [header, , signature] = (await contestant.newTokens(1))[0].split('.');
  const forged = Buffer.from(JSON.stringify(claimsIn(first))).toString('base64url');
  await refused(contestant, 401, `${header}.${forged}.${signature}`);
  await refused(contestant, 400, undefined);
}

export async function granted(contestant, refreshToken) {
  const { status, json } = await post(contestant, '/api/auth/refresh', { refreshToken });
  assert.equal(status, 200, `${contestant.name} refuses a good token: ${JSON.stringify(json)}`);
  assert.deepEqual(Object.keys(json).sort(), ['expiresIn', 'message', 'refreshToken', 'token']);
  assert.notEqual(json.refreshToken, refreshToken);
  return json;
}

async function refused(contestant, expected, refreshToken) {
  const { status } = await post(contestant, '/api/auth/refresh', { refreshToken });
  assert.equal(status, expected, `${contestant.name} answers with ${status} where it should with ${expected}`);
}

/** It passes on what the backend says; a contestant with sessions of its own puts its refresh token into a login. */
export async function checkForward(contestant, backend) {
  for (const path of ['/api/things', '/api/download']) {
    const [direct, through] = await Promise.all([backend, contestant].map(({ port }) => bytes(port, path)));
    assert.ok(direct.length >= 1024 && direct.equals(through), `${contestant.name} changes ${path}`);
  }
  const { status, json } = await post(contestant, '/api/auth/local/login', { email: 'a@example.com', password: 'x' });
  assert.equal(status, 200);
  assert.equal(claimsIn(json.refreshToken).sid !== undefined, contestant.redis !== undefined);
}

async function bytes(port, path) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

async function post({ port }, path, body) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: await answer.json() };
}
