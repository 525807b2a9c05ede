// Asks workerd what each program answers, and writes recording.json: a program, its requests and its answers a line.
//
//     node record.mjs <workerd> <its version> <scratch folder>

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { dispatcher, generate } from './generate.mjs';

const COMPATIBILITY_DATE = '2026-11-01';
const HOST = 'differential.test';
const PORT = 18_780;
// What belongs to a connection or a moment, not to the program.
const PASSING = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']);

const [workerd, version, scratch] = process.argv.slice(2);
const programs = await generate();
mkdirSync(scratch, { recursive: true });
const modules = [['main.js', dispatcher(programs)], ...programs.map(({ name, code }) => [`${name}.js`, code])];
for (const [name, text] of modules) writeFileSync(join(scratch, name), text);
writeFileSync(
  join(scratch, 'config.capnp'),
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [${modules.map(([name]) => `(name = "${name}", esModule = embed "${name}")`).join(', ')}],
    compatibilityDate = "${COMPATIBILITY_DATE}",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${PORT}", http = (), service = "main")],
);`,
);
const server = spawn(workerd, ['serve', join(scratch, 'config.capnp')], { stdio: ['ignore', 'ignore', 'inherit'] });
try {
  await untilReady();
  const lines = [];
  for (const { name, template, statusOnly, code, requests } of programs) {
    const answers = [];
    for (const request of requests) answers.push(await ask(request));
    lines.push(JSON.stringify({ name, template, statusOnly, code, requests, answers }));
  }
  const head = JSON.stringify({ workerd: version, compatibility_date: COMPATIBILITY_DATE, host: HOST, dispatcher: dispatcher(programs) });
  writeFileSync(new URL('recording.json', import.meta.url), `{"about":${head},"programs":[\n${lines.join(',\n')}\n]}\n`);
  console.log(`${programs.length} programs recorded`);
} finally {
  server.kill('SIGKILL');
}

async function untilReady() {
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error('workerd did not start');
    if (await ask({ method: 'GET', path: '/', headers: {} }).catch(() => null)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('workerd does not answer');
}

function ask({ method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const options = { port: PORT, method, path, headers: { ...headers, host: HOST, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) }, agent: false };
    const request = http.request(options, async (response) => {
      const chunks = [];
      try {
        for await (const chunk of response) chunks.push(chunk);
      } catch (error) {
        return reject(error);
      }
      const pairs = [];
      for (let i = 0; i < response.rawHeaders.length; i += 2) pairs.push([response.rawHeaders[i].toLowerCase(), response.rawHeaders[i + 1]]);
      resolve({ status: response.statusCode, headers: pairs.filter(([name]) => !PASSING.has(name)).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)), body: Buffer.concat(chunks).toString('utf8') });
    });
    request.on('error', reject);
    request.end(body);
  });
}
