// Makes one worker of each file of the Web Platform Tests that areas.json asks for: the suite's harness, the scripts
// that the file names, the file itself, and the data that it fetches.
//
//     node compose.mjs <folder of the suite> <folder to write>

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [suite, target] = process.argv.slice(2);
const { areas, left_out: leftOut } = JSON.parse(readFileSync(join(here, 'areas.json'), 'utf8'));
const shim = readFileSync(join(here, 'shim.js'), 'utf8');
const read = (path) => readFileSync(join(suite, path), 'utf8');
// Built-in classes of a page make the harness wait for messages that never come in a worker of this kind.
const harness = `(function () { const DedicatedWorkerGlobalScope = class {}, ServiceWorkerGlobalScope = class {}, WorkerGlobalScope = class {};\n${read('resources/testharness.js')}\n})();`;

// A test that hangs is given up after this, soon enough for who asks to hear of it.
const PATIENCE_MS = 25_000;

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const index = [];
for (const [area, folders] of Object.entries(areas)) {
  for (const path of folders.flatMap(testsIn).sort()) {
    const source = read(path);
    const variants = all(source, 'variant');
    for (const search of variants.length ? variants : ['']) {
      if (Object.keys(leftOut).some((prefix) => (path + search).startsWith(prefix))) continue;
      const script = `${area}-${index.length}.js`;
      writeFileSync(join(target, script), compose(path, search, source));
      index.push({ area, test: path + search, script });
    }
  }
}
writeFileSync(join(target, 'index.json'), JSON.stringify(index));
console.log(`${index.length} workers of Web Platform Tests`);

function compose(path, search, source) {
  const scripts = all(source, 'script').map((name) => resolve(path, name));
  const texts = scripts.map(read);
  // All stand side by side, as <script> elements do: they see each other's functions. Only a test that is strict
  // stands in a function of its own, or the scripts around it would be strict too, or it would not.
  const isStrict = /^(\s|\/\/.*)*['"]use strict['"]/.test(source);
  const test = isStrict ? `(function () {\n${source}\n}).call(self);` : source;
  const run = `function run() {\n${[harness, 'add_completion_callback(self.reportTo);', ...texts, test].join('\n;\n')}\n}\n`;
  const resources = Object.fromEntries(
    [...texts, source].flatMap((text) => fetched(path, text)).filter((name) => existsSync(join(suite, name))).map((name) => [name, read(name)]),
  );
  const values = { PATH: '/' + path, SEARCH: search, RESOURCES: resources, PATIENCE_MS };
  return shim.replace(/\b(PATH|SEARCH|RESOURCES|PATIENCE_MS)\b/g, (name) => JSON.stringify(values[name])) + run;
}

// The paths of files that a script fetches by a literal name, and of the interface definitions that it tests.
function fetched(path, text) {
  const literal = [...text.matchAll(/fetch\(\s*['"`]([^'"`$]+)['"`]/g)].map((match) => '/' + resolve(path, match[1]));
  const definitions = [...text.matchAll(/idl_test\(\s*\[([^\]]*)\],\s*\[([^\]]*)\]/g)];
  const named = definitions.flatMap((match) => [...`${match[1]},${match[2]}`.matchAll(/['"]([^'"]+)['"]/g)]);
  return [...literal, ...named.map((match) => `/interfaces/${match[1]}.idl`)];
}

function all(source, key) {
  return [...source.matchAll(new RegExp(`^// META: *${key}=(.*)$`, 'gm'))].map((match) => match[1].trim());
}

function resolve(path, name) {
  const found = name.startsWith('/') ? name.slice(1) : posix.join(posix.dirname(path), name);
  // The suite's server has this one under a shorter name.
  return found === 'resources/WebIDLParser.js' ? 'resources/webidl2/lib/webidl2.js' : found;
}

function testsIn(folder) {
  if (folder.endsWith('.js')) return [folder];
  return readdirSync(join(suite, folder)).flatMap((name) => {
    const path = posix.join(folder, name);
    if (statSync(join(suite, path)).isDirectory()) return testsIn(path);
    return name.endsWith('.any.js') ? [path] : [];
  });
}
