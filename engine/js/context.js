// `ctx`, and what both syntaxes of workers do with promises that outlive the response.

import { logUncaught } from "./console.js";
import { native } from "./native.js";

let passesThrough = false;

/** Whether the visitor goes on to the origin when the handler throws. */
export const isPassingThrough = () => passesThrough;

export function passThroughOnException() {
  passesThrough = true;
}

export function resetContext() {
  passesThrough = false;
}

/** Keeps the instance until the promise is settled; a rejection is logged. */
export function waitUntil(promise) {
  native.count_wait_until(1);
  const close = () => native.count_wait_until(-1);
  Promise.resolve(promise).then(close, (error) => {
    close();
    logUncaught("Uncaught (in waitUntil)", error);
  });
}

export class ExecutionContext {
  #props;

  constructor(props) {
    this.#props = props;
  }

  get props() {
    return (this.#props ??= {});
  }

  static isOne(value) {
    return typeof value === "object" && value !== null && #props in value;
  }

  waitUntil(promise) {
    own(this, "waitUntil");
    waitUntil(promise);
  }

  passThroughOnException() {
    own(this, "passThroughOnException");
    passThroughOnException();
  }
}

/** As on Cloudflare, the methods do not work without their object: `const { waitUntil } = ctx` is a mistake. */
function own(ctx, method) {
  if (!ExecutionContext.isOne(ctx)) throw new TypeError(`Illegal invocation: ${method} is called without its ctx`);
}
