// node:async_hooks: AsyncLocalStorage and AsyncResource. A context is a map from storage to value that nobody changes.

import node from "cirque:node";

const NONE = new Map();

function within(context, run) {
  const before = node.swapAsyncContext(context);
  try {
    return run();
  } finally {
    node.swapAsyncContext(before);
  }
}

const current = () => node.asyncContext() ?? NONE;

export class AsyncLocalStorage {
  #default;
  #name;

  constructor({ defaultValue, name = "" } = {}) {
    this.#default = defaultValue;
    this.#name = name;
  }

  get name() {
    return this.#name;
  }

  getStore() {
    const context = current();
    return context.has(this) ? context.get(this) : this.#default;
  }

  run(store, callback, ...values) {
    return within(new Map(current()).set(this, store), () => callback(...values));
  }

  exit(callback, ...values) {
    return this.run(undefined, callback, ...values);
  }

  enterWith(store) {
    node.swapAsyncContext(new Map(current()).set(this, store));
  }

  disable() {
    const context = new Map(current());
    context.delete(this);
    node.swapAsyncContext(context);
  }

  static bind(callback) {
    return AsyncResource.bind(callback);
  }

  static snapshot() {
    const context = current();
    return (callback, ...values) => within(context, () => callback(...values));
  }
}

let lastId = 1;

export class AsyncResource {
  #context = current();
  #id = ++lastId;

  constructor(type) {
    if (typeof type !== "string") throw new TypeError('The "type" argument must be of type string');
  }

  runInAsyncScope(callback, self, ...values) {
    return within(this.#context, () => callback.apply(self, values));
  }

  bind(callback, self) {
    const resource = this;
    return function (...values) {
      return resource.runInAsyncScope(callback, self ?? this, ...values);
    };
  }

  static bind(callback, type, self) {
    return new AsyncResource(type ?? (callback.name || "bound-anonymous-fn")).bind(callback, self);
  }

  asyncId() {
    return this.#id;
  }

  triggerAsyncId() {
    return 0;
  }

  emitDestroy() {
    return this;
  }
}

/** Nothing is told to hooks. */
export function createHook() {
  const hook = { enable: () => hook, disable: () => hook };
  return hook;
}

export const executionAsyncId = () => 1;
export const triggerAsyncId = () => 0;
export const executionAsyncResource = () => ({});
export const asyncWrapProviders = Object.freeze({ __proto__: null });

export default {
  AsyncLocalStorage, AsyncResource, createHook, executionAsyncId, triggerAsyncId, executionAsyncResource, asyncWrapProviders,
};
