// Bindings that lead somewhere, and a clear word where one leads nowhere.

import { send } from "./fetch.js";
import { KvNamespace } from "./kv.js";
import { RateLimit } from "./ratelimit.js";

/** `env` objects by name, from what the host says of each: `{"DISPATCHER": "dispatch_namespace"}`. */
export function bindingsOf(json) {
  const kinds = JSON.parse(json);
  const bound = {};
  for (const name of Object.keys(kinds)) bound[name] = bindingOf(name, kinds[name]);
  return bound;
}

function bindingOf(name, kind) {
  switch (kind) {
    case "dispatch_namespace": return new DispatchNamespace(name);
    case "assets":
    case "service": return new Fetcher(name, "", "");
    case "kv_namespace": return new KvNamespace(name);
    case "ratelimit": return new RateLimit(name);
    default: return missing(name, kind);
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
function missing(name, kind) {
  const refuse = () => {
    throw new Error(`env.${name} cannot be used: bindings of type "${kind}" lead nowhere on this edge`);
  };
  // What asks an object for what it is, and not for what it does, gets an answer.
  return new Proxy({}, { get: (_, key) => (typeof key === "symbol" || key === "then" || key === "toJSON" ? undefined : refuse) });
}
