// A person's session with the TypeScript client that was generated from openapi.yaml, told as one line of JSON.
import { AuthApi, Configuration, ResponseError, type TokenPair } from './index.js';

declare const process: { argv: string[] };

interface Refusal {
    status: number;
    body: unknown;
}

const gateway = process.argv[2];
const credentials = process.argv[3];
const api = new AuthApi(new Configuration({ basePath: gateway }));

async function refused(refreshToken: string): Promise<Refusal> {
    try {
        await api.refresh({ refreshRequest: { refreshToken } });
    } catch (e) {
        if (e instanceof ResponseError) {
            return { status: e.response.status, body: await e.response.json() };
        }
        throw e;
    }
    throw new Error('was not refused');
}

const login = await fetch(gateway + '/api/auth/local/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: credentials,
});
const first: string = (await login.json()).refreshToken;
const second: TokenPair = await api.refresh({ refreshRequest: { refreshToken: first } });
const third: TokenPair = await api.refresh({ refreshRequest: { refreshToken: second.refreshToken } });
const me = await fetch(gateway + '/api/me', { headers: { Authorization: 'Bearer ' + third.token } });

console.log(
    JSON.stringify({
        message: third.message,
        expiresIn: third.expiresIn,
        me: me.status,
        replayed: await refused(first),
        newest: await refused(third.refreshToken),
        missing: await refused(''),
    }),
);
