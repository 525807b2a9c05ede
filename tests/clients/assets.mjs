// Uploads a site without code into a namespace with Cloudflare's own package, as its documentation does. Arguments: the package's
// major version and where it lies; the environment says where the API is.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

const [major, directory] = process.argv.slice(2);
const require = createRequire(`${directory}/`);
const module = require(`cloudflare-${major}`);
const Cloudflare = module.default ?? module;
const account_id = process.env.CLOUDFLARE_ACCOUNT_ID;
const client = new Cloudflare();
const { namespaces } = client.workersForPlatforms.dispatch;
const namespace = `assets-${major}`;
await namespaces.create({ account_id, name: namespace });

// Version 7 names the namespace among the parameters.
const call = (resource, method, parameters) => Number(major) >= 7
  ? resource[method]("site", { account_id, dispatch_namespace: namespace, ...parameters })
  : resource[method](namespace, "site", { account_id, ...parameters });

const content = Buffer.from(`<h1>version ${major}</h1>`).toString("base64");
const hash = createHash("sha256").update(`${content}html`).digest("hex").slice(0, 32);
const manifest = { "/index.html": { hash, size: Buffer.from(content, "base64").length } };
const session = await call(namespaces.scripts.assetUpload, "create", { manifest });
assert.deepEqual(session.buckets, [[hash]]);

// The token of the session stands where else that of the API does.
const uploader = new Cloudflare({ apiToken: session.jwt });
const done = await uploader.workers.assets.upload.create({ account_id, base64: true, body: { [hash]: content } });
assert.ok(done.jwt, "all files are there");

const metadata = {
  compatibility_date: "2025-01-01",
  assets: { jwt: done.jwt, config: { not_found_handling: "single-page-application" } },
};
const uploaded = await call(namespaces.scripts, "update", { metadata });
assert.equal(uploaded.has_assets, true);

const again = await call(namespaces.scripts.assetUpload, "create", { manifest });
assert.deepEqual(again.buckets, []);
console.log("assets");
