// Leads a request through a worker: what was uploaded, what is called, what becomes of the answer.

import { bindingsOf } from "./bindings.js";
import { outgoing, pump } from "./body.js";
import { logUncaught } from "./console.js";
import { ExecutionContext, isPassingThrough, resetContext } from "./context.js";
import { describeError } from "./inspect.js";
import { native } from "./native.js";
import { node } from "./node.js";
import { startPerformance } from "./performance.js";
import { incomingRequest } from "./request.js";
import { announce, answer, globalEvents, isListenedTo, listenedTypes, ScheduledEvent, TailEvent } from "./serviceworker.js";
import { DurableObject, env, WorkerEntrypoint, WorkflowEntrypoint } from "./workers.js";

const { PromiseRejectionEvent } = require("ext:deno_web/02_event.js");
const { primordials } = require("./bootstrap.js");
const { getInnerResponse, Response } = require("ext:deno_fetch/23_response.js");

const HANDLERS = ["fetch", "scheduled", "queue", "tail", "trace", "email", "alarm", "test"];
const THREW = 0, NO_RESPONSE = 2, NO_HANDLER = 3, THREW_AND_PASSES_THROUGH = 4;
const INLINE = 0, STREAMED = 1, SOURCE = 2, NULL_BODY = 3, CODED = 0x100;

const worker = { isModule: true, main: undefined, exports: undefined };

export function configure(isModule, options) {
  worker.isModule = isModule;
  const { bound = [] } = JSON.parse(options);
  bind(Object.fromEntries(bound.map(([name, part]) => [name, native.module_value(part)])));
}

/** After the top level has run: what the worker can do, as the report's JSON. */
export function loaded(namespace) {
  forbidCompiling();
  worker.main = namespace?.default;
  worker.exports = namespace;
  const handlers = worker.isModule ? handlersOf(worker.main) : listenedTypes().filter((type) => HANDLERS.includes(type));
  const entrypoints = {};
  for (const name of Object.keys(namespace ?? {})) {
    if (name === "default") continue;
    const found = handlersOf(namespace[name]);
    if (found.length > 0 || isEntrypoint(namespace[name])) entrypoints[name] = found;
  }
  if (handlers.length === 0 && Object.keys(entrypoints).length === 0) {
    const message = "The uploaded script has no registered event handlers.";
    return JSON.stringify({ error: { kind: "no_handler", message, stack: "" } });
  }
  return JSON.stringify({ handlers, entrypoints });
}

/** As on Cloudflare, code comes with an upload only. (The parser's recursion could also exhaust the host's stack.) */
function forbidCompiling() {
  const refuse = (name, prototype) => {
    // Not a method: `new Function()` must get as far as the error.
    const refused = function () {
      throw new EvalError("Code generation from strings disallowed for this context");
    };
    Object.defineProperty(refused, "name", { value: name, configurable: true });
    if (prototype === undefined) return refused;
    Object.defineProperty(refused, "prototype", { value: prototype });
    Object.defineProperty(prototype, "constructor", { value: refused, writable: true, configurable: true });
    return refused;
  };
  globalThis.eval = refuse("eval");
  globalThis.Function = refuse("Function", Function.prototype);
  refuse("AsyncFunction", Object.getPrototypeOf(async () => {}));
  refuse("GeneratorFunction", Object.getPrototypeOf(function* () {}));
  refuse("AsyncGeneratorFunction", Object.getPrototypeOf(async function* () {}));
}

const isClass = (value) => typeof value === "function" && typeof value.prototype === "object";

function isEntrypoint(value) {
  if (!isClass(value)) return false;
  return [WorkerEntrypoint, DurableObject, WorkflowEntrypoint].some((base) => base.prototype.isPrototypeOf(value.prototype));
}

function handlersOf(value) {
  if (isClass(value)) {
    const names = isEntrypoint(value) ? methodsOf(value.prototype) : [];
    return names.filter((name) => HANDLERS.includes(name));
  }
  if (typeof value !== "object" || value === null) return [];
  return HANDLERS.filter((name) => typeof value[name] === "function");
}

function methodsOf(prototype) {
  const names = new Set();
  for (let it = prototype; it !== null && it !== Object.prototype; it = Object.getPrototypeOf(it)) {
    for (const name of Object.getOwnPropertyNames(it)) names.add(name);
  }
  return [...names];
}

/** A request begins. It ends when `respond` or `fail` of the host has been called, perhaps much later. */
export function handle(method, url, hasBody, bindings, callees, entrypoint, props, event) {
  startPerformance();
  resetContext();
  try {
    if (bindings !== undefined) bind(JSON.parse(bindings));
    const begin = () => handleBound(method, url, hasBody, entrypoint, props, event);
    if (callees === undefined) return begin();
    const { bound, keys } = bindingsOf(callees, env);
    bind(bound);
    if (keys === undefined) return begin();
    then(keys, (imported) => {
      bind(imported);
      begin();
    }, failed);
  } catch (error) {
    failed(error);
  }
}

function handleBound(method, url, hasBody, entrypoint, props, event) {
  try {
    const response = event === undefined
      ? call(incomingRequest(method, url, hasBody), entrypoint, props)
      : happened(JSON.parse(event));
    if (response instanceof Promise) {
      then(response, respond, failed);
    } else if (typeof response?.then === "function") {
      then(Promise.resolve(response), respond, failed);
    } else {
      respond(response);
    }
  } catch (error) {
    failed(error);
  }
}

const then = primordials.PromisePrototypeThen;

function bind(bindings) {
  Object.assign(env, bindings);
  node.bind(bindings);
  if (worker.isModule) return;
  for (const name of Object.keys(bindings)) {
    Object.defineProperty(globalThis, name, { value: bindings[name], writable: true, configurable: true, enumerable: true });
  }
}

const NOTHING = Object.freeze({ nothing: true });

function call(request, entrypoint, props) {
  if (!worker.isModule) return isListenedTo("fetch") ? answer(request) : NOTHING;
  const main = entrypoint === undefined ? worker.main : worker.exports?.[entrypoint];
  const ctx = new ExecutionContext(props === undefined ? undefined : JSON.parse(props));
  if (typeof main === "function") {
    const instance = new main(ctx, env);
    return typeof instance.fetch === "function" ? instance.fetch(request) : NOTHING;
  }
  return typeof main?.fetch === "function" ? main.fetch(request, env, ctx) : NOTHING;
}

/** Something that is no request: a time has come that the worker is to run at, or workers have ended that it watches. */
function happened({ cron, scheduledTime, tail }) {
  if (tail === undefined) {
    const controller = { cron, scheduledTime, type: "scheduled", noRetry() {} };
    return told("scheduled", controller, () => new ScheduledEvent(cron, scheduledTime));
  }
  const items = tail.map(traceItem);
  return told("tail", items, () => new TailEvent(items));
}

/** Tells the handler of this name. The answer only says that it was told. */
async function told(name, value, event) {
  if (!worker.isModule) {
    if (!isListenedTo(name)) return NOTHING;
    announce(event());
    return new Response(null, { status: 204 });
  }
  const { main } = worker;
  const ctx = new ExecutionContext();
  const handler = typeof main === "function" ? new main(ctx, env) : main;
  if (typeof handler?.[name] !== "function") return NOTHING;
  await handler[name](value, env, ctx);
  return new Response(null, { status: 204 });
}

/** What became of another worker's invocation, as `tail` is given it. */
function traceItem(item) {
  const request = item.event?.request;
  if (request === undefined) return item;
  const { unredacted, ...shown } = request;
  const whole = { ...shown, ...unredacted };
  for (const it of [shown, whole]) {
    // Not seen by whoever lists or prints the item.
    Object.defineProperty(it, "getUnredacted", { value: () => whole });
  }
  return { ...item, event: { ...item.event, request: shown } };
}

function respond(response) {
  if (response === NOTHING) {
    return native.fail(NO_HANDLER, "The Worker has no handler for this event");
  }
  const inner = getInnerResponse(response);
  if (inner === undefined) return native.fail(NO_RESPONSE, "The handler did not return a Response");
  try {
    send(inner);
  } catch (error) {
    failed(error);
  }
}

function send(inner) {
  const { status } = inner;
  if (status === 0) throw new TypeError("Response.error() cannot be given to a visitor");
  if (status === 101) throw new TypeError("WebSockets are not supported: a Worker cannot answer with status 101");
  const coded = inner.isCoded === true ? CODED : 0;
  if (typeof inner.text === "string") {
    // Nobody has looked at its body, and perhaps not at its headers.
    return native.respond(INLINE | coded, status, inner.statusMessage, inner.list, inner.text, inner.contentType);
  }
  const held = inner.body;
  if (held?.unusable()) {
    throw new TypeError("The Response's body has already been used. It can only be used once; use clone() before reading it");
  }
  const body = outgoing(held);
  const head = (kind, content) => native.respond(kind, status, inner.statusMessage, inner.headerList, content);
  if (body === null) return head(NULL_BODY);
  if (body.bytes !== undefined) return head(INLINE | coded, body.bytes);
  if (body.source !== undefined) return head(SOURCE, body.source);
  head(STREAMED | coded);
  pump(body.stream, 0).catch((error) => logUncaught("Uncaught (in response body)", error));
}

function failed(error) {
  native.fail(isPassingThrough() ? THREW_AND_PASSES_THROUGH : THREW, textOf(error));
}

function textOf(error) {
  try {
    return error instanceof Error ? describeError(error) : String(error);
  } catch {
    // Its getters or its toString throw, too.
    return "An exception that cannot be shown";
  }
}

/** A rejection that nobody handles, once nothing is left that could. */
export function rejected(promise, reason) {
  const event = new PromiseRejectionEvent("unhandledrejection", { cancelable: true, promise, reason });
  if (globalEvents.dispatchEvent(event)) logUncaught("Uncaught (in promise)", reason);
}
