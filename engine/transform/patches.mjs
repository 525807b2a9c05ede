// What is changed in single scripts of Deno, and why. Each target must be there exactly as often as it says, so that a new
// version of a script cannot quietly lose a change.

/** [what stands there, what takes its place, why, how often unless once] for each script. */
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
    [
      "    const prefix = \"Failed to construct 'URL'\";\n    webidl.requiredArguments(arguments.length, 1, prefix);\n" +
        "    url = webidl.converters.DOMString(url, prefix, \"Argument 1\");\n",
      "    const prefix = \"Failed to construct 'URL'\";\n" +
        "    if (url === undefined && base === undefined) webidl.requiredArguments(0, 1, prefix);\n" +
        "    if (typeof url !== \"string\") url = webidl.converters.DOMString(url, prefix, \"Argument 1\");\n",
      "`arguments` is an object; without a base undefined is no URL either",
    ],
    ["    this[webidl.brand] = webidl.brand;\n    if (false", "    if (false", "on the prototype"],
    ["    self[webidl.brand] = webidl.brand;\n", "", "the same"],
    [
      "const URLPrototype = URL.prototype;\n",
      "const URLPrototype = URL.prototype;\nURLPrototype[webidl.brand] = webidl.brand;\n",
      "the same",
    ],
    ["    webidl.assertBranded(this, URLPrototype);\n", "", "they all look at a private field, which only a URL has", 23],
    [/  #schemeEnd;\n[\s\S]*?  #fragmentStart;\n/, "  #parts;\n", "one field instead of eight"],
    [/  #updateComponents\(\) \{\n[\s\S]*?\n  \}\n/, "  #updateComponents() {\n    this.#parts = op_url_parts();\n  }\n", "the same"],
    ["  op_url_reparse,\n", "  op_url_parts,\n  op_url_reparse,\n", "the same"],
    [/this\.#schemeEnd\b/, "this.#parts[0]", "the same", 5],
    [/this\.#usernameEnd\b/, "this.#parts[1]", "the same", 5],
    [/this\.#hostStart\b/, "this.#parts[2]", "the same", 3],
    [/this\.#hostEnd\b/, "this.#parts[3]", "the same", 3],
    [/this\.#port\b/, "this.#parts[4]", "the same", 1],
    [/this\.#pathStart\b/, "this.#parts[5]", "the same", 5],
    [/this\.#queryStart\b/, "this.#parts[6]", "the same", 3],
    [/this\.#fragmentStart\b/, "this.#parts[7]", "the same", 6],
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
      "    if (input === _brand) {\n      this[_brand] = _brand;\n      return;\n    }\n",
      "    if (input === _brand) return;\n",
      "on the prototype",
    ],
    ["    this[_brand] = _brand;\n\n    /** @type {InnerRequest} */\n", "    /** @type {InnerRequest} */\n", "on the prototype"],
    [
      "const RequestPrototype = Request.prototype;\n",
      'const RequestPrototype = Request.prototype;\nRequestPrototype[_brand] = _brand;\nRequestPrototype[_headersGuard] = "immutable";\n' +
        "function innerOf(request) {\n  const inner = request?.[_request];\n" +
        '  if (inner === undefined) throw new TypeError("Illegal invocation");\n  return inner;\n}\n',
      "every request of a visitor has these, and is asked for its URL",
    ],
    ["  request[_headersGuard] = guard;\n", '  if (guard !== "immutable") request[_headersGuard] = guard;\n', "the same"],
    [
      /    webidl\.assertBranded\(this, RequestPrototype\);\n    if \(this\[_url\]\) \{[\s\S]*?    return this\[_url\];\n(?=  \})/,
      "    return innerOf(this).url();\n",
      "the same",
    ],
    [
      /    webidl\.assertBranded\(this, RequestPrototype\);\n    if \(this\[_method\]\) \{[\s\S]*?    return this\[_method\];\n(?=  \})/,
      "    return innerOf(this).method;\n",
      "the same",
    ],
    [
      "    webidl.assertBranded(this, RequestPrototype);\n    return this[_headers];\n",
      "    innerOf(this);\n    return this[_headersCache] ?? this[_headers];\n",
      "the same",
    ],
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
};

/** The script with its changes. */
export function patched(name, source) {
  for (const [target, replacement, , expected = 1] of PATCHES[name] ?? []) {
    const pattern = typeof target === "string" ? new RegExp(escaped(target), "g") : new RegExp(target, "g");
    const count = [...source.matchAll(pattern)].length;
    if (count !== expected) throw new Error(`${name}: the target of a change is there ${count} times, not ${expected}: ${target}`);
    source = source.replaceAll(pattern, typeof target === "string" ? () => replacement : replacement);
  }
  return source;
}

const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
