// Runs the HTTP cache tests (npm, http-cache-tests) against a cache, and says of each whether it passes.
// run.mjs <folder of the installed package> <URL of the cache> <port for the origin>

import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, base, port] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(folder, path)));

const settings = { npm_config_protocol: "http", npm_config_port: port, npm_config_pidfile: join(process.cwd(), "origin.pid") };
const server = spawn(process.execPath, [join(folder, "server/server.mjs")], { env: { ...process.env, ...settings }, stdio: ["ignore", "pipe", "inherit"] });
await new Promise((resolve) => server.stdout.once("data", resolve));

const { default: suites } = await load("tests/index.mjs");
const { default: surrogate } = await load("tests/surrogate-control.mjs");
const { default: fetch } = await load("../node-fetch/lib/index.js");
const { runTests, getResults } = await load("client/runner.mjs");

const all = [...suites, surrogate];
await runTests(all, fetch, false, base);
const results = getResults();
const tests = all.flatMap((suite) => suite.tests).filter((test) => !test.browser_only);
console.log(JSON.stringify(tests.map(({ id, kind = "required" }) => ({
  id,
  kind,
  passes: results[id] === true,
  says: results[id] === true ? "" : String(results[id]),
}))));
server.kill();
