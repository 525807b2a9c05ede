// Manages a namespace with Cloudflare's own package, as its documentation does. Arguments: the package's major version, where
// it lies, whether the worker is kept, and a file of certificates; the environment says where the API is. Prints a line for
// each thing that was checked.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

const zone_id = `zone-${major}`;
const { customHostnames } = client;
const hostname = `app.sdk${major}.test`;
const custom = await customHostnames.create({
  zone_id, hostname, ssl: { method: "http", type: "dv", settings: { http2: "on" } }, custom_metadata: { plan: "pro" },
});
assert.deepEqual([custom.hostname, custom.status, custom.ssl.method], [hostname, "pending", "http"]);
assert.ok(custom.ownership_verification.value);
const twice = Date.now();
await fails(customHostnames.create({ zone_id, hostname, ssl: { method: "http", type: "dv" } }), 409);
assert.ok(Date.now() - twice < 400, "a conflict is not tried again");
const ofZone = { zone_id };
for (let n = 0; n < 3; n++) await customHostnames.create({ zone_id, hostname: `${n}.sdk${major}.test`, ssl: null });
const listed = await all(customHostnames.list({ zone_id, per_page: 2 }));
assert.equal(listed.length, 4);
const wanted = Number(major) >= 6 ? { hostname: { exact: hostname } } : { hostname };
assert.deepEqual((await all(customHostnames.list({ zone_id, ...wanted }))).map((one) => one.id), [custom.id]);
assert.equal((await customHostnames.get(custom.id, ofZone)).hostname, hostname);
const changed = await customHostnames.edit(custom.id, { zone_id, custom_metadata: { plan: "free" } });
assert.deepEqual([changed.custom_metadata, changed.ssl.settings], [{ plan: "free" }, { http2: "on" }]);
const { fallbackOrigin } = customHostnames;
assert.equal((await fallbackOrigin.update({ zone_id, origin: "origin.example.com" })).status, "active");
assert.equal((await fallbackOrigin.get(ofZone)).origin, "origin.example.com");
assert.equal((await fallbackOrigin.delete(ofZone)).origin, "origin.example.com");
await fails(fallbackOrigin.get(ofZone), 404);
if (customHostnames.quota) assert.equal((await customHostnames.quota.get(ofZone)).used, 4);
if (client.dcvDelegation) assert.equal((await client.dcvDelegation.get(ofZone)).uuid.length, 16);
console.log("custom hostnames");

const certificates = JSON.parse(readFileSync(process.argv[5], "utf8"));
const bundle = await customHostnames.create({
  zone_id, hostname: "pack.customer.test", ssl: { method: "http", type: "dv", custom_cert_bundle: certificates.slice(0, 2) },
});
assert.deepEqual([bundle.ssl.status, bundle.ssl.certificates.length], ["active", 2]);
const pack = { zone_id, custom_hostname_id: bundle.id, certificate_pack_id: bundle.ssl.id };
const inPackOf = (method, certificate, parameters = {}) => isNew
  ? method(certificate.id, { ...pack, ...parameters })
  : method(bundle.id, bundle.ssl.id, certificate.id, { zone_id, ...parameters });
const inPack = customHostnames.certificatePack?.certificates;
if (inPack) {
  const [first, second] = bundle.ssl.certificates;
  const put = await inPackOf(of(inPack, "update"), first, certificates[2]);
  assert.notEqual(put.ssl.certificates[0].id, first.id);
  assert.equal((await inPackOf(of(inPack, "delete"), second)).id, bundle.id);
  await fails(inPackOf(of(inPack, "delete"), put.ssl.certificates[0]), 400);
}
if (client.customCsrs) {
  const csr = await client.customCsrs.create({
    zone_id, country: "DE", state: "Berlin", locality: "Berlin", organization: "Customer", common_name: hostname,
    sans: [hostname], key_type: "p256v1",
  });
  assert.match(csr.csr, /^-----BEGIN CERTIFICATE REQUEST-----/);
  assert.equal((await all(client.customCsrs.list(ofZone))).length, 1);
  assert.equal((await client.customCsrs.get(csr.id, ofZone)).id, csr.id);
  assert.equal((await client.customCsrs.delete(csr.id, ofZone)).id, csr.id);
}
console.log("certificates");
assert.equal((await customHostnames.delete(custom.id, ofZone)).id, custom.id);
await fails(customHostnames.get(custom.id, ofZone), 404);

if (process.argv[4] === "keep") process.exit(0);
assert.equal(await call(of(scripts, "delete"), "a"), null);
await fails(call(of(scripts, "get"), "a"), 404);
assert.equal(await namespaces.delete(name, { account_id }), null);
await fails(namespaces.get(name, { account_id }), 404);
console.log("deleted");
