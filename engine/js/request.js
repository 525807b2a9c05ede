// The visitor's request, in the shape of Deno's InnerRequest: what nobody asks for is never made.

import { HostBody } from "./body.js";
import { expectEvents } from "./events.js";
import { native } from "./native.js";

const { fromInnerRequest, RequestPrototype, toInnerRequest } = require("ext:deno_fetch/23_request.js");

const VISITOR = 0;

export function incomingRequest(method, url, hasBody) {
  return fromInnerRequest(new Incoming(method, url, hasBody ? new HostBody(VISITOR) : null), "immutable");
}

class Incoming {
  constructor(method, url, body) {
    this.method = method;
    this.target = url;
    this.body = body;
  }

  url() {
    return this.target;
  }

  currentUrl() {
    return this.target;
  }

  get headerList() {
    return (this.list ??= native.request_headers());
  }

  /** One header, without making the list. */
  header(name) {
    return native.request_header(name);
  }

  /** Somebody asks for the signal, so the host shall tell when the visitor leaves. */
  onCancel(abort) {
    native.listen_to_signal();
    expectEvents(VISITOR).abort = abort;
  }
}

Object.assign(Incoming.prototype, {
  // As on Cloudflare: whoever passes the request on gets a redirect as it came.
  redirectMode: "manual",
  redirectCount: 0,
  clientRid: null,
  blobUrlEntry: null,
  list: null,
  cf: readCf,
});

function readCf() {
  const json = native.request_cf();
  return json === "" ? undefined : JSON.parse(json);
}

Object.defineProperty(RequestPrototype, "cf", {
  get() {
    const inner = toInnerRequest(this);
    if (typeof inner.cf === "function") inner.cf = inner.cf();
    return inner.cf;
  },
  enumerable: true,
  configurable: true,
});
