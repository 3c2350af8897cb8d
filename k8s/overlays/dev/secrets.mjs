// Makes each Secret that is not there yet, with a key of this very run. One that is there stays as it is.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const account = (file) => readFileSync(`${process.env.ACCOUNT}/${file}`, 'utf8').trim();

const random = () => randomBytes(32).toString('base64url');

const keys = (kid) => JSON.stringify({ keys: [{ kty: 'oct', alg: 'HS256', ...kid, k: random() }] });

async function make(name, stringData) {
  const answer = await fetch(`${process.env.API}/api/v1/namespaces/${account('namespace')}/secrets`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${account('token')}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', stringData }),
  });
  if (answer.status !== 201 && answer.status !== 409) {
    throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  }
  console.log(`${name}: ${answer.status === 201 ? 'made' : 'is there'}`);
}

const password = random();
// without a kid, as such backends have it
await make('portcullis-access-token-keys', { 'keys.json': keys({}) });
await make('portcullis-refresh-token-keys', { 'keys.json': keys({ kid: randomBytes(8).toString('hex') }) });
await make('portcullis-redis', { password, url: `redis://:${password}@redis:6379` });
