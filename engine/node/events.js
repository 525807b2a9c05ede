// node:events: the `events` package, whose emitter is a function as Node's is (older packages call it on their own objects),
// with what Node has added since.

import { AsyncResource } from "node:async_hooks";
import EventEmitter from "events/events.js";

export const captureRejectionSymbol = Symbol.for("nodejs.rejection");
export const errorMonitor = Symbol("events.errorMonitor");
export const captureRejections = false;
export const usingDomains = false;
export const { defaultMaxListeners } = EventEmitter;

const { emit } = EventEmitter.prototype;

EventEmitter.prototype.emit = function (type, ...values) {
  if (type === "error" && this._events?.[errorMonitor] !== undefined) emit.call(this, errorMonitor, ...values);
  return emit.call(this, type, ...values);
};

export const listenerCount = (emitter, type) => emitter.listenerCount(type);
export const getEventListeners = (emitter, type) => emitter.listeners?.(type) ?? [];
export const getMaxListeners = (emitter) => emitter.getMaxListeners?.() ?? defaultMaxListeners;

export function setMaxListeners(count = defaultMaxListeners, ...targets) {
  for (const target of targets) target.setMaxListeners?.(count);
}

const listen = (emitter, type, listener) =>
  typeof emitter.on === "function" ? emitter.on(type, listener) : emitter.addEventListener(type, listener);
const unlisten = (emitter, type, listener) =>
  typeof emitter.off === "function" ? emitter.off(type, listener) : emitter.removeEventListener(type, listener);

export function addAbortListener(signal, listener) {
  if (signal.aborted) queueMicrotask(() => listener());
  else signal.addEventListener("abort", listener, { once: true });
  return { [Symbol.dispose ?? Symbol.for("Symbol.dispose")]: () => signal.removeEventListener("abort", listener) };
}

const aborted = (signal) => Object.assign(new Error("The operation was aborted", { cause: signal.reason }), { name: "AbortError", code: "ABORT_ERR" });

export function once(emitter, type, { signal } = {}) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal));
    const isEmitter = typeof emitter.on === "function";
    const end = () => {
      unlisten(emitter, type, came);
      if (isEmitter && type !== "error") unlisten(emitter, "error", failed);
      signal?.removeEventListener("abort", abort);
    };
    const came = (...values) => (end(), resolve(values));
    const failed = (error) => (end(), reject(error));
    const abort = () => failed(aborted(signal));
    listen(emitter, type, came);
    if (isEmitter && type !== "error") listen(emitter, "error", failed);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Events as they come, until the loop is left or the signal says so. */
export function on(emitter, type, { signal, close = [] } = {}) {
  if (signal?.aborted) throw aborted(signal);
  const values = [], waiting = [];
  let failure, isOver = false;
  const next = (value, done) => ({ value, done });
  const came = (...event) => (waiting.length > 0 ? waiting.shift().resolve(next(event, false)) : values.push(event));
  const end = () => {
    isOver = true;
    unlisten(emitter, type, came);
    if (type !== "error") unlisten(emitter, "error", failed);
    for (const it of close) unlisten(emitter, it, end);
    signal?.removeEventListener("abort", abort);
    for (const it of waiting.splice(0)) it.resolve(next(undefined, true));
    return Promise.resolve(next(undefined, true));
  };
  const failed = (error) => {
    const first = waiting.shift();
    if (first === undefined) failure = { error };
    else first.reject(error);
    end();
  };
  const abort = () => failed(aborted(signal));
  listen(emitter, type, came);
  if (type !== "error" && typeof emitter.on === "function") listen(emitter, "error", failed);
  for (const it of close) listen(emitter, it, end);
  signal?.addEventListener("abort", abort, { once: true });
  return {
    next() {
      if (values.length > 0) return Promise.resolve(next(values.shift(), false));
      if (failure !== undefined) {
        const { error } = failure;
        failure = undefined;
        return Promise.reject(error);
      }
      if (isOver) return Promise.resolve(next(undefined, true));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return: end,
    throw: failed,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export class EventEmitterAsyncResource extends EventEmitter {
  constructor(options) {
    super();
    this.asyncResource = new AsyncResource(options?.name ?? new.target.name);
  }

  emit(...values) {
    return this.asyncResource.runInAsyncScope(super.emit, this, ...values);
  }
}

Object.assign(EventEmitter, {
  EventEmitter, EventEmitterAsyncResource, addAbortListener, captureRejectionSymbol, errorMonitor, getEventListeners, getMaxListeners,
  listenerCount, on, once, setMaxListeners,
});

export { EventEmitter };
export default EventEmitter;
