// Response, in the shape that Deno's other classes and ours expect. Deno's own keeps several shortcuts for its server beside what
// a Response is; this one makes only what somebody asks for: a Response of a text is the text until somebody looks at its body
// or its headers.

const webidl = require("ext:deno_webidl/00_webidl.js");
const { native } = require("../native.js");
const { createFilteredInspectProxy } = require("ext:deno_web/01_console.js");
const { serializeJSValueToJSONString } = require("ext:deno_web/00_infra.js");
const { extractBody, mixinBody } = require("ext:deno_fetch/22_body.js");
const { extractMimeType } = require("ext:deno_web/01_mimesniff.js");
const { URL } = require("ext:deno_web/00_url.js");
const { fillHeaderList, getDecodeSplitHeader, headersFromHeaderList } = require("ext:deno_fetch/20_headers.js");

const REASON_PHRASE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TEXT = "text/plain;charset=UTF-8";

const mimeTypeOf = Symbol("mime type");
const bodyOf = Symbol("body");

const toBody = webidl.converters["BodyInit_DOMString?"];
const toShort = webidl.converters["unsigned short"];
const toByteString = webidl.converters.ByteString;

/** In the shape of Deno's InnerResponse. What most Responses never have is on the prototype. */
class InnerResponse {
  constructor(status, statusMessage, text, contentType) {
    this.status = status;
    this.statusMessage = statusMessage;
    /** The body, while it is a text that nobody has asked for as a body. */
    this.text = text;
    /** What the body says of itself, while there is no list of headers. */
    this.contentType = contentType;
  }

  get headerList() {
    return (this.list ??= this.contentType === null ? [] : [["Content-Type", this.contentType]]);
  }

  get body() {
    if (this.text !== null) {
      this.held = extractBody(this.text).body;
      this.text = null;
    }
    return this.held;
  }

  url() {
    return null;
  }

  copy() {
    const held = this.held === null ? null : this.held.clone();
    const copied = new InnerResponse(this.status, this.statusMessage, this.text, this.contentType);
    if (held !== null) copied.held = held;
    if (this.list !== null) copied.list = this.list.map(([name, value]) => [name, value]);
    if (this.type !== "default") copied.type = this.type;
    if (this.isCoded) copied.isCoded = true;
    return copied;
  }
}

Object.assign(InnerResponse.prototype, {
  list: null,
  held: null,
  type: "default",
  urlList: Object.freeze([]),
  aborted: false,
  bodyDecoded: false,
  isCoded: false,
  // A Response's own, here so that it has one field.
  headers: undefined,
  guard: "response",
});

const isNullBodyStatus = (status) => status === 101 || status === 204 || status === 205 || status === 304;

// What only this file and ours may do with one.
let innerOf, make;

const NOTHING = Symbol("nothing");

class Response {
  #inner;

  constructor(body = null, init = undefined) {
    if (body === NOTHING) return;
    const prefix = "Failed to construct 'Response'";
    // Deno streams the items of anything that can be iterated over; elsewhere an array is its text.
    if (Array.isArray(body)) body = String(body);
    if (typeof body !== "string" && body !== null) body = toBody(body, prefix, "Argument 1");
    this.#inner = init === undefined || init === null ? plain(body) : initialized(body, undefined, init, prefix);
  }

  static error() {
    const inner = new InnerResponse(0, "", null, null);
    inner.type = "error";
    return make(inner, "immutable");
  }

  static redirect(url, status = 302) {
    const prefix = "Failed to execute 'Response.redirect'";
    url = webidl.converters.USVString(url, prefix, "Argument 1");
    status = toShort(status, prefix, "Argument 2");
    const { href } = new URL(url);
    if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308) {
      throw new RangeError(`Invalid redirect status code: ${status}`);
    }
    const inner = new InnerResponse(status, "", null, null);
    inner.list = [["Location", href]];
    return make(inner, "immutable");
  }

  static json(data = undefined, init = undefined) {
    const text = serializeJSValueToJSONString(data);
    const prefix = "Failed to execute 'Response.json'";
    const type = "application/json";
    const isPlain = init === undefined || init === null;
    return make(isPlain ? new InnerResponse(200, "", text, type) : initialized(text, type, init, prefix), "response");
  }

  get type() {
    return this.#inner.type;
  }

  get url() {
    const url = this.#inner.url();
    if (url === null) return "";
    const shown = new URL(url);
    shown.hash = "";
    return shown.href;
  }

  get redirected() {
    return this.#inner.urlList.length > 1;
  }

  get status() {
    return this.#inner.status;
  }

  get ok() {
    const { status } = this.#inner;
    return status >= 200 && status <= 299;
  }

  get statusText() {
    return this.#inner.statusMessage;
  }

  get headers() {
    const inner = this.#inner;
    return (inner.headers ??= headersFromHeaderList(inner.headerList, inner.guard));
  }

  clone() {
    const inner = this.#inner;
    if (typeof inner.text !== "string" && inner.body?.unusable()) throw new TypeError("Body is unusable");
    return make(copyOf(inner), inner.guard);
  }

  get [mimeTypeOf]() {
    return extractMimeType(getDecodeSplitHeader(this.#inner.headerList, "Content-Type"));
  }

  get [bodyOf]() {
    return this.#inner.body;
  }

  [Symbol.for("Deno.privateCustomInspect")](inspect, options) {
    const keys = ["body", "bodyUsed", "headers", "ok", "redirected", "status", "statusText", "url"];
    return inspect(createFilteredInspectProxy({ object: this, evaluate: #inner in this, keys }), options);
  }

  static {
    innerOf = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
    make = (inner, guard) => {
      const response = new Response(NOTHING);
      if (guard !== "response") inner.guard = guard;
      response.#inner = inner;
      return response;
    };
  }
}

function plain(body) {
  if (typeof body === "string") return new InnerResponse(200, "", body, TEXT);
  const inner = new InnerResponse(200, "", null, null);
  if (body === null) return inner;
  const extracted = extractBody(body);
  inner.held = extracted.body;
  inner.contentType = extracted.contentType;
  return inner;
}

/** Fetch §5.5, "initialize a response"; of a text the type may be given. */
function initialized(body, contentType, init, prefix) {
  if (typeof init !== "object" && typeof init !== "function") {
    throw webidl.makeException(TypeError, "can not be converted to a dictionary", prefix, "Argument 2");
  }
  const { headers, status = 200, statusText = "", encodeBody } = init;
  const inner = new InnerResponse(
    typeof status === "number" && status >= 0 && status <= 999 && Number.isInteger(status) ? status : toShort(status, prefix, "'status' of 'ResponseInit'"),
    statusText === "" ? "" : toByteString(statusText, prefix, "'statusText' of 'ResponseInit'"),
    null,
    null,
  );
  let held = null;
  if (typeof body === "string") {
    contentType ??= TEXT;
  } else if (body !== null) {
    ({ body: held, contentType } = extractBody(body));
  }
  if ((inner.status < 200 || inner.status > 599) && inner.status !== 101) {
    throw new RangeError(`The status provided (${inner.status}) is not equal to 101 and outside the range [200, 599]`);
  }
  if (inner.statusMessage !== "" && !REASON_PHRASE.test(inner.statusMessage)) {
    throw new TypeError(`Invalid status text: "${inner.statusMessage}"`);
  }
  if (headers !== undefined) {
    const list = (inner.list = []);
    fillHeaderList(list, webidl.converters.HeadersInit(headers, prefix, "'headers' of 'ResponseInit'"), prefix, "Argument 2");
  }
  if (body !== null) {
    if (isNullBodyStatus(inner.status)) throw new TypeError("Response with null body status cannot have body");
    if (held !== null) inner.held = held;
    else inner.text = body;
    if (inner.list === null) inner.contentType = contentType;
    else if (contentType !== null && contentType !== undefined) native.default_header(inner.list, "Content-Type", contentType);
  }
  if (encodeBody === "manual") inner.isCoded = true;
  return inner;
}

/** One that came from elsewhere (js/fetch.js) has all its fields. */
function copyOf(inner) {
  if (inner instanceof InnerResponse) return inner.copy();
  const copied = Object.assign(Object.create(Object.getPrototypeOf(inner)), inner, { headers: undefined });
  copied.headerList = inner.headerList.map(([name, value]) => [name, value]);
  copied.body = inner.body === null ? null : inner.body.clone();
  return copied;
}

// The mixin's methods and converters check it.
Response.prototype[webidl.brand] = webidl.brand;
webidl.configureInterface(Response);
for (const name of ["json", "redirect", "error"]) Object.defineProperty(Response, name, { enumerable: true });
mixinBody(Response.prototype, bodyOf, mimeTypeOf);
webidl.converters.Response = webidl.createInterfaceConverter("Response", Response.prototype);

module.exports = {
  fromInnerResponse: make,
  getInnerResponse: innerOf,
  Response,
  ResponsePrototype: Response.prototype,
};
