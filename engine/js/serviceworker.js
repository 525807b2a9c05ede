// Service worker syntax: addEventListener("fetch", (event) => event.respondWith(…)).

import { passThroughOnException, waitUntil } from "./context.js";
import { native } from "./native.js";

const { Event, EventTarget, reportError, saveGlobalThisReference } = require("ext:deno_web/02_event.js");

const target = new EventTarget();
const types = new Set();

export const globalEvents = {
  addEventListener(type, ...rest) {
    if (native.is_loading()) types.add(String(type));
    target.addEventListener(type, ...rest);
  },
  removeEventListener: (...values) => target.removeEventListener(...values),
  dispatchEvent: (event) => target.dispatchEvent(event),
  reportError: (error) => Reflect.apply(reportError, globalThis, [error]),
};

saveGlobalThisReference(globalThis);

/** What the worker listens to. */
export const listenedTypes = () => [...types];

export const isListenedTo = (type) => types.has(type);

class ExtendableEvent extends Event {
  waitUntil(promise) {
    waitUntil(promise);
  }

  passThroughOnException() {
    passThroughOnException();
  }
}

class FetchEvent extends ExtendableEvent {
  #request;
  #answer = undefined;

  constructor(request) {
    super("fetch", { cancelable: true });
    this.#request = request;
  }

  get request() {
    return this.#request;
  }

  respondWith(response) {
    if (this.#answer !== undefined) throw new DOMException("respondWith() has already been called", "InvalidStateError");
    this.#answer = { response };
    this.stopImmediatePropagation();
  }

  /** { response }, where the response may be a promise; undefined when nobody has answered. */
  static answerOf(event) {
    return event.#answer;
  }
}

class ScheduledEvent extends ExtendableEvent {
  constructor(cron, scheduledTime) {
    super("scheduled");
    this.cron = cron;
    this.scheduledTime = scheduledTime;
  }

  noRetry() {}
}

class TailEvent extends ExtendableEvent {
  constructor(events) {
    super("tail");
    this.events = events;
    this.traces = events;
  }
}

/** Tells the listeners. An error in one is thrown: Deno's EventTarget would only report it. */
export function announce(event) {
  let failure;
  const onError = (error) => {
    failure = { error: error.error };
    error.preventDefault();
  };
  target.addEventListener("error", onError);
  target.dispatchEvent(event);
  target.removeEventListener("error", onError);
  if (failure !== undefined) throw failure.error;
}

/** Lets the listeners answer. */
export function answer(request) {
  const event = new FetchEvent(request);
  announce(event);
  const answered = FetchEvent.answerOf(event);
  if (answered === undefined) throw new TypeError("No listener of the fetch event has called respondWith()");
  return answered.response;
}

export { ExtendableEvent, FetchEvent, ScheduledEvent, TailEvent };
