// Manages a namespace with Cloudflare's own package, as its documentation does. Arguments: the package's major version and where
// it lies; the environment says where the API is. Prints a line for each thing that was checked.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const [major, directory] = process.argv.slice(2);
const require = createRequire(`${directory}/`);
const module = require(`cloudflare-${major}`);
const Cloudflare = module.default ?? module;
const toFile = module.toFile ?? require(`cloudflare-${major}/uploads`).toFile;
const account_id = process.env.CLOUDFLARE_ACCOUNT_ID;
const client = new Cloudflare();
const { namespaces } = client.workersForPlatforms.dispatch;
const name = `sdk-${major}`;

// Version 7 names the namespace among the parameters.
const isNew = Number(major) >= 7;
const call = (method, script, parameters = {}) => isNew
  ? method(script, { account_id, dispatch_namespace: name, ...parameters })
  : method(name, script, { account_id, ...parameters });
const callBelow = (method, script, below, parameters = {}) => isNew
  ? method(below, { account_id, dispatch_namespace: name, script_name: script, ...parameters })
  : method(name, script, below, { account_id, ...parameters });
const of = (resource, method) => resource[method].bind(resource);
const all = async (page) => {
  const items = [];
  for await (const item of page) items.push(item);
  return items;
};
const fails = async (promise, status) => {
  const error = await promise.then(() => assert.fail("it should fail"), (error) => error);
  assert.equal(error.status, status, error.message);
  assert.ok(error.errors?.[0]?.message, "the error says why");
};

const made = await namespaces.create({ account_id, name });
assert.equal(made.namespace_name, name);
assert.match(made.namespace_id, /^[0-9a-f-]{36}$/);
assert.ok((await all(namespaces.list({ account_id }))).some((one) => one.namespace_name === name));
assert.equal((await namespaces.get(name, { account_id })).namespace_id, made.namespace_id);
const began = Date.now();
await fails(namespaces.create({ account_id, name }), 409);
assert.ok(Date.now() - began < 400, "a conflict is not tried again");
await fails(namespaces.get("nobody", { account_id }), 404);
console.log("namespaces");

const kv = client.kv.namespaces;
const title = `values of ${name}`;
const values = await kv.create({ account_id, title });
assert.deepEqual([values.title, values.id.length], [title, 32]);
await fails(kv.create({ account_id, title }), 400);
const inKv = (method, key, parameters = {}) => isNew
  ? method(key, { account_id, namespace_id: values.id, ...parameters })
  : method(values.id, key, { account_id, ...parameters });
await inKv(of(kv.values, "update"), "a-key", { value: "some value", metadata: isNew || major === "4" ? { a: "one" } : '{"a":"one"}' });
assert.equal(await (await inKv(of(kv.values, "get"), "a-key")).text(), "some value");
assert.deepEqual(await inKv(of(kv.metadata, "get"), "a-key"), { a: "one" });
assert.equal(await inKv(of(kv.values, "delete"), "a-key"), null);
await fails(inKv(of(kv.values, "get"), "a-key"), 404);
await kv.bulkUpdate(values.id, { account_id, body: [{ key: "one", value: "1" }, { key: "two", value: "2", metadata: { b: 1 } }] });
assert.deepEqual((await all(kv.keys.list(values.id, { account_id }))).map((key) => key.name), ["one", "two"]);
await kv.bulkDelete(values.id, { account_id, body: ["one"] });
if (kv.bulkGet) assert.deepEqual((await kv.bulkGet(values.id, { account_id, keys: ["one", "two"] })).values, { one: null, two: "2" });
assert.ok((await all(kv.list({ account_id }))).some((one) => one.id === values.id));
await kv.update(values.id, { account_id, title: `${title}, renamed` });
assert.equal((await kv.get(values.id, { account_id })).title, `${title}, renamed`);
console.log("key-value namespaces");

const source = (text) => `export default { fetch: (request, env) => new Response("${text} " + env.WHO + " " + env.SECRET) };`;
const file = await toFile(Buffer.from(source("hello")), "worker.js", { type: "application/javascript+module" });
const metadata = {
  main_module: "worker.js",
  compatibility_date: "2025-01-01",
  tags: ["one", "two"],
  bindings: [
    { type: "plain_text", name: "WHO", text: `version ${major}` },
    { type: "secret_text", name: "SECRET", text: "hush" },
    { type: "kv_namespace", name: "KV", namespace_id: values.id },
  ],
};
const { scripts } = namespaces;
const files = major === "4" ? { "worker.js": file } : [file];
const uploaded = await call(of(scripts, "update"), "a", { metadata, files });
assert.equal(uploaded.id, "a");
assert.ok(uploaded.etag && uploaded.startup_time_ms >= 0);
const got = await call(of(scripts, "get"), "a");
assert.equal(got.dispatch_namespace, name);
assert.equal(got.script.id, "a");
await fails(call(of(scripts, "get"), "nobody"), 404);
const broken = await toFile(Buffer.from("export default {"), "worker.js", { type: "application/javascript+module" });
const brokenFiles = major === "4" ? { "worker.js": broken } : [broken];
await fails(call(of(scripts, "update"), "a", { metadata, files: brokenFiles }), 400);
console.log("scripts");

const content = await call(of(scripts.content, "get"), "a");
assert.match(await content.text(), /hello/);
const settings = await call(of(scripts.settings, "get"), "a");
assert.deepEqual(settings.tags, ["one", "two"]);
assert.equal(settings.compatibility_date, "2025-01-01");
const edited = await call(of(scripts.settings, "edit"), "a", { settings: { tags: ["three"] } });
assert.deepEqual(edited.tags, ["three"]);
const bindings = await all(call(of(scripts.bindings, "get"), "a"));
assert.deepEqual(bindings.map((binding) => binding.name).sort(), ["KV", "SECRET", "WHO"]);
assert.ok(!JSON.stringify(bindings).includes("hush"));
console.log("settings");

const tags = await all(call(of(scripts.tags, "update"), "a", { body: ["TAG1", "TAG2"] }));
assert.deepEqual(tags, ["TAG1", "TAG2"]);
await callBelow(of(scripts.tags, "delete"), "a", "TAG1");
assert.deepEqual(await all(call(of(scripts.tags, "list"), "a")), ["TAG2"]);
console.log("tags");

const secret = { name: "LATER", text: "hush", type: "secret_text" };
assert.equal((await call(of(scripts.secrets, "update"), "a", secret)).name, "LATER");
const secrets = await all(call(of(scripts.secrets, "list"), "a"));
assert.deepEqual(secrets.map((one) => one.name).sort(), ["LATER", "SECRET"]);
assert.equal((await callBelow(of(scripts.secrets, "get"), "a", "LATER")).name, "LATER");
assert.equal(await callBelow(of(scripts.secrets, "delete"), "a", "LATER"), null);
console.log("secrets");

if (process.argv[4] === "keep") process.exit(0);
assert.equal(await call(of(scripts, "delete"), "a"), null);
await fails(call(of(scripts, "get"), "a"), 404);
assert.equal(await namespaces.delete(name, { account_id }), null);
await fails(namespaces.get(name, { account_id }), 404);
console.log("deleted");
