// What is changed in single scripts of Deno, and why. Each target must be there exactly as often as it says, so that a new
// version of a script cannot quietly lose a change.

/** [what stands there, what takes its place, why] for each script. */
const PATCHES = {
  "deno_crypto/00_crypto.js": [
    ["if (!ArrayPrototypeIncludes([12, 16], ivLen)) {", "if (ivLen === 0) {", "the host takes initialisation vectors of any length"],
    [
      "  key[kKeyObject] = getKeyData(handle);\n",
      "",
      "would show the bytes of a key that shall not be extractable to whoever looks at its symbols",
    ],
    [/(const supportedAlgorithms = \{\s*"digest": \{)/, '$1\n    "MD5": null,', "Cloudflare digests with MD5 too"],
  ],
  "deno_core/00_primordials.js": [
    ["  ObjectFreeze(primordials);\n", "", "main.js drops what nobody has taken, to keep it out of the image"],
    [
      "  globalThis.__bootstrap ??= {};\n  globalThis.__bootstrap.primordials = primordials;\n",
      "  module.exports = primordials;\n",
      "a module here, not a global",
    ],
  ],
  "deno_web/01_dom_exception.js": [
    [
      "    error[webidl.brand] = webidl.brand;\n",
      '    if (typeof error.stack === "string" && error.stack.startsWith("Error\\n")) {\n' +
        '      const stack = (message === "" ? name : `${name}: ${message}`) + error.stack.slice(5);\n' +
        '      ObjectDefineProperty(error, "stack", { value: stack, writable: true, configurable: true });\n' +
        "    }\n" +
        "    error[webidl.brand] = webidl.brand;\n",
      "the stack's first line, which is made before name and message are known",
    ],
  ],
  "deno_web/00_url.js": [
    [
      "if (base === undefined && parseSimpleSpecialUrl(url)) {",
      "if (false) {",
      "its walk over each character spares V8 a call into Rust; here the call is the cheaper one",
    ],
  ],
  "deno_webidl/00_webidl.js": [
    [
      /function isByteString\(input\) \{[\s\S]*?\n\}/,
      "const { isByteString } = core.ops;",
      "a walk over each character",
    ],
    [
      "    value: interface_.name,",
      "    value: interface_.name.replace(/^_|\\d+$/g, \"\"),",
      "the bundler renames a class to Headers2 or _Headers when its name is in use",
    ],
  ],
  "deno_fetch/23_request.js": [
    [
      /  \/\*\* @type \{InnerRequest\} \*\/\n  \[_request\];\n[\s\S]*?  \[_method\];\n/,
      "",
      "seven properties of every request that most never use",
    ],
    [
      '    init = webidl.converters["RequestInit"](init, prefix, "Argument 2");',
      "    if (ObjectPrototypeIsPrototypeOf(RequestPrototype, init)) {\n" +
        "      const { method, headers, body, redirect, [_signalCache]: signal, [_request]: { cf } } = init;\n" +
        "      init = { method, headers, body, redirect, cf, signal: signal || undefined };\n" +
        "    }\n" +
        '    init = webidl.converters["RequestInit"](init, prefix, "Argument 2");',
      "fetch(url, request) is common, and shall not make a signal either",
    ],
    [
      "if (request.cacheMode !== undefined) cloned.cacheMode",
      "if (request.cf !== undefined) cloned.cf = request.cf;\n" +
        "  if (request.onCancel !== undefined) cloned.onCancel = request.onCancel;\n" +
        "  if (request.cacheMode !== undefined) cloned.cacheMode",
      "request.cf and the visitor's leaving go along with a copy",
    ],
    [
      "signal = input[_signal];\n",
      "signal = input[_signalCache] || null;\n",
      "no signal object for a request whose signal nobody has asked for: the copy asks for its own",
    ],
    [
      "    if (init.signal !== undefined) {",
      "    if (init.cf !== undefined) request.cf = init.cf;\n    if (init.signal !== undefined) {",
      "request.cf may be given",
    ],
    [
      "{ key: \"client\", converter: webidl.converters.any },",
      "{ key: \"client\", converter: webidl.converters.any },\n    { key: \"cf\", converter: webidl.converters.any },",
      "request.cf may be given",
    ],
    [
      "    const materializedSignal = this[_signal];\n" +
        "    const clonedSignal = createDependentAbortSignal(\n" +
        "      [materializedSignal],\n      prefix,\n    );\n",
      "    const clonedSignal = this[_signalCache]\n" +
        "      ? createDependentAbortSignal([this[_signalCache]], prefix)\n      : undefined;\n",
      "as above, for clone()",
    ],
  ],
  "deno_fetch/23_response.js": [
    [
      "      return { status, statusText, headers: init.headers };\n",
      "      return { status, statusText, headers: init.headers, encodeBody: init.encodeBody };\n",
      "Cloudflare's encodeBody",
    ],
    [
      "  response[_response].statusMessage = init.statusText;\n",
      '  response[_response].statusMessage = init.statusText;\n  if (init.encodeBody === "manual") response[_response].isCoded = true;\n',
      "the same",
    ],
    [
      /  response\[_serveFastStatus\] = 0;\n[\s\S]*?  response\[_serveNativeResponse\] = null;\n(?=  response\[_lazyStaticBody\])/,
      "",
      "parts of the shortcut for Deno's own server, see below",
    ],
    [
      "function dropServeFastStatic(response) {",
      "function dropServeFastStatic(response) {\n  return;",
      "the same",
    ],
    [
      /function newInnerResponse\(status = 200, statusMessage = ""\) \{[\s\S]*?\n\}\n/,
      `class InnerResponse {
  constructor(status, statusMessage) {
    this.type = "default";
    this.body = null;
    this.headerList = [];
    this.urlList = [];
    this.status = status;
    this.statusMessage = statusMessage;
    this.aborted = false;
    this.bodyDecoded = false;
  }
  url() {
    return this.urlList.length === 0 ? null : this.urlList[this.urlList.length - 1];
  }
}
function newInnerResponse(status = 200, statusMessage = "") {
  return new InnerResponse(status, statusMessage);
}
`,
      "no function object for every response",
    ],
    [
      "function maybeSetServeNativeFromInner(response) {",
      "function maybeSetServeNativeFromInner(response) {\n  return;",
      "a shortcut for Deno's own server, which costs nine objects a response here",
    ],
    [
      "function setServeFastStatic(response, status, body, headerKind, contentType) {",
      "function setServeFastStatic(response, status, body, headerKind, contentType) {\n  return;",
      "the same",
    ],
  ],
};

/** The script with its changes. */
export function patched(name, source) {
  for (const [target, replacement] of PATCHES[name] ?? []) {
    const pattern = typeof target === "string" ? new RegExp(escaped(target), "g") : new RegExp(target, "g");
    const count = [...source.matchAll(pattern)].length;
    if (count !== 1) throw new Error(`${name}: the target of a change is there ${count} times, not once: ${target}`);
    source = typeof target === "string" ? source.replace(target, () => replacement) : source.replace(target, replacement);
  }
  return source;
}

const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
