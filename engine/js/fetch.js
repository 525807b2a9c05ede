// fetch(): a request of the worker, made by the host; to the network, or to another worker.

import { HostBody, outgoing, pump } from "./body.js";
import { wishesOf } from "./wishes.js";
import { forget, whenDone } from "./events.js";
import { native } from "./native.js";

const requests = require("ext:deno_fetch/23_request.js");
const { fromInnerResponse } = require("ext:deno_fetch/23_response.js");
const { add, remove } = require("ext:deno_web/03_abort_signal.js");
const { URL } = require("ext:deno_web/00_url.js");
const { internals } = require("./bootstrap.js");

const FETCH = 1, CALL = 2;
const REDIRECTS = { follow: 0, error: 1, manual: 2 };
const NO_BODY = 0, INLINE = 1, STREAMED = 2, SOURCE = 3;

export function fetch(input, init = undefined) {
  return send(input, init, null);
}

/** `callee` is the worker that gets the request: { binding, worker, options }, in the host's terms; null for the network. */
export async function send(input, init, callee) {
  if (native.is_loading()) native.start_timer(0); // throws the error for the global scope
  if (init === undefined && typeof input === "string") {
    const plain = plainRequest(input);
    if (plain !== null) return start(plain, plain.currentUrl(), null, null, callee);
  }
  const isWhole = init === undefined && requests.RequestPrototype.isPrototypeOf(input);
  const request = isWhole ? input : new requests.Request(input, init);
  const inner = requests.toInnerRequest(request);
  const signal = internals.getCachedAbortSignal(request) || null;
  signal?.throwIfAborted();
  const url = inner.currentUrl();
  if (!url.startsWith("http:") && !url.startsWith("https:")) {
    throw new TypeError(`Fetch API cannot load: ${url}`);
  }
  if (inner.body?.unusable()) throw new TypeError("The request's body has already been used");
  return start(inner, url, outgoing(inner.body), signal, callee);
}

/** A GET of a URL and nothing else, as the part of Deno's InnerRequest that is read here; null for what a Request has to judge. */
export function plainRequest(text) {
  const url = new URL(text);
  if ((url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "" || url.password !== "") return null;
  return new PlainRequest(url.href);
}

class PlainRequest {
  #url;

  constructor(url) {
    this.#url = url;
  }

  currentUrl() {
    return this.#url;
  }
}

Object.assign(PlainRequest.prototype, { method: "GET", headerList: Object.freeze([]), redirectMode: "follow", body: null, cf: undefined, cacheMode: undefined });

async function start(inner, url, body, signal, callee) {
  const handle = callee === null
    ? begin(FETCH, inner, url, wishesOf(inner), body)
    : begin(CALL, inner, url, "", body, callee.binding, callee.worker, callee.options);
  const done = whenDone(handle);
  if (signal === null) return respond(handle, await done, null);
  let abort;
  const aborted = new Promise((_, reject) => {
    abort = () => {
      native.cancel(handle);
      forget(handle);
      reject(signal.reason);
    };
    signal[add](abort);
  });
  try {
    return respond(handle, await Promise.race([done, aborted]), signal);
  } finally {
    signal[remove](abort);
  }
}

/** Has the host begin an exchange; `texts` say with whom, unless it is the network. */
export function begin(operation, { method, headerList, redirectMode }, url, wishes, body, ...texts) {
  const [kind, content] = inline(body);
  const redirect = REDIRECTS[redirectMode];
  const handle = native.start_fetch(operation, method, url, headerList, redirect, wishes, kind, content, ...texts);
  if (kind === STREAMED) pump(body.stream, handle).catch(() => {});
  return handle;
}

function inline(body) {
  if (body === null) return [NO_BODY, undefined];
  if (body.bytes !== undefined) return [INLINE, body.bytes];
  return body.source !== undefined ? [SOURCE, body.source] : [STREAMED, undefined];
}

export function respond(handle, payload, signal) {
  const [status, statusMessage, url, wasRedirected, hasBody, headerList] = native.parse_response(payload);
  const body = hasBody ? new HostBody(handle) : null;
  if (hasBody && signal !== null) signal[add](() => body.error(signal.reason));
  const urlList = wasRedirected ? [url, url] : [url];
  return fromInnerResponse(new FetchedResponse(status, statusMessage, headerList, urlList, body), "immutable");
}

/** In the shape of Deno's InnerResponse. */
class FetchedResponse {
  type = "default";
  aborted = false;
  bodyDecoded = false;

  constructor(status, statusMessage, headerList, urlList, body) {
    this.status = status;
    this.statusMessage = statusMessage;
    this.headerList = headerList;
    this.urlList = urlList;
    this.body = body;
  }

  url() {
    return this.urlList.at(-1);
  }
}
