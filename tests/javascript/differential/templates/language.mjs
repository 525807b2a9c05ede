// Programs about the language itself, as written today.
import { get, handler } from '../shapes.mjs';

export function modernSyntax({ int, pick }) {
  return {
    code: handler(`  const config = { retry: { count: ${int(0, 3)} }, list: [1, 2], flag: null };
  const { retry: { count = 9, delay = 5 } = {}, ...rest } = config;
  config.flag ??= 'set';
  config.zero ||= ${int(1, 5)};
  config.list &&= [...config.list, ...'${pick(['ab', 'é'])}'];
  const missing = config?.a?.b?.[0]?.();
  const label = \`\${count}\${delay ?? 'none'}\`;
  const big = 1_000_000n * 2n;
  return Response.json({ count, delay, rest, config, missing: missing === undefined, label, big: String(big), last: config.list.at(-1), power: 2 ** ${int(2, 9)} });`),
    requests: [get('/')],
  };
}

export function classes({ int, pick }) {
  return {
    code: `class Shape {
  static #made = 0;
  static { this.kinds = new Set(['circle', 'square']); }
  #size;
  name = this.constructor.name;
  constructor(size) { this.#size = size; Shape.#made++; }
  get area() { return this.#size ** 2; }
  set size(value) { if (value < 0) throw new RangeError('negative'); this.#size = value; }
  static isShape(value) { return #size in value; }
  static count() { return Shape.#made; }
  toString() { return \`\${this.name} of \${this.#size}\`; }
  *[Symbol.iterator]() { yield this.#size; yield this.area; }
  get [Symbol.toStringTag]() { return 'Shape'; }
}
class Circle extends Shape {
  get area() { return Math.round(super.area * Math.PI * 100) / 100; }
  toJSON() { return { ...this, area: this.area }; }
}
${handler(`  const shapes = [new Shape(${int(1, 9)}), new Circle(${int(1, 9)})];
  shapes[0].size = ${pick([3, 4])};
  let refused;
  try { shapes[1].size = -1; } catch (error) { refused = error.name; }
  return Response.json({ shapes, text: shapes.map(String), spread: shapes.map((shape) => [...shape]), isShape: [Shape.isShape(shapes[1]), Shape.isShape({})], kinds: [...Shape.kinds], refused, tag: Object.prototype.toString.call(shapes[0]) });`)}`,
    requests: [get('/')],
  };
}

export function collections({ shuffle, int }) {
  const numbers = shuffle([5, 3, 8, 1, 9, 2]);
  return {
    code: handler(`  const numbers = ${JSON.stringify(numbers)};
  const groups = Object.groupBy(numbers, (n) => (n % 2 ? 'odd' : 'even'));
  const byMap = Map.groupBy(numbers, (n) => n > ${int(2, 6)});
  const sets = [new Set([1, 2, 3]), new Set([3, 4])];
  return Response.json({ groups, byMap: [...byMap], sorted: numbers.toSorted((a, b) => a - b), reversed: numbers.toReversed(), spliced: numbers.toSpliced(1, 2, 'x'), with: numbers.with(0, 0), last: numbers.findLast((n) => n < 5), lastIndex: numbers.findLastIndex((n) => n > 99), flat: [[1, [2, [3]]]].flat(Infinity), copy: [1, 2, 3, 4, 5].copyWithin(0, 3), same: numbers.length, union: [...sets[0].union(sets[1])], both: [...sets[0].intersection(sets[1])], entries: Object.entries({ b: 1, a: 2, 1: 3 }), includes: [NaN].includes(NaN), from: Array.from({ length: 3 }, (_, i) => i ** 2), sort: ['b', 'a', 'C', 10, 9].sort() });`),
    requests: [get('/')],
  };
}

export function generators({ int }) {
  return {
    code: `function* fibonacci() {
  let [a, b] = [0, 1];
  try {
    for (;;) {
      const reset = yield a;
      [a, b] = reset ? [0, 1] : [b, a + b];
    }
  } finally {
    log.push('closed');
  }
}
let log = [];
async function* pages(count) { for (let i = 1; i <= count; i++) yield await Promise.resolve({ page: i }); }
${handler(`  log = [];
  const seen = [];
  for (const n of fibonacci()) { if (n > ${int(5, 90)}) break; seen.push(n); }
  const manual = fibonacci();
  const steps = [manual.next().value, manual.next().value, manual.next().value, manual.next(true).value, manual.return('end')];
  const found = [];
  for await (const { page } of pages(${int(1, 4)})) found.push(page);
  const helped = fibonacci().filter((n) => n % 2 === 0).map((n) => n * 10).drop(1).take(3).toArray();
  return Response.json({ seen, steps, found, helped, log });`)}`,
    requests: [get('/')],
  };
}

export function proxies({ pick }) {
  return {
    code: handler(`  const seen = [];
  const store = new Proxy({ a: 1 }, {
    get: (target, key, receiver) => { if (typeof key === 'string') seen.push('get ' + key); return Reflect.get(target, key, receiver) ?? '${pick(['none', 'missing'])}'; },
    has: (target, key) => key.startsWith('x'),
    set: (target, key, value) => { seen.push('set ' + key); return Reflect.set(target, key, value * 2); },
    deleteProperty: () => false,
    ownKeys: () => ['a', 'b'],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
  store.b = 21;
  const symbol = Symbol.for('shared');
  const tagged = { [symbol]: 1, [Symbol.toPrimitive]: (hint) => (hint === 'number' ? 42 : hint) };
  const refused = Reflect.deleteProperty(store, 'a');
  return Response.json({ a: store.a, b: store.b, c: store.c, x: 'xyz' in store, y: 'y' in store, keys: Object.keys(store), refused, seen, number: +tagged, text: \`\${tagged}\`, plus: tagged + '', symbol: Symbol.keyFor(symbol) });`),
    requests: [get('/')],
  };
}

export function closuresAndScope({ int }) {
  return {
    code: `var counter = (() => { let n = ${int(0, 9)}; return { up: () => ++n, peek() { return n; } }; })();
const memo = (run) => { const known = new Map(); return (x) => known.get(x) ?? (known.set(x, run(x)), known.get(x)); };
${handler(`  const square = memo((x) => x * x);
  const pending = [];
  for (let i = 0; i < 3; i++) pending.push(() => i);
  for (var j = 0; j < 3; j++) pending.push(() => j);
  function outer() { return typeof inner + hoisted; var hoisted; function inner() {} }
  label: for (const a of [1, 2, 3]) { for (const b of [1, 2]) { if (a * b === 4) break label; if (b > a) continue label; } }
  const strict = (function () { return this === undefined; })();
  return Response.json({ type: typeof counter.up, square: [square(3), square(3)], pending: pending.map((run) => run()), outer: outer(), strict, arguments: (function () { return arguments.length; })(1, 2), defaults: ((a, b = a + 1, ...c) => [a, b, c])(1, undefined, 3, 4), name: (() => {}).name, comma: (1, 2), voided: void 0 === undefined });`)}`,
    requests: [get('/')],
  };
}

export function typedArrays({ int }) {
  return {
    code: handler(`  const buffer = new ArrayBuffer(16);
  const view = new DataView(buffer);
  view.setInt16(0, -${int(1, 999)});
  view.setFloat32(4, ${int(1, 99)}.25, true);
  view.setBigUint64(8, ${int(1, 99)}n << 40n);
  const floats = Float64Array.of(1.5, NaN, -0);
  const clamped = new Uint8ClampedArray([300, -5, 1.5, 2.5]);
  const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
  resizable.resize(8);
  const moved = buffer.transfer();
  return Response.json({ bytes: [...new Uint8Array(moved)], detached: buffer.detached, floats: [...floats].map(String), clamped: [...clamped], sorted: [...new Int8Array([3, -1, 2]).sort()], sub: [...new Uint16Array([1, 2, 3]).subarray(1)], size: resizable.byteLength, at: floats.at(-1) === 0, set: (() => { try { new Uint8Array(2).set([1, 2, 3]); } catch (error) { return error.name; } })() });`),
    requests: [get('/')],
  };
}

export function cloning({ pick }) {
  return {
    code: handler(`  const source = { date: new Date(${pick([0, 86400000])}), map: new Map([['a', { b: 1 }]]), set: new Set([1, [2]]), re: /x+/gi, bytes: new Uint8Array([1, 2]), error: new RangeError('far'), none: undefined, big: 5n, sparse: [1, , 3] };
  source.self = source;
  const copy = structuredClone(source);
  const buffer = new ArrayBuffer(8);
  const moved = structuredClone({ buffer }, { transfer: [buffer] });
  const refused = [() => {}, Symbol('x'), new WeakMap()].map((value) => { try { structuredClone(value); return 'cloned'; } catch (error) { return error.name; } });
  return Response.json({ date: copy.date, map: [...copy.map], deep: copy.map.get('a') !== source.map.get('a'), set: [...copy.set], re: String(copy.re), bytes: [...copy.bytes], error: [copy.error.name, copy.error.message, copy.error instanceof RangeError], none: 'none' in copy, big: String(copy.big), cycle: copy.self === copy, sparse: 1 in copy.sparse, moved: [buffer.byteLength, moved.buffer.byteLength], refused });`),
    requests: [get('/')],
  };
}

export function weakAndGlobal({ pick }) {
  return {
    code: handler(`  const weak = new WeakMap([[request, 1]]);
  const names = ['fetch', 'Request', 'Response', 'Headers', 'URL', 'URLSearchParams', 'URLPattern', 'TextEncoder', 'TextDecoderStream', 'ReadableStream', 'CompressionStream', 'crypto', 'CryptoKey', 'structuredClone', 'queueMicrotask', 'setTimeout', 'AbortController', 'EventTarget', 'Event', 'DOMException', 'Blob', 'File', 'FormData', 'atob', 'caches', 'performance', 'navigator', 'console', 'scheduler', 'WebSocket', 'MessageChannel', 'HTMLRewriter', 'FixedLengthStream', 'self', 'require', 'window', 'document', 'XMLHttpRequest', 'importScripts', 'localStorage'];
  return Response.json({ types: names.map((name) => [name, typeof globalThis[name]]), weak: weak.get(request), self: globalThis === self, agent: navigator.userAgent.length > 0, language: '${pick(['a', 'b'])}' });`),
    requests: [get('/')],
  };
}

export function codeFromText() {
  return {
    code: handler(`  const tries = [() => new Function('return 1')(), () => (0, eval)('2')];
  return Response.json(tries.map((run) => { try { return run(); } catch (error) { return error.name; } }));`),
    requests: [get('/')],
  };
}

export function nodeGlobals() {
  return {
    code: handler(`  return Response.json([typeof process, typeof Buffer, typeof global]);`),
    requests: [get('/')],
  };
}

export function errorsInDetail({ pick }) {
  return {
    code: handler(`  const make = () => new ${pick(["DOMException('text', 'AbortError')", "Error('text', { cause: 1 })", "TypeError('text')"])};
  const error = make();
  const dom = new DOMException('m', 'DataCloneError');
  class Mine extends Error { name = 'Mine'; }
  const mine = new Mine('why', { cause: error });
  const result = (() => { try { throw mine; } catch ({ name, message }) { return [name, message]; } finally { void 0; } })();
  return Response.json({ name: error.name, message: error.message, isError: error instanceof Error, code: dom.code, dom: [dom.name, dom instanceof Error, String(dom)], mine: String(mine), cause: mine.cause === error, result, own: Object.keys(mine), aggregate: new AggregateError([1], 'many').errors });`),
    requests: [get('/')],
  };
}
