// Bindings that lead somewhere, and a clear word where one leads nowhere.

import { AnalyticsEngineDataset } from "./analytics.js";
import { atob } from "./base64.js";
import { crypto } from "./crypto.js";
import { send } from "./fetch.js";
import { KvNamespace } from "./kv.js";
import { RateLimit } from "./ratelimit.js";

/** What is in `env` from the top level on, when it was uploaded with the worker. */
const PARTS = ["wasm_module", "text_blob", "data_blob"];

/**
 * `env` objects by name, from what the host says of each: `{"DISPATCHER": "dispatch_namespace"}`. Of a key it says all; what the
 * second function gives then is a promise of the same objects.
 */
export function bindingsOf(json, env) {
  const kinds = JSON.parse(json);
  const bound = {}, keys = [];
  for (const name of Object.keys(kinds)) {
    const kind = kinds[name];
    if (typeof kind === "object") keys.push([name, kind]);
    else if (!PARTS.includes(kind) || !Object.hasOwn(env, name)) bound[name] = bindingOf(name, kind);
  }
  return { bound, keys: keys.length === 0 ? undefined : keysOf(keys) };
}

async function keysOf(keys) {
  const bound = {};
  for (const [name, described] of keys) bound[name] = await keyOf(name, described);
  return bound;
}

const { subtle } = crypto;
const importKey = subtle.importKey.bind(subtle);

/** As importKey() takes it; it cannot be exported. */
async function keyOf(name, { format, algorithm, usages, key_base64: encoded, key_jwk: jwk }) {
  try {
    const data = jwk ?? Uint8Array.from(atob(String(encoded)), (byte) => byte.charCodeAt(0));
    return await importKey(jwk === undefined ? format : "jwk", data, algorithm, false, usages);
  } catch (error) {
    return missingKey(name, `its key cannot be imported (${error.message}); look at its \`format\`, \`algorithm\` and \`usages\``);
  }
}

function bindingOf(name, kind) {
  switch (kind) {
    case "dispatch_namespace": return new DispatchNamespace(name);
    case "assets":
    case "service": return new Fetcher(name, "", "");
    case "kv_namespace": return new KvNamespace(name);
    case "analytics_engine": return new AnalyticsEngineDataset(name);
    case "ratelimit": return new RateLimit(name);
    case "wasm_module":
    case "text_blob":
    case "data_blob": return missing(name, "its part was not uploaded with this version of the Worker");
    default: return missing(name, `bindings of type "${kind}" lead nowhere on this edge`);
  }
}

/** Another worker. What it is called with goes to the host with each request. */
class Fetcher {
  #binding;
  #worker;
  #options;

  constructor(binding, worker, options) {
    this.#binding = binding;
    this.#worker = worker;
    this.#options = options;
  }

  fetch(input, init = undefined) {
    return send(input, init, { binding: this.#binding, worker: this.#worker, options: this.#options });
  }
}

class DispatchNamespace {
  #binding;

  constructor(binding) {
    this.#binding = binding;
  }

  /** The user worker of this name. Whether there is one shows when it is called. */
  get(name, args = undefined, options = undefined) {
    if (typeof name !== "string" && !(name instanceof String)) {
      throw new TypeError(`${this.#binding}.get() needs a Worker's name, a string`);
    }
    return new Fetcher(this.#binding, String(name), optionsOf(args, options));
  }
}

/** The limits that a call may set, by the names that the host knows. The first two are Cloudflare's. */
const LIMITS = {
  __proto__: null,
  cpuMs: "cpu_ms",
  subRequests: "subrequests",
  memoryMb: "memory_mb",
  wallMs: "wall_ms",
  concurrency: "concurrency",
  requestsPerSecond: "requests_per_second",
  requestBytes: "request_bytes",
  responseBytes: "response_bytes",
  logBytes: "log_bytes",
  outgoingConnections: "outgoing_connections",
  waitUntilMs: "wait_until_ms",
  bodyIdleMs: "body_idle_ms",
};

function optionsOf(args, options) {
  const limits = options?.limits, outbound = options?.outbound;
  const told = {};
  if (isObject(args) && Object.keys(args).length > 0) told.props = args;
  if (isObject(limits)) told.limits = limitsOf(limits);
  if (isObject(outbound)) told.outbound = outbound;
  return Object.keys(told).length > 0 ? JSON.stringify(told) : "";
}

function limitsOf(limits) {
  const told = {};
  for (const key of Object.keys(limits)) {
    const name = LIMITS[key], value = limits[key];
    if (name === undefined) throw new TypeError(`There is no limit ${key}; there are ${Object.keys(LIMITS).join(", ")}`);
    if (value === undefined || value === null) continue;
    if (typeof value !== "number" || !(value >= 0)) throw new TypeError(`The limit ${key} must be a number, and not below 0`);
    told[name] = Math.floor(Math.min(value, Number.MAX_SAFE_INTEGER));
  }
  return told;
}

const isObject = (value) => typeof value === "object" && value !== null;

/** Stands where a binding would: any use of it says why it does not work. */
function missing(name, why) {
  const refuse = refusal(name, why);
  return new Proxy({}, { get: (_, key) => (isLook(key) ? undefined : refuse) });
}

/** Stands where a key would, which has no methods: whoever looks at it learns why there is none. */
function missingKey(name, why) {
  const refuse = refusal(name, why);
  return new Proxy({}, { get: (_, key) => (isLook(key) ? undefined : refuse()), getPrototypeOf: refuse });
}

const refusal = (name, why) => () => {
  throw new Error(`env.${name} cannot be used: ${why}`);
};

/** What asks an object for what it is, and not for what it does, gets an answer. */
const isLook = (key) => typeof key === "symbol" || key === "then" || key === "toJSON";
