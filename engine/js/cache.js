// The Cache API, as Cloudflare has it: https://developers.cloudflare.com/workers/runtime-apis/cache/

import { outgoing } from "./body.js";
import { whenDone } from "./events.js";
import { begin, plainRequest, respond } from "./fetch.js";
import { native } from "./native.js";

const requests = require("ext:deno_fetch/23_request.js");
const responses = require("ext:deno_fetch/23_response.js");

const CACHE = 3;
const PARTIAL_CONTENT = 206;
/** The status of an answer that is no response: nothing was there, or it was. */
const NO = 0;

class Cache {
  #name;

  /** `name` is null for the cache that needs none. */
  constructor(key, name) {
    if (key !== CREATE) throw new TypeError("Illegal constructor");
    this.#name = name;
  }

  async match(request, options = undefined) {
    const asked = innerOf(request, "match");
    if (!isMeant(asked, options)) return undefined;
    const handle = this.#begin(asked, "match", null, "");
    const payload = await whenDone(handle);
    return statusOf(payload) === NO ? undefined : respond(handle, payload, null);
  }

  async put(request, response) {
    const asked = innerOf(request, "put");
    if (!responses.ResponsePrototype.isPrototypeOf(response)) throw new TypeError("cache.put() needs a Response");
    if (asked.method !== "GET") throw new TypeError("Cannot cache response to non-GET request.");
    const { status, headerList, body } = responses.getInnerResponse(response);
    if (status === PARTIAL_CONTENT) throw new TypeError("Cannot cache response to a range request (206 Partial Content).");
    if (variesByAll(headerList)) throw new TypeError("Cannot cache response with 'Vary: *' header.");
    if (body?.unusable()) throw new TypeError("The response's body has already been used");
    await whenDone(this.#begin(asked, "put", outgoing(body), JSON.stringify({ status, fields: headerList })));
  }

  async delete(request, options = undefined) {
    const asked = innerOf(request, "delete");
    if (!isMeant(asked, options)) return false;
    return statusOf(await whenDone(this.#begin(asked, "delete", null, ""))) !== NO;
  }

  #begin(asked, action, body, response) {
    const name = JSON.stringify(this.#name);
    return begin(CACHE, asked, asked.currentUrl(), "", body, name, action, response);
  }
}

const CREATE = Symbol();

function innerOf(request, method) {
  if (native.is_loading()) native.start_timer(0); // throws the error for the global scope
  if (request === undefined) throw new TypeError(`cache.${method}() needs a Request or a URL`);
  const plain = typeof request === "string" ? plainRequest(request) : null;
  if (plain !== null) return plain;
  const isRequest = requests.RequestPrototype.isPrototypeOf(request);
  return requests.toInnerRequest(isRequest ? request : new requests.Request(request));
}

/** Only responses to GET are kept. */
const isMeant = ({ method }, options) => method === "GET" || method === "HEAD" || options?.ignoreMethod === true;

const statusOf = (payload) => native.parse_response(payload)[0];

function variesByAll(headerList) {
  return headerList.some(([name, value]) => name.toLowerCase() === "vary" && value.split(",").some((item) => item.trim() === "*"));
}

const WHY = "caches.default is shared by all workers of an account, so user workers of an untrusted namespace cannot use it; " +
  "open a cache of your own with caches.open(name)";

class CacheStorage {
  #default = null;

  constructor(key) {
    if (key !== CREATE) throw new TypeError("Illegal constructor");
  }

  /** At the top level nobody knows yet who asks; the host says it then. */
  get default() {
    if (!native.is_loading() && native.request_cf() === "") throw new TypeError(WHY);
    return (this.#default ??= new Cache(CREATE, null));
  }

  async open(name) {
    if (arguments.length === 0) throw new TypeError("caches.open() needs a name");
    return new Cache(CREATE, String(name));
  }
}

const caches = new CacheStorage(CREATE);

export { Cache, CacheStorage, caches };
