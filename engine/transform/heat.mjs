// Finds out which of the objects that `init` makes are written to by requests and which are only read, and adds their numbers to
// api.js (src/memory.rs says what for). A copy of the module that reports its loads and stores runs a few workers.
//
//   node heat.mjs <engine.wasm> <api.js>

import fs from "node:fs";

import binaryen from "binaryen";

const [modulePath, scriptPath] = process.argv.slice(2);

// What most requests do. A worker that does more pays for a few pages more.
const WORKERS = [
  `export default { fetch() { return new Response("hello") } };`,
  `export default { async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const all = [url.pathname, url.search, url.hostname, url.searchParams.get("x"), request.method, request.headers.has("x-a")];
    all.push(request.headers.get("user-agent"), request.headers.get("x-custom"), env.GREETING);
    if (url.pathname === "/none") return new Response(null, { status: 404, statusText: "Not Found" });
    const response = new Response(all.join(), { status: 201, headers: { "content-type": "text/plain", "x-one": "1", "cache-control": "no-store" } });
    response.headers.set("x-two", "2");
    response.headers.append("set-cookie", "a=b");
    ctx.waitUntil(Promise.resolve());
    return response;
  } };`,
  `export default { async fetch(request) {
    const headers = new Headers(request.headers);
    headers.set("a", "b");
    for (const [name, value] of headers) if (name.startsWith("x-")) headers.delete(name);
    const other = new Request(request, { headers });
    return Response.json({ url: other.url, headers: Object.fromEntries(other.headers) }, { status: 200 });
  } };`,
  `export default { async fetch(request) { return Response.redirect(new URL("/there", request.url), 302) } };`,
];

// Larger ones are tables whose pages are few and touched anyway.
const LARGEST_BLOCK = 4096;

const module = binaryen.readBinary(fs.readFileSync(modulePath));
const { BulkMemory, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SignExt } = binaryen.Features;
module.setFeatures(BulkMemory | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SignExt);
module.runPasses(["instrument-memory"]);
const instrumented = new WebAssembly.Module(module.emitBinary());

let total = 0;
const [hot, warm] = [new Map(), new Map()];
for (const worker of WORKERS) {
  const { written, read } = touchedBy(worker);
  for (const [number, size] of written) hot.set(number, size);
  for (const [number, size] of read) warm.set(number, size);
}
for (const number of hot.keys()) warm.delete(number);
const script = fs.readFileSync(scriptPath, "utf8").replace(/\n\/\/# heat=.*\n$/, "\n");
fs.writeFileSync(scriptPath, `${script}//# heat=${listed(hot)};${listed(warm)}\n`);
console.log(`${hot.size} of ${total} objects are hot (${bytesOf(hot)} bytes), ${warm.size} are warm (${bytesOf(warm)} bytes)`);

/** All sizes together, then the differences between the numbers. */
function listed(blocks) {
  const numbers = [...blocks.keys()].sort((a, b) => a - b);
  const differences = numbers.map((number, index) => number - (numbers[index - 1] ?? 0));
  return [bytesOf(blocks), ...differences].map((value) => value.toString(36)).join();
}

function bytesOf(blocks) {
  return [...blocks.values()].reduce((sum, size) => sum + size, 0);
}

/** The numbers and sizes of the allocations that one request touches. */
function touchedBy(worker) {
  const { memory, exports, touched } = start();
  const table = exports.trace();
  give(memory, exports, "init", fs.readFileSync(scriptPath));
  const blocksOf = allocations(memory, table);
  give(memory, exports, "load", bundle(worker));
  const { stores, loads } = touched(() => give(memory, exports, "handle", request()));
  return { written: blocksOf(stores), read: blocksOf(loads) };
}

function start() {
  const needed = WebAssembly.Module.imports(instrumented);
  const memory = new WebAssembly.Memory({ initial: 64 });
  let log = null;
  const imports = { env: { memory, __rquickjs_host_now_us: () => 0 }, host: {} };
  for (const { module: from, name, kind } of needed) {
    if (kind !== "function" || imports[from]?.[name]) continue;
    imports[from] ??= {};
    imports[from][name] = (...values) => {
      if (name === "report" && text(memory, values).includes('"error"')) throw new Error(text(memory, values));
      if (name === "fail") throw new Error(text(memory, values.slice(1)));
      if (name === "store_ptr") log?.stores.add(Number(values[2]) + Number(values[3]));
      if (name === "load_ptr") log?.loads.add(Number(values[2]) + Number(values[3]));
      // The instrumented operations go on with their last argument; what the host would answer is of no interest.
      return values.at(-1) ?? 0;
    };
  }
  const { exports } = new WebAssembly.Instance(instrumented, imports);
  const touched = (run) => {
    const found = { stores: new Set(), loads: new Set() };
    log = found;
    run();
    log = null;
    return found;
  };
  return { memory, exports, touched };
}

function text(memory, [at, length]) {
  return Buffer.from(memory.buffer, at, length).toString();
}

function give(memory, exports, name, bytes) {
  const at = exports.buffer(bytes.length);
  new Uint8Array(memory.buffer).set(bytes, at);
  exports[name](bytes.length);
}

/** Where the allocations of `init` lie; of several at one address the last is still there. */
function allocations(memory, table) {
  total = new Uint32Array(memory.buffer, table, 1)[0];
  const list = new Uint32Array(memory.buffer, table + 4, 2 * total);
  const blocks = new Map();
  for (let index = 0; index < total; index++) blocks.set(list[2 * index], { number: index + 1, size: list[2 * index + 1] });
  const starts = [...blocks.keys()].sort((a, b) => a - b);
  return (touched) => {
    const found = new Map();
    for (const address of touched) {
      let low = 0;
      let high = starts.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (starts[middle] <= address) low = middle + 1;
        else high = middle;
      }
      const start = starts[low - 1];
      const block = blocks.get(start);
      if (block !== undefined && address < start + block.size && block.size < LARGEST_BLOCK) found.set(block.number, block.size);
    }
    return found;
  };
}

function string(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([count(bytes.length), bytes]);
}

function count(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

function bundle(source) {
  return Buffer.concat([Buffer.of(0), string("{}"), string("main.js"), count(1), Buffer.of(0), string("main.js"), string(source)]);
}

function request() {
  const headers = { host: "shop.example", accept: "*/*", "user-agent": "curl/8", "x-a": "1", "x-custom": "2" };
  return Buffer.concat([
    Buffer.of(0), string("GET"), string("https://shop.example/api/v1/users/42?x=1&y=2"),
    count(Object.keys(headers).length), ...Object.entries(headers).flatMap(([name, value]) => [string(name), string(value)]),
    string('{"colo":"HERE"}'), string('{"GREETING":"hi"}'), string(""),
  ]);
}
