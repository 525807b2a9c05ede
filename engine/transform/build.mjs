// Writes api.js: Deno's scripts, changed for QuickJS, and ours, as one script.
//
//   node build.mjs <folder with deno_web etc.> <folder of ours> <api.js>

import fs from "node:fs";
import path from "node:path";

import * as esbuild from "esbuild";

import { patched } from "./patches.mjs";
import { directCalls } from "./primordials.mjs";

const [crates, folder, output] = process.argv.slice(2);
const ours = path.resolve(folder);

// Fewer would mean that Deno has changed how its scripts are written, and that the change below has become idle.
const LEAST_DIRECT_CALLS = 500;

let calls = 0;

/** `ext:deno_web/00_url.js` is the script in the crate, unless we have our own in its place. */
const scripts = {
  name: "scripts",
  setup(build) {
    build.onResolve({ filter: /^ext:/ }, ({ path: name }) => {
      const own = path.join(ours, "instead", name.slice(4).replace("/", "-"));
      return fs.existsSync(own) ? { path: own } : { path: name.slice(4), namespace: "deno" };
    });
    build.onLoad({ filter: /.*/, namespace: "deno" }, ({ path: name }) => {
      const [crate, file] = name.split("/");
      const source = fs.readFileSync(path.join(crates, crate, file), "utf8");
      return { contents: transformed(name, source), loader: "js", resolveDir: ours };
    });
  },
};

/** A script is a function called with `__bootstrap`; it becomes a module that is what the function returns. */
function transformed(name, source) {
  source = patched(name, source);
  if (name === "deno_core/00_primordials.js") return source;
  const direct = directCalls(source);
  calls += direct.count;
  source = direct.source.replace(/core\.loadExtScript\(\s*("ext:[^"]+"),?\s*\)/g, "require($1)");
  const start = source.indexOf("(function () {");
  if (start < 0) throw new Error(`${name}: the script is no function`);
  return `const __bootstrap = require("./bootstrap.js");\n${source.slice(0, start)}module.exports = ${source.slice(start)}`;
}

/** Every operation that the script of WebCrypto takes. */
const cryptoOperations = [
  ...new Set(fs.readFileSync(path.join(crates, "deno_crypto/00_crypto.js"), "utf8").match(/\bop_crypto_\w+/g)),
];

await esbuild.build({
  entryPoints: [path.join(ours, "main.js")],
  outfile: output,
  bundle: true,
  format: "iife",
  target: "es2023",
  legalComments: "none",
  define: { CRYPTO_OPERATIONS: JSON.stringify(cryptoOperations) },
  plugins: [scripts],
  // Names of modules in the script are relative to this, and say nothing about the machine.
  absWorkingDir: process.cwd(),
  logLevel: "warning",
});

if (calls < LEAST_DIRECT_CALLS) throw new Error(`only ${calls} calls of built-ins have become direct`);
console.log(`${calls} calls of built-ins have become direct`);
