// Timers: the callbacks. When they are due is known in Rust (src/timers.rs), which calls `fire`.

import { logUncaught } from "./console.js";
import { native } from "./native.js";

const callbacks = new Map();

export function setTimeout(callback, delay = 0, ...values) {
  return start(callback, delay, values, false);
}

export function setInterval(callback, delay = 0, ...values) {
  return start(callback, delay, values, true);
}

export function setImmediate(callback, ...values) {
  return start(callback, 0, values, false);
}

export function clearTimeout(id) {
  const timer = callbacks.get(+id);
  if (timer === undefined) return;
  callbacks.delete(+id);
  native.cancel_timer(timer.number);
}

export const scheduler = {
  /** Cloudflare's promise of a timeout. */
  wait(delay, { signal } = {}) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const id = setTimeout(resolve, delay);
      signal?.addEventListener("abort", () => {
        clearTimeout(id);
        reject(signal.reason);
      });
    });
  },
};

export function fire(number) {
  const id = ids.get(number);
  ids.delete(number);
  const timer = callbacks.get(id);
  if (timer === undefined) return;
  if (timer.repeats) {
    arm(id, timer);
  } else {
    callbacks.delete(id);
  }
  const before = native.swap_async_context(timer.context);
  try {
    timer.callback.apply(globalThis, timer.values);
  } catch (error) {
    logUncaught("Uncaught", error);
  } finally {
    native.swap_async_context(before);
  }
}

// An interval keeps its id while each of its rounds is a timer of its own.
const ids = new Map();
let lastId = 0;

function start(callback, delay, values, repeats) {
  if (typeof callback !== "function") {
    throw new TypeError("The callback of a timer must be a function");
  }
  const timer = { callback, delay: +delay || 0, values, repeats, number: 0, context: native.async_context() };
  arm(++lastId, timer);
  callbacks.set(lastId, timer);
  return lastId;
}

function arm(id, timer) {
  // An interval of zero would leave no time for anything else.
  timer.number = native.start_timer(timer.repeats ? Math.max(1, timer.delay) : timer.delay);
  ids.set(timer.number, id);
}
