// The global scope of every worker.

import { atob, btoa } from "./base64.js";
import { Cache, CacheStorage, caches } from "./cache.js";
import { structuredClone } from "./clone.js";
import { console } from "./console.js";
import { crypto, Crypto, CryptoKey, SubtleCrypto } from "./crypto.js";
import { fetch } from "./fetch.js";
import { HTMLRewriter } from "./htmlrewriter.js";
import { MessageChannel, MessagePort } from "./messages.js";
import { native } from "./native.js";
import { performance } from "./performance.js";
import { ExtendableEvent, FetchEvent, globalEvents } from "./serviceworker.js";
import { FixedLengthStream, IdentityTransformStream } from "./streams.js";
import { clearTimeout, scheduler, setImmediate, setInterval, setTimeout } from "./timers.js";
import { WebAssembly } from "./webassembly.js";

const take = (exports, ...names) => Object.fromEntries(names.map((name) => [name, exports[name]]));

const classes = {
  ...take(require("ext:deno_web/01_dom_exception.js"), "DOMException"),
  ...take(require("ext:deno_web/00_url.js"), "URL", "URLSearchParams"),
  ...take(require("ext:deno_web/01_urlpattern.js"), "URLPattern"),
  ...take(
    require("ext:deno_web/02_event.js"),
    "Event", "EventTarget", "CustomEvent", "ErrorEvent", "MessageEvent", "CloseEvent", "PromiseRejectionEvent",
  ),
  ...take(require("ext:deno_web/03_abort_signal.js"), "AbortController", "AbortSignal"),
  ...take(
    require("ext:deno_web/06_streams.js"),
    "ReadableStream", "ReadableStreamDefaultReader", "ReadableStreamBYOBReader", "ReadableStreamDefaultController",
    "ReadableByteStreamController", "ReadableStreamBYOBRequest", "WritableStream", "WritableStreamDefaultWriter",
    "WritableStreamDefaultController", "TransformStream", "TransformStreamDefaultController", "ByteLengthQueuingStrategy",
    "CountQueuingStrategy",
  ),
  ...take(require("ext:deno_web/08_text_encoding.js"), "TextEncoder", "TextDecoder", "TextEncoderStream", "TextDecoderStream"),
  ...take(require("ext:deno_web/09_file.js"), "Blob", "File"),
  ...take(require("ext:deno_web/14_compression.js"), "CompressionStream", "DecompressionStream"),
  ...take(require("ext:deno_fetch/20_headers.js"), "Headers"),
  ...take(require("ext:deno_fetch/21_formdata.js"), "FormData"),
  ...take(require("ext:deno_fetch/23_request.js"), "Request"),
  ...take(require("ext:deno_fetch/23_response.js"), "Response"),
  Cache,
  CacheStorage,
  Crypto,
  CryptoKey,
  SubtleCrypto,
  ExtendableEvent,
  FetchEvent,
  FixedLengthStream,
  HTMLRewriter,
  IdentityTransformStream,
  MessageChannel,
  MessagePort,
  WebSocket: unsupported("WebSocket"),
  WebSocketPair: unsupported("WebSocketPair"),
};

const functions = {
  atob,
  btoa,
  fetch,
  structuredClone,
  setTimeout,
  setInterval,
  setImmediate,
  clearTimeout,
  clearInterval: clearTimeout,
  clearImmediate: clearTimeout,
  ...globalEvents,
};

const navigator = {
  userAgent: "Cloudflare-Workers",
  hardwareConcurrency: 1,
  language: "en",
  languages: ["en"],
  platform: "",
};

const objects = { caches, console, crypto, navigator, performance, scheduler, self: globalThis, WebAssembly };

export function define() {
  for (const [name, value] of Object.entries({ ...classes, ...functions, ...objects })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
  // The bundler renames those that would hide each other.
  for (const [name, value] of Object.entries(classes)) Object.defineProperty(value, "name", { value: name, configurable: true });
  Object.defineProperty(globalThis, Symbol.toStringTag, { value: "ServiceWorkerGlobalScope", configurable: true });
  Math.random = { random: () => native.random_number() }.random;
  // Made for pages that Deno has and workers have not.
  delete URL.createObjectURL;
  delete URL.revokeObjectURL;
}

function unsupported(name) {
  // A class, because libraries ask whether there is one.
  return {
    [name]: class {
      constructor() {
        throw new Error(`${name} is not supported here`);
      }
    },
  }[name];
}
