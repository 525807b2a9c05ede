// HTMLRewriter: Cloudflare's class over its parser (src/ops/html.rs). The body is read, rewritten and passed on chunk by chunk.

import { native } from "./native.js";

const { isReadableStreamLocked, ReadableStream, ReadableStreamPrototype } = require("ext:deno_web/06_streams.js");
const { TextDecoder } = require("ext:deno_web/08_text_encoding.js");
const { Headers } = require("ext:deno_fetch/20_headers.js");
const { Response, ResponsePrototype } = require("ext:deno_fetch/23_response.js");

export class HTMLRewriter {
  #elements = [];
  #documents = [];

  on(selector, handlers) {
    selector = String(selector);
    native.html_check_selector(selector);
    this.#elements.push([
      selector, bound(handlers, "element", Element), bound(handlers, "comments", Comment), bound(handlers, "text", Text),
    ]);
    return this;
  }

  onDocument(handlers) {
    this.#documents.push([
      bound(handlers, "doctype", Doctype), bound(handlers, "comments", Comment), bound(handlers, "text", Text),
      bound(handlers, "end", DocumentEnd),
    ]);
    return this;
  }

  transform(response) {
    if (!ResponsePrototype.isPrototypeOf(response)) throw new TypeError("HTMLRewriter.transform() takes a Response");
    if (response.bodyUsed) throw new TypeError("The Response's body has already been used");
    const { body, status, statusText } = response;
    if (body === null) return response;
    if (isReadableStreamLocked(body)) throw new TypeError("The Response's body is being read by somebody else");
    const headers = new Headers(response.headers);
    headers.delete("content-length");
    const charset = /;\s*charset="?([^\s;"]+)/i.exec(headers.get("content-type") ?? "")?.[1] ?? "utf-8";
    return new Response(rewritten(body, [...this.#elements], [...this.#documents], charset), { status, statusText, headers });
  }
}

function rewritten(body, elements, documents, charset) {
  const reader = body.getReader();
  const outer = native.async_context();
  const level = Math.min(outer?.get(LEVEL) ?? 0, LEVEL_MAX);
  const context = new Map(outer).set(LEVEL, level + 1);
  let rewriter, controller;
  let hasGiven = false;
  const give = (chunk) => {
    hasGiven = true;
    controller.enqueue(chunk);
  };
  const end = () => {
    if (rewriter !== undefined) native.html_drop(rewriter);
  };
  return new ReadableStream({
    type: "bytes",
    async pull(its) {
      controller = its;
      hasGiven = false;
      try {
        // A round may bring nothing: the parser holds back what may yet be changed.
        while (!hasGiven) {
          const { done, value } = await reader.read();
          if (!done && !(value instanceof Uint8Array)) throw new TypeError("A body's stream must give Uint8Array chunks");
          while (native.html_depth() >= DEPTH_MAX * (level + 1)) await new Promise((resolve) => crowd.push(resolve));
          rewriter ??= native.html_new(elements, documents, charset, give);
          within(context, done ? native.html_end : native.html_write, rewriter, value);
          if (done) {
            controller.close();
            controller.byobRequest?.respond(0);
            break;
          }
        }
      } catch (error) {
        end();
        reader.cancel(error).catch(() => {});
        throw error;
      } finally {
        for (const go of crowd.splice(0)) go();
      }
    },
    cancel(reason) {
      end();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

// A handler that waits does so inside the parser's call, and others inside it, as deep as the stack allows: rewriters beyond
// that stand in line. One that a handler has made may go deeper than those it stands beside, for the handler waits for it; so
// its handlers' context (that of AsyncLocalStorage) says how many are around it.
const DEPTH_MAX = 6;
const LEVEL_MAX = 2;
const LEVEL = Symbol("HTMLRewriter");
const crowd = [];

function within(context, run, ...values) {
  const before = native.swap_async_context(context);
  try {
    run(...values);
  } finally {
    native.swap_async_context(before);
  }
}

/** The function that Rust calls with the number of a token; undefined when there is no such handler. */
function bound(handlers, name, Token) {
  const handler = handlers?.[name];
  if (handler === undefined || handler === null) return undefined;
  if (typeof handler !== "function") throw new TypeError(`HTMLRewriter: the handler "${name}" is no function`);
  return (number) => settled(handler.call(handlers, new Token(number)));
}

/** A promise for Rust to wait for. Its rejection becomes the body's error: nobody else need look at it. */
function settled(result) {
  if (typeof result?.then !== "function") return undefined;
  const promise = Promise.resolve(result);
  promise.then(undefined, () => {});
  return promise;
}

const isHtml = (options) => Boolean(options?.html);

/** A string; for a stream or a Response a function that writes it when the parser has come so far. */
function content(value, options) {
  const stream = ResponsePrototype.isPrototypeOf(value) ? value.body ?? "" : value;
  if (!ReadableStreamPrototype.isPrototypeOf(stream)) return String(stream);
  const reader = stream.getReader();
  return (sink) => settled(copy(reader, sink, isHtml(options)));
}

async function copy(reader, sink, html) {
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    const text = done ? decoder.decode() : typeof value === "string" ? value : decoder.decode(value, { stream: true });
    if (text !== "") native.html_insert(sink, "", text, html);
    if (done) return;
  }
}

/** What all tokens are: a number that means something to Rust while the handler runs. */
class ContentToken {
  #number;

  constructor(number) {
    this.#number = number;
  }

  static number(token) {
    return token.#number;
  }

  static insert(token, place, value, options) {
    native.html_insert(token.#number, place, content(value, options), isHtml(options));
    return token;
  }

  static remove(token, keepsContent = false) {
    native.html_remove(token.#number, keepsContent);
    return token;
  }
}

const { number, insert, remove } = ContentToken;
const read = (token, property) => native.html_get(number(token), property);

class Element extends ContentToken {
  get tagName() {
    return read(this, "tagName");
  }

  set tagName(name) {
    native.html_set(number(this), String(name));
  }

  get attributes() {
    return read(this, "attributes")[Symbol.iterator]();
  }

  get removed() {
    return read(this, "removed");
  }

  get namespaceURI() {
    return read(this, "namespaceURI");
  }

  get selfClosing() {
    return read(this, "selfClosing");
  }

  get canHaveContent() {
    return read(this, "canHaveContent");
  }

  getAttribute(name) {
    return native.html_attribute(number(this), String(name));
  }

  hasAttribute(name) {
    return native.html_has_attribute(number(this), String(name));
  }

  setAttribute(name, value) {
    native.html_set_attribute(number(this), String(name), String(value));
    return this;
  }

  removeAttribute(name) {
    native.html_remove_attribute(number(this), String(name));
    return this;
  }

  before(value, options) {
    return insert(this, "before", value, options);
  }

  after(value, options) {
    return insert(this, "after", value, options);
  }

  prepend(value, options) {
    return insert(this, "prepend", value, options);
  }

  append(value, options) {
    return insert(this, "append", value, options);
  }

  replace(value, options) {
    return insert(this, "replace", value, options);
  }

  setInnerContent(value, options) {
    return insert(this, "inside", value, options);
  }

  remove() {
    return remove(this);
  }

  removeAndKeepContent() {
    return remove(this, true);
  }

  onEndTag(handler) {
    if (typeof handler !== "function") throw new TypeError("onEndTag() takes a function");
    native.html_on_end_tag(number(this), (number) => settled(handler(new EndTag(number))));
  }
}

class EndTag extends ContentToken {
  get name() {
    return read(this, "name");
  }

  set name(name) {
    native.html_set(number(this), String(name));
  }

  before(value, options) {
    return insert(this, "before", value, options);
  }

  after(value, options) {
    return insert(this, "after", value, options);
  }

  remove() {
    return remove(this);
  }
}

/** Comments and text. */
class Replaceable extends ContentToken {
  get removed() {
    return read(this, "removed");
  }

  before(value, options) {
    return insert(this, "before", value, options);
  }

  after(value, options) {
    return insert(this, "after", value, options);
  }

  replace(value, options) {
    return insert(this, "replace", value, options);
  }

  remove() {
    return remove(this);
  }
}

class Comment extends Replaceable {
  get text() {
    return read(this, "text");
  }

  set text(text) {
    native.html_set(number(this), String(text));
  }
}

class Text extends Replaceable {
  get text() {
    return read(this, "text");
  }

  get lastInTextNode() {
    return read(this, "lastInTextNode");
  }
}

class Doctype extends ContentToken {
  get name() {
    return read(this, "name");
  }

  get publicId() {
    return read(this, "publicId");
  }

  get systemId() {
    return read(this, "systemId");
  }

  remove() {
    return remove(this);
  }
}

class DocumentEnd extends ContentToken {
  append(value, options) {
    return insert(this, "append", value, options);
  }
}
