// The host's events (README.md, "Events of `wait`"), brought to those who wait for them.

const DONE = 1, FAILED = 2, CHUNK = 3, END = 4, WRITABLE = 5, ABORT = 6, CLOSED = 7;

const waiting = new Map();

/** Who waits on a handle. Handle 0 has two sides: the request's body and the response's. */
export function expectEvents(handle) {
  let events = waiting.get(handle);
  if (events === undefined) {
    events = { done: null, failed: null, chunk: null, writable: null, closed: null, abort: null };
    waiting.set(handle, events);
  }
  return events;
}

export function forget(handle) {
  waiting.delete(handle);
}

/** An operation of the host that is done later; gives its result's bytes, or rejects with the host's text. */
export function whenDone(handle) {
  return new Promise((resolve, reject) => {
    const events = expectEvents(handle);
    events.done = resolve;
    events.failed = reject;
  });
}

export function deliver(kind, handle, payload) {
  const events = waiting.get(handle);
  if (events === undefined) return;
  switch (kind) {
    case DONE: return settle(events, "done", payload);
    case CHUNK: return settle(events, "chunk", payload);
    case END: return settle(events, "chunk", null);
    case FAILED: return settle(events, "failed", errorOf(payload));
    case WRITABLE: return settle(events, "writable", undefined);
    case CLOSED: {
      const { closed } = events;
      settle(events, "writable", undefined);
      return closed?.();
    }
    case ABORT: return events.abort?.();
  }
}

const ERRORS = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/** What the host's text stands for. What another worker threw begins with its name, between two NULs. */
function errorOf(text) {
  if (text.charCodeAt(0) !== 0) return new TypeError(text);
  const end = text.indexOf("\0", 1);
  const name = text.slice(1, end);
  const error = new (ERRORS[name] ?? Error)(text.slice(end + 1));
  if (error.name !== name) Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
  return error;
}

function settle(events, which, value) {
  const callback = events[which];
  if (which === "failed" || which === "done" || which === "chunk") events.done = events.chunk = events.failed = null;
  if (which === "writable") events.writable = null;
  callback?.(value);
}

