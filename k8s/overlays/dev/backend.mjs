// A small application that knows nothing of the gateway: users log in, in both realms, look at themselves and log out. Its own
// refresh endpoint should never be reached, and says so.
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const PASSWORD = 'open sesame';
const ACCESS_TOKEN_SECONDS = 1800;
const REFRESH_TOKEN_SECONDS = 7 * 86400;
const BODY_LIMIT = 16384;

const key = Buffer.from(JSON.parse(readFileSync(process.env.ACCESS_TOKEN_KEYS, 'utf8')).keys[0].k, 'base64url');
const now = () => Math.floor(Date.now() / 1000);
const part = (json) => Buffer.from(JSON.stringify(json)).toString('base64url');
const mac = (text) => createHmac('sha256', key).update(text).digest();

function sign(claims) {
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${mac(text).toString('base64url')}`;
}

function bearer(request) {
  const [head, body, signature] = (request.headers.authorization ?? '').replace(/^Bearer /, '').split('.');
  const given = Buffer.from(signature ?? '', 'base64url');
  const expected = mac(`${head}.${body}`);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return undefined;
  }
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  return claims.exp > now() ? claims : undefined;
}

async function credentials(request) {
  let text = '';
  try {
    // a client that leaves in its body makes this throw too
    for await (const piece of request) {
      text += piece;
      if (text.length > BODY_LIMIT) {
        return {};
      }
    }
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

const login = (app) => async (request) => {
  const { email, password } = await credentials(request);
  if (typeof email !== 'string' || password !== PASSWORD) {
    return [401, { error: 'Invalid credentials' }];
  }
  const id = `usr_${createHmac('sha256', 'id').update(email).digest('hex').slice(0, 8)}`;
  const claims = { sub: id, email, role: 'member', ...(app && { projectId: 'prj_demo' }), iat: now() };
  return [
    200,
    {
      message: 'Login successful',
      token: sign({ ...claims, exp: now() + ACCESS_TOKEN_SECONDS }),
      refreshToken: sign({ sub: id, jti: randomUUID(), exp: now() + REFRESH_TOKEN_SECONDS }),
      expiresIn: ACCESS_TOKEN_SECONDS,
      user: { [app ? 'id' : '_id']: id, email, role: 'member' },
    },
  ];
};

const signedIn = (answer) => (request) => {
  const claims = bearer(request);
  return claims ? [200, answer(claims)] : [401, { error: 'Invalid token.' }];
};

const routes = {
  'GET /api/health': () => [200, { status: 'UP' }],
  'POST /api/auth/login': login(false),
  'POST /api/auth/local/login': login(true),
  'POST /api/auth/logout': signedIn(() => ({ message: 'Logged out' })),
  'POST /api/auth/local/logout': signedIn(() => ({ message: 'Logged out' })),
  'GET /api/me': signedIn((claims) => claims),
  'POST /api/auth/refresh': () => {
    console.error("!!! THE BACKEND'S OWN REFRESH ENDPOINT WAS REACHED: the gateway let it through !!!");
    return [500, { error: "The backend's refresh endpoint was reached" }];
  },
};

const server = createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url.split('?')[0]}`] ?? (() => [404, { error: 'Not found' }]);
  const [status, body] = await route(request);
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
});
server.listen(Number(process.env.PORT), () => console.log(`listening on ${server.address().port}`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
