// Prints the notices of everything that is in engine.wasm, api.js and Node's modules.
//
//   node licenses.mjs <cargo metadata of the engine> <folder with deno_web etc.> <node_modules>

import fs from "node:fs";
import path from "node:path";

const [metadata, scripts, npm] = process.argv.slice(2);

const NOTICE = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;
const SCRIPTS = ["deno_core", "deno_crypto", "deno_fetch", "deno_web", "deno_webidl"];

// The crates of Deno carry no licence file; this is the one of their repository.
const DENO = `MIT License

Copyright 2018-2026 the Deno authors

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of
the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS
FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;

const BSD = `Copyright (c) 2014, Domenic Denicola
All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following
conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
disclaimer in the documentation and/or other materials provided with the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING,
BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT
SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING
NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
`;

const seen = new Map();

function print(title, text) {
  const same = seen.get(text);
  console.log(`${"=".repeat(100)}\n${title}\n`);
  console.log(same ? `(the same text as for ${same})\n` : text);
  seen.set(text, same ?? title);
}

function notices(folder) {
  return fs.readdirSync(folder)
    .filter((name) => NOTICE.test(name) && fs.statSync(path.join(folder, name)).isFile())
    .sort()
    .map((name) => `--- ${name}\n\n${fs.readFileSync(path.join(folder, name), "utf8").trim()}\n`)
    .join("\n");
}

/** The comment at a script's beginning, where it names other authors than Deno's. */
function foreignHeader(file) {
  const lines = fs.readFileSync(file, "utf8").split("\n");
  const header = lines.slice(0, lines.findIndex((line) => line !== "" && !line.startsWith("//")));
  return header.some((line) => /Copyright (?!2018-2026 the Deno)/.test(line)) ? header.join("\n") : null;
}

console.log("What is inside engine.wasm, api.js and node/ besides Cirque's own code, and its notices.\n");

const { packages, resolve } = JSON.parse(fs.readFileSync(metadata, "utf8"));
const compiled = packages.filter((it) => it.id !== resolve.root && resolve.nodes.some((node) => node.id === it.id));
for (const { name, version, license, manifest_path: manifest } of compiled.sort((a, b) => (a.name < b.name ? -1 : 1))) {
  print(`${name} ${version} (${license})`, notices(path.dirname(manifest)));
}

const engine = path.dirname(compiled.find((it) => it.name === "rquickjs-sys").manifest_path);
print("QuickJS-ng (MIT)", fs.readFileSync(path.join(engine, "quickjs", "LICENSE"), "utf8"));
for (const name of fs.readdirSync(path.join(engine, "vendor", "wasi-libc"), { recursive: true }).sort()) {
  const file = path.join(engine, "vendor", "wasi-libc", name);
  if (NOTICE.test(path.basename(name)) && fs.statSync(file).isFile()) print(`wasi-libc: ${name}`, fs.readFileSync(file, "utf8"));
}

print("Deno's scripts: deno_core, deno_crypto, deno_fetch, deno_web, deno_webidl (MIT)", DENO);
for (const crate of SCRIPTS) {
  for (const name of fs.readdirSync(path.join(scripts, crate)).filter((it) => it.endsWith(".js")).sort()) {
    const header = foreignHeader(path.join(scripts, crate, name));
    if (header !== null) print(`${crate}/${name}`, header);
  }
}

print("webidl-conversions, which deno_webidl is adapted from (BSD-2-Clause)", BSD);

const NODE = ["base64-js", "buffer", "events", "ieee754", "path-browserify", "readable-stream", "safe-buffer", "string_decoder", "unenv"];
for (const name of NODE) {
  const { version, license } = JSON.parse(fs.readFileSync(path.join(npm, name, "package.json"), "utf8"));
  print(`${name} ${version} (${license}), in Node's modules`, notices(path.join(npm, name)));
}
