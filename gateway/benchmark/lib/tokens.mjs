// Keys, and the tokens that a backend or a hand-written peer would have signed.
import { createPrivateKey, createSecretKey, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';

export const USERS = 10000;
const DAY = 86400;

/** Writes a JWK Set of one new key; signs with it. */
export function newKey(file, algorithm, kid) {
  const jwk = { ...material(algorithm), alg: algorithm, use: 'sig', ...(kid ? { kid } : {}) };
  writeFileSync(file, JSON.stringify({ keys: [jwk] }));
  const secret = jwk.kty === 'oct';
  const key = secret ? createSecretKey(jwk.k, 'base64url') : createPrivateKey({ key: jwk, format: 'jwk' });
  const signature = (text) => {
    if (secret) return createHmac('sha256', key).update(text).digest();
    return sign(algorithm === 'EdDSA' ? null : 'sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  };
  return {
    file,
    sign(claims, typ = 'JWT') {
      const text = `${segment({ alg: algorithm, typ })}.${segment(claims)}`;
      return `${text}.${signature(text).toString('base64url')}`;
    },
  };
}

function material(algorithm) {
  if (algorithm === 'HS256') return { kty: 'oct', k: randomBytes(32).toString('base64url') };
  const pair = algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return pair.privateKey.export({ format: 'jwk' });
}

const segment = (claims) => Buffer.from(JSON.stringify(claims)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

/** What the gateway is handed at a login, and the peers keep in their refresh tokens. */
const claimsOf = (user) => ({
  sub: `usr_${String(user).padStart(6, '0')}`,
  email: `user-${user}@example.com`,
  projectId: 'prj_benchmark',
  role: 'member',
});

/** The backend's answers to logins, one a user, of users from that number on. */
export function loginAnswers(accessKey, first = 0, users = USERS) {
  return Array.from({ length: users }, (_, i) => {
    const claims = claimsOf(first + i);
    return JSON.stringify({
      message: 'Login successful',
      token: accessKey.sign({ ...claims, iat: now(), exp: now() + DAY }),
      refreshToken: accessKey.sign({ sub: claims.sub, type: 'refresh', exp: now() + 14 * DAY }),
      expiresIn: 1800,
      user: { id: claims.sub, email: claims.email },
    });
  });
}

/** An access token as a gateway has issued it, of a session that nobody knows. */
export function accessToken(accessKey) {
  return accessKey.sign({ ...claimsOf(0), sid: randomBytes(33).toString('base64url'), iat: now(), exp: now() + DAY });
}

/** A session of a hand-written peer, not yet in its Redis: its id and its first refresh token. */
export function peerSession(refreshKey, user) {
  const { sub, ...rest } = claimsOf(user);
  const sid = randomBytes(18).toString('base64url');
  const claims = {
    iss: 'portcullis',
    aud: 'app',
    sub,
    sid,
    gen: 0,
    iat: now(),
    exp: now() + 14 * DAY,
    auth_time: now(),
    access_claims: { sub, ...rest },
  };
  return { sid, token: refreshKey.sign(claims, 'rt+jwt') };
}
