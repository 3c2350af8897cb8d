// try
import { mkdirSync, cpSync } from 'node:fs';
import { startBackend, startExpress, startNginxLua, startPlainGateway, startPlainNginx, startPortcullis } from './lib/contestants.mjs';
import { checkForward, checkRefresh } from './lib/check.mjs';
import { LOADS } from './lib/load.mjs';
const b = await startBackend('HS256');
const lua = await startNginxLua('nginx-lua', b);
const ex = await startExpress('express', b);
const ng = await startPlainNginx('nginx', b);
for (const c of [lua, ex, ng]) await c.ready();
for (const c of [lua, ex]) await checkRefresh(c);
await checkForward(ng, b);
for (const c of [lua, ex]) console.log(c.name, await LOADS.refresh(c, 16, 20000));
for (const c of [lua, ex]) console.log(c.name, await LOADS.refresh(c, 16, 20000));
for (const n of ['json','login']) console.log(n, await LOADS[n](ng, 16, 20000));
console.log(await LOADS.download(ng, 4, 100));
process.exit(0);
