// The hand-written Express endpoint: one process, no middleware but the parser of JSON, a script loaded once.
import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import express from 'express';
import { Redis } from 'ioredis';
import jwt from 'jsonwebtoken';

const { ACCESS_TOKEN_KEYS, REFRESH_TOKEN_KEYS, ROTATE_SCRIPT, REDIS_PORT, PORT } = process.env;
const LIFETIME = 1800;
const IDLE = 14 * 86400;
const ABSOLUTE = 90 * 86400;

const key = (file) => createSecretKey(Buffer.from(JSON.parse(readFileSync(file, 'utf8')).keys[0].k, 'base64url'));
const accessKey = key(ACCESS_TOKEN_KEYS);
const refreshKey = key(REFRESH_TOKEN_KEYS);
const verification = { algorithms: ['HS256'], issuer: 'portcullis', audience: 'app' };
const refreshHeader = { header: { alg: 'HS256', typ: 'rt+jwt' } };

// commands of the same turn of the event loop go out together
const redis = new Redis(Number(REDIS_PORT), '127.0.0.1', { enableAutoPipelining: true });
redis.defineCommand('rotate', { numberOfKeys: 1, lua: readFileSync(ROTATE_SCRIPT, 'utf8') });

function verified(token) {
  try {
    return jwt.verify(token, refreshKey, verification);
  } catch {
    return null;
  }
}

const app = express();
app.disable('x-powered-by');
app.set('etag', false);
app.post('/api/auth/refresh', express.json({ limit: '16kb' }), async (request, response) => {
  response.set('Cache-Control', 'no-store');
  const presented = request.body?.refreshToken;
  if (typeof presented !== 'string') {
    return response.status(400).json({ error: 'Refresh token is required' });
  }
  const claims = verified(presented);
  const generation = claims && (await redis.rotate(`session:${claims.sid}`, claims.gen, IDLE * 1000));
  if (!generation) {
    return response.status(401).json({ error: 'Invalid or expired refresh token' });
  }
  const now = Math.floor(Date.now() / 1000);
  const granted = { ...claims.access_claims, sid: claims.sid, iat: now, exp: now + LIFETIME };
  const exp = Math.min(now + IDLE, claims.auth_time + ABSOLUTE);
  response.json({
    message: 'Token refreshed successfully',
    token: jwt.sign(granted, accessKey),
    refreshToken: jwt.sign({ ...claims, gen: generation, iat: now, exp }, refreshKey, refreshHeader),
    expiresIn: LIFETIME,
  });
});
app.listen(Number(PORT), '127.0.0.1');
