(() => {
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __esm = (fn, res, err) => function __init() {
    if (err) throw err[0];
    try {
      return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
    } catch (e) {
      throw err = [e], e;
    }
  };
  var __commonJS = (cb, mod) => function __require() {
    try {
      return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
    } catch (e) {
      throw mod = 0, e;
    }
  };
  var __export = (target2, all) => {
    for (var name in all)
      __defProp(target2, name, { get: all[name], enumerable: true });
  };
  var __copyProps = (to, from, except, desc) => {
    if (from && typeof from === "object" || typeof from === "function") {
      for (let key of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key) && key !== except)
          __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
    }
    return to;
  };
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // <define:CRYPTO_OPERATIONS>
  var define_CRYPTO_OPERATIONS_default;
  var init_define_CRYPTO_OPERATIONS = __esm({
    "<define:CRYPTO_OPERATIONS>"() {
      define_CRYPTO_OPERATIONS_default = ["op_crypto_base64url_decode", "op_crypto_base64url_encode", "op_crypto_decrypt", "op_crypto_derive_bits", "op_crypto_derive_bits_x25519", "op_crypto_derive_bits_x448", "op_crypto_encrypt", "op_crypto_export_key", "op_crypto_export_pkcs8_ed25519", "op_crypto_export_pkcs8_x25519", "op_crypto_export_pkcs8_x448", "op_crypto_export_spki_ed25519", "op_crypto_export_spki_x25519", "op_crypto_export_spki_x448", "op_crypto_generate_ed25519_keypair", "op_crypto_generate_key", "op_crypto_generate_x25519_keypair", "op_crypto_generate_x448_keypair", "op_crypto_get_random_values", "op_crypto_import_key", "op_crypto_key_store_get", "op_crypto_key_store_insert", "op_crypto_import_pkcs8_ed25519", "op_crypto_import_pkcs8_x25519", "op_crypto_import_pkcs8_x448", "op_crypto_import_spki_ed25519", "op_crypto_import_spki_x25519", "op_crypto_import_spki_x448", "op_crypto_jwk_x_ed25519", "op_crypto_ml_kem_decapsulate", "op_crypto_ml_kem_encapsulate", "op_crypto_ml_kem_export_pkcs8", "op_crypto_ml_kem_export_spki", "op_crypto_ml_kem_from_seed", "op_crypto_ml_kem_get_public_key", "op_crypto_ml_kem_import_pkcs8", "op_crypto_ml_kem_import_spki", "op_crypto_ml_kem_validate_public_key", "op_crypto_mldsa_export_pkcs8", "op_crypto_mldsa_export_spki", "op_crypto_mldsa_from_pkcs8", "op_crypto_mldsa_from_seed", "op_crypto_mldsa_from_spki", "op_crypto_random_uuid", "op_crypto_sign_ed25519", "op_crypto_sign_key", "op_crypto_sign_mldsa", "op_crypto_subtle_digest", "op_crypto_subtle_digest_xof", "op_crypto_unwrap_key", "op_crypto_verify_ed25519", "op_crypto_verify_key", "op_crypto_verify_mldsa", "op_crypto_wrap_key", "op_crypto_x25519_public_key", "op_crypto_x448_public_key"];
    }
  });

  // js/native.js
  var native_exports = {};
  __export(native_exports, {
    native: () => native
  });
  var native;
  var init_native = __esm({
    "js/native.js"() {
      init_define_CRYPTO_OPERATIONS();
      native = globalThis.__native;
    }
  });

  // deno:deno_core/00_primordials.js
  var require_primordials = __commonJS({
    "deno:deno_core/00_primordials.js"(exports, module2) {
      "use strict";
      init_define_CRYPTO_OPERATIONS();
      (() => {
        const primordials3 = {};
        const {
          defineProperty: ReflectDefineProperty,
          getOwnPropertyDescriptor: ReflectGetOwnPropertyDescriptor,
          ownKeys: ReflectOwnKeys
        } = Reflect;
        const { apply, bind: bind2, call: call3 } = Function.prototype;
        const uncurryThis = bind2.bind(call3);
        primordials3.uncurryThis = uncurryThis;
        const applyBind = bind2.bind(apply);
        primordials3.applyBind = applyBind;
        const varargsMethods = [
          // 'ArrayPrototypeConcat' is omitted, because it performs the spread
          // on its own for arrays and array-likes with a truthy
          // @@isConcatSpreadable symbol property.
          "ArrayOf",
          "ArrayPrototypePush",
          "ArrayPrototypeUnshift",
          // 'FunctionPrototypeCall' is omitted, since there's 'ReflectApply'
          // and 'FunctionPrototypeApply'.
          "MathHypot",
          "MathMax",
          "MathMin",
          "StringPrototypeConcat",
          "TypedArrayOf"
        ];
        function getNewKey(key) {
          return typeof key === "symbol" ? `Symbol${key.description[7].toUpperCase()}${key.description.slice(8)}` : `${key[0].toUpperCase()}${key.slice(1)}`;
        }
        function copyAccessor(dest, prefix, key, { enumerable, get, set }) {
          ReflectDefineProperty(dest, `${prefix}Get${key}`, {
            __proto__: null,
            value: uncurryThis(get),
            enumerable
          });
          if (set !== void 0) {
            ReflectDefineProperty(dest, `${prefix}Set${key}`, {
              __proto__: null,
              value: uncurryThis(set),
              enumerable
            });
          }
        }
        function copyPropsRenamed(src, dest, prefix) {
          for (const key of ReflectOwnKeys(src)) {
            const newKey = getNewKey(key);
            const desc = ReflectGetOwnPropertyDescriptor(src, key);
            if ("get" in desc) {
              copyAccessor(dest, prefix, newKey, desc);
            } else {
              const name = `${prefix}${newKey}`;
              ReflectDefineProperty(dest, name, { __proto__: null, ...desc });
              if (varargsMethods.includes(name)) {
                ReflectDefineProperty(dest, `${name}Apply`, {
                  __proto__: null,
                  // `src` is bound as the `this` so that the static `this` points
                  // to the object it was defined on,
                  // e.g.: `ArrayOfApply` gets a `this` of `Array`:
                  value: applyBind(desc.value, src)
                });
              }
            }
          }
        }
        function copyPropsRenamedBound(src, dest, prefix) {
          for (const key of ReflectOwnKeys(src)) {
            const newKey = getNewKey(key);
            const desc = ReflectGetOwnPropertyDescriptor(src, key);
            if ("get" in desc) {
              copyAccessor(dest, prefix, newKey, desc);
            } else {
              const { value } = desc;
              if (typeof value === "function") {
                desc.value = value.bind(src);
              }
              const name = `${prefix}${newKey}`;
              ReflectDefineProperty(dest, name, { __proto__: null, ...desc });
              if (varargsMethods.includes(name)) {
                ReflectDefineProperty(dest, `${name}Apply`, {
                  __proto__: null,
                  value: applyBind(value, src)
                });
              }
            }
          }
        }
        function copyPrototype(src, dest, prefix) {
          for (const key of ReflectOwnKeys(src)) {
            const newKey = getNewKey(key);
            const desc = ReflectGetOwnPropertyDescriptor(src, key);
            if ("get" in desc) {
              copyAccessor(dest, prefix, newKey, desc);
            } else {
              const { value } = desc;
              if (typeof value === "function") {
                desc.value = uncurryThis(value);
              }
              const name = `${prefix}${newKey}`;
              ReflectDefineProperty(dest, name, { __proto__: null, ...desc });
              if (varargsMethods.includes(name)) {
                ReflectDefineProperty(dest, `${name}Apply`, {
                  __proto__: null,
                  value: applyBind(value)
                });
              }
            }
          }
        }
        [
          "Proxy",
          "globalThis"
        ].forEach((name) => {
          primordials3[name] = globalThis[name];
        });
        primordials3[isNaN.name] = isNaN;
        [
          decodeURI,
          decodeURIComponent,
          encodeURI,
          encodeURIComponent
        ].forEach((fn) => {
          primordials3[fn.name] = fn;
        });
        [
          "JSON",
          "Math",
          "Proxy",
          "Reflect"
        ].forEach((name) => {
          copyPropsRenamed(globalThis[name], primordials3, name);
        });
        [
          "AggregateError",
          "Array",
          "ArrayBuffer",
          "BigInt",
          "BigInt64Array",
          "BigUint64Array",
          "Boolean",
          "DataView",
          "Date",
          "Error",
          "EvalError",
          "FinalizationRegistry",
          "Float32Array",
          "Float64Array",
          "Function",
          "Int16Array",
          "Int32Array",
          "Int8Array",
          "Map",
          "Number",
          "Object",
          "RangeError",
          "ReferenceError",
          "RegExp",
          "Set",
          "String",
          "Symbol",
          "SyntaxError",
          "TypeError",
          "URIError",
          "Uint16Array",
          "Uint32Array",
          "Uint8Array",
          "Uint8ClampedArray",
          "WeakMap",
          "WeakRef",
          "WeakSet"
        ].forEach((name) => {
          const original = globalThis[name];
          primordials3[name] = original;
          copyPropsRenamed(original, primordials3, name);
          copyPrototype(original.prototype, primordials3, `${name}Prototype`);
        });
        [
          "Promise"
        ].forEach((name) => {
          const original = globalThis[name];
          primordials3[name] = original;
          copyPropsRenamedBound(original, primordials3, name);
          copyPrototype(original.prototype, primordials3, `${name}Prototype`);
        });
        [
          { name: "TypedArray", original: Reflect.getPrototypeOf(Uint8Array) },
          {
            name: "ArrayIterator",
            original: {
              prototype: Reflect.getPrototypeOf(Array.prototype[Symbol.iterator]())
            }
          },
          {
            name: "SetIterator",
            original: {
              prototype: Reflect.getPrototypeOf((/* @__PURE__ */ new Set())[Symbol.iterator]())
            }
          },
          {
            name: "MapIterator",
            original: {
              prototype: Reflect.getPrototypeOf((/* @__PURE__ */ new Map())[Symbol.iterator]())
            }
          },
          {
            name: "StringIterator",
            original: {
              prototype: Reflect.getPrototypeOf(String.prototype[Symbol.iterator]())
            }
          },
          { name: "Generator", original: Reflect.getPrototypeOf(function* () {
          }) },
          {
            name: "AsyncGenerator",
            original: Reflect.getPrototypeOf(async function* () {
            })
          }
        ].forEach(({ name, original }) => {
          primordials3[name] = original;
          copyPrototype(original, primordials3, name);
          copyPrototype(original.prototype, primordials3, `${name}Prototype`);
        });
        const {
          ArrayPrototypeForEach,
          ArrayPrototypeJoin,
          ArrayPrototypeMap,
          FunctionPrototypeCall,
          ObjectDefineProperty,
          ObjectFreeze,
          ObjectPrototypeIsPrototypeOf,
          ObjectSetPrototypeOf,
          Promise: Promise2,
          PromisePrototype,
          PromisePrototypeThen,
          SymbolIterator,
          TypedArrayPrototypeJoin
        } = primordials3;
        const createSafeIterator = (factory, next) => {
          class SafeIterator {
            constructor(iterable) {
              this._iterator = factory(iterable);
            }
            next() {
              return next(this._iterator);
            }
            [SymbolIterator]() {
              return this;
            }
          }
          ObjectSetPrototypeOf(SafeIterator.prototype, null);
          ObjectFreeze(SafeIterator.prototype);
          ObjectFreeze(SafeIterator);
          return SafeIterator;
        };
        class SafeArrayIterator {
          #array;
          #done = false;
          #index = 0;
          constructor(array) {
            this.#array = array;
          }
          next() {
            if (this.#done) {
              return { value: void 0, done: true };
            }
            const array = this.#array;
            const index = this.#index;
            if (index >= array.length) {
              this.#done = true;
              return { value: void 0, done: true };
            }
            this.#index = index + 1;
            return { value: array[index], done: false };
          }
          [SymbolIterator]() {
            return this;
          }
        }
        ObjectSetPrototypeOf(SafeArrayIterator.prototype, null);
        ObjectFreeze(SafeArrayIterator.prototype);
        ObjectFreeze(SafeArrayIterator);
        primordials3.SafeArrayIterator = SafeArrayIterator;
        primordials3.SafeSetIterator = createSafeIterator(
          primordials3.SetPrototypeSymbolIterator,
          primordials3.SetIteratorPrototypeNext
        );
        primordials3.SafeMapIterator = createSafeIterator(
          primordials3.MapPrototypeSymbolIterator,
          primordials3.MapIteratorPrototypeNext
        );
        primordials3.SafeStringIterator = createSafeIterator(
          primordials3.StringPrototypeSymbolIterator,
          primordials3.StringIteratorPrototypeNext
        );
        const copyProps = (src, dest) => {
          ArrayPrototypeForEach(ReflectOwnKeys(src), (key) => {
            if (!ReflectGetOwnPropertyDescriptor(dest, key)) {
              ReflectDefineProperty(
                dest,
                key,
                {
                  __proto__: null,
                  ...ReflectGetOwnPropertyDescriptor(src, key)
                }
              );
            }
          });
        };
        const makeSafe = (unsafe, safe) => {
          if (SymbolIterator in unsafe.prototype) {
            const dummy = new unsafe();
            let next;
            ArrayPrototypeForEach(ReflectOwnKeys(unsafe.prototype), (key) => {
              if (!ReflectGetOwnPropertyDescriptor(safe.prototype, key)) {
                const desc = ReflectGetOwnPropertyDescriptor(unsafe.prototype, key);
                if (typeof desc.value === "function" && desc.value.length === 0 && SymbolIterator in (FunctionPrototypeCall(desc.value, dummy) ?? {})) {
                  const createIterator = uncurryThis(desc.value);
                  next ??= uncurryThis(createIterator(dummy).next);
                  const SafeIterator = createSafeIterator(createIterator, next);
                  desc.value = function() {
                    return new SafeIterator(this);
                  };
                }
                ReflectDefineProperty(safe.prototype, key, {
                  __proto__: null,
                  ...desc
                });
              }
            });
          } else {
            copyProps(unsafe.prototype, safe.prototype);
          }
          copyProps(unsafe, safe);
          ObjectSetPrototypeOf(safe.prototype, null);
          ObjectFreeze(safe.prototype);
          ObjectFreeze(safe);
          return safe;
        };
        primordials3.makeSafe = makeSafe;
        primordials3.SafeMap = makeSafe(
          Map,
          class SafeMap extends Map {
            constructor(i) {
              if (i == null) {
                super();
                return;
              }
              super(new SafeArrayIterator(i));
            }
          }
        );
        primordials3.SafeWeakMap = makeSafe(
          WeakMap,
          class SafeWeakMap extends WeakMap {
            constructor(i) {
              if (i == null) {
                super();
                return;
              }
              super(new SafeArrayIterator(i));
            }
          }
        );
        primordials3.SafeSet = makeSafe(
          Set,
          class SafeSet extends Set {
            constructor(i) {
              if (i == null) {
                super();
                return;
              }
              super(new SafeArrayIterator(i));
            }
          }
        );
        primordials3.SafeWeakSet = makeSafe(
          WeakSet,
          class SafeWeakSet extends WeakSet {
            constructor(i) {
              if (i == null) {
                super();
                return;
              }
              super(new SafeArrayIterator(i));
            }
          }
        );
        primordials3.SafeRegExp = makeSafe(
          RegExp,
          class SafeRegExp extends RegExp {
            constructor(pattern, flags) {
              super(pattern, flags);
            }
          }
        );
        primordials3.SafeFinalizationRegistry = makeSafe(
          FinalizationRegistry,
          class SafeFinalizationRegistry extends FinalizationRegistry {
            constructor(cleanupCallback) {
              super(cleanupCallback);
            }
          }
        );
        primordials3.SafeWeakRef = makeSafe(
          WeakRef,
          class SafeWeakRef extends WeakRef {
            constructor(target2) {
              super(target2);
            }
          }
        );
        const SafePromise = makeSafe(
          Promise2,
          class SafePromise extends Promise2 {
            constructor(executor) {
              super(executor);
            }
          }
        );
        primordials3.ArrayPrototypeToString = (thisArray) => ArrayPrototypeJoin(thisArray);
        primordials3.TypedArrayPrototypeToString = (thisArray) => TypedArrayPrototypeJoin(thisArray);
        primordials3.PromisePrototypeCatch = (thisPromise, onRejected) => PromisePrototypeThen(thisPromise, void 0, onRejected);
        const arrayToSafePromiseIterable = (array) => new SafeArrayIterator(
          ArrayPrototypeMap(
            array,
            (p) => {
              if (ObjectPrototypeIsPrototypeOf(PromisePrototype, p)) {
                return new SafePromise((c, d) => PromisePrototypeThen(p, c, d));
              }
              return p;
            }
          )
        );
        primordials3.SafePromiseAll = (values) => (
          // Wrapping on a new Promise is necessary to not expose the SafePromise
          // prototype to user-land.
          new Promise2(
            (a, b) => SafePromise.all(arrayToSafePromiseIterable(values)).then(a, b)
          )
        );
        primordials3.SafePromiseAllSettled = (values) => (
          // Wrapping on a new Promise is necessary to not expose the SafePromise
          // prototype to user-land.
          new Promise2(
            (a, b) => SafePromise.allSettled(arrayToSafePromiseIterable(values)).then(a, b)
          )
        );
        primordials3.SafePromiseAny = (values) => (
          // Wrapping on a new Promise is necessary to not expose the SafePromise
          // prototype to user-land.
          new Promise2(
            (a, b) => SafePromise.any(arrayToSafePromiseIterable(values)).then(a, b)
          )
        );
        primordials3.SafePromiseRace = (values) => (
          // Wrapping on a new Promise is necessary to not expose the SafePromise
          // prototype to user-land.
          new Promise2(
            (a, b) => SafePromise.race(arrayToSafePromiseIterable(values)).then(a, b)
          )
        );
        primordials3.SafePromisePrototypeFinally = (thisPromise, onFinally) => (
          // Wrapping on a new Promise is necessary to not expose the SafePromise
          // prototype to user-land.
          new Promise2(
            (a, b) => new SafePromise((a2, b2) => PromisePrototypeThen(thisPromise, a2, b2)).finally(onFinally).then(a, b)
          )
        );
        let queueMicrotask2 = void 0;
        ObjectDefineProperty(primordials3, "queueMicrotask", {
          __proto__: null,
          get() {
            return queueMicrotask2;
          }
        });
        primordials3.setQueueMicrotask = (value) => {
          if (queueMicrotask2 !== void 0) {
            throw new Error("queueMicrotask is already defined");
          }
          queueMicrotask2 = value;
        };
        primordials3.indirectEval = eval;
        ObjectSetPrototypeOf(primordials3, null);
        module2.exports = primordials3;
      })();
    }
  });

  // js/inspect.js
  function formatWithDirectives(values) {
    if (values.length === 1 || typeof values[0] !== "string") return values.map(show).join(" ");
    const rest = values.slice(1);
    const first = values[0].replace(/%([sdifjoOc%])/g, (directive, kind) => {
      if (kind === "%") return "%";
      if (rest.length === 0) return directive;
      const value = rest.shift();
      switch (kind) {
        case "s":
          return typeof value === "object" && value !== null ? inspect(value) : String(value);
        case "d":
          return typeof value === "bigint" ? `${value}n` : String(Number(value));
        case "i":
          return String(Math.trunc(Number(value)));
        case "f":
          return String(Number(value));
        case "j":
          return JSON.stringify(value);
        case "c":
          return "";
        default:
          return inspect(value);
      }
    });
    return [first, ...rest.map(show)].join(" ");
  }
  function inspect(value) {
    try {
      return text(value, { depth: 0, open: [] });
    } catch {
      return "[a value that cannot be shown]";
    }
  }
  function describeError(error2, state = { depth: 0, open: [] }) {
    const parts = [stackOf(error2)];
    const shown2 = Object.keys(error2).filter((key) => key !== "stack" && key !== "message" && key !== "name");
    const inner = { depth: state.depth + 1, open: [...state.open, error2] };
    if (inner.depth <= DEEPEST) {
      if (shown2.length > 0) parts.push(` { ${shown2.map((key) => `${keyText(key)}: ${text(error2[key], inner)}`).join(", ")} }`);
      if (error2.cause !== void 0) parts.push(`
  [cause]: ${text(error2.cause, inner)}`);
      if (Array.isArray(error2.errors)) parts.push(`
  [errors]: ${text(error2.errors, inner)}`);
    }
    return parts.join("");
  }
  function stackOf(error2) {
    const title = titleOf(error2);
    const stack = typeof error2.stack === "string" ? error2.stack.trimEnd() : "";
    if (stack.startsWith(title)) return stack;
    const frames = stack.indexOf("\n    at ");
    if (frames >= 0) return title + stack.slice(frames);
    return stack === "" ? title : `${title}
${stack}`;
  }
  function titleOf(error2) {
    const name = typeof error2.name === "string" ? error2.name : "Error";
    const message = typeof error2.message === "string" ? error2.message : "";
    return message === "" ? name : `${name}: ${message}`;
  }
  function text(value, state) {
    switch (typeof value) {
      case "string":
        return quote(value);
      case "bigint":
        return `${value}n`;
      case "number":
        return Object.is(value, -0) ? "-0" : String(value);
      case "object":
      case "function":
        return value === null ? "null" : objectText(value, state);
      default:
        return String(value);
    }
  }
  function quote(value) {
    const cut = value.length > LONGEST_STRING ? `${value.slice(0, LONGEST_STRING)}\u2026` : value;
    const mark = !cut.includes("'") ? "'" : !cut.includes('"') ? '"' : !cut.includes("`") ? "`" : "'";
    const escaped = cut.replace(/[\\\n\r\t\0]/g, (it) => ({ "\\": "\\\\", "\n": "\\n", "\r": "\\r", "	": "\\t", "\0": "\\x00" })[it]);
    return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
  }
  function objectText(value, state) {
    if (native.is_proxy(value)) return `[Proxy ${text(native.proxy_target(value), state)}]`;
    if (state.open.includes(value)) return "[Circular]";
    if (value instanceof Error) return state.depth === 0 ? describeError(value, state) : `[${describeError(value, state)}]`;
    if (state.depth > DEEPEST) return Array.isArray(value) ? "[Array]" : `[${nameOf(value) || "Object"}]`;
    const inner = { depth: state.depth + 1, open: [...state.open, value] };
    const custom = value[DENO_INSPECT] ?? value[NODE_INSPECT];
    if (typeof custom === "function") {
      const shown2 = value[DENO_INSPECT] === custom ? custom.call(value, (it) => it === value ? plainText(it, inner) : text(it, inner), {}) : custom.call(value, DEEPEST - state.depth, {}, inspect);
      return typeof shown2 === "string" ? shown2 : text(shown2, inner);
    }
    return plainText(value, inner);
  }
  function plainText(value, inner) {
    const [title, entries, open, close] = shape(value, inner);
    const all = [...entries, ...propertyEntries(value, inner)];
    const before = title === "" ? "" : `${title} `;
    if (all.length === 0) return open === "" ? title : `${before}${open}${close}`;
    const [left, right] = open === "" ? ["{", "}"] : [open, close];
    const line = `${before}${left} ${all.join(", ")} ${right}`;
    if (line.length <= WIDEST_LINE && !line.includes("\n")) return line;
    return `${before}${left}
${all.map((entry) => `  ${entry.replaceAll("\n", "\n  ")}`).join(",\n")}
${right}`;
  }
  function shape(value, inner) {
    const name = nameOf(value);
    if (Array.isArray(value)) {
      const shown2 = Array.from(value.slice(0, MOST_ENTRIES), (item, index) => index in value ? text(item, inner) : "<empty>");
      const title2 = name === "Array" ? "" : `${name}(${value.length})`;
      return [title2, withRest(shown2, value.length), "[", "]"];
    }
    if (value instanceof Map) {
      const shown2 = [...value].slice(0, MOST_ENTRIES).map(([key, item]) => `${text(key, inner)} => ${text(item, inner)}`);
      return [`${name}(${value.size})`, withRest(shown2, value.size), "{", "}"];
    }
    if (value instanceof Set) {
      const shown2 = [...value].slice(0, MOST_ENTRIES).map((item) => text(item, inner));
      return [`${name}(${value.size})`, withRest(shown2, value.size), "{", "}"];
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const shown2 = Array.from(value.subarray(0, MOST_ENTRIES), (item) => text(item, inner));
      return [`${name}(${value.length})`, withRest(shown2, value.length), "[", "]"];
    }
    if (native.is_array_buffer(value)) return ["ArrayBuffer", [`byteLength: ${value.byteLength}`], "{", "}"];
    if (value instanceof Date) return [Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString(), [], "", ""];
    if (value instanceof RegExp) return [String(value), [], "", ""];
    if (value instanceof Promise) return ["Promise", [promiseText(value, inner)], "{", "}"];
    if (value instanceof String || value instanceof Number || value instanceof Boolean || value instanceof BigInt || value instanceof Symbol) {
      return [`[${name}: ${text(value.valueOf(), inner)}]`, [], "", ""];
    }
    if (typeof value === "function") {
      const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : name || "Function";
      return [`[${kind}${value.name ? `${kind === "class" ? "" : ":"} ${value.name}` : " (anonymous)"}]`, [], "", ""];
    }
    if (Object.getPrototypeOf(value) === null) return ["[Object: null prototype]", [], "{", "}"];
    const tag = value[Symbol.toStringTag];
    const title = name === "Object" ? "" : name;
    return [typeof tag === "string" && tag !== "" && tag !== name ? `${name} [${tag}]` : title, [], "{", "}"];
  }
  function promiseText(promise, inner) {
    const [state, result] = native.promise_state(promise);
    if (state === 0) return "<pending>";
    return state === 1 ? text(result, inner) : `<rejected> ${text(result, inner)}`;
  }
  function withRest(shown2, count) {
    return count > MOST_ENTRIES ? [...shown2, `... ${count - MOST_ENTRIES} more`] : shown2;
  }
  function propertyEntries(value, inner) {
    const isIndexed = Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof String;
    const entries = [];
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (!property?.enumerable || isIndexed && typeof key === "string" && /^\d+$/.test(key)) continue;
      if (typeof key === "symbol" && HIDDEN.test(key.description ?? "")) continue;
      entries.push(`${keyText(key)}: ${propertyText(property, inner)}`);
      if (entries.length >= MOST_ENTRIES) break;
    }
    return entries;
  }
  function propertyText(property, inner) {
    if (property.get) return property.set ? "[Getter/Setter]" : "[Getter]";
    return property.set ? "[Setter]" : text(property.value, inner);
  }
  function keyText(key) {
    if (typeof key === "symbol") return `[${String(key)}]`;
    return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
  }
  function nameOf(value) {
    for (let it = value; it !== null; it = Object.getPrototypeOf(it)) {
      const property = Object.getOwnPropertyDescriptor(it, "constructor");
      if (typeof property?.value === "function" && property.value.name !== "") return property.value.name;
    }
    return "";
  }
  var DEEPEST, MOST_ENTRIES, LONGEST_STRING, WIDEST_LINE, show, DENO_INSPECT, NODE_INSPECT, HIDDEN;
  var init_inspect = __esm({
    "js/inspect.js"() {
      init_define_CRYPTO_OPERATIONS();
      init_native();
      DEEPEST = 4;
      MOST_ENTRIES = 100;
      LONGEST_STRING = 1e4;
      WIDEST_LINE = 76;
      show = (value) => typeof value === "string" ? value : inspect(value);
      DENO_INSPECT = /* @__PURE__ */ Symbol.for("Deno.privateCustomInspect");
      NODE_INSPECT = /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom");
      HIDDEN = /^\[\[|^\[|^(headers|header|guard|request|response|body|url|signal|list|lowercase|iterable|serve|lazy|mime|get|query)/;
    }
  });

  // js/table.js
  function tableOf(data, only) {
    const isMap = data instanceof Map;
    const isCounted = isMap || data instanceof Set;
    const rows = isMap ? [...data].map(([key, value], index) => ({ index, key, value })) : isCounted ? [...data].map((value, index) => ({ index, value })) : Object.keys(data).map((index) => ({ index, value: data[index] }));
    const shown2 = rows.slice(0, MOST_ROWS);
    const isObject2 = (value) => typeof value === "object" && value !== null;
    const names = new Set(only === void 0 ? [] : Array.from(only, String));
    if (only === void 0) {
      for (const { value } of shown2) {
        if (isObject2(value)) {
          for (const name of Object.keys(value)) if (names.size < MOST_COLUMNS) names.add(name);
        }
      }
    }
    const columns = [[isCounted ? "(iteration index)" : "(index)", (row) => String(row.index)]];
    if (isMap) columns.push(["Key", (row) => inspect(row.key)]);
    for (const name of names) {
      columns.push([name, ({ value }) => isObject2(value) && Object.hasOwn(value, name) ? inspect(value[name]) : ""]);
    }
    if (shown2.some((row) => !isObject2(row.value))) {
      columns.push(["Values", (row) => isObject2(row.value) ? "" : inspect(row.value)]);
    }
    return drawn(columns.map(([title, cell]) => [title, ...shown2.map((row) => cell(row).replaceAll("\n", " "))]));
  }
  function drawn(columns) {
    const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
    const rule = (left, between, right) => left + widths.map((width) => "\u2500".repeat(width + 2)).join(between) + right;
    const line = (at2) => `\u2502${columns.map((cells, column) => ` ${cells[at2].padEnd(widths[column])} `).join("\u2502")}\u2502`;
    const rows = columns[0].map((_, at2) => line(at2));
    return [rule("\u250C", "\u252C", "\u2510"), rows[0], rule("\u251C", "\u253C", "\u2524"), ...rows.slice(1), rule("\u2514", "\u2534", "\u2518")].join("\n");
  }
  var MOST_ROWS, MOST_COLUMNS;
  var init_table = __esm({
    "js/table.js"() {
      init_define_CRYPTO_OPERATIONS();
      init_inspect();
      MOST_ROWS = 1e3;
      MOST_COLUMNS = 100;
    }
  });

  // js/console.js
  var console_exports = {};
  __export(console_exports, {
    console: () => console,
    logUncaught: () => logUncaught
  });
  function logUncaught(what, error2) {
    native.log(ERROR, `${what} ${error2 instanceof Error ? describeError(error2) : inspect(error2)}`);
  }
  function write(level, values) {
    writeText(level, formatWithDirectives(values));
  }
  function writeText(level, text3) {
    native.log(level, indent === "" ? text3 : indent + text3.replaceAll("\n", `
${indent}`));
  }
  function elapsed(name, method) {
    const start4 = timers.get(name);
    if (start4 === void 0) {
      writeText(WARN, `No such label '${name}' for console.${method}()`);
      return null;
    }
    return `${name}: ${((native.now_us() - start4) / 1e3).toFixed(3)}ms`;
  }
  var DEBUG, LOG, INFO, WARN, ERROR, indent, counts, timers, at, console;
  var init_console = __esm({
    "js/console.js"() {
      init_define_CRYPTO_OPERATIONS();
      init_inspect();
      init_table();
      init_native();
      DEBUG = 0;
      LOG = 1;
      INFO = 2;
      WARN = 3;
      ERROR = 4;
      indent = "";
      counts = /* @__PURE__ */ new Map();
      timers = /* @__PURE__ */ new Map();
      at = (level) => (...values) => write(level, values);
      console = {
        debug: at(DEBUG),
        log: at(LOG),
        info: at(INFO),
        warn: at(WARN),
        error: at(ERROR),
        trace(...values) {
          const frames = new Error().stack.split("\n").slice(1);
          const title = values.length === 0 ? "Trace" : `Trace: ${formatWithDirectives(values)}`;
          writeText(LOG, [title, ...frames].join("\n"));
        },
        assert(isTrue, ...values) {
          if (isTrue) return;
          const text3 = values.length === 0 ? "" : `: ${formatWithDirectives(values)}`;
          writeText(ERROR, `Assertion failed${typeof values[0] === "string" ? text3 : text3.slice(1)}`);
        },
        dir(value) {
          write(LOG, [inspect(value)]);
        },
        dirxml: at(LOG),
        table(data = void 0, columns = void 0) {
          if (typeof data !== "object" || data === null) return write(LOG, [data]);
          writeText(LOG, tableOf(data, columns));
        },
        group(...values) {
          if (values.length > 0) write(LOG, values);
          indent += "  ";
        },
        groupCollapsed(...values) {
          console.group(...values);
        },
        groupEnd() {
          indent = indent.slice(2);
        },
        count(label = "default") {
          const name = String(label);
          counts.set(name, (counts.get(name) ?? 0) + 1);
          writeText(LOG, `${name}: ${counts.get(name)}`);
        },
        countReset(label = "default") {
          if (!counts.delete(String(label))) writeText(WARN, `Count for '${label}' does not exist`);
        },
        time(label = "default") {
          const name = String(label);
          if (timers.has(name)) return writeText(WARN, `Label '${name}' already exists for console.time()`);
          timers.set(name, native.now_us());
        },
        timeLog(label = "default", ...values) {
          const text3 = elapsed(String(label), "timeLog");
          if (text3 !== null) writeText(LOG, [text3, ...values.map((value) => formatWithDirectives([value]))].join(" "));
        },
        timeEnd(label = "default") {
          const text3 = elapsed(String(label), "timeEnd");
          if (text3 !== null) writeText(LOG, text3);
          timers.delete(String(label));
        },
        timeStamp() {
        },
        profile() {
        },
        profileEnd() {
        },
        clear() {
        }
      };
    }
  });

  // js/timers.js
  var timers_exports = {};
  __export(timers_exports, {
    clearTimeout: () => clearTimeout,
    fire: () => fire,
    scheduler: () => scheduler,
    setImmediate: () => setImmediate,
    setInterval: () => setInterval,
    setTimeout: () => setTimeout
  });
  function setTimeout(callback, delay = 0, ...values) {
    return start(callback, delay, values, false);
  }
  function setInterval(callback, delay = 0, ...values) {
    return start(callback, delay, values, true);
  }
  function setImmediate(callback, ...values) {
    return start(callback, 0, values, false);
  }
  function clearTimeout(id) {
    const timer = callbacks.get(+id);
    if (timer === void 0) return;
    callbacks.delete(+id);
    native.cancel_timer(timer.number);
  }
  function fire(number3) {
    const id = ids.get(number3);
    ids.delete(number3);
    const timer = callbacks.get(id);
    if (timer === void 0) return;
    if (timer.repeats) {
      arm(id, timer);
    } else {
      callbacks.delete(id);
    }
    const before = native.swap_async_context(timer.context);
    try {
      timer.callback.apply(globalThis, timer.values);
    } catch (error2) {
      logUncaught("Uncaught", error2);
    } finally {
      native.swap_async_context(before);
    }
  }
  function start(callback, delay, values, repeats) {
    if (typeof callback !== "function") {
      throw new TypeError("The callback of a timer must be a function");
    }
    const timer = { callback, delay: +delay || 0, values, repeats, number: 0, context: native.async_context() };
    arm(++lastId, timer);
    callbacks.set(lastId, timer);
    return lastId;
  }
  function arm(id, timer) {
    timer.number = native.start_timer(timer.repeats ? Math.max(1, timer.delay) : timer.delay);
    ids.set(timer.number, id);
  }
  var callbacks, scheduler, ids, lastId;
  var init_timers = __esm({
    "js/timers.js"() {
      init_define_CRYPTO_OPERATIONS();
      init_console();
      init_native();
      callbacks = /* @__PURE__ */ new Map();
      scheduler = {
        /** Cloudflare's promise of a timeout. */
        wait(delay, { signal } = {}) {
          return new Promise((resolve, reject) => {
            if (signal?.aborted) return reject(signal.reason);
            const id = setTimeout(resolve, delay);
            signal?.addEventListener("abort", () => {
              clearTimeout(id);
              reject(signal.reason);
            });
          });
        }
      };
      ids = /* @__PURE__ */ new Map();
      lastId = 0;
    }
  });

  // js/bootstrap.js
  var require_bootstrap = __commonJS({
    "js/bootstrap.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var { native: native2 } = (init_native(), __toCommonJS(native_exports));
      var primordials3 = require_primordials();
      primordials3.setQueueMicrotask(queueMicrotask);
      var typedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
      var isArrayBuffer = native2.is_array_buffer;
      var isTypedArray = (value) => typeof value === "object" && value !== null && typedArrayTag.call(value) !== void 0;
      function bytes(view) {
        if (view instanceof Uint8Array || isArrayBuffer(view)) return view;
        return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      }
      var parts = /* @__PURE__ */ new Map();
      var lastPart = 0;
      function keepPart(content2) {
        const id = String(++lastPart);
        parts.set(id, content2);
        return id;
      }
      var URL_PARTS = 8;
      var ops2 = {
        ...native2,
        isByteString: native2.is_byte_string,
        op_encoding_decode_utf8: (data, keepsMark) => native2.decode(bytes(data), keepsMark),
        op_encoding_decode_utf8_ascii_only: (data) => native2.op_encoding_decode_utf8_ascii_only(bytes(data)),
        op_encoding_decode_single: (data, label, isFatal, keepsMark) => native2.op_encoding_decode_single(bytes(data), label, isFatal, keepsMark),
        op_encoding_decode: (data, decoder, isMore) => native2.op_encoding_decode(bytes(data), decoder, isMore),
        // -1 sends the caller to the operation that is not bound to V8.
        op_encoding_encode_into: () => -1,
        op_blob_create_part: (data) => keepPart(new Uint8Array(bytes(data))),
        op_blob_slice_part: (id, { start: start4, len }) => keepPart(parts.get(id).subarray(start4, start4 + len)),
        op_blob_clone_part: (id) => keepPart(parts.get(id)),
        // A copy: a byte stream takes the buffer of what it is given away.
        op_blob_read_part: async (id) => parts.get(id).slice(),
        op_blob_remove_part: (id) => parts.delete(id),
        op_compression_write: (stream, data) => native2.op_compression_write(stream, bytes(data)),
        op_urlpattern_parse: (input, base, options) => JSON.parse(native2.urlpattern_parse(JSON.stringify(input), base, options.ignoreCase)),
        op_urlpattern_process_match_input(input, base, starts) {
          const json = native2.urlpattern_match(JSON.stringify(input), base);
          if (json === null) return null;
          const found = JSON.parse(json);
          starts[0] = 0;
          for (let i = 0; i < URL_PARTS; i++) starts[i + 1] = starts[i] + found[i].length;
          return found.join("");
        }
      };
      var core2 = {
        ops: ops2,
        build: { os: "linux" },
        isArrayBuffer,
        isAnyArrayBuffer: isArrayBuffer,
        // The engine has no shared memory.
        isSharedArrayBuffer: () => false,
        isTypedArray,
        isDataView: (value) => value instanceof DataView,
        isStringObject: (value) => value instanceof String,
        isProxy: native2.is_proxy,
        hostObjectBrand: /* @__PURE__ */ Symbol("host object"),
        internalRidSymbol: /* @__PURE__ */ Symbol("resource"),
        BadResourcePrototype: {},
        InterruptedPrototype: {},
        encode: native2.encode,
        decode: (data) => native2.decode(bytes(data)),
        print: (line) => native2.log(4, line),
        registerTransferableResource() {
        },
        registerCloneableResource() {
        },
        tryClose() {
        },
        refTimer() {
        },
        unrefTimer() {
        },
        createSystemTimer: (callback, delay) => (init_timers(), __toCommonJS(timers_exports)).setTimeout(callback, delay),
        cancelTimer: (id) => (init_timers(), __toCommonJS(timers_exports)).clearTimeout(id),
        destructureError: (error2) => ({ exceptionMessage: String(error2?.message ?? error2), frames: [] }),
        reportUnhandledException: (error2) => (init_console(), __toCommonJS(console_exports)).logUncaught("Uncaught", error2)
      };
      module2.exports = { core: core2, internals: {}, primordials: primordials3 };
    }
  });

  // deno:deno_webidl/00_webidl.js
  var require_webidl = __commonJS({
    "deno:deno_webidl/00_webidl.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, internals: internals3, primordials: primordials3 } = __bootstrap;
        const {
          isArrayBuffer,
          isDataView,
          isSharedArrayBuffer,
          isTypedArray
        } = core2;
        const {
          ArrayBufferIsView,
          ArrayPrototypeForEach,
          ArrayPrototypeJoin,
          ArrayPrototypeMap,
          ArrayPrototypePush,
          ArrayPrototypeSlice,
          ArrayPrototypeSort,
          ArrayIteratorPrototype,
          BigInt: BigInt2,
          BigIntAsIntN,
          BigIntAsUintN,
          DataViewPrototypeGetBuffer,
          Float32Array: Float32Array2,
          Float64Array: Float64Array2,
          FunctionPrototypeBind,
          FunctionPrototypeCall,
          Int16Array: Int16Array2,
          Int32Array: Int32Array2,
          Int8Array: Int8Array2,
          MathFloor,
          MathFround,
          MathMax,
          MathMin,
          MathPow,
          MathRound,
          MathTrunc,
          Number: Number2,
          SymbolFor,
          NumberIsFinite,
          NumberIsNaN,
          NumberMAX_SAFE_INTEGER,
          NumberMIN_SAFE_INTEGER,
          ObjectAssign,
          ObjectCreate,
          ObjectDefineProperties,
          ObjectDefineProperty,
          ObjectFreeze,
          ObjectGetOwnPropertyDescriptor,
          ObjectGetOwnPropertyDescriptors,
          ObjectGetPrototypeOf,
          ObjectHasOwn,
          ObjectPrototypeIsPrototypeOf,
          ObjectIs,
          PromisePrototypeThen,
          PromiseReject,
          PromiseResolve,
          ReflectApply,
          ReflectDefineProperty,
          ReflectGetOwnPropertyDescriptor,
          ReflectHas,
          ReflectOwnKeys,
          RegExpPrototypeTest,
          SafeRegExp,
          SafeSet,
          SetPrototypeEntries,
          SetPrototypeForEach,
          SetPrototypeKeys,
          SetPrototypeValues,
          SetPrototypeHas,
          SetPrototypeClear,
          SetPrototypeDelete,
          SetPrototypeAdd,
          // TODO(lucacasonato): add SharedArrayBuffer to primordials
          // SharedArrayBufferPrototype,
          String: String2,
          StringPrototypeCharCodeAt,
          StringPrototypeToWellFormed,
          Symbol: Symbol2,
          SymbolIterator,
          SymbolAsyncIterator,
          SymbolPrototypeToString,
          SymbolToStringTag,
          TypedArrayPrototypeGetBuffer,
          TypedArrayPrototypeGetSymbolToStringTag,
          TypeError: TypeError2,
          Uint16Array: Uint16Array2,
          Uint32Array: Uint32Array2,
          Uint8Array: Uint8Array2,
          Uint8ClampedArray: Uint8ClampedArray2
        } = primordials3;
        const EMPTY_OPTS = ObjectFreeze({ __proto__: null });
        function makeException(ErrorType, message, prefix, context, code = void 0) {
          const err = new ErrorType(
            `${prefix ? prefix + ": " : ""}${context ? context : "Value"} ${message}`
          );
          if (code !== void 0) {
            err.code = code;
          }
          return err;
        }
        function toNumber(value) {
          if (typeof value === "bigint") {
            throw new TypeError2("Cannot convert a BigInt value to a number");
          }
          return Number2(value);
        }
        function type(V) {
          if (V === null) {
            return "Null";
          }
          switch (typeof V) {
            case "undefined":
              return "Undefined";
            case "boolean":
              return "Boolean";
            case "number":
              return "Number";
            case "string":
              return "String";
            case "symbol":
              return "Symbol";
            case "bigint":
              return "BigInt";
            case "object":
            // Falls through
            case "function":
            // Falls through
            default:
              return "Object";
          }
        }
        function evenRound(x) {
          if (x > 0 && x % 1 === 0.5 && (x & 1) === 0 || x < 0 && x % 1 === -0.5 && (x & 1) === 1) {
            return censorNegativeZero(MathFloor(x));
          }
          return censorNegativeZero(MathRound(x));
        }
        function integerPart(n) {
          return censorNegativeZero(MathTrunc(n));
        }
        function sign(x) {
          return x < 0 ? -1 : 1;
        }
        function modulo(x, y) {
          const signMightNotMatch = x % y;
          if (sign(y) !== sign(signMightNotMatch)) {
            return signMightNotMatch + y;
          }
          return signMightNotMatch;
        }
        function censorNegativeZero(x) {
          return x === 0 ? 0 : x;
        }
        function createIntegerConversion(bitLength, typeOpts) {
          const isSigned = !typeOpts.unsigned;
          let lowerBound;
          let upperBound;
          if (bitLength === 64) {
            upperBound = NumberMAX_SAFE_INTEGER;
            lowerBound = !isSigned ? 0 : NumberMIN_SAFE_INTEGER;
          } else if (!isSigned) {
            lowerBound = 0;
            upperBound = MathPow(2, bitLength) - 1;
          } else {
            lowerBound = -MathPow(2, bitLength - 1);
            upperBound = MathPow(2, bitLength - 1) - 1;
          }
          const twoToTheBitLength = MathPow(2, bitLength);
          const twoToOneLessThanTheBitLength = MathPow(2, bitLength - 1);
          return (V, prefix, context, opts) => {
            let x = toNumber(V);
            x = censorNegativeZero(x);
            if (opts && opts.enforceRange) {
              if (!NumberIsFinite(x)) {
                throw makeException(
                  TypeError2,
                  "is not a finite number",
                  prefix,
                  context
                );
              }
              x = integerPart(x);
              if (x < lowerBound || x > upperBound) {
                throw makeException(
                  TypeError2,
                  `is outside the accepted range of ${lowerBound} to ${upperBound}, inclusive`,
                  prefix,
                  context
                );
              }
              return x;
            }
            if (!NumberIsNaN(x) && opts && opts.clamp) {
              x = MathMin(MathMax(x, lowerBound), upperBound);
              x = evenRound(x);
              return x;
            }
            if (!NumberIsFinite(x) || x === 0) {
              return 0;
            }
            x = integerPart(x);
            if (x >= lowerBound && x <= upperBound) {
              return x;
            }
            x = modulo(x, twoToTheBitLength);
            if (isSigned && x >= twoToOneLessThanTheBitLength) {
              return x - twoToTheBitLength;
            }
            return x;
          };
        }
        function createLongLongConversion(bitLength, { unsigned }) {
          const upperBound = NumberMAX_SAFE_INTEGER;
          const lowerBound = unsigned ? 0 : NumberMIN_SAFE_INTEGER;
          const asBigIntN = unsigned ? BigIntAsUintN : BigIntAsIntN;
          return (V, prefix, context, opts) => {
            let x = toNumber(V);
            x = censorNegativeZero(x);
            if (opts && opts.enforceRange) {
              if (!NumberIsFinite(x)) {
                throw makeException(
                  TypeError2,
                  "is not a finite number",
                  prefix,
                  context
                );
              }
              x = integerPart(x);
              if (x < lowerBound || x > upperBound) {
                throw makeException(
                  TypeError2,
                  `is outside the accepted range of ${lowerBound} to ${upperBound}, inclusive`,
                  prefix,
                  context
                );
              }
              return x;
            }
            if (!NumberIsNaN(x) && opts && opts.clamp) {
              x = MathMin(MathMax(x, lowerBound), upperBound);
              x = evenRound(x);
              return x;
            }
            if (!NumberIsFinite(x) || x === 0) {
              return 0;
            }
            let xBigInt = BigInt2(integerPart(x));
            xBigInt = asBigIntN(bitLength, xBigInt);
            return Number2(xBigInt);
          };
        }
        const converters = [];
        converters.any = (V) => {
          return V;
        };
        converters.boolean = function(val) {
          return !!val;
        };
        converters.byte = createIntegerConversion(8, { unsigned: false });
        converters.octet = createIntegerConversion(8, { unsigned: true });
        converters.short = createIntegerConversion(16, { unsigned: false });
        converters["unsigned short"] = createIntegerConversion(16, {
          unsigned: true
        });
        converters["unsigned short?"] = createNullableConverter(
          converters["unsigned short"]
        );
        converters.long = createIntegerConversion(32, { unsigned: false });
        converters["unsigned long"] = createIntegerConversion(32, { unsigned: true });
        converters["unsigned long?"] = createNullableConverter(
          converters["unsigned long"]
        );
        converters["long long"] = createLongLongConversion(64, { unsigned: false });
        converters["unsigned long long"] = createLongLongConversion(64, {
          unsigned: true
        });
        converters.float = (V, prefix, context, _opts) => {
          const x = toNumber(V);
          if (!NumberIsFinite(x)) {
            throw makeException(
              TypeError2,
              "is not a finite floating-point value",
              prefix,
              context
            );
          }
          if (ObjectIs(x, -0)) {
            return x;
          }
          const y = MathFround(x);
          if (!NumberIsFinite(y)) {
            throw makeException(
              TypeError2,
              "is outside the range of a single-precision floating-point value",
              prefix,
              context
            );
          }
          return y;
        };
        converters["unrestricted float"] = (V, _prefix, _context, _opts) => {
          const x = toNumber(V);
          if (NumberIsNaN(x)) {
            return x;
          }
          if (ObjectIs(x, -0)) {
            return x;
          }
          return MathFround(x);
        };
        converters.double = (V, prefix, context, _opts) => {
          const x = toNumber(V);
          if (!NumberIsFinite(x)) {
            throw makeException(
              TypeError2,
              "is not a finite floating-point value",
              prefix,
              context
            );
          }
          return x;
        };
        converters["unrestricted double"] = (V, _prefix, _context, _opts) => {
          const x = toNumber(V);
          return x;
        };
        converters["unrestricted double?"] = createNullableConverter(
          converters["unrestricted double"]
        );
        converters.DOMString = function(V, _prefix, _context, opts) {
          if (typeof V === "string") {
            return V;
          } else if (V === null && opts && opts.treatNullAsEmptyString) {
            return "";
          } else if (typeof V === "symbol") {
            throw new TypeError2("Cannot convert a Symbol value to a string");
          }
          return String2(V);
        };
        const { isByteString } = core2.ops;
        converters.ByteString = (V, prefix, context, opts) => {
          const x = converters.DOMString(V, prefix, context, opts);
          if (!isByteString(x)) {
            throw makeException(
              TypeError2,
              "is not a valid ByteString",
              prefix,
              context
            );
          }
          return x;
        };
        converters.USVString = (V, prefix, context, opts) => {
          const S = converters.DOMString(V, prefix, context, opts);
          return S.toWellFormed();
        };
        converters.object = (V, prefix, context, _opts) => {
          if (type(V) !== "Object") {
            throw makeException(
              TypeError2,
              "is not an object",
              prefix,
              context
            );
          }
          return V;
        };
        function convertCallbackFunction(V, prefix, context, _opts) {
          if (typeof V !== "function") {
            throw makeException(
              TypeError2,
              "is not a function",
              prefix,
              context
            );
          }
          return V;
        }
        converters.ArrayBuffer = (V, prefix = void 0, context = void 0, opts = EMPTY_OPTS) => {
          if (!isArrayBuffer(V)) {
            if (opts.allowShared && !isSharedArrayBuffer(V)) {
              throw makeException(
                TypeError2,
                "is not an ArrayBuffer or SharedArrayBuffer",
                prefix,
                context
              );
            }
            throw makeException(
              TypeError2,
              "is not an ArrayBuffer",
              prefix,
              context
            );
          }
          return V;
        };
        converters.DataView = (V, prefix = void 0, context = void 0, opts = EMPTY_OPTS) => {
          if (!isDataView(V)) {
            throw makeException(
              TypeError2,
              "is not a DataView",
              prefix,
              context
            );
          }
          if (!opts.allowShared && isSharedArrayBuffer(V.buffer)) {
            throw makeException(
              TypeError2,
              "is backed by a SharedArrayBuffer, which is not allowed",
              prefix,
              context
            );
          }
          return V;
        };
        [
          Int8Array2,
          Int16Array2,
          Int32Array2,
          Uint8Array2,
          Uint16Array2,
          Uint32Array2,
          Uint8ClampedArray2,
          // TODO(petamoriken): add Float16Array converter
          // Float16Array,
          Float32Array2,
          Float64Array2
        ].forEach(
          (func) => {
            const name = func.name;
            const article = new SafeRegExp(/^[AEIOU]/).test(name) ? "an" : "a";
            converters[name] = (V, prefix = void 0, context = void 0, opts = EMPTY_OPTS) => {
              if (TypedArrayPrototypeGetSymbolToStringTag(V) !== name) {
                throw makeException(
                  TypeError2,
                  `is not ${article} ${name} object`,
                  prefix,
                  context
                );
              }
              if (!opts.allowShared && isSharedArrayBuffer(V.buffer)) {
                throw makeException(
                  TypeError2,
                  "is a view on a SharedArrayBuffer, which is not allowed",
                  prefix,
                  context
                );
              }
              return V;
            };
          }
        );
        converters.ArrayBufferView = (V, prefix = void 0, context = void 0, opts = EMPTY_OPTS) => {
          if (!ArrayBufferIsView(V)) {
            throw makeException(
              TypeError2,
              "is not a view on an ArrayBuffer or SharedArrayBuffer",
              prefix,
              context,
              "ERR_INVALID_ARG_TYPE"
            );
          }
          let buffer;
          if (isTypedArray(V)) {
            buffer = V.buffer;
          } else {
            buffer = V.buffer;
          }
          if (!opts.allowShared && isSharedArrayBuffer(buffer)) {
            throw makeException(
              TypeError2,
              "is a view on a SharedArrayBuffer, which is not allowed",
              prefix,
              context
            );
          }
          return V;
        };
        converters.BufferSource = (V, prefix = void 0, context = void 0, opts = EMPTY_OPTS) => {
          if (ArrayBufferIsView(V)) {
            let buffer;
            if (isTypedArray(V)) {
              buffer = V.buffer;
            } else {
              buffer = V.buffer;
            }
            if (!opts.allowShared && isSharedArrayBuffer(buffer)) {
              throw makeException(
                TypeError2,
                "is a view on a SharedArrayBuffer, which is not allowed",
                prefix,
                context
              );
            }
            return V;
          }
          if (!opts.allowShared && !isArrayBuffer(V)) {
            throw makeException(
              TypeError2,
              "is not an ArrayBuffer or a view on one",
              prefix,
              context,
              "ERR_INVALID_ARG_TYPE"
            );
          }
          if (opts.allowShared && !isSharedArrayBuffer(V) && !isArrayBuffer(V)) {
            throw makeException(
              TypeError2,
              "is not an ArrayBuffer, SharedArrayBuffer, or a view on one",
              prefix,
              context,
              "ERR_INVALID_ARG_TYPE"
            );
          }
          return V;
        };
        converters.DOMTimeStamp = converters["unsigned long long"];
        converters.DOMHighResTimeStamp = converters["double"];
        converters.Function = convertCallbackFunction;
        converters.VoidFunction = convertCallbackFunction;
        converters["UVString?"] = createNullableConverter(
          converters.USVString
        );
        converters["sequence<double>"] = createSequenceConverter(
          converters.double
        );
        converters["sequence<unrestricted double>"] = createSequenceConverter(
          converters["unrestricted double"]
        );
        converters["sequence<object>"] = createSequenceConverter(
          converters.object
        );
        converters["Promise<undefined>"] = createPromiseConverter(() => void 0);
        converters["sequence<ByteString>"] = createSequenceConverter(
          converters.ByteString
        );
        converters["sequence<sequence<ByteString>>"] = createSequenceConverter(
          converters["sequence<ByteString>"]
        );
        converters["record<ByteString, ByteString>"] = createRecordConverter(
          converters.ByteString,
          converters.ByteString
        );
        converters["sequence<USVString>"] = createSequenceConverter(
          converters.USVString
        );
        converters["sequence<sequence<USVString>>"] = createSequenceConverter(
          converters["sequence<USVString>"]
        );
        converters["record<USVString, USVString>"] = createRecordConverter(
          converters.USVString,
          converters.USVString
        );
        converters["sequence<DOMString>"] = createSequenceConverter(
          converters.DOMString
        );
        function requiredArguments(length, required, prefix, argNames) {
          if (length < required) {
            if (argNames !== void 0) {
              let formatted;
              const n = argNames.length;
              if (n === 1) {
                formatted = `"${argNames[0]}"`;
              } else if (n === 2) {
                formatted = `"${argNames[0]}" and "${argNames[1]}"`;
              } else {
                let joined = "";
                for (let i = 0; i < n - 1; i++) {
                  joined += `"${argNames[i]}", `;
                }
                formatted = `${joined}and "${argNames[n - 1]}"`;
              }
              const err2 = new TypeError2(
                `The ${formatted} argument${n === 1 ? "" : "s"} must be specified`
              );
              err2.code = "ERR_MISSING_ARGS";
              throw err2;
            }
            const errMsg = `${prefix ? prefix + ": " : ""}${required} argument${required === 1 ? "" : "s"} required, but only ${length} present`;
            const err = new TypeError2(errMsg);
            err.code = "ERR_MISSING_ARGS";
            throw err;
          }
        }
        function createDictionaryConverter(name, ...dictionaries) {
          let hasRequiredKey = false;
          const allMembers = [];
          for (let i = 0; i < dictionaries.length; ++i) {
            const members = dictionaries[i];
            for (let j = 0; j < members.length; ++j) {
              const member = members[j];
              if (member.required) {
                hasRequiredKey = true;
              }
              allMembers.push(member);
            }
          }
          allMembers.sort((a, b) => {
            if (a.key == b.key) {
              return 0;
            }
            return a.key < b.key ? -1 : 1;
          });
          const defaultValues = { __proto__: null };
          const primitiveDefaultKeys = [];
          const primitiveDefaultValues = [];
          let nonPrimitiveDefaults = null;
          for (let i = 0; i < allMembers.length; ++i) {
            const member = allMembers[i];
            if (ReflectHas(member, "defaultValue")) {
              const idlMemberValue = member.defaultValue;
              const imvType = typeof idlMemberValue;
              if (idlMemberValue === null || imvType === "number" || imvType === "boolean" || imvType === "string" || imvType === "bigint" || imvType === "undefined") {
                const v = member.converter(idlMemberValue, {});
                defaultValues[member.key] = v;
                primitiveDefaultKeys.push(member.key);
                primitiveDefaultValues.push(v);
              } else {
                ObjectDefineProperty(defaultValues, member.key, {
                  __proto__: null,
                  get() {
                    return member.converter(idlMemberValue, member.defaultValue);
                  },
                  enumerable: true
                });
                if (nonPrimitiveDefaults === null) nonPrimitiveDefaults = [];
                nonPrimitiveDefaults.push(member.key);
              }
            }
          }
          const memberContexts = [];
          for (let i = 0; i < allMembers.length; ++i) {
            memberContexts[i] = `'${allMembers[i].key}' of '${name}'`;
          }
          return function(V, prefix, context, opts) {
            if (V === void 0 || V === null) {
              if (hasRequiredKey) {
                const err = makeException(
                  TypeError2,
                  "can not be converted to a dictionary",
                  prefix,
                  context
                );
                err.code = "ERR_INVALID_ARG_TYPE";
                throw err;
              }
              const idlDict2 = { __proto__: null };
              if (nonPrimitiveDefaults === null) {
                for (let i = 0; i < primitiveDefaultKeys.length; ++i) {
                  idlDict2[primitiveDefaultKeys[i]] = primitiveDefaultValues[i];
                }
              } else {
                ObjectAssign(idlDict2, defaultValues);
              }
              return idlDict2;
            }
            if (typeof V !== "object" && typeof V !== "function") {
              const err = makeException(
                TypeError2,
                "can not be converted to a dictionary",
                prefix,
                context
              );
              err.code = "ERR_INVALID_ARG_TYPE";
              throw err;
            }
            const idlDict = { __proto__: null };
            for (let i = 0; i < allMembers.length; ++i) {
              const member = allMembers[i];
              const key = member.key;
              const esMemberValue = V[key];
              if (esMemberValue !== void 0) {
                const memberContext = context ? memberContexts[i] + ` (${context})` : memberContexts[i];
                idlDict[key] = member.converter(
                  esMemberValue,
                  prefix,
                  memberContext,
                  opts
                );
              } else if (member.required) {
                throw makeException(
                  TypeError2,
                  `can not be converted to '${name}' because '${key}' is required in '${name}'`,
                  prefix,
                  context
                );
              } else if (ReflectHas(defaultValues, key)) {
                idlDict[key] = defaultValues[key];
              }
            }
            return idlDict;
          };
        }
        function createEnumConverter(name, values) {
          const E = new SafeSet(values);
          return function(V, prefix = void 0, _context = void 0, _opts = EMPTY_OPTS) {
            const S = String2(V);
            if (!E.has(S)) {
              const err = new TypeError2(
                `${prefix ? prefix + ": " : ""}The provided value '${S}' is not a valid enum value of type ${name}`
              );
              err.code = "ERR_INVALID_ARG_VALUE";
              throw err;
            }
            return S;
          };
        }
        function createNullableConverter(converter) {
          return (V, prefix = void 0, context = void 0, opts = EMPTY_OPTS) => {
            if (V === null || V === void 0) return null;
            return converter(V, prefix, context, opts);
          };
        }
        function createSequenceConverter(converter) {
          return function(V, prefix = void 0, context = void 0, opts = EMPTY_OPTS) {
            if (type(V) !== "Object") {
              throw makeException(
                TypeError2,
                "can not be converted to sequence.",
                prefix,
                context
              );
            }
            const iter = V?.[SymbolIterator]?.();
            if (iter === void 0) {
              throw makeException(
                TypeError2,
                "can not be converted to sequence.",
                prefix,
                context
              );
            }
            const array = [];
            while (true) {
              const res = iter?.next?.();
              if (res === void 0) {
                throw makeException(
                  TypeError2,
                  "can not be converted to sequence.",
                  prefix,
                  context
                );
              }
              if (res.done === true) break;
              const val = converter(
                res.value,
                prefix,
                `${context}, index ${array.length}`,
                opts
              );
              array.push(val);
            }
            return array;
          };
        }
        function getMethod(V, P) {
          const func = V[P];
          if (func === void 0 || func === null) {
            return void 0;
          }
          if (typeof func !== "function") {
            const name = typeof P === "symbol" ? P.toString() : P;
            throw new TypeError2(`${name} is not a function`);
          }
          return func;
        }
        function isAsyncSequence(obj) {
          if (type(obj) !== "Object") {
            return false;
          }
          if (getMethod(obj, SymbolAsyncIterator) !== void 0) {
            return true;
          }
          return getMethod(obj, SymbolIterator) !== void 0;
        }
        function createAsyncFromSyncIterator(syncIterator) {
          const nextMethod = syncIterator.next;
          return {
            async next() {
              const iterResult = nextMethod.call(syncIterator);
              if (type(iterResult) !== "Object") {
                throw new TypeError2(
                  "The iterator.next() method must return an object"
                );
              }
              if (iterResult.done) {
                return { done: true, value: void 0 };
              }
              return {
                done: false,
                value: await iterResult.value
              };
            },
            async return(reason) {
              const returnMethod = getMethod(syncIterator, "return");
              if (returnMethod === void 0) {
                return { done: true, value: void 0 };
              }
              const returnResult = await returnMethod.call(
                syncIterator,
                reason
              );
              if (type(returnResult) !== "Object") {
                throw new TypeError2(
                  "The iterator.return() method must return an object"
                );
              }
              return { done: true, value: void 0 };
            },
            [SymbolAsyncIterator]() {
              return this;
            }
          };
        }
        const AsyncSequence = Symbol2("[[asyncSequence]]");
        function createAsyncSequenceConverter(converter) {
          return function(V, prefix = void 0, context = void 0, opts = EMPTY_OPTS) {
            if (type(V) !== "Object") {
              throw makeException(
                TypeError2,
                "can not be converted to async sequence.",
                prefix,
                context
              );
            }
            let method = getMethod(V, SymbolAsyncIterator);
            let sequenceType = "async";
            if (method === void 0) {
              method = getMethod(V, SymbolIterator);
              if (method === void 0) {
                throw makeException(
                  TypeError2,
                  "can not be converted to async sequence.",
                  prefix,
                  context
                );
              }
              sequenceType = "sync";
            }
            return {
              // Fields used by extractBody / callers.
              value: V,
              object: V,
              method,
              type: sequenceType,
              [AsyncSequence]: AsyncSequence,
              // https://webidl.spec.whatwg.org/#async-sequence-open
              open(openContext = context) {
                const iter = method.call(V);
                if (type(iter) !== "Object") {
                  throw new TypeError2(
                    `${openContext} could not be iterated because iterator method did not return object, but ${type(iter)}.`
                  );
                }
                const asyncIterator = sequenceType === "sync" ? createAsyncFromSyncIterator(iter) : iter;
                const nextMethod = asyncIterator.next;
                return {
                  // https://webidl.spec.whatwg.org/#async-iterator-get-next-value
                  // Exposed as an async iterator protocol shape for callers.
                  async next() {
                    const iterResult = await nextMethod.call(
                      asyncIterator
                    );
                    if (type(iterResult) !== "Object") {
                      throw new TypeError2(
                        `${openContext} failed to iterate next value because the next() method did not return an object, but ${type(iterResult)}.`
                      );
                    }
                    if (iterResult.done) {
                      return { done: true, value: void 0 };
                    }
                    const iterValue = converter(
                      iterResult.value,
                      `${openContext} failed to iterate next value`,
                      "The value returned from the next() method",
                      opts
                    );
                    return { done: false, value: iterValue };
                  },
                  // https://webidl.spec.whatwg.org/#async-iterator-close
                  async return(reason) {
                    const returnMethod = getMethod(asyncIterator, "return");
                    if (returnMethod === void 0) {
                      return void 0;
                    }
                    const returnPromiseResult = await returnMethod.call(
                      asyncIterator,
                      reason
                    );
                    if (type(returnPromiseResult) !== "Object") {
                      throw new TypeError2(
                        `${openContext} failed to close iterator because the return() method did not return an object, but ${type(returnPromiseResult)}.`
                      );
                    }
                    return void 0;
                  },
                  [SymbolAsyncIterator]() {
                    return this;
                  }
                };
              },
              // Allow for-await-of over the converted async sequence directly.
              [SymbolAsyncIterator]() {
                return this.open(context);
              }
            };
          };
        }
        function createRecordConverter(keyConverter, valueConverter) {
          return (V, prefix, context, opts) => {
            if (type(V) !== "Object") {
              throw makeException(
                TypeError2,
                "can not be converted to dictionary",
                prefix,
                context
              );
            }
            const result = { __proto__: null };
            if (!core2.isProxy(V)) {
              for (const key in V) {
                if (!ObjectHasOwn(V, key)) {
                  continue;
                }
                const typedKey = keyConverter(key, prefix, context, opts);
                const value = V[key];
                const typedValue = valueConverter(value, prefix, context, opts);
                result[typedKey] = typedValue;
              }
              return result;
            }
            const keys2 = ReflectOwnKeys(V);
            for (let i = 0; i < keys2.length; ++i) {
              const key = keys2[i];
              const desc = ObjectGetOwnPropertyDescriptor(V, key);
              if (desc !== void 0 && desc.enumerable === true) {
                const typedKey = keyConverter(key, prefix, context, opts);
                const value = V[key];
                const typedValue = valueConverter(value, prefix, context, opts);
                result[typedKey] = typedValue;
              }
            }
            return result;
          };
        }
        function createPromiseConverter(converter) {
          return (V, prefix, context, opts) => (
            // should be able to handle thenables
            // see: https://github.com/web-platform-tests/wpt/blob/a31d3ba53a79412793642366f3816c9a63f0cf57/streams/writable-streams/close.any.js#L207
            typeof V?.then === "function" ? PromiseResolve(V).then((V2) => converter(V2, prefix, context, opts)) : PromiseResolve(converter(V, prefix, context, opts))
          );
        }
        function invokeCallbackFunction(callable, args, thisArg, returnValueConverter, prefix, returnsPromise) {
          try {
            const rv = ReflectApply(callable, thisArg, args);
            return returnValueConverter(rv, prefix, "return value");
          } catch (err) {
            if (returnsPromise === true) {
              return PromiseReject(err);
            }
            throw err;
          }
        }
        const brand = Symbol2("[[webidl.brand]]");
        function createInterfaceConverter(name, prototype) {
          return (V, prefix, context, _opts) => {
            if (!prototype.isPrototypeOf(V) || V[brand] !== brand) {
              throw makeException(
                TypeError2,
                `is not of type ${name}`,
                prefix,
                context
              );
            }
            return V;
          };
        }
        function createBranded(Type) {
          const t = ObjectCreate(Type.prototype);
          t[brand] = brand;
          return t;
        }
        function assertBranded(self, prototype, interfaceName) {
          if (!prototype.isPrototypeOf(self) || self[brand] !== brand) {
            const message = interfaceName === void 0 ? "Illegal invocation" : `Value of "this" must be of type ${interfaceName}`;
            const err = new TypeError2(message);
            err.code = "ERR_INVALID_THIS";
            throw err;
          }
        }
        function illegalConstructor() {
          const err = new TypeError2("Illegal constructor");
          err.code = "ERR_ILLEGAL_CONSTRUCTOR";
          throw err;
        }
        function define2(target2, source) {
          const keys2 = ReflectOwnKeys(source);
          for (let i = 0; i < keys2.length; ++i) {
            const key = keys2[i];
            const descriptor = ReflectGetOwnPropertyDescriptor(source, key);
            if (descriptor === void 0) {
              continue;
            }
            if (!ReflectDefineProperty(target2, key, { __proto__: null, ...descriptor })) {
              throw new TypeError2(`Cannot redefine property: ${String2(key)}`);
            }
          }
        }
        const _iteratorInternal = Symbol2("iterator internal");
        const globalIteratorPrototype = ObjectGetPrototypeOf(ArrayIteratorPrototype);
        function mixinPairIterable(name, prototype, dataSymbol, keyKey, valueKey) {
          const iteratorPrototype = ObjectCreate(globalIteratorPrototype, {
            [SymbolToStringTag]: {
              __proto__: null,
              configurable: true,
              value: `${name} Iterator`
            }
          });
          define2(iteratorPrototype, {
            next() {
              const internal = this == null ? void 0 : this[_iteratorInternal];
              if (!internal) {
                const err = new TypeError2(
                  `Value of "this" must be of type ${name}Iterator`
                );
                err.code = "ERR_INVALID_THIS";
                throw err;
              }
              const { target: target2, kind, index } = internal;
              const values = target2[dataSymbol];
              const len = values.length;
              if (index >= len) {
                return { value: void 0, done: true };
              }
              const pair2 = values[index];
              internal.index = index + 1;
              let result;
              switch (kind) {
                case "key":
                  result = pair2[keyKey];
                  break;
                case "value":
                  result = pair2[valueKey];
                  break;
                case "key+value":
                  result = [pair2[keyKey], pair2[valueKey]];
                  break;
              }
              return { value: result, done: false };
            },
            // Node-compatible inspector output (e.g. `URLSearchParams Iterator { 'a',
            // 'b' }`). Picked up by Deno's `util.inspect` via the privateCustomInspect
            // path so `node:util.inspect` returns the same shape.
            [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
              const internal = this == null ? void 0 : this[_iteratorInternal];
              const label = `${name} Iterator`;
              if (!internal) return `${label} {}`;
              const { target: target2, kind, index } = internal;
              const values = target2[dataSymbol];
              const remaining = values.slice(index);
              const items = remaining.map((pair2) => {
                if (kind === "key") return inspect2(pair2[keyKey], inspectOptions);
                if (kind === "value") return inspect2(pair2[valueKey], inspectOptions);
                return inspect2([pair2[keyKey], pair2[valueKey]], inspectOptions);
              });
              if (items.length === 0) return `${label} {  }`;
              const inlined = items.join(", ");
              const breakLength = inspectOptions?.breakLength;
              const oneLine = `${label} { ${inlined} }`;
              if (typeof breakLength === "number" && oneLine.length > breakLength) {
                return `${label} {
  ${items.join(",\n  ")} }`;
              }
              return oneLine;
            }
          });
          function createDefaultIterator(target2, kind) {
            const iterator = ObjectCreate(iteratorPrototype);
            ObjectDefineProperty(iterator, _iteratorInternal, {
              __proto__: null,
              value: { target: target2, kind, index: 0 },
              configurable: true
            });
            return iterator;
          }
          const methods = {
            entries() {
              assertBranded(this, prototype.prototype, name);
              return createDefaultIterator(this, "key+value");
            },
            keys() {
              assertBranded(this, prototype.prototype, name);
              return createDefaultIterator(this, "key");
            },
            values() {
              assertBranded(this, prototype.prototype, name);
              return createDefaultIterator(this, "value");
            },
            forEach(idlCallback, thisArg = void 0) {
              assertBranded(this, prototype.prototype, name);
              if (typeof idlCallback !== "function") {
                const err = new TypeError2(
                  `The "callback" argument must be of type function. Received ${idlCallback === null ? "null" : idlCallback === void 0 ? "undefined" : typeof idlCallback}`
                );
                err.code = "ERR_INVALID_ARG_TYPE";
                throw err;
              }
              idlCallback = idlCallback.bind(thisArg);
              const pairs = this[dataSymbol];
              for (let i = 0; i < pairs.length; i++) {
                const entry = pairs[i];
                idlCallback(entry[valueKey], entry[keyKey], this);
              }
            }
          };
          const properties2 = {
            entries: {
              __proto__: null,
              value: methods.entries,
              writable: true,
              enumerable: true,
              configurable: true
            },
            [SymbolIterator]: {
              __proto__: null,
              value: methods.entries,
              writable: true,
              enumerable: false,
              configurable: true
            },
            keys: {
              __proto__: null,
              value: methods.keys,
              writable: true,
              enumerable: true,
              configurable: true
            },
            values: {
              __proto__: null,
              value: methods.values,
              writable: true,
              enumerable: true,
              configurable: true
            },
            forEach: {
              __proto__: null,
              value: methods.forEach,
              writable: true,
              enumerable: true,
              configurable: true
            }
          };
          return ObjectDefineProperties(prototype.prototype, properties2);
        }
        function configureInterface(interface_) {
          configureProperties(interface_);
          configureProperties(interface_.prototype);
          ObjectDefineProperty(interface_.prototype, SymbolToStringTag, {
            __proto__: null,
            value: interface_.name.replace(/^_|\d+$/g, ""),
            enumerable: false,
            configurable: true,
            writable: false
          });
        }
        function configureProperties(obj) {
          const descriptors = ObjectGetOwnPropertyDescriptors(obj);
          for (const key in descriptors) {
            if (!ObjectHasOwn(descriptors, key)) {
              continue;
            }
            if (key === "constructor") continue;
            if (key === "prototype") continue;
            const descriptor = descriptors[key];
            if (ReflectHas(descriptor, "value") && typeof descriptor.value === "function") {
              ObjectDefineProperty(obj, key, {
                __proto__: null,
                enumerable: true,
                writable: true,
                configurable: true
              });
            } else if (ReflectHas(descriptor, "get")) {
              ObjectDefineProperty(obj, key, {
                __proto__: null,
                enumerable: true,
                configurable: true
              });
            }
          }
        }
        const setlikeInner = SymbolFor("setlike_set");
        function setlikeObjectWrap(objPrototype, readonly) {
          ObjectDefineProperties(objPrototype, {
            size: {
              __proto__: null,
              configurable: true,
              enumerable: true,
              get() {
                return this[setlikeInner]().size;
              }
            },
            [SymbolIterator]: {
              __proto__: null,
              configurable: true,
              enumerable: false,
              writable: true,
              value() {
                return this[setlikeInner]()[SymbolIterator]();
              }
            },
            entries: {
              __proto__: null,
              configurable: true,
              enumerable: true,
              writable: true,
              value() {
                return this[setlikeInner]().entries();
              }
            },
            keys: {
              __proto__: null,
              configurable: true,
              enumerable: true,
              writable: true,
              value() {
                return this[setlikeInner]().keys();
              }
            },
            values: {
              __proto__: null,
              configurable: true,
              enumerable: true,
              writable: true,
              value() {
                return this[setlikeInner]().values();
              }
            },
            forEach: {
              __proto__: null,
              configurable: true,
              enumerable: true,
              writable: true,
              value(callbackfn, thisArg) {
                return this[setlikeInner]().forEach(callbackfn, thisArg);
              }
            },
            has: {
              __proto__: null,
              configurable: true,
              enumerable: true,
              writable: true,
              value(value) {
                return this[setlikeInner]().has(value);
              }
            }
          });
          if (!readonly) {
            ObjectDefineProperties(objPrototype, {
              add: {
                __proto__: null,
                configurable: true,
                enumerable: true,
                writable: true,
                value(value) {
                  return this[setlikeInner]().add(value);
                }
              },
              delete: {
                __proto__: null,
                configurable: true,
                enumerable: true,
                writable: true,
                value(value) {
                  return this[setlikeInner]().delete(value);
                }
              },
              clear: {
                __proto__: null,
                configurable: true,
                enumerable: true,
                writable: true,
                value() {
                  return this[setlikeInner]().clear();
                }
              }
            });
          }
        }
        internals3.webidlBrand = brand;
        internals3.webidl = ObjectFreeze({
          assertBranded,
          configureInterface,
          createBranded,
          illegalConstructor,
          requiredArguments,
          converters: ObjectFreeze({
            DOMString: converters["DOMString"]
          })
        });
        return {
          assertBranded,
          AsyncSequence,
          brand,
          configureInterface,
          converters,
          createAsyncSequenceConverter,
          createBranded,
          createDictionaryConverter,
          createEnumConverter,
          createInterfaceConverter,
          createNullableConverter,
          createPromiseConverter,
          createRecordConverter,
          createSequenceConverter,
          illegalConstructor,
          invokeCallbackFunction,
          isAsyncSequence,
          makeException,
          mixinPairIterable,
          requiredArguments,
          setlikeInner,
          setlikeObjectWrap,
          type
        };
      })();
    }
  });

  // js/instead/deno_web-01_console.js
  var require_deno_web_01_console = __commonJS({
    "js/instead/deno_web-01_console.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      function createFilteredInspectProxy({ object, keys: keys2, evaluate }) {
        const shown2 = /* @__PURE__ */ Object.create({ constructor: object.constructor });
        if (!evaluate) return shown2;
        for (const key of keys2) {
          try {
            shown2[key] = object[key];
          } catch {
          }
        }
        return shown2;
      }
      module2.exports = { createFilteredInspectProxy };
    }
  });

  // deno:deno_web/01_dom_exception.js
  var require_dom_exception = __commonJS({
    "deno:deno_web/01_dom_exception.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const {
          Error: Error2,
          ErrorPrototype,
          ObjectDefineProperty,
          ObjectCreate,
          ObjectEntries,
          ObjectHasOwn,
          ObjectPrototypeIsPrototypeOf,
          ObjectSetPrototypeOf,
          ReflectConstruct,
          ReflectHas,
          RangeError: RangeError2,
          Symbol: Symbol2,
          SymbolFor
        } = primordials3;
        const webidl3 = require_webidl();
        let _createFilteredInspectProxy;
        function getCreateFilteredInspectProxy() {
          if (!_createFilteredInspectProxy) {
            _createFilteredInspectProxy = require_deno_web_01_console().createFilteredInspectProxy;
          }
          return _createFilteredInspectProxy;
        }
        const _name = Symbol2("name");
        const _message = Symbol2("message");
        const _code = Symbol2("code");
        const INDEX_SIZE_ERR = 1;
        const DOMSTRING_SIZE_ERR = 2;
        const HIERARCHY_REQUEST_ERR = 3;
        const WRONG_DOCUMENT_ERR = 4;
        const INVALID_CHARACTER_ERR = 5;
        const NO_DATA_ALLOWED_ERR = 6;
        const NO_MODIFICATION_ALLOWED_ERR = 7;
        const NOT_FOUND_ERR = 8;
        const NOT_SUPPORTED_ERR = 9;
        const INUSE_ATTRIBUTE_ERR = 10;
        const INVALID_STATE_ERR = 11;
        const SYNTAX_ERR = 12;
        const INVALID_MODIFICATION_ERR = 13;
        const NAMESPACE_ERR = 14;
        const INVALID_ACCESS_ERR = 15;
        const VALIDATION_ERR = 16;
        const TYPE_MISMATCH_ERR = 17;
        const SECURITY_ERR = 18;
        const NETWORK_ERR = 19;
        const ABORT_ERR = 20;
        const URL_MISMATCH_ERR = 21;
        const QUOTA_EXCEEDED_ERR = 22;
        const TIMEOUT_ERR = 23;
        const INVALID_NODE_TYPE_ERR = 24;
        const DATA_CLONE_ERR = 25;
        const nameToCodeMapping = ObjectCreate(null, {
          IndexSizeError: { __proto__: null, value: INDEX_SIZE_ERR },
          HierarchyRequestError: { __proto__: null, value: HIERARCHY_REQUEST_ERR },
          WrongDocumentError: { __proto__: null, value: WRONG_DOCUMENT_ERR },
          InvalidCharacterError: { __proto__: null, value: INVALID_CHARACTER_ERR },
          NoModificationAllowedError: {
            __proto__: null,
            value: NO_MODIFICATION_ALLOWED_ERR
          },
          NotFoundError: { __proto__: null, value: NOT_FOUND_ERR },
          NotSupportedError: { __proto__: null, value: NOT_SUPPORTED_ERR },
          InUseAttributeError: { __proto__: null, value: INUSE_ATTRIBUTE_ERR },
          InvalidStateError: { __proto__: null, value: INVALID_STATE_ERR },
          SyntaxError: { __proto__: null, value: SYNTAX_ERR },
          InvalidModificationError: {
            __proto__: null,
            value: INVALID_MODIFICATION_ERR
          },
          NamespaceError: { __proto__: null, value: NAMESPACE_ERR },
          InvalidAccessError: { __proto__: null, value: INVALID_ACCESS_ERR },
          TypeMismatchError: { __proto__: null, value: TYPE_MISMATCH_ERR },
          SecurityError: { __proto__: null, value: SECURITY_ERR },
          NetworkError: { __proto__: null, value: NETWORK_ERR },
          AbortError: { __proto__: null, value: ABORT_ERR },
          URLMismatchError: { __proto__: null, value: URL_MISMATCH_ERR },
          QuotaExceededError: { __proto__: null, value: QUOTA_EXCEEDED_ERR },
          TimeoutError: { __proto__: null, value: TIMEOUT_ERR },
          InvalidNodeTypeError: { __proto__: null, value: INVALID_NODE_TYPE_ERR },
          DataCloneError: { __proto__: null, value: DATA_CLONE_ERR }
        });
        class DOMException5 {
          [_message];
          [_name];
          [_code];
          // https://webidl.spec.whatwg.org/#dom-domexception-domexception
          // Since Node.js allows the second argument to accept an options object, we need to support that
          // https://github.com/nodejs/node/blob/9e201e61fd8e4b8bfb74409151cbcbbc7377ca67/lib/internal/per_context/domexception.js#L82-L96
          constructor(message = "", options = "Error") {
            message = webidl3.converters.DOMString(
              message,
              "Failed to construct 'DOMException'",
              "Argument 1"
            );
            const error2 = ReflectConstruct(Error2, [], new.target);
            let name;
            if (options !== null && typeof options === "object") {
              name = webidl3.converters.DOMString(
                options.name,
                "Failed to construct 'DOMException'",
                "Argument 2"
              );
              if (ReflectHas(options, "cause")) {
                ObjectDefineProperty(error2, "cause", {
                  __proto__: null,
                  value: options.cause,
                  configurable: true,
                  writable: true,
                  enumerable: false
                });
              }
            } else {
              name = webidl3.converters.DOMString(
                options,
                "Failed to construct 'DOMException'",
                "Argument 2"
              );
            }
            const code = nameToCodeMapping[name] ?? 0;
            error2[_message] = message;
            error2[_name] = name;
            error2[_code] = code;
            if (typeof error2.stack === "string" && error2.stack.startsWith("Error\n")) {
              const stack = (message === "" ? name : `${name}: ${message}`) + error2.stack.slice(5);
              ObjectDefineProperty(error2, "stack", { value: stack, writable: true, configurable: true });
            }
            error2[webidl3.brand] = webidl3.brand;
            ObjectDefineProperty(error2, core2.hostObjectBrand, {
              __proto__: null,
              value: () => ({
                type: "DOMException",
                message,
                name,
                stack: error2.stack
              }),
              enumerable: false,
              configurable: false,
              writable: false
            });
            return error2;
          }
          get message() {
            webidl3.assertBranded(this, DOMExceptionPrototype);
            return this[_message];
          }
          get name() {
            webidl3.assertBranded(this, DOMExceptionPrototype);
            return this[_name];
          }
          get code() {
            webidl3.assertBranded(this, DOMExceptionPrototype);
            return this[_code];
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            if (ObjectHasOwn(this, "stack")) {
              const stack = this.stack;
              if (typeof stack === "string") {
                return stack;
              }
            }
            return inspect2(
              getCreateFilteredInspectProxy()({
                object: this,
                evaluate: DOMExceptionPrototype.isPrototypeOf(this),
                keys: [
                  "message",
                  "name",
                  "code"
                ]
              }),
              inspectOptions
            );
          }
        }
        ObjectSetPrototypeOf(DOMException5.prototype, ErrorPrototype);
        webidl3.configureInterface(DOMException5);
        const DOMExceptionPrototype = DOMException5.prototype;
        const entries = ObjectEntries({
          INDEX_SIZE_ERR,
          DOMSTRING_SIZE_ERR,
          HIERARCHY_REQUEST_ERR,
          WRONG_DOCUMENT_ERR,
          INVALID_CHARACTER_ERR,
          NO_DATA_ALLOWED_ERR,
          NO_MODIFICATION_ALLOWED_ERR,
          NOT_FOUND_ERR,
          NOT_SUPPORTED_ERR,
          INUSE_ATTRIBUTE_ERR,
          INVALID_STATE_ERR,
          SYNTAX_ERR,
          INVALID_MODIFICATION_ERR,
          NAMESPACE_ERR,
          INVALID_ACCESS_ERR,
          VALIDATION_ERR,
          TYPE_MISMATCH_ERR,
          SECURITY_ERR,
          NETWORK_ERR,
          ABORT_ERR,
          URL_MISMATCH_ERR,
          QUOTA_EXCEEDED_ERR,
          TIMEOUT_ERR,
          INVALID_NODE_TYPE_ERR,
          DATA_CLONE_ERR
        });
        for (let i = 0; i < entries.length; ++i) {
          const { 0: key, 1: value } = entries[i];
          const desc = { __proto__: null, value, enumerable: true };
          ObjectDefineProperty(DOMException5, key, desc);
          ObjectDefineProperty(DOMException5.prototype, key, desc);
        }
        core2.registerCloneableResource("DOMException", (data) => {
          const ex = new DOMException5(data.message, data.name);
          if (data.stack !== void 0) {
            ObjectDefineProperty(ex, "stack", {
              __proto__: null,
              value: data.stack,
              configurable: true,
              writable: true,
              enumerable: false
            });
          }
          return ex;
        });
        const _quota = Symbol2("quota");
        const _requested = Symbol2("requested");
        class QuotaExceededError extends DOMException5 {
          [_quota];
          [_requested];
          constructor(message = "", options = { __proto__: null }) {
            super(message, "QuotaExceededError");
            if (options !== null && typeof options === "object") {
              if (ObjectHasOwn(options, "quota")) {
                const quota = webidl3.converters["unrestricted double"](
                  options.quota,
                  "Failed to construct 'QuotaExceededError'",
                  "'quota' member of QuotaExceededErrorOptions"
                );
                if (quota < 0) {
                  throw new RangeError2(
                    "Failed to construct 'QuotaExceededError': quota must not be negative"
                  );
                }
                this[_quota] = quota;
              } else {
                this[_quota] = null;
              }
              if (ObjectHasOwn(options, "requested")) {
                const requested = webidl3.converters["unrestricted double"](
                  options.requested,
                  "Failed to construct 'QuotaExceededError'",
                  "'requested' member of QuotaExceededErrorOptions"
                );
                if (requested < 0) {
                  throw new RangeError2(
                    "Failed to construct 'QuotaExceededError': requested must not be negative"
                  );
                }
                this[_requested] = requested;
              } else {
                this[_requested] = null;
              }
            } else {
              this[_quota] = null;
              this[_requested] = null;
            }
          }
          get quota() {
            webidl3.assertBranded(this, QuotaExceededErrorPrototype);
            return this[_quota];
          }
          get requested() {
            webidl3.assertBranded(this, QuotaExceededErrorPrototype);
            return this[_requested];
          }
        }
        webidl3.configureInterface(QuotaExceededError);
        const QuotaExceededErrorPrototype = QuotaExceededError.prototype;
        return {
          DOMException: DOMException5,
          DOMExceptionPrototype,
          QuotaExceededError,
          QuotaExceededErrorPrototype
        };
      })();
    }
  });

  // deno:deno_web/08_text_encoding.js
  var require_text_encoding = __commonJS({
    "deno:deno_web/08_text_encoding.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const {
          isDataView,
          isSharedArrayBuffer,
          isTypedArray
        } = core2;
        const {
          op_encoding_decode,
          op_encoding_decode_single,
          op_encoding_decode_utf8,
          op_encoding_decode_utf8_ascii_only,
          op_encoding_encode_into,
          op_encoding_encode_into_fallback,
          op_encoding_new_decoder,
          op_encoding_normalize_label
        } = core2.ops;
        const {
          DataViewPrototypeGetBuffer,
          DataViewPrototypeGetByteLength,
          DataViewPrototypeGetByteOffset,
          MathTrunc,
          ObjectPrototypeIsPrototypeOf,
          PromiseReject,
          PromiseResolve,
          // TODO(lucacasonato): add SharedArrayBuffer to primordials
          // SharedArrayBufferPrototype,
          StringPrototypeCharCodeAt,
          StringPrototypeSlice,
          SymbolFor,
          TypedArrayPrototypeGetBuffer,
          TypedArrayPrototypeGetByteLength,
          TypedArrayPrototypeGetByteOffset,
          TypedArrayPrototypeGetSymbolToStringTag,
          TypedArrayPrototypeSubarray,
          Uint32Array: Uint32Array2,
          Uint8Array: Uint8Array2
        } = primordials3;
        const webidl3 = require_webidl();
        const { createFilteredInspectProxy } = require_deno_web_01_console();
        class TextDecoder2 {
          /** @type {string} */
          #encoding;
          /** @type {boolean} */
          #fatal;
          /** @type {boolean} */
          #ignoreBOM;
          /** @type {boolean} */
          #utf8SinglePass;
          /** @type {object | null} */
          #handle = null;
          /**
           * @param {string} label
           * @param {TextDecoderOptions} options
           */
          constructor(label = "utf-8", options = { __proto__: null }) {
            const prefix = "Failed to construct 'TextDecoder'";
            label = webidl3.converters.DOMString(label, prefix, "Argument 1");
            options = webidl3.converters.TextDecoderOptions(
              options,
              prefix,
              "Argument 2"
            );
            let encoding;
            if (label === "utf-8" || label === "utf8" || label === "unicode-1-1-utf-8") {
              encoding = "utf-8";
            } else {
              try {
                encoding = op_encoding_normalize_label(label);
              } catch (err) {
                if (err !== null && typeof err === "object" && err.code === void 0) {
                  err.code = "ERR_ENCODING_NOT_SUPPORTED";
                }
                throw err;
              }
            }
            this.#encoding = encoding;
            this.#fatal = options.fatal;
            this.#ignoreBOM = options.ignoreBOM;
            this.#utf8SinglePass = encoding === "utf-8" && !options.fatal;
            this[webidl3.brand] = webidl3.brand;
          }
          /** @returns {string} */
          get encoding() {
            webidl3.assertBranded(this, TextDecoderPrototype);
            return this.#encoding;
          }
          /** @returns {boolean} */
          get fatal() {
            webidl3.assertBranded(this, TextDecoderPrototype);
            return this.#fatal;
          }
          /** @returns {boolean} */
          get ignoreBOM() {
            webidl3.assertBranded(this, TextDecoderPrototype);
            return this.#ignoreBOM;
          }
          /**
           * @param {BufferSource} [input]
           * @param {TextDecodeOptions} options
           */
          decode(input = new Uint8Array2(), options = void 0) {
            webidl3.assertBranded(this, TextDecoderPrototype);
            if (options === void 0 && this.#utf8SinglePass && this.#handle === null && TypedArrayPrototypeGetSymbolToStringTag(input) === "Uint8Array" && !isSharedArrayBuffer(input.buffer)) {
              return op_encoding_decode_utf8(input, this.#ignoreBOM);
            }
            if (input !== void 0) {
              if (!(TypedArrayPrototypeGetSymbolToStringTag(input) === "Uint8Array") || isSharedArrayBuffer(input.buffer)) {
                const prefix = "Failed to execute 'decode' on 'TextDecoder'";
                input = webidl3.converters.BufferSource(input, prefix, "Argument 1", {
                  allowShared: true
                });
              }
            }
            let stream = false;
            if (options !== void 0) {
              const prefix = "Failed to execute 'decode' on 'TextDecoder'";
              options = webidl3.converters.TextDecodeOptions(
                options,
                prefix,
                "Argument 2"
              );
              stream = options.stream;
            }
            if (stream && input.length === 0) {
              return "";
            }
            try {
              let buffer = input;
              if (isTypedArray(input)) {
                buffer = input.buffer;
              } else if (isDataView(input)) {
                buffer = input.buffer;
              }
              if (isSharedArrayBuffer(buffer)) {
                if (isTypedArray(input)) {
                  input = new Uint8Array2(
                    new Uint8Array2(
                      buffer,
                      input.byteOffset,
                      input.byteLength
                    )
                  );
                } else if (isDataView(input)) {
                  input = new Uint8Array2(
                    new Uint8Array2(
                      buffer,
                      input.byteOffset,
                      input.byteLength
                    )
                  );
                } else {
                  input = new Uint8Array2(new Uint8Array2(buffer));
                }
              }
              if (!stream && this.#handle === null) {
                if (this.#utf8SinglePass) {
                  return op_encoding_decode_utf8(input, this.#ignoreBOM);
                }
                return op_encoding_decode_single(
                  input,
                  this.#encoding,
                  this.#fatal,
                  this.#ignoreBOM
                );
              }
              if (stream && this.#utf8SinglePass && this.#handle === null) {
                const ascii = op_encoding_decode_utf8_ascii_only(input);
                if (ascii !== null) return ascii;
              }
              if (this.#handle === null) {
                this.#handle = op_encoding_new_decoder(
                  this.#encoding,
                  this.#fatal,
                  this.#ignoreBOM
                );
              }
              return op_encoding_decode(input, this.#handle, stream);
            } finally {
              if (!stream && this.#handle !== null) {
                this.#handle = null;
              }
            }
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: TextDecoderPrototype.isPrototypeOf(this),
                keys: [
                  "encoding",
                  "fatal",
                  "ignoreBOM"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(TextDecoder2);
        const TextDecoderPrototype = TextDecoder2.prototype;
        class TextEncoder {
          constructor() {
            this[webidl3.brand] = webidl3.brand;
          }
          /** @returns {string} */
          get encoding() {
            webidl3.assertBranded(this, TextEncoderPrototype);
            return "utf-8";
          }
          /**
           * @param {string} input
           * @returns {Uint8Array}
           */
          encode(input = "") {
            webidl3.assertBranded(this, TextEncoderPrototype);
            if (typeof input !== "string") {
              input = webidl3.converters.DOMString(
                input,
                "Failed to execute 'encode' on 'TextEncoder'",
                "Argument 1"
              );
            }
            return core2.encode(input);
          }
          /**
           * @param {string} source
           * @param {Uint8Array} destination
           * @returns {TextEncoderEncodeIntoResult}
           */
          encodeInto(source, destination) {
            webidl3.assertBranded(this, TextEncoderPrototype);
            if (typeof source !== "string" || TypedArrayPrototypeGetSymbolToStringTag(destination) !== "Uint8Array") {
              const prefix = "Failed to execute 'encodeInto' on 'TextEncoder'";
              source = webidl3.converters.DOMString(source, prefix, "Argument 1");
              destination = webidl3.converters.Uint8Array(
                destination,
                prefix,
                "Argument 2",
                encodeIntoOpts
              );
            }
            const packed = op_encoding_encode_into(source, destination);
            if (packed === ENCODE_INTO_PACKED_SENTINEL) {
              op_encoding_encode_into_fallback(source, destination, encodeIntoBuf);
              return {
                read: encodeIntoBuf[0],
                written: encodeIntoBuf[1]
              };
            }
            const read3 = MathTrunc(packed / ENCODE_INTO_PACKED_MULTIPLIER);
            return {
              read: read3,
              written: packed - read3 * ENCODE_INTO_PACKED_MULTIPLIER
            };
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: TextEncoderPrototype.isPrototypeOf(this),
                keys: ["encoding"]
              }),
              inspectOptions
            );
          }
        }
        const encodeIntoBuf = new Uint32Array2(2);
        const encodeIntoOpts = { __proto__: null, allowShared: true };
        const ENCODE_INTO_PACKED_SENTINEL = -1;
        const ENCODE_INTO_PACKED_MULTIPLIER = 4294967296;
        webidl3.configureInterface(TextEncoder);
        const TextEncoderPrototype = TextEncoder.prototype;
        class TextDecoderStream {
          /** @type {TextDecoder} */
          #decoder;
          /** @type {TransformStream<BufferSource, string>} */
          #transform;
          /**
           * @param {string} label
           * @param {TextDecoderOptions} options
           */
          constructor(label = "utf-8", options = { __proto__: null }) {
            const prefix = "Failed to construct 'TextDecoderStream'";
            label = webidl3.converters.DOMString(label, prefix, "Argument 1");
            options = webidl3.converters.TextDecoderOptions(
              options,
              prefix,
              "Argument 2"
            );
            this.#decoder = new TextDecoder2(label, options);
            this.#transform = new TransformStream({
              // The transform and flush functions need access to TextDecoderStream's
              // `this`, so they are defined as functions rather than methods.
              // Synchronous transform: the TransformStream fast path resolves the write
              // without a per-chunk promise or microtask hop when transform() returns
              // undefined. Throws propagate to the stream via transformAlgorithm.
              transform: (chunk, controller) => {
                chunk = webidl3.converters.BufferSource(chunk, prefix, "chunk", {
                  allowShared: true
                });
                const decoded = this.#decoder.decode(chunk, { stream: true });
                if (decoded) {
                  controller.enqueue(decoded);
                }
              },
              flush: (controller) => {
                try {
                  const final = this.#decoder.decode();
                  if (final) {
                    controller.enqueue(final);
                  }
                  return PromiseResolve();
                } catch (err) {
                  return PromiseReject(err);
                }
              },
              cancel: (_reason) => {
                try {
                  const _ = this.#decoder.decode();
                  return PromiseResolve();
                } catch (err) {
                  return PromiseReject(err);
                }
              }
            });
            this[webidl3.brand] = webidl3.brand;
          }
          /** @returns {string} */
          get encoding() {
            webidl3.assertBranded(this, TextDecoderStreamPrototype);
            return this.#decoder.encoding;
          }
          /** @returns {boolean} */
          get fatal() {
            webidl3.assertBranded(this, TextDecoderStreamPrototype);
            return this.#decoder.fatal;
          }
          /** @returns {boolean} */
          get ignoreBOM() {
            webidl3.assertBranded(this, TextDecoderStreamPrototype);
            return this.#decoder.ignoreBOM;
          }
          /** @returns {ReadableStream<string>} */
          get readable() {
            webidl3.assertBranded(this, TextDecoderStreamPrototype);
            return this.#transform.readable;
          }
          /** @returns {WritableStream<BufferSource>} */
          get writable() {
            webidl3.assertBranded(this, TextDecoderStreamPrototype);
            return this.#transform.writable;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: TextDecoderStreamPrototype.isPrototypeOf(
                  this
                ),
                keys: [
                  "encoding",
                  "fatal",
                  "ignoreBOM",
                  "readable",
                  "writable"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(TextDecoderStream);
        const TextDecoderStreamPrototype = TextDecoderStream.prototype;
        class TextEncoderStream {
          /** @type {string | null} */
          #pendingHighSurrogate = null;
          /** @type {TransformStream<string, Uint8Array>} */
          #transform;
          constructor() {
            this.#transform = new TransformStream({
              // The transform and flush functions need access to TextEncoderStream's
              // `this`, so they are defined as functions rather than methods.
              // Synchronous transform: the TransformStream fast path resolves the write
              // without a per-chunk promise or microtask hop when transform() returns
              // undefined. Throws propagate to the stream via transformAlgorithm.
              transform: (chunk, controller) => {
                chunk = webidl3.converters.DOMString(chunk);
                if (chunk === "") {
                  return;
                }
                if (this.#pendingHighSurrogate !== null) {
                  chunk = this.#pendingHighSurrogate + chunk;
                }
                const lastCodeUnit = chunk.charCodeAt(
                  chunk.length - 1
                );
                if (55296 <= lastCodeUnit && lastCodeUnit <= 56319) {
                  this.#pendingHighSurrogate = chunk.slice(-1);
                  chunk = chunk.slice(0, -1);
                } else {
                  this.#pendingHighSurrogate = null;
                }
                if (chunk) {
                  controller.enqueue(core2.encode(chunk));
                }
              },
              flush: (controller) => {
                try {
                  if (this.#pendingHighSurrogate !== null) {
                    controller.enqueue(new Uint8Array2([239, 191, 189]));
                  }
                  return PromiseResolve();
                } catch (err) {
                  return PromiseReject(err);
                }
              }
            });
            this[webidl3.brand] = webidl3.brand;
          }
          /** @returns {string} */
          get encoding() {
            webidl3.assertBranded(this, TextEncoderStreamPrototype);
            return "utf-8";
          }
          /** @returns {ReadableStream<Uint8Array>} */
          get readable() {
            webidl3.assertBranded(this, TextEncoderStreamPrototype);
            return this.#transform.readable;
          }
          /** @returns {WritableStream<string>} */
          get writable() {
            webidl3.assertBranded(this, TextEncoderStreamPrototype);
            return this.#transform.writable;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: TextEncoderStreamPrototype.isPrototypeOf(
                  this
                ),
                keys: [
                  "encoding",
                  "readable",
                  "writable"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(TextEncoderStream);
        const TextEncoderStreamPrototype = TextEncoderStream.prototype;
        webidl3.converters.TextDecoderOptions = webidl3.createDictionaryConverter(
          "TextDecoderOptions",
          [
            {
              key: "fatal",
              converter: webidl3.converters.boolean,
              defaultValue: false
            },
            {
              key: "ignoreBOM",
              converter: webidl3.converters.boolean,
              defaultValue: false
            }
          ]
        );
        webidl3.converters.TextDecodeOptions = webidl3.createDictionaryConverter(
          "TextDecodeOptions",
          [
            {
              key: "stream",
              converter: webidl3.converters.boolean,
              defaultValue: false
            }
          ]
        );
        function decode(bytes, encoding) {
          const BOMEncoding = BOMSniff(bytes);
          if (BOMEncoding !== null) {
            encoding = BOMEncoding;
            const start4 = BOMEncoding === "UTF-8" ? 3 : 2;
            bytes = bytes.subarray(start4);
          }
          return new TextDecoder2(encoding).decode(bytes);
        }
        function BOMSniff(bytes) {
          if (bytes[0] === 239 && bytes[1] === 187 && bytes[2] === 191) {
            return "UTF-8";
          }
          if (bytes[0] === 254 && bytes[1] === 255) return "UTF-16BE";
          if (bytes[0] === 255 && bytes[1] === 254) return "UTF-16LE";
          return null;
        }
        return {
          decode,
          TextDecoder: TextDecoder2,
          TextDecoderStream,
          TextEncoder,
          TextEncoderStream
        };
      })();
    }
  });

  // deno:deno_web/02_event.js
  var require_event = __commonJS({
    "deno:deno_web/02_event.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, internals: internals3, primordials: primordials3 } = __bootstrap;
        const {
          ArrayPrototypeIncludes,
          ArrayPrototypeIndexOf,
          ArrayPrototypeMap,
          ArrayPrototypePush,
          ArrayPrototypeSlice,
          ArrayPrototypeSplice,
          ArrayPrototypeUnshift,
          Boolean: Boolean2,
          Error: Error2,
          FunctionPrototypeCall,
          JSONStringify,
          MapPrototypeGet,
          MapPrototypeSet,
          ObjectCreate,
          ObjectDefineProperty,
          ObjectFreeze,
          ObjectGetOwnPropertyDescriptor,
          ObjectGetPrototypeOf,
          ObjectPrototype,
          ObjectPrototypeIsPrototypeOf,
          ReflectDefineProperty,
          SafeArrayIterator,
          SafeMap,
          String: String2,
          StringPrototypeStartsWith,
          Symbol: Symbol2,
          SymbolFor,
          SymbolIterator,
          SymbolToStringTag,
          TypeError: TypeError2
        } = primordials3;
        const webidl3 = require_webidl();
        const { DOMException: DOMException5 } = require_dom_exception();
        let _createFilteredInspectProxy;
        function getCreateFilteredInspectProxy() {
          if (!_createFilteredInspectProxy) {
            _createFilteredInspectProxy = require_deno_web_01_console().createFilteredInspectProxy;
          }
          return _createFilteredInspectProxy;
        }
        let globalThis_;
        function saveGlobalThisReference2(val) {
          globalThis_ = val;
        }
        function getDispatched(event) {
          return Boolean2(event[_dispatched]);
        }
        function getPath(event) {
          return event[_path] ?? [];
        }
        function getStopImmediatePropagation(event) {
          return Boolean2(event[_stopImmediatePropagationFlag]);
        }
        function setCurrentTarget(event, value) {
          event[_attributes].currentTarget = value;
        }
        function setIsTrusted2(event, value) {
          event[_isTrusted] = value;
        }
        function setDispatched(event, value) {
          event[_dispatched] = value;
        }
        function setEventPhase(event, value) {
          event[_attributes].eventPhase = value;
        }
        function setInPassiveListener(event, value) {
          event[_inPassiveListener] = value;
        }
        function setPath(event, value) {
          event[_path] = value;
        }
        function setRelatedTarget(event, value) {
          event[_attributes].relatedTarget = value;
        }
        function setTarget(event, value) {
          event[_attributes].target = value;
        }
        function setStopImmediatePropagation(event, value) {
          event[_stopImmediatePropagationFlag] = value;
        }
        const isTrusted = ObjectGetOwnPropertyDescriptor({
          get isTrusted() {
            return this[_isTrusted];
          }
        }, "isTrusted").get;
        const _attributes = Symbol2("[[attributes]]");
        const _canceledFlag = Symbol2("[[canceledFlag]]");
        const _stopPropagationFlag = Symbol2("[[stopPropagationFlag]]");
        const _stopImmediatePropagationFlag = Symbol2(
          "[[stopImmediatePropagationFlag]]"
        );
        const _inPassiveListener = Symbol2("[[inPassiveListener]]");
        const _dispatched = Symbol2("[[dispatched]]");
        const _isTrusted = Symbol2("[[isTrusted]]");
        const _path = Symbol2("[[path]]");
        class Event3 {
          constructor(type, eventInitDict = { __proto__: null }) {
            this[_canceledFlag] = false;
            this[_stopPropagationFlag] = false;
            this[_stopImmediatePropagationFlag] = false;
            this[_inPassiveListener] = false;
            this[_dispatched] = false;
            this[_isTrusted] = false;
            this[_path] = [];
            webidl3.requiredArguments(
              arguments.length,
              1,
              "Failed to construct 'Event'"
            );
            type = webidl3.converters.DOMString(
              type,
              "Failed to construct 'Event'",
              "Argument 1"
            );
            this[_attributes] = {
              type,
              bubbles: !!eventInitDict.bubbles,
              cancelable: !!eventInitDict.cancelable,
              composed: !!eventInitDict.composed,
              currentTarget: null,
              eventPhase: Event3.NONE,
              target: null,
              timeStamp: 0
            };
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              getCreateFilteredInspectProxy()({
                object: this,
                evaluate: EventPrototype.isPrototypeOf(this),
                keys: EVENT_PROPS
              }),
              inspectOptions
            );
          }
          get type() {
            return this[_attributes].type;
          }
          get target() {
            return this[_attributes].target;
          }
          get srcElement() {
            return null;
          }
          set srcElement(_) {
          }
          get currentTarget() {
            return this[_attributes].currentTarget;
          }
          composedPath() {
            const path = this[_path];
            if (path.length === 0) {
              return [];
            }
            if (!this.currentTarget) {
              throw new Error2("assertion error");
            }
            const composedPath = [
              {
                item: this.currentTarget,
                itemInShadowTree: false,
                relatedTarget: null,
                rootOfClosedTree: false,
                slotInClosedTree: false,
                target: null,
                touchTargetList: []
              }
            ];
            let currentTargetIndex = 0;
            let currentTargetHiddenSubtreeLevel = 0;
            for (let index = path.length - 1; index >= 0; index--) {
              const { item, rootOfClosedTree, slotInClosedTree } = path[index];
              if (rootOfClosedTree) {
                currentTargetHiddenSubtreeLevel++;
              }
              if (item === this.currentTarget) {
                currentTargetIndex = index;
                break;
              }
              if (slotInClosedTree) {
                currentTargetHiddenSubtreeLevel--;
              }
            }
            let currentHiddenLevel = currentTargetHiddenSubtreeLevel;
            let maxHiddenLevel = currentTargetHiddenSubtreeLevel;
            for (let i = currentTargetIndex - 1; i >= 0; i--) {
              const { item, rootOfClosedTree, slotInClosedTree } = path[i];
              if (rootOfClosedTree) {
                currentHiddenLevel++;
              }
              if (currentHiddenLevel <= maxHiddenLevel) {
                composedPath.unshift({
                  item,
                  itemInShadowTree: false,
                  relatedTarget: null,
                  rootOfClosedTree: false,
                  slotInClosedTree: false,
                  target: null,
                  touchTargetList: []
                });
              }
              if (slotInClosedTree) {
                currentHiddenLevel--;
                if (currentHiddenLevel < maxHiddenLevel) {
                  maxHiddenLevel = currentHiddenLevel;
                }
              }
            }
            currentHiddenLevel = currentTargetHiddenSubtreeLevel;
            maxHiddenLevel = currentTargetHiddenSubtreeLevel;
            for (let index = currentTargetIndex + 1; index < path.length; index++) {
              const { item, rootOfClosedTree, slotInClosedTree } = path[index];
              if (slotInClosedTree) {
                currentHiddenLevel++;
              }
              if (currentHiddenLevel <= maxHiddenLevel) {
                composedPath.push({
                  item,
                  itemInShadowTree: false,
                  relatedTarget: null,
                  rootOfClosedTree: false,
                  slotInClosedTree: false,
                  target: null,
                  touchTargetList: []
                });
              }
              if (rootOfClosedTree) {
                currentHiddenLevel--;
                if (currentHiddenLevel < maxHiddenLevel) {
                  maxHiddenLevel = currentHiddenLevel;
                }
              }
            }
            return composedPath.map((p) => p.item);
          }
          get NONE() {
            return Event3.NONE;
          }
          get CAPTURING_PHASE() {
            return Event3.CAPTURING_PHASE;
          }
          get AT_TARGET() {
            return Event3.AT_TARGET;
          }
          get BUBBLING_PHASE() {
            return Event3.BUBBLING_PHASE;
          }
          get eventPhase() {
            return this[_attributes].eventPhase;
          }
          stopPropagation() {
            this[_stopPropagationFlag] = true;
          }
          get cancelBubble() {
            return this[_stopPropagationFlag];
          }
          set cancelBubble(value) {
            this[_stopPropagationFlag] = webidl3.converters.boolean(value);
          }
          stopImmediatePropagation() {
            this[_stopPropagationFlag] = true;
            this[_stopImmediatePropagationFlag] = true;
          }
          get bubbles() {
            return this[_attributes].bubbles;
          }
          get cancelable() {
            return this[_attributes].cancelable;
          }
          get returnValue() {
            return !this[_canceledFlag];
          }
          set returnValue(value) {
            if (!webidl3.converters.boolean(value)) {
              if (this[_attributes].cancelable && !this[_inPassiveListener]) {
                this[_canceledFlag] = true;
              }
            }
          }
          preventDefault() {
            if (this[_attributes].cancelable && !this[_inPassiveListener]) {
              this[_canceledFlag] = true;
            }
          }
          get defaultPrevented() {
            return this[_canceledFlag];
          }
          get composed() {
            return this[_attributes].composed;
          }
          get initialized() {
            return true;
          }
          get timeStamp() {
            return this[_attributes].timeStamp;
          }
        }
        ObjectDefineProperty(Event3, "NONE", {
          __proto__: null,
          value: 0,
          writable: false,
          enumerable: true,
          configurable: false
        });
        ObjectDefineProperty(Event3, "CAPTURING_PHASE", {
          __proto__: null,
          value: 1,
          writable: false,
          enumerable: true,
          configurable: false
        });
        ObjectDefineProperty(Event3, "AT_TARGET", {
          __proto__: null,
          value: 2,
          writable: false,
          enumerable: true,
          configurable: false
        });
        ObjectDefineProperty(Event3, "BUBBLING_PHASE", {
          __proto__: null,
          value: 3,
          writable: false,
          enumerable: true,
          configurable: false
        });
        const EventPrototype = Event3.prototype;
        ObjectDefineProperty(EventPrototype, SymbolToStringTag, {
          __proto__: null,
          value: "Event",
          writable: false,
          enumerable: false,
          configurable: true
        });
        ReflectDefineProperty(Event3.prototype, "isTrusted", {
          __proto__: null,
          enumerable: true,
          get: isTrusted
        });
        function defineEnumerableProps(Ctor, props) {
          for (let i = 0; i < props.length; ++i) {
            const prop = props[i];
            ReflectDefineProperty(Ctor.prototype, prop, {
              __proto__: null,
              enumerable: true
            });
          }
        }
        const EVENT_PROPS = [
          "bubbles",
          "cancelable",
          "composed",
          "currentTarget",
          "defaultPrevented",
          "eventPhase",
          "srcElement",
          "target",
          "returnValue",
          "timeStamp",
          "type"
        ];
        defineEnumerableProps(Event3, EVENT_PROPS);
        const DOCUMENT_FRAGMENT_NODE = 11;
        function getParent(eventTarget) {
          return isNode(eventTarget) ? eventTarget.parentNode : null;
        }
        function getRoot(eventTarget) {
          return isNode(eventTarget) ? eventTarget.getRootNode({ composed: true }) : null;
        }
        function isNode(eventTarget) {
          return eventTarget?.nodeType !== void 0;
        }
        function isShadowInclusiveAncestor(ancestor, node2) {
          while (isNode(node2)) {
            if (node2 === ancestor) {
              return true;
            }
            if (isShadowRoot(node2)) {
              node2 = node2 && getHost(node2);
            } else {
              node2 = getParent(node2);
            }
          }
          return false;
        }
        function isShadowRoot(nodeImpl) {
          return Boolean2(
            nodeImpl && isNode(nodeImpl) && nodeImpl.nodeType === DOCUMENT_FRAGMENT_NODE && getHost(nodeImpl) != null
          );
        }
        function isSlottable() {
          return false;
        }
        function appendToEventPath(eventImpl, target2, targetOverride, relatedTarget, touchTargets, slotInClosedTree) {
          const itemInShadowTree = isNode(target2) && isShadowRoot(getRoot(target2));
          const rootOfClosedTree = isShadowRoot(target2) && getMode(target2) === "closed";
          getPath(eventImpl).push({
            item: target2,
            itemInShadowTree,
            target: targetOverride,
            relatedTarget,
            touchTargetList: touchTargets,
            rootOfClosedTree,
            slotInClosedTree
          });
        }
        function dispatch2(targetImpl, eventImpl, targetOverride) {
          let clearTargets = false;
          let activationTarget = null;
          setDispatched(eventImpl, true);
          targetOverride = targetOverride ?? targetImpl;
          const eventRelatedTarget = eventImpl.relatedTarget;
          let relatedTarget = retarget(eventRelatedTarget, targetImpl);
          if (targetImpl !== relatedTarget || targetImpl === eventRelatedTarget) {
            const touchTargets = [];
            appendToEventPath(
              eventImpl,
              targetImpl,
              targetOverride,
              relatedTarget,
              touchTargets,
              false
            );
            const isActivationEvent = eventImpl.type === "click";
            if (isActivationEvent && getHasActivationBehavior(targetImpl)) {
              activationTarget = targetImpl;
            }
            let slotInClosedTree = false;
            let slottable = isSlottable(targetImpl) && getAssignedSlot(targetImpl) ? targetImpl : null;
            let parent = getParent(targetImpl);
            while (parent !== null) {
              if (slottable !== null) {
                slottable = null;
                const parentRoot = getRoot(parent);
                if (isShadowRoot(parentRoot) && parentRoot && getMode(parentRoot) === "closed") {
                  slotInClosedTree = true;
                }
              }
              relatedTarget = retarget(eventRelatedTarget, parent);
              if (isNode(parent) && isShadowInclusiveAncestor(getRoot(targetImpl), parent)) {
                appendToEventPath(
                  eventImpl,
                  parent,
                  null,
                  relatedTarget,
                  touchTargets,
                  slotInClosedTree
                );
              } else if (parent === relatedTarget) {
                parent = null;
              } else {
                targetImpl = parent;
                if (isActivationEvent && activationTarget === null && getHasActivationBehavior(targetImpl)) {
                  activationTarget = targetImpl;
                }
                appendToEventPath(
                  eventImpl,
                  parent,
                  targetImpl,
                  relatedTarget,
                  touchTargets,
                  slotInClosedTree
                );
              }
              if (parent !== null) {
                parent = getParent(parent);
              }
              slotInClosedTree = false;
            }
            let clearTargetsTupleIndex = -1;
            const path = getPath(eventImpl);
            for (let i = path.length - 1; i >= 0 && clearTargetsTupleIndex === -1; i--) {
              if (path[i].target !== null) {
                clearTargetsTupleIndex = i;
              }
            }
            const clearTargetsTuple = path[clearTargetsTupleIndex];
            clearTargets = isNode(clearTargetsTuple.target) && isShadowRoot(getRoot(clearTargetsTuple.target)) || isNode(clearTargetsTuple.relatedTarget) && isShadowRoot(getRoot(clearTargetsTuple.relatedTarget));
            setEventPhase(eventImpl, Event3.CAPTURING_PHASE);
            for (let i = path.length - 1; i >= 0; --i) {
              const tuple = path[i];
              if (tuple.target === null) {
                invokeEventListeners(tuple, eventImpl);
              }
            }
            for (let i = 0; i < path.length; i++) {
              const tuple = path[i];
              if (tuple.target !== null) {
                setEventPhase(eventImpl, Event3.AT_TARGET);
              } else {
                setEventPhase(eventImpl, Event3.BUBBLING_PHASE);
              }
              if (eventImpl.eventPhase === Event3.BUBBLING_PHASE && eventImpl.bubbles || eventImpl.eventPhase === Event3.AT_TARGET) {
                invokeEventListeners(tuple, eventImpl);
              }
            }
          }
          setEventPhase(eventImpl, Event3.NONE);
          setCurrentTarget(eventImpl, null);
          setPath(eventImpl, []);
          setDispatched(eventImpl, false);
          eventImpl.cancelBubble = false;
          setStopImmediatePropagation(eventImpl, false);
          if (clearTargets) {
            setTarget(eventImpl, null);
            setRelatedTarget(eventImpl, null);
          }
          return !eventImpl.defaultPrevented;
        }
        function innerInvokeEventListeners(eventImpl, targetListeners) {
          let found = false;
          const { type } = eventImpl;
          if (!targetListeners || !targetListeners[type]) {
            return found;
          }
          let handlers = targetListeners[type];
          const handlersLength = handlers.length;
          if (handlersLength > 1) {
            handlers = targetListeners[type].slice();
          }
          for (let i = 0; i < handlersLength; i++) {
            const listener = handlers[i];
            if (getStopImmediatePropagation(eventImpl) && !listener.options[kResistStopImmediatePropagation]) {
              continue;
            }
            let capture, once, passive;
            if (typeof listener.options === "boolean") {
              capture = listener.options;
              once = false;
              passive = false;
            } else {
              capture = listener.options.capture;
              once = listener.options.once;
              passive = listener.options.passive;
            }
            if (!targetListeners[type].includes(listener)) {
              continue;
            }
            found = true;
            if (eventImpl.eventPhase === Event3.CAPTURING_PHASE && !capture || eventImpl.eventPhase === Event3.BUBBLING_PHASE && capture) {
              continue;
            }
            if (once) {
              removeListener(targetListeners, type, listener);
            }
            if (passive) {
              setInPassiveListener(eventImpl, true);
            }
            try {
              if (typeof listener.callback === "object") {
                if (typeof listener.callback.handleEvent === "function") {
                  listener.callback.handleEvent(eventImpl);
                }
              } else {
                listener.callback.call(
                  eventImpl.currentTarget,
                  eventImpl
                );
              }
            } catch (error2) {
              reportException(error2);
            }
            setInPassiveListener(eventImpl, false);
          }
          return found;
        }
        function invokeEventListeners(tuple, eventImpl) {
          const path = getPath(eventImpl);
          if (path.length === 1) {
            const t = path[0];
            if (t.target) {
              setTarget(eventImpl, t.target);
            }
          } else {
            const tupleIndex = path.indexOf(tuple);
            for (let i = tupleIndex; i >= 0; i--) {
              const t = path[i];
              if (t.target) {
                setTarget(eventImpl, t.target);
                break;
              }
            }
          }
          setRelatedTarget(eventImpl, tuple.relatedTarget);
          if (eventImpl.cancelBubble) {
            return;
          }
          setCurrentTarget(eventImpl, tuple.item);
          try {
            innerInvokeEventListeners(eventImpl, getListeners(tuple.item));
          } catch (error2) {
            reportException(error2);
          }
        }
        function normalizeEventHandlerOptions(options) {
          if (typeof options === "boolean" || typeof options === "undefined" || options === null) {
            return {
              capture: Boolean2(options)
            };
          } else {
            return {
              capture: Boolean2(options.capture)
            };
          }
        }
        function removeListener(targetListeners, type, listener, index = targetListeners[type].indexOf(listener)) {
          if (index === -1) {
            return;
          }
          targetListeners[type].splice(index, 1);
          if (listener.abortListener) {
            listener.signal.removeEventListener("abort", listener.abortListener);
            listener.signal = void 0;
            listener.abortListener = void 0;
          }
        }
        function retarget(a, b) {
          while (true) {
            if (!isNode(a)) {
              return a;
            }
            const aRoot = a.getRootNode();
            if (aRoot) {
              if (!isShadowRoot(aRoot) || isNode(b) && isShadowInclusiveAncestor(aRoot, b)) {
                return a;
              }
              a = getHost(aRoot);
            }
          }
        }
        const eventTargetData = Symbol2();
        const kResistStopImmediatePropagation = Symbol2(
          "kResistStopImmediatePropagation"
        );
        function setEventTargetData(target2) {
          target2[eventTargetData] = getDefaultTargetData();
        }
        function getAssignedSlot(target2) {
          return Boolean2(target2?.[eventTargetData]?.assignedSlot);
        }
        function getHasActivationBehavior(target2) {
          return Boolean2(target2?.[eventTargetData]?.hasActivationBehavior);
        }
        function getHost(target2) {
          return target2?.[eventTargetData]?.host ?? null;
        }
        function getListeners(target2) {
          return target2?.[eventTargetData]?.listeners ?? {};
        }
        function getMode(target2) {
          return target2?.[eventTargetData]?.mode ?? null;
        }
        function listenerCount(target2, type) {
          return getListeners(target2)?.[type]?.length ?? 0;
        }
        function getDefaultTargetData() {
          return {
            assignedSlot: false,
            hasActivationBehavior: false,
            host: null,
            listeners: ObjectCreate(null),
            mode: ""
          };
        }
        function addEventListenerOptionsConverter(V, prefix) {
          if (webidl3.type(V) !== "Object") {
            return { capture: !!V, once: false, passive: false };
          }
          const options = {
            capture: !!V.capture,
            once: !!V.once,
            passive: !!V.passive,
            // This field exists for simulating Node.js behavior, implemented in https://github.com/nodejs/node/commit/bcd35c334ec75402ee081f1c4da128c339f70c24
            // Some internal event listeners in Node.js can ignore `e.stopImmediatePropagation()` calls
            // from the earlier event listeners.
            [kResistStopImmediatePropagation]: !!V[kResistStopImmediatePropagation]
          };
          const signal = V.signal;
          if (signal !== void 0) {
            options.signal = webidl3.converters.AbortSignal(
              signal,
              prefix,
              "'signal' of 'AddEventListenerOptions' (Argument 3)"
            );
          }
          return options;
        }
        class EventTarget3 {
          constructor() {
            this[webidl3.brand] = webidl3.brand;
          }
          addEventListener(type, callback, options) {
            const self = this ?? globalThis_;
            webidl3.assertBranded(self, EventTargetPrototype);
            const prefix = "Failed to execute 'addEventListener' on 'EventTarget'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            options = addEventListenerOptionsConverter(options, prefix);
            if (callback === null) {
              return;
            }
            let data = self[eventTargetData];
            if (data === void 0) {
              data = self[eventTargetData] = getDefaultTargetData();
            }
            const { listeners } = data;
            if (!listeners[type]) {
              listeners[type] = [];
            }
            const listenerList = listeners[type];
            for (let i = 0; i < listenerList.length; ++i) {
              const listener = listenerList[i];
              if ((typeof listener.options === "boolean" && listener.options === options.capture || typeof listener.options === "object" && listener.options.capture === options.capture) && listener.callback === callback) {
                return;
              }
            }
            let signal;
            let abortListener;
            if (options?.signal) {
              signal = options.signal;
              if (signal.aborted) {
                return;
              } else {
                abortListener = () => {
                  self.removeEventListener(type, callback, options);
                };
                signal.addEventListener("abort", abortListener);
              }
            }
            listeners[type].push({
              callback,
              options,
              signal,
              abortListener
            });
          }
          removeEventListener(type, callback, options) {
            const self = this ?? globalThis_;
            webidl3.assertBranded(self, EventTargetPrototype);
            webidl3.requiredArguments(
              arguments.length,
              2,
              "Failed to execute 'removeEventListener' on 'EventTarget'"
            );
            const data = self[eventTargetData];
            if (data === void 0 || callback === null || !data.listeners[type]) {
              return;
            }
            const { listeners } = data;
            options = normalizeEventHandlerOptions(options);
            for (let i = 0; i < listeners[type].length; ++i) {
              const listener = listeners[type][i];
              if ((typeof listener.options === "boolean" && listener.options === options.capture || typeof listener.options === "object" && listener.options.capture === options.capture) && listener.callback === callback) {
                removeListener(listeners, type, listener, i);
                break;
              }
            }
          }
          dispatchEvent(event) {
            const self = this ?? globalThis_;
            webidl3.assertBranded(self, EventTargetPrototype);
            webidl3.requiredArguments(
              arguments.length,
              1,
              "Failed to execute 'dispatchEvent' on 'EventTarget'"
            );
            if (event.type === "unload" && self === globalThis_) {
              globalThis_[SymbolFor("Deno.isUnloadDispatched")] = true;
            }
            const data = self[eventTargetData];
            if (data === void 0 || !data.listeners[event.type]) {
              setTarget(event, this);
              return true;
            }
            if (getDispatched(event)) {
              throw new DOMException5("Invalid event state", "InvalidStateError");
            }
            if (event.eventPhase !== Event3.NONE) {
              throw new DOMException5("Invalid event state", "InvalidStateError");
            }
            return dispatch2(self, event);
          }
          getParent(_event) {
            return null;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return `${this.constructor.name} ${inspect2({}, inspectOptions)}`;
          }
        }
        webidl3.configureInterface(EventTarget3);
        const EventTargetPrototype = EventTarget3.prototype;
        defineEnumerableProps(EventTarget3, [
          "addEventListener",
          "removeEventListener",
          "dispatchEvent"
        ]);
        class ErrorEvent extends Event3 {
          #message = "";
          #filename = "";
          #lineno = "";
          #colno = "";
          #error = "";
          get message() {
            return this.#message;
          }
          get filename() {
            return this.#filename;
          }
          get lineno() {
            return this.#lineno;
          }
          get colno() {
            return this.#colno;
          }
          get error() {
            return this.#error;
          }
          constructor(type, {
            bubbles,
            cancelable,
            composed,
            message = "",
            filename = "",
            lineno = 0,
            colno = 0,
            error: error2
          } = { __proto__: null }) {
            super(type, {
              bubbles,
              cancelable,
              composed
            });
            this.#message = message;
            this.#filename = filename;
            this.#lineno = lineno;
            this.#colno = colno;
            this.#error = error2;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              getCreateFilteredInspectProxy()({
                object: this,
                evaluate: ErrorEventPrototype.isPrototypeOf(this),
                keys: [
                  ...new SafeArrayIterator(EVENT_PROPS),
                  "message",
                  "filename",
                  "lineno",
                  "colno",
                  "error"
                ]
              }),
              inspectOptions
            );
          }
          // TODO(lucacasonato): remove when this interface is spec aligned
          [SymbolToStringTag] = "ErrorEvent";
        }
        const ErrorEventPrototype = ErrorEvent.prototype;
        defineEnumerableProps(ErrorEvent, [
          "message",
          "filename",
          "lineno",
          "colno",
          "error"
        ]);
        class CloseEvent extends Event3 {
          #wasClean = "";
          #code = "";
          #reason = "";
          get wasClean() {
            return this.#wasClean;
          }
          get code() {
            return this.#code;
          }
          get reason() {
            return this.#reason;
          }
          constructor(type, {
            bubbles,
            cancelable,
            composed,
            wasClean = false,
            code = 0,
            reason = ""
          } = { __proto__: null }) {
            super(type, {
              bubbles,
              cancelable,
              composed
            });
            this.#wasClean = wasClean;
            this.#code = code;
            this.#reason = reason;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              getCreateFilteredInspectProxy()({
                object: this,
                evaluate: CloseEventPrototype.isPrototypeOf(this),
                keys: [
                  ...new SafeArrayIterator(EVENT_PROPS),
                  "wasClean",
                  "code",
                  "reason"
                ]
              }),
              inspectOptions
            );
          }
        }
        const CloseEventPrototype = CloseEvent.prototype;
        let _MessagePortPrototype;
        function getMessagePortPrototype() {
          if (_MessagePortPrototype === void 0) {
            _MessagePortPrototype = require_deno_web_13_message_port().MessagePortPrototype;
          }
          return _MessagePortPrototype;
        }
        function formatForBranded(value) {
          if (value === null) return '"null"';
          if (value === void 0) return '"undefined"';
          const t = typeof value;
          if (t === "string") return JSONStringify(value);
          if (t === "object" || t === "function") return '"{}"';
          return JSONStringify(String2(value));
        }
        function formatForRaw(value) {
          if (value === null) return "null";
          if (value === void 0) return "undefined";
          const t = typeof value;
          if (t === "string") return JSONStringify(value);
          if (t === "object" || t === "function") return "{}";
          return String2(value);
        }
        class MessageEvent2 extends Event3 {
          #source = null;
          get source() {
            return this.#source;
          }
          constructor(type, eventInitDict) {
            super(type, {
              bubbles: eventInitDict?.bubbles ?? false,
              cancelable: eventInitDict?.cancelable ?? false,
              composed: eventInitDict?.composed ?? false
            });
            this.data = eventInitDict?.data ?? null;
            const ports = eventInitDict?.ports;
            if (ports == null) {
              this.ports = ObjectFreeze([]);
            } else {
              if (ports === null || typeof ports !== "object" || ports[SymbolIterator] === void 0) {
                throw new TypeError2(
                  `MessageEvent constructor: eventInitDict.ports (${formatForRaw(ports)}) is not iterable.`
                );
              }
              const MessagePortProto = getMessagePortPrototype();
              const arr = [];
              let i = 0;
              for (const p of ports) {
                if (p === null || typeof p !== "object" || !MessagePortProto.isPrototypeOf(p)) {
                  throw new TypeError2(
                    `MessageEvent constructor: Expected eventInitDict.ports[${i}] (${formatForBranded(p)}) to be an instance of MessagePort.`
                  );
                }
                arr[i++] = p;
              }
              this.ports = ObjectFreeze(arr);
            }
            this.origin = eventInitDict?.origin === void 0 ? "" : String2(eventInitDict.origin);
            this.lastEventId = eventInitDict?.lastEventId === void 0 ? "" : String2(eventInitDict.lastEventId);
            const source = eventInitDict?.source;
            if (source != null) {
              const t = typeof source;
              const isPrimitive = t !== "object" && t !== "function";
              const isPlainObject = !isPrimitive && ObjectGetPrototypeOf(source) === ObjectPrototype;
              if (isPrimitive || isPlainObject) {
                throw new TypeError2(
                  `MessageEvent constructor: Expected eventInitDict.source (${formatForBranded(source)}) to be an instance of MessagePort.`
                );
              }
              this.#source = source;
            } else {
              this.#source = null;
            }
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              getCreateFilteredInspectProxy()({
                object: this,
                evaluate: MessageEventPrototype.isPrototypeOf(this),
                keys: [
                  ...new SafeArrayIterator(EVENT_PROPS),
                  "data",
                  "origin",
                  "lastEventId"
                ]
              }),
              inspectOptions
            );
          }
          // TODO(lucacasonato): remove when this interface is spec aligned
          [SymbolToStringTag] = "MessageEvent";
        }
        const MessageEventPrototype = MessageEvent2.prototype;
        class CustomEvent extends Event3 {
          #detail = null;
          constructor(type, eventInitDict = { __proto__: null }) {
            super(type, eventInitDict);
            webidl3.requiredArguments(
              arguments.length,
              1,
              "Failed to construct 'CustomEvent'"
            );
            const { detail } = eventInitDict;
            this.#detail = detail;
          }
          get detail() {
            return this.#detail;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              getCreateFilteredInspectProxy()({
                object: this,
                evaluate: CustomEventPrototype.isPrototypeOf(this),
                keys: [
                  ...new SafeArrayIterator(EVENT_PROPS),
                  "detail"
                ]
              }),
              inspectOptions
            );
          }
          // TODO(lucacasonato): remove when this interface is spec aligned
          [SymbolToStringTag] = "CustomEvent";
        }
        const CustomEventPrototype = CustomEvent.prototype;
        ReflectDefineProperty(CustomEvent.prototype, "detail", {
          __proto__: null,
          enumerable: true
        });
        class ProgressEvent extends Event3 {
          constructor(type, eventInitDict = { __proto__: null }) {
            super(type, eventInitDict);
            this.lengthComputable = eventInitDict?.lengthComputable ?? false;
            this.loaded = eventInitDict?.loaded ?? 0;
            this.total = eventInitDict?.total ?? 0;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              getCreateFilteredInspectProxy()({
                object: this,
                evaluate: ProgressEventPrototype.isPrototypeOf(this),
                keys: [
                  ...new SafeArrayIterator(EVENT_PROPS),
                  "lengthComputable",
                  "loaded",
                  "total"
                ]
              }),
              inspectOptions
            );
          }
          // TODO(lucacasonato): remove when this interface is spec aligned
          [SymbolToStringTag] = "ProgressEvent";
        }
        const ProgressEventPrototype = ProgressEvent.prototype;
        class PromiseRejectionEvent2 extends Event3 {
          #promise = null;
          #reason = null;
          get promise() {
            return this.#promise;
          }
          get reason() {
            return this.#reason;
          }
          constructor(type, {
            bubbles,
            cancelable,
            composed,
            promise,
            reason
          } = { __proto__: null }) {
            super(type, {
              bubbles,
              cancelable,
              composed
            });
            this.#promise = promise;
            this.#reason = reason;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              getCreateFilteredInspectProxy()({
                object: this,
                evaluate: PromiseRejectionEventPrototype.isPrototypeOf(
                  this
                ),
                keys: [
                  ...new SafeArrayIterator(EVENT_PROPS),
                  "promise",
                  "reason"
                ]
              }),
              inspectOptions
            );
          }
          // TODO(lucacasonato): remove when this interface is spec aligned
          [SymbolToStringTag] = "PromiseRejectionEvent";
        }
        const PromiseRejectionEventPrototype = PromiseRejectionEvent2.prototype;
        defineEnumerableProps(PromiseRejectionEvent2, [
          "promise",
          "reason"
        ]);
        const _eventHandlers = Symbol2("eventHandlers");
        function makeWrappedHandler(handler, isSpecialErrorEventHandler) {
          function wrappedHandler(evt) {
            if (typeof wrappedHandler.handler !== "function") {
              return;
            }
            if (isSpecialErrorEventHandler && ErrorEventPrototype.isPrototypeOf(evt) && evt.type === "error") {
              const ret = wrappedHandler.handler.call(
                this,
                evt.message,
                evt.filename,
                evt.lineno,
                evt.colno,
                evt.error
              );
              if (ret === true) {
                evt.preventDefault();
              }
              return;
            }
            return wrappedHandler.handler.call(this, evt);
          }
          wrappedHandler.handler = handler;
          return wrappedHandler;
        }
        function defineEventHandler2(emitter, name, init = void 0, isSpecialErrorEventHandler = false) {
          ObjectDefineProperty(emitter, `on${name}`, {
            __proto__: null,
            get() {
              if (!this[_eventHandlers]) {
                return null;
              }
              return this[_eventHandlers].get(name)?.handler ?? null;
            },
            set(value) {
              if (typeof value !== "object" && typeof value !== "function") {
                value = null;
              }
              if (!this[_eventHandlers]) {
                this[_eventHandlers] = new SafeMap();
              }
              let handlerWrapper = this[_eventHandlers].get(name);
              if (handlerWrapper) {
                handlerWrapper.handler = value;
              } else if (value !== null) {
                handlerWrapper = makeWrappedHandler(
                  value,
                  isSpecialErrorEventHandler
                );
                this.addEventListener(name, handlerWrapper);
                init?.(this);
              }
              this[_eventHandlers].set(name, handlerWrapper);
            },
            configurable: true,
            enumerable: true
          });
        }
        let reportExceptionStackedCalls = 0;
        function reportException(error2) {
          reportExceptionStackedCalls++;
          const jsError = core2.destructureError(error2);
          const message = jsError.exceptionMessage;
          let filename = "";
          let lineno = 0;
          let colno = 0;
          if (jsError.frames.length > 0) {
            filename = jsError.frames[0].fileName;
            lineno = jsError.frames[0].lineNumber;
            colno = jsError.frames[0].columnNumber;
          } else {
            const jsError2 = core2.destructureError(new Error2());
            const frames = jsError2.frames;
            for (let i = 0; i < frames.length; ++i) {
              const frame = frames[i];
              if (typeof frame.fileName == "string" && !frame.fileName.startsWith("ext:")) {
                filename = frame.fileName;
                lineno = frame.lineNumber;
                colno = frame.columnNumber;
                break;
              }
            }
          }
          const event = new ErrorEvent("error", {
            cancelable: true,
            message,
            filename,
            lineno,
            colno,
            error: error2
          });
          if (reportExceptionStackedCalls > 1 || globalThis_.dispatchEvent(event)) {
            core2.reportUnhandledException(error2);
          }
          reportExceptionStackedCalls--;
        }
        function checkThis(thisArg) {
          if (thisArg !== null && thisArg !== void 0 && thisArg !== globalThis_) {
            throw new TypeError2("Illegal invocation");
          }
        }
        function reportError2(error2) {
          checkThis(this);
          const prefix = "Failed to execute 'reportError'";
          webidl3.requiredArguments(arguments.length, 1, prefix);
          reportException(error2);
        }
        internals3.defineEventHandler = defineEventHandler2;
        internals3.setEventTargetData = setEventTargetData;
        return {
          CloseEvent,
          CustomEvent,
          defineEventHandler: defineEventHandler2,
          dispatch: dispatch2,
          ErrorEvent,
          Event: Event3,
          eventTargetData,
          EventTarget: EventTarget3,
          EventTargetPrototype,
          kResistStopImmediatePropagation,
          listenerCount,
          MessageEvent: MessageEvent2,
          ProgressEvent,
          PromiseRejectionEvent: PromiseRejectionEvent2,
          reportError: reportError2,
          reportException,
          saveGlobalThisReference: saveGlobalThisReference2,
          setEventTargetData,
          setIsTrusted: setIsTrusted2,
          setTarget
        };
      })();
    }
  });

  // js/messages.js
  var messages_exports = {};
  __export(messages_exports, {
    MessageChannel: () => MessageChannel2,
    MessagePort: () => MessagePort
  });
  function deliverLater(side) {
    setTimeout(() => {
      if (!side.isStarted || side.queue.length === 0) return;
      const { data, ports } = side.queue.shift();
      dispatch(side, new MessageEvent("message", { data, ports }));
    });
  }
  function dispatch(side, event) {
    setIsTrusted(event, true);
    side.port.dispatchEvent(event);
  }
  var defineEventHandler, Event, EventTarget, MessageEvent, setIsTrusted, DOMException2, Side, MAKING, MessagePort, MessageChannel2;
  var init_messages = __esm({
    "js/messages.js"() {
      init_define_CRYPTO_OPERATIONS();
      init_clone();
      init_timers();
      ({ defineEventHandler, Event, EventTarget, MessageEvent, setIsTrusted } = require_event());
      ({ DOMException: DOMException2 } = require_dom_exception());
      Side = class {
        other = null;
        port = null;
        queue = [];
        isStarted = false;
      };
      MAKING = /* @__PURE__ */ Symbol("making");
      MessagePort = class _MessagePort extends EventTarget {
        #side;
        constructor(making, side = null) {
          if (making !== MAKING) throw new TypeError("Illegal constructor");
          super();
          this.#adopt(side);
        }
        #adopt(side) {
          this.#side = side;
          if (side !== null) side.port = this;
        }
        postMessage(message, options = void 0) {
          if (arguments.length === 0) throw new TypeError("postMessage() needs a message");
          const list3 = transferList(options);
          if (list3.includes(this)) throw new DOMException2("A port cannot be transferred through itself", "DataCloneError");
          const ports = list3.filter((item) => item instanceof _MessagePort);
          const [data, moved] = cloneAndTransfer([message, ports], list3);
          const other = this.#side?.other;
          if (!other) return;
          other.queue.push({ data, ports: moved });
          if (other.isStarted) deliverLater(other);
        }
        start() {
          const side = this.#side;
          if (side === null || side.isStarted) return;
          side.isStarted = true;
          side.queue.forEach(() => deliverLater(side));
        }
        close() {
          const other = this.#side?.other;
          this.#side = null;
          if (!other) return;
          other.other = null;
          setTimeout(() => dispatch(other, new Event("close")));
        }
        [TRANSFER]() {
          if (this.#side === null) throw new DOMException2("A port that is closed cannot be transferred", "DataCloneError");
          const port = new _MessagePort(MAKING);
          const move = () => {
            this.#side.isStarted = false;
            port.#adopt(this.#side);
            this.#side = null;
          };
          return [port, move];
        }
        get [Symbol.toStringTag]() {
          return "MessagePort";
        }
      };
      defineEventHandler(MessagePort.prototype, "message", (port) => port.start());
      defineEventHandler(MessagePort.prototype, "messageerror");
      defineEventHandler(MessagePort.prototype, "close");
      MessageChannel2 = class {
        #ports;
        constructor() {
          const [one, other] = [new Side(), new Side()];
          one.other = other;
          other.other = one;
          this.#ports = [new MessagePort(MAKING, one), new MessagePort(MAKING, other)];
        }
        get port1() {
          return this.#ports[0];
        }
        get port2() {
          return this.#ports[1];
        }
        get [Symbol.toStringTag]() {
          return "MessageChannel";
        }
      };
    }
  });

  // js/instead/deno_web-13_message_port.js
  var require_deno_web_13_message_port = __commonJS({
    "js/instead/deno_web-13_message_port.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      module2.exports = {
        // Objects of the platform are told apart by their brand (../clone.js).
        markNotSerializable() {
        },
        get MessagePortPrototype() {
          return (init_messages(), __toCommonJS(messages_exports)).MessagePort.prototype;
        },
        get MessagePort() {
          return (init_messages(), __toCommonJS(messages_exports)).MessagePort;
        },
        get MessageChannel() {
          return (init_messages(), __toCommonJS(messages_exports)).MessageChannel;
        }
      };
    }
  });

  // deno:deno_web/00_url.js
  var require_url = __commonJS({
    "deno:deno_web/00_url.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const {
          op_url_get_serialization,
          op_url_parse,
          op_url_parse_search_params,
          op_url_parse_with_base,
          op_url_parts,
          op_url_reparse,
          op_url_stringify_search_params
        } = core2.ops;
        const {
          ArrayFrom,
          ArrayPrototypeJoin,
          ArrayPrototypeMap,
          ArrayPrototypePush,
          ArrayPrototypeSome,
          ArrayPrototypeSort,
          ArrayPrototypeSplice,
          ObjectGetOwnPropertyDescriptor,
          ObjectKeys,
          ObjectPrototypeIsPrototypeOf,
          ReflectOwnKeys,
          SafeArrayIterator,
          StringPrototypeCharCodeAt,
          StringPrototypeSlice,
          StringPrototypeStartsWith,
          Symbol: Symbol2,
          SymbolFor,
          SymbolIterator,
          TypeError: TypeError2,
          Uint32Array: Uint32Array2
        } = primordials3;
        const webidl3 = require_webidl();
        const { createFilteredInspectProxy } = require_deno_web_01_console();
        const { markNotSerializable } = require_deno_web_13_message_port();
        const _list = Symbol2("list");
        const _urlObject = Symbol2("url object");
        const NAME_ARG_NAMES = ["name"];
        const APPEND_ARG_NAMES = ["name", "value"];
        const SET_HASH = 0;
        const SET_HOST = 1;
        const SET_HOSTNAME = 2;
        const SET_PASSWORD = 3;
        const SET_PATHNAME = 4;
        const SET_PORT = 5;
        const SET_PROTOCOL = 6;
        const SET_SEARCH = 7;
        const SET_USERNAME = 8;
        function opUrlReparse(href, setter, value) {
          const status = op_url_reparse(
            href,
            setter,
            value,
            componentsBuf
          );
          return getSerialization(status, href);
        }
        function opUrlParse(href, maybeBase) {
          if (maybeBase === void 0) {
            return op_url_parse(href, componentsBuf);
          }
          return op_url_parse_with_base(
            href,
            maybeBase,
            componentsBuf
          );
        }
        function getSerialization(status, href, maybeBase) {
          if (status === 0) {
            return href;
          } else if (status === 1) {
            return op_url_get_serialization();
          } else {
            throw new TypeError2(
              `Invalid URL: '${href}'` + (maybeBase ? ` with base '${maybeBase}'` : "")
            );
          }
        }
        class URLSearchParams {
          [_list];
          [_urlObject] = null;
          /**
           * @param {string | [string][] | Record<string, string>} init
           */
          constructor(init = void 0) {
            this[webidl3.brand] = webidl3.brand;
            if (init === void 0) {
              this[_list] = [];
              return;
            }
            if (init !== null && (typeof init === "object" || typeof init === "function")) {
              const method = init[SymbolIterator];
              if (method !== void 0 && method !== null) {
                if (typeof method !== "function") {
                  const err = new TypeError2("Query pairs must be iterable");
                  err.code = "ERR_ARG_NOT_ITERABLE";
                  throw err;
                }
                const pairs = [];
                const iter = method.call(init);
                if (iter == null || typeof iter.next !== "function") {
                  const err = new TypeError2(
                    "Each query pair must be an iterable [name, value] tuple"
                  );
                  err.code = "ERR_INVALID_TUPLE";
                  throw err;
                }
                while (true) {
                  const res = iter.next();
                  if (res == null) {
                    const err = new TypeError2(
                      "Each query pair must be an iterable [name, value] tuple"
                    );
                    err.code = "ERR_INVALID_TUPLE";
                    throw err;
                  }
                  if (res.done === true) break;
                  const pair2 = res.value;
                  if (typeof pair2 !== "object" && typeof pair2 !== "function" || pair2 === null || typeof pair2[SymbolIterator] !== "function") {
                    const err = new TypeError2(
                      "Each query pair must be an iterable [name, value] tuple"
                    );
                    err.code = "ERR_INVALID_TUPLE";
                    throw err;
                  }
                  const entry = [];
                  for (const v of new SafeArrayIterator(ArrayFrom(pair2))) {
                    entry.push(
                      webidl3.converters.USVString(v, void 0, void 0)
                    );
                  }
                  if (entry.length !== 2) {
                    const err = new TypeError2(
                      "Each query pair must be an iterable [name, value] tuple"
                    );
                    err.code = "ERR_INVALID_TUPLE";
                    throw err;
                  }
                  pairs.push(entry);
                }
                this[_list] = pairs;
                return;
              }
              const result = { __proto__: null };
              const allKeys = ReflectOwnKeys(init);
              for (let i = 0; i < allKeys.length; i++) {
                const key = allKeys[i];
                const desc = ObjectGetOwnPropertyDescriptor(init, key);
                if (desc !== void 0 && desc.enumerable === true) {
                  const name = webidl3.converters.USVString(key, void 0, void 0);
                  const value = webidl3.converters.USVString(
                    init[key],
                    void 0,
                    void 0
                  );
                  result[name] = value;
                }
              }
              const list3 = [];
              const resultKeys = ObjectKeys(result);
              for (let i = 0; i < resultKeys.length; i++) {
                list3.push([resultKeys[i], result[resultKeys[i]]]);
              }
              this[_list] = list3;
              return;
            }
            let str = webidl3.converters.USVString(init, void 0, void 0);
            if (str.length === 0) {
              this[_list] = [];
              return;
            }
            if (str[0] === "?") {
              str = str.slice(1);
            }
            this[_list] = op_url_parse_search_params(str);
          }
          #updateUrlSearch() {
            const url = this[_urlObject];
            if (url === null) {
              return;
            }
            url[_updateUrlSearch](this.toString());
          }
          /**
           * @param {string} name
           * @param {string} value
           */
          append(name, value) {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            const prefix = "Failed to execute 'append' on 'URLSearchParams'";
            webidl3.requiredArguments(arguments.length, 2, prefix, APPEND_ARG_NAMES);
            name = webidl3.converters.USVString(name, prefix, "Argument 1");
            value = webidl3.converters.USVString(value, prefix, "Argument 2");
            this[_list].push([name, value]);
            this.#updateUrlSearch();
          }
          /**
           * @param {string} name
           * @param {string} [value]
           */
          delete(name, value = void 0) {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            const prefix = "Failed to execute 'append' on 'URLSearchParams'";
            webidl3.requiredArguments(arguments.length, 1, prefix, NAME_ARG_NAMES);
            name = webidl3.converters.USVString(name, prefix, "Argument 1");
            const list3 = this[_list];
            let writeIdx = 0;
            if (value === void 0) {
              for (let i = 0; i < list3.length; i++) {
                if (list3[i][0] !== name) {
                  list3[writeIdx++] = list3[i];
                }
              }
            } else {
              value = webidl3.converters.USVString(value, prefix, "Argument 2");
              for (let i = 0; i < list3.length; i++) {
                const entry = list3[i];
                if (entry[0] !== name || entry[1] !== value) {
                  list3[writeIdx++] = entry;
                }
              }
            }
            if (writeIdx !== list3.length) {
              list3.splice(writeIdx);
            }
            this.#updateUrlSearch();
          }
          /**
           * @param {string} name
           * @returns {string[]}
           */
          getAll(name) {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            const prefix = "Failed to execute 'getAll' on 'URLSearchParams'";
            webidl3.requiredArguments(arguments.length, 1, prefix, NAME_ARG_NAMES);
            name = webidl3.converters.USVString(name, prefix, "Argument 1");
            const values = [];
            const entries = this[_list];
            for (let i = 0; i < entries.length; ++i) {
              const entry = entries[i];
              if (entry[0] === name) {
                values.push(entry[1]);
              }
            }
            return values;
          }
          /**
           * @param {string} name
           * @return {string | null}
           */
          get(name) {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            const prefix = "Failed to execute 'get' on 'URLSearchParams'";
            webidl3.requiredArguments(arguments.length, 1, prefix, NAME_ARG_NAMES);
            name = webidl3.converters.USVString(name, prefix, "Argument 1");
            const entries = this[_list];
            for (let i = 0; i < entries.length; ++i) {
              const entry = entries[i];
              if (entry[0] === name) {
                return entry[1];
              }
            }
            return null;
          }
          /**
           * @param {string} name
           * @param {string} [value]
           * @return {boolean}
           */
          has(name, value = void 0) {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            const prefix = "Failed to execute 'has' on 'URLSearchParams'";
            webidl3.requiredArguments(arguments.length, 1, prefix, NAME_ARG_NAMES);
            name = webidl3.converters.USVString(name, prefix, "Argument 1");
            if (value !== void 0) {
              value = webidl3.converters.USVString(value, prefix, "Argument 2");
              return this[_list].some(
                (entry) => entry[0] === name && entry[1] === value
              );
            }
            return this[_list].some((entry) => entry[0] === name);
          }
          /**
           * @param {string} name
           * @param {string} value
           */
          set(name, value) {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            const prefix = "Failed to execute 'set' on 'URLSearchParams'";
            webidl3.requiredArguments(arguments.length, 2, prefix, APPEND_ARG_NAMES);
            name = webidl3.converters.USVString(name, prefix, "Argument 1");
            value = webidl3.converters.USVString(value, prefix, "Argument 2");
            const list3 = this[_list];
            let writeIdx = 0;
            let found = false;
            for (let i = 0; i < list3.length; i++) {
              const entry = list3[i];
              if (entry[0] === name) {
                if (!found) {
                  entry[1] = value;
                  list3[writeIdx++] = entry;
                  found = true;
                }
              } else {
                list3[writeIdx++] = entry;
              }
            }
            if (!found) {
              list3.push([name, value]);
            } else if (writeIdx !== list3.length) {
              list3.splice(writeIdx);
            }
            this.#updateUrlSearch();
          }
          sort() {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            this[_list].sort(
              (a, b) => a[0] === b[0] ? 0 : a[0] > b[0] ? 1 : -1
            );
            this.#updateUrlSearch();
          }
          /**
           * @return {string}
           */
          toString() {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            return op_url_stringify_search_params(this[_list]);
          }
          get size() {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            return this[_list].length;
          }
          // Node exposes this as a method on URLSearchParams.prototype so that
          // `Object.getOwnPropertyDescriptor(URLSearchParams.prototype,
          // Symbol.for("nodejs.util.inspect.custom"))` is not undefined. We delegate
          // to Deno's `privateCustomInspect` to preserve the Map-like formatting
          // (`URLSearchParams { 'a' => 'b' }`) that node compat tests expect.
          [SymbolFor("nodejs.util.inspect.custom")](_depth, inspectOptions, inspect2) {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            return this[SymbolFor("Deno.privateCustomInspect")](
              inspect2,
              inspectOptions
            );
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            webidl3.assertBranded(this, URLSearchParamsPrototype, "URLSearchParams");
            if (typeof inspectOptions?.depth === "number" && inspectOptions.depth < 0) {
              return "[Object]";
            }
            const entries = this[_list];
            if (entries.length === 0) return "URLSearchParams {}";
            const pairs = entries.map(
              (e) => `${inspect2(e[0], inspectOptions)} => ${inspect2(e[1], inspectOptions)}`
            );
            const inlined = pairs.join(", ");
            const breakLength = inspectOptions?.breakLength;
            const oneLine = `URLSearchParams { ${inlined} }`;
            if (typeof breakLength === "number" && oneLine.length > breakLength) {
              return `URLSearchParams {
  ${pairs.join(",\n  ")} }`;
            }
            return oneLine;
          }
        }
        webidl3.mixinPairIterable("URLSearchParams", URLSearchParams, _list, 0, 1);
        webidl3.configureInterface(URLSearchParams);
        const URLSearchParamsPrototype = URLSearchParams.prototype;
        markNotSerializable(URLSearchParamsPrototype);
        webidl3.converters["URLSearchParams"] = webidl3.createInterfaceConverter(
          "URLSearchParams",
          URLSearchParamsPrototype
        );
        const _updateUrlSearch = Symbol2("updateUrlSearch");
        function trim(s) {
          if (s.length === 1) return "";
          return s;
        }
        const NO_PORT = 65536;
        const skipInit = Symbol2();
        const componentsBuf = new Uint32Array2(8);
        function isAsciiLowerAlpha(code) {
          return code >= 97 && code <= 122;
        }
        function isAsciiUpperAlpha(code) {
          return code >= 65 && code <= 90;
        }
        function isAsciiDigit(code) {
          return code >= 48 && code <= 57;
        }
        function isSimpleSpecialHostCanonical(host, start4, end) {
          if (start4 === end) return false;
          if (host.charCodeAt(start4) === 46 || host.charCodeAt(end - 1) === 46) {
            return false;
          }
          let allNumeric = true;
          for (let i = start4; i < end; i++) {
            const code = host.charCodeAt(i);
            if (!isAsciiDigit(code) && code !== 46) {
              allNumeric = false;
              break;
            }
          }
          if (allNumeric) {
            let dots = 0;
            let part = 0;
            let partLen = 0;
            for (let i = start4; i < end; i++) {
              const code = host.charCodeAt(i);
              if (code === 46) {
                if (partLen === 0 || part > 255 || partLen > 1 && host.charCodeAt(i - partLen) === 48) {
                  return false;
                }
                dots++;
                part = 0;
                partLen = 0;
                continue;
              }
              part = part * 10 + code - 48;
              partLen++;
              if (partLen > 3) return false;
            }
            return dots === 3 && partLen !== 0 && part <= 255 && (partLen === 1 || host.charCodeAt(end - partLen) !== 48);
          }
          if (isAsciiDigit(host.charCodeAt(start4))) {
            return false;
          }
          let labelStart = start4;
          let labelLen = 0;
          let finalLabelAllDigits = true;
          for (let i = start4; i < end; i++) {
            const code = host.charCodeAt(i);
            if (!isAsciiLowerAlpha(code) && !isAsciiDigit(code) && code !== 46 && code !== 45) {
              return false;
            }
            if (code === 46) {
              if (labelLen === 0) return false;
              labelStart = i + 1;
              labelLen = 0;
              finalLabelAllDigits = true;
              continue;
            }
            if (!isAsciiDigit(code)) {
              finalLabelAllDigits = false;
            }
            labelLen++;
            if (i === labelStart + 3 && host.charCodeAt(labelStart) === 120 && host.charCodeAt(labelStart + 1) === 110 && host.charCodeAt(labelStart + 2) === 45 && code === 45) {
              return false;
            }
          }
          return labelLen !== 0 && !finalLabelAllDigits && !(labelLen >= 2 && host.charCodeAt(labelStart) === 48 && host.charCodeAt(labelStart + 1) === 120);
        }
        function isSimpleSpecialPathCode(code) {
          return isAsciiLowerAlpha(code) || isAsciiUpperAlpha(code) || isAsciiDigit(code) || code === 47 || code === 46 || code === 95 || code === 126 || code === 45 || code === 33 || code === 36 || code === 38 || code === 39 || code === 40 || code === 41 || code === 42 || code === 43 || code === 44 || code === 59 || code === 61 || code === 58 || code === 64;
        }
        function parseSimpleSpecialUrl(href) {
          let schemeEnd;
          let defaultPort;
          if (href.startsWith("http://")) {
            schemeEnd = 4;
            defaultPort = 80;
          } else if (href.startsWith("https://")) {
            schemeEnd = 5;
            defaultPort = 443;
          } else {
            return false;
          }
          const hostStart = schemeEnd + 3;
          const len = href.length;
          let pathStart = hostStart;
          while (pathStart < len) {
            const code = href.charCodeAt(pathStart);
            if (code === 47) break;
            if (isAsciiLowerAlpha(code) || isAsciiDigit(code) || code === 46 || code === 45 || code === 58) {
              pathStart++;
              continue;
            }
            return false;
          }
          if (pathStart === hostStart || pathStart === len) return false;
          let hostEnd = pathStart;
          let port = NO_PORT;
          for (let i = hostStart; i < pathStart; i++) {
            if (href.charCodeAt(i) !== 58) continue;
            if (i === hostStart || i + 1 === pathStart) return false;
            hostEnd = i;
            port = 0;
            if (i + 2 < pathStart && href.charCodeAt(i + 1) === 48) {
              return false;
            }
            for (let j = i + 1; j < pathStart; j++) {
              const code = href.charCodeAt(j);
              if (!isAsciiDigit(code)) return false;
              port = port * 10 + code - 48;
              if (port > 65535) return false;
            }
            if (port === defaultPort) return false;
            break;
          }
          if (!isSimpleSpecialHostCanonical(href, hostStart, hostEnd)) {
            return false;
          }
          let queryStart = 0;
          for (let i = pathStart; i < len; i++) {
            const code = href.charCodeAt(i);
            if (code === 46 && i > pathStart && href.charCodeAt(i - 1) === 47 && (i + 1 === len || href.charCodeAt(i + 1) === 47 || href.charCodeAt(i + 1) === 63 || href.charCodeAt(i + 1) === 46)) {
              return false;
            }
            if (queryStart !== 0 && code === 39) return false;
            if (isSimpleSpecialPathCode(code)) continue;
            if (code === 63 && queryStart === 0) {
              queryStart = i;
              continue;
            }
            return false;
          }
          componentsBuf[0] = schemeEnd;
          componentsBuf[1] = hostStart;
          componentsBuf[2] = hostStart;
          componentsBuf[3] = hostEnd;
          componentsBuf[4] = port;
          componentsBuf[5] = pathStart;
          componentsBuf[6] = queryStart;
          componentsBuf[7] = 0;
          return true;
        }
        class URL4 {
          /** @type {URLSearchParams|null} */
          #queryObject = null;
          /** @type {string} */
          #serialization;
          /** @type {number} */
          #parts;
          [_updateUrlSearch](value) {
            this.#serialization = opUrlReparse(
              this.#serialization,
              SET_SEARCH,
              value
            );
            this.#updateComponents();
          }
          /**
           * @param {string} url
           * @param {string} [base]
           */
          constructor(url, base = void 0) {
            if (url === skipInit) {
              return;
            }
            const prefix = "Failed to construct 'URL'";
            if (url === void 0 && base === void 0) webidl3.requiredArguments(0, 1, prefix);
            if (typeof url !== "string") url = webidl3.converters.DOMString(url, prefix, "Argument 1");
            if (base !== void 0) {
              base = webidl3.converters.DOMString(base, prefix, "Argument 2");
            }
            if (false) {
              this.#serialization = url;
            } else {
              const status = opUrlParse(url, base);
              this.#serialization = getSerialization(status, url, base);
            }
            this.#updateComponents();
          }
          /**
           * @param {string} url
           * @param {string} [base]
           */
          static parse(url, base = void 0) {
            const prefix = "Failed to execute 'URL.parse'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            url = webidl3.converters.DOMString(url, prefix, "Argument 1");
            if (base !== void 0) {
              base = webidl3.converters.DOMString(base, prefix, "Argument 2");
            }
            const status = opUrlParse(url, base);
            if (status !== 0 && status !== 1) {
              return null;
            }
            const self = new this(skipInit);
            self.#serialization = getSerialization(status, url, base);
            self.#updateComponents();
            return self;
          }
          /**
           * @param {string} url
           * @param {string} [base]
           */
          static canParse(url, base = void 0) {
            const prefix = "Failed to execute 'URL.canParse'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            url = webidl3.converters.DOMString(url, prefix, "Argument 1");
            if (base !== void 0) {
              base = webidl3.converters.DOMString(base, prefix, "Argument 2");
            }
            const status = opUrlParse(url, base);
            return status === 0 || status === 1;
          }
          #updateComponents() {
            this.#parts = op_url_parts();
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: URLPrototype.isPrototypeOf(this),
                keys: [
                  "href",
                  "origin",
                  "protocol",
                  "username",
                  "password",
                  "host",
                  "hostname",
                  "port",
                  "pathname",
                  "hash",
                  "search"
                ]
              }),
              inspectOptions
            );
          }
          // See URLSearchParams: Node exposes this as a method so that the descriptor
          // lookup is not undefined. Deno's own inspector still prefers
          // Deno.privateCustomInspect, so this is effectively the same code path.
          [SymbolFor("nodejs.util.inspect.custom")](_depth, inspectOptions, inspect2) {
            return this[SymbolFor("Deno.privateCustomInspect")](
              inspect2,
              inspectOptions
            );
          }
          #updateSearchParams() {
            if (this.#queryObject !== null) {
              const params = this.#queryObject[_list];
              const newParams = op_url_parse_search_params(
                this.search.slice(1)
              );
              params.splice(
                0,
                params.length,
                ...new SafeArrayIterator(newParams)
              );
            }
          }
          #hasAuthority() {
            return this.#serialization.slice(this.#parts[0]).startsWith(
              "://"
            );
          }
          /** @return {string} */
          get hash() {
            return this.#parts[7] ? trim(this.#serialization.slice(this.#parts[7])) : "";
          }
          /** @param {string} value */
          set hash(value) {
            const prefix = "Failed to set 'hash' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            try {
              this.#serialization = opUrlReparse(
                this.#serialization,
                SET_HASH,
                value
              );
              this.#updateComponents();
            } catch {
            }
          }
          /** @return {string} */
          get host() {
            return this.#serialization.slice(
              this.#parts[2],
              this.#parts[5]
            );
          }
          /** @param {string} value */
          set host(value) {
            const prefix = "Failed to set 'host' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            try {
              this.#serialization = opUrlReparse(
                this.#serialization,
                SET_HOST,
                value
              );
              this.#updateComponents();
            } catch {
            }
          }
          /** @return {string} */
          get hostname() {
            return this.#serialization.slice(
              this.#parts[2],
              this.#parts[3]
            );
          }
          /** @param {string} value */
          set hostname(value) {
            const prefix = "Failed to set 'hostname' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            try {
              this.#serialization = opUrlReparse(
                this.#serialization,
                SET_HOSTNAME,
                value
              );
              this.#updateComponents();
            } catch {
            }
          }
          /** @return {string} */
          get href() {
            return this.#serialization;
          }
          /** @param {string} value */
          set href(value) {
            const prefix = "Failed to set 'href' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            const status = opUrlParse(value);
            this.#serialization = getSerialization(status, value);
            this.#updateComponents();
            this.#updateSearchParams();
          }
          /** @return {string} */
          get origin() {
            const scheme = this.#serialization.slice(
              0,
              this.#parts[0]
            );
            if (scheme === "http" || scheme === "https" || scheme === "ftp" || scheme === "ws" || scheme === "wss") {
              return `${scheme}://${this.host}`;
            }
            if (scheme === "blob") {
              try {
                return new URL4(this.pathname).origin;
              } catch {
                return "null";
              }
            }
            return "null";
          }
          /** @return {string} */
          get password() {
            if (this.#hasAuthority() && this.#parts[1] !== this.#serialization.length && this.#serialization[this.#parts[1]] === ":") {
              return this.#serialization.slice(
                this.#parts[1] + 1,
                this.#parts[2] - 1
              );
            }
            return "";
          }
          /** @param {string} value */
          set password(value) {
            const prefix = "Failed to set 'password' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            try {
              this.#serialization = opUrlReparse(
                this.#serialization,
                SET_PASSWORD,
                value
              );
              this.#updateComponents();
            } catch {
            }
          }
          /** @return {string} */
          get pathname() {
            if (!this.#parts[6] && !this.#parts[7]) {
              return this.#serialization.slice(this.#parts[5]);
            }
            const nextComponentStart = this.#parts[6] || this.#parts[7];
            return this.#serialization.slice(
              this.#parts[5],
              nextComponentStart
            );
          }
          /** @param {string} value */
          set pathname(value) {
            const prefix = "Failed to set 'pathname' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            try {
              this.#serialization = opUrlReparse(
                this.#serialization,
                SET_PATHNAME,
                value
              );
              this.#updateComponents();
            } catch {
            }
          }
          /** @return {string} */
          get port() {
            if (this.#parts[4] === NO_PORT) {
              return this.#serialization.slice(
                this.#parts[3],
                this.#parts[5]
              );
            } else {
              return this.#serialization.slice(
                this.#parts[3] + 1,
                /* : */
                this.#parts[5]
              );
            }
          }
          /** @param {string} value */
          set port(value) {
            const prefix = "Failed to set 'port' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            try {
              this.#serialization = opUrlReparse(
                this.#serialization,
                SET_PORT,
                value
              );
              this.#updateComponents();
            } catch {
            }
          }
          /** @return {string} */
          get protocol() {
            return this.#serialization.slice(
              0,
              this.#parts[0] + 1
              /* : */
            );
          }
          /** @param {string} value */
          set protocol(value) {
            const prefix = "Failed to set 'protocol' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            try {
              this.#serialization = opUrlReparse(
                this.#serialization,
                SET_PROTOCOL,
                value
              );
              this.#updateComponents();
            } catch {
            }
          }
          /** @return {string} */
          get search() {
            const afterPath = this.#parts[6] || this.#parts[7] || this.#serialization.length;
            const afterQuery = this.#parts[7] || this.#serialization.length;
            return trim(
              this.#serialization.slice(afterPath, afterQuery)
            );
          }
          /** @param {string} value */
          set search(value) {
            const prefix = "Failed to set 'search' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            try {
              this.#serialization = opUrlReparse(
                this.#serialization,
                SET_SEARCH,
                value
              );
              this.#updateComponents();
              this.#updateSearchParams();
            } catch {
            }
          }
          /** @return {string} */
          get username() {
            const schemeSeparatorLen = 3;
            if (this.#hasAuthority() && this.#parts[1] > this.#parts[0] + schemeSeparatorLen) {
              return this.#serialization.slice(
                this.#parts[0] + schemeSeparatorLen,
                this.#parts[1]
              );
            } else {
              return "";
            }
          }
          /** @param {string} value */
          set username(value) {
            const prefix = "Failed to set 'username' on 'URL'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            value = webidl3.converters.DOMString(value, prefix, "Argument 1");
            try {
              this.#serialization = opUrlReparse(
                this.#serialization,
                SET_USERNAME,
                value
              );
              this.#updateComponents();
            } catch {
            }
          }
          /** @return {URLSearchParams} */
          get searchParams() {
            if (this.#queryObject == null) {
              this.#queryObject = new URLSearchParams(this.search);
              this.#queryObject[_urlObject] = this;
            }
            return this.#queryObject;
          }
          /** @return {string} */
          toString() {
            return this.#serialization;
          }
          /** @return {string} */
          toJSON() {
            return this.#serialization;
          }
        }
        webidl3.configureInterface(URL4);
        const URLPrototype = URL4.prototype;
        URLPrototype[webidl3.brand] = webidl3.brand;
        markNotSerializable(URLPrototype);
        function parseUrlEncoded(bytes) {
          return op_url_parse_search_params(null, bytes);
        }
        webidl3.converters["sequence<sequence<USVString>> or record<USVString, USVString> or USVString"] = (V, prefix, context, opts) => {
          if (webidl3.type(V) === "Object" && V !== null) {
            if (V[SymbolIterator] !== void 0) {
              return webidl3.converters["sequence<sequence<USVString>>"](
                V,
                prefix,
                context,
                opts
              );
            }
            return webidl3.converters["record<USVString, USVString>"](
              V,
              prefix,
              context,
              opts
            );
          }
          return webidl3.converters.USVString(V, prefix, context, opts);
        };
        return {
          parseUrlEncoded,
          URL: URL4,
          URLPrototype,
          URLSearchParams,
          URLSearchParamsPrototype
        };
      })();
    }
  });

  // deno:deno_web/09_file.js
  var require_file = __commonJS({
    "deno:deno_web/09_file.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const {
          isAnyArrayBuffer,
          isArrayBuffer,
          isDataView,
          isTypedArray
        } = core2;
        const {
          op_blob_clone_part,
          op_blob_create_object_url,
          op_blob_create_part,
          op_blob_from_object_url,
          op_blob_read_part,
          op_blob_remove_part,
          op_blob_revoke_object_url,
          op_blob_slice_part
        } = core2.ops;
        const {
          ArrayBufferIsView,
          ArrayBufferPrototypeGetByteLength,
          ArrayBufferPrototypeSlice,
          ArrayPrototypePush,
          AsyncGeneratorPrototypeNext,
          DataViewPrototypeGetBuffer,
          DataViewPrototypeGetByteLength,
          DataViewPrototypeGetByteOffset,
          Date: Date2,
          DatePrototypeGetTime,
          MathMax,
          MathMin,
          ObjectDefineProperty,
          ObjectPrototypeIsPrototypeOf,
          RegExpPrototypeTest,
          SafeArrayIterator,
          SafeFinalizationRegistry,
          SafeRegExp,
          StringPrototypeCharAt,
          StringPrototypeSlice,
          StringPrototypeToLowerCase,
          Symbol: Symbol2,
          SymbolFor,
          TypeError: TypeError2,
          TypedArrayPrototypeGetBuffer,
          TypedArrayPrototypeGetByteLength,
          TypedArrayPrototypeGetByteOffset,
          TypedArrayPrototypeSet,
          Uint8Array: Uint8Array2
        } = primordials3;
        const webidl3 = require_webidl();
        let _readableStream;
        function ReadableStream4(...args) {
          return new (_readableStream ?? (_readableStream = require_streams().ReadableStream))(
            ...new SafeArrayIterator(args)
          );
        }
        let _textDecoderStream;
        function TextDecoderStream(...args) {
          return new (_textDecoderStream ?? (_textDecoderStream = require_text_encoding().TextDecoderStream))(
            ...new SafeArrayIterator(args)
          );
        }
        const { URL: URL4 } = require_url();
        const { createFilteredInspectProxy } = require_deno_web_01_console();
        const isWindows = false;
        function collectCodepointsNotCRLF(input, position) {
          const start4 = position;
          for (let c = input.charAt(position); position < input.length && !(c === "\r" || c === "\n"); c = input.charAt(++position)) ;
          return { result: input.slice(start4, position), position };
        }
        function convertLineEndingsToNative(s) {
          const nativeLineEnding = isWindows ? "\r\n" : "\n";
          let { result, position } = collectCodepointsNotCRLF(s, 0);
          while (position < s.length) {
            const codePoint = s.charAt(position);
            if (codePoint === "\r") {
              result += nativeLineEnding;
              position++;
              if (position < s.length && s.charAt(position) === "\n") {
                position++;
              }
            } else if (codePoint === "\n") {
              position++;
              result += nativeLineEnding;
            }
            const { result: token, position: newPosition } = collectCodepointsNotCRLF(
              s,
              position
            );
            position = newPosition;
            result += token;
          }
          return result;
        }
        async function* toIterator(parts) {
          for (let i = 0; i < parts.length; ++i) {
            yield* parts[i].stream();
          }
        }
        function processBlobParts(parts, endings) {
          const processedParts = [];
          let size = 0;
          for (let i = 0; i < parts.length; ++i) {
            const element = parts[i];
            if (isArrayBuffer(element)) {
              const chunk = new Uint8Array2(element.slice(0));
              processedParts.push(BlobReference.fromUint8Array(chunk));
              size += element.byteLength;
            } else if (isTypedArray(element)) {
              const chunk = new Uint8Array2(
                element.buffer,
                element.byteOffset,
                element.byteLength
              );
              size += element.byteLength;
              processedParts.push(BlobReference.fromUint8Array(chunk));
            } else if (isDataView(element)) {
              const chunk = new Uint8Array2(
                element.buffer,
                element.byteOffset,
                element.byteLength
              );
              size += element.byteLength;
              processedParts.push(BlobReference.fromUint8Array(chunk));
            } else if (BlobPrototype.isPrototypeOf(element)) {
              processedParts.push(element);
              size += element.size;
            } else if (typeof element === "string") {
              const chunk = core2.encode(
                endings == "native" ? convertLineEndingsToNative(element) : element
              );
              size += chunk.byteLength;
              processedParts.push(BlobReference.fromUint8Array(chunk));
            } else {
              throw new TypeError2("Unreachable code (invalid element type)");
            }
          }
          return { parts: processedParts, size };
        }
        const NORMALIZE_PATTERN = new SafeRegExp(/^[\x20-\x7E]*$/);
        function normalizeType(str) {
          let normalizedType = str;
          if (!NORMALIZE_PATTERN.test(str)) {
            normalizedType = "";
          }
          return normalizedType.toLowerCase();
        }
        function getParts(blob2, bag = []) {
          const parts = blob2[_parts];
          for (let i = 0; i < parts.length; ++i) {
            const part = parts[i];
            if (BlobPrototype.isPrototypeOf(part)) {
              getParts(part, bag);
            } else {
              bag.push(part._id);
            }
          }
          return bag;
        }
        const _type = Symbol2("Type");
        const _size = Symbol2("Size");
        const _parts = Symbol2("Parts");
        const _fileBacked = Symbol2("FileBacked");
        function hasFileBackedPart(parts) {
          for (let i = 0; i < parts.length; ++i) {
            const part = parts[i];
            if (BlobPrototype.isPrototypeOf(part) && part[_fileBacked]) {
              return true;
            }
          }
          return false;
        }
        class Blob3 {
          [_type] = "";
          [_size] = 0;
          [_parts];
          [_fileBacked] = false;
          /**
           * @param {BlobPart[]} blobParts
           * @param {BlobPropertyBag} options
           */
          constructor(blobParts = [], options = { __proto__: null }) {
            const prefix = "Failed to construct 'Blob'";
            blobParts = webidl3.converters["sequence<BlobPart>"](
              blobParts,
              prefix,
              "Argument 1"
            );
            options = webidl3.converters["BlobPropertyBag"](
              options,
              prefix,
              "Argument 2"
            );
            this[webidl3.brand] = webidl3.brand;
            const { parts, size } = processBlobParts(
              blobParts,
              options.endings
            );
            this[_parts] = parts;
            this[_size] = size;
            this[_type] = normalizeType(options.type);
            this[_fileBacked] = hasFileBackedPart(parts);
          }
          /** @returns {number} */
          get size() {
            webidl3.assertBranded(this, BlobPrototype);
            return this[_size];
          }
          /** @returns {string} */
          get type() {
            webidl3.assertBranded(this, BlobPrototype);
            return this[_type];
          }
          /**
           * @param {number} [start]
           * @param {number} [end]
           * @param {string} [contentType]
           * @returns {Blob}
           */
          slice(start4 = void 0, end = void 0, contentType = void 0) {
            webidl3.assertBranded(this, BlobPrototype);
            const prefix = "Failed to execute 'slice' on 'Blob'";
            if (start4 !== void 0) {
              start4 = webidl3.converters["long long"](start4, prefix, "Argument 1", {
                clamp: true
              });
            }
            if (end !== void 0) {
              end = webidl3.converters["long long"](end, prefix, "Argument 2", {
                clamp: true
              });
            }
            if (contentType !== void 0) {
              contentType = webidl3.converters["DOMString"](
                contentType,
                prefix,
                "Argument 3"
              );
            }
            const O = this;
            let relativeStart;
            if (start4 === void 0) {
              relativeStart = 0;
            } else {
              if (start4 < 0) {
                relativeStart = MathMax(O.size + start4, 0);
              } else {
                relativeStart = MathMin(start4, O.size);
              }
            }
            let relativeEnd;
            if (end === void 0) {
              relativeEnd = O.size;
            } else {
              if (end < 0) {
                relativeEnd = MathMax(O.size + end, 0);
              } else {
                relativeEnd = MathMin(end, O.size);
              }
            }
            const span = MathMax(relativeEnd - relativeStart, 0);
            const blobParts = [];
            let added = 0;
            const parts = this[_parts];
            for (let i = 0; i < parts.length; ++i) {
              const part = parts[i];
              if (added >= span) {
                break;
              }
              const size = part.size;
              if (relativeStart && size <= relativeStart) {
                relativeStart -= size;
                relativeEnd -= size;
              } else {
                const chunk = part.slice(
                  relativeStart,
                  MathMin(part.size, relativeEnd)
                );
                added += chunk.size;
                relativeEnd -= part.size;
                blobParts.push(chunk);
                relativeStart = 0;
              }
            }
            let relativeContentType;
            if (contentType === void 0) {
              relativeContentType = "";
            } else {
              relativeContentType = normalizeType(contentType);
            }
            const blob2 = new Blob3([], { type: relativeContentType });
            blob2[_parts] = blobParts;
            blob2[_size] = span;
            blob2[_fileBacked] = this[_fileBacked];
            return blob2;
          }
          /**
           * @returns {ReadableStream<Uint8Array>}
           */
          stream() {
            webidl3.assertBranded(this, BlobPrototype);
            const partIterator = toIterator(this[_parts]);
            const stream = new ReadableStream4({
              type: "bytes",
              /** @param {ReadableByteStreamController} controller */
              async pull(controller) {
                while (true) {
                  const { value, done: done2 } = await partIterator.next();
                  if (done2) {
                    controller.close();
                    controller.byobRequest?.respond(0);
                    return;
                  }
                  if (value.byteLength > 0) {
                    return controller.enqueue(value);
                  }
                }
              }
            });
            return stream;
          }
          /**
           * @returns {ReadableStream<string>}
           */
          textStream() {
            webidl3.assertBranded(this, BlobPrototype);
            return this.stream().pipeThrough(new TextDecoderStream());
          }
          /**
           * @param {number} size
           * @returns {Promise<Uint8Array>}
           */
          async #u8Array(size) {
            const bytes = new Uint8Array2(size);
            const partIterator = toIterator(this[_parts]);
            let offset = 0;
            while (true) {
              const { value, done: done2 } = await partIterator.next();
              if (done2) break;
              const byteLength = value.byteLength;
              if (byteLength > 0) {
                bytes.set(value, offset);
                offset += byteLength;
              }
            }
            return bytes;
          }
          /**
           * @returns {Promise<string>}
           */
          async text() {
            webidl3.assertBranded(this, BlobPrototype);
            const buffer = await this.#u8Array(this.size);
            return core2.decode(buffer);
          }
          /**
           * @returns {Promise<ArrayBuffer>}
           */
          async arrayBuffer() {
            webidl3.assertBranded(this, BlobPrototype);
            const buf = await this.#u8Array(this.size);
            return buf.buffer;
          }
          /**
           * @returns {Promise<Uint8Array>}
           */
          async bytes() {
            webidl3.assertBranded(this, BlobPrototype);
            return await this.#u8Array(this.size);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: BlobPrototype.isPrototypeOf(this),
                keys: [
                  "size",
                  "type"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(Blob3);
        const BlobPrototype = Blob3.prototype;
        webidl3.converters["Blob"] = webidl3.createInterfaceConverter(
          "Blob",
          Blob3.prototype
        );
        webidl3.converters["BlobPart"] = (V, prefix, context, opts) => {
          if (typeof V == "object") {
            if (BlobPrototype.isPrototypeOf(V)) {
              return webidl3.converters["Blob"](V, prefix, context, opts);
            }
            if (isAnyArrayBuffer(V)) {
              return webidl3.converters["ArrayBuffer"](V, prefix, context, opts);
            }
            if (ArrayBufferIsView(V)) {
              return webidl3.converters["ArrayBufferView"](V, prefix, context, opts);
            }
          }
          return webidl3.converters["DOMString"](V, prefix, context, opts);
        };
        webidl3.converters["sequence<BlobPart>"] = webidl3.createSequenceConverter(
          webidl3.converters["BlobPart"]
        );
        webidl3.converters["EndingType"] = webidl3.createEnumConverter("EndingType", [
          "transparent",
          "native"
        ]);
        const blobPropertyBagDictionary = [
          {
            key: "type",
            converter: webidl3.converters["DOMString"],
            defaultValue: ""
          },
          {
            key: "endings",
            converter: webidl3.converters["EndingType"],
            defaultValue: "transparent"
          }
        ];
        webidl3.converters["BlobPropertyBag"] = webidl3.createDictionaryConverter(
          "BlobPropertyBag",
          blobPropertyBagDictionary
        );
        const _Name = Symbol2("[[Name]]");
        const _LastModified = Symbol2("[[LastModified]]");
        class File2 extends Blob3 {
          /** @type {string} */
          [_Name];
          /** @type {number} */
          [_LastModified];
          /**
           * @param {BlobPart[]} fileBits
           * @param {string} fileName
           * @param {FilePropertyBag} options
           */
          constructor(fileBits, fileName, options = { __proto__: null }) {
            const prefix = "Failed to construct 'File'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            fileBits = webidl3.converters["sequence<BlobPart>"](
              fileBits,
              prefix,
              "Argument 1"
            );
            fileName = webidl3.converters["USVString"](fileName, prefix, "Argument 2");
            options = webidl3.converters["FilePropertyBag"](
              options,
              prefix,
              "Argument 3"
            );
            super(fileBits, options);
            this[_Name] = fileName;
            if (options.lastModified === void 0) {
              this[_LastModified] = new Date2().getTime();
            } else {
              this[_LastModified] = options.lastModified;
            }
          }
          /** @returns {string} */
          get name() {
            webidl3.assertBranded(this, FilePrototype);
            return this[_Name];
          }
          /** @returns {number} */
          get lastModified() {
            webidl3.assertBranded(this, FilePrototype);
            return this[_LastModified];
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: FilePrototype.isPrototypeOf(this),
                keys: [
                  "name",
                  "size",
                  "type"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(File2);
        const FilePrototype = File2.prototype;
        webidl3.converters["FilePropertyBag"] = webidl3.createDictionaryConverter(
          "FilePropertyBag",
          blobPropertyBagDictionary,
          [
            {
              key: "lastModified",
              converter: webidl3.converters["long long"]
            }
          ]
        );
        const registry = new SafeFinalizationRegistry((uuid) => {
          op_blob_remove_part(uuid);
        });
        class BlobReference {
          /**
           * Don't use directly. Use `BlobReference.fromUint8Array`.
           * @param {string} id
           * @param {number} size
           */
          constructor(id, size) {
            this._id = id;
            this.size = size;
            registry.register(this, id);
          }
          /**
           * Create a new blob part from a Uint8Array.
           *
           * @param {Uint8Array} data
           * @returns {BlobReference}
           */
          static fromUint8Array(data) {
            const id = op_blob_create_part(data);
            return new BlobReference(id, data.byteLength);
          }
          /**
           * Create a new BlobReference by slicing this BlobReference. This is a copy
           * free operation - the sliced reference will still reference the original
           * underlying bytes.
           *
           * @param {number} start
           * @param {number} end
           * @returns {BlobReference}
           */
          slice(start4, end) {
            const size = end - start4;
            const id = op_blob_slice_part(this._id, {
              start: start4,
              len: size
            });
            return new BlobReference(id, size);
          }
          /**
           * Read the entire contents of the reference blob.
           * @returns {AsyncGenerator<Uint8Array>}
           */
          async *stream() {
            yield op_blob_read_part(this._id);
          }
        }
        function getPartRefs(blob2, bag = []) {
          const parts = blob2[_parts];
          for (let i = 0; i < parts.length; ++i) {
            const part = parts[i];
            if (BlobPrototype.isPrototypeOf(part)) {
              getPartRefs(part, bag);
            } else {
              bag.push(part);
            }
          }
          return bag;
        }
        function cloneBlobParts(blob2) {
          if (blob2[_fileBacked]) {
            throw new TypeError2("Invalid state: File-backed Blobs are not cloneable");
          }
          const refs = getPartRefs(blob2);
          const cloned = [];
          for (let i = 0; i < refs.length; ++i) {
            cloned.push(op_blob_clone_part(refs[i]._id));
          }
          return cloned;
        }
        ObjectDefineProperty(Blob3.prototype, core2.hostObjectBrand, {
          __proto__: null,
          value: function() {
            return {
              type: "Blob",
              mimeType: this[_type],
              parts: cloneBlobParts(this),
              size: this[_size]
            };
          },
          enumerable: false,
          configurable: false,
          writable: false
        });
        core2.registerCloneableResource("Blob", (data) => {
          const parts = [];
          for (let i = 0; i < data.parts.length; ++i) {
            const { uuid, size } = data.parts[i];
            parts.push(new BlobReference(uuid, size));
          }
          const blob2 = new Blob3();
          blob2[_type] = data.mimeType;
          blob2[_size] = data.size;
          blob2[_parts] = parts;
          return blob2;
        });
        function markFileBackedBlob(blob2) {
          webidl3.assertBranded(blob2, BlobPrototype);
          blob2[_fileBacked] = true;
          return blob2;
        }
        ObjectDefineProperty(File2.prototype, core2.hostObjectBrand, {
          __proto__: null,
          value: function() {
            return {
              type: "File",
              mimeType: this[_type],
              parts: cloneBlobParts(this),
              size: this[_size],
              name: this[_Name],
              lastModified: this[_LastModified]
            };
          },
          enumerable: false,
          configurable: false,
          writable: false
        });
        core2.registerCloneableResource("File", (data) => {
          const parts = [];
          for (let i = 0; i < data.parts.length; ++i) {
            const { uuid, size } = data.parts[i];
            parts.push(new BlobReference(uuid, size));
          }
          const file = new File2([], data.name, {
            type: data.mimeType,
            lastModified: data.lastModified
          });
          file[_size] = data.size;
          file[_parts] = parts;
          return file;
        });
        function blobFromObjectUrl(url) {
          const blobData = op_blob_from_object_url(url);
          if (blobData === null) {
            return null;
          }
          const parts = [];
          let totalSize = 0;
          for (let i = 0; i < blobData.parts.length; ++i) {
            const { uuid, size } = blobData.parts[i];
            parts.push(new BlobReference(uuid, size));
            totalSize += size;
          }
          const blob2 = new Blob3();
          blob2[_type] = blobData.mediaType;
          blob2[_size] = totalSize;
          blob2[_parts] = parts;
          return blob2;
        }
        function createObjectURL(blob2) {
          const prefix = "Failed to execute 'createObjectURL' on 'URL'";
          webidl3.requiredArguments(arguments.length, 1, prefix);
          if (!isBlob(blob2)) {
            const err = new TypeError2(
              `${prefix}: The "blob" argument must be an instance of Blob`
            );
            err.code = "ERR_INVALID_ARG_TYPE";
            throw err;
          }
          blob2 = webidl3.converters["Blob"](blob2, prefix, "Argument 1");
          return op_blob_create_object_url(blob2.type, getParts(blob2));
        }
        function revokeObjectURL(url) {
          const prefix = "Failed to execute 'revokeObjectURL' on 'URL'";
          if (arguments.length < 1) {
            const err = new TypeError2(
              `${prefix}: 1 argument required, but only 0 present`
            );
            err.code = "ERR_MISSING_ARGS";
            throw err;
          }
          url = webidl3.converters["DOMString"](url, prefix, "Argument 1");
          op_blob_revoke_object_url(url);
        }
        URL4.createObjectURL = createObjectURL;
        URL4.revokeObjectURL = revokeObjectURL;
        function isBlob(obj) {
          return BlobPrototype.isPrototypeOf(obj);
        }
        return {
          Blob: Blob3,
          blobFromObjectUrl,
          BlobPrototype,
          File: File2,
          FilePrototype,
          getParts,
          isBlob,
          markFileBackedBlob
        };
      })();
    }
  });

  // js/clone.js
  var clone_exports = {};
  __export(clone_exports, {
    TRANSFER: () => TRANSFER,
    cloneAndTransfer: () => cloneAndTransfer,
    structuredClone: () => structuredClone,
    transferList: () => transferList
  });
  function structuredClone(value, options) {
    if (arguments.length === 0) throw new TypeError("structuredClone() needs a value");
    return cloneAndTransfer(value, transferList(options));
  }
  function transferList(options) {
    if (options === void 0 || options === null) return [];
    if (typeof options !== "object") throw new TypeError("The options must be an object");
    const list3 = typeof options[Symbol.iterator] === "function" ? options : options.transfer;
    if (list3 === void 0 || list3 === null) return [];
    if (typeof list3 !== "object" || typeof list3[Symbol.iterator] !== "function") {
      throw new TypeError("The list of what to transfer must be iterable");
    }
    return [...list3];
  }
  function cloneAndTransfer(value, list3) {
    if (list3.length === 0) return clone(value, null);
    const seen = /* @__PURE__ */ new Map();
    const moves = list3.map((item) => {
      if (seen.has(item)) throw refused("The list of what to transfer has an object twice, which");
      const [copy3, move] = transferred(item);
      seen.set(item, copy3);
      return move;
    });
    const made = clone(value, seen);
    for (const move of moves) move();
    return made;
  }
  function transferred(item) {
    if (native.is_array_buffer(item)) return [bufferOf(item), () => item.transfer()];
    const transfer = item?.[TRANSFER];
    if (typeof transfer !== "function") throw refused(shown(item));
    return transfer.call(item);
  }
  function shown(value) {
    if (typeof value === "function") return sourceOf.call(value);
    if (typeof value !== "object" || value === null) return String(value);
    return `#<${typeof value.constructor === "function" ? value.constructor.name : "Object"}>`;
  }
  function clone(value, seen) {
    if (typeof value !== "object" || value === null) {
      if (typeof value === "function" || typeof value === "symbol") throw refused(shown(value));
      return value;
    }
    seen ??= /* @__PURE__ */ new Map();
    const known = seen.get(value);
    if (known !== void 0) return known;
    if (native.is_proxy(value)) throw refused("#<Object>");
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return properties(value, {}, seen);
    if (isArray(value)) return properties(value, new Array(value.length), seen);
    return ofClass(value, seen);
  }
  function properties(value, made, seen) {
    seen.set(value, made);
    for (const key of Object.keys(value)) {
      const item = clone(value[key], seen);
      if (key === "__proto__") {
        Object.defineProperty(made, key, { value: item, writable: true, enumerable: true, configurable: true });
      } else {
        made[key] = item;
      }
    }
    return made;
  }
  function ofClass(value, seen) {
    const made = simple(value, seen);
    if (made !== void 0) {
      seen.set(value, made);
      return made;
    }
    if (value instanceof Map) {
      const map = /* @__PURE__ */ new Map();
      seen.set(value, map);
      for (const [key, item] of [...value]) map.set(clone(key, seen), clone(item, seen));
      return map;
    }
    if (value instanceof Set) {
      const set = /* @__PURE__ */ new Set();
      seen.set(value, set);
      for (const item of [...value]) set.add(clone(item, seen));
      return set;
    }
    if (Error.isError(value)) return error(value, seen);
    if (REFUSED.some((prototype) => prototype.isPrototypeOf(value))) throw refused(shown(value));
    if (value[webidl.brand] === webidl.brand || typeof value[TRANSFER] === "function") throw refused(shown(value));
    return properties(value, {}, seen);
  }
  function simple(value, seen) {
    if (native.is_array_buffer(value)) return bufferOf(value);
    if (ArrayBuffer.isView(value)) return viewOf(value, seen);
    if (value instanceof Date) return new Date(value.getTime());
    if (value instanceof RegExp) return new RegExp(value.source, value.flags);
    if (value instanceof DOMException3) return exception(value);
    if (value instanceof File) return new File([value], value.name, { type: value.type, lastModified: value.lastModified });
    if (value instanceof Blob2) return new Blob2([value], { type: value.type });
    if (value instanceof String || value instanceof Number || value instanceof Boolean || value instanceof BigInt) {
      return Object(value.valueOf());
    }
    if (value instanceof Symbol) throw refused("[object Symbol]");
    return void 0;
  }
  function bufferOf(buffer) {
    if (buffer.detached) throw refused("An ArrayBuffer is detached and");
    if (!buffer.resizable) return buffer.slice(0);
    const made = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
    new Uint8Array(made).set(new Uint8Array(buffer));
    return made;
  }
  function viewOf(view, seen) {
    const buffer = clone(view.buffer, seen);
    if (view instanceof DataView) return new DataView(buffer, view.byteOffset, view.byteLength);
    return new VIEWS[viewName.call(view)](buffer, view.byteOffset, view.length);
  }
  function error(value, seen) {
    const made = new (Object.hasOwn(ERRORS, value.name) ? ERRORS[value.name] : Error)();
    seen.set(value, made);
    const message = Object.getOwnPropertyDescriptor(value, "message");
    if (message !== void 0 && "value" in message) Object.defineProperty(made, "message", hidden(String(message.value)));
    if (typeof value.stack === "string") Object.defineProperty(made, "stack", hidden(value.stack));
    const cause = Object.getOwnPropertyDescriptor(value, "cause");
    if (cause !== void 0 && "value" in cause) Object.defineProperty(made, "cause", hidden(clone(cause.value, seen)));
    return made;
  }
  function exception(value) {
    const made = new DOMException3(value.message, value.name);
    if (typeof value.stack === "string") Object.defineProperty(made, "stack", hidden(value.stack));
    return made;
  }
  var DOMException3, Blob2, File, webidl, TRANSFER, ERRORS, VIEWS, REFUSED, viewName, sourceOf, isArray, refused, hidden;
  var init_clone = __esm({
    "js/clone.js"() {
      init_define_CRYPTO_OPERATIONS();
      init_native();
      ({ DOMException: DOMException3 } = require_dom_exception());
      ({ Blob: Blob2, File } = require_file());
      webidl = require_webidl();
      TRANSFER = /* @__PURE__ */ Symbol("transfer");
      ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
      VIEWS = Object.fromEntries(
        [
          Int8Array,
          Uint8Array,
          Uint8ClampedArray,
          Int16Array,
          Uint16Array,
          Int32Array,
          Uint32Array,
          BigInt64Array,
          BigUint64Array,
          Float32Array,
          Float64Array,
          globalThis.Float16Array
        ].filter(Boolean).map((view) => [view.name, view])
      );
      REFUSED = [WeakMap, WeakSet, WeakRef, Promise, FinalizationRegistry, Object.getPrototypeOf(function* () {
      })].map(
        ({ prototype }) => prototype
      );
      viewName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
      sourceOf = Function.prototype.toString;
      ({ isArray } = Array);
      refused = (what) => new DOMException3(`${what} could not be cloned.`, "DataCloneError");
      hidden = (value) => ({ value, writable: true, configurable: true, enumerable: false });
    }
  });

  // js/instead/deno_web-02_structured_clone.js
  var require_deno_web_02_structured_clone = __commonJS({
    "js/instead/deno_web-02_structured_clone.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      module2.exports = { structuredClone: (value) => (init_clone(), __toCommonJS(clone_exports)).structuredClone(value) };
    }
  });

  // deno:deno_web/00_infra.js
  var require_infra = __commonJS({
    "deno:deno_web/00_infra.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, internals: internals3, primordials: primordials3 } = __bootstrap;
        const {
          op_base64_decode,
          op_base64_encode_from_buffer
        } = core2.ops;
        const {
          ArrayPrototypeJoin,
          ArrayPrototypeMap,
          decodeURIComponent: decodeURIComponent2,
          Error: Error2,
          JSONStringify,
          NumberPrototypeToString,
          ObjectPrototypeIsPrototypeOf,
          SafeArrayIterator,
          SafeRegExp,
          String: String2,
          StringPrototypeCharAt,
          StringPrototypeCharCodeAt,
          StringPrototypeMatch,
          StringPrototypePadStart,
          StringPrototypeReplace,
          StringPrototypeSlice,
          StringPrototypeSubstring,
          StringPrototypeToLowerCase,
          StringPrototypeToUpperCase,
          Symbol: Symbol2,
          TypedArrayPrototypeGetByteLength,
          TypeError: TypeError2
        } = primordials3;
        const { URLPrototype } = require_url();
        const ASCII_DIGIT = ["0-9"];
        const ASCII_UPPER_ALPHA = ["A-Z"];
        const ASCII_LOWER_ALPHA = ["a-z"];
        const ASCII_ALPHA = [
          ...new SafeArrayIterator(ASCII_UPPER_ALPHA),
          ...new SafeArrayIterator(ASCII_LOWER_ALPHA)
        ];
        const ASCII_ALPHANUMERIC = [
          ...new SafeArrayIterator(ASCII_DIGIT),
          ...new SafeArrayIterator(ASCII_ALPHA)
        ];
        const HTTP_TAB_OR_SPACE = ["	", " "];
        const HTTP_WHITESPACE = [
          "\n",
          "\r",
          ...new SafeArrayIterator(HTTP_TAB_OR_SPACE)
        ];
        const HTTP_TOKEN_CODE_POINT = [
          "!",
          "#",
          "$",
          "%",
          "&",
          "'",
          "*",
          "+",
          "-",
          ".",
          "^",
          "_",
          "`",
          "|",
          "~",
          ...new SafeArrayIterator(ASCII_ALPHANUMERIC)
        ];
        const HTTP_TOKEN_CODE_POINT_RE = new SafeRegExp(
          `^[${regexMatcher(HTTP_TOKEN_CODE_POINT)}]+$`
        );
        const HTTP_QUOTED_STRING_TOKEN_POINT = [
          "	",
          " -~",
          "\x80-\xFF"
        ];
        const HTTP_QUOTED_STRING_TOKEN_POINT_RE = new SafeRegExp(
          `^[${regexMatcher(HTTP_QUOTED_STRING_TOKEN_POINT)}]+$`
        );
        const HTTP_TAB_OR_SPACE_MATCHER = regexMatcher(HTTP_TAB_OR_SPACE);
        const HTTP_TAB_OR_SPACE_PREFIX_RE = new SafeRegExp(
          `^[${HTTP_TAB_OR_SPACE_MATCHER}]+`,
          "g"
        );
        const HTTP_TAB_OR_SPACE_SUFFIX_RE = new SafeRegExp(
          `[${HTTP_TAB_OR_SPACE_MATCHER}]+$`,
          "g"
        );
        const HTTP_WHITESPACE_MATCHER = regexMatcher(HTTP_WHITESPACE);
        const HTTP_BETWEEN_WHITESPACE = new SafeRegExp(
          `^[${HTTP_WHITESPACE_MATCHER}]*(.*?)[${HTTP_WHITESPACE_MATCHER}]*$`
        );
        const HTTP_WHITESPACE_PREFIX_RE = new SafeRegExp(
          `^[${HTTP_WHITESPACE_MATCHER}]+`,
          "g"
        );
        const HTTP_WHITESPACE_SUFFIX_RE = new SafeRegExp(
          `[${HTTP_WHITESPACE_MATCHER}]+$`,
          "g"
        );
        function regexMatcher(chars) {
          const matchers = chars.map((char) => {
            if (char.length === 1) {
              const a = char.charCodeAt(0).toString(16).padStart(
                4,
                "0"
              );
              return `\\u${a}`;
            } else if (char.length === 3 && char[1] === "-") {
              const a = char.charCodeAt(0).toString(16).padStart(
                4,
                "0"
              );
              const b = char.charCodeAt(2).toString(16).padStart(
                4,
                "0"
              );
              return `\\u${a}-\\u${b}`;
            } else {
              throw new TypeError2("unreachable");
            }
          });
          return matchers.join("");
        }
        function collectSequenceOfCodepoints(input, position, condition) {
          const start4 = position;
          for (let c = input.charAt(position); position < input.length && condition(c); c = input.charAt(++position)) ;
          return { result: input.slice(start4, position), position };
        }
        const LOWERCASE_PATTERN = new SafeRegExp(/[a-z]/g);
        function byteUpperCase(s) {
          return String2(s).replace(
            LOWERCASE_PATTERN,
            function byteUpperCaseReplace(c) {
              return c.toUpperCase();
            }
          );
        }
        function byteLowerCase(s) {
          return s.toLowerCase();
        }
        function collectHttpQuotedString(input, position, extractValue) {
          const positionStart = position;
          let value = "";
          if (input[position] !== '"') throw new TypeError2('must be "');
          position++;
          while (true) {
            const res = collectSequenceOfCodepoints(
              input,
              position,
              (c) => c !== '"' && c !== "\\"
            );
            value += res.result;
            position = res.position;
            if (position >= input.length) break;
            const quoteOrBackslash = input[position];
            position++;
            if (quoteOrBackslash === "\\") {
              if (position >= input.length) {
                value += "\\";
                break;
              }
              value += input[position];
              position++;
            } else {
              if (quoteOrBackslash !== '"') throw new TypeError2('must be "');
              break;
            }
          }
          if (extractValue) return { result: value, position };
          return {
            result: input.substring(positionStart, position + 1),
            position
          };
        }
        function forgivingBase64Encode(data) {
          return op_base64_encode_from_buffer(
            data,
            0,
            data.byteLength
          );
        }
        function forgivingBase64EncodeFromBuffer(data, offset, length) {
          return op_base64_encode_from_buffer(data, offset, length);
        }
        function forgivingBase64Decode(data) {
          return op_base64_decode(data);
        }
        function isHttpWhitespace(char) {
          switch (char) {
            case "	":
            case "\n":
            case "\r":
            case " ":
              return true;
            default:
              return false;
          }
        }
        function httpTrim(s) {
          if (!isHttpWhitespace(s[0]) && !isHttpWhitespace(s[s.length - 1])) {
            return s;
          }
          return s.match(HTTP_BETWEEN_WHITESPACE)?.[1] ?? "";
        }
        class AssertionError extends Error2 {
          constructor(msg) {
            super(msg);
            this.name = "AssertionError";
          }
        }
        function assert(cond, msg = "Assertion failed.") {
          if (!cond) {
            throw new AssertionError(msg);
          }
        }
        function serializeJSValueToJSONString(value) {
          const result = JSONStringify(value);
          if (result === void 0) {
            throw new TypeError2("Value is not JSON serializable");
          }
          return result;
        }
        const PATHNAME_WIN_RE = new SafeRegExp(/^\/*([A-Za-z]:)(\/|$)/);
        const SLASH_WIN_RE = new SafeRegExp(/\//g);
        const PERCENT_RE = new SafeRegExp(/%(?![0-9A-Fa-f]{2})/g);
        function pathFromURLWin32(url) {
          let p = url.pathname.replace(PATHNAME_WIN_RE, "$1/");
          p = p.replace(SLASH_WIN_RE, "\\");
          p = p.replace(PERCENT_RE, "%25");
          let path = decodeURIComponent2(p);
          if (url.hostname != "") {
            path = `\\\\${url.hostname}${path}`;
          }
          return path;
        }
        function pathFromURLPosix(url) {
          if (url.hostname !== "") {
            throw new TypeError2("Host must be empty");
          }
          return decodeURIComponent2(
            url.pathname.replace(PERCENT_RE, "%25")
          );
        }
        function pathFromURL(pathOrUrl) {
          if (URLPrototype.isPrototypeOf(pathOrUrl)) {
            if (pathOrUrl.protocol != "file:") {
              throw new TypeError2("Must be a file URL");
            }
            return core2.build.os == "windows" ? pathFromURLWin32(pathOrUrl) : pathFromURLPosix(pathOrUrl);
          }
          return pathOrUrl;
        }
        internals3.pathFromURL = pathFromURL;
        const SymbolMetadata = Symbol2.metadata ?? Symbol2("Symbol.metadata");
        return {
          ASCII_ALPHA,
          ASCII_ALPHANUMERIC,
          ASCII_DIGIT,
          ASCII_LOWER_ALPHA,
          ASCII_UPPER_ALPHA,
          assert,
          AssertionError,
          byteLowerCase,
          byteUpperCase,
          collectHttpQuotedString,
          collectSequenceOfCodepoints,
          forgivingBase64Decode,
          forgivingBase64Encode,
          forgivingBase64EncodeFromBuffer,
          HTTP_QUOTED_STRING_TOKEN_POINT,
          HTTP_QUOTED_STRING_TOKEN_POINT_RE,
          HTTP_TAB_OR_SPACE,
          HTTP_TAB_OR_SPACE_PREFIX_RE,
          HTTP_TAB_OR_SPACE_SUFFIX_RE,
          HTTP_TOKEN_CODE_POINT,
          HTTP_TOKEN_CODE_POINT_RE,
          HTTP_WHITESPACE,
          HTTP_WHITESPACE_PREFIX_RE,
          HTTP_WHITESPACE_SUFFIX_RE,
          httpTrim,
          pathFromURL,
          regexMatcher,
          serializeJSValueToJSONString,
          SymbolMetadata
        };
      })();
    }
  });

  // deno:deno_web/03_abort_signal.js
  var require_abort_signal = __commonJS({
    "deno:deno_web/03_abort_signal.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const {
          ArrayPrototypePush,
          FunctionPrototypeApply,
          ObjectPrototypeIsPrototypeOf,
          SafeFinalizationRegistry,
          SafeSet,
          SafeSetIterator,
          SafeWeakRef,
          SetPrototypeAdd,
          SetPrototypeDelete,
          Symbol: Symbol2,
          SymbolFor,
          TypeError: TypeError2,
          WeakRefPrototypeDeref
        } = primordials3;
        const webidl3 = require_webidl();
        const { assert } = require_infra();
        const { createFilteredInspectProxy } = require_deno_web_01_console();
        const {
          defineEventHandler: defineEventHandler2,
          Event: Event3,
          EventTarget: EventTarget3,
          listenerCount,
          setIsTrusted: setIsTrusted2
        } = require_event();
        const add2 = Symbol2("[[add]]");
        const signalAbort = Symbol2("[[signalAbort]]");
        const remove3 = Symbol2("[[remove]]");
        const runAbortSteps = Symbol2("[[runAbortSteps]]");
        const abortReason = Symbol2("[[abortReason]]");
        const abortAlgos = Symbol2("[[abortAlgos]]");
        const dependent = Symbol2("[[dependent]]");
        const sourceSignals = Symbol2("[[sourceSignals]]");
        const dependentSignals = Symbol2("[[dependentSignals]]");
        const signal = Symbol2("[[signal]]");
        const timerId = Symbol2("[[timerId]]");
        const activeDependents = Symbol2("[[activeDependents]]");
        const illegalConstructorKey = Symbol2("illegalConstructorKey");
        const dependentSignalCleanupRegistry = new SafeFinalizationRegistry(
          (prevent) => {
            const sourceSignal = prevent.ref.deref();
            if (sourceSignal === void 0) return;
            const deps = sourceSignal[dependentSignals];
            if (deps === null) return;
            deps.delete(prevent.weak);
          }
        );
        class AbortSignal extends EventTarget3 {
          [abortReason] = void 0;
          [abortAlgos] = null;
          [dependent] = false;
          [sourceSignals] = null;
          [dependentSignals] = null;
          [timerId] = null;
          [webidl3.brand] = webidl3.brand;
          static any(signals) {
            const prefix = "Failed to execute 'AbortSignal.any'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            return createDependentAbortSignal(signals, prefix);
          }
          static abort(reason = void 0) {
            if (reason !== void 0) {
              reason = webidl3.converters.any(reason);
            }
            const signal2 = new AbortSignal(illegalConstructorKey);
            signal2[signalAbort](reason);
            return signal2;
          }
          static timeout(millis) {
            const prefix = "Failed to execute 'AbortSignal.timeout'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            millis = webidl3.converters["unsigned long long"](
              millis,
              prefix,
              "Argument 1",
              {
                enforceRange: true
              }
            );
            const signal2 = new AbortSignal(illegalConstructorKey);
            signal2[timerId] = core2.createSystemTimer(
              () => {
                core2.cancelTimer(signal2[timerId]);
                signal2[timerId] = null;
                signal2[signalAbort](
                  new DOMException(
                    "The operation was aborted due to timeout",
                    "TimeoutError"
                  )
                );
              },
              millis,
              false
              // start unrefed (like Node.js)
            );
            return signal2;
          }
          [add2](algorithm) {
            if (this.aborted) {
              return;
            }
            this[abortAlgos] ??= new SafeSet();
            this[abortAlgos].add(algorithm);
          }
          [signalAbort](reason = new DOMException("The signal has been aborted", "AbortError")) {
            if (this.aborted) {
              return;
            }
            this[abortReason] = reason;
            const dependentSignalsToAbort = [];
            if (this[dependentSignals] !== null) {
              for (const weakRef of new SafeSetIterator(this[dependentSignals])) {
                const dependentSignal = weakRef.deref();
                if (dependentSignal !== void 0 && dependentSignal[abortReason] === void 0) {
                  dependentSignal[abortReason] = this[abortReason];
                  dependentSignalsToAbort.push(dependentSignal);
                }
              }
            }
            this[runAbortSteps]();
            if (dependentSignalsToAbort.length !== 0) {
              for (let i = 0; i < dependentSignalsToAbort.length; ++i) {
                const dependentSignal = dependentSignalsToAbort[i];
                dependentSignal[runAbortSteps]();
              }
            }
          }
          [runAbortSteps]() {
            const algos = this[abortAlgos];
            this[abortAlgos] = null;
            if (algos !== null) {
              for (const algorithm of new SafeSetIterator(algos)) {
                algorithm();
              }
            }
            if (listenerCount(this, "abort") > 0) {
              const event = new Event3("abort");
              setIsTrusted2(event, true);
              super.dispatchEvent(event);
            }
            if (this[sourceSignals] !== null) {
              for (const weakRef of new SafeSetIterator(this[sourceSignals])) {
                const sourceSignal = weakRef.deref();
                if (sourceSignal !== void 0 && sourceSignal[activeDependents]) {
                  sourceSignal[activeDependents].delete(this);
                }
              }
            }
          }
          [remove3](algorithm) {
            this[abortAlgos] && this[abortAlgos].delete(algorithm);
          }
          constructor(key = null) {
            if (key !== illegalConstructorKey) {
              throw new TypeError2("Illegal constructor");
            }
            super();
          }
          get aborted() {
            webidl3.assertBranded(this, AbortSignalPrototype);
            return this[abortReason] !== void 0;
          }
          get reason() {
            webidl3.assertBranded(this, AbortSignalPrototype);
            return this[abortReason];
          }
          throwIfAborted() {
            webidl3.assertBranded(this, AbortSignalPrototype);
            if (this[abortReason] !== void 0) {
              throw this[abortReason];
            }
          }
          // `addEventListener` and `removeEventListener` have to be overridden in
          // order to have the timer block the event loop while there are listeners.
          // `[add]` and `[remove]` don't ref and unref the timer because they can
          // only be used by Deno internals, which use it to essentially cancel async
          // ops which would block the event loop.
          addEventListener() {
            super.addEventListener.apply(this, arguments);
            if (listenerCount(this, "abort") > 0) {
              if (this[timerId] !== null) {
                core2.refTimer(this[timerId]);
              } else if (this[sourceSignals] !== null) {
                for (const weakRef of new SafeSetIterator(this[sourceSignals])) {
                  const sourceSignal = weakRef.deref();
                  if (sourceSignal === void 0) continue;
                  sourceSignal[activeDependents] ??= new SafeSet();
                  sourceSignal[activeDependents].add(this);
                  if (sourceSignal[timerId] !== null) {
                    core2.refTimer(sourceSignal[timerId]);
                  }
                }
              }
            }
          }
          removeEventListener() {
            super.removeEventListener.apply(this, arguments);
            if (listenerCount(this, "abort") === 0) {
              if (this[timerId] !== null) {
                core2.unrefTimer(this[timerId]);
              } else if (this[sourceSignals] !== null) {
                for (const weakRef of new SafeSetIterator(this[sourceSignals])) {
                  const sourceSignal = weakRef.deref();
                  if (sourceSignal === void 0) continue;
                  if (sourceSignal[activeDependents]) {
                    sourceSignal[activeDependents].delete(this);
                  }
                  if (sourceSignal[timerId] !== null) {
                    let allInactive = true;
                    if (sourceSignal[dependentSignals] !== null) {
                      for (const depRef of new SafeSetIterator(
                        sourceSignal[dependentSignals]
                      )) {
                        const dep = depRef.deref();
                        if (dep !== void 0 && dep !== this && listenerCount(dep, "abort") > 0) {
                          allInactive = false;
                          break;
                        }
                      }
                    }
                    if (allInactive) {
                      core2.unrefTimer(sourceSignal[timerId]);
                    }
                  }
                }
              }
            }
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: AbortSignalPrototype.isPrototypeOf(this),
                keys: [
                  "aborted",
                  "reason",
                  "onabort"
                ]
              }),
              inspectOptions
            );
          }
        }
        defineEventHandler2(AbortSignal.prototype, "abort");
        webidl3.configureInterface(AbortSignal);
        const AbortSignalPrototype = AbortSignal.prototype;
        class AbortController {
          [signal] = new AbortSignal(illegalConstructorKey);
          constructor() {
            this[webidl3.brand] = webidl3.brand;
          }
          get signal() {
            webidl3.assertBranded(this, AbortControllerPrototype);
            return this[signal];
          }
          abort(reason) {
            webidl3.assertBranded(this, AbortControllerPrototype);
            this[signal][signalAbort](reason);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: AbortControllerPrototype.isPrototypeOf(this),
                keys: [
                  "signal"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(AbortController);
        const AbortControllerPrototype = AbortController.prototype;
        webidl3.converters.AbortSignal = webidl3.createInterfaceConverter(
          "AbortSignal",
          AbortSignal.prototype
        );
        webidl3.converters["sequence<AbortSignal>"] = webidl3.createSequenceConverter(
          webidl3.converters.AbortSignal
        );
        function newSignal() {
          return new AbortSignal(illegalConstructorKey);
        }
        function createDependentAbortSignal(signals, prefix) {
          signals = webidl3.converters["sequence<AbortSignal>"](
            signals,
            prefix,
            "Argument 1"
          );
          const resultSignal = new AbortSignal(illegalConstructorKey);
          for (let i = 0; i < signals.length; ++i) {
            const signal2 = signals[i];
            if (signal2[abortReason] !== void 0) {
              resultSignal[abortReason] = signal2[abortReason];
              return resultSignal;
            }
          }
          resultSignal[dependent] = true;
          resultSignal[sourceSignals] = new SafeSet();
          for (let i = 0; i < signals.length; ++i) {
            const signal2 = signals[i];
            if (!signal2[dependent]) {
              signal2[dependentSignals] ??= new SafeSet();
              const signalRef = new SafeWeakRef(signal2);
              const resultRef = new SafeWeakRef(resultSignal);
              resultSignal[sourceSignals].add(signalRef);
              signal2[dependentSignals].add(resultRef);
              dependentSignalCleanupRegistry.register(resultSignal, {
                ref: signalRef,
                weak: resultRef
              });
            } else {
              for (const sourceSignalRef of new SafeSetIterator(
                signal2[sourceSignals]
              )) {
                const sourceSignal = sourceSignalRef.deref();
                if (sourceSignal === void 0) continue;
                assert(sourceSignal[abortReason] === void 0);
                assert(!sourceSignal[dependent]);
                let alreadyTracked = false;
                for (const existingRef of new SafeSetIterator(
                  resultSignal[sourceSignals]
                )) {
                  if (existingRef.deref() === sourceSignal) {
                    alreadyTracked = true;
                    break;
                  }
                }
                if (alreadyTracked) continue;
                sourceSignal[dependentSignals] ??= new SafeSet();
                const newSourceRef = new SafeWeakRef(sourceSignal);
                const resultRef = new SafeWeakRef(resultSignal);
                resultSignal[sourceSignals].add(newSourceRef);
                sourceSignal[dependentSignals].add(resultRef);
                dependentSignalCleanupRegistry.register(resultSignal, {
                  ref: newSourceRef,
                  weak: resultRef
                });
              }
            }
          }
          return resultSignal;
        }
        return {
          AbortController,
          AbortSignal,
          AbortSignalPrototype,
          add: add2,
          createDependentAbortSignal,
          newSignal,
          remove: remove3,
          signalAbort,
          timerId
        };
      })();
    }
  });

  // deno:deno_web/06_streams.js
  var require_streams = __commonJS({
    "deno:deno_web/06_streams.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, internals: internals3, primordials: primordials3 } = __bootstrap;
        const {
          isAnyArrayBuffer,
          isArrayBuffer,
          isSharedArrayBuffer,
          isTypedArray
        } = core2;
        const {
          // TODO(mmastrac): use readAll
          op_read_all,
          op_pipe,
          op_readable_stream_resource_allocate,
          op_readable_stream_resource_allocate_sized,
          op_readable_stream_resource_await_close,
          op_readable_stream_resource_close,
          op_readable_stream_resource_get_sink,
          op_readable_stream_resource_write_buf,
          op_readable_stream_resource_write_error,
          op_readable_stream_resource_write_sync
        } = core2.ops;
        const {
          ArrayBuffer: ArrayBuffer2,
          ArrayBufferIsView,
          ArrayBufferPrototypeGetByteLength,
          ArrayBufferPrototypeGetDetached,
          ArrayBufferPrototypeSlice,
          ArrayBufferPrototypeTransferToFixedLength,
          ArrayPrototypeMap,
          ArrayPrototypePush,
          AsyncGeneratorPrototype,
          BigInt64Array: BigInt64Array2,
          BigUint64Array: BigUint64Array2,
          DataView: DataView2,
          DataViewPrototypeGetBuffer,
          DataViewPrototypeGetByteLength,
          DataViewPrototypeGetByteOffset,
          Float32Array: Float32Array2,
          Float64Array: Float64Array2,
          Int16Array: Int16Array2,
          Int32Array: Int32Array2,
          Int8Array: Int8Array2,
          MathMin,
          NumberIsInteger,
          NumberIsNaN,
          ObjectCreate,
          ObjectDefineProperty,
          ObjectGetPrototypeOf,
          ObjectPrototypeIsPrototypeOf,
          ObjectSetPrototypeOf,
          Promise: Promise2,
          PromisePrototypeCatch,
          PromisePrototypeThen,
          PromiseReject,
          PromiseResolve,
          PromiseWithResolvers,
          RangeError: RangeError2,
          ReflectApply,
          ReflectHas,
          SafeFinalizationRegistry,
          SafePromiseAll,
          SafeWeakMap,
          // TODO(lucacasonato): add SharedArrayBuffer to primordials
          // SharedArrayBufferPrototype,
          String: String2,
          Symbol: Symbol2,
          SymbolAsyncIterator,
          SymbolFor,
          TypeError: TypeError2,
          TypedArrayPrototypeGetBuffer,
          TypedArrayPrototypeGetByteLength,
          TypedArrayPrototypeGetByteOffset,
          TypedArrayPrototypeGetLength,
          TypedArrayPrototypeGetSymbolToStringTag,
          TypedArrayPrototypeSet,
          TypedArrayPrototypeSlice,
          Uint16Array: Uint16Array2,
          Uint32Array: Uint32Array2,
          Uint8Array: Uint8Array2,
          Uint8ClampedArray: Uint8ClampedArray2,
          WeakMapPrototypeGet,
          WeakMapPrototypeHas,
          WeakMapPrototypeSet,
          queueMicrotask: queueMicrotask2
        } = primordials3;
        const webidl3 = require_webidl();
        const { structuredClone: structuredClone2 } = require_deno_web_02_structured_clone();
        const {
          AbortSignalPrototype,
          add: add2,
          newSignal,
          remove: remove3,
          signalAbort
        } = require_abort_signal();
        const { createFilteredInspectProxy } = require_deno_web_01_console();
        const { assert, AssertionError } = require_infra();
        class Deferred {
          /** @type {Promise<T>} */
          #promise;
          /** @type {(reject?: any) => void} */
          #reject;
          /** @type {(value: T | PromiseLike<T>) => void} */
          #resolve;
          /** @type {"pending" | "fulfilled"} */
          #state = "pending";
          constructor() {
            this.#promise = new Promise2((resolve, reject) => {
              this.#resolve = resolve;
              this.#reject = reject;
            });
          }
          /** @returns {Promise<T>} */
          get promise() {
            return this.#promise;
          }
          /** @returns {"pending" | "fulfilled"} */
          get state() {
            return this.#state;
          }
          /** @param {any=} reason */
          reject(reason) {
            if (this.#state !== "pending") {
              return;
            }
            this.#state = "fulfilled";
            this.#reject(reason);
          }
          /** @param {T | PromiseLike<T>} value */
          resolve(value) {
            if (this.#state !== "pending") {
              return;
            }
            this.#state = "fulfilled";
            this.#resolve(value);
          }
        }
        function resolvePromiseWith(value) {
          return new Promise2((resolve) => resolve(value));
        }
        class LazyDeferred {
          /** @type {Promise<T> | null} */
          #promise = null;
          /** @type {((value: T) => void) | null} */
          #resolve = null;
          #settled = false;
          /** @returns {Promise<T>} */
          get promise() {
            if (this.#promise === null) {
              if (this.#settled) {
                this.#promise = PromiseResolve(void 0);
              } else {
                this.#promise = new Promise2((resolve) => {
                  this.#resolve = resolve;
                });
              }
            }
            return this.#promise;
          }
          /** @param {T} value */
          resolve(value) {
            if (this.#settled) {
              return;
            }
            this.#settled = true;
            if (this.#resolve !== null) {
              this.#resolve(value);
              this.#resolve = null;
            }
          }
        }
        let _resolvedPromise;
        function resolvedPromise() {
          return _resolvedPromise ??= PromiseResolve(void 0);
        }
        function rethrowAssertionErrorRejection(e) {
          if (e && AssertionError.prototype.isPrototypeOf(e)) {
            queueMicrotask2(() => {
              core2.print(`[error]: Internal Error: ${e.stack}
`, true);
            });
          }
        }
        function setPromiseIsHandledToTrue(promise) {
          promise.then(void 0, rethrowAssertionErrorRejection);
        }
        function transformPromiseWith(promise, fulfillmentHandler, rejectionHandler) {
          return promise.then(fulfillmentHandler, rejectionHandler);
        }
        function uponFulfillment(promise, onFulfilled) {
          uponPromise(promise, onFulfilled);
        }
        function uponRejection(promise, onRejected) {
          uponPromise(promise, void 0, onRejected);
        }
        function uponPromise(promise, onFulfilled, onRejected) {
          promise.then(
            onFulfilled && ((v) => {
              try {
                onFulfilled(v);
              } catch (e) {
                rethrowAssertionErrorRejection(e);
              }
            }),
            onRejected ? (e) => {
              try {
                onRejected(e);
              } catch (err) {
                rethrowAssertionErrorRejection(err);
              }
            } : rethrowAssertionErrorRejection
          );
        }
        class Queue {
          #head = null;
          #tail = null;
          #size = 0;
          enqueue(value) {
            return this.enqueueWithSize(value, 1);
          }
          // Stores the chunk size inline in the list node instead of a separate
          // { value, size } wrapper, so a sized enqueue costs a single allocation.
          enqueueWithSize(value, size) {
            const node2 = { value, size, next: null };
            if (this.#head === null) {
              this.#head = node2;
              this.#tail = node2;
            } else {
              this.#tail.next = node2;
              this.#tail = node2;
            }
            return ++this.#size;
          }
          dequeue() {
            const node2 = this.dequeueNode();
            return node2 === null ? null : node2.value;
          }
          // Returns the internal { value, size, next } node. Only for use by
          // dequeueValue(), which needs both the value and its size.
          dequeueNode() {
            const node2 = this.#head;
            if (node2 === null) {
              return null;
            }
            if (this.#head === this.#tail) {
              this.#tail = null;
            }
            this.#head = this.#head.next;
            this.#size--;
            return node2;
          }
          peek() {
            if (this.#head === null) {
              return null;
            }
            return this.#head.value;
          }
          get size() {
            return this.#size;
          }
        }
        function isDetachedBuffer(O) {
          if (isSharedArrayBuffer(O)) {
            return false;
          }
          return O.detached;
        }
        function canTransferArrayBuffer(O) {
          assert(typeof O === "object");
          assert(isAnyArrayBuffer(O));
          if (isDetachedBuffer(O)) {
            return false;
          }
          return true;
        }
        function getArrayBufferByteLength(O) {
          if (isSharedArrayBuffer(O)) {
            return O.byteLength;
          } else {
            return O.byteLength;
          }
        }
        function cloneAsUint8Array(O) {
          assert(typeof O === "object");
          assert(ArrayBufferIsView(O));
          if (isTypedArray(O)) {
            return new Uint8Array2(
              O.buffer,
              O.byteOffset,
              O.byteLength
            ).slice();
          } else {
            return new Uint8Array2(
              O.buffer,
              O.byteOffset,
              O.byteLength
            ).slice();
          }
        }
        function bufferSourceAsUint8Array(O) {
          if (isTypedArray(O)) {
            return new Uint8Array2(
              O.buffer,
              O.byteOffset,
              O.byteLength
            );
          }
          if (ArrayBufferIsView(O)) {
            return new Uint8Array2(
              O.buffer,
              O.byteOffset,
              O.byteLength
            );
          }
          if (isAnyArrayBuffer(O)) {
            return new Uint8Array2(
              /** @type {ArrayBuffer} */
              O
            );
          }
          throw new TypeError2(
            "Expected ArrayBuffer or ArrayBufferView for write chunk"
          );
        }
        function bufferSourceByteLength(O) {
          if (isTypedArray(O)) {
            return O.byteLength;
          }
          if (ArrayBufferIsView(O)) {
            return O.byteLength;
          }
          if (isAnyArrayBuffer(O)) {
            return O.byteLength;
          }
          throw new TypeError2(
            "Expected ArrayBuffer or ArrayBufferView for write chunk"
          );
        }
        const _isClosedPromise = SymbolFor("nodejs.webstream.isClosedPromise");
        const _controllerErrorFunction = SymbolFor(
          "nodejs.webstream.controllerErrorFunction"
        );
        const _abortAlgorithm = Symbol2("[[abortAlgorithm]]");
        const _abortSteps = Symbol2("[[AbortSteps]]");
        const _autoAllocateChunkSize = Symbol2("[[autoAllocateChunkSize]]");
        const _backpressure = Symbol2("[[backpressure]]");
        const _backpressureChangePromise = Symbol2("[[backpressureChangePromise]]");
        const _byobRequest = Symbol2("[[byobRequest]]");
        const _cancelAlgorithm = Symbol2("[[cancelAlgorithm]]");
        const _cancelSteps = Symbol2("[[CancelSteps]]");
        const _close = Symbol2("close sentinel");
        const _closeAlgorithm = Symbol2("[[closeAlgorithm]]");
        const _closedPromise = Symbol2("[[closedPromise]]");
        const _closeRequest = Symbol2("[[closeRequest]]");
        const _closeRequested = Symbol2("[[closeRequested]]");
        const _controller = Symbol2("[[controller]]");
        const _detached = Symbol2("[[Detached]]");
        const _disturbed = Symbol2("[[disturbed]]");
        const _errorSteps = Symbol2("[[ErrorSteps]]");
        const _finishPromise = Symbol2("[[finishPromise]]");
        const _flushAlgorithm = Symbol2("[[flushAlgorithm]]");
        const _globalObject = Symbol2("[[globalObject]]");
        const _highWaterMark = Symbol2("[[highWaterMark]]");
        const _inFlightCloseRequest = Symbol2("[[inFlightCloseRequest]]");
        const _inFlightWriteRequest = Symbol2("[[inFlightWriteRequest]]");
        const _pendingAbortRequest = Symbol2("[pendingAbortRequest]");
        const _pendingPullIntos = Symbol2("[[pendingPullIntos]]");
        const _preventCancel = Symbol2("[[preventCancel]]");
        const _onPullFulfilled = Symbol2("[onPullFulfilled]");
        const _onPullRejected = Symbol2("[onPullRejected]");
        const _pullAgain = Symbol2("[[pullAgain]]");
        const _pullAlgorithm = Symbol2("[[pullAlgorithm]]");
        const _pulling = Symbol2("[[pulling]]");
        const _pullSteps = Symbol2("[[PullSteps]]");
        const _releaseSteps = Symbol2("[[ReleaseSteps]]");
        const _queue = Symbol2("[[queue]]");
        const _queueTotalSize = Symbol2("[[queueTotalSize]]");
        const _readable = Symbol2("[[readable]]");
        const _reader = Symbol2("[[reader]]");
        const _readRequests = Symbol2("[[readRequests]]");
        const _readIntoRequests = Symbol2("[[readIntoRequests]]");
        const _readyPromise = Symbol2("[[readyPromise]]");
        const _signal = Symbol2("[[signal]]");
        const _started = Symbol2("[[started]]");
        const _state = Symbol2("[[state]]");
        const _storedError = Symbol2("[[storedError]]");
        const _strategyHWM = Symbol2("[[strategyHWM]]");
        const _strategySizeAlgorithm = Symbol2("[[strategySizeAlgorithm]]");
        const _stream = Symbol2("[[stream]]");
        const _transformAlgorithm = Symbol2("[[transformAlgorithm]]");
        const _isIdentityTransform = Symbol2("[[isIdentityTransform]]");
        const _identityBypassTS = Symbol2("[identityBypassTS]");
        const _onSinkWriteFulfilled = Symbol2("[[onSinkWriteFulfilled]]");
        const _onSinkWriteRejected = Symbol2("[[onSinkWriteRejected]]");
        const _underlyingSource = Symbol2("[underlyingSource]");
        const _underlyingSourceDict = Symbol2("[underlyingSourceDict]");
        const _view = Symbol2("[[view]]");
        const _writable = Symbol2("[[writable]]");
        const _writeAlgorithm = Symbol2("[[writeAlgorithm]]");
        const _writer = Symbol2("[[writer]]");
        const _writeRequests = Symbol2("[[writeRequests]]");
        const _brand = webidl3.brand;
        function noop() {
        }
        async function noopAsync() {
        }
        const _defaultStartAlgorithm = noop;
        const _defaultWriteAlgorithm = noopAsync;
        const _defaultCloseAlgorithm = noopAsync;
        const _defaultAbortAlgorithm = noopAsync;
        const _defaultPullAlgorithm = noop;
        const _defaultFlushAlgorithm = noopAsync;
        const _defaultCancelAlgorithm = noopAsync;
        function acquireReadableStreamDefaultReader(stream) {
          const reader = new ReadableStreamDefaultReader(_brand);
          setUpReadableStreamDefaultReader(reader, stream);
          return reader;
        }
        function acquireReadableStreamBYOBReader(stream) {
          const reader = new ReadableStreamBYOBReader(_brand);
          setUpReadableStreamBYOBReader(reader, stream);
          return reader;
        }
        function acquireWritableStreamDefaultWriter(stream) {
          return new WritableStreamDefaultWriter(stream);
        }
        function createReadableStream(startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark = 1, sizeAlgorithm = defaultSizeAlgorithm) {
          assert(isNonNegativeNumber(highWaterMark));
          const stream = new ReadableStream4(_brand);
          initializeReadableStream(stream);
          const controller = new ReadableStreamDefaultController(_brand);
          setUpReadableStreamDefaultController(
            stream,
            controller,
            startAlgorithm,
            pullAlgorithm,
            cancelAlgorithm,
            highWaterMark,
            sizeAlgorithm
          );
          return stream;
        }
        function createWritableStream(startAlgorithm, writeAlgorithm, closeAlgorithm, abortAlgorithm, highWaterMark, sizeAlgorithm) {
          assert(isNonNegativeNumber(highWaterMark));
          const stream = new WritableStream2(_brand);
          initializeWritableStream(stream);
          const controller = new WritableStreamDefaultController(_brand);
          setUpWritableStreamDefaultController(
            stream,
            controller,
            startAlgorithm,
            writeAlgorithm,
            closeAlgorithm,
            abortAlgorithm,
            highWaterMark,
            sizeAlgorithm
          );
          return stream;
        }
        function dequeueValue(container) {
          assert(container[_queue] && typeof container[_queueTotalSize] === "number");
          assert(container[_queue].size);
          const node2 = container[_queue].dequeueNode();
          container[_queueTotalSize] -= node2.size;
          if (container[_queueTotalSize] < 0) {
            container[_queueTotalSize] = 0;
          }
          return node2.value;
        }
        function enqueueValueWithSize(container, value, size) {
          assert(container[_queue] && typeof container[_queueTotalSize] === "number");
          if (isNonNegativeNumber(size) === false) {
            throw new RangeError2(
              "Cannot enqueue value with size: chunk size must be a positive number"
            );
          }
          if (size === Infinity) {
            throw new RangeError2(
              "Cannot enqueue value with size: chunk size is invalid"
            );
          }
          container[_queue].enqueueWithSize(value, size);
          container[_queueTotalSize] += size;
        }
        function extractHighWaterMark(strategy, defaultHWM) {
          if (strategy.highWaterMark === void 0) {
            return defaultHWM;
          }
          const highWaterMark = strategy.highWaterMark;
          if (NumberIsNaN(highWaterMark) || highWaterMark < 0) {
            throw new RangeError2(
              `Expected highWaterMark to be a positive number or Infinity, got "${highWaterMark}".`
            );
          }
          return highWaterMark;
        }
        function defaultSizeAlgorithm() {
          return 1;
        }
        function extractSizeAlgorithm(strategy) {
          if (strategy.size === void 0) {
            return defaultSizeAlgorithm;
          }
          return (chunk) => webidl3.invokeCallbackFunction(
            strategy.size,
            [chunk],
            void 0,
            webidl3.converters["unrestricted double"],
            "Failed to execute `sizeAlgorithm`"
          );
        }
        function createReadableByteStream2(startAlgorithm, pullAlgorithm, cancelAlgorithm) {
          const stream = new ReadableStream4(_brand);
          initializeReadableStream(stream);
          const controller = new ReadableByteStreamController(_brand);
          setUpReadableByteStreamController(
            stream,
            controller,
            startAlgorithm,
            pullAlgorithm,
            cancelAlgorithm,
            0,
            void 0
          );
          return stream;
        }
        function initializeReadableStream(stream) {
          stream[_state] = "readable";
          stream[_reader] = stream[_storedError] = void 0;
          stream[_disturbed] = false;
          stream[_isClosedPromise] = new Deferred();
        }
        function initializeTransformStream(stream, startPromise, writableHighWaterMark, writableSizeAlgorithm, readableHighWaterMark, readableSizeAlgorithm) {
          function startAlgorithm() {
            return startPromise.promise;
          }
          function writeAlgorithm(chunk) {
            return transformStreamDefaultSinkWriteAlgorithm(stream, chunk);
          }
          function abortAlgorithm(reason) {
            return transformStreamDefaultSinkAbortAlgorithm(stream, reason);
          }
          function closeAlgorithm() {
            return transformStreamDefaultSinkCloseAlgorithm(stream);
          }
          stream[_writable] = createWritableStream(
            startAlgorithm,
            writeAlgorithm,
            closeAlgorithm,
            abortAlgorithm,
            writableHighWaterMark,
            writableSizeAlgorithm
          );
          function pullAlgorithm() {
            return transformStreamDefaultSourcePullAlgorithm(stream);
          }
          function cancelAlgorithm(reason) {
            return transformStreamDefaultSourceCancelAlgorithm(stream, reason);
          }
          stream[_readable] = createReadableStream(
            startAlgorithm,
            pullAlgorithm,
            cancelAlgorithm,
            readableHighWaterMark,
            readableSizeAlgorithm
          );
          stream[_backpressure] = stream[_backpressureChangePromise] = void 0;
          transformStreamSetBackpressure(stream, true);
          stream[_controller] = void 0;
        }
        function initializeWritableStream(stream) {
          stream[_state] = "writable";
          stream[_storedError] = stream[_writer] = stream[_controller] = stream[_inFlightWriteRequest] = stream[_closeRequest] = stream[_inFlightCloseRequest] = stream[_pendingAbortRequest] = void 0;
          stream[_writeRequests] = new Queue();
          stream[_backpressure] = false;
          stream[_isClosedPromise] = new Deferred();
        }
        function isNonNegativeNumber(v) {
          return typeof v === "number" && v >= 0;
        }
        function isReadableStream(value) {
          return !(typeof value !== "object" || value === null || !value[_controller]);
        }
        function isReadableStreamLocked3(stream) {
          return stream[_reader] !== void 0;
        }
        function isReadableStreamDefaultReader(value) {
          return !(typeof value !== "object" || value === null || !value[_readRequests]);
        }
        function isReadableStreamBYOBReader(value) {
          return !(typeof value !== "object" || value === null || !ReflectHas(value, _readIntoRequests));
        }
        function isReadableStreamDisturbed2(stream) {
          assert(isReadableStream(stream));
          return stream[_disturbed];
        }
        function extractStringErrorFromError(error2) {
          if (typeof error2 == "string") {
            return error2;
          }
          const message = error2?.message;
          const stringMessage = typeof message == "string" ? message : String2(message);
          return stringMessage;
        }
        const READABLE_STREAM_SOURCE_REGISTRY = new SafeFinalizationRegistry(
          (external) => {
            op_readable_stream_resource_close(external);
          }
        );
        class ResourceStreamResourceSink {
          external;
          constructor(external) {
            this.external = external;
            READABLE_STREAM_SOURCE_REGISTRY.register(this, external, this);
          }
          close() {
            if (this.external === void 0) {
              return;
            }
            READABLE_STREAM_SOURCE_REGISTRY.unregister(this);
            op_readable_stream_resource_close(this.external);
            this.external = void 0;
          }
        }
        async function readableStreamWriteChunkFn(reader, sink, chunk) {
          if (TypedArrayPrototypeGetSymbolToStringTag(chunk) === "Uint8Array" && chunk.byteLength == 0) {
            return true;
          }
          const res = op_readable_stream_resource_write_sync(sink.external, chunk);
          if (res == 0) {
            await reader.cancel("resource closed");
            sink.close();
            return false;
          } else if (res == 1) {
            return true;
          } else if (res == 2) {
            if (await op_readable_stream_resource_write_buf(
              sink.external,
              chunk
            )) {
              return true;
            } else {
              await reader.cancel("resource closed");
              sink.close();
              return false;
            }
          }
        }
        async function readableStreamReadFn(reader, sink, onError) {
          let loop = true;
          let reentrant = true;
          let hasChunk = false;
          let gotChunk = void 0;
          let promise;
          const onWriteFulfilled = (loop2) => promise.resolve(loop2);
          const onWriteRejected = (e) => promise.reject(e);
          const readRequest = {
            chunkSteps(chunk) {
              if (reentrant) {
                hasChunk = true;
                gotChunk = chunk;
              } else {
                readableStreamWriteChunkFn(reader, sink, chunk).then(
                  onWriteFulfilled,
                  onWriteRejected
                );
              }
            },
            closeSteps() {
              sink.close();
              promise.resolve(false);
            },
            errorSteps(error2) {
              if (onError !== void 0) {
                onError(error2);
              }
              const success = op_readable_stream_resource_write_error(
                sink.external,
                extractStringErrorFromError(error2)
              );
              if (!success) {
                reader.cancel("resource closed").then(
                  () => {
                    sink.close();
                    promise.resolve(false);
                  },
                  onWriteRejected
                );
              } else {
                sink.close();
                promise.resolve(false);
              }
            }
          };
          while (loop) {
            reentrant = true;
            hasChunk = false;
            gotChunk = void 0;
            promise = new Deferred();
            readableStreamDefaultReaderRead(reader, readRequest);
            reentrant = false;
            if (hasChunk) {
              readableStreamWriteChunkFn(reader, sink, gotChunk).then(
                onWriteFulfilled,
                onWriteRejected
              );
            }
            loop = await promise.promise;
          }
        }
        function resourceForReadableStream(stream, length, onError) {
          const reader = acquireReadableStreamDefaultReader(stream);
          const rid = typeof length == "number" ? op_readable_stream_resource_allocate_sized(length) : op_readable_stream_resource_allocate();
          op_readable_stream_resource_await_close(rid).then(
            () => {
              reader.cancel("resource closed").catch(() => {
              });
            }
          ).catch(
            () => {
            }
          );
          const sink = new ResourceStreamResourceSink(
            op_readable_stream_resource_get_sink(rid)
          );
          readableStreamReadFn(reader, sink, onError).catch((err) => {
            if (sink.external !== void 0) {
              op_readable_stream_resource_write_error(
                sink.external,
                extractStringErrorFromError(err)
              );
              sink.close();
            }
            reader.cancel(err).catch(() => {
            });
            if (onError !== void 0) {
              onError(err);
            }
          });
          return rid;
        }
        const DEFAULT_CHUNK_SIZE = 64 * 1024;
        const RESOURCE_REGISTRY = new SafeFinalizationRegistry((resource) => {
          if (typeof resource === "number") {
            core2.tryClose(resource);
          } else {
            core2.tryClose(resource.rid);
            resource.onClose();
          }
        });
        const _readAll = Symbol2("[[readAll]]");
        const _original = Symbol2("[[original]]");
        function annotateResourceStreamError(e) {
          if (core2.BadResourcePrototype.isPrototypeOf(e) && e.message === "Bad resource ID") {
            e.message = "The stream's underlying resource was closed or consumed";
          }
          return e;
        }
        function readableStreamForRid(rid, autoClose = true, cfn, onError, onClose) {
          const stream = cfn ? cfn(_brand) : new ReadableStream4(_brand);
          stream[_resourceBacking] = { rid, autoClose };
          const tryClose = () => {
            if (!autoClose) return;
            RESOURCE_REGISTRY.unregister(stream);
            core2.tryClose(rid);
            if (onClose !== void 0) {
              const callback = onClose;
              onClose = void 0;
              callback();
            }
          };
          const cancelRead = () => {
            core2.cancelRead(rid);
          };
          if (autoClose) {
            RESOURCE_REGISTRY.register(
              stream,
              onClose === void 0 ? rid : { __proto__: null, rid, onClose },
              stream
            );
          }
          const underlyingSource = {
            type: "bytes",
            async pull(controller) {
              const v = controller.byobRequest.view;
              try {
                if (controller[_readAll] === true) {
                  const chunk = await core2.readAll(rid);
                  if (chunk.byteLength > 0) {
                    controller.enqueue(chunk);
                  }
                  controller.close();
                  tryClose();
                  return;
                }
                const bytesRead = await core2.read(rid, v);
                if (bytesRead === 0) {
                  tryClose();
                  controller.close();
                  controller.byobRequest.respond(0);
                } else {
                  controller.byobRequest.respond(bytesRead);
                }
              } catch (e) {
                const error2 = annotateResourceStreamError(e);
                if (onError) {
                  onError(controller, error2);
                } else {
                  controller.error(error2);
                }
                tryClose();
              }
            },
            cancel() {
              cancelRead();
              tryClose();
            },
            autoAllocateChunkSize: DEFAULT_CHUNK_SIZE
          };
          initializeReadableStream(stream);
          setUpReadableByteStreamControllerFromUnderlyingSource(
            stream,
            underlyingSource,
            underlyingSource,
            0
          );
          return stream;
        }
        const promiseSymbol = SymbolFor("__promise");
        const _isUnref = Symbol2("isUnref");
        function readableStreamForRidUnrefable(rid, constructor = ReadableStream4) {
          const stream = new constructor(_brand);
          stream[promiseSymbol] = void 0;
          stream[_isUnref] = false;
          stream[_resourceBackingUnrefable] = { rid, autoClose: true };
          const underlyingSource = {
            type: "bytes",
            async pull(controller) {
              const v = controller.byobRequest.view;
              try {
                const promise = core2.read(rid, v);
                stream[promiseSymbol] = promise;
                if (stream[_isUnref]) core2.unrefOpPromise(promise);
                const bytesRead = await promise;
                stream[promiseSymbol] = void 0;
                if (bytesRead === 0) {
                  core2.tryClose(rid);
                  controller.close();
                  controller.byobRequest.respond(0);
                } else {
                  controller.byobRequest.respond(bytesRead);
                }
              } catch (e) {
                controller.error(annotateResourceStreamError(e));
                core2.tryClose(rid);
              }
            },
            cancel() {
              core2.tryClose(rid);
            },
            autoAllocateChunkSize: DEFAULT_CHUNK_SIZE
          };
          initializeReadableStream(stream);
          setUpReadableByteStreamControllerFromUnderlyingSource(
            stream,
            underlyingSource,
            underlyingSource,
            0
          );
          return stream;
        }
        function readableStreamIsUnrefable(stream) {
          return ReflectHas(stream, _isUnref);
        }
        function readableStreamForRidUnrefableRef(stream) {
          if (!readableStreamIsUnrefable(stream)) {
            throw new TypeError2("Not an unrefable stream");
          }
          stream[_isUnref] = false;
          if (stream[promiseSymbol] !== void 0) {
            core2.refOpPromise(stream[promiseSymbol]);
          }
        }
        function readableStreamForRidUnrefableUnref(stream) {
          if (!readableStreamIsUnrefable(stream)) {
            throw new TypeError2("Not an unrefable stream");
          }
          stream[_isUnref] = true;
          if (stream[promiseSymbol] !== void 0) {
            core2.unrefOpPromise(stream[promiseSymbol]);
          }
        }
        function getReadableStreamResourceBacking(stream) {
          return stream[_resourceBacking];
        }
        function getReadableStreamResourceBackingUnrefable(stream) {
          return stream[_resourceBackingUnrefable];
        }
        async function readableStreamCollectIntoUint8Array(stream) {
          const resourceBacking = getReadableStreamResourceBacking(stream) || getReadableStreamResourceBackingUnrefable(stream);
          const reader = acquireReadableStreamDefaultReader(stream);
          if (resourceBacking && !isReadableStreamDisturbed2(stream)) {
            try {
              readableStreamDisturb2(stream);
              const promise = op_read_all(resourceBacking.rid);
              if (readableStreamIsUnrefable(stream)) {
                stream[promiseSymbol] = promise;
                if (stream[_isUnref]) core2.unrefOpPromise(promise);
              }
              const buf = await promise;
              stream[promiseSymbol] = void 0;
              readableStreamThrowIfErrored(stream);
              readableStreamClose(stream);
              return buf;
            } catch (err) {
              readableStreamThrowIfErrored(stream);
              readableStreamError(stream, err);
              throw err;
            } finally {
              if (resourceBacking.autoClose) {
                core2.tryClose(resourceBacking.rid);
              }
            }
          }
          const chunks = [];
          let totalLength = 0;
          if (stream[_original]) {
            stream[_original][_controller][_readAll] = true;
          }
          const donePromise = new Deferred();
          let pumping = false;
          let syncChunk = false;
          const readRequest = {
            chunkSteps(chunk) {
              if (TypedArrayPrototypeGetSymbolToStringTag(chunk) !== "Uint8Array") {
                donePromise.reject(
                  new TypeError2(
                    "Cannot convert value to Uint8Array while consuming the stream"
                  )
                );
                return;
              }
              chunks.push(chunk);
              totalLength += chunk.byteLength;
              if (pumping) {
                syncChunk = true;
              } else {
                pump2();
              }
            },
            closeSteps() {
              donePromise.resolve(void 0);
            },
            errorSteps(e) {
              donePromise.reject(e);
            }
          };
          function pump2() {
            pumping = true;
            do {
              syncChunk = false;
              readableStreamDefaultReaderRead(reader, readRequest);
            } while (syncChunk);
            pumping = false;
          }
          pump2();
          await donePromise.promise;
          const finalBuffer = new Uint8Array2(totalLength);
          let offset = 0;
          for (let i = 0; i < chunks.length; ++i) {
            const chunk = chunks[i];
            finalBuffer.set(chunk, offset);
            offset += chunk.byteLength;
          }
          return finalBuffer;
        }
        function writableStreamForRid(rid, autoClose = true, cfn, options) {
          const stream = cfn ? cfn(_brand) : new WritableStream2(_brand);
          stream[_resourceBacking] = { rid, autoClose };
          let onClose = options?.onClose;
          const tryClose = () => {
            if (!autoClose) return;
            RESOURCE_REGISTRY.unregister(stream);
            core2.tryClose(rid);
            if (onClose !== void 0) {
              const callback = onClose;
              onClose = void 0;
              callback();
            }
          };
          if (autoClose) {
            RESOURCE_REGISTRY.register(
              stream,
              onClose === void 0 ? rid : { __proto__: null, rid, onClose },
              stream
            );
          }
          const bufferSize = options?.bufferSize ?? 0;
          let buffer = null;
          let bufferOffset = 0;
          async function flushBuffer() {
            if (bufferOffset > 0) {
              const toWrite = buffer.slice(0, bufferOffset);
              bufferOffset = 0;
              await core2.writeAll(rid, toWrite);
            }
          }
          const underlyingSink = {
            async write(chunk, controller) {
              try {
                const view = bufferSourceAsUint8Array(chunk);
                if (bufferSize > 0) {
                  const chunkLen = view.byteLength;
                  if (chunkLen >= bufferSize) {
                    await flushBuffer();
                    await core2.writeAll(rid, view);
                    return;
                  }
                  if (buffer === null) {
                    buffer = new Uint8Array2(bufferSize);
                  }
                  if (bufferOffset + chunkLen > bufferSize) {
                    await flushBuffer();
                  }
                  buffer.set(view, bufferOffset);
                  bufferOffset += chunkLen;
                } else {
                  await core2.writeAll(rid, view);
                }
              } catch (e) {
                controller.error(annotateResourceStreamError(e));
                tryClose();
                throw e;
              }
            },
            async close() {
              try {
                await flushBuffer();
              } catch {
              }
              tryClose();
            },
            abort() {
              bufferOffset = 0;
              tryClose();
            }
          };
          const highWaterMark = bufferSize > 0 ? bufferSize : 1;
          const sizeAlgorithm = bufferSize > 0 ? (chunk) => bufferSourceByteLength(chunk) : () => 1;
          initializeWritableStream(stream);
          setUpWritableStreamDefaultControllerFromUnderlyingSink(
            stream,
            underlyingSink,
            underlyingSink,
            highWaterMark,
            sizeAlgorithm
          );
          return stream;
        }
        function getWritableStreamResourceBacking(stream) {
          return stream[_resourceBacking];
        }
        function readableStreamThrowIfErrored(stream) {
          if (stream[_state] === "errored") {
            throw stream[_storedError];
          }
        }
        function getReadableStreamStoredError(stream) {
          return stream[_state] === "errored" ? stream[_storedError] : void 0;
        }
        function isWritableStream(value) {
          return !(typeof value !== "object" || value === null || !ReflectHas(value, _controller));
        }
        function isWritableStreamLocked(stream) {
          if (stream[_writer] === void 0) {
            return false;
          }
          return true;
        }
        function peekQueueValue(container) {
          assert(
            container[_queue] && typeof container[_queueTotalSize] === "number"
          );
          assert(container[_queue].size);
          return container[_queue].peek();
        }
        function readableByteStreamControllerCallPullIfNeeded(controller) {
          const shouldPull = readableByteStreamControllerShouldCallPull(controller);
          if (!shouldPull) {
            return;
          }
          if (controller[_pulling]) {
            controller[_pullAgain] = true;
            return;
          }
          assert(controller[_pullAgain] === false);
          controller[_pulling] = true;
          const pullPromise = controller[_pullAlgorithm](controller);
          if (pullPromise === void 0) {
            controller[_pulling] = false;
            if (controller[_pullAgain]) {
              controller[_pullAgain] = false;
              readableByteStreamControllerCallPullIfNeeded(controller);
            }
            return;
          }
          if (controller[_onPullFulfilled] === void 0) {
            controller[_onPullFulfilled] = () => {
              try {
                controller[_pulling] = false;
                if (controller[_pullAgain]) {
                  controller[_pullAgain] = false;
                  readableByteStreamControllerCallPullIfNeeded(controller);
                }
              } catch (e) {
                rethrowAssertionErrorRejection(e);
              }
            };
            controller[_onPullRejected] = (e) => {
              try {
                readableByteStreamControllerError2(controller, e);
              } catch (err) {
                rethrowAssertionErrorRejection(err);
              }
            };
          }
          pullPromise.then(
            controller[_onPullFulfilled],
            controller[_onPullRejected]
          );
        }
        function readableByteStreamControllerClearAlgorithms(controller) {
          controller[_pullAlgorithm] = void 0;
          controller[_cancelAlgorithm] = void 0;
          controller[_underlyingSource] = void 0;
          controller[_underlyingSourceDict] = void 0;
        }
        function readableByteStreamControllerError2(controller, e) {
          const stream = controller[_stream];
          if (stream[_state] !== "readable") {
            return;
          }
          readableByteStreamControllerClearPendingPullIntos(controller);
          resetQueue(controller);
          readableByteStreamControllerClearAlgorithms(controller);
          readableStreamError(stream, e);
        }
        function readableByteStreamControllerClearPendingPullIntos(controller) {
          readableByteStreamControllerInvalidateBYOBRequest(controller);
          controller[_pendingPullIntos] = new Queue();
        }
        function readableByteStreamControllerClose2(controller) {
          const stream = controller[_stream];
          if (controller[_closeRequested] || stream[_state] !== "readable") {
            return;
          }
          if (controller[_queueTotalSize] > 0) {
            controller[_closeRequested] = true;
            return;
          }
          if (controller[_pendingPullIntos].size !== 0) {
            const firstPendingPullInto = controller[_pendingPullIntos].peek();
            if (firstPendingPullInto.bytesFilled % firstPendingPullInto.elementSize !== 0) {
              const e = new TypeError2(
                "Insufficient bytes to fill elements in the given buffer"
              );
              readableByteStreamControllerError2(controller, e);
              throw e;
            }
          }
          readableByteStreamControllerClearAlgorithms(controller);
          readableStreamClose(stream);
        }
        function readableByteStreamControllerEnqueue2(controller, chunk) {
          const stream = controller[_stream];
          if (controller[_closeRequested] || stream[_state] !== "readable") {
            return;
          }
          let buffer, byteLength, byteOffset;
          if (isTypedArray(chunk)) {
            buffer = chunk.buffer;
            byteLength = chunk.byteLength;
            byteOffset = chunk.byteOffset;
          } else {
            buffer = chunk.buffer;
            byteLength = chunk.byteLength;
            byteOffset = chunk.byteOffset;
          }
          if (isDetachedBuffer(buffer)) {
            throw new TypeError2(
              "Chunk's buffer is detached and so cannot be enqueued"
            );
          }
          const transferredBuffer = buffer.transferToFixedLength();
          if (controller[_pendingPullIntos].size !== 0) {
            const firstPendingPullInto = controller[_pendingPullIntos].peek();
            if (isDetachedBuffer(firstPendingPullInto.buffer)) {
              throw new TypeError2(
                "The BYOB request's buffer has been detached and so cannot be filled with an enqueued chunk"
              );
            }
            readableByteStreamControllerInvalidateBYOBRequest(controller);
            firstPendingPullInto.buffer = firstPendingPullInto.buffer.transferToFixedLength();
            if (firstPendingPullInto.readerType === "none") {
              readableByteStreamControllerEnqueueDetachedPullIntoToQueue(
                controller,
                firstPendingPullInto
              );
            }
          }
          if (readableStreamHasDefaultReader(stream)) {
            readableByteStreamControllerProcessReadRequestsUsingQueue(controller);
            if (readableStreamGetNumReadRequests(stream) === 0) {
              assert(controller[_pendingPullIntos].size === 0);
              readableByteStreamControllerEnqueueChunkToQueue(
                controller,
                transferredBuffer,
                byteOffset,
                byteLength
              );
            } else {
              assert(controller[_queue].size === 0);
              if (controller[_pendingPullIntos].size !== 0) {
                assert(controller[_pendingPullIntos].peek().readerType === "default");
                readableByteStreamControllerShiftPendingPullInto(controller);
              }
              const transferredView = new Uint8Array2(
                transferredBuffer,
                byteOffset,
                byteLength
              );
              readableStreamFulfillReadRequest(stream, transferredView, false);
            }
          } else if (readableStreamHasBYOBReader(stream)) {
            readableByteStreamControllerEnqueueChunkToQueue(
              controller,
              transferredBuffer,
              byteOffset,
              byteLength
            );
            readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(
              controller
            );
          } else {
            assert(isReadableStreamLocked3(stream) === false);
            readableByteStreamControllerEnqueueChunkToQueue(
              controller,
              transferredBuffer,
              byteOffset,
              byteLength
            );
          }
          readableByteStreamControllerCallPullIfNeeded(controller);
        }
        function readableByteStreamControllerEnqueueChunkToQueue(controller, buffer, byteOffset, byteLength) {
          controller[_queue].enqueue({ buffer, byteOffset, byteLength });
          controller[_queueTotalSize] += byteLength;
        }
        function readableByteStreamControllerEnqueueClonedChunkToQueue(controller, buffer, byteOffset, byteLength) {
          let cloneResult;
          try {
            if (isArrayBuffer(buffer)) {
              cloneResult = buffer.slice(
                byteOffset,
                byteOffset + byteLength
              );
            } else {
              cloneResult = buffer.slice(byteOffset, byteOffset + byteLength);
            }
          } catch (e) {
            readableByteStreamControllerError2(controller, e);
          }
          readableByteStreamControllerEnqueueChunkToQueue(
            controller,
            cloneResult,
            0,
            byteLength
          );
        }
        function readableByteStreamControllerEnqueueDetachedPullIntoToQueue(controller, pullIntoDescriptor) {
          assert(pullIntoDescriptor.readerType === "none");
          if (pullIntoDescriptor.bytesFilled > 0) {
            readableByteStreamControllerEnqueueClonedChunkToQueue(
              controller,
              // deno-lint-ignore deno-internal/prefer-primordials
              pullIntoDescriptor.buffer,
              // deno-lint-ignore deno-internal/prefer-primordials
              pullIntoDescriptor.byteOffset,
              pullIntoDescriptor.bytesFilled
            );
          }
          readableByteStreamControllerShiftPendingPullInto(controller);
        }
        function readableByteStreamControllerGetBYOBRequest(controller) {
          if (controller[_byobRequest] === null && controller[_pendingPullIntos].size !== 0) {
            const firstDescriptor = controller[_pendingPullIntos].peek();
            const view = new Uint8Array2(
              // deno-lint-ignore deno-internal/prefer-primordials
              firstDescriptor.buffer,
              // deno-lint-ignore deno-internal/prefer-primordials
              firstDescriptor.byteOffset + firstDescriptor.bytesFilled,
              // deno-lint-ignore deno-internal/prefer-primordials
              firstDescriptor.byteLength - firstDescriptor.bytesFilled
            );
            const byobRequest = new ReadableStreamBYOBRequest(_brand);
            byobRequest[_controller] = controller;
            byobRequest[_view] = view;
            controller[_byobRequest] = byobRequest;
          }
          return controller[_byobRequest];
        }
        function readableByteStreamControllerGetDesiredSize(controller) {
          const state = controller[_stream][_state];
          if (state === "errored") {
            return null;
          }
          if (state === "closed") {
            return 0;
          }
          return controller[_strategyHWM] - controller[_queueTotalSize];
        }
        function resetQueue(container) {
          container[_queue] = new Queue();
          container[_queueTotalSize] = 0;
        }
        function readableByteStreamControllerHandleQueueDrain(controller) {
          assert(controller[_stream][_state] === "readable");
          if (controller[_queueTotalSize] === 0 && controller[_closeRequested]) {
            readableByteStreamControllerClearAlgorithms(controller);
            readableStreamClose(controller[_stream]);
          } else {
            readableByteStreamControllerCallPullIfNeeded(controller);
          }
        }
        function readableByteStreamControllerShouldCallPull(controller) {
          const stream = controller[_stream];
          if (stream[_state] !== "readable" || controller[_closeRequested] || !controller[_started]) {
            return false;
          }
          if (readableStreamHasDefaultReader(stream) && readableStreamGetNumReadRequests(stream) > 0) {
            return true;
          }
          if (readableStreamHasBYOBReader(stream) && readableStreamGetNumReadIntoRequests(stream) > 0) {
            return true;
          }
          const desiredSize = readableByteStreamControllerGetDesiredSize(controller);
          assert(desiredSize !== null);
          return desiredSize > 0;
        }
        function readableStreamAddReadRequest(stream, readRequest) {
          assert(isReadableStreamDefaultReader(stream[_reader]));
          assert(stream[_state] === "readable");
          stream[_reader][_readRequests].enqueue(readRequest);
        }
        function readableStreamAddReadIntoRequest(stream, readRequest) {
          assert(isReadableStreamBYOBReader(stream[_reader]));
          assert(stream[_state] === "readable" || stream[_state] === "closed");
          stream[_reader][_readIntoRequests].enqueue(readRequest);
        }
        function readableStreamCancel(stream, reason) {
          stream[_disturbed] = true;
          const state = stream[_state];
          if (state === "closed") {
            return PromiseResolve(void 0);
          }
          if (state === "errored") {
            return PromiseReject(stream[_storedError]);
          }
          readableStreamClose(stream);
          const reader = stream[_reader];
          if (reader !== void 0 && isReadableStreamBYOBReader(reader)) {
            const readIntoRequests = reader[_readIntoRequests];
            reader[_readIntoRequests] = new Queue();
            while (readIntoRequests.size !== 0) {
              readIntoRequests.dequeue().closeSteps(void 0);
            }
          }
          const sourceCancelPromise = stream[_controller][_cancelSteps](reason);
          return sourceCancelPromise.then(noop);
        }
        function readableStreamClose(stream) {
          assert(stream[_state] === "readable");
          stream[_state] = "closed";
          stream[_isClosedPromise].resolve(void 0);
          const reader = stream[_reader];
          if (!reader) {
            return;
          }
          if (isReadableStreamDefaultReader(reader)) {
            const readRequests = reader[_readRequests];
            while (readRequests.size !== 0) {
              const readRequest = readRequests.dequeue();
              readRequest.closeSteps();
            }
          }
          reader[_closedPromise].resolve(void 0);
        }
        function readableStreamDisturb2(stream) {
          stream[_disturbed] = true;
        }
        function readableStreamDefaultControllerCallPullIfNeeded(controller) {
          const shouldPull = readableStreamDefaultcontrollerShouldCallPull(
            controller
          );
          if (shouldPull === false) {
            return;
          }
          if (controller[_pulling] === true) {
            controller[_pullAgain] = true;
            return;
          }
          assert(controller[_pullAgain] === false);
          controller[_pulling] = true;
          const pullPromise = controller[_pullAlgorithm](controller);
          if (pullPromise === void 0) {
            controller[_pulling] = false;
            if (controller[_pullAgain] === true) {
              controller[_pullAgain] = false;
              readableStreamDefaultControllerCallPullIfNeeded(controller);
            }
            return;
          }
          if (controller[_onPullFulfilled] === void 0) {
            controller[_onPullFulfilled] = () => {
              try {
                controller[_pulling] = false;
                if (controller[_pullAgain] === true) {
                  controller[_pullAgain] = false;
                  readableStreamDefaultControllerCallPullIfNeeded(controller);
                }
              } catch (e) {
                rethrowAssertionErrorRejection(e);
              }
            };
            controller[_onPullRejected] = (e) => {
              try {
                readableStreamDefaultControllerError(controller, e);
              } catch (err) {
                rethrowAssertionErrorRejection(err);
              }
            };
          }
          pullPromise.then(
            controller[_onPullFulfilled],
            controller[_onPullRejected]
          );
        }
        function readableStreamDefaultControllerCanCloseOrEnqueue(controller) {
          const state = controller[_stream][_state];
          return controller[_closeRequested] === false && state === "readable";
        }
        function readableStreamDefaultControllerClearAlgorithms(controller) {
          controller[_pullAlgorithm] = void 0;
          controller[_cancelAlgorithm] = void 0;
          controller[_strategySizeAlgorithm] = void 0;
          controller[_underlyingSource] = void 0;
          controller[_underlyingSourceDict] = void 0;
        }
        function readableStreamDefaultControllerClose(controller) {
          if (readableStreamDefaultControllerCanCloseOrEnqueue(controller) === false) {
            return;
          }
          const stream = controller[_stream];
          controller[_closeRequested] = true;
          if (controller[_queue].size === 0) {
            readableStreamDefaultControllerClearAlgorithms(controller);
            readableStreamClose(stream);
          }
        }
        function readableStreamDefaultControllerEnqueue(controller, chunk) {
          if (readableStreamDefaultControllerCanCloseOrEnqueue(controller) === false) {
            return;
          }
          const stream = controller[_stream];
          if (isReadableStreamLocked3(stream) === true && readableStreamGetNumReadRequests(stream) > 0) {
            readableStreamFulfillReadRequest(stream, chunk, false);
          } else {
            let chunkSize;
            if (controller[_strategySizeAlgorithm] === defaultSizeAlgorithm) {
              chunkSize = 1;
            } else {
              try {
                chunkSize = controller[_strategySizeAlgorithm](chunk);
              } catch (e) {
                readableStreamDefaultControllerError(controller, e);
                throw e;
              }
            }
            try {
              enqueueValueWithSize(controller, chunk, chunkSize);
            } catch (e) {
              readableStreamDefaultControllerError(controller, e);
              throw e;
            }
          }
          readableStreamDefaultControllerCallPullIfNeeded(controller);
        }
        function readableStreamDefaultControllerError(controller, e) {
          const stream = controller[_stream];
          if (stream[_state] !== "readable") {
            return;
          }
          resetQueue(controller);
          readableStreamDefaultControllerClearAlgorithms(controller);
          readableStreamError(stream, e);
        }
        function readableStreamDefaultControllerGetDesiredSize(controller) {
          const state = controller[_stream][_state];
          if (state === "errored") {
            return null;
          }
          if (state === "closed") {
            return 0;
          }
          return controller[_strategyHWM] - controller[_queueTotalSize];
        }
        function readableStreamDefaultcontrollerHasBackpressure(controller) {
          if (readableStreamDefaultcontrollerShouldCallPull(controller) === true) {
            return false;
          } else {
            return true;
          }
        }
        function readableStreamDefaultcontrollerShouldCallPull(controller) {
          if (readableStreamDefaultControllerCanCloseOrEnqueue(controller) === false) {
            return false;
          }
          if (controller[_started] === false) {
            return false;
          }
          const stream = controller[_stream];
          if (isReadableStreamLocked3(stream) && readableStreamGetNumReadRequests(stream) > 0) {
            return true;
          }
          const desiredSize = readableStreamDefaultControllerGetDesiredSize(
            controller
          );
          if (desiredSize > 0) {
            return true;
          }
          assert(desiredSize !== null);
          return false;
        }
        function readableStreamBYOBReaderRead(reader, view, min, readIntoRequest) {
          const stream = reader[_stream];
          assert(stream);
          stream[_disturbed] = true;
          if (stream[_state] === "errored") {
            readIntoRequest.errorSteps(stream[_storedError]);
          } else {
            readableByteStreamControllerPullInto(
              stream[_controller],
              view,
              min,
              readIntoRequest
            );
          }
        }
        function readableStreamBYOBReaderRelease(reader) {
          readableStreamReaderGenericRelease(reader);
          const e = new TypeError2("The reader was released.");
          readableStreamBYOBReaderErrorReadIntoRequests(reader, e);
        }
        function readableStreamDefaultReaderErrorReadRequests(reader, e) {
          const readRequests = reader[_readRequests];
          while (readRequests.size !== 0) {
            const readRequest = readRequests.dequeue();
            readRequest.errorSteps(e);
          }
        }
        function readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(controller) {
          assert(!controller[_closeRequested]);
          while (controller[_pendingPullIntos].size !== 0) {
            if (controller[_queueTotalSize] === 0) {
              return;
            }
            const pullIntoDescriptor = controller[_pendingPullIntos].peek();
            if (readableByteStreamControllerFillPullIntoDescriptorFromQueue(
              controller,
              pullIntoDescriptor
            )) {
              readableByteStreamControllerShiftPendingPullInto(controller);
              readableByteStreamControllerCommitPullIntoDescriptor(
                controller[_stream],
                pullIntoDescriptor
              );
            }
          }
        }
        function readableByteStreamControllerProcessReadRequestsUsingQueue(controller) {
          const reader = controller[_stream][_reader];
          assert(isReadableStreamDefaultReader(reader));
          while (reader[_readRequests].size !== 0) {
            if (controller[_queueTotalSize] === 0) {
              return;
            }
            const readRequest = reader[_readRequests].dequeue();
            readableByteStreamControllerFillReadRequestFromQueue(
              controller,
              readRequest
            );
          }
        }
        function readableByteStreamControllerPullInto(controller, view, min, readIntoRequest) {
          const stream = controller[_stream];
          let ctor;
          let elementSize;
          let buffer;
          let byteLength;
          let byteOffset;
          const tag = TypedArrayPrototypeGetSymbolToStringTag(view);
          if (tag === void 0) {
            ctor = DataView2;
            elementSize = 1;
            buffer = view.buffer;
            byteLength = view.byteLength;
            byteOffset = view.byteOffset;
          } else {
            switch (tag) {
              case "Int8Array":
                ctor = Int8Array2;
                break;
              case "Uint8Array":
                ctor = Uint8Array2;
                break;
              case "Uint8ClampedArray":
                ctor = Uint8ClampedArray2;
                break;
              case "Int16Array":
                ctor = Int16Array2;
                break;
              case "Uint16Array":
                ctor = Uint16Array2;
                break;
              case "Int32Array":
                ctor = Int32Array2;
                break;
              case "Uint32Array":
                ctor = Uint32Array2;
                break;
              case "Float16Array":
                ctor = Float16Array;
                break;
              case "Float32Array":
                ctor = Float32Array2;
                break;
              case "Float64Array":
                ctor = Float64Array2;
                break;
              case "BigInt64Array":
                ctor = BigInt64Array2;
                break;
              case "BigUint64Array":
                ctor = BigUint64Array2;
                break;
              default:
                throw new TypeError2("unreachable");
            }
            elementSize = ctor.BYTES_PER_ELEMENT;
            buffer = view.buffer;
            byteLength = view.byteLength;
            byteOffset = view.byteOffset;
          }
          const minimumFill = min * elementSize;
          assert(minimumFill >= 0 && minimumFill <= byteLength);
          assert(minimumFill % elementSize === 0);
          try {
            buffer = buffer.transferToFixedLength();
          } catch (e) {
            readIntoRequest.errorSteps(e);
            return;
          }
          const pullIntoDescriptor = {
            buffer,
            bufferByteLength: getArrayBufferByteLength(buffer),
            byteOffset,
            byteLength,
            bytesFilled: 0,
            minimumFill,
            elementSize,
            viewConstructor: ctor,
            readerType: "byob"
          };
          if (controller[_pendingPullIntos].size !== 0) {
            controller[_pendingPullIntos].enqueue(pullIntoDescriptor);
            readableStreamAddReadIntoRequest(stream, readIntoRequest);
            return;
          }
          if (stream[_state] === "closed") {
            const emptyView = new ctor(
              // deno-lint-ignore deno-internal/prefer-primordials
              pullIntoDescriptor.buffer,
              // deno-lint-ignore deno-internal/prefer-primordials
              pullIntoDescriptor.byteOffset,
              0
            );
            readIntoRequest.closeSteps(emptyView);
            return;
          }
          if (controller[_queueTotalSize] > 0) {
            if (readableByteStreamControllerFillPullIntoDescriptorFromQueue(
              controller,
              pullIntoDescriptor
            )) {
              const filledView = readableByteStreamControllerConvertPullIntoDescriptor(
                pullIntoDescriptor
              );
              readableByteStreamControllerHandleQueueDrain(controller);
              readIntoRequest.chunkSteps(filledView);
              return;
            }
            if (controller[_closeRequested]) {
              const e = new TypeError2(
                "Insufficient bytes to fill elements in the given buffer"
              );
              readableByteStreamControllerError2(controller, e);
              readIntoRequest.errorSteps(e);
              return;
            }
          }
          controller[_pendingPullIntos].enqueue(pullIntoDescriptor);
          readableStreamAddReadIntoRequest(stream, readIntoRequest);
          readableByteStreamControllerCallPullIfNeeded(controller);
        }
        function readableByteStreamControllerRespond(controller, bytesWritten) {
          assert(controller[_pendingPullIntos].size !== 0);
          const firstDescriptor = controller[_pendingPullIntos].peek();
          const state = controller[_stream][_state];
          if (state === "closed") {
            if (bytesWritten !== 0) {
              throw new TypeError2(
                `"bytesWritten" must be 0 when calling respond() on a closed stream: received ${bytesWritten}`
              );
            }
          } else {
            assert(state === "readable");
            if (bytesWritten === 0) {
              throw new TypeError2(
                '"bytesWritten" must be greater than 0 when calling respond() on a readable stream'
              );
            }
            if (firstDescriptor.bytesFilled + bytesWritten > // deno-lint-ignore deno-internal/prefer-primordials
            firstDescriptor.byteLength) {
              throw new RangeError2('"bytesWritten" out of range');
            }
          }
          firstDescriptor.buffer = firstDescriptor.buffer.transferToFixedLength();
          readableByteStreamControllerRespondInternal(controller, bytesWritten);
        }
        function readableByteStreamControllerRespondInReadableState(controller, bytesWritten, pullIntoDescriptor) {
          assert(
            pullIntoDescriptor.bytesFilled + bytesWritten <= // deno-lint-ignore deno-internal/prefer-primordials
            pullIntoDescriptor.byteLength
          );
          readableByteStreamControllerFillHeadPullIntoDescriptor(
            controller,
            bytesWritten,
            pullIntoDescriptor
          );
          if (pullIntoDescriptor.readerType === "none") {
            readableByteStreamControllerEnqueueDetachedPullIntoToQueue(
              controller,
              pullIntoDescriptor
            );
            readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(
              controller
            );
            return;
          }
          if (pullIntoDescriptor.bytesFilled < pullIntoDescriptor.minimumFill) {
            return;
          }
          readableByteStreamControllerShiftPendingPullInto(controller);
          const remainderSize = pullIntoDescriptor.bytesFilled % pullIntoDescriptor.elementSize;
          if (remainderSize > 0) {
            const end = pullIntoDescriptor.byteOffset + pullIntoDescriptor.bytesFilled;
            readableByteStreamControllerEnqueueClonedChunkToQueue(
              controller,
              // deno-lint-ignore deno-internal/prefer-primordials
              pullIntoDescriptor.buffer,
              end - remainderSize,
              remainderSize
            );
          }
          pullIntoDescriptor.bytesFilled -= remainderSize;
          readableByteStreamControllerCommitPullIntoDescriptor(
            controller[_stream],
            pullIntoDescriptor
          );
          readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(
            controller
          );
        }
        function readableByteStreamControllerRespondInternal(controller, bytesWritten) {
          const firstDescriptor = controller[_pendingPullIntos].peek();
          assert(canTransferArrayBuffer(firstDescriptor.buffer));
          readableByteStreamControllerInvalidateBYOBRequest(controller);
          const state = controller[_stream][_state];
          if (state === "closed") {
            assert(bytesWritten === 0);
            readableByteStreamControllerRespondInClosedState(
              controller,
              firstDescriptor
            );
          } else {
            assert(state === "readable");
            assert(bytesWritten > 0);
            readableByteStreamControllerRespondInReadableState(
              controller,
              bytesWritten,
              firstDescriptor
            );
          }
          readableByteStreamControllerCallPullIfNeeded(controller);
        }
        function readableByteStreamControllerInvalidateBYOBRequest(controller) {
          if (controller[_byobRequest] === null) {
            return;
          }
          controller[_byobRequest][_controller] = void 0;
          controller[_byobRequest][_view] = null;
          controller[_byobRequest] = null;
        }
        function readableByteStreamControllerRespondInClosedState(controller, firstDescriptor) {
          assert(firstDescriptor.bytesFilled % firstDescriptor.elementSize === 0);
          if (firstDescriptor.readerType === "none") {
            readableByteStreamControllerShiftPendingPullInto(controller);
          }
          const stream = controller[_stream];
          if (readableStreamHasBYOBReader(stream)) {
            while (readableStreamGetNumReadIntoRequests(stream) > 0) {
              const pullIntoDescriptor = readableByteStreamControllerShiftPendingPullInto(controller);
              readableByteStreamControllerCommitPullIntoDescriptor(
                stream,
                pullIntoDescriptor
              );
            }
          }
        }
        function readableByteStreamControllerCommitPullIntoDescriptor(stream, pullIntoDescriptor) {
          assert(stream[_state] !== "errored");
          assert(pullIntoDescriptor.readerType !== "none");
          let done2 = false;
          if (stream[_state] === "closed") {
            assert(
              pullIntoDescriptor.bytesFilled % pullIntoDescriptor.elementSize === 0
            );
            done2 = true;
          }
          const filledView = readableByteStreamControllerConvertPullIntoDescriptor(
            pullIntoDescriptor
          );
          if (pullIntoDescriptor.readerType === "default") {
            readableStreamFulfillReadRequest(stream, filledView, done2);
          } else {
            assert(pullIntoDescriptor.readerType === "byob");
            readableStreamFulfillReadIntoRequest(stream, filledView, done2);
          }
        }
        function readableByteStreamControllerRespondWithNewView(controller, view) {
          assert(controller[_pendingPullIntos].size !== 0);
          let buffer, byteLength, byteOffset;
          if (isTypedArray(view)) {
            buffer = view.buffer;
            byteLength = view.byteLength;
            byteOffset = view.byteOffset;
          } else {
            buffer = view.buffer;
            byteLength = view.byteLength;
            byteOffset = view.byteOffset;
          }
          assert(!isDetachedBuffer(buffer));
          const firstDescriptor = controller[_pendingPullIntos].peek();
          const state = controller[_stream][_state];
          if (state === "closed") {
            if (byteLength !== 0) {
              throw new TypeError2(
                `The view's length must be 0 when calling respondWithNewView() on a closed stream: received ${byteLength}`
              );
            }
          } else {
            assert(state === "readable");
            if (byteLength === 0) {
              throw new TypeError2(
                "The view's length must be greater than 0 when calling respondWithNewView() on a readable stream"
              );
            }
          }
          if (firstDescriptor.byteOffset + firstDescriptor.bytesFilled !== byteOffset) {
            throw new RangeError2(
              "The region specified by view does not match byobRequest"
            );
          }
          if (firstDescriptor.bufferByteLength !== getArrayBufferByteLength(buffer)) {
            throw new RangeError2(
              "The buffer of view has different capacity than byobRequest"
            );
          }
          if (firstDescriptor.bytesFilled + byteLength > firstDescriptor.byteLength) {
            throw new RangeError2(
              "The region specified by view is larger than byobRequest"
            );
          }
          firstDescriptor.buffer = buffer.transferToFixedLength();
          readableByteStreamControllerRespondInternal(controller, byteLength);
        }
        function readableByteStreamControllerShiftPendingPullInto(controller) {
          assert(controller[_byobRequest] === null);
          return controller[_pendingPullIntos].dequeue();
        }
        function readableByteStreamControllerFillPullIntoDescriptorFromQueue(controller, pullIntoDescriptor) {
          const maxBytesToCopy = MathMin(
            controller[_queueTotalSize],
            // deno-lint-ignore deno-internal/prefer-primordials
            pullIntoDescriptor.byteLength - pullIntoDescriptor.bytesFilled
          );
          const maxBytesFilled = pullIntoDescriptor.bytesFilled + maxBytesToCopy;
          let totalBytesToCopyRemaining = maxBytesToCopy;
          let ready = false;
          assert(pullIntoDescriptor.bytesFilled < pullIntoDescriptor.minimumFill);
          const maxAlignedBytes = maxBytesFilled - maxBytesFilled % pullIntoDescriptor.elementSize;
          if (maxAlignedBytes >= pullIntoDescriptor.minimumFill) {
            totalBytesToCopyRemaining = maxAlignedBytes - pullIntoDescriptor.bytesFilled;
            ready = true;
          }
          const queue = controller[_queue];
          while (totalBytesToCopyRemaining > 0) {
            const headOfQueue = queue.peek();
            const bytesToCopy = MathMin(
              totalBytesToCopyRemaining,
              // deno-lint-ignore deno-internal/prefer-primordials
              headOfQueue.byteLength
            );
            const destStart = pullIntoDescriptor.byteOffset + pullIntoDescriptor.bytesFilled;
            const destBuffer = new Uint8Array2(
              // deno-lint-ignore deno-internal/prefer-primordials
              pullIntoDescriptor.buffer,
              destStart,
              bytesToCopy
            );
            const srcBuffer = new Uint8Array2(
              // deno-lint-ignore deno-internal/prefer-primordials
              headOfQueue.buffer,
              // deno-lint-ignore deno-internal/prefer-primordials
              headOfQueue.byteOffset,
              bytesToCopy
            );
            destBuffer.set(srcBuffer);
            if (headOfQueue.byteLength === bytesToCopy) {
              queue.dequeue();
            } else {
              headOfQueue.byteOffset += bytesToCopy;
              headOfQueue.byteLength -= bytesToCopy;
            }
            controller[_queueTotalSize] -= bytesToCopy;
            readableByteStreamControllerFillHeadPullIntoDescriptor(
              controller,
              bytesToCopy,
              pullIntoDescriptor
            );
            totalBytesToCopyRemaining -= bytesToCopy;
          }
          if (!ready) {
            assert(controller[_queueTotalSize] === 0);
            assert(pullIntoDescriptor.bytesFilled > 0);
            assert(pullIntoDescriptor.bytesFilled < pullIntoDescriptor.minimumFill);
          }
          return ready;
        }
        function readableByteStreamControllerFillReadRequestFromQueue(controller, readRequest) {
          assert(controller[_queueTotalSize] > 0);
          const entry = controller[_queue].dequeue();
          controller[_queueTotalSize] -= entry.byteLength;
          readableByteStreamControllerHandleQueueDrain(controller);
          const view = new Uint8Array2(
            // deno-lint-ignore deno-internal/prefer-primordials
            entry.buffer,
            // deno-lint-ignore deno-internal/prefer-primordials
            entry.byteOffset,
            // deno-lint-ignore deno-internal/prefer-primordials
            entry.byteLength
          );
          readRequest.chunkSteps(view);
        }
        function readableByteStreamControllerFillHeadPullIntoDescriptor(controller, size, pullIntoDescriptor) {
          assert(
            controller[_pendingPullIntos].size === 0 || controller[_pendingPullIntos].peek() === pullIntoDescriptor
          );
          assert(controller[_byobRequest] === null);
          pullIntoDescriptor.bytesFilled += size;
        }
        function readableByteStreamControllerConvertPullIntoDescriptor(pullIntoDescriptor) {
          const bytesFilled = pullIntoDescriptor.bytesFilled;
          const elementSize = pullIntoDescriptor.elementSize;
          assert(bytesFilled <= pullIntoDescriptor.byteLength);
          assert(bytesFilled % elementSize === 0);
          const buffer = pullIntoDescriptor.buffer.transferToFixedLength();
          return new pullIntoDescriptor.viewConstructor(
            buffer,
            // deno-lint-ignore deno-internal/prefer-primordials
            pullIntoDescriptor.byteOffset,
            bytesFilled / elementSize
          );
        }
        function readableStreamDefaultReaderRead(reader, readRequest) {
          const stream = reader[_stream];
          assert(stream);
          stream[_disturbed] = true;
          const state = stream[_state];
          if (state === "closed") {
            readRequest.closeSteps();
          } else if (state === "errored") {
            readRequest.errorSteps(stream[_storedError]);
          } else {
            assert(state === "readable");
            stream[_controller][_pullSteps](readRequest);
          }
        }
        function readableStreamDefaultReaderRelease(reader) {
          readableStreamReaderGenericRelease(reader);
          const e = new TypeError2("The reader was released.");
          readableStreamDefaultReaderErrorReadRequests(reader, e);
        }
        function readableStreamError(stream, e) {
          assert(stream[_state] === "readable");
          stream[_state] = "errored";
          stream[_storedError] = e;
          stream[_isClosedPromise].reject(e);
          setPromiseIsHandledToTrue(stream[_isClosedPromise].promise);
          const reader = stream[_reader];
          if (reader === void 0) {
            return;
          }
          const closedPromise = reader[_closedPromise];
          closedPromise.reject(e);
          setPromiseIsHandledToTrue(closedPromise.promise);
          if (isReadableStreamDefaultReader(reader)) {
            readableStreamDefaultReaderErrorReadRequests(reader, e);
          } else {
            assert(isReadableStreamBYOBReader(reader));
            readableStreamBYOBReaderErrorReadIntoRequests(reader, e);
          }
        }
        function readableStreamFulfillReadIntoRequest(stream, chunk, done2) {
          assert(readableStreamHasBYOBReader(stream));
          const reader = stream[_reader];
          assert(reader[_readIntoRequests].size !== 0);
          const readIntoRequest = reader[_readIntoRequests].dequeue();
          if (done2) {
            readIntoRequest.closeSteps(chunk);
          } else {
            readIntoRequest.chunkSteps(chunk);
          }
        }
        function readableStreamFulfillReadRequest(stream, chunk, done2) {
          assert(readableStreamHasDefaultReader(stream) === true);
          const reader = stream[_reader];
          assert(reader[_readRequests].size);
          const readRequest = reader[_readRequests].dequeue();
          if (done2) {
            readRequest.closeSteps();
          } else {
            readRequest.chunkSteps(chunk);
          }
        }
        function readableStreamGetNumReadIntoRequests(stream) {
          assert(readableStreamHasBYOBReader(stream) === true);
          return stream[_reader][_readIntoRequests].size;
        }
        function readableStreamGetNumReadRequests(stream) {
          assert(readableStreamHasDefaultReader(stream) === true);
          return stream[_reader][_readRequests].size;
        }
        function readableStreamHasBYOBReader(stream) {
          const reader = stream[_reader];
          if (reader === void 0) {
            return false;
          }
          if (isReadableStreamBYOBReader(reader)) {
            return true;
          }
          return false;
        }
        function readableStreamHasDefaultReader(stream) {
          const reader = stream[_reader];
          if (reader === void 0) {
            return false;
          }
          if (isReadableStreamDefaultReader(reader)) {
            return true;
          }
          return false;
        }
        async function fastPipeTo(source, dest, srcBacking, dstBacking, preventClose, preventAbort, preventCancel, signal) {
          const reader = acquireReadableStreamDefaultReader(source);
          const writer = acquireWritableStreamDefaultWriter(dest);
          source[_disturbed] = true;
          let cancelRid;
          let abortHandler;
          if (signal !== void 0) {
            cancelRid = core2.createCancelHandle();
            abortHandler = () => core2.tryClose(cancelRid);
            signal[add2](abortHandler);
          }
          try {
            await op_pipe(srcBacking.rid, dstBacking.rid, cancelRid);
          } catch (e) {
            const error2 = signal !== void 0 && signal.aborted ? signal.reason : annotateResourceStreamError(e);
            if (preventAbort === false) {
              try {
                await writableStreamDefaultWriterAbort(writer, error2);
              } catch {
              }
            }
            if (preventCancel === false) {
              try {
                await readableStreamCancel(source, error2);
              } catch {
              }
            }
            writableStreamDefaultWriterRelease(writer);
            readableStreamDefaultReaderRelease(reader);
            throw error2;
          } finally {
            if (signal !== void 0) {
              signal[remove3](abortHandler);
              core2.tryClose(cancelRid);
            }
          }
          let closeError;
          if (preventClose === false) {
            try {
              await writableStreamDefaultWriterClose(writer);
            } catch (e) {
              closeError = e;
            }
          }
          writableStreamDefaultWriterRelease(writer);
          await readableStreamCancel(source, void 0);
          readableStreamDefaultReaderRelease(reader);
          if (closeError !== void 0) {
            throw closeError;
          }
        }
        function readableStreamPipeTo(source, dest, preventClose, preventAbort, preventCancel, signal) {
          assert(isReadableStream(source));
          assert(isWritableStream(dest));
          assert(
            typeof preventClose === "boolean" && typeof preventAbort === "boolean" && typeof preventCancel === "boolean"
          );
          assert(
            signal === void 0 || AbortSignalPrototype.isPrototypeOf(signal)
          );
          assert(!isReadableStreamLocked3(source));
          assert(!isWritableStreamLocked(dest));
          const srcBacking = getReadableStreamResourceBacking(source);
          const dstBacking = getWritableStreamResourceBacking(dest);
          if (srcBacking && dstBacking && (signal === void 0 || !signal.aborted) && source[_state] === "readable" && dest[_state] === "writable") {
            return fastPipeTo(
              source,
              dest,
              srcBacking,
              dstBacking,
              preventClose,
              preventAbort,
              preventCancel,
              signal
            );
          }
          const reader = acquireReadableStreamDefaultReader(source);
          const writer = acquireWritableStreamDefaultWriter(dest);
          source[_disturbed] = true;
          let shuttingDown = false;
          let currentWrite = PromiseResolve(void 0);
          const bypassTS = dest[_identityBypassTS];
          let bypassActive = bypassTS !== void 0 && dest[_state] === "writable" && bypassTS[_readable][_state] === "readable";
          const promise = new Deferred();
          let abortAlgorithm;
          if (signal) {
            abortAlgorithm = () => {
              const error2 = signal.reason;
              const actions = [];
              if (preventAbort === false) {
                actions.push(() => {
                  if (dest[_state] === "writable") {
                    return writableStreamAbort(dest, error2);
                  } else {
                    return PromiseResolve(void 0);
                  }
                });
              }
              if (preventCancel === false) {
                actions.push(() => {
                  if (source[_state] === "readable") {
                    return readableStreamCancel(source, error2);
                  } else {
                    return PromiseResolve(void 0);
                  }
                });
              }
              shutdownWithAction(
                () => SafePromiseAll(actions.map((action) => action())),
                true,
                error2
              );
            };
            if (signal.aborted) {
              abortAlgorithm();
              return promise.promise;
            }
            signal[add2](abortAlgorithm);
          }
          const noopHandler = () => {
          };
          let pumping = false;
          let syncAdvance = false;
          function writeChunk(chunk) {
            if (bypassActive) {
              try {
                transformStreamDefaultControllerEnqueue(bypassTS[_controller], chunk);
                return;
              } catch {
                bypassActive = false;
              }
            }
            currentWrite = writableStreamDefaultWriterWrite(writer, chunk);
            setPromiseIsHandledToTrue(currentWrite);
          }
          const readRequest = {
            chunkSteps(chunk) {
              writeChunk(chunk);
              if (pumping) {
                syncAdvance = true;
              } else {
                pump2();
              }
            },
            // Source close/error is finalized by the isOrBecomes{Closed,Errored}
            // handlers installed below; the pump simply stops re-arming.
            closeSteps: noopHandler,
            errorSteps: noopHandler
          };
          function pump2() {
            pumping = true;
            do {
              syncAdvance = false;
              if (shuttingDown === true) {
                break;
              }
              if (bypassActive) {
                const readableController = bypassTS[_readable][_controller];
                if (dest[_state] === "writable" && writableStreamCloseQueuedOrInFlight(dest) === false && readableStreamDefaultControllerCanCloseOrEnqueue(readableController)) {
                  if (bypassTS[_backpressure] === true) {
                    uponPromise(
                      bypassTS[_backpressureChangePromise].promise,
                      pump2,
                      noopHandler
                    );
                    break;
                  }
                } else {
                  bypassActive = false;
                }
              }
              if (bypassActive === false && dest[_backpressure] === true) {
                uponPromise(writer[_readyPromise].promise, pump2, noopHandler);
                break;
              }
              readableStreamDefaultReaderRead(reader, readRequest);
            } while (syncAdvance);
            pumping = false;
          }
          isOrBecomesErrored(
            source,
            reader[_closedPromise].promise,
            (storedError) => {
              if (preventAbort === false) {
                shutdownWithAction(
                  () => writableStreamAbort(dest, storedError),
                  true,
                  storedError
                );
              } else {
                shutdown(true, storedError);
              }
            }
          );
          isOrBecomesErrored(dest, writer[_closedPromise].promise, (storedError) => {
            if (preventCancel === false) {
              shutdownWithAction(
                () => readableStreamCancel(source, storedError),
                true,
                storedError
              );
            } else {
              shutdown(true, storedError);
            }
          });
          isOrBecomesClosed(source, reader[_closedPromise].promise, () => {
            if (preventClose === false) {
              shutdownWithAction(
                () => writableStreamDefaultWriterCloseWithErrorPropagation(writer)
              );
            } else {
              shutdown();
            }
          });
          if (writableStreamCloseQueuedOrInFlight(dest) === true || dest[_state] === "closed") {
            const destClosed = new TypeError2(
              "The destination writable stream closed before all the data could be piped to it."
            );
            if (preventCancel === false) {
              shutdownWithAction(
                () => readableStreamCancel(source, destClosed),
                true,
                destClosed
              );
            } else {
              shutdown(true, destClosed);
            }
          }
          pump2();
          return promise.promise;
          function waitForWritesToFinish() {
            const oldCurrentWrite = currentWrite;
            const onSettled = () => oldCurrentWrite !== currentWrite ? waitForWritesToFinish() : void 0;
            return transformPromiseWith(currentWrite, onSettled, onSettled);
          }
          function isOrBecomesErrored(stream, promise2, action) {
            if (stream[_state] === "errored") {
              action(stream[_storedError]);
            } else {
              uponRejection(promise2, action);
            }
          }
          function isOrBecomesClosed(stream, promise2, action) {
            if (stream[_state] === "closed") {
              action();
            } else {
              uponFulfillment(promise2, action);
            }
          }
          function shutdownWithAction(action, originalIsError, originalError) {
            function doTheRest() {
              uponPromise(
                action(),
                () => finalize(originalIsError, originalError),
                (newError) => finalize(true, newError)
              );
            }
            if (shuttingDown === true) {
              return;
            }
            shuttingDown = true;
            if (dest[_state] === "writable" && writableStreamCloseQueuedOrInFlight(dest) === false) {
              uponFulfillment(waitForWritesToFinish(), doTheRest);
            } else {
              doTheRest();
            }
          }
          function shutdown(isError, error2) {
            if (shuttingDown) {
              return;
            }
            shuttingDown = true;
            if (dest[_state] === "writable" && writableStreamCloseQueuedOrInFlight(dest) === false) {
              uponFulfillment(
                waitForWritesToFinish(),
                () => finalize(isError, error2)
              );
            } else {
              finalize(isError, error2);
            }
          }
          function finalize(isError, error2) {
            writableStreamDefaultWriterRelease(writer);
            readableStreamDefaultReaderRelease(reader);
            if (signal !== void 0) {
              signal[remove3](abortAlgorithm);
            }
            if (isError) {
              promise.reject(error2);
            } else {
              promise.resolve(void 0);
            }
          }
        }
        function readableStreamReaderGenericCancel(reader, reason) {
          const stream = reader[_stream];
          assert(stream !== void 0);
          return readableStreamCancel(stream, reason);
        }
        function readableStreamReaderGenericInitialize(reader, stream) {
          reader[_stream] = stream;
          stream[_reader] = reader;
          const state = stream[_state];
          if (state === "readable") {
            reader[_closedPromise] = new Deferred();
          } else if (state === "closed") {
            reader[_closedPromise] = new Deferred();
            reader[_closedPromise].resolve(void 0);
          } else {
            assert(state === "errored");
            reader[_closedPromise] = new Deferred();
            reader[_closedPromise].reject(stream[_storedError]);
            setPromiseIsHandledToTrue(reader[_closedPromise].promise);
          }
        }
        function readableStreamReaderGenericRelease(reader) {
          const stream = reader[_stream];
          assert(stream !== void 0);
          assert(stream[_reader] === reader);
          if (stream[_state] !== "readable") {
            reader[_closedPromise] = new Deferred();
          }
          setPromiseIsHandledToTrue(reader[_closedPromise].promise);
          reader[_closedPromise].reject(
            new TypeError2(
              "Reader was released and can no longer be used to monitor the stream's closedness."
            )
          );
          stream[_controller][_releaseSteps]();
          stream[_reader] = void 0;
          reader[_stream] = void 0;
        }
        function readableStreamBYOBReaderErrorReadIntoRequests(reader, e) {
          const readIntoRequests = reader[_readIntoRequests];
          reader[_readIntoRequests] = new Queue();
          while (readIntoRequests.size !== 0) {
            readIntoRequests.dequeue().errorSteps(e);
          }
        }
        function readableStreamTee(stream, cloneForBranch2) {
          assert(isReadableStream(stream));
          assert(typeof cloneForBranch2 === "boolean");
          if (ReadableByteStreamControllerPrototype.isPrototypeOf(
            stream[_controller]
          )) {
            return readableByteStreamTee(stream);
          } else {
            return readableStreamDefaultTee(stream, cloneForBranch2);
          }
        }
        function readableStreamDefaultTee(stream, cloneForBranch2) {
          assert(isReadableStream(stream));
          assert(typeof cloneForBranch2 === "boolean");
          const reader = acquireReadableStreamDefaultReader(stream);
          let reading = false;
          let readAgain = false;
          let canceled1 = false;
          let canceled2 = false;
          let reason1;
          let reason2;
          let branch1;
          let branch2;
          const cancelPromise = new Deferred();
          let pendingChunk;
          function chunkStepsMicrotask() {
            readAgain = false;
            const value1 = pendingChunk;
            let value2 = pendingChunk;
            pendingChunk = void 0;
            if (canceled2 === false && cloneForBranch2 === true) {
              try {
                value2 = structuredClone2(value2);
              } catch (cloneError) {
                readableStreamDefaultControllerError(
                  branch1[_controller],
                  cloneError
                );
                readableStreamDefaultControllerError(
                  branch2[_controller],
                  cloneError
                );
                cancelPromise.resolve(readableStreamCancel(stream, cloneError));
                return;
              }
            }
            if (canceled1 === false) {
              readableStreamDefaultControllerEnqueue(
                /** @type {ReadableStreamDefaultController<any>} */
                branch1[_controller],
                value1
              );
            }
            if (canceled2 === false) {
              readableStreamDefaultControllerEnqueue(
                /** @type {ReadableStreamDefaultController<any>} */
                branch2[_controller],
                value2
              );
            }
            reading = false;
            if (readAgain === true) {
              pullAlgorithm();
            }
          }
          const readRequest = {
            chunkSteps(value) {
              pendingChunk = value;
              queueMicrotask2(chunkStepsMicrotask);
            },
            closeSteps() {
              reading = false;
              if (canceled1 === false) {
                readableStreamDefaultControllerClose(
                  /** @type {ReadableStreamDefaultController<any>} */
                  branch1[_controller]
                );
              }
              if (canceled2 === false) {
                readableStreamDefaultControllerClose(
                  /** @type {ReadableStreamDefaultController<any>} */
                  branch2[_controller]
                );
              }
              if (canceled1 === false || canceled2 === false) {
                cancelPromise.resolve(void 0);
              }
            },
            errorSteps() {
              reading = false;
            }
          };
          function pullAlgorithm() {
            if (reading === true) {
              readAgain = true;
              return;
            }
            reading = true;
            readableStreamDefaultReaderRead(reader, readRequest);
          }
          function cancel1Algorithm(reason) {
            canceled1 = true;
            reason1 = reason;
            if (canceled2 === true) {
              const compositeReason = [reason1, reason2];
              const cancelResult = readableStreamCancel(stream, compositeReason);
              cancelPromise.resolve(cancelResult);
            }
            return cancelPromise.promise;
          }
          function cancel2Algorithm(reason) {
            canceled2 = true;
            reason2 = reason;
            if (canceled1 === true) {
              const compositeReason = [reason1, reason2];
              const cancelResult = readableStreamCancel(stream, compositeReason);
              cancelPromise.resolve(cancelResult);
            }
            return cancelPromise.promise;
          }
          function startAlgorithm() {
          }
          branch1 = createReadableStream(
            startAlgorithm,
            pullAlgorithm,
            cancel1Algorithm
          );
          branch2 = createReadableStream(
            startAlgorithm,
            pullAlgorithm,
            cancel2Algorithm
          );
          uponRejection(reader[_closedPromise].promise, (r) => {
            readableStreamDefaultControllerError(
              /** @type {ReadableStreamDefaultController<any>} */
              branch1[_controller],
              r
            );
            readableStreamDefaultControllerError(
              /** @type {ReadableStreamDefaultController<any>} */
              branch2[_controller],
              r
            );
            if (canceled1 === false || canceled2 === false) {
              cancelPromise.resolve(void 0);
            }
          });
          return [branch1, branch2];
        }
        function readableByteStreamTee(stream) {
          assert(isReadableStream(stream));
          assert(
            ReadableByteStreamControllerPrototype.isPrototypeOf(
              stream[_controller]
            )
          );
          let reader = acquireReadableStreamDefaultReader(stream);
          let reading = false;
          let readAgainForBranch1 = false;
          let readAgainForBranch2 = false;
          let canceled1 = false;
          let canceled2 = false;
          let reason1 = void 0;
          let reason2 = void 0;
          let branch1 = void 0;
          let branch2 = void 0;
          const cancelPromise = new Deferred();
          function forwardReaderError(thisReader) {
            thisReader[_closedPromise].promise.then(
              () => {
                if (thisReader !== reader || !reading || !isReadableStreamBYOBReader(reader) || stream[_controller][_pendingPullIntos].size === 0) {
                  return;
                }
                const firstDescriptor = stream[_controller][_pendingPullIntos].peek();
                readableByteStreamControllerRespondInClosedState(
                  stream[_controller],
                  firstDescriptor
                );
              },
              (e) => {
                if (thisReader !== reader) {
                  return;
                }
                readableByteStreamControllerError2(branch1[_controller], e);
                readableByteStreamControllerError2(branch2[_controller], e);
                if (!canceled1 || !canceled2) {
                  cancelPromise.resolve(void 0);
                }
              }
            );
          }
          let pendingChunk;
          function defaultReaderChunkStepsMicrotask() {
            const chunk = pendingChunk;
            pendingChunk = void 0;
            readAgainForBranch1 = false;
            readAgainForBranch2 = false;
            const chunk1 = chunk;
            let chunk2 = chunk;
            if (!canceled1 && !canceled2) {
              try {
                chunk2 = cloneAsUint8Array(chunk);
              } catch (e) {
                readableByteStreamControllerError2(branch1[_controller], e);
                readableByteStreamControllerError2(branch2[_controller], e);
                cancelPromise.resolve(readableStreamCancel(stream, e));
                return;
              }
            }
            if (!canceled1) {
              readableByteStreamControllerEnqueue2(branch1[_controller], chunk1);
            }
            if (!canceled2) {
              readableByteStreamControllerEnqueue2(branch2[_controller], chunk2);
            }
            reading = false;
            if (readAgainForBranch1) {
              pull1Algorithm();
            } else if (readAgainForBranch2) {
              pull2Algorithm();
            }
          }
          const readRequest = {
            chunkSteps(chunk) {
              pendingChunk = chunk;
              queueMicrotask2(defaultReaderChunkStepsMicrotask);
            },
            closeSteps() {
              reading = false;
              if (!canceled1) {
                readableByteStreamControllerClose2(branch1[_controller]);
              }
              if (!canceled2) {
                readableByteStreamControllerClose2(branch2[_controller]);
              }
              if (branch1[_controller][_pendingPullIntos].size !== 0) {
                readableByteStreamControllerRespond(branch1[_controller], 0);
              }
              if (branch2[_controller][_pendingPullIntos].size !== 0) {
                readableByteStreamControllerRespond(branch2[_controller], 0);
              }
              if (!canceled1 || !canceled2) {
                cancelPromise.resolve(void 0);
              }
            },
            errorSteps() {
              reading = false;
            }
          };
          function pullWithDefaultReader() {
            if (isReadableStreamBYOBReader(reader)) {
              assert(reader[_readIntoRequests].size === 0);
              readableStreamBYOBReaderRelease(reader);
              reader = acquireReadableStreamDefaultReader(stream);
              forwardReaderError(reader);
            }
            readableStreamDefaultReaderRead(reader, readRequest);
          }
          let byobForBranch2 = false;
          function byobReaderChunkStepsMicrotask() {
            const chunk = pendingChunk;
            pendingChunk = void 0;
            const forBranch2 = byobForBranch2;
            const byobBranch = forBranch2 ? branch2 : branch1;
            const otherBranch = forBranch2 ? branch1 : branch2;
            readAgainForBranch1 = false;
            readAgainForBranch2 = false;
            const byobCanceled = forBranch2 ? canceled2 : canceled1;
            const otherCanceled = forBranch2 ? canceled1 : canceled2;
            if (!otherCanceled) {
              let clonedChunk;
              try {
                clonedChunk = cloneAsUint8Array(chunk);
              } catch (e) {
                readableByteStreamControllerError2(byobBranch[_controller], e);
                readableByteStreamControllerError2(otherBranch[_controller], e);
                cancelPromise.resolve(readableStreamCancel(stream, e));
                return;
              }
              if (!byobCanceled) {
                readableByteStreamControllerRespondWithNewView(
                  byobBranch[_controller],
                  chunk
                );
              }
              readableByteStreamControllerEnqueue2(
                otherBranch[_controller],
                clonedChunk
              );
            } else if (!byobCanceled) {
              readableByteStreamControllerRespondWithNewView(
                byobBranch[_controller],
                chunk
              );
            }
            reading = false;
            if (readAgainForBranch1) {
              pull1Algorithm();
            } else if (readAgainForBranch2) {
              pull2Algorithm();
            }
          }
          const readIntoRequest = {
            chunkSteps(chunk) {
              pendingChunk = chunk;
              queueMicrotask2(byobReaderChunkStepsMicrotask);
            },
            closeSteps(chunk) {
              reading = false;
              const forBranch2 = byobForBranch2;
              const byobBranch = forBranch2 ? branch2 : branch1;
              const otherBranch = forBranch2 ? branch1 : branch2;
              const byobCanceled = forBranch2 ? canceled2 : canceled1;
              const otherCanceled = forBranch2 ? canceled1 : canceled2;
              if (!byobCanceled) {
                readableByteStreamControllerClose2(byobBranch[_controller]);
              }
              if (!otherCanceled) {
                readableByteStreamControllerClose2(otherBranch[_controller]);
              }
              if (chunk !== void 0) {
                let byteLength;
                if (isTypedArray(chunk)) {
                  byteLength = chunk.byteLength;
                } else {
                  byteLength = chunk.byteLength;
                }
                assert(byteLength === 0);
                if (!byobCanceled) {
                  readableByteStreamControllerRespondWithNewView(
                    byobBranch[_controller],
                    chunk
                  );
                }
                if (!otherCanceled && otherBranch[_controller][_pendingPullIntos].size !== 0) {
                  readableByteStreamControllerRespond(otherBranch[_controller], 0);
                }
              }
              if (!byobCanceled || !otherCanceled) {
                cancelPromise.resolve(void 0);
              }
            },
            errorSteps() {
              reading = false;
            }
          };
          function pullWithBYOBReader(view, forBranch2) {
            if (isReadableStreamDefaultReader(reader)) {
              assert(reader[_readRequests].size === 0);
              readableStreamDefaultReaderRelease(reader);
              reader = acquireReadableStreamBYOBReader(stream);
              forwardReaderError(reader);
            }
            byobForBranch2 = forBranch2;
            readableStreamBYOBReaderRead(reader, view, 1, readIntoRequest);
          }
          function pull1Algorithm() {
            if (reading) {
              readAgainForBranch1 = true;
              return;
            }
            reading = true;
            const byobRequest = readableByteStreamControllerGetBYOBRequest(
              branch1[_controller]
            );
            if (byobRequest === null) {
              pullWithDefaultReader();
            } else {
              pullWithBYOBReader(byobRequest[_view], false);
            }
          }
          function pull2Algorithm() {
            if (reading) {
              readAgainForBranch2 = true;
              return;
            }
            reading = true;
            const byobRequest = readableByteStreamControllerGetBYOBRequest(
              branch2[_controller]
            );
            if (byobRequest === null) {
              pullWithDefaultReader();
            } else {
              pullWithBYOBReader(byobRequest[_view], true);
            }
          }
          function cancel1Algorithm(reason) {
            canceled1 = true;
            reason1 = reason;
            if (canceled2) {
              const compositeReason = [reason1, reason2];
              const cancelResult = readableStreamCancel(stream, compositeReason);
              cancelPromise.resolve(cancelResult);
            }
            return cancelPromise.promise;
          }
          function cancel2Algorithm(reason) {
            canceled2 = true;
            reason2 = reason;
            if (canceled1) {
              const compositeReason = [reason1, reason2];
              const cancelResult = readableStreamCancel(stream, compositeReason);
              cancelPromise.resolve(cancelResult);
            }
            return cancelPromise.promise;
          }
          function startAlgorithm() {
            return void 0;
          }
          branch1 = createReadableByteStream2(
            startAlgorithm,
            pull1Algorithm,
            cancel1Algorithm
          );
          branch2 = createReadableByteStream2(
            startAlgorithm,
            pull2Algorithm,
            cancel2Algorithm
          );
          branch1[_original] = stream;
          branch2[_original] = stream;
          forwardReaderError(reader);
          return [branch1, branch2];
        }
        function setUpReadableByteStreamController(stream, controller, startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark, autoAllocateChunkSize) {
          assert(stream[_controller] === void 0);
          if (autoAllocateChunkSize !== void 0) {
            assert(NumberIsInteger(autoAllocateChunkSize));
            assert(autoAllocateChunkSize >= 0);
          }
          controller[_stream] = stream;
          controller[_pullAgain] = controller[_pulling] = false;
          controller[_byobRequest] = null;
          resetQueue(controller);
          controller[_closeRequested] = controller[_started] = false;
          controller[_strategyHWM] = highWaterMark;
          controller[_pullAlgorithm] = pullAlgorithm;
          controller[_cancelAlgorithm] = cancelAlgorithm;
          controller[_autoAllocateChunkSize] = autoAllocateChunkSize;
          controller[_pendingPullIntos] = new Queue();
          stream[_controller] = controller;
          stream[_controllerErrorFunction] = (error2) => readableByteStreamControllerError2(controller, error2);
          const startResult = startAlgorithm(controller);
          const startPromise = PromiseResolve(startResult);
          uponPromise(
            startPromise,
            () => {
              controller[_started] = true;
              assert(controller[_pulling] === false);
              assert(controller[_pullAgain] === false);
              readableByteStreamControllerCallPullIfNeeded(controller);
            },
            (r) => {
              readableByteStreamControllerError2(controller, r);
            }
          );
        }
        function underlyingSourceStartDefault(controller) {
          return webidl3.invokeCallbackFunction(
            controller[_underlyingSourceDict].start,
            [controller],
            controller[_underlyingSource],
            webidl3.converters.any,
            "Failed to execute 'startAlgorithm' on 'ReadableStreamDefaultController'"
          );
        }
        function underlyingSourcePullDefault(controller) {
          return webidl3.invokeCallbackFunction(
            controller[_underlyingSourceDict].pull,
            [controller],
            controller[_underlyingSource],
            webidl3.converters["Promise<undefined>"],
            "Failed to execute 'pullAlgorithm' on 'ReadableStreamDefaultController'",
            true
          );
        }
        function underlyingSourceCancelDefault(reason, controller) {
          return webidl3.invokeCallbackFunction(
            controller[_underlyingSourceDict].cancel,
            [reason],
            controller[_underlyingSource],
            webidl3.converters["Promise<undefined>"],
            "Failed to execute 'cancelAlgorithm' on 'ReadableStreamDefaultController'",
            true
          );
        }
        function underlyingSourceStartByte(controller) {
          return webidl3.invokeCallbackFunction(
            controller[_underlyingSourceDict].start,
            [controller],
            controller[_underlyingSource],
            webidl3.converters.any,
            "Failed to execute 'startAlgorithm' on 'ReadableByteStreamController'"
          );
        }
        function underlyingSourcePullByte(controller) {
          return webidl3.invokeCallbackFunction(
            controller[_underlyingSourceDict].pull,
            [controller],
            controller[_underlyingSource],
            webidl3.converters["Promise<undefined>"],
            "Failed to execute 'pullAlgorithm' on 'ReadableByteStreamController'",
            true
          );
        }
        function underlyingSourceCancelByte(reason, controller) {
          return webidl3.invokeCallbackFunction(
            controller[_underlyingSourceDict].cancel,
            [reason],
            controller[_underlyingSource],
            webidl3.converters["Promise<undefined>"],
            "Failed to execute 'cancelAlgorithm' on 'ReadableByteStreamController'",
            true
          );
        }
        function setUpReadableByteStreamControllerFromUnderlyingSource(stream, underlyingSource, underlyingSourceDict, highWaterMark) {
          const controller = new ReadableByteStreamController(_brand);
          let startAlgorithm = _defaultStartAlgorithm;
          let pullAlgorithm = _defaultPullAlgorithm;
          let cancelAlgorithm = _defaultCancelAlgorithm;
          controller[_underlyingSource] = underlyingSource;
          controller[_underlyingSourceDict] = underlyingSourceDict;
          if (underlyingSourceDict.start !== void 0) {
            startAlgorithm = underlyingSourceStartByte;
          }
          if (underlyingSourceDict.pull !== void 0) {
            pullAlgorithm = underlyingSourcePullByte;
          }
          if (underlyingSourceDict.cancel !== void 0) {
            cancelAlgorithm = underlyingSourceCancelByte;
          }
          const autoAllocateChunkSize = underlyingSourceDict["autoAllocateChunkSize"];
          if (autoAllocateChunkSize === 0) {
            throw new TypeError2('"autoAllocateChunkSize" must be greater than 0');
          }
          setUpReadableByteStreamController(
            stream,
            controller,
            startAlgorithm,
            pullAlgorithm,
            cancelAlgorithm,
            highWaterMark,
            autoAllocateChunkSize
          );
        }
        function setUpReadableStreamDefaultController(stream, controller, startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark, sizeAlgorithm) {
          assert(stream[_controller] === void 0);
          controller[_stream] = stream;
          resetQueue(controller);
          controller[_started] = controller[_closeRequested] = controller[_pullAgain] = controller[_pulling] = false;
          controller[_strategySizeAlgorithm] = sizeAlgorithm;
          controller[_strategyHWM] = highWaterMark;
          controller[_pullAlgorithm] = pullAlgorithm;
          controller[_cancelAlgorithm] = cancelAlgorithm;
          stream[_controller] = controller;
          stream[_controllerErrorFunction] = (error2) => readableStreamDefaultControllerError(controller, error2);
          const startResult = startAlgorithm(controller);
          const startPromise = PromiseResolve(startResult);
          uponPromise(startPromise, () => {
            controller[_started] = true;
            assert(controller[_pulling] === false);
            assert(controller[_pullAgain] === false);
            readableStreamDefaultControllerCallPullIfNeeded(controller);
          }, (r) => {
            readableStreamDefaultControllerError(controller, r);
          });
        }
        function setUpReadableStreamDefaultControllerFromUnderlyingSource(stream, underlyingSource, underlyingSourceDict, highWaterMark, sizeAlgorithm) {
          const controller = new ReadableStreamDefaultController(_brand);
          let startAlgorithm = _defaultStartAlgorithm;
          let pullAlgorithm = _defaultPullAlgorithm;
          let cancelAlgorithm = _defaultCancelAlgorithm;
          controller[_underlyingSource] = underlyingSource;
          controller[_underlyingSourceDict] = underlyingSourceDict;
          if (underlyingSourceDict.start !== void 0) {
            startAlgorithm = underlyingSourceStartDefault;
          }
          if (underlyingSourceDict.pull !== void 0) {
            pullAlgorithm = underlyingSourcePullDefault;
          }
          if (underlyingSourceDict.cancel !== void 0) {
            cancelAlgorithm = underlyingSourceCancelDefault;
          }
          setUpReadableStreamDefaultController(
            stream,
            controller,
            startAlgorithm,
            pullAlgorithm,
            cancelAlgorithm,
            highWaterMark,
            sizeAlgorithm
          );
        }
        function setUpReadableStreamBYOBReader(reader, stream) {
          if (isReadableStreamLocked3(stream)) {
            throw new TypeError2("ReadableStream is locked");
          }
          if (!ReadableByteStreamControllerPrototype.isPrototypeOf(
            stream[_controller]
          )) {
            throw new TypeError2("Cannot use a BYOB reader with a non-byte stream");
          }
          readableStreamReaderGenericInitialize(reader, stream);
          reader[_readIntoRequests] = new Queue();
        }
        function setUpReadableStreamDefaultReader(reader, stream) {
          if (isReadableStreamLocked3(stream)) {
            throw new TypeError2("ReadableStream is locked");
          }
          readableStreamReaderGenericInitialize(reader, stream);
          reader[_readRequests] = new Queue();
        }
        function setUpTransformStreamDefaultController(stream, controller, transformAlgorithm, flushAlgorithm, cancelAlgorithm, isIdentityTransform = false) {
          assert(TransformStreamPrototype.isPrototypeOf(stream));
          assert(stream[_controller] === void 0);
          controller[_stream] = stream;
          stream[_controller] = controller;
          stream[_controllerErrorFunction] = (error2) => transformStreamError(stream, error2);
          controller[_transformAlgorithm] = transformAlgorithm;
          controller[_flushAlgorithm] = flushAlgorithm;
          controller[_cancelAlgorithm] = cancelAlgorithm;
          controller[_isIdentityTransform] = isIdentityTransform;
        }
        function setUpTransformStreamDefaultControllerFromTransformer(stream, transformer, transformerDict) {
          const controller = new TransformStreamDefaultController(_brand);
          let transformAlgorithm = (chunk) => {
            try {
              transformStreamDefaultControllerEnqueue(controller, chunk);
            } catch (e) {
              return PromiseReject(e);
            }
            return PromiseResolve(void 0);
          };
          let flushAlgorithm = _defaultFlushAlgorithm;
          let cancelAlgorithm = _defaultCancelAlgorithm;
          if (transformerDict.transform !== void 0) {
            const transformCallback = transformerDict.transform;
            transformAlgorithm = (chunk, controller2) => {
              let rv;
              try {
                rv = ReflectApply(transformCallback, transformer, [chunk, controller2]);
              } catch (err) {
                return PromiseReject(err);
              }
              if (rv === void 0 || typeof rv?.then !== "function") {
                return void 0;
              }
              return PromiseResolve(rv);
            };
          }
          if (transformerDict.flush !== void 0) {
            flushAlgorithm = (controller2) => webidl3.invokeCallbackFunction(
              transformerDict.flush,
              [controller2],
              transformer,
              webidl3.converters["Promise<undefined>"],
              "Failed to execute 'flushAlgorithm' on 'TransformStreamDefaultController'",
              true
            );
          }
          if (transformerDict.cancel !== void 0) {
            cancelAlgorithm = (reason) => webidl3.invokeCallbackFunction(
              transformerDict.cancel,
              [reason],
              transformer,
              webidl3.converters["Promise<undefined>"],
              "Failed to execute 'cancelAlgorithm' on 'TransformStreamDefaultController'",
              true
            );
          }
          setUpTransformStreamDefaultController(
            stream,
            controller,
            transformAlgorithm,
            flushAlgorithm,
            cancelAlgorithm,
            transformerDict.transform === void 0
          );
          if (transformerDict.transform === void 0) {
            stream[_writable][_identityBypassTS] = stream;
          }
        }
        function setUpWritableStreamDefaultController(stream, controller, startAlgorithm, writeAlgorithm, closeAlgorithm, abortAlgorithm, highWaterMark, sizeAlgorithm) {
          assert(isWritableStream(stream));
          assert(stream[_controller] === void 0);
          controller[_stream] = stream;
          stream[_controller] = controller;
          stream[_controllerErrorFunction] = (error2) => writableStreamDefaultControllerErrorIfNeeded(controller, error2);
          resetQueue(controller);
          controller[_signal] = newSignal();
          controller[_started] = false;
          controller[_strategySizeAlgorithm] = sizeAlgorithm;
          controller[_strategyHWM] = highWaterMark;
          controller[_writeAlgorithm] = writeAlgorithm;
          controller[_closeAlgorithm] = closeAlgorithm;
          controller[_abortAlgorithm] = abortAlgorithm;
          const backpressure = writableStreamDefaultControllerGetBackpressure(
            controller
          );
          writableStreamUpdateBackpressure(stream, backpressure);
          const startResult = startAlgorithm(controller);
          const startPromise = resolvePromiseWith(startResult);
          uponPromise(startPromise, () => {
            assert(stream[_state] === "writable" || stream[_state] === "erroring");
            controller[_started] = true;
            writableStreamDefaultControllerAdvanceQueueIfNeeded(controller);
          }, (r) => {
            assert(stream[_state] === "writable" || stream[_state] === "erroring");
            controller[_started] = true;
            writableStreamDealWithRejection(stream, r);
          });
        }
        function setUpWritableStreamDefaultControllerFromUnderlyingSink(stream, underlyingSink, underlyingSinkDict, highWaterMark, sizeAlgorithm) {
          const controller = new WritableStreamDefaultController(_brand);
          let startAlgorithm = _defaultStartAlgorithm;
          let writeAlgorithm = _defaultWriteAlgorithm;
          let closeAlgorithm = _defaultCloseAlgorithm;
          let abortAlgorithm = _defaultAbortAlgorithm;
          if (underlyingSinkDict.start !== void 0) {
            startAlgorithm = () => webidl3.invokeCallbackFunction(
              underlyingSinkDict.start,
              [controller],
              underlyingSink,
              webidl3.converters.any,
              "Failed to execute 'startAlgorithm' on 'WritableStreamDefaultController'"
            );
          }
          if (underlyingSinkDict.write !== void 0) {
            writeAlgorithm = (chunk) => webidl3.invokeCallbackFunction(
              underlyingSinkDict.write,
              [chunk, controller],
              underlyingSink,
              webidl3.converters["Promise<undefined>"],
              "Failed to execute 'writeAlgorithm' on 'WritableStreamDefaultController'",
              true
            );
          }
          if (underlyingSinkDict.close !== void 0) {
            closeAlgorithm = () => webidl3.invokeCallbackFunction(
              underlyingSinkDict.close,
              [],
              underlyingSink,
              webidl3.converters["Promise<undefined>"],
              "Failed to execute 'closeAlgorithm' on 'WritableStreamDefaultController'",
              true
            );
          }
          if (underlyingSinkDict.abort !== void 0) {
            abortAlgorithm = (reason) => webidl3.invokeCallbackFunction(
              underlyingSinkDict.abort,
              [reason],
              underlyingSink,
              webidl3.converters["Promise<undefined>"],
              "Failed to execute 'abortAlgorithm' on 'WritableStreamDefaultController'",
              true
            );
          }
          setUpWritableStreamDefaultController(
            stream,
            controller,
            startAlgorithm,
            writeAlgorithm,
            closeAlgorithm,
            abortAlgorithm,
            highWaterMark,
            sizeAlgorithm
          );
        }
        function setUpWritableStreamDefaultWriter(writer, stream) {
          if (isWritableStreamLocked(stream) === true) {
            throw new TypeError2("The stream is already locked");
          }
          writer[_stream] = stream;
          stream[_writer] = writer;
          const state = stream[_state];
          if (state === "writable") {
            if (writableStreamCloseQueuedOrInFlight(stream) === false && stream[_backpressure] === true) {
              writer[_readyPromise] = new Deferred();
            } else {
              writer[_readyPromise] = new Deferred();
              writer[_readyPromise].resolve(void 0);
            }
            writer[_closedPromise] = new Deferred();
          } else if (state === "erroring") {
            writer[_readyPromise] = new Deferred();
            writer[_readyPromise].reject(stream[_storedError]);
            setPromiseIsHandledToTrue(writer[_readyPromise].promise);
            writer[_closedPromise] = new Deferred();
          } else if (state === "closed") {
            writer[_readyPromise] = new Deferred();
            writer[_readyPromise].resolve(void 0);
            writer[_closedPromise] = new Deferred();
            writer[_closedPromise].resolve(void 0);
          } else {
            assert(state === "errored");
            const storedError = stream[_storedError];
            writer[_readyPromise] = new Deferred();
            writer[_readyPromise].reject(storedError);
            setPromiseIsHandledToTrue(writer[_readyPromise].promise);
            writer[_closedPromise] = new Deferred();
            writer[_closedPromise].reject(storedError);
            setPromiseIsHandledToTrue(writer[_closedPromise].promise);
          }
        }
        function transformStreamDefaultControllerClearAlgorithms(controller) {
          controller[_transformAlgorithm] = void 0;
          controller[_flushAlgorithm] = void 0;
          controller[_cancelAlgorithm] = void 0;
        }
        function transformStreamDefaultControllerEnqueue(controller, chunk) {
          const stream = controller[_stream];
          const readableController = stream[_readable][_controller];
          if (readableStreamDefaultControllerCanCloseOrEnqueue(
            /** @type {ReadableStreamDefaultController<O>} */
            readableController
          ) === false) {
            throw new TypeError2("Readable stream is unavailable");
          }
          try {
            readableStreamDefaultControllerEnqueue(
              /** @type {ReadableStreamDefaultController<O>} */
              readableController,
              chunk
            );
          } catch (e) {
            transformStreamErrorWritableAndUnblockWrite(stream, e);
            throw stream[_readable][_storedError];
          }
          const backpressure = readableStreamDefaultcontrollerHasBackpressure(
            /** @type {ReadableStreamDefaultController<O>} */
            readableController
          );
          if (backpressure !== stream[_backpressure]) {
            assert(backpressure === true);
            transformStreamSetBackpressure(stream, true);
          }
        }
        function transformStreamDefaultControllerError(controller, e) {
          transformStreamError(controller[_stream], e);
        }
        function transformStreamDefaultControllerPerformTransform(controller, chunk) {
          const transformAlgorithm = controller[_transformAlgorithm];
          if (transformAlgorithm === void 0) {
            return PromiseResolve(void 0);
          }
          if (controller[_isIdentityTransform] === true) {
            try {
              transformStreamDefaultControllerEnqueue(controller, chunk);
            } catch (e) {
              return transformPromiseWith(PromiseReject(e), void 0, (r) => {
                transformStreamError(controller[_stream], r);
                throw r;
              });
            }
            return resolvedPromise();
          }
          const transformPromise = transformAlgorithm(chunk, controller);
          if (transformPromise === void 0) {
            return resolvedPromise();
          }
          return transformPromiseWith(transformPromise, void 0, (r) => {
            transformStreamError(controller[_stream], r);
            throw r;
          });
        }
        function transformStreamDefaultControllerTerminate(controller) {
          const stream = controller[_stream];
          const readableController = stream[_readable][_controller];
          readableStreamDefaultControllerClose(
            /** @type {ReadableStreamDefaultController} */
            readableController
          );
          const error2 = new TypeError2("The stream has been terminated.");
          transformStreamErrorWritableAndUnblockWrite(stream, error2);
        }
        function transformStreamDefaultSinkAbortAlgorithm(stream, reason) {
          const controller = stream[_controller];
          if (controller[_finishPromise] !== void 0) {
            return controller[_finishPromise].promise;
          }
          const readable = stream[_readable];
          controller[_finishPromise] = new Deferred();
          const cancelPromise = controller[_cancelAlgorithm](reason);
          transformStreamDefaultControllerClearAlgorithms(controller);
          transformPromiseWith(cancelPromise, () => {
            if (readable[_state] === "errored") {
              controller[_finishPromise].reject(readable[_storedError]);
            } else {
              readableStreamDefaultControllerError(readable[_controller], reason);
              controller[_finishPromise].resolve(void 0);
            }
          }, (r) => {
            readableStreamDefaultControllerError(readable[_controller], r);
            controller[_finishPromise].reject(r);
          });
          return controller[_finishPromise].promise;
        }
        function transformStreamDefaultSinkCloseAlgorithm(stream) {
          const controller = stream[_controller];
          if (controller[_finishPromise] !== void 0) {
            return controller[_finishPromise].promise;
          }
          const readable = stream[_readable];
          controller[_finishPromise] = new Deferred();
          const flushPromise = controller[_flushAlgorithm](controller);
          transformStreamDefaultControllerClearAlgorithms(controller);
          transformPromiseWith(flushPromise, () => {
            if (readable[_state] === "errored") {
              controller[_finishPromise].reject(readable[_storedError]);
            } else {
              readableStreamDefaultControllerClose(readable[_controller]);
              controller[_finishPromise].resolve(void 0);
            }
          }, (r) => {
            readableStreamDefaultControllerError(readable[_controller], r);
            controller[_finishPromise].reject(r);
          });
          return controller[_finishPromise].promise;
        }
        function transformStreamDefaultSinkWriteAlgorithm(stream, chunk) {
          assert(stream[_writable][_state] === "writable");
          const controller = stream[_controller];
          if (stream[_backpressure] === true) {
            const backpressureChangePromise = stream[_backpressureChangePromise];
            assert(backpressureChangePromise !== void 0);
            return transformPromiseWith(backpressureChangePromise.promise, () => {
              const writable = stream[_writable];
              const state = writable[_state];
              if (state === "erroring") {
                throw writable[_storedError];
              }
              assert(state === "writable");
              return transformStreamDefaultControllerPerformTransform(
                controller,
                chunk
              );
            });
          }
          return transformStreamDefaultControllerPerformTransform(controller, chunk);
        }
        function transformStreamDefaultSourceCancelAlgorithm(stream, reason) {
          const controller = stream[_controller];
          if (controller[_finishPromise] !== void 0) {
            return controller[_finishPromise].promise;
          }
          const writable = stream[_writable];
          controller[_finishPromise] = new Deferred();
          const cancelPromise = controller[_cancelAlgorithm](reason);
          transformStreamDefaultControllerClearAlgorithms(controller);
          transformPromiseWith(cancelPromise, () => {
            if (writable[_state] === "errored") {
              controller[_finishPromise].reject(writable[_storedError]);
            } else {
              writableStreamDefaultControllerErrorIfNeeded(
                writable[_controller],
                reason
              );
              transformStreamUnblockWrite(stream);
              controller[_finishPromise].resolve(void 0);
            }
          }, (r) => {
            writableStreamDefaultControllerErrorIfNeeded(writable[_controller], r);
            transformStreamUnblockWrite(stream);
            controller[_finishPromise].reject(r);
          });
          return controller[_finishPromise].promise;
        }
        function transformStreamDefaultSourcePullAlgorithm(stream) {
          assert(stream[_backpressure] === true);
          assert(stream[_backpressureChangePromise] !== void 0);
          transformStreamSetBackpressure(stream, false);
          return stream[_backpressureChangePromise].promise;
        }
        function transformStreamError(stream, e) {
          readableStreamDefaultControllerError(
            /** @type {ReadableStreamDefaultController} */
            stream[_readable][_controller],
            e
          );
          transformStreamErrorWritableAndUnblockWrite(stream, e);
        }
        function transformStreamErrorWritableAndUnblockWrite(stream, e) {
          transformStreamDefaultControllerClearAlgorithms(stream[_controller]);
          writableStreamDefaultControllerErrorIfNeeded(
            stream[_writable][_controller],
            e
          );
          transformStreamUnblockWrite(stream);
        }
        function transformStreamSetBackpressure(stream, backpressure) {
          assert(stream[_backpressure] !== backpressure);
          if (stream[_backpressureChangePromise] !== void 0) {
            stream[_backpressureChangePromise].resolve(void 0);
          }
          stream[_backpressureChangePromise] = new LazyDeferred();
          stream[_backpressure] = backpressure;
        }
        function transformStreamUnblockWrite(stream) {
          if (stream[_backpressure] === true) {
            transformStreamSetBackpressure(stream, false);
          }
        }
        function writableStreamAbort(stream, reason) {
          let state = stream[_state];
          if (state === "closed" || state === "errored") {
            return PromiseResolve(void 0);
          }
          stream[_controller][_signal][signalAbort](reason);
          state = stream[_state];
          if (state === "closed" || state === "errored") {
            return PromiseResolve(void 0);
          }
          if (stream[_pendingAbortRequest] !== void 0) {
            return stream[_pendingAbortRequest].deferred.promise;
          }
          assert(state === "writable" || state === "erroring");
          let wasAlreadyErroring = false;
          if (state === "erroring") {
            wasAlreadyErroring = true;
            reason = void 0;
          }
          const deferred = new Deferred();
          stream[_pendingAbortRequest] = {
            deferred,
            reason,
            wasAlreadyErroring
          };
          if (wasAlreadyErroring === false) {
            writableStreamStartErroring(stream, reason);
          }
          return deferred.promise;
        }
        function writableStreamAddWriteRequest(stream) {
          assert(isWritableStreamLocked(stream) === true);
          assert(stream[_state] === "writable");
          const deferred = new Deferred();
          stream[_writeRequests].enqueue(deferred);
          return deferred.promise;
        }
        function writableStreamClose(stream) {
          const state = stream[_state];
          if (state === "closed" || state === "errored") {
            return PromiseReject(
              new TypeError2("Writable stream is closed or errored.")
            );
          }
          assert(state === "writable" || state === "erroring");
          assert(writableStreamCloseQueuedOrInFlight(stream) === false);
          const deferred = new Deferred();
          stream[_closeRequest] = deferred;
          const writer = stream[_writer];
          if (writer !== void 0 && stream[_backpressure] === true && state === "writable") {
            writer[_readyPromise].resolve(void 0);
          }
          writableStreamDefaultControllerClose(stream[_controller]);
          return deferred.promise;
        }
        function writableStreamCloseQueuedOrInFlight(stream) {
          if (stream[_closeRequest] === void 0 && stream[_inFlightCloseRequest] === void 0) {
            return false;
          }
          return true;
        }
        function writableStreamDealWithRejection(stream, error2) {
          const state = stream[_state];
          if (state === "writable") {
            writableStreamStartErroring(stream, error2);
            return;
          }
          assert(state === "erroring");
          writableStreamFinishErroring(stream);
        }
        function writableStreamDefaultControllerAdvanceQueueIfNeeded(controller) {
          const stream = controller[_stream];
          if (controller[_started] === false) {
            return;
          }
          if (stream[_inFlightWriteRequest] !== void 0) {
            return;
          }
          const state = stream[_state];
          assert(state !== "closed" && state !== "errored");
          if (state === "erroring") {
            writableStreamFinishErroring(stream);
            return;
          }
          if (controller[_queue].size === 0) {
            return;
          }
          const value = peekQueueValue(controller);
          if (value === _close) {
            writableStreamDefaultControllerProcessClose(controller);
          } else {
            writableStreamDefaultControllerProcessWrite(controller, value);
          }
        }
        function writableStreamDefaultControllerClearAlgorithms(controller) {
          controller[_writeAlgorithm] = void 0;
          controller[_closeAlgorithm] = void 0;
          controller[_abortAlgorithm] = void 0;
          controller[_strategySizeAlgorithm] = void 0;
        }
        function writableStreamDefaultControllerClose(controller) {
          enqueueValueWithSize(controller, _close, 0);
          writableStreamDefaultControllerAdvanceQueueIfNeeded(controller);
        }
        function writableStreamDefaultControllerError(controller, error2) {
          const stream = controller[_stream];
          assert(stream[_state] === "writable");
          writableStreamDefaultControllerClearAlgorithms(controller);
          writableStreamStartErroring(stream, error2);
        }
        function writableStreamDefaultControllerErrorIfNeeded(controller, error2) {
          if (controller[_stream][_state] === "writable") {
            writableStreamDefaultControllerError(controller, error2);
          }
        }
        function writableStreamDefaultControllerGetBackpressure(controller) {
          const desiredSize = writableStreamDefaultControllerGetDesiredSize(
            controller
          );
          return desiredSize <= 0;
        }
        function writableStreamDefaultControllerGetChunkSize(controller, chunk) {
          if (controller[_strategySizeAlgorithm] === defaultSizeAlgorithm) {
            return 1;
          }
          let value;
          try {
            value = controller[_strategySizeAlgorithm](chunk);
          } catch (e) {
            writableStreamDefaultControllerErrorIfNeeded(controller, e);
            return 1;
          }
          return value;
        }
        function writableStreamDefaultControllerGetDesiredSize(controller) {
          return controller[_strategyHWM] - controller[_queueTotalSize];
        }
        function writableStreamDefaultControllerProcessClose(controller) {
          const stream = controller[_stream];
          writableStreamMarkCloseRequestInFlight(stream);
          dequeueValue(controller);
          assert(controller[_queue].size === 0);
          const sinkClosePromise = controller[_closeAlgorithm]();
          writableStreamDefaultControllerClearAlgorithms(controller);
          uponPromise(sinkClosePromise, () => {
            writableStreamFinishInFlightClose(stream);
          }, (reason) => {
            writableStreamFinishInFlightCloseWithError(stream, reason);
          });
        }
        function writableStreamDefaultControllerProcessWrite(controller, chunk) {
          const stream = controller[_stream];
          writableStreamMarkFirstWriteRequestInFlight(stream);
          const sinkWritePromise = controller[_writeAlgorithm](chunk, controller);
          if (controller[_onSinkWriteFulfilled] === void 0) {
            controller[_onSinkWriteFulfilled] = () => {
              try {
                writableStreamFinishInFlightWrite(stream);
                const state = stream[_state];
                assert(state === "writable" || state === "erroring");
                dequeueValue(controller);
                if (writableStreamCloseQueuedOrInFlight(stream) === false && state === "writable") {
                  const backpressure = writableStreamDefaultControllerGetBackpressure(
                    controller
                  );
                  writableStreamUpdateBackpressure(stream, backpressure);
                }
                writableStreamDefaultControllerAdvanceQueueIfNeeded(controller);
              } catch (e) {
                rethrowAssertionErrorRejection(e);
              }
            };
            controller[_onSinkWriteRejected] = (reason) => {
              try {
                if (stream[_state] === "writable") {
                  writableStreamDefaultControllerClearAlgorithms(controller);
                }
                writableStreamFinishInFlightWriteWithError(stream, reason);
              } catch (e) {
                rethrowAssertionErrorRejection(e);
              }
            };
          }
          sinkWritePromise.then(
            controller[_onSinkWriteFulfilled],
            controller[_onSinkWriteRejected]
          );
        }
        function writableStreamDefaultControllerWrite(controller, chunk, chunkSize) {
          try {
            enqueueValueWithSize(controller, chunk, chunkSize);
          } catch (e) {
            writableStreamDefaultControllerErrorIfNeeded(controller, e);
            return;
          }
          const stream = controller[_stream];
          if (writableStreamCloseQueuedOrInFlight(stream) === false && stream[_state] === "writable") {
            const backpressure = writableStreamDefaultControllerGetBackpressure(
              controller
            );
            writableStreamUpdateBackpressure(stream, backpressure);
          }
          writableStreamDefaultControllerAdvanceQueueIfNeeded(controller);
        }
        function writableStreamDefaultWriterAbort(writer, reason) {
          const stream = writer[_stream];
          assert(stream !== void 0);
          return writableStreamAbort(stream, reason);
        }
        function writableStreamDefaultWriterClose(writer) {
          const stream = writer[_stream];
          assert(stream !== void 0);
          return writableStreamClose(stream);
        }
        function writableStreamDefaultWriterCloseWithErrorPropagation(writer) {
          const stream = writer[_stream];
          assert(stream !== void 0);
          const state = stream[_state];
          if (writableStreamCloseQueuedOrInFlight(stream) === true || state === "closed") {
            return PromiseResolve(void 0);
          }
          if (state === "errored") {
            return PromiseReject(stream[_storedError]);
          }
          assert(state === "writable" || state === "erroring");
          return writableStreamDefaultWriterClose(writer);
        }
        function writableStreamDefaultWriterEnsureClosedPromiseRejected(writer, error2) {
          if (writer[_closedPromise].state !== "pending") {
            writer[_closedPromise] = new Deferred();
          }
          setPromiseIsHandledToTrue(writer[_closedPromise].promise);
          writer[_closedPromise].reject(error2);
        }
        function writableStreamDefaultWriterEnsureReadyPromiseRejected(writer, error2) {
          if (writer[_readyPromise].state !== "pending") {
            writer[_readyPromise] = new Deferred();
          }
          setPromiseIsHandledToTrue(writer[_readyPromise].promise);
          writer[_readyPromise].reject(error2);
        }
        function writableStreamDefaultWriterGetDesiredSize(writer) {
          const stream = writer[_stream];
          const state = stream[_state];
          if (state === "errored" || state === "erroring") {
            return null;
          }
          if (state === "closed") {
            return 0;
          }
          return writableStreamDefaultControllerGetDesiredSize(stream[_controller]);
        }
        function writableStreamDefaultWriterRelease(writer) {
          const stream = writer[_stream];
          assert(stream !== void 0);
          assert(stream[_writer] === writer);
          const releasedError = new TypeError2(
            "The writer has already been released."
          );
          writableStreamDefaultWriterEnsureReadyPromiseRejected(
            writer,
            releasedError
          );
          writableStreamDefaultWriterEnsureClosedPromiseRejected(
            writer,
            releasedError
          );
          stream[_writer] = void 0;
          writer[_stream] = void 0;
        }
        function writableStreamDefaultWriterWrite(writer, chunk) {
          const stream = writer[_stream];
          assert(stream !== void 0);
          const controller = stream[_controller];
          const chunkSize = writableStreamDefaultControllerGetChunkSize(
            controller,
            chunk
          );
          if (stream !== writer[_stream]) {
            return PromiseReject(new TypeError2("Writer's stream is unexpected."));
          }
          const state = stream[_state];
          if (state === "errored") {
            return PromiseReject(stream[_storedError]);
          }
          if (writableStreamCloseQueuedOrInFlight(stream) === true || state === "closed") {
            return PromiseReject(
              new TypeError2("The stream is closing or is closed.")
            );
          }
          if (state === "erroring") {
            return PromiseReject(stream[_storedError]);
          }
          assert(state === "writable");
          const promise = writableStreamAddWriteRequest(stream);
          writableStreamDefaultControllerWrite(controller, chunk, chunkSize);
          return promise;
        }
        function writableStreamFinishErroring(stream) {
          assert(stream[_state] === "erroring");
          assert(writableStreamHasOperationMarkedInFlight(stream) === false);
          stream[_state] = "errored";
          stream[_controller][_errorSteps]();
          const storedError = stream[_storedError];
          const writeRequests = stream[_writeRequests];
          stream[_writeRequests] = new Queue();
          while (writeRequests.size !== 0) {
            writeRequests.dequeue().reject(storedError);
          }
          if (stream[_pendingAbortRequest] === void 0) {
            writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
            return;
          }
          const abortRequest = stream[_pendingAbortRequest];
          stream[_pendingAbortRequest] = void 0;
          if (abortRequest.wasAlreadyErroring === true) {
            abortRequest.deferred.reject(storedError);
            writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
            return;
          }
          const promise = stream[_controller][_abortSteps](abortRequest.reason);
          uponPromise(promise, () => {
            abortRequest.deferred.resolve(void 0);
            writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
          }, (reason) => {
            abortRequest.deferred.reject(reason);
            writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
          });
        }
        function writableStreamFinishInFlightClose(stream) {
          assert(stream[_inFlightCloseRequest] !== void 0);
          stream[_inFlightCloseRequest].resolve(void 0);
          stream[_inFlightCloseRequest] = void 0;
          const state = stream[_state];
          assert(state === "writable" || state === "erroring");
          if (state === "erroring") {
            stream[_storedError] = void 0;
            if (stream[_pendingAbortRequest] !== void 0) {
              stream[_pendingAbortRequest].deferred.resolve(void 0);
              stream[_pendingAbortRequest] = void 0;
            }
          }
          stream[_state] = "closed";
          const writer = stream[_writer];
          if (writer !== void 0) {
            writer[_closedPromise].resolve(void 0);
          }
          stream[_isClosedPromise].resolve?.();
          assert(stream[_pendingAbortRequest] === void 0);
          assert(stream[_storedError] === void 0);
        }
        function writableStreamFinishInFlightCloseWithError(stream, error2) {
          assert(stream[_inFlightCloseRequest] !== void 0);
          stream[_inFlightCloseRequest].reject(error2);
          stream[_inFlightCloseRequest] = void 0;
          assert(stream[_state] === "writable" || stream[_state] === "erroring");
          if (stream[_pendingAbortRequest] !== void 0) {
            stream[_pendingAbortRequest].deferred.reject(error2);
            stream[_pendingAbortRequest] = void 0;
          }
          writableStreamDealWithRejection(stream, error2);
        }
        function writableStreamFinishInFlightWrite(stream) {
          assert(stream[_inFlightWriteRequest] !== void 0);
          stream[_inFlightWriteRequest].resolve(void 0);
          stream[_inFlightWriteRequest] = void 0;
        }
        function writableStreamFinishInFlightWriteWithError(stream, error2) {
          assert(stream[_inFlightWriteRequest] !== void 0);
          stream[_inFlightWriteRequest].reject(error2);
          stream[_inFlightWriteRequest] = void 0;
          assert(stream[_state] === "writable" || stream[_state] === "erroring");
          writableStreamDealWithRejection(stream, error2);
        }
        function writableStreamHasOperationMarkedInFlight(stream) {
          if (stream[_inFlightWriteRequest] === void 0 && stream[_inFlightCloseRequest] === void 0) {
            return false;
          }
          return true;
        }
        function writableStreamMarkCloseRequestInFlight(stream) {
          assert(stream[_inFlightCloseRequest] === void 0);
          assert(stream[_closeRequest] !== void 0);
          stream[_inFlightCloseRequest] = stream[_closeRequest];
          stream[_closeRequest] = void 0;
        }
        function writableStreamMarkFirstWriteRequestInFlight(stream) {
          assert(stream[_inFlightWriteRequest] === void 0);
          assert(stream[_writeRequests].size);
          const writeRequest = stream[_writeRequests].dequeue();
          stream[_inFlightWriteRequest] = writeRequest;
        }
        function writableStreamRejectCloseAndClosedPromiseIfNeeded(stream) {
          assert(stream[_state] === "errored");
          if (stream[_closeRequest] !== void 0) {
            assert(stream[_inFlightCloseRequest] === void 0);
            stream[_closeRequest].reject(stream[_storedError]);
            stream[_closeRequest] = void 0;
          }
          stream[_isClosedPromise].reject(stream[_storedError]);
          setPromiseIsHandledToTrue(stream[_isClosedPromise].promise);
          const writer = stream[_writer];
          if (writer !== void 0) {
            writer[_closedPromise].reject(stream[_storedError]);
            setPromiseIsHandledToTrue(writer[_closedPromise].promise);
          }
        }
        function writableStreamStartErroring(stream, reason) {
          assert(stream[_storedError] === void 0);
          assert(stream[_state] === "writable");
          const controller = stream[_controller];
          assert(controller !== void 0);
          stream[_state] = "erroring";
          stream[_storedError] = reason;
          const writer = stream[_writer];
          if (writer !== void 0) {
            writableStreamDefaultWriterEnsureReadyPromiseRejected(writer, reason);
          }
          if (writableStreamHasOperationMarkedInFlight(stream) === false && controller[_started] === true) {
            writableStreamFinishErroring(stream);
          }
        }
        function writableStreamUpdateBackpressure(stream, backpressure) {
          assert(stream[_state] === "writable");
          assert(writableStreamCloseQueuedOrInFlight(stream) === false);
          const writer = stream[_writer];
          if (writer !== void 0 && backpressure !== stream[_backpressure]) {
            if (backpressure === true) {
              writer[_readyPromise] = new Deferred();
            } else {
              assert(backpressure === false);
              writer[_readyPromise].resolve(void 0);
            }
          }
          stream[_backpressure] = backpressure;
        }
        const asyncIteratorPrototype = ObjectGetPrototypeOf(AsyncGeneratorPrototype);
        const _iteratorNext = Symbol2("[[iteratorNext]]");
        const _iteratorFinished = Symbol2("[[iteratorFinished]]");
        class ReadableStreamAsyncIteratorReadRequest {
          #reader;
          #promise;
          constructor(reader, promise) {
            this.#reader = reader;
            this.#promise = promise;
          }
          chunkSteps(chunk) {
            this.#reader[_iteratorNext] = null;
            this.#promise.resolve({ value: chunk, done: false });
          }
          closeSteps() {
            this.#reader[_iteratorNext] = null;
            this.#reader[_iteratorFinished] = true;
            readableStreamDefaultReaderRelease(this.#reader);
            this.#promise.resolve({ value: void 0, done: true });
          }
          errorSteps(e) {
            this.#reader[_iteratorNext] = null;
            this.#reader[_iteratorFinished] = true;
            readableStreamDefaultReaderRelease(this.#reader);
            this.#promise.reject(e);
          }
        }
        function readableStreamAsyncIteratorNextSteps(reader) {
          if (reader[_iteratorFinished]) {
            return PromiseResolve({ value: void 0, done: true });
          }
          if (reader[_stream] === void 0) {
            return PromiseReject(
              new TypeError2(
                "Cannot get the next iteration result once the reader has been released."
              )
            );
          }
          const promise = new Deferred();
          const readRequest = new ReadableStreamAsyncIteratorReadRequest(
            reader,
            promise
          );
          readableStreamDefaultReaderRead(reader, readRequest);
          return promise.promise.then();
        }
        const readableStreamAsyncIteratorPrototype = ObjectSetPrototypeOf({
          /** @returns {Promise<IteratorResult<unknown>>} */
          next() {
            const reader = this[_reader];
            const ongoing = reader[_iteratorNext];
            if (ongoing) {
              return reader[_iteratorNext] = ongoing.then(
                () => readableStreamAsyncIteratorNextSteps(reader),
                () => readableStreamAsyncIteratorNextSteps(reader)
              );
            }
            const stream = reader[_stream];
            if (stream !== void 0 && stream[_state] === "readable") {
              const controller = stream[_controller];
              if (controller[_pendingPullIntos] === void 0 && controller[_queue].size !== 0) {
                stream[_disturbed] = true;
                const chunk = dequeueValue(controller);
                if (controller[_closeRequested] && controller[_queue].size === 0) {
                  readableStreamDefaultControllerClearAlgorithms(controller);
                  readableStreamClose(stream);
                } else {
                  readableStreamDefaultControllerCallPullIfNeeded(controller);
                }
                return PromiseResolve({ value: chunk, done: false });
              }
            }
            return reader[_iteratorNext] = readableStreamAsyncIteratorNextSteps(reader);
          },
          /**
           * @param {unknown} arg
           * @returns {Promise<IteratorResult<unknown>>}
           */
          return(arg) {
            const reader = this[_reader];
            const returnSteps = () => {
              if (reader[_iteratorFinished]) {
                return PromiseResolve({ value: arg, done: true });
              }
              reader[_iteratorFinished] = true;
              if (reader[_stream] === void 0) {
                return PromiseResolve({ value: void 0, done: true });
              }
              assert(reader[_readRequests].size === 0);
              if (this[_preventCancel] === false) {
                const result = readableStreamReaderGenericCancel(reader, arg);
                readableStreamDefaultReaderRelease(reader);
                return result;
              }
              readableStreamDefaultReaderRelease(reader);
              return PromiseResolve({ value: void 0, done: true });
            };
            reader[_iteratorNext] = reader[_iteratorNext] ? reader[_iteratorNext].then(returnSteps, returnSteps) : returnSteps();
            return reader[_iteratorNext].then(
              () => ({ value: arg, done: true })
            );
          }
        }, asyncIteratorPrototype);
        class ByteLengthQueuingStrategy {
          /** @param {{ highWaterMark: number }} init */
          constructor(init) {
            const prefix = "Failed to construct 'ByteLengthQueuingStrategy'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            init = webidl3.converters.QueuingStrategyInit(init, prefix, "Argument 1");
            this[_brand] = _brand;
            this[_globalObject] = globalThis;
            this[_highWaterMark] = init.highWaterMark;
          }
          /** @returns {number} */
          get highWaterMark() {
            webidl3.assertBranded(this, ByteLengthQueuingStrategyPrototype);
            return this[_highWaterMark];
          }
          /** @returns {(chunk: ArrayBufferView) => number} */
          get size() {
            webidl3.assertBranded(this, ByteLengthQueuingStrategyPrototype);
            initializeByteLengthSizeFunction(this[_globalObject]);
            return byteSizeFunctionWeakMap.get(this[_globalObject]);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: ByteLengthQueuingStrategyPrototype.isPrototypeOf(
                  this
                ),
                keys: [
                  "highWaterMark",
                  "size"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(ByteLengthQueuingStrategy);
        const ByteLengthQueuingStrategyPrototype = ByteLengthQueuingStrategy.prototype;
        const byteSizeFunctionWeakMap = new SafeWeakMap();
        function initializeByteLengthSizeFunction(globalObject) {
          if (byteSizeFunctionWeakMap.has(globalObject)) {
            return;
          }
          const size = (chunk) => chunk.byteLength;
          byteSizeFunctionWeakMap.set(globalObject, size);
        }
        class CountQueuingStrategy {
          /** @param {{ highWaterMark: number }} init */
          constructor(init) {
            const prefix = "Failed to construct 'CountQueuingStrategy'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            init = webidl3.converters.QueuingStrategyInit(init, prefix, "Argument 1");
            this[_brand] = _brand;
            this[_globalObject] = globalThis;
            this[_highWaterMark] = init.highWaterMark;
          }
          /** @returns {number} */
          get highWaterMark() {
            webidl3.assertBranded(this, CountQueuingStrategyPrototype);
            return this[_highWaterMark];
          }
          /** @returns {(chunk: any) => 1} */
          get size() {
            webidl3.assertBranded(this, CountQueuingStrategyPrototype);
            initializeCountSizeFunction(this[_globalObject]);
            return countSizeFunctionWeakMap.get(this[_globalObject]);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: CountQueuingStrategyPrototype.isPrototypeOf(
                  this
                ),
                keys: [
                  "highWaterMark",
                  "size"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(CountQueuingStrategy);
        const CountQueuingStrategyPrototype = CountQueuingStrategy.prototype;
        const countSizeFunctionWeakMap = new SafeWeakMap();
        function initializeCountSizeFunction(globalObject) {
          if (countSizeFunctionWeakMap.has(globalObject)) {
            return;
          }
          const size = () => 1;
          countSizeFunctionWeakMap.set(globalObject, size);
        }
        const _resourceBacking = Symbol2("[[resourceBacking]]");
        const _resourceBackingUnrefable = Symbol2("[[resourceBackingUnrefable]]");
        class ReadableStream4 {
          /** @type {ReadableStreamDefaultController | ReadableByteStreamController} */
          [_controller];
          /** @type {boolean} */
          [_detached];
          /** @type {boolean} */
          [_disturbed];
          /** @type {ReadableStreamDefaultReader | ReadableStreamBYOBReader} */
          [_reader];
          /** @type {"readable" | "closed" | "errored"} */
          [_state];
          /** @type {any} */
          [_storedError];
          /** @type {{ rid: number, autoClose: boolean } | null} */
          [_resourceBacking] = null;
          /** @type {Deferred<void>} */
          [_isClosedPromise];
          [core2.hostObjectBrand] = "ReadableStream";
          /**
           * @param {UnderlyingSource<R>=} underlyingSource
           * @param {QueuingStrategy<R>=} strategy
           */
          constructor(underlyingSource = void 0, strategy = void 0) {
            if (underlyingSource === _brand) {
              this[_brand] = _brand;
              return;
            }
            const prefix = "Failed to construct 'ReadableStream'";
            underlyingSource = underlyingSource !== void 0 ? webidl3.converters.object(
              underlyingSource,
              prefix,
              "Argument 1"
            ) : null;
            strategy = strategy !== void 0 ? webidl3.converters.QueuingStrategy(
              strategy,
              prefix,
              "Argument 2"
            ) : {};
            const underlyingSourceDict = underlyingSource !== void 0 ? webidl3.converters.UnderlyingSource(
              underlyingSource,
              prefix,
              "underlyingSource"
            ) : {};
            this[_brand] = _brand;
            initializeReadableStream(this);
            if (underlyingSourceDict.type === "bytes") {
              if (strategy.size !== void 0) {
                throw new RangeError2(
                  `${prefix}: When underlying source is "bytes", strategy.size must be 'undefined'`
                );
              }
              const highWaterMark = extractHighWaterMark(strategy, 0);
              setUpReadableByteStreamControllerFromUnderlyingSource(
                // @ts-ignore cannot easily assert this is ReadableStream<ArrayBuffer>
                this,
                underlyingSource,
                underlyingSourceDict,
                highWaterMark
              );
            } else {
              const sizeAlgorithm = extractSizeAlgorithm(strategy);
              const highWaterMark = extractHighWaterMark(strategy, 1);
              setUpReadableStreamDefaultControllerFromUnderlyingSource(
                this,
                underlyingSource,
                underlyingSourceDict,
                highWaterMark,
                sizeAlgorithm
              );
            }
          }
          static from(asyncIterable) {
            const prefix = "Failed to execute 'ReadableStream.from'";
            webidl3.requiredArguments(
              arguments.length,
              1,
              prefix
            );
            asyncIterable = webidl3.converters["async_sequence<any>"](
              asyncIterable,
              prefix,
              "Argument 1"
            );
            const iter = asyncIterable.open();
            const stream = createReadableStream(noop, async () => {
              const res = await iter.next();
              if (res.done) {
                readableStreamDefaultControllerClose(stream[_controller]);
              } else {
                readableStreamDefaultControllerEnqueue(
                  stream[_controller],
                  res.value
                );
              }
            }, async (reason) => {
              await iter.return(reason);
            }, 0);
            return stream;
          }
          /** @returns {boolean} */
          get locked() {
            webidl3.assertBranded(this, ReadableStreamPrototype3);
            return isReadableStreamLocked3(this);
          }
          /**
           * @param {any=} reason
           * @returns {Promise<void>}
           */
          cancel(reason = void 0) {
            try {
              webidl3.assertBranded(this, ReadableStreamPrototype3);
              if (reason !== void 0) {
                reason = webidl3.converters.any(reason);
              }
            } catch (err) {
              return PromiseReject(err);
            }
            if (isReadableStreamLocked3(this)) {
              return PromiseReject(
                new TypeError2("Cannot cancel a locked ReadableStream.")
              );
            }
            return readableStreamCancel(this, reason);
          }
          /**
           * @param {ReadableStreamGetReaderOptions=} options
           * @returns {ReadableStreamDefaultReader<R> | ReadableStreamBYOBReader}
           */
          getReader(options = void 0) {
            webidl3.assertBranded(this, ReadableStreamPrototype3);
            const prefix = "Failed to execute 'getReader' on 'ReadableStream'";
            if (options !== void 0) {
              options = webidl3.converters.ReadableStreamGetReaderOptions(
                options,
                prefix,
                "Argument 1"
              );
            } else {
              options = { __proto__: null };
            }
            if (options.mode === void 0) {
              return acquireReadableStreamDefaultReader(this);
            } else {
              assert(options.mode === "byob");
              return acquireReadableStreamBYOBReader(this);
            }
          }
          /**
           * @template T
           * @param {{ readable: ReadableStream<T>, writable: WritableStream<R> }} transform
           * @param {PipeOptions=} options
           * @returns {ReadableStream<T>}
           */
          pipeThrough(transform, options = { __proto__: null }) {
            webidl3.assertBranded(this, ReadableStreamPrototype3);
            const prefix = "Failed to execute 'pipeThrough' on 'ReadableStream'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            transform = webidl3.converters.ReadableWritablePair(
              transform,
              prefix,
              "Argument 1"
            );
            options = webidl3.converters.StreamPipeOptions(
              options,
              prefix,
              "Argument 2"
            );
            const { readable, writable } = transform;
            const { preventClose, preventAbort, preventCancel, signal } = options;
            if (isReadableStreamLocked3(this)) {
              throw new TypeError2("ReadableStream is already locked");
            }
            if (isWritableStreamLocked(writable)) {
              throw new TypeError2("Target WritableStream is already locked");
            }
            const promise = readableStreamPipeTo(
              this,
              writable,
              preventClose,
              preventAbort,
              preventCancel,
              signal
            );
            setPromiseIsHandledToTrue(promise);
            return readable;
          }
          /**
           * @param {WritableStream<R>} destination
           * @param {PipeOptions=} options
           * @returns {Promise<void>}
           */
          pipeTo(destination, options = { __proto__: null }) {
            try {
              webidl3.assertBranded(this, ReadableStreamPrototype3);
              const prefix = "Failed to execute 'pipeTo' on 'ReadableStream'";
              webidl3.requiredArguments(arguments.length, 1, prefix);
              destination = webidl3.converters.WritableStream(
                destination,
                prefix,
                "Argument 1"
              );
              options = webidl3.converters.StreamPipeOptions(
                options,
                prefix,
                "Argument 2"
              );
            } catch (err) {
              return PromiseReject(err);
            }
            const { preventClose, preventAbort, preventCancel, signal } = options;
            if (isReadableStreamLocked3(this)) {
              return PromiseReject(
                new TypeError2("ReadableStream is already locked.")
              );
            }
            if (isWritableStreamLocked(destination)) {
              return PromiseReject(
                new TypeError2("destination WritableStream is already locked.")
              );
            }
            return readableStreamPipeTo(
              this,
              destination,
              preventClose,
              preventAbort,
              preventCancel,
              signal
            );
          }
          /** @returns {[ReadableStream<R>, ReadableStream<R>]} */
          tee() {
            webidl3.assertBranded(this, ReadableStreamPrototype3);
            return readableStreamTee(this, false);
          }
          // TODO(lucacasonato): should be moved to webidl crate
          /**
           * @param {ReadableStreamIteratorOptions=} options
           * @returns {AsyncIterableIterator<R>}
           */
          values(options = void 0) {
            webidl3.assertBranded(this, ReadableStreamPrototype3);
            let preventCancel = false;
            if (options !== void 0) {
              const prefix = "Failed to execute 'values' on 'ReadableStream'";
              options = webidl3.converters.ReadableStreamIteratorOptions(
                options,
                prefix,
                "Argument 1"
              );
              preventCancel = options.preventCancel;
            }
            const iterator = ObjectCreate(readableStreamAsyncIteratorPrototype);
            const reader = acquireReadableStreamDefaultReader(this);
            iterator[_reader] = reader;
            iterator[_preventCancel] = preventCancel;
            return iterator;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            const isBranded = ReadableStreamPrototype3.isPrototypeOf(
              this
            );
            const view = {
              locked: isBranded ? this.locked : void 0,
              state: isBranded ? this[_state] : void 0,
              supportsBYOB: isBranded ? ReadableByteStreamControllerPrototype.isPrototypeOf(
                this[_controller]
              ) : void 0
            };
            ObjectDefineProperty(view, "constructor", {
              __proto__: null,
              value: { name: this.constructor?.name ?? "ReadableStream" }
            });
            return inspect2(
              createFilteredInspectProxy({
                object: view,
                evaluate: true,
                keys: ["locked", "state", "supportsBYOB"]
              }),
              inspectOptions
            );
          }
        }
        ReadableStream4.prototype[SymbolAsyncIterator] = ReadableStream4.prototype.values;
        ObjectDefineProperty(ReadableStream4.prototype, SymbolAsyncIterator, {
          __proto__: null,
          writable: true,
          enumerable: false,
          configurable: true
        });
        webidl3.configureInterface(ReadableStream4);
        const ReadableStreamPrototype3 = ReadableStream4.prototype;
        function errorReadableStream(stream, e) {
          readableStreamDefaultControllerError(stream[_controller], e);
        }
        class ReadableStreamDefaultReadRequest {
          /** @type {Deferred<ReadableStreamReadResult<R>>} */
          #promise;
          /** @param {Deferred<ReadableStreamReadResult<R>>} promise */
          constructor(promise) {
            this.#promise = promise;
          }
          chunkSteps(chunk) {
            this.#promise.resolve({ value: chunk, done: false });
          }
          closeSteps() {
            this.#promise.resolve({ value: void 0, done: true });
          }
          errorSteps(e) {
            this.#promise.reject(e);
          }
        }
        class ReadableStreamDefaultReader {
          /** @type {Deferred<void>} */
          [_closedPromise];
          /** @type {ReadableStream<R> | undefined} */
          [_stream];
          /** @type {ReadRequest[]} */
          [_readRequests];
          /** @param {ReadableStream<R>} stream */
          constructor(stream) {
            if (stream === _brand) {
              this[_brand] = _brand;
              return;
            }
            const prefix = "Failed to construct 'ReadableStreamDefaultReader'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            stream = webidl3.converters.ReadableStream(stream, prefix, "Argument 1");
            this[_brand] = _brand;
            setUpReadableStreamDefaultReader(this, stream);
          }
          /** @returns {Promise<ReadableStreamReadResult<R>>} */
          read() {
            try {
              webidl3.assertBranded(this, ReadableStreamDefaultReaderPrototype);
            } catch (err) {
              return PromiseReject(err);
            }
            const stream = this[_stream];
            if (stream === void 0) {
              return PromiseReject(
                new TypeError2("Reader has no associated stream.")
              );
            }
            if (stream[_state] === "readable") {
              const controller = stream[_controller];
              if (controller[_pendingPullIntos] === void 0 && controller[_queue].size !== 0) {
                stream[_disturbed] = true;
                const chunk = dequeueValue(controller);
                if (controller[_closeRequested] && controller[_queue].size === 0) {
                  readableStreamDefaultControllerClearAlgorithms(controller);
                  readableStreamClose(stream);
                } else {
                  readableStreamDefaultControllerCallPullIfNeeded(controller);
                }
                return PromiseResolve({ value: chunk, done: false });
              }
            }
            const promise = new Deferred();
            readableStreamDefaultReaderRead(
              this,
              new ReadableStreamDefaultReadRequest(promise)
            );
            return promise.promise;
          }
          /** @returns {void} */
          releaseLock() {
            webidl3.assertBranded(this, ReadableStreamDefaultReaderPrototype);
            if (this[_stream] === void 0) {
              return;
            }
            readableStreamDefaultReaderRelease(this);
          }
          get closed() {
            try {
              webidl3.assertBranded(this, ReadableStreamDefaultReaderPrototype);
            } catch (err) {
              return PromiseReject(err);
            }
            return this[_closedPromise].promise;
          }
          /**
           * @param {any} reason
           * @returns {Promise<void>}
           */
          cancel(reason = void 0) {
            try {
              webidl3.assertBranded(this, ReadableStreamDefaultReaderPrototype);
              if (reason !== void 0) {
                reason = webidl3.converters.any(reason);
              }
            } catch (err) {
              return PromiseReject(err);
            }
            if (this[_stream] === void 0) {
              return PromiseReject(
                new TypeError2("Reader has no associated stream.")
              );
            }
            return readableStreamReaderGenericCancel(this, reason);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: ReadableStreamDefaultReaderPrototype.isPrototypeOf(
                  this
                ),
                keys: ["closed"]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(ReadableStreamDefaultReader);
        const ReadableStreamDefaultReaderPrototype = ReadableStreamDefaultReader.prototype;
        class ReadableStreamBYOBReadIntoRequest {
          /** @type {Deferred<ReadableStreamBYOBReadResult>} */
          #promise;
          /** @param {Deferred<ReadableStreamBYOBReadResult>} promise */
          constructor(promise) {
            this.#promise = promise;
          }
          chunkSteps(chunk) {
            this.#promise.resolve({ value: chunk, done: false });
          }
          closeSteps(chunk) {
            this.#promise.resolve({ value: chunk, done: true });
          }
          errorSteps(e) {
            this.#promise.reject(e);
          }
        }
        class ReadableStreamBYOBReader {
          /** @type {Deferred<void>} */
          [_closedPromise];
          /** @type {ReadableStream<R> | undefined} */
          [_stream];
          /** @type {ReadIntoRequest[]} */
          [_readIntoRequests];
          /** @param {ReadableStream<R>} stream */
          constructor(stream) {
            if (stream === _brand) {
              this[_brand] = _brand;
              return;
            }
            const prefix = "Failed to construct 'ReadableStreamBYOBReader'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            stream = webidl3.converters.ReadableStream(stream, prefix, "Argument 1");
            this[_brand] = _brand;
            setUpReadableStreamBYOBReader(this, stream);
          }
          /**
           * @param {ArrayBufferView} view
           * @param {ReadableStreamBYOBReaderReadOptions} options
           *  @returns {Promise<ReadableStreamBYOBReadResult>}
           */
          read(view, options = { __proto__: null }) {
            try {
              webidl3.assertBranded(this, ReadableStreamBYOBReaderPrototype);
              const prefix = "Failed to execute 'read' on 'ReadableStreamBYOBReader'";
              view = webidl3.converters.ArrayBufferView(view, prefix, "Argument 1");
              options = webidl3.converters.ReadableStreamBYOBReaderReadOptions(
                options,
                prefix,
                "Argument 2"
              );
            } catch (err) {
              return PromiseReject(err);
            }
            let buffer, byteLength;
            if (isTypedArray(view)) {
              buffer = view.buffer;
              byteLength = view.byteLength;
            } else {
              buffer = view.buffer;
              byteLength = view.byteLength;
            }
            if (byteLength === 0) {
              return PromiseReject(
                new TypeError2("view must have non-zero byteLength")
              );
            }
            if (getArrayBufferByteLength(buffer) === 0) {
              if (isDetachedBuffer(buffer)) {
                return PromiseReject(
                  new TypeError2("view's buffer has been detached")
                );
              }
              return PromiseReject(
                new TypeError2("view's buffer must have non-zero byteLength")
              );
            }
            if (options.min === 0) {
              return PromiseReject(new TypeError2("options.min must be non-zero"));
            }
            if (isTypedArray(view)) {
              if (options.min > view.length) {
                return PromiseReject(
                  new RangeError2("options.min must be smaller or equal to view's size")
                );
              }
            } else {
              if (options.min > view.byteLength) {
                return PromiseReject(
                  new RangeError2("options.min must be smaller or equal to view's size")
                );
              }
            }
            if (this[_stream] === void 0) {
              return PromiseReject(
                new TypeError2("Reader has no associated stream.")
              );
            }
            const promise = new Deferred();
            readableStreamBYOBReaderRead(
              this,
              view,
              options.min,
              new ReadableStreamBYOBReadIntoRequest(promise)
            );
            return promise.promise;
          }
          /** @returns {void} */
          releaseLock() {
            webidl3.assertBranded(this, ReadableStreamBYOBReaderPrototype);
            if (this[_stream] === void 0) {
              return;
            }
            readableStreamBYOBReaderRelease(this);
          }
          get closed() {
            try {
              webidl3.assertBranded(this, ReadableStreamBYOBReaderPrototype);
            } catch (err) {
              return PromiseReject(err);
            }
            return this[_closedPromise].promise;
          }
          /**
           * @param {any} reason
           * @returns {Promise<void>}
           */
          cancel(reason = void 0) {
            try {
              webidl3.assertBranded(this, ReadableStreamBYOBReaderPrototype);
              if (reason !== void 0) {
                reason = webidl3.converters.any(reason);
              }
            } catch (err) {
              return PromiseReject(err);
            }
            if (this[_stream] === void 0) {
              return PromiseReject(
                new TypeError2("Reader has no associated stream.")
              );
            }
            return readableStreamReaderGenericCancel(this, reason);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: ReadableStreamBYOBReaderPrototype.isPrototypeOf(
                  this
                ),
                keys: ["closed"]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(ReadableStreamBYOBReader);
        const ReadableStreamBYOBReaderPrototype = ReadableStreamBYOBReader.prototype;
        class ReadableStreamBYOBRequest {
          /** @type {ReadableByteStreamController} */
          [_controller];
          /** @type {Uint8Array<ArrayBuffer> | null} */
          [_view];
          /** @returns {Uint8Array<ArrayBuffer> | null} */
          get view() {
            webidl3.assertBranded(this, ReadableStreamBYOBRequestPrototype);
            return this[_view];
          }
          constructor(brand = void 0) {
            if (brand !== _brand) {
              webidl3.illegalConstructor();
            }
            this[_brand] = _brand;
          }
          respond(bytesWritten) {
            webidl3.assertBranded(this, ReadableStreamBYOBRequestPrototype);
            const prefix = "Failed to execute 'respond' on 'ReadableStreamBYOBRequest'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            bytesWritten = webidl3.converters["unsigned long long"](
              bytesWritten,
              prefix,
              "Argument 1",
              {
                enforceRange: true
              }
            );
            if (this[_controller] === void 0) {
              throw new TypeError2("This BYOB request has been invalidated");
            }
            let buffer, byteLength;
            if (isTypedArray(this[_view])) {
              buffer = this[_view].buffer;
              byteLength = this[_view].byteLength;
            } else {
              buffer = this[_view].buffer;
              byteLength = this[_view].byteLength;
            }
            if (isDetachedBuffer(buffer)) {
              throw new TypeError2(
                "The BYOB request's buffer has been detached and so cannot be used as a response"
              );
            }
            assert(byteLength > 0);
            assert(getArrayBufferByteLength(buffer) > 0);
            readableByteStreamControllerRespond(this[_controller], bytesWritten);
          }
          respondWithNewView(view) {
            webidl3.assertBranded(this, ReadableStreamBYOBRequestPrototype);
            const prefix = "Failed to execute 'respondWithNewView' on 'ReadableStreamBYOBRequest'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            view = webidl3.converters.ArrayBufferView(view, prefix, "Argument 1");
            if (this[_controller] === void 0) {
              throw new TypeError2("This BYOB request has been invalidated");
            }
            let buffer;
            if (isTypedArray(view)) {
              buffer = view.buffer;
            } else {
              buffer = view.buffer;
            }
            if (isDetachedBuffer(buffer)) {
              throw new TypeError2(
                "The given view's buffer has been detached and so cannot be used as a response"
              );
            }
            readableByteStreamControllerRespondWithNewView(this[_controller], view);
          }
        }
        webidl3.configureInterface(ReadableStreamBYOBRequest);
        const ReadableStreamBYOBRequestPrototype = ReadableStreamBYOBRequest.prototype;
        class ReadableByteStreamController {
          /** @type {number | undefined} */
          [_autoAllocateChunkSize];
          /** @type {ReadableStreamBYOBRequest | null} */
          [_byobRequest];
          /** @type {(reason: any) => Promise<void>} */
          [_cancelAlgorithm];
          /** @type {boolean} */
          [_closeRequested];
          /** @type {(() => void) | undefined} */
          [_onPullFulfilled];
          /** @type {((e: any) => void) | undefined} */
          [_onPullRejected];
          /** @type {boolean} */
          [_pullAgain];
          /** @type {(controller: this) => Promise<void> | undefined} */
          [_pullAlgorithm];
          /** @type {boolean} */
          [_pulling];
          /** @type {PullIntoDescriptor[]} */
          [_pendingPullIntos];
          /** @type {UnderlyingSource<ArrayBuffer> | undefined} */
          [_underlyingSource];
          /** @type {UnderlyingSource<ArrayBuffer> | undefined} */
          [_underlyingSourceDict];
          /** @type {ReadableByteStreamQueueEntry[]} */
          [_queue];
          /** @type {number} */
          [_queueTotalSize];
          /** @type {boolean} */
          [_started];
          /** @type {number} */
          [_strategyHWM];
          /** @type {ReadableStream<ArrayBuffer>} */
          [_stream];
          constructor(brand = void 0) {
            if (brand !== _brand) {
              webidl3.illegalConstructor();
            }
            this[_brand] = _brand;
          }
          /** @returns {ReadableStreamBYOBRequest | null} */
          get byobRequest() {
            webidl3.assertBranded(this, ReadableByteStreamControllerPrototype);
            return readableByteStreamControllerGetBYOBRequest(this);
          }
          /** @returns {number | null} */
          get desiredSize() {
            webidl3.assertBranded(this, ReadableByteStreamControllerPrototype);
            return readableByteStreamControllerGetDesiredSize(this);
          }
          /** @returns {void} */
          close() {
            webidl3.assertBranded(this, ReadableByteStreamControllerPrototype);
            if (this[_closeRequested] === true) {
              throw new TypeError2("Closed already requested.");
            }
            if (this[_stream][_state] !== "readable") {
              throw new TypeError2(
                "ReadableByteStreamController's stream is not in a readable state"
              );
            }
            readableByteStreamControllerClose2(this);
          }
          /**
           * @param {ArrayBufferView} chunk
           * @returns {void}
           */
          enqueue(chunk) {
            webidl3.assertBranded(this, ReadableByteStreamControllerPrototype);
            const prefix = "Failed to execute 'enqueue' on 'ReadableByteStreamController'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            const arg1 = "Argument 1";
            chunk = webidl3.converters.ArrayBufferView(chunk, prefix, arg1);
            let buffer, byteLength;
            if (isTypedArray(chunk)) {
              buffer = chunk.buffer;
              byteLength = chunk.byteLength;
            } else {
              buffer = chunk.buffer;
              byteLength = chunk.byteLength;
            }
            if (byteLength === 0) {
              throw webidl3.makeException(
                TypeError2,
                "Length must be non-zero",
                prefix,
                arg1
              );
            }
            if (getArrayBufferByteLength(buffer) === 0) {
              throw webidl3.makeException(
                TypeError2,
                "Buffer length must be non-zero",
                prefix,
                arg1
              );
            }
            if (this[_closeRequested] === true) {
              throw new TypeError2(
                "Cannot enqueue chunk after a close has been requested"
              );
            }
            if (this[_stream][_state] !== "readable") {
              throw new TypeError2(
                "Cannot enqueue chunk when underlying stream is not readable"
              );
            }
            return readableByteStreamControllerEnqueue2(this, chunk);
          }
          /**
           * @param {any=} e
           * @returns {void}
           */
          error(e = void 0) {
            webidl3.assertBranded(this, ReadableByteStreamControllerPrototype);
            if (e !== void 0) {
              e = webidl3.converters.any(e);
            }
            readableByteStreamControllerError2(this, e);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: ReadableByteStreamControllerPrototype.isPrototypeOf(
                  this
                ),
                keys: ["desiredSize"]
              }),
              inspectOptions
            );
          }
          /**
           * @param {any} reason
           * @returns {Promise<void>}
           */
          [_cancelSteps](reason) {
            readableByteStreamControllerClearPendingPullIntos(this);
            resetQueue(this);
            const result = this[_cancelAlgorithm](reason, this);
            readableByteStreamControllerClearAlgorithms(this);
            return result;
          }
          /**
           * @param {ReadRequest<ArrayBuffer>} readRequest
           * @returns {void}
           */
          [_pullSteps](readRequest) {
            const stream = this[_stream];
            assert(readableStreamHasDefaultReader(stream));
            if (this[_queueTotalSize] > 0) {
              assert(readableStreamGetNumReadRequests(stream) === 0);
              readableByteStreamControllerFillReadRequestFromQueue(this, readRequest);
              return;
            }
            const autoAllocateChunkSize = this[_autoAllocateChunkSize];
            if (autoAllocateChunkSize !== void 0) {
              let buffer;
              try {
                buffer = new ArrayBuffer2(autoAllocateChunkSize);
              } catch (e) {
                readRequest.errorSteps(e);
                return;
              }
              const pullIntoDescriptor = {
                buffer,
                bufferByteLength: autoAllocateChunkSize,
                byteOffset: 0,
                byteLength: autoAllocateChunkSize,
                bytesFilled: 0,
                elementSize: 1,
                minimumFill: 1,
                viewConstructor: Uint8Array2,
                readerType: "default"
              };
              this[_pendingPullIntos].enqueue(pullIntoDescriptor);
            }
            readableStreamAddReadRequest(stream, readRequest);
            readableByteStreamControllerCallPullIfNeeded(this);
          }
          [_releaseSteps]() {
            if (this[_pendingPullIntos].size !== 0) {
              const firstPendingPullInto = this[_pendingPullIntos].peek();
              firstPendingPullInto.readerType = "none";
              const newQueue = new Queue();
              newQueue.enqueue(firstPendingPullInto);
              this[_pendingPullIntos] = newQueue;
            }
          }
        }
        webidl3.configureInterface(ReadableByteStreamController);
        const ReadableByteStreamControllerPrototype = ReadableByteStreamController.prototype;
        class ReadableStreamDefaultController {
          /** @type {(reason: any) => Promise<void>} */
          [_cancelAlgorithm];
          /** @type {boolean} */
          [_closeRequested];
          /** @type {(() => void) | undefined} */
          [_onPullFulfilled];
          /** @type {((e: any) => void) | undefined} */
          [_onPullRejected];
          /** @type {boolean} */
          [_pullAgain];
          /** @type {(controller: this) => Promise<void> | undefined} */
          [_pullAlgorithm];
          /** @type {boolean} */
          [_pulling];
          /** @type {Array<ValueWithSize<R>>} */
          [_queue];
          /** @type {UnderlyingSource<R> | undefined} */
          [_underlyingSource];
          /** @type {UnderlyingSource<R> | undefined} */
          [_underlyingSourceDict];
          /** @type {number} */
          [_queueTotalSize];
          /** @type {boolean} */
          [_started];
          /** @type {number} */
          [_strategyHWM];
          /** @type {(chunk: R) => number} */
          [_strategySizeAlgorithm];
          /** @type {ReadableStream<R>} */
          [_stream];
          constructor(brand = void 0) {
            if (brand !== _brand) {
              webidl3.illegalConstructor();
            }
            this[_brand] = _brand;
          }
          /** @returns {number | null} */
          get desiredSize() {
            webidl3.assertBranded(this, ReadableStreamDefaultControllerPrototype);
            return readableStreamDefaultControllerGetDesiredSize(this);
          }
          /** @returns {void} */
          close() {
            webidl3.assertBranded(this, ReadableStreamDefaultControllerPrototype);
            if (readableStreamDefaultControllerCanCloseOrEnqueue(this) === false) {
              throw new TypeError2("The stream controller cannot close or enqueue");
            }
            readableStreamDefaultControllerClose(this);
          }
          /**
           * @param {R} chunk
           * @returns {void}
           */
          enqueue(chunk = void 0) {
            webidl3.assertBranded(this, ReadableStreamDefaultControllerPrototype);
            if (chunk !== void 0) {
              chunk = webidl3.converters.any(chunk);
            }
            if (readableStreamDefaultControllerCanCloseOrEnqueue(this) === false) {
              throw new TypeError2("The stream controller cannot close or enqueue");
            }
            readableStreamDefaultControllerEnqueue(this, chunk);
          }
          /**
           * @param {any=} e
           * @returns {void}
           */
          error(e = void 0) {
            webidl3.assertBranded(this, ReadableStreamDefaultControllerPrototype);
            if (e !== void 0) {
              e = webidl3.converters.any(e);
            }
            readableStreamDefaultControllerError(this, e);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: ReadableStreamDefaultControllerPrototype.isPrototypeOf(
                  this
                ),
                keys: ["desiredSize"]
              }),
              inspectOptions
            );
          }
          /**
           * @param {any} reason
           * @returns {Promise<void>}
           */
          [_cancelSteps](reason) {
            resetQueue(this);
            const result = this[_cancelAlgorithm](reason, this);
            readableStreamDefaultControllerClearAlgorithms(this);
            return result;
          }
          /**
           * @param {ReadRequest<R>} readRequest
           * @returns {void}
           */
          [_pullSteps](readRequest) {
            const stream = this[_stream];
            if (this[_queue].size) {
              const chunk = dequeueValue(this);
              if (this[_closeRequested] && this[_queue].size === 0) {
                readableStreamDefaultControllerClearAlgorithms(this);
                readableStreamClose(stream);
              } else {
                readableStreamDefaultControllerCallPullIfNeeded(this);
              }
              readRequest.chunkSteps(chunk);
            } else {
              readableStreamAddReadRequest(stream, readRequest);
              readableStreamDefaultControllerCallPullIfNeeded(this);
            }
          }
          [_releaseSteps]() {
            return;
          }
        }
        webidl3.configureInterface(ReadableStreamDefaultController);
        const ReadableStreamDefaultControllerPrototype = ReadableStreamDefaultController.prototype;
        class TransformStream3 {
          /** @type {boolean} */
          [_backpressure];
          /** @type {Deferred<void>} */
          [_backpressureChangePromise];
          /** @type {TransformStreamDefaultController<O>} */
          [_controller];
          /** @type {boolean} */
          [_detached];
          /** @type {ReadableStream<O>} */
          [_readable];
          /** @type {WritableStream<I>} */
          [_writable];
          [core2.hostObjectBrand] = "TransformStream";
          /**
           * @param {Transformer<I, O>} transformer
           * @param {QueuingStrategy<I>} writableStrategy
           * @param {QueuingStrategy<O>} readableStrategy
           */
          constructor(transformer = void 0, writableStrategy = { __proto__: null }, readableStrategy = { __proto__: null }) {
            if (transformer === _brand) {
              this[_brand] = _brand;
              return;
            }
            const prefix = "Failed to construct 'TransformStream'";
            if (transformer !== void 0) {
              transformer = webidl3.converters.object(transformer, prefix, "Argument 1");
            }
            writableStrategy = webidl3.converters.QueuingStrategy(
              writableStrategy,
              prefix,
              "Argument 2"
            );
            readableStrategy = webidl3.converters.QueuingStrategy(
              readableStrategy,
              prefix,
              "Argument 3"
            );
            this[_brand] = _brand;
            if (transformer === void 0) {
              transformer = null;
            }
            const transformerDict = webidl3.converters.Transformer(
              transformer,
              prefix,
              "transformer"
            );
            if (transformerDict.readableType !== void 0) {
              const err = new RangeError2(
                `${prefix}: readableType transformers not supported`
              );
              err.code = "ERR_INVALID_ARG_VALUE";
              throw err;
            }
            if (transformerDict.writableType !== void 0) {
              const err = new RangeError2(
                `${prefix}: writableType transformers not supported`
              );
              err.code = "ERR_INVALID_ARG_VALUE";
              throw err;
            }
            const readableHighWaterMark = extractHighWaterMark(readableStrategy, 0);
            const readableSizeAlgorithm = extractSizeAlgorithm(readableStrategy);
            const writableHighWaterMark = extractHighWaterMark(writableStrategy, 1);
            const writableSizeAlgorithm = extractSizeAlgorithm(writableStrategy);
            const startPromise = new Deferred();
            initializeTransformStream(
              this,
              startPromise,
              writableHighWaterMark,
              writableSizeAlgorithm,
              readableHighWaterMark,
              readableSizeAlgorithm
            );
            setUpTransformStreamDefaultControllerFromTransformer(
              this,
              transformer,
              transformerDict
            );
            if (transformerDict.start) {
              startPromise.resolve(
                webidl3.invokeCallbackFunction(
                  transformerDict.start,
                  [this[_controller]],
                  transformer,
                  webidl3.converters.any,
                  "Failed to execute 'start' on 'TransformStreamDefaultController'"
                )
              );
            } else {
              startPromise.resolve(void 0);
            }
          }
          /** @returns {ReadableStream<O>} */
          get readable() {
            webidl3.assertBranded(this, TransformStreamPrototype);
            return this[_readable];
          }
          /** @returns {WritableStream<I>} */
          get writable() {
            webidl3.assertBranded(this, TransformStreamPrototype);
            return this[_writable];
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: TransformStreamPrototype.isPrototypeOf(
                  this
                ),
                keys: ["readable", "writable"]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(TransformStream3);
        const TransformStreamPrototype = TransformStream3.prototype;
        class TransformStreamDefaultController {
          /** @type {(reason: any) => Promise<void>} */
          [_cancelAlgorithm];
          /** @type {Promise<void> | undefined} */
          [_finishPromise];
          /** @type {(controller: this) => Promise<void>} */
          [_flushAlgorithm];
          /** @type {TransformStream<O>} */
          [_stream];
          /** @type {(chunk: O, controller: this) => Promise<void>} */
          [_transformAlgorithm];
          constructor(brand = void 0) {
            if (brand !== _brand) {
              webidl3.illegalConstructor();
            }
            this[_brand] = _brand;
          }
          /** @returns {number | null} */
          get desiredSize() {
            webidl3.assertBranded(this, TransformStreamDefaultController.prototype);
            const readableController = this[_stream][_readable][_controller];
            return readableStreamDefaultControllerGetDesiredSize(
              /** @type {ReadableStreamDefaultController<O>} */
              readableController
            );
          }
          /**
           * @param {O} chunk
           * @returns {void}
           */
          enqueue(chunk = void 0) {
            webidl3.assertBranded(this, TransformStreamDefaultController.prototype);
            if (chunk !== void 0) {
              chunk = webidl3.converters.any(chunk);
            }
            transformStreamDefaultControllerEnqueue(this, chunk);
          }
          /**
           * @param {any=} reason
           * @returns {void}
           */
          error(reason = void 0) {
            webidl3.assertBranded(this, TransformStreamDefaultController.prototype);
            if (reason !== void 0) {
              reason = webidl3.converters.any(reason);
            }
            transformStreamDefaultControllerError(this, reason);
          }
          /** @returns {void} */
          terminate() {
            webidl3.assertBranded(this, TransformStreamDefaultControllerPrototype);
            transformStreamDefaultControllerTerminate(this);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: TransformStreamDefaultControllerPrototype.isPrototypeOf(
                  this
                ),
                keys: ["desiredSize"]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(TransformStreamDefaultController);
        const TransformStreamDefaultControllerPrototype = TransformStreamDefaultController.prototype;
        class WritableStream2 {
          /** @type {boolean} */
          [_backpressure];
          /** @type {Deferred<void> | undefined} */
          [_closeRequest];
          /** @type {WritableStreamDefaultController<W>} */
          [_controller];
          /** @type {boolean} */
          [_detached];
          /** @type {Deferred<void> | undefined} */
          [_inFlightWriteRequest];
          /** @type {Deferred<void> | undefined} */
          [_inFlightCloseRequest];
          /** @type {PendingAbortRequest | undefined} */
          [_pendingAbortRequest];
          /** @type {"writable" | "closed" | "erroring" | "errored"} */
          [_state];
          /** @type {any} */
          [_storedError];
          /** @type {WritableStreamDefaultWriter<W>} */
          [_writer];
          /** @type {Deferred<void>[]} */
          [_writeRequests];
          [core2.hostObjectBrand] = "WritableStream";
          /**
           * @param {UnderlyingSink<W>=} underlyingSink
           * @param {QueuingStrategy<W>=} strategy
           */
          constructor(underlyingSink = void 0, strategy = void 0) {
            if (underlyingSink === _brand) {
              this[_brand] = _brand;
              return;
            }
            const prefix = "Failed to construct 'WritableStream'";
            if (underlyingSink !== void 0) {
              underlyingSink = webidl3.converters.object(
                underlyingSink,
                prefix,
                "Argument 1"
              );
            }
            strategy = strategy !== void 0 ? webidl3.converters.QueuingStrategy(
              strategy,
              prefix,
              "Argument 2"
            ) : {};
            this[_brand] = _brand;
            if (underlyingSink === void 0) {
              underlyingSink = null;
            }
            const underlyingSinkDict = webidl3.converters.UnderlyingSink(
              underlyingSink,
              prefix,
              "underlyingSink"
            );
            if (underlyingSinkDict.type != null) {
              throw new RangeError2(
                `${prefix}: WritableStream does not support 'type' in the underlying sink`
              );
            }
            initializeWritableStream(this);
            const sizeAlgorithm = extractSizeAlgorithm(strategy);
            const highWaterMark = extractHighWaterMark(strategy, 1);
            setUpWritableStreamDefaultControllerFromUnderlyingSink(
              this,
              underlyingSink,
              underlyingSinkDict,
              highWaterMark,
              sizeAlgorithm
            );
          }
          /** @returns {boolean} */
          get locked() {
            webidl3.assertBranded(this, WritableStreamPrototype);
            return isWritableStreamLocked(this);
          }
          /**
           * @param {any=} reason
           * @returns {Promise<void>}
           */
          abort(reason = void 0) {
            try {
              webidl3.assertBranded(this, WritableStreamPrototype);
            } catch (err) {
              return PromiseReject(err);
            }
            if (reason !== void 0) {
              reason = webidl3.converters.any(reason);
            }
            if (isWritableStreamLocked(this)) {
              return PromiseReject(
                new TypeError2(
                  "The writable stream is locked, therefore cannot be aborted."
                )
              );
            }
            return writableStreamAbort(this, reason);
          }
          /** @returns {Promise<void>} */
          close() {
            try {
              webidl3.assertBranded(this, WritableStreamPrototype);
            } catch (err) {
              return PromiseReject(err);
            }
            if (isWritableStreamLocked(this)) {
              return PromiseReject(
                new TypeError2(
                  "The writable stream is locked, therefore cannot be closed."
                )
              );
            }
            if (writableStreamCloseQueuedOrInFlight(this) === true) {
              return PromiseReject(
                new TypeError2("The writable stream is already closing.")
              );
            }
            return writableStreamClose(this);
          }
          /** @returns {WritableStreamDefaultWriter<W>} */
          getWriter() {
            webidl3.assertBranded(this, WritableStreamPrototype);
            return acquireWritableStreamDefaultWriter(this);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: WritableStreamPrototype.isPrototypeOf(
                  this
                ),
                keys: ["locked"]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(WritableStream2);
        const WritableStreamPrototype = WritableStream2.prototype;
        class WritableStreamDefaultWriter {
          /** @type {Deferred<void>} */
          [_closedPromise];
          /** @type {Deferred<void>} */
          [_readyPromise];
          /** @type {WritableStream<W>} */
          [_stream];
          /**
           * @param {WritableStream<W>} stream
           */
          constructor(stream) {
            const prefix = "Failed to construct 'WritableStreamDefaultWriter'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            stream = webidl3.converters.WritableStream(stream, prefix, "Argument 1");
            this[_brand] = _brand;
            setUpWritableStreamDefaultWriter(this, stream);
          }
          /** @returns {Promise<void>} */
          get closed() {
            try {
              webidl3.assertBranded(this, WritableStreamDefaultWriterPrototype);
            } catch (err) {
              return PromiseReject(err);
            }
            return this[_closedPromise].promise;
          }
          /** @returns {number} */
          get desiredSize() {
            webidl3.assertBranded(this, WritableStreamDefaultWriterPrototype);
            if (this[_stream] === void 0) {
              throw new TypeError2(
                "A writable stream is not associated with the writer"
              );
            }
            return writableStreamDefaultWriterGetDesiredSize(this);
          }
          /** @returns {Promise<void>} */
          get ready() {
            try {
              webidl3.assertBranded(this, WritableStreamDefaultWriterPrototype);
            } catch (err) {
              return PromiseReject(err);
            }
            return this[_readyPromise].promise;
          }
          /**
           * @param {any} reason
           * @returns {Promise<void>}
           */
          abort(reason = void 0) {
            try {
              webidl3.assertBranded(this, WritableStreamDefaultWriterPrototype);
            } catch (err) {
              return PromiseReject(err);
            }
            if (reason !== void 0) {
              reason = webidl3.converters.any(reason);
            }
            if (this[_stream] === void 0) {
              return PromiseReject(
                new TypeError2("A writable stream is not associated with the writer.")
              );
            }
            return writableStreamDefaultWriterAbort(this, reason);
          }
          /** @returns {Promise<void>} */
          close() {
            try {
              webidl3.assertBranded(this, WritableStreamDefaultWriterPrototype);
            } catch (err) {
              return PromiseReject(err);
            }
            const stream = this[_stream];
            if (stream === void 0) {
              return PromiseReject(
                new TypeError2("A writable stream is not associated with the writer.")
              );
            }
            if (writableStreamCloseQueuedOrInFlight(stream) === true) {
              return PromiseReject(
                new TypeError2("The associated stream is already closing.")
              );
            }
            return writableStreamDefaultWriterClose(this);
          }
          /** @returns {void} */
          releaseLock() {
            webidl3.assertBranded(this, WritableStreamDefaultWriterPrototype);
            const stream = this[_stream];
            if (stream === void 0) {
              return;
            }
            assert(stream[_writer] !== void 0);
            writableStreamDefaultWriterRelease(this);
          }
          /**
           * @param {W} chunk
           * @returns {Promise<void>}
           */
          write(chunk = void 0) {
            try {
              webidl3.assertBranded(this, WritableStreamDefaultWriterPrototype);
              if (chunk !== void 0) {
                chunk = webidl3.converters.any(chunk);
              }
            } catch (err) {
              return PromiseReject(err);
            }
            if (this[_stream] === void 0) {
              return PromiseReject(
                new TypeError2("A writable stream is not associate with the writer.")
              );
            }
            return writableStreamDefaultWriterWrite(this, chunk);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: WritableStreamDefaultWriterPrototype.isPrototypeOf(
                  this
                ),
                keys: [
                  "closed",
                  "desiredSize",
                  "ready"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(WritableStreamDefaultWriter);
        const WritableStreamDefaultWriterPrototype = WritableStreamDefaultWriter.prototype;
        class WritableStreamDefaultController {
          /** @type {(reason?: any) => Promise<void>} */
          [_abortAlgorithm];
          /** @type {() => Promise<void>} */
          [_closeAlgorithm];
          /** @type {ValueWithSize<W | _close>[]} */
          [_queue];
          /** @type {number} */
          [_queueTotalSize];
          /** @type {boolean} */
          [_started];
          /** @type {number} */
          [_strategyHWM];
          /** @type {(chunk: W) => number} */
          [_strategySizeAlgorithm];
          /** @type {WritableStream<W>} */
          [_stream];
          /** @type {(chunk: W, controller: this) => Promise<void>} */
          [_writeAlgorithm];
          /** @type {AbortSignal} */
          [_signal];
          /** @type {(() => void) | undefined} */
          [_onSinkWriteFulfilled];
          /** @type {((reason: any) => void) | undefined} */
          [_onSinkWriteRejected];
          get signal() {
            webidl3.assertBranded(this, WritableStreamDefaultControllerPrototype);
            return this[_signal];
          }
          constructor(brand = void 0) {
            if (brand !== _brand) {
              webidl3.illegalConstructor();
            }
            this[_brand] = _brand;
          }
          /**
           * @param {any=} e
           * @returns {void}
           */
          error(e = void 0) {
            webidl3.assertBranded(this, WritableStreamDefaultControllerPrototype);
            if (e !== void 0) {
              e = webidl3.converters.any(e);
            }
            const state = this[_stream][_state];
            if (state !== "writable") {
              return;
            }
            writableStreamDefaultControllerError(this, e);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: WritableStreamDefaultControllerPrototype.isPrototypeOf(
                  this
                ),
                keys: ["signal"]
              }),
              inspectOptions
            );
          }
          /**
           * @param {any=} reason
           * @returns {Promise<void>}
           */
          [_abortSteps](reason) {
            const result = this[_abortAlgorithm](reason);
            writableStreamDefaultControllerClearAlgorithms(this);
            return result;
          }
          [_errorSteps]() {
            resetQueue(this);
          }
        }
        webidl3.configureInterface(WritableStreamDefaultController);
        const WritableStreamDefaultControllerPrototype = WritableStreamDefaultController.prototype;
        function createProxy(stream) {
          return stream.pipeThrough(new TransformStream3());
        }
        function packAndPostMessage(port, type, value) {
          port.postMessage({ type, value, __proto__: null });
        }
        function crossRealmTransformSendError(port, error2) {
          packAndPostMessage(port, "error", error2);
        }
        function packAndPostMessageHandlingError(port, type, value) {
          try {
            packAndPostMessage(port, type, value);
          } catch (e) {
            crossRealmTransformSendError(port, e);
            throw e;
          }
        }
        function setUpCrossRealmTransformReadable(stream, port) {
          initializeReadableStream(stream);
          const controller = new ReadableStreamDefaultController(_brand);
          port.addEventListener("message", (event) => {
            if (event.data.type === "chunk") {
              readableStreamDefaultControllerEnqueue(controller, event.data.value);
            } else if (event.data.type === "close") {
              readableStreamDefaultControllerClose(controller);
              port.close();
            } else if (event.data.type === "error") {
              readableStreamDefaultControllerError(controller, event.data.value);
              port.close();
            }
          });
          port.addEventListener("messageerror", (event) => {
            crossRealmTransformSendError(port, event.error);
            readableStreamDefaultControllerError(controller, event.error);
            port.close();
          });
          port.start();
          const startAlgorithm = () => void 0;
          const pullAlgorithm = () => {
            packAndPostMessage(port, "pull", void 0);
            return PromiseResolve(void 0);
          };
          const cancelAlgorithm = (reason) => {
            try {
              packAndPostMessageHandlingError(port, "error", reason);
            } catch (e) {
              return PromiseReject(e);
            } finally {
              port.close();
            }
            return PromiseResolve(void 0);
          };
          const sizeAlgorithm = () => 1;
          setUpReadableStreamDefaultController(
            stream,
            controller,
            startAlgorithm,
            pullAlgorithm,
            cancelAlgorithm,
            0,
            sizeAlgorithm
          );
        }
        function setUpCrossRealmTransformWritable(stream, port) {
          initializeWritableStream(stream);
          const controller = new WritableStreamDefaultController(_brand);
          let backpressurePromise = PromiseWithResolvers();
          port.addEventListener("message", (event) => {
            if (event.data.type === "pull") {
              if (backpressurePromise) {
                backpressurePromise.resolve();
                backpressurePromise = void 0;
              }
            } else if (event.data.type === "error") {
              writableStreamDefaultControllerErrorIfNeeded(
                controller,
                event.data.value
              );
              if (backpressurePromise) {
                backpressurePromise.resolve();
                backpressurePromise = void 0;
              }
              port.close();
            }
          });
          port.addEventListener("messageerror", (event) => {
            crossRealmTransformSendError(port, event.error);
            writableStreamDefaultControllerErrorIfNeeded(controller, event.error);
            port.close();
          });
          port.start();
          const startAlgorithm = () => void 0;
          const writeAlgorithm = (chunk) => {
            if (!backpressurePromise) {
              backpressurePromise = PromiseWithResolvers();
              backpressurePromise.resolve();
            }
            return backpressurePromise.promise.then(() => {
              backpressurePromise = PromiseWithResolvers();
              try {
                packAndPostMessageHandlingError(port, "chunk", chunk);
              } catch (e) {
                port.close();
                throw e;
              }
            });
          };
          const closeAlgorithm = () => {
            packAndPostMessage(port, "close", void 0);
            port.close();
            return PromiseResolve(void 0);
          };
          const abortAlgorithm = (reason) => {
            try {
              packAndPostMessageHandlingError(port, "error", reason);
              return PromiseResolve(void 0);
            } catch (error2) {
              return PromiseReject(error2);
            } finally {
              port.close();
            }
          };
          const sizeAlgorithm = () => 1;
          setUpWritableStreamDefaultController(
            stream,
            controller,
            startAlgorithm,
            writeAlgorithm,
            closeAlgorithm,
            abortAlgorithm,
            1,
            sizeAlgorithm
          );
        }
        function readableStreamTransferSteps(value, port) {
          if (isReadableStreamLocked3(value)) {
            throw new DOMException(
              "Cannot transfer a locked ReadableStream",
              "DataCloneError"
            );
          }
          const writable = new WritableStream2(_brand);
          setUpCrossRealmTransformWritable(writable, port);
          const promise = readableStreamPipeTo(value, writable, false, false, false);
          setPromiseIsHandledToTrue(promise);
        }
        function readableStreamTransferReceivingSteps(port) {
          const stream = new ReadableStream4(_brand);
          setUpCrossRealmTransformReadable(stream, port);
          return stream;
        }
        function writableStreamTransferSteps(value, port) {
          if (isWritableStreamLocked(value)) {
            throw new DOMException(
              "Cannot transfer a locked WritableStream",
              "DataCloneError"
            );
          }
          const readable = new ReadableStream4(_brand);
          setUpCrossRealmTransformReadable(readable, port);
          const promise = readableStreamPipeTo(readable, value, false, false, false);
          setPromiseIsHandledToTrue(promise);
        }
        function writableStreamTransferReceivingSteps(port) {
          const stream = new WritableStream2(_brand);
          setUpCrossRealmTransformWritable(stream, port);
          return stream;
        }
        function transformStreamTransferSteps(value, portR, portW) {
          if (isReadableStreamLocked3(value.readable)) {
            throw new DOMException(
              "Cannot transfer a locked ReadableStream",
              "DataCloneError"
            );
          }
          if (isWritableStreamLocked(value.writable)) {
            throw new DOMException(
              "Cannot transfer a locked WritableStream",
              "DataCloneError"
            );
          }
          readableStreamTransferSteps(value.readable, portR);
          writableStreamTransferSteps(value.writable, portW);
        }
        function transformStreamTransferReceivingSteps(portR, portW) {
          const stream = new TransformStream3(_brand);
          stream[_readable] = new ReadableStream4(_brand);
          setUpCrossRealmTransformReadable(stream[_readable], portR);
          stream[_writable] = new WritableStream2(_brand);
          setUpCrossRealmTransformWritable(stream[_writable], portW);
          return stream;
        }
        core2.registerTransferableResource(
          "ReadableStream",
          (value) => {
            const { port1, port2 } = new MessageChannel();
            readableStreamTransferSteps(value, port1);
            return core2.getTransferableResource("MessagePort").send(port2);
          },
          (rid) => {
            const port = core2.getTransferableResource("MessagePort").receive(rid);
            return readableStreamTransferReceivingSteps(port);
          }
        );
        core2.registerTransferableResource(
          "WritableStream",
          (value) => {
            const { port1, port2 } = new MessageChannel();
            writableStreamTransferSteps(value, port1);
            return core2.getTransferableResource("MessagePort").send(port2);
          },
          (rid) => {
            const port = core2.getTransferableResource("MessagePort").receive(rid);
            return writableStreamTransferReceivingSteps(port);
          }
        );
        core2.registerTransferableResource(
          "TransformStream",
          (value) => {
            const { port1: portR1, port2: portR2 } = new MessageChannel();
            const { port1: portW1, port2: portW2 } = new MessageChannel();
            transformStreamTransferSteps(value, portR1, portW1);
            return [
              core2.getTransferableResource("MessagePort").send(portR2),
              core2.getTransferableResource("MessagePort").send(portW2)
            ];
          },
          (rids) => {
            const portR = core2.getTransferableResource("MessagePort").receive(rids[0]);
            const portW = core2.getTransferableResource("MessagePort").receive(rids[1]);
            return transformStreamTransferReceivingSteps(portR, portW);
          }
        );
        webidl3.converters.ReadableStream = webidl3.createInterfaceConverter("ReadableStream", ReadableStream4.prototype);
        webidl3.converters.WritableStream = webidl3.createInterfaceConverter("WritableStream", WritableStream2.prototype);
        webidl3.converters.ReadableStreamType = webidl3.createEnumConverter(
          "ReadableStreamType",
          ["bytes"]
        );
        webidl3.converters.UnderlyingSource = webidl3.createDictionaryConverter("UnderlyingSource", [
          {
            key: "start",
            converter: webidl3.converters.Function
          },
          {
            key: "pull",
            converter: webidl3.converters.Function
          },
          {
            key: "cancel",
            converter: webidl3.converters.Function
          },
          {
            key: "type",
            converter: webidl3.converters.ReadableStreamType
          },
          {
            key: "autoAllocateChunkSize",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned long long"](V, prefix, context, {
              ...opts,
              enforceRange: true
            })
          }
        ]);
        webidl3.converters.UnderlyingSink = webidl3.createDictionaryConverter("UnderlyingSink", [
          {
            key: "start",
            converter: webidl3.converters.Function
          },
          {
            key: "write",
            converter: webidl3.converters.Function
          },
          {
            key: "close",
            converter: webidl3.converters.Function
          },
          {
            key: "abort",
            converter: webidl3.converters.Function
          },
          {
            key: "type",
            converter: webidl3.converters.any
          }
        ]);
        webidl3.converters.Transformer = webidl3.createDictionaryConverter("Transformer", [
          {
            key: "start",
            converter: webidl3.converters.Function
          },
          {
            key: "transform",
            converter: webidl3.converters.Function
          },
          {
            key: "flush",
            converter: webidl3.converters.Function
          },
          {
            key: "cancel",
            converter: webidl3.converters.Function
          },
          {
            key: "readableType",
            converter: webidl3.converters.any
          },
          {
            key: "writableType",
            converter: webidl3.converters.any
          }
        ]);
        webidl3.converters.QueuingStrategy = webidl3.createDictionaryConverter("QueuingStrategy", [
          {
            key: "highWaterMark",
            converter: webidl3.converters["unrestricted double"]
          },
          {
            key: "size",
            converter: webidl3.converters.Function
          }
        ]);
        webidl3.converters.QueuingStrategyInit = webidl3.createDictionaryConverter("QueuingStrategyInit", [
          {
            key: "highWaterMark",
            converter: webidl3.converters["unrestricted double"],
            required: true
          }
        ]);
        webidl3.converters.ReadableStreamIteratorOptions = webidl3.createDictionaryConverter("ReadableStreamIteratorOptions", [
          {
            key: "preventCancel",
            defaultValue: false,
            converter: webidl3.converters.boolean
          }
        ]);
        webidl3.converters.ReadableStreamReaderMode = webidl3.createEnumConverter("ReadableStreamReaderMode", ["byob"]);
        webidl3.converters.ReadableStreamGetReaderOptions = webidl3.createDictionaryConverter("ReadableStreamGetReaderOptions", [{
          key: "mode",
          converter: webidl3.converters.ReadableStreamReaderMode
        }]);
        webidl3.converters.ReadableStreamBYOBReaderReadOptions = webidl3.createDictionaryConverter("ReadableStreamBYOBReaderReadOptions", [{
          key: "min",
          converter: (V, prefix, context, opts) => webidl3.converters["unsigned long long"](V, prefix, context, {
            ...opts,
            enforceRange: true
          }),
          defaultValue: 1
        }]);
        webidl3.converters.ReadableWritablePair = webidl3.createDictionaryConverter("ReadableWritablePair", [
          {
            key: "readable",
            converter: webidl3.converters.ReadableStream,
            required: true
          },
          {
            key: "writable",
            converter: webidl3.converters.WritableStream,
            required: true
          }
        ]);
        webidl3.converters.StreamPipeOptions = webidl3.createDictionaryConverter("StreamPipeOptions", [
          {
            key: "preventClose",
            defaultValue: false,
            converter: webidl3.converters.boolean
          },
          {
            key: "preventAbort",
            defaultValue: false,
            converter: webidl3.converters.boolean
          },
          {
            key: "preventCancel",
            defaultValue: false,
            converter: webidl3.converters.boolean
          },
          { key: "signal", converter: webidl3.converters.AbortSignal }
        ]);
        webidl3.converters["async_sequence<any>"] = webidl3.createAsyncSequenceConverter(
          webidl3.converters.any
        );
        internals3.resourceForReadableStream = resourceForReadableStream;
        internals3.readableStreamForRid = readableStreamForRid;
        internals3.writableStreamForRid = writableStreamForRid;
        {
          const { markNotSerializable } = require_deno_web_13_message_port();
          markNotSerializable(ReadableStream4.prototype);
          markNotSerializable(WritableStream2.prototype);
          markNotSerializable(TransformStream3.prototype);
        }
        const kNodeWebStreamsState = SymbolFor("nodejs.webstreams.kState");
        const kNodeWebStreamsType = SymbolFor("nodejs.webstreams.kType");
        const kNodeMessagingTransfer = SymbolFor("nodejs.messaging.kTransfer");
        function createReadableStreamStateView(stream) {
          return {
            get disturbed() {
              return stream[_disturbed];
            },
            get reader() {
              return stream[_reader];
            },
            get state() {
              return stream[_state];
            },
            get storedError() {
              return stream[_storedError];
            },
            get controller() {
              return stream[_controller];
            }
          };
        }
        function createReadableStreamDefaultReaderStateView(reader) {
          return {
            get closedPromise() {
              return reader[_closedPromise]?.promise;
            },
            get readRequests() {
              return reader[_readRequests];
            },
            get stream() {
              return reader[_stream];
            }
          };
        }
        function createReadableStreamBYOBReaderStateView(reader) {
          return {
            get closedPromise() {
              return reader[_closedPromise]?.promise;
            },
            get readIntoRequests() {
              return reader[_readIntoRequests];
            },
            get stream() {
              return reader[_stream];
            }
          };
        }
        function createReadableStreamDefaultControllerStateView(controller) {
          return {
            get cancelAlgorithm() {
              return controller[_cancelAlgorithm];
            },
            get closeRequested() {
              return controller[_closeRequested];
            },
            get desiredSize() {
              return readableStreamDefaultControllerGetDesiredSize(controller);
            },
            get pullAlgorithm() {
              return controller[_pullAlgorithm];
            },
            get pulling() {
              return controller[_pulling];
            },
            get pullAgain() {
              return controller[_pullAgain];
            },
            get queue() {
              return controller[_queue];
            },
            get queueTotalSize() {
              return controller[_queueTotalSize];
            },
            get sizeAlgorithm() {
              return controller[_strategySizeAlgorithm];
            },
            get started() {
              return controller[_started];
            },
            get stream() {
              return controller[_stream];
            }
          };
        }
        function createReadableByteStreamControllerStateView(controller) {
          return {
            get autoAllocateChunkSize() {
              return controller[_autoAllocateChunkSize];
            },
            get byobRequest() {
              return controller[_byobRequest];
            },
            get cancelAlgorithm() {
              return controller[_cancelAlgorithm];
            },
            get closeRequested() {
              return controller[_closeRequested];
            },
            get desiredSize() {
              return readableByteStreamControllerGetDesiredSize(controller);
            },
            get pendingPullIntos() {
              return controller[_pendingPullIntos];
            },
            set pendingPullIntos(value) {
              controller[_pendingPullIntos] = value;
            },
            get pullAlgorithm() {
              return controller[_pullAlgorithm];
            },
            get pulling() {
              return controller[_pulling];
            },
            get pullAgain() {
              return controller[_pullAgain];
            },
            get queue() {
              return controller[_queue];
            },
            get queueTotalSize() {
              return controller[_queueTotalSize];
            },
            get started() {
              return controller[_started];
            },
            get stream() {
              return controller[_stream];
            }
          };
        }
        function isReadableStreamBYOBRequest(value) {
          return !(typeof value !== "object" || value === null || !value[_view]);
        }
        function isReadableByteStreamController(value) {
          return !(typeof value !== "object" || value === null || !ReflectHas(value, _pendingPullIntos));
        }
        function readableStreamDefaultControllerHasBackpressure(controller) {
          return readableStreamDefaultControllerGetDesiredSize(controller) <= 0;
        }
        function readableStreamDefaultControllerShouldCallPull(controller) {
          const stream = controller[_stream];
          if (!readableStreamDefaultControllerCanCloseOrEnqueue(controller)) {
            return false;
          }
          if (!controller[_started]) {
            return false;
          }
          if (isReadableStreamLocked3(stream) && readableStreamGetNumReadRequests(stream) > 0) {
            return true;
          }
          return readableStreamDefaultControllerGetDesiredSize(controller) > 0;
        }
        const setUpReadableByteStreamControllerFromSource = setUpReadableByteStreamControllerFromUnderlyingSource;
        const setUpReadableStreamDefaultControllerFromSource = setUpReadableStreamDefaultControllerFromUnderlyingSource;
        ObjectDefineProperty(ReadableStreamPrototype3, kNodeWebStreamsState, {
          __proto__: null,
          configurable: true,
          get() {
            return createReadableStreamStateView(this);
          }
        });
        ObjectDefineProperty(ReadableStreamPrototype3, kNodeWebStreamsType, {
          __proto__: null,
          configurable: true,
          value: "ReadableStream"
        });
        ObjectDefineProperty(ReadableStreamPrototype3, kNodeMessagingTransfer, {
          __proto__: null,
          configurable: true,
          value() {
            if (!isReadableStream(this)) {
              const error2 = new TypeError2(
                'Value of "this" must be of type ReadableStream'
              );
              error2.code = "ERR_INVALID_THIS";
              throw error2;
            }
          }
        });
        ObjectDefineProperty(
          ReadableStreamDefaultReaderPrototype,
          kNodeWebStreamsState,
          {
            __proto__: null,
            configurable: true,
            get() {
              return createReadableStreamDefaultReaderStateView(this);
            }
          }
        );
        ObjectDefineProperty(
          ReadableStreamDefaultReaderPrototype,
          kNodeWebStreamsType,
          {
            __proto__: null,
            configurable: true,
            value: "ReadableStreamDefaultReader"
          }
        );
        ObjectDefineProperty(ReadableStreamBYOBReaderPrototype, kNodeWebStreamsState, {
          __proto__: null,
          configurable: true,
          get() {
            return createReadableStreamBYOBReaderStateView(this);
          }
        });
        ObjectDefineProperty(ReadableStreamBYOBReaderPrototype, kNodeWebStreamsType, {
          __proto__: null,
          configurable: true,
          value: "ReadableStreamBYOBReader"
        });
        ObjectDefineProperty(
          ReadableStreamDefaultControllerPrototype,
          kNodeWebStreamsState,
          {
            __proto__: null,
            configurable: true,
            get() {
              return createReadableStreamDefaultControllerStateView(this);
            }
          }
        );
        ObjectDefineProperty(
          ReadableStreamDefaultControllerPrototype,
          kNodeWebStreamsType,
          {
            __proto__: null,
            configurable: true,
            value: "ReadableStreamDefaultController"
          }
        );
        ObjectDefineProperty(
          ReadableByteStreamControllerPrototype,
          kNodeWebStreamsState,
          {
            __proto__: null,
            configurable: true,
            get() {
              return createReadableByteStreamControllerStateView(this);
            }
          }
        );
        ObjectDefineProperty(
          ReadableByteStreamControllerPrototype,
          kNodeWebStreamsType,
          {
            __proto__: null,
            configurable: true,
            value: "ReadableByteStreamController"
          }
        );
        ObjectDefineProperty(ReadableStreamBYOBRequestPrototype, kNodeWebStreamsType, {
          __proto__: null,
          configurable: true,
          value: "ReadableStreamBYOBRequest"
        });
        return {
          _isClosedPromise,
          // Non-Public
          _state,
          kNodeWebStreamsState,
          kNodeWebStreamsType,
          kNodeMessagingTransfer,
          // Exposed in global runtime scope
          acquireReadableStreamDefaultReader,
          ByteLengthQueuingStrategy,
          CountQueuingStrategy,
          createProxy,
          createReadableByteStream: createReadableByteStream2,
          createReadableStream,
          Deferred,
          errorReadableStream,
          getReadableStreamResourceBacking,
          getReadableStreamStoredError,
          getWritableStreamResourceBacking,
          isReadableByteStreamController,
          isReadableStream,
          isReadableStreamBYOBReader,
          isReadableStreamBYOBRequest,
          isDetachedBuffer,
          isReadableStreamDisturbed: isReadableStreamDisturbed2,
          isReadableStreamLocked: isReadableStreamLocked3,
          isReadableStreamDefaultReader,
          ReadableByteStreamController,
          ReadableStream: ReadableStream4,
          ReadableStreamBYOBReader,
          ReadableStreamBYOBRequest,
          readableByteStreamControllerClearAlgorithms,
          readableByteStreamControllerClearPendingPullIntos,
          readableByteStreamControllerClose: readableByteStreamControllerClose2,
          readableByteStreamControllerCommitPullIntoDescriptor,
          readableByteStreamControllerConvertPullIntoDescriptor,
          readableByteStreamControllerEnqueue: readableByteStreamControllerEnqueue2,
          readableByteStreamControllerEnqueueChunkToQueue,
          readableByteStreamControllerError: readableByteStreamControllerError2,
          readableByteStreamControllerFillHeadPullIntoDescriptor,
          readableByteStreamControllerFillPullIntoDescriptorFromQueue,
          readableByteStreamControllerGetDesiredSize,
          readableByteStreamControllerHandleQueueDrain,
          readableByteStreamControllerInvalidateBYOBRequest,
          readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue,
          readableByteStreamControllerPullInto,
          readableByteStreamControllerRespond,
          readableByteStreamControllerRespondInClosedState,
          readableByteStreamControllerRespondInReadableState,
          readableByteStreamControllerRespondInternal,
          readableByteStreamControllerRespondWithNewView,
          readableByteStreamControllerShiftPendingPullInto,
          readableByteStreamControllerShouldCallPull,
          readableByteStreamControllerCallPullIfNeeded,
          readableStreamCancel,
          readableStreamClose,
          readableStreamCollectIntoUint8Array,
          readableStreamDefaultControllerCallPullIfNeeded,
          readableStreamDefaultControllerCanCloseOrEnqueue,
          readableStreamDefaultControllerClearAlgorithms,
          ReadableStreamDefaultController,
          readableStreamDefaultControllerClose,
          readableStreamDefaultControllerEnqueue,
          readableStreamDefaultControllerError,
          readableStreamDefaultControllerGetDesiredSize,
          readableStreamDefaultControllerHasBackpressure,
          readableStreamDefaultControllerShouldCallPull,
          ReadableStreamDefaultReader,
          readableStreamDisturb: readableStreamDisturb2,
          readableStreamError,
          readableStreamForRid,
          readableStreamForRidUnrefable,
          readableStreamForRidUnrefableRef,
          readableStreamForRidUnrefableUnref,
          readableStreamGetNumReadIntoRequests,
          readableStreamGetNumReadRequests,
          readableStreamHasBYOBReader,
          readableStreamHasDefaultReader,
          ReadableStreamPrototype: ReadableStreamPrototype3,
          readableStreamReaderGenericCancel,
          readableStreamReaderGenericRelease,
          readableStreamPipeTo,
          readableStreamTee,
          readableStreamThrowIfErrored,
          resourceForReadableStream,
          setUpReadableByteStreamController,
          setUpReadableByteStreamControllerFromSource,
          setUpReadableStreamBYOBReader,
          setUpReadableStreamDefaultController,
          setUpReadableStreamDefaultControllerFromSource,
          setUpReadableStreamDefaultReader,
          TransformStream: TransformStream3,
          TransformStreamDefaultController,
          WritableStream: WritableStream2,
          writableStreamClose,
          WritableStreamDefaultController,
          WritableStreamDefaultWriter,
          writableStreamForRid
        };
      })();
    }
  });

  // deno:deno_crypto/00_crypto.js
  var require_crypto = __commonJS({
    "deno:deno_crypto/00_crypto.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3, internals: internals3 } = __bootstrap;
        const {
          isArrayBuffer,
          isTypedArray,
          isDataView
        } = core2;
        const {
          op_crypto_base64url_decode,
          op_crypto_base64url_encode,
          op_crypto_decrypt,
          op_crypto_derive_bits,
          op_crypto_derive_bits_x25519,
          op_crypto_derive_bits_x448,
          op_crypto_encrypt,
          op_crypto_export_key,
          op_crypto_export_pkcs8_ed25519,
          op_crypto_export_pkcs8_x25519,
          op_crypto_export_pkcs8_x448,
          op_crypto_export_spki_ed25519,
          op_crypto_export_spki_x25519,
          op_crypto_export_spki_x448,
          op_crypto_generate_ed25519_keypair,
          op_crypto_generate_key,
          op_crypto_generate_x25519_keypair,
          op_crypto_generate_x448_keypair,
          op_crypto_get_random_values,
          op_crypto_import_key,
          op_crypto_key_store_get,
          op_crypto_key_store_insert,
          op_crypto_import_pkcs8_ed25519,
          op_crypto_import_pkcs8_x25519,
          op_crypto_import_pkcs8_x448,
          op_crypto_import_spki_ed25519,
          op_crypto_import_spki_x25519,
          op_crypto_import_spki_x448,
          op_crypto_jwk_x_ed25519,
          op_crypto_ml_kem_decapsulate,
          op_crypto_ml_kem_encapsulate,
          op_crypto_ml_kem_export_pkcs8,
          op_crypto_ml_kem_export_spki,
          op_crypto_ml_kem_from_seed,
          op_crypto_ml_kem_get_public_key,
          op_crypto_ml_kem_import_pkcs8,
          op_crypto_ml_kem_import_spki,
          op_crypto_ml_kem_validate_public_key,
          op_crypto_mldsa_export_pkcs8,
          op_crypto_mldsa_export_spki,
          op_crypto_mldsa_from_pkcs8,
          op_crypto_mldsa_from_seed,
          op_crypto_mldsa_from_spki,
          op_crypto_random_uuid,
          op_crypto_sign_ed25519,
          op_crypto_sign_key,
          op_crypto_sign_mldsa,
          op_crypto_subtle_digest,
          op_crypto_subtle_digest_xof,
          op_crypto_unwrap_key,
          op_crypto_verify_ed25519,
          op_crypto_verify_key,
          op_crypto_verify_mldsa,
          op_crypto_wrap_key,
          op_crypto_x25519_public_key,
          op_crypto_x448_public_key
        } = core2.ops;
        const {
          ArrayBufferIsView,
          ArrayBufferPrototypeGetByteLength,
          ArrayBufferPrototypeSlice,
          ArrayPrototypeEvery,
          ArrayPrototypeFilter,
          ArrayPrototypeFind,
          ArrayPrototypeIncludes,
          DataViewPrototypeGetBuffer,
          DataViewPrototypeGetByteLength,
          DataViewPrototypeGetByteOffset,
          JSONParse,
          JSONStringify,
          MathCeil,
          ObjectAssign,
          ObjectDefineProperty,
          ObjectHasOwn,
          ObjectPrototypeIsPrototypeOf,
          SafeArrayIterator,
          SafeWeakMap,
          StringFromCharCode,
          StringPrototypeCharCodeAt,
          StringPrototypeToLowerCase,
          StringPrototypeToUpperCase,
          Symbol: Symbol2,
          SymbolFor,
          SyntaxError: SyntaxError2,
          TypeError: TypeError2,
          TypedArrayPrototypeGetBuffer,
          TypedArrayPrototypeGetByteLength,
          TypedArrayPrototypeGetByteOffset,
          TypedArrayPrototypeGetSymbolToStringTag,
          TypedArrayPrototypeSlice,
          Uint8Array: Uint8Array2,
          WeakMapPrototypeGet,
          WeakMapPrototypeSet
        } = primordials3;
        const webidl3 = require_webidl();
        const { createFilteredInspectProxy } = require_deno_web_01_console();
        const { DOMException: DOMException5 } = require_dom_exception();
        const { kKeyObject } = internals3;
        const supportedNamedCurves = ["P-256", "P-384", "P-521"];
        const recognisedUsages = [
          "encrypt",
          "decrypt",
          "sign",
          "verify",
          "deriveKey",
          "deriveBits",
          "wrapKey",
          "unwrapKey",
          "encapsulateKey",
          "encapsulateBits",
          "decapsulateKey",
          "decapsulateBits"
        ];
        const simpleAlgorithmDictionaries = {
          AesGcmParams: { iv: "BufferSource", additionalData: "BufferSource" },
          RsaHashedKeyGenParams: { hash: "HashAlgorithmIdentifier" },
          EcKeyGenParams: {},
          HmacKeyGenParams: { hash: "HashAlgorithmIdentifier" },
          RsaPssParams: {},
          EcdsaParams: { hash: "HashAlgorithmIdentifier" },
          HmacImportParams: { hash: "HashAlgorithmIdentifier" },
          HkdfParams: {
            hash: "HashAlgorithmIdentifier",
            salt: "BufferSource",
            info: "BufferSource"
          },
          Pbkdf2Params: { hash: "HashAlgorithmIdentifier", salt: "BufferSource" },
          RsaOaepParams: { label: "BufferSource" },
          RsaHashedImportParams: { hash: "HashAlgorithmIdentifier" },
          EcKeyImportParams: {},
          ChaCha20Poly1305Params: {
            iv: "BufferSource",
            additionalData: "BufferSource"
          },
          CShakeParams: {
            functionName: "BufferSource",
            customization: "BufferSource"
          },
          TurboShakeParams: {},
          MlDsaParams: { context: "BufferSource" }
        };
        const supportedAlgorithms = {
          "digest": {
            "MD5": null,
            "SHA-1": null,
            "SHA-256": null,
            "SHA-384": null,
            "SHA-512": null,
            "SHA3-256": null,
            "SHA3-384": null,
            "SHA3-512": null,
            "cSHAKE128": "CShakeParams",
            "cSHAKE256": "CShakeParams",
            "TurboSHAKE128": "TurboShakeParams",
            "TurboSHAKE256": "TurboShakeParams"
          },
          "generateKey": {
            "RSASSA-PKCS1-v1_5": "RsaHashedKeyGenParams",
            "RSA-PSS": "RsaHashedKeyGenParams",
            "RSA-OAEP": "RsaHashedKeyGenParams",
            "ECDSA": "EcKeyGenParams",
            "ECDH": "EcKeyGenParams",
            "AES-CTR": "AesKeyGenParams",
            "AES-CBC": "AesKeyGenParams",
            "AES-GCM": "AesKeyGenParams",
            "AES-OCB": "AesKeyGenParams",
            "AES-KW": "AesKeyGenParams",
            "HMAC": "HmacKeyGenParams",
            "ChaCha20-Poly1305": null,
            "X25519": null,
            "X448": null,
            "Ed25519": null,
            "ML-KEM-512": null,
            "ML-KEM-768": null,
            "ML-KEM-1024": null,
            "ML-DSA-44": null,
            "ML-DSA-65": null,
            "ML-DSA-87": null
          },
          "sign": {
            "RSASSA-PKCS1-v1_5": null,
            "RSA-PSS": "RsaPssParams",
            "ECDSA": "EcdsaParams",
            "HMAC": null,
            "Ed25519": null,
            "ML-DSA-44": "MlDsaParams",
            "ML-DSA-65": "MlDsaParams",
            "ML-DSA-87": "MlDsaParams"
          },
          "verify": {
            "RSASSA-PKCS1-v1_5": null,
            "RSA-PSS": "RsaPssParams",
            "ECDSA": "EcdsaParams",
            "HMAC": null,
            "Ed25519": null,
            "ML-DSA-44": "MlDsaParams",
            "ML-DSA-65": "MlDsaParams",
            "ML-DSA-87": "MlDsaParams"
          },
          "importKey": {
            "RSASSA-PKCS1-v1_5": "RsaHashedImportParams",
            "RSA-PSS": "RsaHashedImportParams",
            "RSA-OAEP": "RsaHashedImportParams",
            "ECDSA": "EcKeyImportParams",
            "ECDH": "EcKeyImportParams",
            "HMAC": "HmacImportParams",
            "HKDF": null,
            "PBKDF2": null,
            "AES-CTR": null,
            "AES-CBC": null,
            "AES-GCM": null,
            "AES-OCB": null,
            "AES-KW": null,
            "ChaCha20-Poly1305": null,
            "Ed25519": null,
            "X25519": null,
            "X448": null,
            "ML-KEM-512": null,
            "ML-KEM-768": null,
            "ML-KEM-1024": null,
            "ML-DSA-44": null,
            "ML-DSA-65": null,
            "ML-DSA-87": null
          },
          "encapsulate": {
            "ML-KEM-512": null,
            "ML-KEM-768": null,
            "ML-KEM-1024": null
          },
          "decapsulate": {
            "ML-KEM-512": null,
            "ML-KEM-768": null,
            "ML-KEM-1024": null
          },
          "deriveBits": {
            "HKDF": "HkdfParams",
            "PBKDF2": "Pbkdf2Params",
            "ECDH": "EcdhKeyDeriveParams",
            "X25519": "EcdhKeyDeriveParams",
            "X448": "EcdhKeyDeriveParams"
          },
          "encrypt": {
            "RSA-OAEP": "RsaOaepParams",
            "AES-CBC": "AesCbcParams",
            "AES-GCM": "AesGcmParams",
            "AES-OCB": "AesGcmParams",
            "AES-CTR": "AesCtrParams",
            "ChaCha20-Poly1305": "ChaCha20Poly1305Params"
          },
          "decrypt": {
            "RSA-OAEP": "RsaOaepParams",
            "AES-CBC": "AesCbcParams",
            "AES-GCM": "AesGcmParams",
            "AES-OCB": "AesGcmParams",
            "AES-CTR": "AesCtrParams",
            "ChaCha20-Poly1305": "ChaCha20Poly1305Params"
          },
          "get key length": {
            "AES-CBC": "AesDerivedKeyParams",
            "AES-CTR": "AesDerivedKeyParams",
            "AES-GCM": "AesDerivedKeyParams",
            "AES-KW": "AesDerivedKeyParams",
            "HMAC": "HmacImportParams",
            "ChaCha20-Poly1305": null,
            "HKDF": null,
            "PBKDF2": null
          },
          "wrapKey": {
            "AES-KW": null
          },
          "unwrapKey": {
            "AES-KW": null
          }
        };
        const aesJwkAlg = {
          "AES-CTR": {
            128: "A128CTR",
            192: "A192CTR",
            256: "A256CTR"
          },
          "AES-CBC": {
            128: "A128CBC",
            192: "A192CBC",
            256: "A256CBC"
          },
          "AES-GCM": {
            128: "A128GCM",
            192: "A192GCM",
            256: "A256GCM"
          },
          "AES-KW": {
            128: "A128KW",
            192: "A192KW",
            256: "A256KW"
          },
          "AES-OCB": {
            128: "A128OCB",
            192: "A192OCB",
            256: "A256OCB"
          }
        };
        function normalizeAlgorithm(algorithm, op) {
          if (typeof algorithm == "string") {
            return normalizeAlgorithm({ name: algorithm }, op);
          }
          const registeredAlgorithms = supportedAlgorithms[op];
          const initialAlg = webidl3.converters.Algorithm(
            algorithm,
            "Failed to normalize algorithm",
            "passed algorithm"
          );
          let algName = initialAlg.name;
          let desiredType = void 0;
          for (const key in registeredAlgorithms) {
            if (!ObjectHasOwn(registeredAlgorithms, key)) {
              continue;
            }
            if (key.toUpperCase() === algName.toUpperCase()) {
              algName = key;
              desiredType = registeredAlgorithms[key];
            }
          }
          if (desiredType === void 0) {
            throw new DOMException5(
              "Unrecognized algorithm name",
              "NotSupportedError"
            );
          }
          if (desiredType === null) {
            return { name: algName };
          }
          const normalizedAlgorithm = webidl3.converters[desiredType](
            algorithm,
            "Failed to normalize algorithm",
            "passed algorithm"
          );
          normalizedAlgorithm.name = algName;
          const dict = simpleAlgorithmDictionaries[desiredType];
          for (const member in dict) {
            if (!ObjectHasOwn(dict, member)) {
              continue;
            }
            const idlType = dict[member];
            const idlValue = normalizedAlgorithm[member];
            if (idlType === "BufferSource" && idlValue) {
              normalizedAlgorithm[member] = copyBuffer(idlValue);
            } else if (idlType === "HashAlgorithmIdentifier") {
              normalizedAlgorithm[member] = normalizeAlgorithm(idlValue, "digest");
            } else if (idlType === "AlgorithmIdentifier") {
              throw new TypeError2("Unimplemented");
            }
          }
          return normalizedAlgorithm;
        }
        function copyBuffer(input) {
          if (isTypedArray(input)) {
            const byteLength2 = input.byteLength;
            if (byteLength2 === 0) return new Uint8Array2(0);
            return new Uint8Array2(
              input.buffer,
              input.byteOffset,
              byteLength2
            ).slice();
          } else if (isDataView(input)) {
            return new Uint8Array2(
              input.buffer,
              input.byteOffset,
              input.byteLength
            ).slice();
          }
          const byteLength = input.byteLength;
          if (byteLength === 0) return new Uint8Array2(0);
          return new Uint8Array2(
            input,
            0,
            byteLength
          ).slice();
        }
        const _handle = Symbol2("[[handle]]");
        const _algorithm = Symbol2("[[algorithm]]");
        const _extractable = Symbol2("[[extractable]]");
        const _usages = Symbol2("[[usages]]");
        const _type = Symbol2("[[type]]");
        class CryptoKey2 {
          /** @type {string} */
          [_type];
          /** @type {boolean} */
          [_extractable];
          /** @type {object} */
          [_algorithm];
          /** @type {string[]} */
          [_usages];
          /** @type {object} */
          [_handle];
          /** @type {object} */
          [kKeyObject];
          constructor() {
            webidl3.illegalConstructor();
          }
          /** @returns {string} */
          get type() {
            webidl3.assertBranded(this, CryptoKeyPrototype);
            return this[_type];
          }
          /** @returns {boolean} */
          get extractable() {
            webidl3.assertBranded(this, CryptoKeyPrototype);
            return this[_extractable];
          }
          /** @returns {string[]} */
          get usages() {
            webidl3.assertBranded(this, CryptoKeyPrototype);
            return this[_usages];
          }
          /** @returns {object} */
          get algorithm() {
            webidl3.assertBranded(this, CryptoKeyPrototype);
            return this[_algorithm];
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: CryptoKeyPrototype.isPrototypeOf(this),
                keys: [
                  "type",
                  "extractable",
                  "algorithm",
                  "usages"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(CryptoKey2);
        const CryptoKeyPrototype = CryptoKey2.prototype;
        function constructKey(type, extractable, usages, algorithm, handle2) {
          const key = webidl3.createBranded(CryptoKey2);
          key[_type] = type;
          key[_extractable] = extractable;
          key[_usages] = usages;
          key[_algorithm] = algorithm;
          key[_handle] = handle2;
          ObjectDefineProperty(key, core2.hostObjectBrand, {
            __proto__: null,
            value: () => ({
              type: "CryptoKey",
              keyType: type,
              extractable,
              usages,
              algorithm,
              keyData: getKeyData(handle2)
            }),
            enumerable: false,
            configurable: false,
            writable: false
          });
          return key;
        }
        core2.registerCloneableResource("CryptoKey", (data) => {
          const handle2 = {};
          setKeyData(handle2, data.keyData);
          return constructKey(
            data.keyType,
            data.extractable,
            data.usages,
            data.algorithm,
            handle2
          );
        });
        function usageIntersection(a, b) {
          return a.filter(
            (i) => b.includes(i)
          );
        }
        function validatePublicKeyUsages(requested, allowed) {
          for (let i = 0; i < requested.length; i++) {
            if (!allowed.includes(requested[i])) {
              throw new DOMException5("Invalid key usage", "SyntaxError");
            }
          }
        }
        function setKeyData(handle2, value) {
          let payload;
          if (value.type !== void 0) {
            payload = { kind: value.type, data: value.data };
          } else if (ArrayBufferIsView(value) || isArrayBuffer(value)) {
            payload = { kind: "raw", data: value };
          } else {
            payload = {
              kind: "seeded",
              seed: value.seed,
              privateKey: value.privateKey
            };
          }
          handle2.cppgc = op_crypto_key_store_insert(payload);
        }
        function getKeyData(handle2) {
          const value = op_crypto_key_store_get(handle2.cppgc);
          switch (value.kind) {
            case "raw":
              return value.data;
            case "seeded":
              return { seed: value.seed, privateKey: value.privateKey };
            default:
              return { type: value.kind, data: value.data };
          }
        }
        const MLDSA_PUBLIC_FROM_PRIVATE = new SafeWeakMap();
        function mldsaVariantId(name) {
          switch (name) {
            case "ML-DSA-44":
              return 0;
            case "ML-DSA-65":
              return 1;
            case "ML-DSA-87":
              return 2;
            default:
              throw new TypeError2(`Unknown ML-DSA variant: ${name}`);
          }
        }
        function mldsaPublicKeyLen(variant) {
          switch (variant) {
            case 0:
              return 1312;
            case 1:
              return 1952;
            case 2:
              return 2592;
            default:
              throw new TypeError2("Unknown ML-DSA variant");
          }
        }
        function bytesEqual(a, b) {
          const len = a.byteLength;
          if (len !== b.byteLength) {
            return false;
          }
          for (let i = 0; i < len; i++) {
            if (a[i] !== b[i]) {
              return false;
            }
          }
          return true;
        }
        function getKeyLength(algorithm) {
          switch (algorithm.name) {
            case "AES-CBC":
            case "AES-CTR":
            case "AES-GCM":
            case "AES-OCB":
            case "AES-KW": {
              if (![128, 192, 256].includes(algorithm.length)) {
                throw new DOMException5(
                  `Length must be 128, 192, or 256: received ${algorithm.length}`,
                  "OperationError"
                );
              }
              return algorithm.length;
            }
            case "HMAC": {
              let length;
              if (algorithm.length === void 0) {
                switch (algorithm.hash.name) {
                  case "SHA-1":
                    length = 512;
                    break;
                  case "SHA-256":
                    length = 512;
                    break;
                  case "SHA-384":
                    length = 1024;
                    break;
                  case "SHA-512":
                    length = 1024;
                    break;
                  case "SHA3-256":
                    length = 512;
                    break;
                  case "SHA3-384":
                    length = 1024;
                    break;
                  case "SHA3-512":
                    length = 1024;
                    break;
                  default:
                    throw new DOMException5(
                      `Unrecognized hash algorithm: ${algorithm.hash.name}`,
                      "NotSupportedError"
                    );
                }
              } else if (algorithm.length !== 0) {
                length = algorithm.length;
              } else {
                throw new TypeError2(`Invalid length: ${algorithm.length}`);
              }
              return length;
            }
            case "ChaCha20-Poly1305": {
              return 256;
            }
            case "HKDF": {
              return null;
            }
            case "PBKDF2": {
              return null;
            }
            default:
              throw new TypeError2("Unreachable");
          }
        }
        class SubtleCrypto2 {
          constructor() {
            webidl3.illegalConstructor();
          }
          /**
           * @param {string} algorithm
           * @param {BufferSource} data
           * @returns {Promise<ArrayBuffer>}
           */
          async digest(algorithm, data) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'digest' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            data = webidl3.converters.BufferSource(data, prefix, "Argument 2");
            algorithm = normalizeAlgorithm(algorithm, "digest");
            data = copyBuffer(data);
            switch (algorithm.name) {
              case "cSHAKE128":
              case "cSHAKE256":
              case "TurboSHAKE128":
              case "TurboSHAKE256": {
                if (algorithm.outputLength % 8 !== 0) {
                  throw new DOMException5(
                    `'outputLength' must be a multiple of 8 for ${algorithm.name}`,
                    "OperationError"
                  );
                }
                if (algorithm.outputLength === 0 && (algorithm.name === "TurboSHAKE128" || algorithm.name === "TurboSHAKE256")) {
                  throw new DOMException5(
                    `'outputLength' must be a positive multiple of 8 for ${algorithm.name}`,
                    "OperationError"
                  );
                }
                if ((algorithm.name === "TurboSHAKE128" || algorithm.name === "TurboSHAKE256") && algorithm.domainSeparation !== void 0 && (algorithm.domainSeparation < 1 || algorithm.domainSeparation > 127)) {
                  throw new DOMException5(
                    "'domainSeparation' must be in [0x01, 0x7F]",
                    "OperationError"
                  );
                }
                const xofResult = await op_crypto_subtle_digest_xof({
                  name: algorithm.name,
                  outputLength: algorithm.outputLength,
                  functionName: algorithm.functionName ?? null,
                  customization: algorithm.customization ?? null,
                  domainSeparation: algorithm.domainSeparation ?? null
                }, data);
                return xofResult.buffer;
              }
            }
            const result = await op_crypto_subtle_digest(
              algorithm.name,
              data
            );
            return result.buffer;
          }
          /**
           * @param {string} algorithm
           * @param {CryptoKey} key
           * @param {BufferSource} data
           * @returns {Promise<any>}
           */
          async encrypt(algorithm, key, data) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'encrypt' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 3, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            key = webidl3.converters.CryptoKey(key, prefix, "Argument 2");
            data = webidl3.converters.BufferSource(data, prefix, "Argument 3");
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "encrypt");
            data = copyBuffer(data);
            if (normalizedAlgorithm.name !== key[_algorithm].name) {
              throw new DOMException5(
                `Encryption algorithm '${normalizedAlgorithm.name}' does not match key algorithm`,
                "InvalidAccessError"
              );
            }
            if (!key[_usages].includes("encrypt")) {
              throw new DOMException5(
                "The requested operation is not valid for the provided key",
                "InvalidAccessError"
              );
            }
            return await encrypt(normalizedAlgorithm, key, data);
          }
          /**
           * @param {string} algorithm
           * @param {CryptoKey} key
           * @param {BufferSource} data
           * @returns {Promise<any>}
           */
          async decrypt(algorithm, key, data) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'decrypt' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 3, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            key = webidl3.converters.CryptoKey(key, prefix, "Argument 2");
            data = webidl3.converters.BufferSource(data, prefix, "Argument 3");
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "decrypt");
            data = copyBuffer(data);
            if (normalizedAlgorithm.name !== key[_algorithm].name) {
              throw new DOMException5(
                `Decryption algorithm "${normalizedAlgorithm.name}" does not match key algorithm`,
                "OperationError"
              );
            }
            if (!key[_usages].includes("decrypt")) {
              throw new DOMException5(
                "The requested operation is not valid for the provided key",
                "InvalidAccessError"
              );
            }
            const handle2 = key[_handle];
            switch (normalizedAlgorithm.name) {
              case "RSA-OAEP": {
                if (key[_type] !== "private") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                if (normalizedAlgorithm.label) {
                  normalizedAlgorithm.label = copyBuffer(normalizedAlgorithm.label);
                } else {
                  normalizedAlgorithm.label = new Uint8Array2();
                }
                const hashAlgorithm = key[_algorithm].hash.name;
                const plainText2 = await op_crypto_decrypt(handle2.cppgc, {
                  algorithm: "RSA-OAEP",
                  hash: hashAlgorithm,
                  label: normalizedAlgorithm.label
                }, data);
                return plainText2.buffer;
              }
              case "AES-CBC": {
                normalizedAlgorithm.iv = copyBuffer(normalizedAlgorithm.iv);
                if (normalizedAlgorithm.iv.byteLength !== 16) {
                  throw new DOMException5(
                    "Counter must be 16 bytes",
                    "OperationError"
                  );
                }
                const plainText2 = await op_crypto_decrypt(handle2.cppgc, {
                  algorithm: "AES-CBC",
                  iv: normalizedAlgorithm.iv,
                  length: key[_algorithm].length
                }, data);
                return plainText2.buffer;
              }
              case "AES-CTR": {
                normalizedAlgorithm.counter = copyBuffer(normalizedAlgorithm.counter);
                if (normalizedAlgorithm.counter.byteLength !== 16) {
                  throw new DOMException5(
                    "Counter vector must be 16 bytes",
                    "OperationError"
                  );
                }
                if (normalizedAlgorithm.length === 0 || normalizedAlgorithm.length > 128) {
                  throw new DOMException5(
                    `Counter length must not be 0 or greater than 128: received ${normalizedAlgorithm.length}`,
                    "OperationError"
                  );
                }
                const cipherText = await op_crypto_decrypt(handle2.cppgc, {
                  algorithm: "AES-CTR",
                  keyLength: key[_algorithm].length,
                  counter: normalizedAlgorithm.counter,
                  ctrLength: normalizedAlgorithm.length
                }, data);
                return cipherText.buffer;
              }
              case "AES-GCM":
              case "AES-OCB": {
                normalizedAlgorithm.iv = copyBuffer(normalizedAlgorithm.iv);
                if (normalizedAlgorithm.tagLength === void 0) {
                  normalizedAlgorithm.tagLength = 128;
                } else if (![32, 64, 96, 104, 112, 120, 128].includes(
                  normalizedAlgorithm.tagLength
                )) {
                  throw new DOMException5(
                    `Invalid tag length: ${normalizedAlgorithm.tagLength}`,
                    "OperationError"
                  );
                }
                if (data.byteLength < normalizedAlgorithm.tagLength / 8) {
                  throw new DOMException5(
                    "The provided data is too small",
                    "OperationError"
                  );
                }
                const ivLen = normalizedAlgorithm.iv.byteLength;
                if (algorithm.name === "AES-GCM") {
                  if (ivLen === 0) {
                    throw new DOMException5(
                      "Initialization vector length not supported",
                      "NotSupportedError"
                    );
                  }
                } else {
                  if (![64, 96, 128].includes(
                    normalizedAlgorithm.tagLength
                  )) {
                    throw new DOMException5(
                      `Invalid tag length: ${normalizedAlgorithm.tagLength}`,
                      "OperationError"
                    );
                  }
                  if (ivLen < 6 || ivLen > 15) {
                    throw new DOMException5(
                      "Invalid nonce length for AES-OCB (must be 6-15 bytes)",
                      "OperationError"
                    );
                  }
                }
                if (normalizedAlgorithm.additionalData !== void 0) {
                  normalizedAlgorithm.additionalData = copyBuffer(
                    normalizedAlgorithm.additionalData
                  );
                }
                const plaintext = await op_crypto_decrypt(handle2.cppgc, {
                  algorithm: algorithm.name,
                  length: key[_algorithm].length,
                  iv: normalizedAlgorithm.iv,
                  additionalData: normalizedAlgorithm.additionalData || null,
                  tagLength: normalizedAlgorithm.tagLength
                }, data);
                return plaintext.buffer;
              }
              case "ChaCha20-Poly1305": {
                if (normalizedAlgorithm.iv === void 0) {
                  throw new TypeError2("iv is required");
                }
                normalizedAlgorithm.iv = copyBuffer(normalizedAlgorithm.iv);
                if (normalizedAlgorithm.iv.byteLength !== 12) {
                  throw new DOMException5(
                    "ChaCha20-Poly1305 iv must be 12 bytes",
                    "OperationError"
                  );
                }
                if (normalizedAlgorithm.tagLength !== void 0 && normalizedAlgorithm.tagLength !== 128) {
                  throw new DOMException5(
                    "ChaCha20-Poly1305 tagLength must be 128",
                    "OperationError"
                  );
                }
                if (data.byteLength < 16) {
                  throw new DOMException5(
                    "The provided data is too small",
                    "OperationError"
                  );
                }
                if (normalizedAlgorithm.additionalData !== void 0) {
                  normalizedAlgorithm.additionalData = copyBuffer(
                    normalizedAlgorithm.additionalData
                  );
                }
                const plaintext = await op_crypto_decrypt(handle2.cppgc, {
                  algorithm: "ChaCha20-Poly1305",
                  nonce: normalizedAlgorithm.iv,
                  additionalData: normalizedAlgorithm.additionalData || null
                }, data);
                return plaintext.buffer;
              }
              default:
                throw new DOMException5("Not implemented", "NotSupportedError");
            }
          }
          /**
           * @param {string} algorithm
           * @param {CryptoKey} key
           * @param {BufferSource} data
           * @returns {Promise<any>}
           */
          async sign(algorithm, key, data) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'sign' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 3, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            key = webidl3.converters.CryptoKey(key, prefix, "Argument 2");
            data = webidl3.converters.BufferSource(data, prefix, "Argument 3");
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "sign");
            data = copyBuffer(data);
            const handle2 = key[_handle];
            if (normalizedAlgorithm.name !== key[_algorithm].name) {
              throw new DOMException5(
                "Signing algorithm does not match key algorithm",
                "InvalidAccessError"
              );
            }
            if (!key[_usages].includes("sign")) {
              throw new DOMException5(
                "The requested operation is not valid for the provided key",
                "InvalidAccessError"
              );
            }
            switch (normalizedAlgorithm.name) {
              case "RSASSA-PKCS1-v1_5": {
                if (key[_type] !== "private") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                const hashAlgorithm = key[_algorithm].hash.name;
                const signature = await op_crypto_sign_key(handle2.cppgc, {
                  algorithm: "RSASSA-PKCS1-v1_5",
                  hash: hashAlgorithm
                }, data);
                return signature.buffer;
              }
              case "RSA-PSS": {
                if (key[_type] !== "private") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                const hashAlgorithm = key[_algorithm].hash.name;
                const signature = await op_crypto_sign_key(handle2.cppgc, {
                  algorithm: "RSA-PSS",
                  hash: hashAlgorithm,
                  saltLength: normalizedAlgorithm.saltLength
                }, data);
                return signature.buffer;
              }
              case "ECDSA": {
                if (key[_type] !== "private") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                const hashAlgorithm = normalizedAlgorithm.hash.name;
                const namedCurve = key[_algorithm].namedCurve;
                if (!supportedNamedCurves.includes(namedCurve)) {
                  throw new DOMException5("Curve not supported", "NotSupportedError");
                }
                const signature = await op_crypto_sign_key(handle2.cppgc, {
                  algorithm: "ECDSA",
                  hash: hashAlgorithm,
                  namedCurve
                }, data);
                return signature.buffer;
              }
              case "HMAC": {
                const hashAlgorithm = key[_algorithm].hash.name;
                const signature = await op_crypto_sign_key(handle2.cppgc, {
                  algorithm: "HMAC",
                  hash: hashAlgorithm
                }, data);
                return signature.buffer;
              }
              case "Ed25519": {
                if (key[_type] !== "private") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                const SIGNATURE_LEN = 32 * 2;
                const signature = new Uint8Array2(SIGNATURE_LEN);
                if (!op_crypto_sign_ed25519(handle2.cppgc, data, signature)) {
                  throw new DOMException5(
                    "Failed to sign",
                    "OperationError"
                  );
                }
                return signature.buffer;
              }
              case "ML-DSA-44":
              case "ML-DSA-65":
              case "ML-DSA-87": {
                if (key[_type] !== "private") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                const variant = mldsaVariantId(normalizedAlgorithm.name);
                const context = normalizedAlgorithm.context;
                const signature = op_crypto_sign_mldsa(
                  variant,
                  handle2.cppgc,
                  data,
                  context !== void 0 ? context : null
                );
                return signature.buffer;
              }
            }
            throw new TypeError2("Unreachable");
          }
          /**
           * @param {string} format
           * @param {BufferSource} keyData
           * @param {string} algorithm
           * @param {boolean} extractable
           * @param {KeyUsages[]} keyUsages
           * @returns {Promise<any>}
           */
          async importKey(format, keyData, algorithm, extractable, keyUsages) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'importKey' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 4, prefix);
            format = webidl3.converters.KeyFormat(format, prefix, "Argument 1");
            keyData = webidl3.converters["BufferSource or JsonWebKey"](
              keyData,
              prefix,
              "Argument 2"
            );
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 3"
            );
            extractable = webidl3.converters.boolean(extractable, prefix, "Argument 4");
            keyUsages = webidl3.converters["sequence<KeyUsage>"](
              keyUsages,
              prefix,
              "Argument 5"
            );
            if (format !== "jwk") {
              if (ArrayBufferIsView(keyData) || isArrayBuffer(keyData)) {
                keyData = copyBuffer(keyData);
              } else {
                throw new TypeError2("Cannot import key: 'keyData' is a JsonWebKey");
              }
            } else {
              if (ArrayBufferIsView(keyData) || isArrayBuffer(keyData)) {
                throw new TypeError2("Cannot import key: 'keyData' is not a JsonWebKey");
              }
            }
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "importKey");
            const result = await importKeyInner(
              format,
              normalizedAlgorithm,
              keyData,
              extractable,
              keyUsages
            );
            if (["private", "secret"].includes(result[_type]) && keyUsages.length == 0) {
              throw new SyntaxError2("Invalid key usage");
            }
            return result;
          }
          /**
           * @param {string} format
           * @param {CryptoKey} key
           * @returns {Promise<any>}
           */
          // deno-lint-ignore require-await
          async exportKey(format, key) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'exportKey' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            format = webidl3.converters.KeyFormat(format, prefix, "Argument 1");
            key = webidl3.converters.CryptoKey(key, prefix, "Argument 2");
            const handle2 = key[_handle];
            const innerKey = getKeyData(handle2);
            const algorithmName = key[_algorithm].name;
            let result;
            switch (algorithmName) {
              case "HMAC": {
                result = exportKeyHMAC(format, key, innerKey);
                break;
              }
              case "RSASSA-PKCS1-v1_5":
              case "RSA-PSS":
              case "RSA-OAEP": {
                result = exportKeyRSA(format, key, innerKey);
                break;
              }
              case "ECDH":
              case "ECDSA": {
                result = exportKeyEC(format, key, innerKey);
                break;
              }
              case "Ed25519": {
                result = exportKeyEd25519(format, key, innerKey);
                break;
              }
              case "ML-DSA-44":
              case "ML-DSA-65":
              case "ML-DSA-87": {
                result = exportKeyMlDsa(format, key, innerKey);
                break;
              }
              case "X448": {
                result = exportKeyX448(format, key, innerKey);
                break;
              }
              case "X25519": {
                result = exportKeyX25519(format, key, innerKey);
                break;
              }
              case "AES-CTR":
              case "AES-CBC":
              case "AES-GCM":
              case "AES-OCB":
              case "AES-KW": {
                result = exportKeyAES(format, key, innerKey);
                break;
              }
              case "ChaCha20-Poly1305": {
                result = exportKeyChaCha20Poly1305(format, key, innerKey);
                break;
              }
              case "ML-KEM-512":
              case "ML-KEM-768":
              case "ML-KEM-1024": {
                result = exportKeyMlKem(format, key, innerKey);
                break;
              }
              default:
                throw new DOMException5("Not implemented", "NotSupportedError");
            }
            if (key.extractable === false) {
              throw new DOMException5(
                "Key is not extractable",
                "InvalidAccessError"
              );
            }
            return result;
          }
          /**
           * @param {AlgorithmIdentifier} algorithm
           * @param {CryptoKey} baseKey
           * @param {number | null} length
           * @returns {Promise<ArrayBuffer>}
           */
          async deriveBits(algorithm, baseKey, length = null) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'deriveBits' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            baseKey = webidl3.converters.CryptoKey(baseKey, prefix, "Argument 2");
            if (length !== null) {
              length = webidl3.converters["unsigned long"](length, prefix, "Argument 3");
            }
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "deriveBits");
            const result = await deriveBits(normalizedAlgorithm, baseKey, length);
            if (normalizedAlgorithm.name !== baseKey[_algorithm].name) {
              throw new DOMException5("Invalid algorithm name", "InvalidAccessError");
            }
            if (!baseKey[_usages].includes("deriveBits")) {
              throw new DOMException5(
                "'baseKey' usages does not contain 'deriveBits'",
                "InvalidAccessError"
              );
            }
            return result;
          }
          /**
           * @param {AlgorithmIdentifier} algorithm
           * @param {CryptoKey} baseKey
           * @param {number} length
           * @returns {Promise<ArrayBuffer>}
           */
          async deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'deriveKey' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 5, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            baseKey = webidl3.converters.CryptoKey(baseKey, prefix, "Argument 2");
            derivedKeyType = webidl3.converters.AlgorithmIdentifier(
              derivedKeyType,
              prefix,
              "Argument 3"
            );
            extractable = webidl3.converters["boolean"](
              extractable,
              prefix,
              "Argument 4"
            );
            keyUsages = webidl3.converters["sequence<KeyUsage>"](
              keyUsages,
              prefix,
              "Argument 5"
            );
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "deriveBits");
            const normalizedDerivedKeyAlgorithmImport = normalizeAlgorithm(
              derivedKeyType,
              "importKey"
            );
            const normalizedDerivedKeyAlgorithmLength = normalizeAlgorithm(
              derivedKeyType,
              "get key length"
            );
            if (normalizedAlgorithm.name !== baseKey[_algorithm].name) {
              throw new DOMException5(
                `Invalid algorithm name: ${normalizedAlgorithm.name}`,
                "InvalidAccessError"
              );
            }
            if (!baseKey[_usages].includes("deriveKey")) {
              throw new DOMException5(
                "'baseKey' usages does not contain 'deriveKey'",
                "InvalidAccessError"
              );
            }
            const length = getKeyLength(normalizedDerivedKeyAlgorithmLength);
            const secret = await deriveBits(
              normalizedAlgorithm,
              baseKey,
              length
            );
            const result = await this.importKey(
              "raw-secret",
              secret,
              normalizedDerivedKeyAlgorithmImport,
              extractable,
              keyUsages
            );
            if (["private", "secret"].includes(result[_type]) && keyUsages.length == 0) {
              throw new SyntaxError2("Invalid key usage");
            }
            return result;
          }
          /**
           * @param {string} algorithm
           * @param {CryptoKey} key
           * @param {BufferSource} signature
           * @param {BufferSource} data
           * @returns {Promise<boolean>}
           */
          async verify(algorithm, key, signature, data) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'verify' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 4, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            key = webidl3.converters.CryptoKey(key, prefix, "Argument 2");
            signature = webidl3.converters.BufferSource(signature, prefix, "Argument 3");
            data = webidl3.converters.BufferSource(data, prefix, "Argument 4");
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "verify");
            signature = copyBuffer(signature);
            data = copyBuffer(data);
            const handle2 = key[_handle];
            if (normalizedAlgorithm.name !== key[_algorithm].name) {
              throw new DOMException5(
                "Verifying algorithm does not match key algorithm",
                "InvalidAccessError"
              );
            }
            if (!key[_usages].includes("verify")) {
              throw new DOMException5(
                "The requested operation is not valid for the provided key",
                "InvalidAccessError"
              );
            }
            switch (normalizedAlgorithm.name) {
              case "RSASSA-PKCS1-v1_5": {
                if (key[_type] !== "public") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                const hashAlgorithm = key[_algorithm].hash.name;
                return await op_crypto_verify_key(handle2.cppgc, {
                  algorithm: "RSASSA-PKCS1-v1_5",
                  hash: hashAlgorithm,
                  signature
                }, data);
              }
              case "RSA-PSS": {
                if (key[_type] !== "public") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                const hashAlgorithm = key[_algorithm].hash.name;
                return await op_crypto_verify_key(handle2.cppgc, {
                  algorithm: "RSA-PSS",
                  hash: hashAlgorithm,
                  signature,
                  saltLength: normalizedAlgorithm.saltLength
                }, data);
              }
              case "HMAC": {
                const hash = key[_algorithm].hash.name;
                return await op_crypto_verify_key(handle2.cppgc, {
                  algorithm: "HMAC",
                  hash,
                  signature
                }, data);
              }
              case "ECDSA": {
                if (key[_type] !== "public") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                const hash = normalizedAlgorithm.hash.name;
                return await op_crypto_verify_key(handle2.cppgc, {
                  algorithm: "ECDSA",
                  hash,
                  signature,
                  namedCurve: key[_algorithm].namedCurve
                }, data);
              }
              case "Ed25519": {
                if (key[_type] !== "public") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                return op_crypto_verify_ed25519(handle2.cppgc, data, signature);
              }
              case "ML-DSA-44":
              case "ML-DSA-65":
              case "ML-DSA-87": {
                if (key[_type] !== "public") {
                  throw new DOMException5(
                    "Key type not supported",
                    "InvalidAccessError"
                  );
                }
                const variant = mldsaVariantId(normalizedAlgorithm.name);
                const context = normalizedAlgorithm.context;
                return op_crypto_verify_mldsa(
                  variant,
                  handle2.cppgc,
                  data,
                  signature,
                  context !== void 0 ? context : null
                );
              }
            }
            throw new TypeError2("Unreachable");
          }
          /**
           * @param {string} algorithm
           * @param {boolean} extractable
           * @param {KeyUsage[]} keyUsages
           * @returns {Promise<any>}
           */
          async wrapKey(format, key, wrappingKey, wrapAlgorithm) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'wrapKey' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 4, prefix);
            format = webidl3.converters.KeyFormat(format, prefix, "Argument 1");
            key = webidl3.converters.CryptoKey(key, prefix, "Argument 2");
            wrappingKey = webidl3.converters.CryptoKey(
              wrappingKey,
              prefix,
              "Argument 3"
            );
            wrapAlgorithm = webidl3.converters.AlgorithmIdentifier(
              wrapAlgorithm,
              prefix,
              "Argument 4"
            );
            let normalizedAlgorithm;
            try {
              normalizedAlgorithm = normalizeAlgorithm(wrapAlgorithm, "wrapKey");
            } catch (_) {
              normalizedAlgorithm = normalizeAlgorithm(wrapAlgorithm, "encrypt");
            }
            if (normalizedAlgorithm.name !== wrappingKey[_algorithm].name) {
              throw new DOMException5(
                "Wrapping algorithm does not match key algorithm",
                "InvalidAccessError"
              );
            }
            if (!wrappingKey[_usages].includes("wrapKey")) {
              throw new DOMException5(
                "The requested operation is not valid for the provided key",
                "InvalidAccessError"
              );
            }
            if (key[_extractable] === false) {
              throw new DOMException5(
                "Key is not extractable",
                "InvalidAccessError"
              );
            }
            const exportedKey = await this.exportKey(format, key);
            let bytes;
            if (format !== "jwk") {
              bytes = new Uint8Array2(exportedKey);
            } else {
              const jwk = JSONStringify(exportedKey);
              const ret = new Uint8Array2(jwk.length);
              for (let i = 0; i < jwk.length; i++) {
                ret[i] = jwk.charCodeAt(i);
              }
              bytes = ret;
            }
            if (supportedAlgorithms["wrapKey"][normalizedAlgorithm.name] !== void 0) {
              const handle2 = wrappingKey[_handle];
              switch (normalizedAlgorithm.name) {
                case "AES-KW": {
                  const cipherText = await op_crypto_wrap_key(handle2.cppgc, {
                    algorithm: normalizedAlgorithm.name
                  }, bytes);
                  return cipherText.buffer;
                }
                default: {
                  throw new DOMException5(
                    "Not implemented",
                    "NotSupportedError"
                  );
                }
              }
            } else if (supportedAlgorithms["encrypt"][normalizedAlgorithm.name] !== void 0) {
              return await encrypt(
                normalizedAlgorithm,
                constructKey(
                  wrappingKey[_type],
                  wrappingKey[_extractable],
                  ["encrypt"],
                  wrappingKey[_algorithm],
                  wrappingKey[_handle]
                ),
                bytes
              );
            } else {
              throw new DOMException5(
                "Algorithm not supported",
                "NotSupportedError"
              );
            }
          }
          /**
           * @param {string} format
           * @param {BufferSource} wrappedKey
           * @param {CryptoKey} unwrappingKey
           * @param {AlgorithmIdentifier} unwrapAlgorithm
           * @param {AlgorithmIdentifier} unwrappedKeyAlgorithm
           * @param {boolean} extractable
           * @param {KeyUsage[]} keyUsages
           * @returns {Promise<CryptoKey>}
           */
          async unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'unwrapKey' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 7, prefix);
            format = webidl3.converters.KeyFormat(format, prefix, "Argument 1");
            wrappedKey = webidl3.converters.BufferSource(
              wrappedKey,
              prefix,
              "Argument 2"
            );
            unwrappingKey = webidl3.converters.CryptoKey(
              unwrappingKey,
              prefix,
              "Argument 3"
            );
            unwrapAlgorithm = webidl3.converters.AlgorithmIdentifier(
              unwrapAlgorithm,
              prefix,
              "Argument 4"
            );
            unwrappedKeyAlgorithm = webidl3.converters.AlgorithmIdentifier(
              unwrappedKeyAlgorithm,
              prefix,
              "Argument 5"
            );
            extractable = webidl3.converters.boolean(extractable, prefix, "Argument 6");
            keyUsages = webidl3.converters["sequence<KeyUsage>"](
              keyUsages,
              prefix,
              "Argument 7"
            );
            wrappedKey = copyBuffer(wrappedKey);
            let normalizedAlgorithm;
            try {
              normalizedAlgorithm = normalizeAlgorithm(unwrapAlgorithm, "unwrapKey");
            } catch (_) {
              normalizedAlgorithm = normalizeAlgorithm(unwrapAlgorithm, "decrypt");
            }
            const normalizedKeyAlgorithm = normalizeAlgorithm(
              unwrappedKeyAlgorithm,
              "importKey"
            );
            if (normalizedAlgorithm.name !== unwrappingKey[_algorithm].name) {
              throw new DOMException5(
                "Unwrapping algorithm does not match key algorithm",
                "InvalidAccessError"
              );
            }
            if (!unwrappingKey[_usages].includes("unwrapKey")) {
              throw new DOMException5(
                "The requested operation is not valid for the provided key",
                "InvalidAccessError"
              );
            }
            let key;
            if (supportedAlgorithms["unwrapKey"][normalizedAlgorithm.name] !== void 0) {
              const handle2 = unwrappingKey[_handle];
              switch (normalizedAlgorithm.name) {
                case "AES-KW": {
                  const plainText2 = await op_crypto_unwrap_key(handle2.cppgc, {
                    algorithm: normalizedAlgorithm.name
                  }, wrappedKey);
                  key = plainText2.buffer;
                  break;
                }
                default: {
                  throw new DOMException5(
                    "Not implemented",
                    "NotSupportedError"
                  );
                }
              }
            } else if (supportedAlgorithms["decrypt"][normalizedAlgorithm.name] !== void 0) {
              key = await this.decrypt(
                normalizedAlgorithm,
                constructKey(
                  unwrappingKey[_type],
                  unwrappingKey[_extractable],
                  ["decrypt"],
                  unwrappingKey[_algorithm],
                  unwrappingKey[_handle]
                ),
                wrappedKey
              );
            } else {
              throw new DOMException5(
                "Algorithm not supported",
                "NotSupportedError"
              );
            }
            let bytes;
            if (format !== "jwk") {
              bytes = key;
            } else {
              const k = new Uint8Array2(key);
              let str = "";
              for (let i = 0; i < k.length; i++) {
                str += StringFromCharCode(k[i]);
              }
              bytes = JSONParse(str);
            }
            const result = await this.importKey(
              format,
              bytes,
              normalizedKeyAlgorithm,
              extractable,
              keyUsages
            );
            if ((result[_type] == "secret" || result[_type] == "private") && keyUsages.length == 0) {
              throw new SyntaxError2("Invalid key type");
            }
            result[_extractable] = extractable;
            result[_usages] = usageIntersection(keyUsages, recognisedUsages);
            return result;
          }
          /**
           * @param {string} algorithm
           * @param {boolean} extractable
           * @param {KeyUsage[]} keyUsages
           * @returns {Promise<any>}
           */
          async generateKey(algorithm, extractable, keyUsages) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'generateKey' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 3, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            extractable = webidl3.converters["boolean"](
              extractable,
              prefix,
              "Argument 2"
            );
            keyUsages = webidl3.converters["sequence<KeyUsage>"](
              keyUsages,
              prefix,
              "Argument 3"
            );
            const usages = keyUsages;
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "generateKey");
            const result = await generateKey(
              normalizedAlgorithm,
              extractable,
              usages
            );
            if (CryptoKeyPrototype.isPrototypeOf(result)) {
              const type = result[_type];
              if ((type === "secret" || type === "private") && usages.length === 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
            } else if (CryptoKeyPrototype.isPrototypeOf(result.privateKey)) {
              if (result.privateKey[_usages].length === 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
            }
            return result;
          }
          /**
           * Encapsulate a fresh shared secret to the given encapsulation key and
           * return the shared secret as a CryptoKey, along with the ciphertext.
           *
           * https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-encapsulateKey
           *
           * @param {AlgorithmIdentifier} algorithm
           * @param {CryptoKey} encapsulationKey
           * @param {AlgorithmIdentifier} sharedKeyAlgorithm
           * @param {boolean} extractable
           * @param {KeyUsage[]} usages
           * @returns {Promise<{ciphertext: ArrayBuffer, sharedKey: CryptoKey}>}
           */
          async encapsulateKey(algorithm, encapsulationKey, sharedKeyAlgorithm, extractable, usages) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'encapsulateKey' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 5, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            encapsulationKey = webidl3.converters.CryptoKey(
              encapsulationKey,
              prefix,
              "Argument 2"
            );
            sharedKeyAlgorithm = webidl3.converters.AlgorithmIdentifier(
              sharedKeyAlgorithm,
              prefix,
              "Argument 3"
            );
            extractable = webidl3.converters.boolean(extractable, prefix, "Argument 4");
            usages = webidl3.converters["sequence<KeyUsage>"](
              usages,
              prefix,
              "Argument 5"
            );
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "encapsulate");
            if (encapsulationKey[_algorithm].name !== normalizedAlgorithm.name) {
              throw new DOMException5(
                "Encapsulation key algorithm does not match",
                "InvalidAccessError"
              );
            }
            if (encapsulationKey[_type] !== "public") {
              throw new DOMException5(
                "Encapsulation key must be a public key",
                "InvalidAccessError"
              );
            }
            if (!encapsulationKey[_usages].includes("encapsulateKey")) {
              throw new DOMException5(
                "Encapsulation key usages must include 'encapsulateKey'",
                "InvalidAccessError"
              );
            }
            const { ciphertext, sharedSecret } = mlKemEncapsulate(
              normalizedAlgorithm,
              encapsulationKey
            );
            const sharedKey = await this.importKey(
              "raw-secret",
              sharedSecret,
              sharedKeyAlgorithm,
              extractable,
              usages
            );
            return {
              ciphertext: ciphertext.buffer,
              sharedKey
            };
          }
          /**
           * Encapsulate a fresh shared secret to the given encapsulation key and
           * return the raw shared secret bytes.
           *
           * https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-encapsulateBits
           *
           * @param {AlgorithmIdentifier} algorithm
           * @param {CryptoKey} encapsulationKey
           * @returns {Promise<{ciphertext: ArrayBuffer, sharedKey: ArrayBuffer}>}
           */
          // deno-lint-ignore require-await
          async encapsulateBits(algorithm, encapsulationKey) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'encapsulateBits' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            encapsulationKey = webidl3.converters.CryptoKey(
              encapsulationKey,
              prefix,
              "Argument 2"
            );
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "encapsulate");
            if (encapsulationKey[_algorithm].name !== normalizedAlgorithm.name) {
              throw new DOMException5(
                "Encapsulation key algorithm does not match",
                "InvalidAccessError"
              );
            }
            if (encapsulationKey[_type] !== "public") {
              throw new DOMException5(
                "Encapsulation key must be a public key",
                "InvalidAccessError"
              );
            }
            if (!encapsulationKey[_usages].includes("encapsulateBits")) {
              throw new DOMException5(
                "Encapsulation key usages must include 'encapsulateBits'",
                "InvalidAccessError"
              );
            }
            const { ciphertext, sharedSecret } = mlKemEncapsulate(
              normalizedAlgorithm,
              encapsulationKey
            );
            return {
              ciphertext: ciphertext.buffer,
              sharedKey: sharedSecret.buffer
            };
          }
          /**
           * Decapsulate the given ciphertext using the provided decapsulation key,
           * importing the resulting shared secret as a CryptoKey under
           * `sharedKeyAlgorithm`.
           *
           * https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-decapsulateKey
           *
           * @param {AlgorithmIdentifier} algorithm
           * @param {CryptoKey} decapsulationKey
           * @param {BufferSource} ciphertext
           * @param {AlgorithmIdentifier} sharedKeyAlgorithm
           * @param {boolean} extractable
           * @param {KeyUsage[]} usages
           * @returns {Promise<CryptoKey>}
           */
          async decapsulateKey(algorithm, decapsulationKey, ciphertext, sharedKeyAlgorithm, extractable, usages) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'decapsulateKey' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 6, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            decapsulationKey = webidl3.converters.CryptoKey(
              decapsulationKey,
              prefix,
              "Argument 2"
            );
            ciphertext = webidl3.converters.BufferSource(
              ciphertext,
              prefix,
              "Argument 3"
            );
            sharedKeyAlgorithm = webidl3.converters.AlgorithmIdentifier(
              sharedKeyAlgorithm,
              prefix,
              "Argument 4"
            );
            extractable = webidl3.converters.boolean(extractable, prefix, "Argument 5");
            usages = webidl3.converters["sequence<KeyUsage>"](
              usages,
              prefix,
              "Argument 6"
            );
            ciphertext = copyBuffer(ciphertext);
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "decapsulate");
            if (decapsulationKey[_algorithm].name !== normalizedAlgorithm.name) {
              throw new DOMException5(
                "Decapsulation key algorithm does not match",
                "InvalidAccessError"
              );
            }
            if (decapsulationKey[_type] !== "private") {
              throw new DOMException5(
                "Decapsulation key must be a private key",
                "InvalidAccessError"
              );
            }
            if (!decapsulationKey[_usages].includes("decapsulateKey")) {
              throw new DOMException5(
                "Decapsulation key usages must include 'decapsulateKey'",
                "InvalidAccessError"
              );
            }
            const sharedSecret = mlKemDecapsulate(
              normalizedAlgorithm,
              decapsulationKey,
              ciphertext
            );
            return await this.importKey(
              "raw-secret",
              sharedSecret,
              sharedKeyAlgorithm,
              extractable,
              usages
            );
          }
          /**
           * Decapsulate the given ciphertext using the provided decapsulation key
           * and return the raw shared secret bytes.
           *
           * https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-decapsulateBits
           *
           * @param {AlgorithmIdentifier} algorithm
           * @param {CryptoKey} decapsulationKey
           * @param {BufferSource} ciphertext
           * @returns {Promise<ArrayBuffer>}
           */
          // deno-lint-ignore require-await
          async decapsulateBits(algorithm, decapsulationKey, ciphertext) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'decapsulateBits' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 3, prefix);
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 1"
            );
            decapsulationKey = webidl3.converters.CryptoKey(
              decapsulationKey,
              prefix,
              "Argument 2"
            );
            ciphertext = webidl3.converters.BufferSource(
              ciphertext,
              prefix,
              "Argument 3"
            );
            ciphertext = copyBuffer(ciphertext);
            const normalizedAlgorithm = normalizeAlgorithm(algorithm, "decapsulate");
            if (decapsulationKey[_algorithm].name !== normalizedAlgorithm.name) {
              throw new DOMException5(
                "Decapsulation key algorithm does not match",
                "InvalidAccessError"
              );
            }
            if (decapsulationKey[_type] !== "private") {
              throw new DOMException5(
                "Decapsulation key must be a private key",
                "InvalidAccessError"
              );
            }
            if (!decapsulationKey[_usages].includes("decapsulateBits")) {
              throw new DOMException5(
                "Decapsulation key usages must include 'decapsulateBits'",
                "InvalidAccessError"
              );
            }
            const sharedSecret = mlKemDecapsulate(
              normalizedAlgorithm,
              decapsulationKey,
              ciphertext
            );
            return sharedSecret.buffer;
          }
          /**
           * Derive the public key associated with a private key, for asymmetric
           * algorithms (RSA, EC, Ed25519, X25519/X448 and the post-quantum ML-KEM and
           * ML-DSA families).
           *
           * https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-getPublicKey
           *
           * @param {CryptoKey} key
           * @param {KeyUsage[]} keyUsages
           * @returns {Promise<CryptoKey>}
           */
          async getPublicKey(key, keyUsages) {
            webidl3.assertBranded(this, SubtleCryptoPrototype);
            const prefix = "Failed to execute 'getPublicKey' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            key = webidl3.converters.CryptoKey(key, prefix, "Argument 1");
            keyUsages = webidl3.converters["sequence<KeyUsage>"](
              keyUsages,
              prefix,
              "Argument 2"
            );
            const algorithm = key[_algorithm];
            const algorithmName = algorithm.name;
            switch (algorithmName) {
              case "RSASSA-PKCS1-v1_5":
              case "RSA-PSS":
              case "RSA-OAEP":
              case "ECDSA":
              case "ECDH":
              case "Ed25519":
              case "X25519":
              case "X448":
              case "ML-DSA-44":
              case "ML-DSA-65":
              case "ML-DSA-87":
              case "ML-KEM-512":
              case "ML-KEM-768":
              case "ML-KEM-1024":
                break;
              default:
                throw new DOMException5(
                  `getPublicKey() is not supported for ${algorithmName}`,
                  "NotSupportedError"
                );
            }
            if (key[_type] !== "private") {
              throw new DOMException5(
                "Public keys can only be derived from private keys",
                "InvalidAccessError"
              );
            }
            switch (algorithmName) {
              case "ML-KEM-512":
              case "ML-KEM-768":
              case "ML-KEM-1024": {
                validatePublicKeyUsages(keyUsages, ML_KEM_PUBLIC_USAGES);
                let publicKeyBytes;
                try {
                  publicKeyBytes = op_crypto_ml_kem_get_public_key(
                    algorithmName,
                    key[_handle].cppgc
                  );
                } catch (_) {
                  throw new DOMException5(
                    "Failed to derive public key",
                    "OperationError"
                  );
                }
                const pubHandle = {};
                setKeyData(pubHandle, publicKeyBytes);
                return constructKey(
                  "public",
                  true,
                  keyUsages,
                  { name: algorithmName },
                  pubHandle
                );
              }
              case "ML-DSA-44":
              case "ML-DSA-65":
              case "ML-DSA-87": {
                validatePublicKeyUsages(keyUsages, ["verify"]);
                const pub = MLDSA_PUBLIC_FROM_PRIVATE.get(key);
                if (pub === void 0) {
                  throw new DOMException5(
                    "Failed to derive public key",
                    "OperationError"
                  );
                }
                return constructKey(
                  "public",
                  true,
                  keyUsages,
                  { name: algorithmName },
                  pub[_handle]
                );
              }
              case "RSASSA-PKCS1-v1_5":
              case "RSA-PSS":
              case "RSA-OAEP": {
                let spki;
                try {
                  spki = op_crypto_export_key({
                    algorithm: algorithmName,
                    format: "spki"
                  }, getKeyData(key[_handle]));
                } catch (_) {
                  throw new DOMException5(
                    "Failed to derive public key",
                    "OperationError"
                  );
                }
                return await this.importKey("spki", spki, algorithm, true, keyUsages);
              }
              case "ECDSA":
              case "ECDH": {
                let spki;
                try {
                  spki = op_crypto_export_key({
                    algorithm: algorithmName,
                    namedCurve: algorithm.namedCurve,
                    format: "spki"
                  }, getKeyData(key[_handle]));
                } catch (_) {
                  throw new DOMException5(
                    "Failed to derive public key",
                    "OperationError"
                  );
                }
                return await this.importKey("spki", spki, algorithm, true, keyUsages);
              }
              default: {
                let x;
                try {
                  switch (algorithmName) {
                    case "Ed25519":
                      x = op_crypto_jwk_x_ed25519(getKeyData(key[_handle]));
                      break;
                    case "X25519":
                      x = op_crypto_x25519_public_key(getKeyData(key[_handle]));
                      break;
                    default:
                      x = op_crypto_x448_public_key(getKeyData(key[_handle]));
                      break;
                  }
                } catch (_) {
                  throw new DOMException5(
                    "Failed to derive public key",
                    "OperationError"
                  );
                }
                const jwk = {
                  kty: "OKP",
                  crv: algorithmName,
                  x,
                  ext: true
                };
                return await this.importKey("jwk", jwk, algorithm, true, keyUsages);
              }
            }
          }
          /**
           * Synchronous feature detection for algorithm/operation support, per the
           * WICG "Modern Algorithms in the Web Crypto API" proposal.
           *
           * https://wicg.github.io/webcrypto-modern-algos/#dom-subtlecrypto-supports
           *
           * @param {string} operation
           * @param {AlgorithmIdentifier} algorithm
           * @param {number | AlgorithmIdentifier} [lengthOrHash]
           * @returns {boolean}
           */
          static supports(operation, algorithm, lengthOrHash = void 0) {
            const prefix = "Failed to execute 'supports' on 'SubtleCrypto'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            operation = webidl3.converters.DOMString(operation, prefix, "Argument 1");
            algorithm = webidl3.converters.AlgorithmIdentifier(
              algorithm,
              prefix,
              "Argument 2"
            );
            if (!SUPPORTS_OPERATIONS.includes(operation)) {
              return false;
            }
            let length = null;
            let additionalAlgorithm = null;
            if (lengthOrHash !== void 0 && lengthOrHash !== null) {
              if (typeof lengthOrHash === "number") {
                length = lengthOrHash >>> 0;
              } else {
                additionalAlgorithm = lengthOrHash;
              }
            }
            if (additionalAlgorithm !== null) {
              if (operation === "deriveKey" || operation === "unwrapKey" || operation === "encapsulateKey" || operation === "decapsulateKey") {
                if (!checkSupportForAlgorithm("importKey", additionalAlgorithm, null)) {
                  return false;
                }
              } else if (operation === "wrapKey") {
                if (!checkSupportForAlgorithm("exportKey", additionalAlgorithm, null)) {
                  return false;
                }
              }
              if (operation === "deriveKey") {
                let derivedLen;
                try {
                  const normalizedDerived = normalizeAlgorithm(
                    additionalAlgorithm,
                    "get key length"
                  );
                  derivedLen = getKeyLength(normalizedDerived);
                } catch {
                  return false;
                }
                return checkSupportForAlgorithm("deriveBits", algorithm, derivedLen);
              }
            }
            return checkSupportForAlgorithm(operation, algorithm, length);
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return `${this.constructor.name} ${inspect2({}, inspectOptions)}`;
          }
        }
        const SubtleCryptoPrototype = SubtleCrypto2.prototype;
        const SUPPORTS_OPERATIONS = [
          "encrypt",
          "decrypt",
          "sign",
          "verify",
          "digest",
          "generateKey",
          "deriveKey",
          "deriveBits",
          "importKey",
          "exportKey",
          "wrapKey",
          "unwrapKey",
          "encapsulateKey",
          "encapsulateBits",
          "decapsulateKey",
          "decapsulateBits",
          "getPublicKey"
        ];
        const PUBLIC_KEY_DERIVABLE_ALGORITHMS = [
          "RSASSA-PKCS1-v1_5",
          "RSA-PSS",
          "RSA-OAEP",
          "ECDSA",
          "ECDH",
          "Ed25519",
          "X25519",
          "X448",
          "ML-KEM-512",
          "ML-KEM-768",
          "ML-KEM-1024",
          "ML-DSA-44",
          "ML-DSA-65",
          "ML-DSA-87"
        ];
        function checkSupportForAlgorithm(operation, algorithm, length) {
          let algName;
          if (typeof algorithm === "string") {
            algName = algorithm;
          } else if (algorithm !== null && typeof algorithm === "object") {
            algName = algorithm.name;
          }
          if (typeof algName !== "string") {
            return false;
          }
          let registeredOp;
          switch (operation) {
            case "encapsulateKey":
            case "encapsulateBits":
              registeredOp = "encapsulate";
              break;
            case "decapsulateKey":
            case "decapsulateBits":
              registeredOp = "decapsulate";
              break;
            case "deriveKey":
              registeredOp = "deriveBits";
              break;
            case "exportKey":
            case "getPublicKey":
              registeredOp = "importKey";
              break;
            default:
              registeredOp = operation;
          }
          if (isAlgorithmRegisteredFor(algName, registeredOp)) {
            if (operation === "getPublicKey") {
              return supportsGetPublicKey(algName);
            }
            return supportsParamsValid(registeredOp, algName, algorithm, length);
          }
          if (operation === "wrapKey") {
            return isAlgorithmRegisteredFor(algName, "encrypt") && supportsParamsValid("encrypt", algName, algorithm, length);
          }
          if (operation === "unwrapKey") {
            return isAlgorithmRegisteredFor(algName, "decrypt") && supportsParamsValid("decrypt", algName, algorithm, length);
          }
          return false;
        }
        function bufferSourceByteLength(v) {
          if (isTypedArray(v)) {
            return v.byteLength;
          }
          if (isDataView(v)) {
            return v.byteLength;
          }
          if (isArrayBuffer(v)) {
            return v.byteLength;
          }
          return null;
        }
        function supportsParamsValid(registeredOp, algName, algorithm, length) {
          const upper = algName.toUpperCase();
          if (registeredOp === "deriveBits" && (upper === "HKDF" || upper === "PBKDF2")) {
            if (length === null || length === 0 || length % 8 !== 0) {
              return false;
            }
          }
          if (typeof algorithm !== "object" || algorithm === null) {
            return true;
          }
          if (ObjectHasOwn(algorithm, "hash") && algorithm.hash !== void 0) {
            try {
              normalizeAlgorithm(algorithm.hash, "digest");
            } catch {
              return false;
            }
          }
          switch (registeredOp) {
            case "encrypt":
            case "decrypt": {
              if (upper === "AES-CBC") {
                if (ObjectHasOwn(algorithm, "iv")) {
                  const n = bufferSourceByteLength(algorithm.iv);
                  if (n !== null && n !== 16) return false;
                }
              } else if (upper === "AES-CTR") {
                if (ObjectHasOwn(algorithm, "counter")) {
                  const n = bufferSourceByteLength(algorithm.counter);
                  if (n !== null && n !== 16) return false;
                }
                if (ObjectHasOwn(algorithm, "length") && algorithm.length !== void 0) {
                  const l = algorithm.length;
                  if (l === 0 || l > 128) return false;
                }
              } else if (upper === "AES-GCM" || upper === "AES-OCB") {
                if (ObjectHasOwn(algorithm, "iv")) {
                  const n = bufferSourceByteLength(algorithm.iv);
                  if (n !== null && ![12, 16].includes(n)) return false;
                }
                if (ObjectHasOwn(algorithm, "tagLength") && algorithm.tagLength !== void 0) {
                  if (![32, 64, 96, 104, 112, 120, 128].includes(
                    algorithm.tagLength
                  )) {
                    return false;
                  }
                }
              } else if (upper === "CHACHA20-POLY1305") {
                if (ObjectHasOwn(algorithm, "iv")) {
                  const n = bufferSourceByteLength(algorithm.iv);
                  if (n !== null && n !== 12) return false;
                }
                if (ObjectHasOwn(algorithm, "tagLength") && algorithm.tagLength !== void 0 && algorithm.tagLength !== 128) {
                  return false;
                }
              }
              return true;
            }
            case "generateKey":
            case "get key length": {
              if (upper === "AES-CBC" || upper === "AES-CTR" || upper === "AES-GCM" || upper === "AES-OCB" || upper === "AES-KW") {
                if (ObjectHasOwn(algorithm, "length") && algorithm.length !== void 0) {
                  if (![128, 192, 256].includes(algorithm.length)) {
                    return false;
                  }
                }
              } else if (upper === "HMAC") {
                if (ObjectHasOwn(algorithm, "length") && algorithm.length === 0) {
                  return false;
                }
              } else if (upper === "ECDSA" || upper === "ECDH") {
                if (ObjectHasOwn(algorithm, "namedCurve") && algorithm.namedCurve !== void 0) {
                  if (!supportedNamedCurves.includes(algorithm.namedCurve)) {
                    return false;
                  }
                }
              }
              return true;
            }
            default:
              return true;
          }
        }
        function isAlgorithmRegisteredFor(algName, registeredOp) {
          const registered = supportedAlgorithms[registeredOp];
          if (registered === void 0) return false;
          const upper = algName.toUpperCase();
          for (const key in registered) {
            if (!ObjectHasOwn(registered, key)) continue;
            if (key.toUpperCase() === upper) return true;
          }
          return false;
        }
        function supportsGetPublicKey(algName) {
          const upper = algName.toUpperCase();
          for (let i = 0; i < PUBLIC_KEY_DERIVABLE_ALGORITHMS.length; i++) {
            if (PUBLIC_KEY_DERIVABLE_ALGORITHMS[i].toUpperCase() === upper) {
              return true;
            }
          }
          return false;
        }
        function mlKemEncapsulate(normalizedAlgorithm, encapsulationKey) {
          switch (normalizedAlgorithm.name) {
            case "ML-KEM-512":
            case "ML-KEM-768":
            case "ML-KEM-1024": {
              const handle2 = encapsulationKey[_handle];
              let result;
              try {
                result = op_crypto_ml_kem_encapsulate(
                  normalizedAlgorithm.name,
                  handle2.cppgc
                );
              } catch (_) {
                throw new DOMException5("Encapsulation failed", "OperationError");
              }
              return {
                ciphertext: result.ciphertext,
                sharedSecret: result.sharedSecret
              };
            }
            default:
              throw new DOMException5(
                `Encapsulation not supported for ${normalizedAlgorithm.name}`,
                "NotSupportedError"
              );
          }
        }
        function mlKemDecapsulate(normalizedAlgorithm, decapsulationKey, ciphertext) {
          switch (normalizedAlgorithm.name) {
            case "ML-KEM-512":
            case "ML-KEM-768":
            case "ML-KEM-1024": {
              const expectedCtSize = ML_KEM_CIPHERTEXT_SIZES[normalizedAlgorithm.name];
              if (ciphertext.byteLength !== expectedCtSize) {
                throw new DOMException5(
                  `ML-KEM ${normalizedAlgorithm.name} ciphertext must be ${expectedCtSize} bytes`,
                  "OperationError"
                );
              }
              const handle2 = decapsulationKey[_handle];
              try {
                return op_crypto_ml_kem_decapsulate(
                  normalizedAlgorithm.name,
                  handle2.cppgc,
                  ciphertext
                );
              } catch (_) {
                throw new DOMException5("Decapsulation failed", "OperationError");
              }
            }
            default:
              throw new DOMException5(
                `Decapsulation not supported for ${normalizedAlgorithm.name}`,
                "NotSupportedError"
              );
          }
        }
        async function generateKey(normalizedAlgorithm, extractable, usages) {
          const algorithmName = normalizedAlgorithm.name;
          switch (algorithmName) {
            case "RSASSA-PKCS1-v1_5":
            case "RSA-PSS": {
              if (usages.find(
                (u) => !["sign", "verify"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const keyData = await op_crypto_generate_key(
                {
                  algorithm: "RSA",
                  modulusLength: normalizedAlgorithm.modulusLength,
                  publicExponent: normalizedAlgorithm.publicExponent
                }
              );
              const handle2 = {};
              setKeyData(handle2, {
                type: "private",
                data: keyData
              });
              const algorithm = {
                name: algorithmName,
                modulusLength: normalizedAlgorithm.modulusLength,
                publicExponent: normalizedAlgorithm.publicExponent,
                hash: normalizedAlgorithm.hash
              };
              const publicKey = constructKey(
                "public",
                true,
                usageIntersection(usages, ["verify"]),
                algorithm,
                handle2
              );
              const privateKey = constructKey(
                "private",
                extractable,
                usageIntersection(usages, ["sign"]),
                algorithm,
                handle2
              );
              return { publicKey, privateKey };
            }
            case "RSA-OAEP": {
              if (usages.find(
                (u) => ![
                  "encrypt",
                  "decrypt",
                  "wrapKey",
                  "unwrapKey"
                ].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const keyData = await op_crypto_generate_key(
                {
                  algorithm: "RSA",
                  modulusLength: normalizedAlgorithm.modulusLength,
                  publicExponent: normalizedAlgorithm.publicExponent
                }
              );
              const handle2 = {};
              setKeyData(handle2, {
                type: "private",
                data: keyData
              });
              const algorithm = {
                name: algorithmName,
                modulusLength: normalizedAlgorithm.modulusLength,
                publicExponent: normalizedAlgorithm.publicExponent,
                hash: normalizedAlgorithm.hash
              };
              const publicKey = constructKey(
                "public",
                true,
                usageIntersection(usages, ["encrypt", "wrapKey"]),
                algorithm,
                handle2
              );
              const privateKey = constructKey(
                "private",
                extractable,
                usageIntersection(usages, ["decrypt", "unwrapKey"]),
                algorithm,
                handle2
              );
              return { publicKey, privateKey };
            }
            case "ECDSA": {
              const namedCurve = normalizedAlgorithm.namedCurve;
              if (usages.find(
                (u) => !["sign", "verify"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const handle2 = {};
              if (supportedNamedCurves.includes(
                namedCurve
              )) {
                const keyData = await op_crypto_generate_key({
                  algorithm: "EC",
                  namedCurve
                });
                setKeyData(handle2, {
                  type: "private",
                  data: keyData
                });
              } else {
                throw new DOMException5("Curve not supported", "NotSupportedError");
              }
              const algorithm = {
                name: algorithmName,
                namedCurve
              };
              const publicKey = constructKey(
                "public",
                true,
                usageIntersection(usages, ["verify"]),
                algorithm,
                handle2
              );
              const privateKey = constructKey(
                "private",
                extractable,
                usageIntersection(usages, ["sign"]),
                algorithm,
                handle2
              );
              return { publicKey, privateKey };
            }
            case "ECDH": {
              const namedCurve = normalizedAlgorithm.namedCurve;
              if (usages.find(
                (u) => !["deriveKey", "deriveBits"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const handle2 = {};
              if (supportedNamedCurves.includes(
                namedCurve
              )) {
                const keyData = await op_crypto_generate_key({
                  algorithm: "EC",
                  namedCurve
                });
                setKeyData(handle2, {
                  type: "private",
                  data: keyData
                });
              } else {
                throw new DOMException5("Curve not supported", "NotSupportedError");
              }
              const algorithm = {
                name: algorithmName,
                namedCurve
              };
              const publicKey = constructKey(
                "public",
                true,
                usageIntersection(usages, []),
                algorithm,
                handle2
              );
              const privateKey = constructKey(
                "private",
                extractable,
                usageIntersection(usages, ["deriveKey", "deriveBits"]),
                algorithm,
                handle2
              );
              return { publicKey, privateKey };
            }
            case "AES-CTR":
            case "AES-CBC":
            case "AES-GCM":
            case "AES-OCB": {
              if (usages.find(
                (u) => ![
                  "encrypt",
                  "decrypt",
                  "wrapKey",
                  "unwrapKey"
                ].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              return generateKeyAES(normalizedAlgorithm, extractable, usages);
            }
            case "AES-KW": {
              if (usages.find(
                (u) => !["wrapKey", "unwrapKey"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              return generateKeyAES(normalizedAlgorithm, extractable, usages);
            }
            case "X448": {
              if (usages.find(
                (u) => !["deriveKey", "deriveBits"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const privateKeyData = new Uint8Array2(56);
              const publicKeyData = new Uint8Array2(56);
              op_crypto_generate_x448_keypair(privateKeyData, publicKeyData);
              const handle2 = {};
              setKeyData(handle2, privateKeyData);
              const publicHandle = {};
              setKeyData(publicHandle, publicKeyData);
              const algorithm = {
                name: algorithmName
              };
              const publicKey = constructKey(
                "public",
                true,
                usageIntersection(usages, []),
                algorithm,
                publicHandle
              );
              const privateKey = constructKey(
                "private",
                extractable,
                usageIntersection(usages, ["deriveKey", "deriveBits"]),
                algorithm,
                handle2
              );
              return { publicKey, privateKey };
            }
            case "X25519": {
              if (usages.find(
                (u) => !["deriveKey", "deriveBits"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const privateKeyData = new Uint8Array2(32);
              const publicKeyData = new Uint8Array2(32);
              op_crypto_generate_x25519_keypair(privateKeyData, publicKeyData);
              const handle2 = {};
              setKeyData(handle2, privateKeyData);
              const publicHandle = {};
              setKeyData(publicHandle, publicKeyData);
              const algorithm = {
                name: algorithmName
              };
              const publicKey = constructKey(
                "public",
                true,
                usageIntersection(usages, []),
                algorithm,
                publicHandle
              );
              const privateKey = constructKey(
                "private",
                extractable,
                usageIntersection(usages, ["deriveKey", "deriveBits"]),
                algorithm,
                handle2
              );
              return { publicKey, privateKey };
            }
            case "Ed25519": {
              if (usages.find(
                (u) => !["sign", "verify"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const ED25519_SEED_LEN = 32;
              const ED25519_PUBLIC_KEY_LEN = 32;
              const privateKeyData = new Uint8Array2(ED25519_SEED_LEN);
              const publicKeyData = new Uint8Array2(ED25519_PUBLIC_KEY_LEN);
              if (!op_crypto_generate_ed25519_keypair(privateKeyData, publicKeyData)) {
                throw new DOMException5("Failed to generate key", "OperationError");
              }
              const handle2 = {};
              setKeyData(handle2, privateKeyData);
              const publicHandle = {};
              setKeyData(publicHandle, publicKeyData);
              const algorithm = {
                name: algorithmName
              };
              const publicKey = constructKey(
                "public",
                true,
                usageIntersection(usages, ["verify"]),
                algorithm,
                publicHandle
              );
              const privateKey = constructKey(
                "private",
                extractable,
                usageIntersection(usages, ["sign"]),
                algorithm,
                handle2
              );
              return { publicKey, privateKey };
            }
            case "ML-DSA-44":
            case "ML-DSA-65":
            case "ML-DSA-87": {
              if (usages.find(
                (u) => !["sign", "verify"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const variant = mldsaVariantId(algorithmName);
              const seed = new Uint8Array2(32);
              op_crypto_get_random_values(seed);
              const { privateKey: privateKeyBytes, publicKey: publicKeyBytes } = op_crypto_mldsa_from_seed(variant, seed);
              const handle2 = {};
              setKeyData(handle2, {
                seed,
                privateKey: privateKeyBytes
              });
              const publicHandle = {};
              setKeyData(publicHandle, publicKeyBytes);
              const algorithm = {
                name: algorithmName
              };
              const publicKey = constructKey(
                "public",
                true,
                usageIntersection(usages, ["verify"]),
                algorithm,
                publicHandle
              );
              const privateKey = constructKey(
                "private",
                extractable,
                usageIntersection(usages, ["sign"]),
                algorithm,
                handle2
              );
              MLDSA_PUBLIC_FROM_PRIVATE.set(privateKey, publicKey);
              return { publicKey, privateKey };
            }
            case "ChaCha20-Poly1305": {
              if (usages.find(
                (u) => ![
                  "encrypt",
                  "decrypt",
                  "wrapKey",
                  "unwrapKey"
                ].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const keyData = await op_crypto_generate_key({
                algorithm: "AES",
                length: 256
              });
              const handle2 = {};
              setKeyData(handle2, {
                type: "secret",
                data: keyData
              });
              const algorithm = {
                name: algorithmName
              };
              return constructKey(
                "secret",
                extractable,
                usages,
                algorithm,
                handle2
              );
            }
            case "HMAC": {
              if (usages.find(
                (u) => !["sign", "verify"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              let length;
              if (normalizedAlgorithm.length === void 0) {
                length = null;
              } else if (normalizedAlgorithm.length !== 0) {
                length = normalizedAlgorithm.length;
              } else {
                throw new DOMException5("Invalid length", "OperationError");
              }
              const keyData = await op_crypto_generate_key({
                algorithm: "HMAC",
                hash: normalizedAlgorithm.hash.name,
                length
              });
              const handle2 = {};
              setKeyData(handle2, {
                type: "secret",
                data: keyData
              });
              const algorithm = {
                name: algorithmName,
                hash: {
                  name: normalizedAlgorithm.hash.name
                },
                length: keyData.byteLength * 8
              };
              const key = constructKey(
                "secret",
                extractable,
                usages,
                algorithm,
                handle2
              );
              return key;
            }
            case "ML-KEM-512":
            case "ML-KEM-768":
            case "ML-KEM-1024": {
              for (let i = 0; i < usages.length; i++) {
                if (![
                  "encapsulateKey",
                  "encapsulateBits",
                  "decapsulateKey",
                  "decapsulateBits"
                ].includes(
                  usages[i]
                )) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              const seed = new Uint8Array2(64);
              op_crypto_get_random_values(seed);
              const { privateKey: privBytes, publicKey: pubBytes } = op_crypto_ml_kem_from_seed(algorithmName, seed);
              const algorithm = { name: algorithmName };
              const privHandle = {};
              setKeyData(privHandle, { seed, privateKey: privBytes });
              const pubHandle = {};
              setKeyData(pubHandle, pubBytes);
              const publicKey = constructKey(
                "public",
                true,
                usageIntersection(usages, ["encapsulateKey", "encapsulateBits"]),
                algorithm,
                pubHandle
              );
              const privateKey = constructKey(
                "private",
                extractable,
                usageIntersection(usages, ["decapsulateKey", "decapsulateBits"]),
                algorithm,
                privHandle
              );
              return { publicKey, privateKey };
            }
          }
        }
        function importKeyX448(format, keyData, extractable, keyUsages) {
          switch (format) {
            // "raw-public" is an alias of "raw" for existing asymmetric public keys.
            case "raw-public":
            case "raw": {
              if (keyUsages.length > 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              if (keyData.byteLength !== 56) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const handle2 = {};
              setKeyData(handle2, keyData);
              const algorithm = {
                name: "X448"
              };
              return constructKey(
                "public",
                extractable,
                [],
                algorithm,
                handle2
              );
            }
            case "spki": {
              if (keyUsages.length > 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const publicKeyData = new Uint8Array2(56);
              if (!op_crypto_import_spki_x448(keyData, publicKeyData)) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const handle2 = {};
              setKeyData(handle2, publicKeyData);
              const algorithm = {
                name: "X448"
              };
              return constructKey(
                "public",
                extractable,
                [],
                algorithm,
                handle2
              );
            }
            case "pkcs8": {
              if (keyUsages.find(
                (u) => !["deriveKey", "deriveBits"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const privateKeyData = new Uint8Array2(56);
              if (!op_crypto_import_pkcs8_x448(keyData, privateKeyData)) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const handle2 = {};
              setKeyData(handle2, privateKeyData);
              const algorithm = {
                name: "X448"
              };
              return constructKey(
                "private",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
            }
            case "jwk": {
              const jwk = keyData;
              if (jwk.d !== void 0) {
                if (keyUsages.find(
                  (u) => !["deriveKey", "deriveBits"].includes(
                    u
                  )
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              if (jwk.d === void 0 && keyUsages.length > 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              if (jwk.kty !== "OKP") {
                throw new DOMException5("Invalid key type", "DataError");
              }
              if (jwk.crv !== "X448") {
                throw new DOMException5("Invalid curve", "DataError");
              }
              if (keyUsages.length > 0 && jwk.use !== void 0) {
                if (jwk.use !== "enc") {
                  throw new DOMException5("Invalid key use", "DataError");
                }
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext !== void 0 && jwk.ext === false && extractable) {
                throw new DOMException5("Invalid key extractability", "DataError");
              }
              if (jwk.d !== void 0) {
                let privateKeyData;
                try {
                  privateKeyData = op_crypto_base64url_decode(jwk.d);
                } catch (_) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                if (privateKeyData.byteLength !== 56) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                const handle2 = {};
                setKeyData(handle2, privateKeyData);
                const algorithm = {
                  name: "X448"
                };
                return constructKey(
                  "private",
                  extractable,
                  usageIntersection(keyUsages, ["deriveKey", "deriveBits"]),
                  algorithm,
                  handle2
                );
              } else {
                let publicKeyData;
                try {
                  publicKeyData = op_crypto_base64url_decode(jwk.x);
                } catch (_) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                if (publicKeyData.byteLength !== 56) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                const handle2 = {};
                setKeyData(handle2, publicKeyData);
                const algorithm = {
                  name: "X448"
                };
                return constructKey(
                  "public",
                  extractable,
                  [],
                  algorithm,
                  handle2
                );
              }
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function importKeyEd25519(format, keyData, extractable, keyUsages) {
          switch (format) {
            // "raw-public" is an alias of "raw" for existing asymmetric public keys.
            case "raw-public":
            case "raw": {
              if (keyUsages.find(
                (u) => !["verify"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              if (keyData.byteLength !== 32) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const handle2 = {};
              setKeyData(handle2, keyData);
              const algorithm = {
                name: "Ed25519"
              };
              return constructKey(
                "public",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
            }
            case "spki": {
              if (keyUsages.find(
                (u) => !["verify"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const publicKeyData = new Uint8Array2(32);
              if (!op_crypto_import_spki_ed25519(keyData, publicKeyData)) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const handle2 = {};
              setKeyData(handle2, publicKeyData);
              const algorithm = {
                name: "Ed25519"
              };
              return constructKey(
                "public",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
            }
            case "pkcs8": {
              if (keyUsages.find(
                (u) => !["sign"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const privateKeyData = new Uint8Array2(32);
              if (!op_crypto_import_pkcs8_ed25519(keyData, privateKeyData)) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const handle2 = {};
              setKeyData(handle2, privateKeyData);
              const algorithm = {
                name: "Ed25519"
              };
              return constructKey(
                "private",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
            }
            case "jwk": {
              const jwk = keyData;
              if (jwk.d !== void 0) {
                if (keyUsages.find(
                  (u) => !["sign"].includes(
                    u
                  )
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              } else {
                if (keyUsages.find(
                  (u) => !["verify"].includes(
                    u
                  )
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              if (jwk.kty !== "OKP") {
                throw new DOMException5("Invalid key type", "DataError");
              }
              if (jwk.crv !== "Ed25519") {
                throw new DOMException5("Invalid curve", "DataError");
              }
              if (keyUsages.length > 0 && jwk.use !== void 0 && jwk.use !== "sig") {
                throw new DOMException5("Invalid key usage", "DataError");
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext !== void 0 && jwk.ext === false && extractable) {
                throw new DOMException5("Invalid key extractability", "DataError");
              }
              if (jwk.d !== void 0) {
                let privateKeyData;
                try {
                  privateKeyData = op_crypto_base64url_decode(jwk.d);
                } catch (_) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                if (privateKeyData.byteLength !== 32) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                const handle2 = {};
                setKeyData(handle2, privateKeyData);
                const algorithm = {
                  name: "Ed25519"
                };
                return constructKey(
                  "private",
                  extractable,
                  usageIntersection(keyUsages, recognisedUsages),
                  algorithm,
                  handle2
                );
              } else {
                let publicKeyData;
                try {
                  publicKeyData = op_crypto_base64url_decode(jwk.x);
                } catch (_) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                if (publicKeyData.byteLength !== 32) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                const handle2 = {};
                setKeyData(handle2, publicKeyData);
                const algorithm = {
                  name: "Ed25519"
                };
                return constructKey(
                  "public",
                  extractable,
                  usageIntersection(keyUsages, recognisedUsages),
                  algorithm,
                  handle2
                );
              }
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function importKeyX25519(format, keyData, extractable, keyUsages) {
          switch (format) {
            // "raw-public" is an alias of "raw" for existing asymmetric public keys.
            case "raw-public":
            case "raw": {
              if (keyUsages.length > 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              if (keyData.byteLength !== 32) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const handle2 = {};
              setKeyData(handle2, keyData);
              const algorithm = {
                name: "X25519"
              };
              return constructKey(
                "public",
                extractable,
                [],
                algorithm,
                handle2
              );
            }
            case "spki": {
              if (keyUsages.length > 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const publicKeyData = new Uint8Array2(32);
              if (!op_crypto_import_spki_x25519(keyData, publicKeyData)) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const handle2 = {};
              setKeyData(handle2, publicKeyData);
              const algorithm = {
                name: "X25519"
              };
              return constructKey(
                "public",
                extractable,
                [],
                algorithm,
                handle2
              );
            }
            case "pkcs8": {
              if (keyUsages.find(
                (u) => !["deriveKey", "deriveBits"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const privateKeyData = new Uint8Array2(32);
              if (!op_crypto_import_pkcs8_x25519(keyData, privateKeyData)) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const handle2 = {};
              setKeyData(handle2, privateKeyData);
              const algorithm = {
                name: "X25519"
              };
              return constructKey(
                "private",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
            }
            case "jwk": {
              const jwk = keyData;
              if (jwk.d !== void 0) {
                if (keyUsages.find(
                  (u) => !["deriveKey", "deriveBits"].includes(
                    u
                  )
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              if (jwk.d === void 0 && keyUsages.length > 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              if (jwk.kty !== "OKP") {
                throw new DOMException5("Invalid key type", "DataError");
              }
              if (jwk.crv !== "X25519") {
                throw new DOMException5("Invalid curve", "DataError");
              }
              if (keyUsages.length > 0 && jwk.use !== void 0) {
                if (jwk.use !== "enc") {
                  throw new DOMException5("Invalid key use", "DataError");
                }
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext !== void 0 && jwk.ext === false && extractable) {
                throw new DOMException5("Invalid key extractability", "DataError");
              }
              if (jwk.d !== void 0) {
                let privateKeyData;
                try {
                  privateKeyData = op_crypto_base64url_decode(jwk.d);
                } catch (_) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                if (privateKeyData.byteLength !== 32) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                const handle2 = {};
                setKeyData(handle2, privateKeyData);
                const algorithm = {
                  name: "X25519"
                };
                return constructKey(
                  "private",
                  extractable,
                  usageIntersection(keyUsages, ["deriveKey", "deriveBits"]),
                  algorithm,
                  handle2
                );
              } else {
                let publicKeyData;
                try {
                  publicKeyData = op_crypto_base64url_decode(jwk.x);
                } catch (_) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                if (publicKeyData.byteLength !== 32) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                const handle2 = {};
                setKeyData(handle2, publicKeyData);
                const algorithm = {
                  name: "X25519"
                };
                return constructKey(
                  "public",
                  extractable,
                  [],
                  algorithm,
                  handle2
                );
              }
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function exportKeyAES(format, key, innerKey) {
          switch (format) {
            // 2.
            // For existing symmetric algorithms "raw" is an alias of "raw-secret".
            case "raw-secret":
            case "raw": {
              const data = innerKey.data;
              return data.buffer;
            }
            case "jwk": {
              const jwk = {
                kty: "oct"
              };
              const data = op_crypto_export_key({
                format: "jwksecret",
                algorithm: "AES"
              }, innerKey);
              ObjectAssign(jwk, data);
              const algorithm = key[_algorithm];
              switch (algorithm.length) {
                case 128:
                  jwk.alg = aesJwkAlg[algorithm.name][128];
                  break;
                case 192:
                  jwk.alg = aesJwkAlg[algorithm.name][192];
                  break;
                case 256:
                  jwk.alg = aesJwkAlg[algorithm.name][256];
                  break;
                default:
                  throw new DOMException5(
                    `Invalid key length: ${algorithm.length}`,
                    "NotSupportedError"
                  );
              }
              jwk.key_ops = key.usages;
              jwk.ext = key[_extractable];
              return jwk;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function exportKeyChaCha20Poly1305(format, key, innerKey) {
          switch (format) {
            // ChaCha20-Poly1305 is a modern symmetric algorithm and therefore only
            // recognizes "raw-secret" (not the "raw" alias).
            case "raw-secret": {
              const data = innerKey.data;
              return data.buffer;
            }
            case "jwk": {
              const jwk = {
                kty: "oct"
              };
              const data = op_crypto_export_key({
                format: "jwksecret",
                algorithm: "AES"
              }, innerKey);
              jwk.k = data.k;
              jwk.alg = "C20P";
              jwk.key_ops = key.usages;
              jwk.ext = key[_extractable];
              return jwk;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        const ML_KEM_PUBLIC_SIZES = {
          "ML-KEM-512": 800,
          "ML-KEM-768": 1184,
          "ML-KEM-1024": 1568
        };
        const ML_KEM_CIPHERTEXT_SIZES = {
          "ML-KEM-512": 768,
          "ML-KEM-768": 1088,
          "ML-KEM-1024": 1568
        };
        const ML_KEM_PRIVATE_USAGES = ["decapsulateKey", "decapsulateBits"];
        const ML_KEM_PUBLIC_USAGES = ["encapsulateKey", "encapsulateBits"];
        function importKeyMlKem(format, normalizedAlgorithm, keyData, extractable, keyUsages) {
          const algorithmName = normalizedAlgorithm.name;
          const algorithm = { name: algorithmName };
          const makePublicKey = (publicBytes) => {
            const handle2 = {};
            setKeyData(handle2, publicBytes);
            return constructKey(
              "public",
              extractable,
              usageIntersection(keyUsages, ML_KEM_PUBLIC_USAGES),
              algorithm,
              handle2
            );
          };
          const makePrivateKey = (seed, privateBytes) => {
            const handle2 = {};
            setKeyData(handle2, { seed, privateKey: privateBytes });
            return constructKey(
              "private",
              extractable,
              usageIntersection(keyUsages, ML_KEM_PRIVATE_USAGES),
              algorithm,
              handle2
            );
          };
          switch (format) {
            case "raw-public": {
              const expectedSize = ML_KEM_PUBLIC_SIZES[algorithmName];
              if (keyData.byteLength !== expectedSize) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              for (let i = 0; i < keyUsages.length; i++) {
                if (!ML_KEM_PUBLIC_USAGES.includes(keyUsages[i])) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              if (!op_crypto_ml_kem_validate_public_key(algorithmName, keyData)) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              return makePublicKey(keyData);
            }
            case "raw-seed": {
              for (let i = 0; i < keyUsages.length; i++) {
                if (!ML_KEM_PRIVATE_USAGES.includes(keyUsages[i])) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              if (keyData.byteLength !== 64) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              let res;
              try {
                res = op_crypto_ml_kem_from_seed(algorithmName, keyData);
              } catch (_) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const seedCopy = keyData.slice();
              return makePrivateKey(seedCopy, res.privateKey);
            }
            case "spki": {
              for (let i = 0; i < keyUsages.length; i++) {
                if (!ML_KEM_PUBLIC_USAGES.includes(keyUsages[i])) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              let imported2;
              try {
                imported2 = op_crypto_ml_kem_import_spki(keyData);
              } catch (_) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              if (imported2.variant !== algorithmName) {
                throw new DOMException5(
                  "Imported key algorithm does not match",
                  "DataError"
                );
              }
              return makePublicKey(imported2.publicKey);
            }
            case "pkcs8": {
              for (let i = 0; i < keyUsages.length; i++) {
                if (!ML_KEM_PRIVATE_USAGES.includes(keyUsages[i])) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              let imported2;
              try {
                imported2 = op_crypto_ml_kem_import_pkcs8(keyData);
              } catch (e) {
                if (e?.name === "NotSupported") {
                  throw new DOMException5(
                    "ML-KEM 'expandedKey' PKCS#8 format is not supported; only the seed form is supported",
                    "NotSupportedError"
                  );
                }
                throw new DOMException5("Invalid key data", "DataError");
              }
              if (imported2.variant !== algorithmName) {
                throw new DOMException5(
                  "Imported key algorithm does not match",
                  "DataError"
                );
              }
              return makePrivateKey(imported2.seed, imported2.privateKey);
            }
            case "jwk": {
              const jwk = keyData;
              if (jwk.priv !== void 0) {
                if (keyUsages.find(
                  (u) => !ML_KEM_PRIVATE_USAGES.includes(u)
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              } else {
                if (keyUsages.find(
                  (u) => !ML_KEM_PUBLIC_USAGES.includes(u)
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              if (jwk.kty !== "AKP") {
                throw new DOMException5("Invalid key type", "DataError");
              }
              if (jwk.alg !== algorithmName) {
                throw new DOMException5("Invalid algorithm", "DataError");
              }
              if (keyUsages.length > 0 && jwk.use !== void 0 && jwk.use !== "enc") {
                throw new DOMException5("Invalid key usage", "DataError");
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext !== void 0 && jwk.ext === false && extractable) {
                throw new DOMException5("Invalid key extractability", "DataError");
              }
              if (jwk.priv !== void 0) {
                let seed;
                try {
                  seed = op_crypto_base64url_decode(jwk.priv);
                } catch (_) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                if (seed.byteLength !== 64) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                let res;
                try {
                  res = op_crypto_ml_kem_from_seed(algorithmName, seed);
                } catch (_) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                let pub;
                try {
                  pub = op_crypto_base64url_decode(jwk.pub);
                } catch (_) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                if (!bytesEqual(pub, res.publicKey)) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                return makePrivateKey(seed, res.privateKey);
              } else {
                let pub;
                try {
                  pub = op_crypto_base64url_decode(jwk.pub);
                } catch (_) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                if (pub.byteLength !== ML_KEM_PUBLIC_SIZES[algorithmName]) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                if (!op_crypto_ml_kem_validate_public_key(algorithmName, pub)) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                return makePublicKey(pub);
              }
            }
            default:
              throw new DOMException5(
                "Unsupported key format for ML-KEM",
                "NotSupportedError"
              );
          }
        }
        function exportKeyMlKem(format, key, innerKey) {
          const algorithmName = key[_algorithm].name;
          const type = key[_type];
          switch (format) {
            case "raw-public": {
              if (type !== "public") {
                throw new DOMException5(
                  "'raw-public' is only valid for public keys",
                  "InvalidAccessError"
                );
              }
              return innerKey.slice().buffer;
            }
            case "raw-seed": {
              if (type !== "private") {
                throw new DOMException5(
                  "'raw-seed' is only valid for private keys",
                  "InvalidAccessError"
                );
              }
              const seed = innerKey?.seed;
              if (seed == null) {
                throw new DOMException5(
                  "Seed is not available for this key",
                  "OperationError"
                );
              }
              return seed.slice().buffer;
            }
            case "spki": {
              if (type !== "public") {
                throw new DOMException5(
                  "'spki' is only valid for public keys",
                  "InvalidAccessError"
                );
              }
              const der = op_crypto_ml_kem_export_spki(algorithmName, innerKey);
              return der.buffer;
            }
            case "pkcs8": {
              if (type !== "private") {
                throw new DOMException5(
                  "'pkcs8' is only valid for private keys",
                  "InvalidAccessError"
                );
              }
              const seed = innerKey?.seed;
              if (seed == null) {
                throw new DOMException5(
                  "PKCS#8 export requires the original ML-KEM seed; this key was imported without one",
                  "OperationError"
                );
              }
              const der = op_crypto_ml_kem_export_pkcs8(algorithmName, seed);
              return der.buffer;
            }
            case "jwk": {
              const jwk = {
                kty: "AKP",
                alg: algorithmName,
                "key_ops": key.usages,
                ext: key[_extractable]
              };
              if (type === "private") {
                const seed = innerKey?.seed;
                if (seed == null) {
                  throw new DOMException5(
                    "JWK export requires the original ML-KEM seed; this key was imported without one",
                    "OperationError"
                  );
                }
                const publicKeyBytes = op_crypto_ml_kem_get_public_key(
                  algorithmName,
                  key[_handle].cppgc
                );
                jwk.pub = op_crypto_base64url_encode(publicKeyBytes);
                jwk.priv = op_crypto_base64url_encode(seed);
              } else {
                jwk.pub = op_crypto_base64url_encode(innerKey);
              }
              return jwk;
            }
            default:
              throw new DOMException5(
                "Unsupported key format for ML-KEM",
                "NotSupportedError"
              );
          }
        }
        function importKeyChaCha20Poly1305(format, keyData, extractable, keyUsages) {
          const supportedKeyUsages = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];
          if (keyUsages.find(
            (u) => !supportedKeyUsages.includes(u)
          ) !== void 0) {
            throw new DOMException5("Invalid key usage", "SyntaxError");
          }
          let data;
          switch (format) {
            // ChaCha20-Poly1305 is a modern symmetric algorithm and therefore only
            // recognizes "raw-secret" (not the "raw" alias).
            case "raw-secret": {
              if (keyData.byteLength !== 32) {
                throw new DOMException5(
                  "Invalid key length: ChaCha20-Poly1305 requires 256-bit key",
                  "DataError"
                );
              }
              data = keyData;
              break;
            }
            case "jwk": {
              const jwk = keyData;
              if (jwk.kty !== "oct") {
                throw new DOMException5(
                  "'kty' property of JsonWebKey must be 'oct'",
                  "DataError"
                );
              }
              if (jwk.k === void 0) {
                throw new DOMException5(
                  "'k' property of JsonWebKey must be present",
                  "DataError"
                );
              }
              const { rawData } = op_crypto_import_key(
                { algorithm: "AES" },
                { jwkSecret: jwk }
              );
              data = rawData.data;
              if (data.byteLength !== 32) {
                throw new DOMException5(
                  "Invalid key length: ChaCha20-Poly1305 requires 256-bit key",
                  "DataError"
                );
              }
              if (jwk.alg !== void 0 && jwk.alg !== "C20P") {
                throw new DOMException5(`Invalid algorithm: ${jwk.alg}`, "DataError");
              }
              if (keyUsages.length > 0 && jwk.use !== void 0 && jwk.use !== "enc") {
                throw new DOMException5("Invalid key usage", "DataError");
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext === false && extractable === true) {
                throw new DOMException5(
                  "'ext' property of JsonWebKey must not be false if extractable is true",
                  "DataError"
                );
              }
              break;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
          const handle2 = {};
          setKeyData(handle2, {
            type: "secret",
            data
          });
          const algorithm = {
            name: "ChaCha20-Poly1305"
          };
          return constructKey(
            "secret",
            extractable,
            usageIntersection(keyUsages, recognisedUsages),
            algorithm,
            handle2
          );
        }
        function importKeyAES(format, normalizedAlgorithm, keyData, extractable, keyUsages, supportedKeyUsages) {
          if (keyUsages.find(
            (u) => !supportedKeyUsages.includes(u)
          ) !== void 0) {
            throw new DOMException5("Invalid key usage", "SyntaxError");
          }
          const algorithmName = normalizedAlgorithm.name;
          let data = keyData;
          switch (format) {
            // For existing symmetric algorithms "raw" is an alias of "raw-secret".
            case "raw-secret":
            case "raw": {
              if (![128, 192, 256].includes(
                keyData.byteLength * 8
              )) {
                throw new DOMException5("Invalid key length", "DataError");
              }
              break;
            }
            case "jwk": {
              const jwk = keyData;
              if (jwk.kty !== "oct") {
                throw new DOMException5(
                  "'kty' property of JsonWebKey must be 'oct'",
                  "DataError"
                );
              }
              if (jwk.k === void 0) {
                throw new DOMException5(
                  "'k' property of JsonWebKey must be present",
                  "DataError"
                );
              }
              const { rawData } = op_crypto_import_key(
                { algorithm: "AES" },
                { jwkSecret: jwk }
              );
              data = rawData.data;
              switch (data.byteLength * 8) {
                case 128:
                  if (jwk.alg !== void 0 && jwk.alg !== aesJwkAlg[algorithmName][128]) {
                    throw new DOMException5(
                      `Invalid algorithm: ${jwk.alg}`,
                      "DataError"
                    );
                  }
                  break;
                case 192:
                  if (jwk.alg !== void 0 && jwk.alg !== aesJwkAlg[algorithmName][192]) {
                    throw new DOMException5(
                      `Invalid algorithm: ${jwk.alg}`,
                      "DataError"
                    );
                  }
                  break;
                case 256:
                  if (jwk.alg !== void 0 && jwk.alg !== aesJwkAlg[algorithmName][256]) {
                    throw new DOMException5(
                      `Invalid algorithm: ${jwk.alg}`,
                      "DataError"
                    );
                  }
                  break;
                default:
                  throw new DOMException5(
                    "Invalid key length",
                    "DataError"
                  );
              }
              if (keyUsages.length > 0 && jwk.use !== void 0 && jwk.use !== "enc") {
                throw new DOMException5("Invalid key usage", "DataError");
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext === false && extractable === true) {
                throw new DOMException5(
                  "'ext' property of JsonWebKey must not be false if extractable is true",
                  "DataError"
                );
              }
              break;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
          const handle2 = {};
          setKeyData(handle2, {
            type: "secret",
            data
          });
          const algorithm = {
            name: algorithmName,
            length: data.byteLength * 8
          };
          const key = constructKey(
            "secret",
            extractable,
            usageIntersection(keyUsages, recognisedUsages),
            algorithm,
            handle2
          );
          return key;
        }
        function importKeyHMAC(format, normalizedAlgorithm, keyData, extractable, keyUsages) {
          if (keyUsages.find(
            (u) => !["sign", "verify"].includes(u)
          ) !== void 0) {
            throw new DOMException5("Invalid key usage", "SyntaxError");
          }
          let hash;
          let data;
          switch (format) {
            // For existing symmetric algorithms "raw" is an alias of "raw-secret".
            case "raw-secret":
            case "raw": {
              data = keyData;
              hash = normalizedAlgorithm.hash;
              break;
            }
            case "jwk": {
              const jwk = keyData;
              if (jwk.kty !== "oct") {
                throw new DOMException5(
                  "'kty' property of JsonWebKey must be 'oct'",
                  "DataError"
                );
              }
              if (jwk.k === void 0) {
                throw new DOMException5(
                  "'k' property of JsonWebKey must be present",
                  "DataError"
                );
              }
              const { rawData } = op_crypto_import_key(
                { algorithm: "HMAC" },
                { jwkSecret: jwk }
              );
              data = rawData.data;
              hash = normalizedAlgorithm.hash;
              switch (hash.name) {
                case "SHA-1": {
                  if (jwk.alg !== void 0 && jwk.alg !== "HS1") {
                    throw new DOMException5(
                      "'alg' property of JsonWebKey must be 'HS1'",
                      "DataError"
                    );
                  }
                  break;
                }
                case "SHA-256": {
                  if (jwk.alg !== void 0 && jwk.alg !== "HS256") {
                    throw new DOMException5(
                      "'alg' property of JsonWebKey must be 'HS256'",
                      "DataError"
                    );
                  }
                  break;
                }
                case "SHA-384": {
                  if (jwk.alg !== void 0 && jwk.alg !== "HS384") {
                    throw new DOMException5(
                      "'alg' property of JsonWebKey must be 'HS384'",
                      "DataError"
                    );
                  }
                  break;
                }
                case "SHA-512": {
                  if (jwk.alg !== void 0 && jwk.alg !== "HS512") {
                    throw new DOMException5(
                      "'alg' property of JsonWebKey must be 'HS512'",
                      "DataError"
                    );
                  }
                  break;
                }
                case "SHA3-256": {
                  if (jwk.alg !== void 0 && jwk.alg !== "HS3-256") {
                    throw new DOMException5(
                      "'alg' property of JsonWebKey must be 'HS3-256'",
                      "DataError"
                    );
                  }
                  break;
                }
                case "SHA3-384": {
                  if (jwk.alg !== void 0 && jwk.alg !== "HS3-384") {
                    throw new DOMException5(
                      "'alg' property of JsonWebKey must be 'HS3-384'",
                      "DataError"
                    );
                  }
                  break;
                }
                case "SHA3-512": {
                  if (jwk.alg !== void 0 && jwk.alg !== "HS3-512") {
                    throw new DOMException5(
                      "'alg' property of JsonWebKey must be 'HS3-512'",
                      "DataError"
                    );
                  }
                  break;
                }
                default:
                  throw new TypeError2("Unreachable");
              }
              if (keyUsages.length > 0 && jwk.use !== void 0 && jwk.use !== "sig") {
                throw new DOMException5(
                  "'use' property of JsonWebKey must be 'sig'",
                  "DataError"
                );
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext === false && extractable === true) {
                throw new DOMException5(
                  "'ext' property of JsonWebKey must not be false if extractable is true",
                  "DataError"
                );
              }
              break;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
          let length = data.byteLength * 8;
          if (length === 0) {
            throw new DOMException5("Key length is zero", "DataError");
          }
          if (normalizedAlgorithm.length !== void 0) {
            if (normalizedAlgorithm.length > length || normalizedAlgorithm.length <= length - 8) {
              throw new DOMException5(
                "Key length is invalid",
                "DataError"
              );
            }
            length = normalizedAlgorithm.length;
          }
          const handle2 = {};
          setKeyData(handle2, {
            type: "secret",
            data
          });
          const algorithm = {
            name: "HMAC",
            length,
            hash
          };
          const key = constructKey(
            "secret",
            extractable,
            usageIntersection(keyUsages, recognisedUsages),
            algorithm,
            handle2
          );
          return key;
        }
        function importKeyEC(format, normalizedAlgorithm, keyData, extractable, keyUsages) {
          const supportedUsages = SUPPORTED_KEY_USAGES[normalizedAlgorithm.name];
          switch (format) {
            // "raw-public" is an alias of "raw" for existing asymmetric public keys.
            case "raw-public":
            case "raw": {
              if (!supportedNamedCurves.includes(
                normalizedAlgorithm.namedCurve
              )) {
                throw new DOMException5(
                  "Invalid namedCurve",
                  "DataError"
                );
              }
              if (keyUsages.find(
                (u) => !SUPPORTED_KEY_USAGES[normalizedAlgorithm.name].public.includes(
                  u
                )
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const { rawData } = op_crypto_import_key({
                algorithm: normalizedAlgorithm.name,
                namedCurve: normalizedAlgorithm.namedCurve
              }, { raw: keyData });
              const handle2 = {};
              setKeyData(handle2, rawData);
              const algorithm = {
                name: normalizedAlgorithm.name,
                namedCurve: normalizedAlgorithm.namedCurve
              };
              const key = constructKey(
                "public",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
              return key;
            }
            case "pkcs8": {
              if (keyUsages.find(
                (u) => !SUPPORTED_KEY_USAGES[normalizedAlgorithm.name].private.includes(
                  u
                )
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const { rawData } = op_crypto_import_key({
                algorithm: normalizedAlgorithm.name,
                namedCurve: normalizedAlgorithm.namedCurve
              }, { pkcs8: keyData });
              const handle2 = {};
              setKeyData(handle2, rawData);
              const algorithm = {
                name: normalizedAlgorithm.name,
                namedCurve: normalizedAlgorithm.namedCurve
              };
              const key = constructKey(
                "private",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
              return key;
            }
            case "spki": {
              if (normalizedAlgorithm.name == "ECDSA") {
                if (keyUsages.find(
                  (u) => !SUPPORTED_KEY_USAGES[normalizedAlgorithm.name].public.includes(
                    u
                  )
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              } else if (keyUsages.length != 0) {
                throw new DOMException5("Key usage must be empty", "SyntaxError");
              }
              const { rawData } = op_crypto_import_key({
                algorithm: normalizedAlgorithm.name,
                namedCurve: normalizedAlgorithm.namedCurve
              }, { spki: keyData });
              const handle2 = {};
              setKeyData(handle2, rawData);
              const algorithm = {
                name: normalizedAlgorithm.name,
                namedCurve: normalizedAlgorithm.namedCurve
              };
              const key = constructKey(
                "public",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
              return key;
            }
            case "jwk": {
              const jwk = keyData;
              const keyType = jwk.d !== void 0 ? "private" : "public";
              if (keyUsages.find(
                (u) => !supportedUsages[keyType].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              if (jwk.kty !== "EC") {
                throw new DOMException5(
                  "'kty' property of JsonWebKey must be 'EC'",
                  "DataError"
                );
              }
              if (keyUsages.length > 0 && jwk.use !== void 0 && jwk.use !== supportedUsages.jwkUse) {
                throw new DOMException5(
                  `'use' property of JsonWebKey must be '${supportedUsages.jwkUse}'`,
                  "DataError"
                );
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' member of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' member of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext === false && extractable === true) {
                throw new DOMException5(
                  "'ext' property of JsonWebKey must not be false if extractable is true",
                  "DataError"
                );
              }
              if (jwk.alg !== void 0 && normalizedAlgorithm.name == "ECDSA") {
                let algNamedCurve;
                switch (jwk.alg) {
                  case "ES256": {
                    algNamedCurve = "P-256";
                    break;
                  }
                  case "ES384": {
                    algNamedCurve = "P-384";
                    break;
                  }
                  case "ES512": {
                    algNamedCurve = "P-521";
                    break;
                  }
                  default:
                    throw new DOMException5(
                      "Curve algorithm not supported",
                      "DataError"
                    );
                }
                if (algNamedCurve) {
                  if (algNamedCurve !== normalizedAlgorithm.namedCurve) {
                    throw new DOMException5(
                      "Mismatched curve algorithm",
                      "DataError"
                    );
                  }
                }
              }
              if (jwk.x === void 0) {
                throw new DOMException5(
                  "'x' property of JsonWebKey is required for EC keys",
                  "DataError"
                );
              }
              if (jwk.y === void 0) {
                throw new DOMException5(
                  "'y' property of JsonWebKey is required for EC keys",
                  "DataError"
                );
              }
              if (jwk.d !== void 0) {
                const { rawData } = op_crypto_import_key({
                  algorithm: normalizedAlgorithm.name,
                  namedCurve: normalizedAlgorithm.namedCurve
                }, { jwkPrivateEc: jwk });
                const handle2 = {};
                setKeyData(handle2, rawData);
                const algorithm = {
                  name: normalizedAlgorithm.name,
                  namedCurve: normalizedAlgorithm.namedCurve
                };
                const key = constructKey(
                  "private",
                  extractable,
                  usageIntersection(keyUsages, recognisedUsages),
                  algorithm,
                  handle2
                );
                return key;
              } else {
                const { rawData } = op_crypto_import_key({
                  algorithm: normalizedAlgorithm.name,
                  namedCurve: normalizedAlgorithm.namedCurve
                }, { jwkPublicEc: jwk });
                const handle2 = {};
                setKeyData(handle2, rawData);
                const algorithm = {
                  name: normalizedAlgorithm.name,
                  namedCurve: normalizedAlgorithm.namedCurve
                };
                const key = constructKey(
                  "public",
                  extractable,
                  usageIntersection(keyUsages, recognisedUsages),
                  algorithm,
                  handle2
                );
                return key;
              }
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function importKeyMlDsa(format, normalizedAlgorithm, keyData, extractable, keyUsages) {
          const algorithmName = normalizedAlgorithm.name;
          const variant = mldsaVariantId(algorithmName);
          const makePublicKey = (publicBytes) => {
            const handle2 = {};
            setKeyData(handle2, publicBytes);
            return constructKey(
              "public",
              extractable,
              usageIntersection(keyUsages, ["verify"]),
              { name: algorithmName },
              handle2
            );
          };
          const makePrivateKey = (seed, privateBytes, publicBytes) => {
            const handle2 = {};
            setKeyData(handle2, {
              seed,
              privateKey: privateBytes
            });
            const privateKey = constructKey(
              "private",
              extractable,
              usageIntersection(keyUsages, ["sign"]),
              { name: algorithmName },
              handle2
            );
            MLDSA_PUBLIC_FROM_PRIVATE.set(
              privateKey,
              makePublicKey(publicBytes)
            );
            return privateKey;
          };
          switch (format) {
            case "raw-seed": {
              if (keyUsages.find(
                (u) => !["sign"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              if (keyData.byteLength !== 32) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              let res;
              try {
                res = op_crypto_mldsa_from_seed(variant, keyData);
              } catch (_) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              const seedCopy = keyData.slice();
              return makePrivateKey(seedCopy, res.privateKey, res.publicKey);
            }
            case "raw-public": {
              if (keyUsages.find(
                (u) => !["verify"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const expected = mldsaPublicKeyLen(variant);
              if (keyData.byteLength !== expected) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              return makePublicKey(keyData.slice());
            }
            case "pkcs8": {
              if (keyUsages.find(
                (u) => !["sign"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              let res;
              try {
                res = op_crypto_mldsa_from_pkcs8(variant, keyData);
              } catch (e) {
                if (e?.name === "NotSupported") {
                  throw new DOMException5(
                    "ML-DSA 'expandedKey' PKCS#8 format is not supported; only the seed form is supported",
                    "NotSupportedError"
                  );
                }
                throw new DOMException5("Invalid key data", "DataError");
              }
              return makePrivateKey(
                res.seed !== void 0 && res.seed !== null ? res.seed : null,
                res.privateKey,
                res.publicKey
              );
            }
            case "spki": {
              if (keyUsages.find(
                (u) => !["verify"].includes(u)
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              let pub;
              try {
                pub = op_crypto_mldsa_from_spki(variant, keyData);
              } catch (_) {
                throw new DOMException5("Invalid key data", "DataError");
              }
              return makePublicKey(pub);
            }
            case "jwk": {
              const jwk = keyData;
              if (jwk.priv !== void 0) {
                if (keyUsages.find(
                  (u) => !["sign"].includes(u)
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              } else {
                if (keyUsages.find(
                  (u) => !["verify"].includes(u)
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              }
              if (jwk.kty !== "AKP") {
                throw new DOMException5("Invalid key type", "DataError");
              }
              if (jwk.alg !== algorithmName) {
                throw new DOMException5("Invalid algorithm", "DataError");
              }
              if (keyUsages.length > 0 && jwk.use !== void 0 && jwk.use !== "sig") {
                throw new DOMException5("Invalid key usage", "DataError");
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext !== void 0 && jwk.ext === false && extractable) {
                throw new DOMException5("Invalid key extractability", "DataError");
              }
              if (jwk.priv !== void 0) {
                let seed;
                try {
                  seed = op_crypto_base64url_decode(jwk.priv);
                } catch (_) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                if (seed.byteLength !== 32) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                let res;
                try {
                  res = op_crypto_mldsa_from_seed(variant, seed);
                } catch (_) {
                  throw new DOMException5("Invalid private key data", "DataError");
                }
                let pub;
                try {
                  pub = op_crypto_base64url_decode(jwk.pub);
                } catch (_) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                if (!bytesEqual(pub, res.publicKey)) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                return makePrivateKey(seed, res.privateKey, res.publicKey);
              } else {
                let pub;
                try {
                  pub = op_crypto_base64url_decode(jwk.pub);
                } catch (_) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                if (pub.byteLength !== mldsaPublicKeyLen(variant)) {
                  throw new DOMException5("Invalid public key data", "DataError");
                }
                return makePublicKey(pub);
              }
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function exportKeyMlDsa(format, key, innerKey) {
          const algorithmName = key[_algorithm].name;
          const variant = mldsaVariantId(algorithmName);
          switch (format) {
            case "raw-seed": {
              if (key[_type] !== "private") {
                throw new DOMException5(
                  "Key is not a private key",
                  "InvalidAccessError"
                );
              }
              const seed = innerKey?.seed;
              if (seed == null) {
                throw new DOMException5(
                  "Seed is not available for this key",
                  "OperationError"
                );
              }
              return seed.slice().buffer;
            }
            case "raw-public": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              return innerKey.slice().buffer;
            }
            case "pkcs8": {
              if (key[_type] !== "private") {
                throw new DOMException5(
                  "Key is not a private key",
                  "InvalidAccessError"
                );
              }
              const seed = innerKey?.seed;
              if (seed == null) {
                throw new DOMException5(
                  "PKCS#8 export requires the original ML-DSA seed; this key was imported without one",
                  "OperationError"
                );
              }
              const der = op_crypto_mldsa_export_pkcs8(variant, seed);
              return der.buffer;
            }
            case "spki": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              const der = op_crypto_mldsa_export_spki(variant, innerKey);
              return der.buffer;
            }
            case "jwk": {
              const jwk = {
                kty: "AKP",
                alg: algorithmName,
                "key_ops": key.usages,
                ext: key[_extractable]
              };
              if (key[_type] === "private") {
                const seed = innerKey?.seed;
                if (seed == null) {
                  throw new DOMException5(
                    "JWK export requires the original ML-DSA seed; this key was imported without one",
                    "OperationError"
                  );
                }
                const publicKey = MLDSA_PUBLIC_FROM_PRIVATE.get(key);
                jwk.pub = op_crypto_base64url_encode(getKeyData(publicKey[_handle]));
                jwk.priv = op_crypto_base64url_encode(seed);
              } else {
                jwk.pub = op_crypto_base64url_encode(innerKey);
              }
              return jwk;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        async function importKeyInner(format, normalizedAlgorithm, keyData, extractable, keyUsages) {
          const algorithmName = normalizedAlgorithm.name;
          switch (algorithmName) {
            case "HMAC": {
              return importKeyHMAC(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                keyUsages
              );
            }
            case "ECDH":
            case "ECDSA": {
              return importKeyEC(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                keyUsages
              );
            }
            case "RSASSA-PKCS1-v1_5":
            case "RSA-PSS":
            case "RSA-OAEP": {
              return importKeyRSA(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                keyUsages
              );
            }
            case "HKDF": {
              return importKeyHKDF(format, keyData, extractable, keyUsages);
            }
            case "PBKDF2": {
              return importKeyPBKDF2(format, keyData, extractable, keyUsages);
            }
            case "AES-CTR":
            case "AES-CBC":
            case "AES-GCM":
            case "AES-OCB": {
              return importKeyAES(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                keyUsages,
                ["encrypt", "decrypt", "wrapKey", "unwrapKey"]
              );
            }
            case "AES-KW": {
              return importKeyAES(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                keyUsages,
                ["wrapKey", "unwrapKey"]
              );
            }
            case "ChaCha20-Poly1305": {
              return importKeyChaCha20Poly1305(
                format,
                keyData,
                extractable,
                keyUsages
              );
            }
            case "X448": {
              return importKeyX448(
                format,
                keyData,
                extractable,
                keyUsages
              );
            }
            case "X25519": {
              return importKeyX25519(
                format,
                keyData,
                extractable,
                keyUsages
              );
            }
            case "Ed25519": {
              return importKeyEd25519(
                format,
                keyData,
                extractable,
                keyUsages
              );
            }
            case "ML-KEM-512":
            case "ML-KEM-768":
            case "ML-KEM-1024": {
              return importKeyMlKem(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                keyUsages
              );
            }
            case "ML-DSA-44":
            case "ML-DSA-65":
            case "ML-DSA-87": {
              return importKeyMlDsa(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                keyUsages
              );
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        const SUPPORTED_KEY_USAGES = {
          "RSASSA-PKCS1-v1_5": {
            public: ["verify"],
            private: ["sign"],
            jwkUse: "sig"
          },
          "RSA-PSS": {
            public: ["verify"],
            private: ["sign"],
            jwkUse: "sig"
          },
          "RSA-OAEP": {
            public: ["encrypt", "wrapKey"],
            private: ["decrypt", "unwrapKey"],
            jwkUse: "enc"
          },
          "ECDSA": {
            public: ["verify"],
            private: ["sign"],
            jwkUse: "sig"
          },
          "ECDH": {
            public: [],
            private: ["deriveKey", "deriveBits"],
            jwkUse: "enc"
          }
        };
        function importKeyRSA(format, normalizedAlgorithm, keyData, extractable, keyUsages) {
          switch (format) {
            case "pkcs8": {
              if (keyUsages.find(
                (u) => !SUPPORTED_KEY_USAGES[normalizedAlgorithm.name].private.includes(
                  u
                )
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const { modulusLength, publicExponent, rawData } = op_crypto_import_key(
                {
                  algorithm: normalizedAlgorithm.name,
                  // Needed to perform step 7 without normalization.
                  hash: normalizedAlgorithm.hash.name
                },
                { pkcs8: keyData }
              );
              const handle2 = {};
              setKeyData(handle2, rawData);
              const algorithm = {
                name: normalizedAlgorithm.name,
                modulusLength,
                publicExponent,
                hash: normalizedAlgorithm.hash
              };
              const key = constructKey(
                "private",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
              return key;
            }
            case "spki": {
              if (keyUsages.find(
                (u) => !SUPPORTED_KEY_USAGES[normalizedAlgorithm.name].public.includes(
                  u
                )
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              const { modulusLength, publicExponent, rawData } = op_crypto_import_key(
                {
                  algorithm: normalizedAlgorithm.name,
                  // Needed to perform step 7 without normalization.
                  hash: normalizedAlgorithm.hash.name
                },
                { spki: keyData }
              );
              const handle2 = {};
              setKeyData(handle2, rawData);
              const algorithm = {
                name: normalizedAlgorithm.name,
                modulusLength,
                publicExponent,
                hash: normalizedAlgorithm.hash
              };
              const key = constructKey(
                "public",
                extractable,
                usageIntersection(keyUsages, recognisedUsages),
                algorithm,
                handle2
              );
              return key;
            }
            case "jwk": {
              const jwk = keyData;
              if (jwk.d !== void 0) {
                if (keyUsages.find(
                  (u) => !SUPPORTED_KEY_USAGES[normalizedAlgorithm.name].private.includes(
                    u
                  )
                ) !== void 0) {
                  throw new DOMException5("Invalid key usage", "SyntaxError");
                }
              } else if (keyUsages.find(
                (u) => !SUPPORTED_KEY_USAGES[normalizedAlgorithm.name].public.includes(
                  u
                )
              ) !== void 0) {
                throw new DOMException5("Invalid key usage", "SyntaxError");
              }
              if (jwk.kty.toUpperCase() !== "RSA") {
                throw new DOMException5(
                  "'kty' property of JsonWebKey must be 'RSA'",
                  "DataError"
                );
              }
              if (keyUsages.length > 0 && jwk.use !== void 0 && jwk.use.toLowerCase() !== SUPPORTED_KEY_USAGES[normalizedAlgorithm.name].jwkUse) {
                throw new DOMException5(
                  `'use' property of JsonWebKey must be '${SUPPORTED_KEY_USAGES[normalizedAlgorithm.name].jwkUse}'`,
                  "DataError"
                );
              }
              if (jwk.key_ops !== void 0) {
                if (jwk.key_ops.find(
                  (u) => !recognisedUsages.includes(u)
                ) !== void 0) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
                if (!keyUsages.every(
                  (u) => jwk.key_ops.includes(u)
                )) {
                  throw new DOMException5(
                    "'key_ops' property of JsonWebKey is invalid",
                    "DataError"
                  );
                }
              }
              if (jwk.ext === false && extractable === true) {
                throw new DOMException5(
                  "'ext' property of JsonWebKey must not be false if extractable is true",
                  "DataError"
                );
              }
              let hash;
              if (normalizedAlgorithm.name === "RSASSA-PKCS1-v1_5") {
                switch (jwk.alg) {
                  case void 0:
                    hash = void 0;
                    break;
                  case "RS1":
                    hash = "SHA-1";
                    break;
                  case "RS256":
                    hash = "SHA-256";
                    break;
                  case "RS384":
                    hash = "SHA-384";
                    break;
                  case "RS512":
                    hash = "SHA-512";
                    break;
                  case "RS3-256":
                    hash = "SHA3-256";
                    break;
                  case "RS3-384":
                    hash = "SHA3-384";
                    break;
                  case "RS3-512":
                    hash = "SHA3-512";
                    break;
                  default:
                    throw new DOMException5(
                      `'alg' property of JsonWebKey must be one of 'RS1', 'RS256', 'RS384', 'RS512', 'RS3-256', 'RS3-384', 'RS3-512': received ${jwk.alg}`,
                      "DataError"
                    );
                }
              } else if (normalizedAlgorithm.name === "RSA-PSS") {
                switch (jwk.alg) {
                  case void 0:
                    hash = void 0;
                    break;
                  case "PS1":
                    hash = "SHA-1";
                    break;
                  case "PS256":
                    hash = "SHA-256";
                    break;
                  case "PS384":
                    hash = "SHA-384";
                    break;
                  case "PS512":
                    hash = "SHA-512";
                    break;
                  case "PS3-256":
                    hash = "SHA3-256";
                    break;
                  case "PS3-384":
                    hash = "SHA3-384";
                    break;
                  case "PS3-512":
                    hash = "SHA3-512";
                    break;
                  default:
                    throw new DOMException5(
                      `'alg' property of JsonWebKey must be one of 'PS1', 'PS256', 'PS384', 'PS512', 'PS3-256', 'PS3-384', 'PS3-512': received ${jwk.alg}`,
                      "DataError"
                    );
                }
              } else {
                switch (jwk.alg) {
                  case void 0:
                    hash = void 0;
                    break;
                  case "RSA-OAEP":
                    hash = "SHA-1";
                    break;
                  case "RSA-OAEP-256":
                    hash = "SHA-256";
                    break;
                  case "RSA-OAEP-384":
                    hash = "SHA-384";
                    break;
                  case "RSA-OAEP-512":
                    hash = "SHA-512";
                    break;
                  case "RSA-OAEP3-256":
                    hash = "SHA3-256";
                    break;
                  case "RSA-OAEP3-384":
                    hash = "SHA3-384";
                    break;
                  case "RSA-OAEP3-512":
                    hash = "SHA3-512";
                    break;
                  default:
                    throw new DOMException5(
                      `'alg' property of JsonWebKey must be one of 'RSA-OAEP', 'RSA-OAEP-256', 'RSA-OAEP-384', 'RSA-OAEP-512', 'RSA-OAEP3-256', 'RSA-OAEP3-384', or 'RSA-OAEP3-512': received ${jwk.alg}`,
                      "DataError"
                    );
                }
              }
              if (hash !== void 0) {
                const normalizedHash = normalizeAlgorithm(hash, "digest");
                if (normalizedHash.name !== normalizedAlgorithm.hash.name) {
                  throw new DOMException5(
                    `'alg' property of JsonWebKey must be '${normalizedAlgorithm.name}': received ${jwk.alg}`,
                    "DataError"
                  );
                }
              }
              if (jwk.d !== void 0) {
                const optimizationsPresent = jwk.p !== void 0 || jwk.q !== void 0 || jwk.dp !== void 0 || jwk.dq !== void 0 || jwk.qi !== void 0;
                if (optimizationsPresent) {
                  if (jwk.q === void 0) {
                    throw new DOMException5(
                      "'q' property of JsonWebKey is required for private keys",
                      "DataError"
                    );
                  }
                  if (jwk.dp === void 0) {
                    throw new DOMException5(
                      "'dp' property of JsonWebKey is required for private keys",
                      "DataError"
                    );
                  }
                  if (jwk.dq === void 0) {
                    throw new DOMException5(
                      "'dq' property of JsonWebKey is required for private keys",
                      "DataError"
                    );
                  }
                  if (jwk.qi === void 0) {
                    throw new DOMException5(
                      "'qi' property of JsonWebKey is required for private keys",
                      "DataError"
                    );
                  }
                  if (jwk.oth !== void 0) {
                    throw new DOMException5(
                      "'oth' property of JsonWebKey is not supported",
                      "NotSupportedError"
                    );
                  }
                } else {
                  throw new DOMException5(
                    "Only optimized private keys are supported",
                    "NotSupportedError"
                  );
                }
                const { modulusLength, publicExponent, rawData } = op_crypto_import_key(
                  {
                    algorithm: normalizedAlgorithm.name,
                    hash: normalizedAlgorithm.hash.name
                  },
                  { jwkPrivateRsa: jwk }
                );
                const handle2 = {};
                setKeyData(handle2, rawData);
                const algorithm = {
                  name: normalizedAlgorithm.name,
                  modulusLength,
                  publicExponent,
                  hash: normalizedAlgorithm.hash
                };
                const key = constructKey(
                  "private",
                  extractable,
                  usageIntersection(keyUsages, recognisedUsages),
                  algorithm,
                  handle2
                );
                return key;
              } else {
                if (jwk.n === void 0) {
                  throw new DOMException5(
                    "'n' property of JsonWebKey is required for public keys",
                    "DataError"
                  );
                }
                if (jwk.e === void 0) {
                  throw new DOMException5(
                    "'e' property of JsonWebKey is required for public keys",
                    "DataError"
                  );
                }
                const { modulusLength, publicExponent, rawData } = op_crypto_import_key(
                  {
                    algorithm: normalizedAlgorithm.name,
                    hash: normalizedAlgorithm.hash.name
                  },
                  { jwkPublicRsa: jwk }
                );
                const handle2 = {};
                setKeyData(handle2, rawData);
                const algorithm = {
                  name: normalizedAlgorithm.name,
                  modulusLength,
                  publicExponent,
                  hash: normalizedAlgorithm.hash
                };
                const key = constructKey(
                  "public",
                  extractable,
                  usageIntersection(keyUsages, recognisedUsages),
                  algorithm,
                  handle2
                );
                return key;
              }
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function importKeyHKDF(format, keyData, extractable, keyUsages) {
          if (format !== "raw" && format !== "raw-secret") {
            throw new DOMException5("Format not supported", "NotSupportedError");
          }
          if (keyUsages.find(
            (u) => !["deriveKey", "deriveBits"].includes(u)
          ) !== void 0) {
            throw new DOMException5("Invalid key usage", "SyntaxError");
          }
          if (extractable !== false) {
            throw new DOMException5(
              "Key must not be extractable",
              "SyntaxError"
            );
          }
          const handle2 = {};
          setKeyData(handle2, {
            type: "secret",
            data: keyData
          });
          const algorithm = {
            name: "HKDF"
          };
          const key = constructKey(
            "secret",
            false,
            usageIntersection(keyUsages, recognisedUsages),
            algorithm,
            handle2
          );
          return key;
        }
        function importKeyPBKDF2(format, keyData, extractable, keyUsages) {
          if (format !== "raw" && format !== "raw-secret") {
            throw new DOMException5("Format not supported", "NotSupportedError");
          }
          if (keyUsages.find(
            (u) => !["deriveKey", "deriveBits"].includes(u)
          ) !== void 0) {
            throw new DOMException5("Invalid key usage", "SyntaxError");
          }
          if (extractable !== false) {
            throw new DOMException5(
              "Key must not be extractable",
              "SyntaxError"
            );
          }
          const handle2 = {};
          setKeyData(handle2, {
            type: "secret",
            data: keyData
          });
          const algorithm = {
            name: "PBKDF2"
          };
          const key = constructKey(
            "secret",
            false,
            usageIntersection(keyUsages, recognisedUsages),
            algorithm,
            handle2
          );
          return key;
        }
        function exportKeyHMAC(format, key, innerKey) {
          if (innerKey == null) {
            throw new DOMException5("Key is not available", "OperationError");
          }
          switch (format) {
            // 3.
            // For existing symmetric algorithms "raw" is an alias of "raw-secret".
            case "raw-secret":
            case "raw": {
              const bits = innerKey.data;
              return bits.buffer;
            }
            case "jwk": {
              const jwk = {
                kty: "oct"
              };
              const data = op_crypto_export_key({
                format: "jwksecret",
                algorithm: key[_algorithm].name
              }, innerKey);
              jwk.k = data.k;
              const algorithm = key[_algorithm];
              const hash = algorithm.hash;
              switch (hash.name) {
                case "SHA-1":
                  jwk.alg = "HS1";
                  break;
                case "SHA-256":
                  jwk.alg = "HS256";
                  break;
                case "SHA-384":
                  jwk.alg = "HS384";
                  break;
                case "SHA-512":
                  jwk.alg = "HS512";
                  break;
                case "SHA3-256":
                  jwk.alg = "HS3-256";
                  break;
                case "SHA3-384":
                  jwk.alg = "HS3-384";
                  break;
                case "SHA3-512":
                  jwk.alg = "HS3-512";
                  break;
                default:
                  throw new DOMException5(
                    "Hash algorithm not supported",
                    "NotSupportedError"
                  );
              }
              jwk.key_ops = key.usages;
              jwk.ext = key[_extractable];
              return jwk;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function exportKeyRSA(format, key, innerKey) {
          switch (format) {
            case "pkcs8": {
              if (key[_type] !== "private") {
                throw new DOMException5(
                  "Key is not a private key",
                  "InvalidAccessError"
                );
              }
              const data = op_crypto_export_key({
                algorithm: key[_algorithm].name,
                format: "pkcs8"
              }, innerKey);
              return data.buffer;
            }
            case "spki": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              const data = op_crypto_export_key({
                algorithm: key[_algorithm].name,
                format: "spki"
              }, innerKey);
              return data.buffer;
            }
            case "jwk": {
              const jwk = {
                kty: "RSA"
              };
              const hash = key[_algorithm].hash.name;
              if (key[_algorithm].name === "RSASSA-PKCS1-v1_5") {
                switch (hash) {
                  case "SHA-1":
                    jwk.alg = "RS1";
                    break;
                  case "SHA-256":
                    jwk.alg = "RS256";
                    break;
                  case "SHA-384":
                    jwk.alg = "RS384";
                    break;
                  case "SHA-512":
                    jwk.alg = "RS512";
                    break;
                  case "SHA3-256":
                    jwk.alg = "RS3-256";
                    break;
                  case "SHA3-384":
                    jwk.alg = "RS3-384";
                    break;
                  case "SHA3-512":
                    jwk.alg = "RS3-512";
                    break;
                  default:
                    throw new DOMException5(
                      "Hash algorithm not supported",
                      "NotSupportedError"
                    );
                }
              } else if (key[_algorithm].name === "RSA-PSS") {
                switch (hash) {
                  case "SHA-1":
                    jwk.alg = "PS1";
                    break;
                  case "SHA-256":
                    jwk.alg = "PS256";
                    break;
                  case "SHA-384":
                    jwk.alg = "PS384";
                    break;
                  case "SHA-512":
                    jwk.alg = "PS512";
                    break;
                  case "SHA3-256":
                    jwk.alg = "PS3-256";
                    break;
                  case "SHA3-384":
                    jwk.alg = "PS3-384";
                    break;
                  case "SHA3-512":
                    jwk.alg = "PS3-512";
                    break;
                  default:
                    throw new DOMException5(
                      "Hash algorithm not supported",
                      "NotSupportedError"
                    );
                }
              } else {
                switch (hash) {
                  case "SHA-1":
                    jwk.alg = "RSA-OAEP";
                    break;
                  case "SHA-256":
                    jwk.alg = "RSA-OAEP-256";
                    break;
                  case "SHA-384":
                    jwk.alg = "RSA-OAEP-384";
                    break;
                  case "SHA-512":
                    jwk.alg = "RSA-OAEP-512";
                    break;
                  case "SHA3-256":
                    jwk.alg = "RSA-OAEP3-256";
                    break;
                  case "SHA3-384":
                    jwk.alg = "RSA-OAEP3-384";
                    break;
                  case "SHA3-512":
                    jwk.alg = "RSA-OAEP3-512";
                    break;
                  default:
                    throw new DOMException5(
                      "Hash algorithm not supported",
                      "NotSupportedError"
                    );
                }
              }
              const data = op_crypto_export_key({
                format: key[_type] === "private" ? "jwkprivate" : "jwkpublic",
                algorithm: key[_algorithm].name
              }, innerKey);
              ObjectAssign(jwk, data);
              jwk.key_ops = key.usages;
              jwk.ext = key[_extractable];
              return jwk;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function exportKeyEd25519(format, key, innerKey) {
          switch (format) {
            // "raw-public" is an alias of "raw" for existing asymmetric public keys.
            case "raw-public":
            case "raw": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              return innerKey.buffer;
            }
            case "spki": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              const spkiDer = op_crypto_export_spki_ed25519(innerKey);
              return spkiDer.buffer;
            }
            case "pkcs8": {
              if (key[_type] !== "private") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              const pkcs8Der = op_crypto_export_pkcs8_ed25519(
                new Uint8Array2([4, 34, ...new SafeArrayIterator(innerKey)])
              );
              pkcs8Der[15] = 32;
              return pkcs8Der.buffer;
            }
            case "jwk": {
              const x = key[_type] === "private" ? op_crypto_jwk_x_ed25519(innerKey) : op_crypto_base64url_encode(innerKey);
              const jwk = {
                kty: "OKP",
                crv: "Ed25519",
                x,
                "key_ops": key.usages,
                ext: key[_extractable]
              };
              if (key[_type] === "private") {
                jwk.d = op_crypto_base64url_encode(innerKey);
              }
              return jwk;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function exportKeyX448(format, key, innerKey) {
          switch (format) {
            // "raw-public" is an alias of "raw" for existing asymmetric public keys.
            case "raw-public":
            case "raw": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              return innerKey.buffer;
            }
            case "spki": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              const spkiDer = op_crypto_export_spki_x448(innerKey);
              return spkiDer.buffer;
            }
            case "pkcs8": {
              if (key[_type] !== "private") {
                throw new DOMException5(
                  "Key is not a private key",
                  "InvalidAccessError"
                );
              }
              const pkcs8Der = op_crypto_export_pkcs8_x448(
                new Uint8Array2([4, 58, ...new SafeArrayIterator(innerKey)])
              );
              pkcs8Der[15] = 56;
              return pkcs8Der.buffer;
            }
            case "jwk": {
              const jwk = {
                kty: "OKP",
                crv: "X448",
                "key_ops": key.usages,
                ext: key[_extractable]
              };
              if (key[_type] === "private") {
                jwk.x = op_crypto_x448_public_key(innerKey);
                jwk.d = op_crypto_base64url_encode(innerKey);
              } else {
                jwk.x = op_crypto_base64url_encode(innerKey);
              }
              return jwk;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function exportKeyX25519(format, key, innerKey) {
          switch (format) {
            // "raw-public" is an alias of "raw" for existing asymmetric public keys.
            case "raw-public":
            case "raw": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              return innerKey.buffer;
            }
            case "spki": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              const spkiDer = op_crypto_export_spki_x25519(innerKey);
              return spkiDer.buffer;
            }
            case "pkcs8": {
              if (key[_type] !== "private") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              const pkcs8Der = op_crypto_export_pkcs8_x25519(
                new Uint8Array2([4, 34, ...new SafeArrayIterator(innerKey)])
              );
              pkcs8Der[15] = 32;
              return pkcs8Der.buffer;
            }
            case "jwk": {
              const jwk = {
                kty: "OKP",
                crv: "X25519",
                "key_ops": key.usages,
                ext: key[_extractable]
              };
              if (key[_type] === "private") {
                jwk.x = op_crypto_x25519_public_key(innerKey);
                jwk.d = op_crypto_base64url_encode(innerKey);
              } else {
                jwk.x = op_crypto_base64url_encode(innerKey);
              }
              return jwk;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        function exportKeyEC(format, key, innerKey) {
          switch (format) {
            // "raw-public" is an alias of "raw" for existing asymmetric public keys.
            case "raw-public":
            case "raw": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              const data = op_crypto_export_key({
                algorithm: key[_algorithm].name,
                namedCurve: key[_algorithm].namedCurve,
                format: "raw"
              }, innerKey);
              return data.buffer;
            }
            case "pkcs8": {
              if (key[_type] !== "private") {
                throw new DOMException5(
                  "Key is not a private key",
                  "InvalidAccessError"
                );
              }
              const data = op_crypto_export_key({
                algorithm: key[_algorithm].name,
                namedCurve: key[_algorithm].namedCurve,
                format: "pkcs8"
              }, innerKey);
              return data.buffer;
            }
            case "spki": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key is not a public key",
                  "InvalidAccessError"
                );
              }
              const data = op_crypto_export_key({
                algorithm: key[_algorithm].name,
                namedCurve: key[_algorithm].namedCurve,
                format: "spki"
              }, innerKey);
              return data.buffer;
            }
            case "jwk": {
              if (key[_algorithm].name == "ECDSA") {
                const jwk = {
                  kty: "EC"
                };
                jwk.crv = key[_algorithm].namedCurve;
                let algNamedCurve;
                switch (key[_algorithm].namedCurve) {
                  case "P-256": {
                    algNamedCurve = "ES256";
                    break;
                  }
                  case "P-384": {
                    algNamedCurve = "ES384";
                    break;
                  }
                  case "P-521": {
                    algNamedCurve = "ES512";
                    break;
                  }
                  default:
                    throw new DOMException5(
                      "Curve algorithm not supported",
                      "DataError"
                    );
                }
                jwk.alg = algNamedCurve;
                const data = op_crypto_export_key({
                  format: key[_type] === "private" ? "jwkprivate" : "jwkpublic",
                  algorithm: key[_algorithm].name,
                  namedCurve: key[_algorithm].namedCurve
                }, innerKey);
                ObjectAssign(jwk, data);
                jwk.key_ops = key.usages;
                jwk.ext = key[_extractable];
                return jwk;
              } else {
                const jwk = {
                  kty: "EC"
                };
                jwk.alg = "ECDH";
                jwk.crv = key[_algorithm].namedCurve;
                const data = op_crypto_export_key({
                  format: key[_type] === "private" ? "jwkprivate" : "jwkpublic",
                  algorithm: key[_algorithm].name,
                  namedCurve: key[_algorithm].namedCurve
                }, innerKey);
                ObjectAssign(jwk, data);
                jwk.key_ops = key.usages;
                jwk.ext = key[_extractable];
                return jwk;
              }
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        async function generateKeyAES(normalizedAlgorithm, extractable, usages) {
          const algorithmName = normalizedAlgorithm.name;
          if (![128, 192, 256].includes(normalizedAlgorithm.length)) {
            throw new DOMException5(
              `Invalid key length: ${normalizedAlgorithm.length}`,
              "OperationError"
            );
          }
          const keyData = await op_crypto_generate_key({
            algorithm: "AES",
            length: normalizedAlgorithm.length
          });
          const handle2 = {};
          setKeyData(handle2, {
            type: "secret",
            data: keyData
          });
          const algorithm = {
            name: algorithmName,
            length: normalizedAlgorithm.length
          };
          const key = constructKey(
            "secret",
            extractable,
            usages,
            algorithm,
            handle2
          );
          return key;
        }
        async function deriveBits(normalizedAlgorithm, baseKey, length) {
          switch (normalizedAlgorithm.name) {
            case "PBKDF2": {
              if (length == null || length == 0 || length % 8 !== 0) {
                throw new DOMException5("Invalid length", "OperationError");
              }
              if (normalizedAlgorithm.iterations == 0) {
                throw new DOMException5(
                  "iterations must not be zero",
                  "OperationError"
                );
              }
              const handle2 = baseKey[_handle];
              normalizedAlgorithm.salt = copyBuffer(normalizedAlgorithm.salt);
              const buf = await op_crypto_derive_bits(handle2.cppgc, null, {
                algorithm: "PBKDF2",
                hash: normalizedAlgorithm.hash.name,
                iterations: normalizedAlgorithm.iterations,
                length
              }, normalizedAlgorithm.salt);
              return buf.buffer;
            }
            case "ECDH": {
              if (baseKey[_type] !== "private") {
                throw new DOMException5("Invalid key type", "InvalidAccessError");
              }
              const publicKey = normalizedAlgorithm.public;
              if (publicKey[_type] !== "public") {
                throw new DOMException5("Invalid key type", "InvalidAccessError");
              }
              if (publicKey[_algorithm].name !== baseKey[_algorithm].name) {
                throw new DOMException5(
                  "Algorithm mismatch",
                  "InvalidAccessError"
                );
              }
              if (publicKey[_algorithm].namedCurve !== baseKey[_algorithm].namedCurve) {
                throw new DOMException5(
                  "'namedCurve' mismatch",
                  "InvalidAccessError"
                );
              }
              if (supportedNamedCurves.includes(
                publicKey[_algorithm].namedCurve
              )) {
                const baseKeyhandle = baseKey[_handle];
                const publicKeyhandle = publicKey[_handle];
                const buf = await op_crypto_derive_bits(
                  baseKeyhandle.cppgc,
                  publicKeyhandle.cppgc,
                  {
                    algorithm: "ECDH",
                    namedCurve: publicKey[_algorithm].namedCurve,
                    length: length ?? 0
                  }
                );
                if (length === null) {
                  return buf.buffer;
                } else if (buf.byteLength * 8 < length) {
                  throw new DOMException5("Invalid length", "OperationError");
                } else {
                  return buf.buffer.slice(
                    0,
                    MathCeil(length / 8)
                  );
                }
              } else {
                throw new DOMException5("Not implemented", "NotSupportedError");
              }
            }
            case "HKDF": {
              if (length === null || length === 0 || length % 8 !== 0) {
                throw new DOMException5("Invalid length", "OperationError");
              }
              const handle2 = baseKey[_handle];
              normalizedAlgorithm.salt = copyBuffer(normalizedAlgorithm.salt);
              normalizedAlgorithm.info = copyBuffer(normalizedAlgorithm.info);
              const buf = await op_crypto_derive_bits(handle2.cppgc, null, {
                algorithm: "HKDF",
                hash: normalizedAlgorithm.hash.name,
                info: normalizedAlgorithm.info,
                length
              }, normalizedAlgorithm.salt);
              return buf.buffer;
            }
            case "X448": {
              if (baseKey[_type] !== "private") {
                throw new DOMException5("Invalid key type", "InvalidAccessError");
              }
              const publicKey = normalizedAlgorithm.public;
              if (publicKey[_type] !== "public") {
                throw new DOMException5("Invalid key type", "InvalidAccessError");
              }
              if (publicKey[_algorithm].name !== baseKey[_algorithm].name) {
                throw new DOMException5(
                  "Algorithm mismatch",
                  "InvalidAccessError"
                );
              }
              const kHandle = baseKey[_handle];
              const uHandle = publicKey[_handle];
              const secret = new Uint8Array2(56);
              const isIdentity = op_crypto_derive_bits_x448(
                kHandle.cppgc,
                uHandle.cppgc,
                secret
              );
              if (isIdentity) {
                throw new DOMException5("Invalid key", "OperationError");
              }
              if (length === null) {
                return secret.buffer;
              } else if (secret.byteLength * 8 < length) {
                throw new DOMException5("Invalid length", "OperationError");
              } else {
                return secret.buffer.slice(
                  0,
                  MathCeil(length / 8)
                );
              }
            }
            case "X25519": {
              if (baseKey[_type] !== "private") {
                throw new DOMException5("Invalid key type", "InvalidAccessError");
              }
              const publicKey = normalizedAlgorithm.public;
              if (publicKey[_type] !== "public") {
                throw new DOMException5("Invalid key type", "InvalidAccessError");
              }
              if (publicKey[_algorithm].name !== baseKey[_algorithm].name) {
                throw new DOMException5(
                  "Algorithm mismatch",
                  "InvalidAccessError"
                );
              }
              const kHandle = baseKey[_handle];
              const uHandle = publicKey[_handle];
              const secret = new Uint8Array2(32);
              const isIdentity = op_crypto_derive_bits_x25519(
                kHandle.cppgc,
                uHandle.cppgc,
                secret
              );
              if (isIdentity) {
                throw new DOMException5("Invalid key", "OperationError");
              }
              if (length === null) {
                return secret.buffer;
              } else if (secret.byteLength * 8 < length) {
                throw new DOMException5("Invalid length", "OperationError");
              } else {
                return secret.buffer.slice(
                  0,
                  MathCeil(length / 8)
                );
              }
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        async function encrypt(normalizedAlgorithm, key, data) {
          const handle2 = key[_handle];
          switch (normalizedAlgorithm.name) {
            case "RSA-OAEP": {
              if (key[_type] !== "public") {
                throw new DOMException5(
                  "Key type not supported",
                  "InvalidAccessError"
                );
              }
              if (normalizedAlgorithm.label) {
                normalizedAlgorithm.label = copyBuffer(normalizedAlgorithm.label);
              } else {
                normalizedAlgorithm.label = new Uint8Array2();
              }
              const hashAlgorithm = key[_algorithm].hash.name;
              const cipherText = await op_crypto_encrypt(handle2.cppgc, {
                algorithm: "RSA-OAEP",
                hash: hashAlgorithm,
                label: normalizedAlgorithm.label
              }, data);
              return cipherText.buffer;
            }
            case "AES-CBC": {
              normalizedAlgorithm.iv = copyBuffer(normalizedAlgorithm.iv);
              if (normalizedAlgorithm.iv.byteLength !== 16) {
                throw new DOMException5(
                  "Initialization vector must be 16 bytes",
                  "OperationError"
                );
              }
              const cipherText = await op_crypto_encrypt(handle2.cppgc, {
                algorithm: "AES-CBC",
                length: key[_algorithm].length,
                iv: normalizedAlgorithm.iv
              }, data);
              return cipherText.buffer;
            }
            case "AES-CTR": {
              normalizedAlgorithm.counter = copyBuffer(normalizedAlgorithm.counter);
              if (normalizedAlgorithm.counter.byteLength !== 16) {
                throw new DOMException5(
                  "Counter vector must be 16 bytes",
                  "OperationError"
                );
              }
              if (normalizedAlgorithm.length == 0 || normalizedAlgorithm.length > 128) {
                throw new DOMException5(
                  "Counter length must not be 0 or greater than 128",
                  "OperationError"
                );
              }
              const cipherText = await op_crypto_encrypt(handle2.cppgc, {
                algorithm: "AES-CTR",
                keyLength: key[_algorithm].length,
                counter: normalizedAlgorithm.counter,
                ctrLength: normalizedAlgorithm.length
              }, data);
              return cipherText.buffer;
            }
            case "AES-GCM": {
              normalizedAlgorithm.iv = copyBuffer(normalizedAlgorithm.iv);
              if (data.byteLength > 2 ** 39 - 256) {
                throw new DOMException5(
                  "Plaintext too large",
                  "OperationError"
                );
              }
              if ([12, 16].includes(
                normalizedAlgorithm.iv.byteLength
              ) === void 0) {
                throw new DOMException5(
                  "Initialization vector length not supported",
                  "NotSupportedError"
                );
              }
              if (normalizedAlgorithm.tagLength == void 0) {
                normalizedAlgorithm.tagLength = 128;
              } else if (![32, 64, 96, 104, 112, 120, 128].includes(
                normalizedAlgorithm.tagLength
              )) {
                throw new DOMException5(
                  `Invalid tag length: ${normalizedAlgorithm.tagLength}`,
                  "OperationError"
                );
              }
              if (normalizedAlgorithm.additionalData) {
                normalizedAlgorithm.additionalData = copyBuffer(
                  normalizedAlgorithm.additionalData
                );
              }
              const cipherText = await op_crypto_encrypt(handle2.cppgc, {
                algorithm: "AES-GCM",
                length: key[_algorithm].length,
                iv: normalizedAlgorithm.iv,
                additionalData: normalizedAlgorithm.additionalData || null,
                tagLength: normalizedAlgorithm.tagLength
              }, data);
              return cipherText.buffer;
            }
            case "AES-OCB": {
              normalizedAlgorithm.iv = copyBuffer(normalizedAlgorithm.iv);
              if (data.byteLength > 2 ** 39 - 256) {
                throw new DOMException5(
                  "Plaintext too large",
                  "OperationError"
                );
              }
              const ivLen = normalizedAlgorithm.iv.byteLength;
              if (ivLen < 6 || ivLen > 15) {
                throw new DOMException5(
                  "Invalid nonce length for AES-OCB (must be 6-15 bytes)",
                  "OperationError"
                );
              }
              if (normalizedAlgorithm.tagLength === void 0) {
                normalizedAlgorithm.tagLength = 128;
              } else if (![64, 96, 128].includes(normalizedAlgorithm.tagLength)) {
                throw new DOMException5(
                  `Invalid tag length: ${normalizedAlgorithm.tagLength}`,
                  "OperationError"
                );
              }
              if (normalizedAlgorithm.additionalData) {
                normalizedAlgorithm.additionalData = copyBuffer(
                  normalizedAlgorithm.additionalData
                );
              }
              const cipherText = await op_crypto_encrypt(handle2.cppgc, {
                algorithm: "AES-OCB",
                length: key[_algorithm].length,
                iv: normalizedAlgorithm.iv,
                additionalData: normalizedAlgorithm.additionalData || null,
                tagLength: normalizedAlgorithm.tagLength
              }, data);
              return cipherText.buffer;
            }
            case "ChaCha20-Poly1305": {
              if (normalizedAlgorithm.iv === void 0) {
                throw new TypeError2("iv is required");
              }
              normalizedAlgorithm.iv = copyBuffer(normalizedAlgorithm.iv);
              if (normalizedAlgorithm.iv.byteLength !== 12) {
                throw new DOMException5(
                  "ChaCha20-Poly1305 iv must be 12 bytes",
                  "OperationError"
                );
              }
              if (normalizedAlgorithm.tagLength !== void 0 && normalizedAlgorithm.tagLength !== 128) {
                throw new DOMException5(
                  "ChaCha20-Poly1305 tagLength must be 128",
                  "OperationError"
                );
              }
              if (data.byteLength > (2 ** 32 - 1) * 64) {
                throw new DOMException5("Plaintext too large", "OperationError");
              }
              if (normalizedAlgorithm.additionalData !== void 0) {
                normalizedAlgorithm.additionalData = copyBuffer(
                  normalizedAlgorithm.additionalData
                );
              }
              const cipherText = await op_crypto_encrypt(handle2.cppgc, {
                algorithm: "ChaCha20-Poly1305",
                nonce: normalizedAlgorithm.iv,
                additionalData: normalizedAlgorithm.additionalData || null
              }, data);
              return cipherText.buffer;
            }
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        webidl3.configureInterface(SubtleCrypto2);
        const subtle2 = webidl3.createBranded(SubtleCrypto2);
        class Crypto2 {
          constructor() {
            webidl3.illegalConstructor();
          }
          getRandomValues(typedArray) {
            webidl3.assertBranded(this, CryptoPrototype);
            const prefix = "Failed to execute 'getRandomValues' on 'Crypto'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            const tag = TypedArrayPrototypeGetSymbolToStringTag(typedArray);
            if (tag === "Uint8Array") {
              op_crypto_get_random_values(typedArray);
              return typedArray;
            }
            switch (tag) {
              case "Int8Array":
              case "Uint8ClampedArray":
              case "Int16Array":
              case "Uint16Array":
              case "Int32Array":
              case "Uint32Array":
              case "BigInt64Array":
              case "BigUint64Array":
                break;
              default:
                throw new DOMException5(
                  "The provided value is not an integer-type TypedArray",
                  "TypeMismatchError"
                );
            }
            const ui8 = new Uint8Array2(
              typedArray.buffer,
              typedArray.byteOffset,
              typedArray.byteLength
            );
            op_crypto_get_random_values(ui8);
            return typedArray;
          }
          randomUUID() {
            webidl3.assertBranded(this, CryptoPrototype);
            return op_crypto_random_uuid();
          }
          get subtle() {
            webidl3.assertBranded(this, CryptoPrototype);
            return subtle2;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: CryptoPrototype.isPrototypeOf(this),
                keys: ["subtle"]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(Crypto2);
        const CryptoPrototype = Crypto2.prototype;
        const crypto2 = webidl3.createBranded(Crypto2);
        webidl3.converters.AlgorithmIdentifier = (V, prefix, context, opts) => {
          if (webidl3.type(V) == "Object") {
            return webidl3.converters.object(V, prefix, context, opts);
          }
          return webidl3.converters.DOMString(V, prefix, context, opts);
        };
        webidl3.converters["BufferSource or JsonWebKey"] = (V, prefix, context, opts) => {
          if (ArrayBufferIsView(V) || isArrayBuffer(V)) {
            return webidl3.converters.BufferSource(V, prefix, context, opts);
          }
          return webidl3.converters.JsonWebKey(V, prefix, context, opts);
        };
        webidl3.converters.KeyType = webidl3.createEnumConverter("KeyType", [
          "public",
          "private",
          "secret"
        ]);
        webidl3.converters.KeyFormat = webidl3.createEnumConverter("KeyFormat", [
          "raw",
          "pkcs8",
          "spki",
          "jwk",
          // WICG modern algorithms: unified symmetric secret key format. For the
          // existing symmetric algorithms `raw` is treated as an alias of `raw-secret`,
          // while new algorithms (e.g. ChaCha20-Poly1305) only recognize `raw-secret`.
          "raw-secret",
          // WICG modern algorithms (ML-KEM, ML-DSA): split raw key formats.
          "raw-public",
          "raw-private",
          "raw-seed"
        ]);
        webidl3.converters.KeyUsage = webidl3.createEnumConverter("KeyUsage", [
          "encrypt",
          "decrypt",
          "sign",
          "verify",
          "deriveKey",
          "deriveBits",
          "wrapKey",
          "unwrapKey",
          // WICG modern algorithms (ML-KEM): KEM-specific usages.
          "encapsulateKey",
          "encapsulateBits",
          "decapsulateKey",
          "decapsulateBits"
        ]);
        webidl3.converters["sequence<KeyUsage>"] = webidl3.createSequenceConverter(
          webidl3.converters.KeyUsage
        );
        webidl3.converters.HashAlgorithmIdentifier = webidl3.converters.AlgorithmIdentifier;
        const dictAlgorithm = [{
          key: "name",
          converter: webidl3.converters.DOMString,
          required: true
        }];
        webidl3.converters.Algorithm = webidl3.createDictionaryConverter("Algorithm", dictAlgorithm);
        webidl3.converters.BigInteger = webidl3.converters.Uint8Array;
        const dictRsaKeyGenParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "modulusLength",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned long"](V, prefix, context, {
              ...opts,
              enforceRange: true
            }),
            required: true
          },
          {
            key: "publicExponent",
            converter: webidl3.converters.BigInteger,
            required: true
          }
        ];
        webidl3.converters.RsaKeyGenParams = webidl3.createDictionaryConverter("RsaKeyGenParams", dictRsaKeyGenParams);
        const dictRsaHashedKeyGenParams = [
          ...new SafeArrayIterator(dictRsaKeyGenParams),
          {
            key: "hash",
            converter: webidl3.converters.HashAlgorithmIdentifier,
            required: true
          }
        ];
        webidl3.converters.RsaHashedKeyGenParams = webidl3.createDictionaryConverter(
          "RsaHashedKeyGenParams",
          dictRsaHashedKeyGenParams
        );
        const dictRsaHashedImportParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "hash",
            converter: webidl3.converters.HashAlgorithmIdentifier,
            required: true
          }
        ];
        webidl3.converters.RsaHashedImportParams = webidl3.createDictionaryConverter(
          "RsaHashedImportParams",
          dictRsaHashedImportParams
        );
        webidl3.converters.NamedCurve = webidl3.converters.DOMString;
        const dictEcKeyImportParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "namedCurve",
            converter: webidl3.converters.NamedCurve,
            required: true
          }
        ];
        webidl3.converters.EcKeyImportParams = webidl3.createDictionaryConverter(
          "EcKeyImportParams",
          dictEcKeyImportParams
        );
        const dictEcKeyGenParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "namedCurve",
            converter: webidl3.converters.NamedCurve,
            required: true
          }
        ];
        webidl3.converters.EcKeyGenParams = webidl3.createDictionaryConverter("EcKeyGenParams", dictEcKeyGenParams);
        const dictAesKeyGenParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "length",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned short"](V, prefix, context, {
              ...opts,
              enforceRange: true
            }),
            required: true
          }
        ];
        webidl3.converters.AesKeyGenParams = webidl3.createDictionaryConverter("AesKeyGenParams", dictAesKeyGenParams);
        const dictHmacKeyGenParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "hash",
            converter: webidl3.converters.HashAlgorithmIdentifier,
            required: true
          },
          {
            key: "length",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned long"](V, prefix, context, {
              ...opts,
              enforceRange: true
            })
          }
        ];
        webidl3.converters.HmacKeyGenParams = webidl3.createDictionaryConverter("HmacKeyGenParams", dictHmacKeyGenParams);
        const dictRsaPssParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "saltLength",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned long"](V, prefix, context, {
              ...opts,
              enforceRange: true
            }),
            required: true
          }
        ];
        webidl3.converters.RsaPssParams = webidl3.createDictionaryConverter("RsaPssParams", dictRsaPssParams);
        const dictRsaOaepParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "label",
            converter: webidl3.converters["BufferSource"]
          }
        ];
        webidl3.converters.RsaOaepParams = webidl3.createDictionaryConverter("RsaOaepParams", dictRsaOaepParams);
        const dictEcdsaParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "hash",
            converter: webidl3.converters.HashAlgorithmIdentifier,
            required: true
          }
        ];
        webidl3.converters["EcdsaParams"] = webidl3.createDictionaryConverter("EcdsaParams", dictEcdsaParams);
        const dictHmacImportParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "hash",
            converter: webidl3.converters.HashAlgorithmIdentifier,
            required: true
          },
          {
            key: "length",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned long"](V, prefix, context, {
              ...opts,
              enforceRange: true
            })
          }
        ];
        webidl3.converters.HmacImportParams = webidl3.createDictionaryConverter("HmacImportParams", dictHmacImportParams);
        const dictRsaOtherPrimesInfo = [
          {
            key: "r",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "d",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "t",
            converter: webidl3.converters["DOMString"]
          }
        ];
        webidl3.converters.RsaOtherPrimesInfo = webidl3.createDictionaryConverter(
          "RsaOtherPrimesInfo",
          dictRsaOtherPrimesInfo
        );
        webidl3.converters["sequence<RsaOtherPrimesInfo>"] = webidl3.createSequenceConverter(
          webidl3.converters.RsaOtherPrimesInfo
        );
        const dictJsonWebKey = [
          // Sections 4.2 and 4.3 of RFC7517.
          // https://datatracker.ietf.org/doc/html/rfc7517#section-4
          {
            key: "kty",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "use",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "key_ops",
            converter: webidl3.converters["sequence<DOMString>"]
          },
          {
            key: "alg",
            converter: webidl3.converters["DOMString"]
          },
          // JSON Web Key Parameters Registration
          {
            key: "ext",
            converter: webidl3.converters["boolean"]
          },
          // Section 6 of RFC7518 JSON Web Algorithms
          // https://datatracker.ietf.org/doc/html/rfc7518#section-6
          {
            key: "crv",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "x",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "y",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "d",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "n",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "e",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "p",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "q",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "dp",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "dq",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "qi",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "oth",
            converter: webidl3.converters["sequence<RsaOtherPrimesInfo>"]
          },
          {
            key: "k",
            converter: webidl3.converters["DOMString"]
          },
          // AKP (Algorithm Key Pair) key type, used by ML-DSA and other modern
          // algorithms. https://www.rfc-editor.org/rfc/rfc9964
          {
            key: "pub",
            converter: webidl3.converters["DOMString"]
          },
          {
            key: "priv",
            converter: webidl3.converters["DOMString"]
          }
        ];
        webidl3.converters.JsonWebKey = webidl3.createDictionaryConverter(
          "JsonWebKey",
          dictJsonWebKey
        );
        const dictHkdfParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "hash",
            converter: webidl3.converters.HashAlgorithmIdentifier,
            required: true
          },
          {
            key: "salt",
            converter: webidl3.converters["BufferSource"],
            required: true
          },
          {
            key: "info",
            converter: webidl3.converters["BufferSource"],
            required: true
          }
        ];
        webidl3.converters.HkdfParams = webidl3.createDictionaryConverter("HkdfParams", dictHkdfParams);
        const dictPbkdf2Params = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "hash",
            converter: webidl3.converters.HashAlgorithmIdentifier,
            required: true
          },
          {
            key: "iterations",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned long"](V, prefix, context, {
              ...opts,
              enforceRange: true
            }),
            required: true
          },
          {
            key: "salt",
            converter: webidl3.converters["BufferSource"],
            required: true
          }
        ];
        webidl3.converters.Pbkdf2Params = webidl3.createDictionaryConverter("Pbkdf2Params", dictPbkdf2Params);
        const dictAesDerivedKeyParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "length",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned long"](V, prefix, context, {
              ...opts,
              enforceRange: true
            }),
            required: true
          }
        ];
        const dictAesCbcParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "iv",
            converter: webidl3.converters["BufferSource"],
            required: true
          }
        ];
        const dictAesGcmParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "iv",
            converter: webidl3.converters["BufferSource"],
            required: true
          },
          {
            key: "tagLength",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned long"](V, prefix, context, {
              ...opts,
              enforceRange: true
            })
          },
          {
            key: "additionalData",
            converter: webidl3.converters["BufferSource"]
          }
        ];
        const dictAesCtrParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "counter",
            converter: webidl3.converters["BufferSource"],
            required: true
          },
          {
            key: "length",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned short"](V, prefix, context, {
              ...opts,
              enforceRange: true
            }),
            required: true
          }
        ];
        webidl3.converters.AesDerivedKeyParams = webidl3.createDictionaryConverter("AesDerivedKeyParams", dictAesDerivedKeyParams);
        webidl3.converters.AesCbcParams = webidl3.createDictionaryConverter("AesCbcParams", dictAesCbcParams);
        webidl3.converters.AesGcmParams = webidl3.createDictionaryConverter("AesGcmParams", dictAesGcmParams);
        webidl3.converters.AesCtrParams = webidl3.createDictionaryConverter("AesCtrParams", dictAesCtrParams);
        webidl3.converters.CryptoKey = webidl3.createInterfaceConverter(
          "CryptoKey",
          CryptoKey2.prototype
        );
        const dictCryptoKeyPair = [
          {
            key: "publicKey",
            converter: webidl3.converters.CryptoKey
          },
          {
            key: "privateKey",
            converter: webidl3.converters.CryptoKey
          }
        ];
        webidl3.converters.CryptoKeyPair = webidl3.createDictionaryConverter("CryptoKeyPair", dictCryptoKeyPair);
        const dictEcdhKeyDeriveParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "public",
            converter: webidl3.converters.CryptoKey,
            required: true
          }
        ];
        webidl3.converters.EcdhKeyDeriveParams = webidl3.createDictionaryConverter("EcdhKeyDeriveParams", dictEcdhKeyDeriveParams);
        const dictChaCha20Poly1305Params = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "iv",
            converter: webidl3.converters["BufferSource"],
            required: true
          },
          {
            key: "additionalData",
            converter: webidl3.converters["BufferSource"]
          },
          {
            key: "tagLength",
            converter: (V, prefix, context, opts) => webidl3.converters["octet"](V, prefix, context, {
              ...opts,
              enforceRange: true
            })
          }
        ];
        webidl3.converters.ChaCha20Poly1305Params = webidl3.createDictionaryConverter(
          "ChaCha20Poly1305Params",
          dictChaCha20Poly1305Params
        );
        const dictXofParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "outputLength",
            converter: (V, prefix, context, opts) => webidl3.converters["unsigned long"](V, prefix, context, {
              ...opts,
              enforceRange: true
            }),
            required: true
          }
        ];
        const dictCShakeParams = [
          ...new SafeArrayIterator(dictXofParams),
          {
            key: "functionName",
            converter: webidl3.converters["BufferSource"]
          },
          {
            key: "customization",
            converter: webidl3.converters["BufferSource"]
          }
        ];
        webidl3.converters.CShakeParams = webidl3.createDictionaryConverter(
          "CShakeParams",
          dictCShakeParams
        );
        const dictTurboShakeParams = [
          ...new SafeArrayIterator(dictXofParams),
          {
            key: "domainSeparation",
            converter: (V, prefix, context, opts) => webidl3.converters["octet"](V, prefix, context, {
              ...opts,
              enforceRange: true
            })
          }
        ];
        webidl3.converters.TurboShakeParams = webidl3.createDictionaryConverter(
          "TurboShakeParams",
          dictTurboShakeParams
        );
        const dictMlDsaParams = [
          ...new SafeArrayIterator(dictAlgorithm),
          {
            key: "context",
            converter: webidl3.converters["BufferSource"]
          }
        ];
        webidl3.converters.MlDsaParams = webidl3.createDictionaryConverter(
          "MlDsaParams",
          dictMlDsaParams
        );
        function cryptoKeyExportNodeKeyMaterial(cryptoKey) {
          const handle2 = cryptoKey[_handle];
          const innerKey = getKeyData(handle2);
          const type = cryptoKey[_type];
          const algorithmName = cryptoKey[_algorithm].name;
          if (type === "secret") {
            return { type: "secret", data: innerKey.data };
          }
          if (type === "public") {
            let data2;
            switch (algorithmName) {
              case "RSASSA-PKCS1-v1_5":
              case "RSA-PSS":
              case "RSA-OAEP":
                data2 = op_crypto_export_key(
                  { algorithm: algorithmName, format: "spki" },
                  innerKey
                );
                break;
              case "ECDH":
              case "ECDSA":
                data2 = op_crypto_export_key({
                  algorithm: algorithmName,
                  namedCurve: cryptoKey[_algorithm].namedCurve,
                  format: "spki"
                }, innerKey);
                break;
              case "Ed25519":
                data2 = op_crypto_export_spki_ed25519(innerKey);
                break;
              case "X25519":
                data2 = op_crypto_export_spki_x25519(innerKey);
                break;
              case "X448":
                data2 = op_crypto_export_spki_x448(innerKey);
                break;
              case "ML-DSA-44":
              case "ML-DSA-65":
              case "ML-DSA-87":
                data2 = op_crypto_mldsa_export_spki(
                  mldsaVariantId(algorithmName),
                  innerKey
                );
                break;
              default:
                throw new TypeError2(`Unsupported algorithm: ${algorithmName}`);
            }
            return { type: "public", data: data2 };
          }
          let data;
          switch (algorithmName) {
            case "RSASSA-PKCS1-v1_5":
            case "RSA-PSS":
            case "RSA-OAEP":
              data = op_crypto_export_key(
                { algorithm: algorithmName, format: "pkcs8" },
                innerKey
              );
              break;
            case "ECDH":
            case "ECDSA":
              data = op_crypto_export_key({
                algorithm: algorithmName,
                namedCurve: cryptoKey[_algorithm].namedCurve,
                format: "pkcs8"
              }, innerKey);
              break;
            case "Ed25519": {
              data = op_crypto_export_pkcs8_ed25519(
                new Uint8Array2([4, 34, ...new SafeArrayIterator(innerKey)])
              );
              data[15] = 32;
              break;
            }
            case "X25519": {
              data = op_crypto_export_pkcs8_x25519(
                new Uint8Array2([4, 34, ...new SafeArrayIterator(innerKey)])
              );
              data[15] = 32;
              break;
            }
            case "X448": {
              data = op_crypto_export_pkcs8_x448(
                new Uint8Array2([4, 58, ...new SafeArrayIterator(innerKey)])
              );
              data[15] = 56;
              break;
            }
            case "ML-DSA-44":
            case "ML-DSA-65":
            case "ML-DSA-87":
              if (innerKey?.seed == null) {
                throw new TypeError2(
                  `Cannot export ${algorithmName} private key without a seed`
                );
              }
              data = op_crypto_mldsa_export_pkcs8(
                mldsaVariantId(algorithmName),
                innerKey.seed
              );
              break;
            default:
              throw new TypeError2(`Unsupported algorithm: ${algorithmName}`);
          }
          return { type: "private", data };
        }
        function importCryptoKeySync(format, keyData, algorithm, extractable, usages) {
          const normalizedAlgorithm = normalizeAlgorithm(algorithm, "importKey");
          const algorithmName = normalizedAlgorithm.name;
          switch (algorithmName) {
            case "HMAC":
              return importKeyHMAC(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                usages
              );
            case "ECDH":
            case "ECDSA":
              return importKeyEC(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                usages
              );
            case "RSASSA-PKCS1-v1_5":
            case "RSA-PSS":
            case "RSA-OAEP":
              return importKeyRSA(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                usages
              );
            case "HKDF":
              return importKeyHKDF(format, keyData, extractable, usages);
            case "PBKDF2":
              return importKeyPBKDF2(format, keyData, extractable, usages);
            case "AES-CTR":
            case "AES-CBC":
            case "AES-GCM":
            case "AES-OCB":
              return importKeyAES(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                usages,
                ["encrypt", "decrypt", "wrapKey", "unwrapKey"]
              );
            case "AES-KW":
              return importKeyAES(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                usages,
                ["wrapKey", "unwrapKey"]
              );
            case "ChaCha20-Poly1305":
              return importKeyChaCha20Poly1305(
                format === "raw" ? "raw-secret" : format,
                keyData,
                extractable,
                usages
              );
            case "X448":
              return importKeyX448(format, keyData, extractable, usages);
            case "X25519":
              return importKeyX25519(format, keyData, extractable, usages);
            case "Ed25519":
              return importKeyEd25519(format, keyData, extractable, usages);
            case "ML-DSA-44":
            case "ML-DSA-65":
            case "ML-DSA-87":
              return importKeyMlDsa(
                format,
                normalizedAlgorithm,
                keyData,
                extractable,
                usages
              );
            default:
              throw new DOMException5("Not implemented", "NotSupportedError");
          }
        }
        return {
          Crypto: Crypto2,
          crypto: crypto2,
          CryptoKey: CryptoKey2,
          cryptoKeyExportNodeKeyMaterial,
          importCryptoKeySync,
          SubtleCrypto: SubtleCrypto2
        };
      })();
    }
  });

  // deno:deno_fetch/21_formdata.js
  var require_formdata = __commonJS({
    "deno:deno_fetch/21_formdata.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const webidl3 = require_webidl();
        const {
          Blob: Blob3,
          BlobPrototype,
          File: File2,
          FilePrototype
        } = require_file();
        const {
          ArrayPrototypePush,
          ArrayPrototypeSlice,
          ArrayPrototypeSplice,
          MapPrototypeGet,
          MapPrototypeHas,
          MapPrototypeSet,
          MathRandom,
          ObjectFreeze,
          ObjectFromEntries,
          ObjectPrototypeIsPrototypeOf,
          ReflectApply,
          SafeMap,
          SafeRegExp,
          Symbol: Symbol2,
          SymbolFor,
          StringFromCharCode,
          StringPrototypeCharCodeAt,
          StringPrototypeTrim,
          StringPrototypeSlice,
          StringPrototypeSplit,
          StringPrototypeReplace,
          StringPrototypeIndexOf,
          StringPrototypePadStart,
          StringPrototypeCodePointAt,
          StringPrototypeReplaceAll,
          TypeError: TypeError2,
          TypedArrayPrototypeSubarray,
          Uint8Array: Uint8Array2
        } = primordials3;
        const entryList = Symbol2("entry list");
        function createEntry(name, value, filename) {
          if (BlobPrototype.isPrototypeOf(value) && !FilePrototype.isPrototypeOf(value)) {
            value = new File2([value], "blob", { type: value.type });
          }
          if (FilePrototype.isPrototypeOf(value) && filename !== void 0) {
            value = new File2([value], filename, {
              type: value.type,
              lastModified: value.lastModified
            });
          }
          return {
            name,
            // @ts-expect-error because TS is not smart enough
            value
          };
        }
        class FormData {
          /** @type {FormDataEntry[]} */
          [entryList] = [];
          /** @param {void} form */
          constructor(form) {
            if (form !== void 0) {
              webidl3.illegalConstructor();
            }
            this[webidl3.brand] = webidl3.brand;
          }
          /**
           * @param {string} name
           * @param {string | Blob} valueOrBlobValue
           * @param {string} [filename]
           * @returns {void}
           */
          append(name, valueOrBlobValue, filename) {
            webidl3.assertBranded(this, FormDataPrototype);
            const prefix = "Failed to execute 'append' on 'FormData'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            name = webidl3.converters["USVString"](name, prefix, "Argument 1");
            if (BlobPrototype.isPrototypeOf(valueOrBlobValue)) {
              valueOrBlobValue = webidl3.converters["Blob"](
                valueOrBlobValue,
                prefix,
                "Argument 2"
              );
              if (filename !== void 0) {
                filename = webidl3.converters["USVString"](
                  filename,
                  prefix,
                  "Argument 3"
                );
              }
            } else {
              valueOrBlobValue = webidl3.converters["USVString"](
                valueOrBlobValue,
                prefix,
                "Argument 2"
              );
            }
            const entry = createEntry(name, valueOrBlobValue, filename);
            this[entryList].push(entry);
          }
          /**
           * @param {string} name
           * @returns {void}
           */
          delete(name) {
            webidl3.assertBranded(this, FormDataPrototype);
            const prefix = "Failed to execute 'name' on 'FormData'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            name = webidl3.converters["USVString"](name, prefix, "Argument 1");
            const list3 = this[entryList];
            let writeIdx = 0;
            for (let i = 0; i < list3.length; i++) {
              if (list3[i].name !== name) {
                list3[writeIdx++] = list3[i];
              }
            }
            if (writeIdx !== list3.length) {
              list3.splice(writeIdx);
            }
          }
          /**
           * @param {string} name
           * @returns {FormDataEntryValue | null}
           */
          get(name) {
            webidl3.assertBranded(this, FormDataPrototype);
            const prefix = "Failed to execute 'get' on 'FormData'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            name = webidl3.converters["USVString"](name, prefix, "Argument 1");
            const entries = this[entryList];
            for (let i = 0; i < entries.length; ++i) {
              const entry = entries[i];
              if (entry.name === name) return entry.value;
            }
            return null;
          }
          /**
           * @param {string} name
           * @returns {FormDataEntryValue[]}
           */
          getAll(name) {
            webidl3.assertBranded(this, FormDataPrototype);
            const prefix = "Failed to execute 'getAll' on 'FormData'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            name = webidl3.converters["USVString"](name, prefix, "Argument 1");
            const returnList = [];
            const entries = this[entryList];
            for (let i = 0; i < entries.length; ++i) {
              const entry = entries[i];
              if (entry.name === name) returnList.push(entry.value);
            }
            return returnList;
          }
          /**
           * @param {string} name
           * @returns {boolean}
           */
          has(name) {
            webidl3.assertBranded(this, FormDataPrototype);
            const prefix = "Failed to execute 'has' on 'FormData'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            name = webidl3.converters["USVString"](name, prefix, "Argument 1");
            const entries = this[entryList];
            for (let i = 0; i < entries.length; ++i) {
              const entry = entries[i];
              if (entry.name === name) return true;
            }
            return false;
          }
          /**
           * @param {string} name
           * @param {string | Blob} valueOrBlobValue
           * @param {string} [filename]
           * @returns {void}
           */
          set(name, valueOrBlobValue, filename) {
            webidl3.assertBranded(this, FormDataPrototype);
            const prefix = "Failed to execute 'set' on 'FormData'";
            webidl3.requiredArguments(arguments.length, 2, prefix);
            name = webidl3.converters["USVString"](name, prefix, "Argument 1");
            if (BlobPrototype.isPrototypeOf(valueOrBlobValue)) {
              valueOrBlobValue = webidl3.converters["Blob"](
                valueOrBlobValue,
                prefix,
                "Argument 2"
              );
              if (filename !== void 0) {
                filename = webidl3.converters["USVString"](
                  filename,
                  prefix,
                  "Argument 3"
                );
              }
            } else {
              valueOrBlobValue = webidl3.converters["USVString"](
                valueOrBlobValue,
                prefix,
                "Argument 2"
              );
            }
            const entry = createEntry(name, valueOrBlobValue, filename);
            const list3 = this[entryList];
            let writeIdx = 0;
            let added = false;
            for (let i = 0; i < list3.length; i++) {
              if (list3[i].name === name) {
                if (!added) {
                  list3[writeIdx++] = entry;
                  added = true;
                }
              } else {
                list3[writeIdx++] = list3[i];
              }
            }
            if (!added) {
              list3.push(entry);
            } else if (writeIdx !== list3.length) {
              list3.splice(writeIdx);
            }
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            if (FormDataPrototype.isPrototypeOf(this)) {
              return `${this.constructor.name} ${inspect2(ObjectFromEntries(this), inspectOptions)}`;
            } else {
              return `${this.constructor.name} ${inspect2({}, inspectOptions)}`;
            }
          }
        }
        webidl3.mixinPairIterable("FormData", FormData, entryList, "name", "value");
        webidl3.configureInterface(FormData);
        const FormDataPrototype = FormData.prototype;
        const ESCAPE_FILENAME_PATTERN = new SafeRegExp(/\r?\n|\r/g);
        const ESCAPE_PATTERN = new SafeRegExp(/([\n\r"])/g);
        const ESCAPE_MAP = ObjectFreeze({
          "\n": "%0A",
          "\r": "%0D",
          '"': "%22"
        });
        function escape(str, isFilename) {
          return (isFilename ? str : str.replace(ESCAPE_FILENAME_PATTERN, "\r\n")).replace(
            ESCAPE_PATTERN,
            (c) => ESCAPE_MAP[c]
          );
        }
        const FORM_DETA_SERIALIZE_PATTERN = new SafeRegExp(/\r(?!\n)|(?<!\r)\n/g);
        function formDataToBlob(formData) {
          const boundary = `${MathRandom()}${MathRandom()}`.replaceAll(".", "").slice(
            -28
          ).padStart(
            32,
            "-"
          );
          const chunks = [];
          const prefix = `--${boundary}\r
Content-Disposition: form-data; name="`;
          for (const { 0: name, 1: value } of formData) {
            if (typeof value === "string") {
              chunks.push(
                prefix + escape(name) + '"' + CRLF + CRLF + value.replace(
                  FORM_DETA_SERIALIZE_PATTERN,
                  CRLF
                ) + CRLF
              );
            } else {
              chunks.push(
                prefix + escape(name) + `"; filename="${escape(value.name, true)}"` + CRLF + `Content-Type: ${value.type || "application/octet-stream"}\r
\r
`,
                value,
                CRLF
              );
            }
          }
          chunks.push(`--${boundary}--`);
          return new Blob3(chunks, {
            type: "multipart/form-data; boundary=" + boundary
          });
        }
        const QUOTE_CONTENT_PATTERN = new SafeRegExp(/^"([^"]*)"$/);
        function parseContentDisposition(value) {
          const params = new SafeMap();
          const values = value.split(";").slice(1);
          for (let i = 0; i < values.length; i++) {
            const entries = values[i].trim().split("=");
            if (entries.length > 1) {
              params.set(
                entries[0],
                entries[1].replace(QUOTE_CONTENT_PATTERN, "$1")
              );
            }
          }
          return params;
        }
        function decodeLatin1StringAsUtf8(latin1String) {
          const buffer = new Uint8Array2(latin1String.length);
          for (let i = 0; i < latin1String.length; i++) {
            buffer[i] = latin1String.charCodeAt(i);
          }
          return core2.decode(buffer);
        }
        const CRLF = "\r\n";
        const LF = CRLF.codePointAt(1);
        const CR = CRLF.codePointAt(0);
        const DASH = "-".codePointAt(0);
        const SPACE = " ".codePointAt(0);
        const TAB = "	".codePointAt(0);
        const MAX_MULTIPART_PART_HEADER_SIZE = 16 * 1024;
        const MAX_MULTIPART_PART_HEADER_COUNT = 128;
        function decodeLatin1Bytes(bytes) {
          return ReflectApply(StringFromCharCode, null, bytes);
        }
        class MultipartParser {
          /**
           * @param {Uint8Array} body
           * @param {string | undefined} boundary
           */
          constructor(body, boundary) {
            if (!boundary) {
              throw new TypeError2(
                "Cannot construct MultipartParser: multipart/form-data must provide a boundary"
              );
            }
            this.body = body;
            this.boundaryChars = core2.encode(`--${boundary}`);
          }
          /**
           * @param {string} headersText
           * @returns {{ headers: Headers, disposition: Map<string, string> }}
           */
          #parseHeaders(headersText) {
            const headers = new Headers();
            const rawHeaders = headersText.split("\r\n");
            let headerCount = 0;
            for (let i = 0; i < rawHeaders.length; ++i) {
              const rawHeader = rawHeaders[i];
              const sepIndex = rawHeader.indexOf(":");
              if (sepIndex < 0) {
                continue;
              }
              headerCount++;
              if (headerCount > MAX_MULTIPART_PART_HEADER_COUNT) {
                throw new TypeError2("Multipart part has too many headers");
              }
              const key = rawHeader.slice(0, sepIndex);
              const value = rawHeader.slice(sepIndex + 1);
              headers.set(key, value);
            }
            const disposition = parseContentDisposition(
              headers.get("Content-Disposition") ?? ""
            );
            return { headers, disposition };
          }
          /**
           * @param {number} index
           * @returns {boolean}
           */
          #matchesBoundary(index) {
            for (let i = 0; i < this.boundaryChars.length; i++) {
              if (this.body[index + i] !== this.boundaryChars[i]) {
                return false;
              }
            }
            return true;
          }
          /**
           * @param {number} index
           * @returns {{ type: 1 | 2, nextIndex: number } | null}
           */
          #matchDelimiter(index) {
            if (!this.#matchesBoundary(index)) {
              return null;
            }
            let suffixIndex = index + this.boundaryChars.length;
            let type = 1;
            if (this.body[suffixIndex] === DASH && this.body[suffixIndex + 1] === DASH) {
              type = 2;
              suffixIndex += 2;
            }
            while (this.body[suffixIndex] === SPACE || this.body[suffixIndex] === TAB) {
              suffixIndex++;
            }
            if (type === 2 && suffixIndex === this.body.length) {
              return { type, nextIndex: suffixIndex };
            }
            if (this.body[suffixIndex] === CR && this.body[suffixIndex + 1] === LF) {
              return { type, nextIndex: suffixIndex + 2 };
            }
            return null;
          }
          /**
           * @returns {{ type: 1 | 2, headerStart: number } | null}
           */
          #findInitialDelimiter() {
            for (let index = 0; index < this.body.length; index++) {
              const isLineStart = index === 0 || this.body[index - 2] === CR && this.body[index - 1] === LF;
              if (!isLineStart) {
                continue;
              }
              const delimiter = this.#matchDelimiter(index);
              if (delimiter !== null) {
                return { type: delimiter.type, headerStart: delimiter.nextIndex };
              }
            }
            return null;
          }
          /**
           * @returns {FormData}
           */
          parse() {
            const initialDelimiter = this.#findInitialDelimiter();
            if (initialDelimiter === null) {
              throw new TypeError2("Unable to parse body as form data");
            }
            const formData = new FormData();
            if (initialDelimiter.type === 2) {
              return formData;
            }
            let headerText = "";
            let headerStart = initialDelimiter.headerStart;
            let state = 1;
            let fileStart = 0;
            for (let i = headerStart; i < this.body.length; i++) {
              const byte = this.body[i];
              const prevByte = this.body[i - 1];
              const isNewLine = byte === LF && prevByte === CR;
              if (state === 1) {
                const headerByteLength = i - headerStart + 1;
                if (headerByteLength > MAX_MULTIPART_PART_HEADER_SIZE) {
                  throw new TypeError2("Multipart part headers are too large");
                }
                if (isNewLine && this.body[i + 1] === CR && this.body[i + 2] === LF) {
                  headerText = decodeLatin1Bytes(
                    this.body.subarray(headerStart, i + 1)
                  );
                  state = 2;
                  fileStart = i + 3;
                }
              } else if (state === 2) {
                if (isNewLine) {
                  const delimiter = this.#matchDelimiter(i + 1);
                  if (delimiter === null) {
                    continue;
                  }
                  const { headers, disposition } = this.#parseHeaders(headerText);
                  const content2 = this.body.subarray(
                    fileStart,
                    i - 1
                  );
                  const hasFilename = disposition.has("filename");
                  const latin1Filename = disposition.get("filename");
                  const latin1Name = disposition.get("name");
                  headerText = "";
                  if (latin1Name) {
                    const name = decodeLatin1StringAsUtf8(latin1Name);
                    if (hasFilename) {
                      const blob2 = new Blob3([content2], {
                        type: headers.get("Content-Type") || "application/octet-stream"
                      });
                      formData.append(
                        name,
                        blob2,
                        decodeLatin1StringAsUtf8(latin1Filename)
                      );
                    } else {
                      formData.append(name, core2.decode(content2));
                    }
                  }
                  if (delimiter.type === 2) {
                    break;
                  }
                  state = 1;
                  headerStart = delimiter.nextIndex;
                  i = headerStart - 1;
                }
              }
            }
            return formData;
          }
        }
        function parseFormData(body, boundary) {
          const parser = new MultipartParser(body, boundary);
          return parser.parse();
        }
        function formDataFromEntries(entries) {
          const fd = new FormData();
          fd[entryList] = entries;
          return fd;
        }
        webidl3.converters["FormData"] = webidl3.createInterfaceConverter("FormData", FormDataPrototype);
        return {
          FormData,
          formDataFromEntries,
          FormDataPrototype,
          formDataToBlob,
          parseFormData
        };
      })();
    }
  });

  // deno:deno_web/01_mimesniff.js
  var require_mimesniff = __commonJS({
    "deno:deno_web/01_mimesniff.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const {
          ArrayPrototypeIncludes,
          MapPrototypeGet,
          MapPrototypeHas,
          MapPrototypeSet,
          RegExpPrototypeTest,
          RegExpPrototypeExec,
          SafeMap,
          SafeMapIterator,
          StringPrototypeReplaceAll,
          StringPrototypeToLowerCase,
          StringPrototypeEndsWith,
          Uint8Array: Uint8Array2,
          TypedArrayPrototypeGetLength,
          TypedArrayPrototypeIncludes
        } = primordials3;
        const {
          assert,
          collectHttpQuotedString,
          collectSequenceOfCodepoints,
          HTTP_QUOTED_STRING_TOKEN_POINT_RE,
          HTTP_TOKEN_CODE_POINT_RE,
          HTTP_WHITESPACE,
          HTTP_WHITESPACE_PREFIX_RE,
          HTTP_WHITESPACE_SUFFIX_RE
        } = require_infra();
        function parseMimeType(input) {
          input = input.replaceAll(HTTP_WHITESPACE_PREFIX_RE, "");
          input = input.replaceAll(HTTP_WHITESPACE_SUFFIX_RE, "");
          let position = 0;
          const endOfInput = input.length;
          const res1 = collectSequenceOfCodepoints(
            input,
            position,
            (c) => c != "/"
          );
          const type = res1.result;
          position = res1.position;
          if (type === "" || !HTTP_TOKEN_CODE_POINT_RE.test(type)) {
            return null;
          }
          if (position >= endOfInput) return null;
          position++;
          const res2 = collectSequenceOfCodepoints(
            input,
            position,
            (c) => c != ";"
          );
          let subtype = res2.result;
          position = res2.position;
          subtype = subtype.replaceAll(HTTP_WHITESPACE_SUFFIX_RE, "");
          if (subtype === "" || !HTTP_TOKEN_CODE_POINT_RE.test(subtype)) {
            return null;
          }
          const mimeType = {
            type: type.toLowerCase(),
            subtype: subtype.toLowerCase(),
            /** @type {Map<string, string>} */
            parameters: new SafeMap()
          };
          while (position < endOfInput) {
            position++;
            const res12 = collectSequenceOfCodepoints(
              input,
              position,
              (c) => HTTP_WHITESPACE.includes(c)
            );
            position = res12.position;
            const res22 = collectSequenceOfCodepoints(
              input,
              position,
              (c) => c !== ";" && c !== "="
            );
            let parameterName = res22.result;
            position = res22.position;
            parameterName = parameterName.toLowerCase();
            if (position < endOfInput) {
              if (input[position] == ";") continue;
              position++;
            }
            if (position >= endOfInput) break;
            let parameterValue = null;
            if (input[position] === '"') {
              const res = collectHttpQuotedString(input, position, true);
              parameterValue = res.result;
              position = res.position;
              position++;
            } else {
              const res = collectSequenceOfCodepoints(
                input,
                position,
                (c) => c !== ";"
              );
              parameterValue = res.result;
              position = res.position;
              parameterValue = parameterValue.replaceAll(
                HTTP_WHITESPACE_SUFFIX_RE,
                ""
              );
              if (parameterValue === "") continue;
            }
            if (parameterName !== "" && HTTP_TOKEN_CODE_POINT_RE.test(parameterName) && HTTP_QUOTED_STRING_TOKEN_POINT_RE.test(
              parameterValue
            ) && !mimeType.parameters.has(parameterName)) {
              mimeType.parameters.set(parameterName, parameterValue);
            }
          }
          return mimeType;
        }
        function essence(mimeType) {
          return `${mimeType.type}/${mimeType.subtype}`;
        }
        function serializeMimeType(mimeType) {
          let serialization = essence(mimeType);
          for (const param of new SafeMapIterator(mimeType.parameters)) {
            serialization += `;${param[0]}=`;
            let value = param[1];
            if (HTTP_TOKEN_CODE_POINT_RE.exec(value) === null) {
              value = value.replaceAll("\\", "\\\\");
              value = value.replaceAll('"', '\\"');
              value = `"${value}"`;
            }
            serialization += value;
          }
          return serialization;
        }
        function extractMimeType(headerValues) {
          if (headerValues === null) return null;
          let charset = null;
          let essence_ = null;
          let mimeType = null;
          for (let i = 0; i < headerValues.length; ++i) {
            const value = headerValues[i];
            const temporaryMimeType = parseMimeType(value);
            if (temporaryMimeType === null || essence(temporaryMimeType) == "*/*") {
              continue;
            }
            mimeType = temporaryMimeType;
            if (essence(mimeType) !== essence_) {
              charset = null;
              const newCharset = mimeType.parameters.get("charset");
              if (newCharset !== void 0) {
                charset = newCharset;
              }
              essence_ = essence(mimeType);
            } else {
              if (!mimeType.parameters.has("charset") && charset !== null) {
                mimeType.parameters.set("charset", charset);
              }
            }
          }
          return mimeType;
        }
        function isXML(mimeType) {
          return mimeType.subtype.endsWith("+xml") || essence(mimeType) === "text/xml" || essence(mimeType) === "application/xml";
        }
        function patternMatchingAlgorithm(input, pattern, mask, ignored) {
          assert(
            pattern.length === mask.length
          );
          if (input.length < pattern.length) {
            return false;
          }
          let s = 0;
          for (; s < input.length; s++) {
            if (!ignored.includes(input[s])) {
              break;
            }
          }
          let p = 0;
          for (; p < pattern.length; p++, s++) {
            const maskedData = input[s] & mask[p];
            if (maskedData !== pattern[p]) {
              return false;
            }
          }
          return true;
        }
        const ImageTypePatternTable = [
          // A Windows Icon signature.
          [
            new Uint8Array2([0, 0, 1, 0]),
            new Uint8Array2([255, 255, 255, 255]),
            new Uint8Array2(),
            "image/x-icon"
          ],
          // A Windows Cursor signature.
          [
            new Uint8Array2([0, 0, 2, 0]),
            new Uint8Array2([255, 255, 255, 255]),
            new Uint8Array2(),
            "image/x-icon"
          ],
          // The string "BM", a BMP signature.
          [
            new Uint8Array2([66, 77]),
            new Uint8Array2([255, 255]),
            new Uint8Array2(),
            "image/bmp"
          ],
          // The string "GIF87a", a GIF signature.
          [
            new Uint8Array2([71, 73, 70, 56, 55, 97]),
            new Uint8Array2([255, 255, 255, 255, 255, 255]),
            new Uint8Array2(),
            "image/gif"
          ],
          // The string "GIF89a", a GIF signature.
          [
            new Uint8Array2([71, 73, 70, 56, 57, 97]),
            new Uint8Array2([255, 255, 255, 255, 255, 255]),
            new Uint8Array2(),
            "image/gif"
          ],
          // The string "RIFF" followed by four bytes followed by the string "WEBPVP".
          [
            new Uint8Array2([
              82,
              73,
              70,
              70,
              0,
              0,
              0,
              0,
              87,
              69,
              66,
              80,
              86,
              80
            ]),
            new Uint8Array2([
              255,
              255,
              255,
              255,
              0,
              0,
              0,
              0,
              255,
              255,
              255,
              255,
              255,
              255
            ]),
            new Uint8Array2(),
            "image/webp"
          ],
          // An error-checking byte followed by the string "PNG" followed by CR LF SUB LF, the PNG signature.
          [
            new Uint8Array2([137, 80, 78, 71, 13, 10, 26, 10]),
            new Uint8Array2([255, 255, 255, 255, 255, 255, 255, 255]),
            new Uint8Array2(),
            "image/png"
          ],
          // The JPEG Start of Image marker followed by the indicator byte of another marker.
          [
            new Uint8Array2([255, 216, 255]),
            new Uint8Array2([255, 255, 255]),
            new Uint8Array2(),
            "image/jpeg"
          ]
        ];
        function imageTypePatternMatchingAlgorithm(input) {
          for (let i = 0; i < ImageTypePatternTable.length; i++) {
            const row = ImageTypePatternTable[i];
            const patternMatched = patternMatchingAlgorithm(
              input,
              row[0],
              row[1],
              row[2]
            );
            if (patternMatched) {
              return row[3];
            }
          }
          return void 0;
        }
        function sniffImage(mimeTypeString, byteSequence) {
          if (mimeTypeString !== null && isXML(mimeTypeString)) {
            return mimeTypeString;
          }
          const imageTypeMatched = imageTypePatternMatchingAlgorithm(byteSequence);
          if (imageTypeMatched !== void 0) {
            return imageTypeMatched;
          }
          return mimeTypeString;
        }
        return {
          essence,
          extractMimeType,
          parseMimeType,
          serializeMimeType,
          sniffImage
        };
      })();
    }
  });

  // deno:deno_fetch/22_body.js
  var require_body = __commonJS({
    "deno:deno_fetch/22_body.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const {
          BadResourcePrototype,
          isAnyArrayBuffer,
          isArrayBuffer,
          isStringObject
        } = core2;
        const {
          ArrayBufferIsView,
          ArrayPrototypeMap,
          DataViewPrototypeGetBuffer,
          DataViewPrototypeGetByteLength,
          DataViewPrototypeGetByteOffset,
          JSONParse,
          ObjectDefineProperties,
          ObjectPrototypeIsPrototypeOf,
          PromisePrototypeCatch,
          SafeWeakMap,
          TypedArrayPrototypeGetBuffer,
          TypedArrayPrototypeGetByteLength,
          TypedArrayPrototypeGetByteOffset,
          TypedArrayPrototypeGetSymbolToStringTag,
          TypedArrayPrototypeSlice,
          TypeError: TypeError2,
          Uint8Array: Uint8Array2,
          WeakMapPrototypeGet,
          WeakMapPrototypeSet
        } = primordials3;
        const webidl3 = require_webidl();
        const {
          parseUrlEncoded,
          URLSearchParamsPrototype
        } = require_url();
        const {
          formDataFromEntries,
          FormDataPrototype,
          formDataToBlob,
          parseFormData
        } = require_formdata();
        const mimesniff = require_mimesniff();
        const { BlobPrototype } = require_file();
        const {
          createProxy,
          createReadableStream,
          errorReadableStream,
          isReadableStreamDisturbed: isReadableStreamDisturbed2,
          readableStreamClose,
          readableStreamCollectIntoUint8Array,
          readableStreamDisturb: readableStreamDisturb2,
          ReadableStreamPrototype: ReadableStreamPrototype3,
          readableStreamTee,
          readableStreamThrowIfErrored
        } = require_streams();
        const { TextDecoderStream } = require_text_encoding();
        const noop = () => {
        };
        const noopAsync = async () => {
        };
        const staticBodyLength = new SafeWeakMap();
        const staticBodySource = new SafeWeakMap();
        function chunkToU8(chunk) {
          return typeof chunk === "string" ? core2.encode(chunk) : chunk;
        }
        function chunkToString(chunk) {
          return typeof chunk === "string" ? chunk : core2.decode(chunk);
        }
        class InnerBody2 {
          /**
           * @param {ReadableStream<Uint8Array> | { body: Uint8Array | string, consumed: boolean }} stream
           */
          constructor(stream) {
            this.streamOrStatic = stream ?? { body: new Uint8Array2(), consumed: false };
            this.source = null;
            this.length = null;
          }
          get stream() {
            if (!ReadableStreamPrototype3.isPrototypeOf(
              this.streamOrStatic
            )) {
              const { body, consumed } = this.streamOrStatic;
              if (consumed) {
                this.streamOrStatic = new ReadableStream();
                this.streamOrStatic.getReader();
                readableStreamDisturb2(this.streamOrStatic);
                readableStreamClose(this.streamOrStatic);
              } else {
                const length = this.length;
                const stream = createReadableStream(
                  noop,
                  (controller) => {
                    controller.enqueue(chunkToU8(body));
                    controller.close();
                  },
                  noopAsync,
                  0
                );
                if (length !== null) {
                  staticBodyLength.set(stream, length);
                }
                staticBodySource.set(stream, body);
                this.streamOrStatic = stream;
              }
            }
            return this.streamOrStatic;
          }
          /**
           * https://fetch.spec.whatwg.org/#body-unusable
           * @returns {boolean}
           */
          unusable() {
            if (ReadableStreamPrototype3.isPrototypeOf(
              this.streamOrStatic
            )) {
              return this.streamOrStatic.locked || isReadableStreamDisturbed2(this.streamOrStatic);
            }
            return this.streamOrStatic.consumed;
          }
          /**
           * @returns {boolean}
           */
          consumed() {
            if (ReadableStreamPrototype3.isPrototypeOf(
              this.streamOrStatic
            )) {
              return isReadableStreamDisturbed2(this.streamOrStatic);
            }
            return this.streamOrStatic.consumed;
          }
          /**
           * https://fetch.spec.whatwg.org/#concept-body-consume-body
           * @returns {Promise<Uint8Array>}
           */
          consume() {
            if (this.unusable()) throw new TypeError2("Body already consumed");
            if (ReadableStreamPrototype3.isPrototypeOf(
              this.streamOrStatic
            )) {
              readableStreamThrowIfErrored(this.stream);
              return readableStreamCollectIntoUint8Array(this.stream).catch(
                (e) => {
                  if (BadResourcePrototype.isPrototypeOf(e)) {
                    throw new e.constructor(
                      "Cannot read body as underlying resource unavailable"
                    );
                  }
                  throw e;
                }
              );
            } else {
              this.streamOrStatic.consumed = true;
              return this.streamOrStatic.body;
            }
          }
          cancel(error2) {
            if (ReadableStreamPrototype3.isPrototypeOf(
              this.streamOrStatic
            )) {
              this.streamOrStatic.cancel(error2);
            } else {
              this.streamOrStatic.consumed = true;
            }
          }
          error(error2) {
            if (ReadableStreamPrototype3.isPrototypeOf(
              this.streamOrStatic
            )) {
              errorReadableStream(this.streamOrStatic, error2);
            } else {
              this.streamOrStatic.consumed = true;
            }
          }
          /**
           * @returns {InnerBody}
           */
          clone() {
            let second;
            if (!ReadableStreamPrototype3.isPrototypeOf(
              this.streamOrStatic
            ) && !this.streamOrStatic.consumed) {
              second = new InnerBody2({
                body: this.streamOrStatic.body,
                consumed: false
              });
            } else {
              const { 0: out1, 1: out2 } = readableStreamTee(this.stream, true);
              this.streamOrStatic = out1;
              second = new InnerBody2(out2);
            }
            second.source = this.source;
            second.length = this.length;
            return second;
          }
          /**
           * @returns {InnerBody}
           */
          createProxy() {
            let proxyStreamOrStatic;
            if (ReadableStreamPrototype3.isPrototypeOf(
              this.streamOrStatic
            )) {
              proxyStreamOrStatic = createProxy(this.streamOrStatic);
            } else {
              proxyStreamOrStatic = { ...this.streamOrStatic };
              this.streamOrStatic.consumed = true;
            }
            const proxy = new InnerBody2(proxyStreamOrStatic);
            proxy.source = this.source;
            proxy.length = this.length;
            return proxy;
          }
        }
        function mixinBody(prototype, bodySymbol, mimeTypeSymbol) {
          async function consumeBody(object, type) {
            webidl3.assertBranded(object, prototype);
            const body = object[bodySymbol] !== null ? await object[bodySymbol].consume() : new Uint8Array2();
            const mimeType = type === "Blob" || type === "FormData" ? object[mimeTypeSymbol] : null;
            return packageData(body, type, mimeType);
          }
          const mixin = {
            body: {
              __proto__: null,
              /**
               * @returns {ReadableStream<Uint8Array> | null}
               */
              get() {
                webidl3.assertBranded(this, prototype);
                if (this[bodySymbol] === null) {
                  return null;
                } else {
                  return this[bodySymbol].stream;
                }
              },
              configurable: true,
              enumerable: true
            },
            bodyUsed: {
              __proto__: null,
              /**
               * @returns {boolean}
               */
              get() {
                webidl3.assertBranded(this, prototype);
                try {
                  if (this[bodySymbol] !== null) {
                    return this[bodySymbol].consumed();
                  }
                } catch (_) {
                  return true;
                }
                return false;
              },
              configurable: true,
              enumerable: true
            },
            arrayBuffer: {
              __proto__: null,
              /** @returns {Promise<ArrayBuffer>} */
              value: function arrayBuffer() {
                return consumeBody(this, "ArrayBuffer");
              },
              writable: true,
              configurable: true,
              enumerable: true
            },
            blob: {
              __proto__: null,
              /** @returns {Promise<Blob>} */
              value: function blob2() {
                return consumeBody(this, "Blob");
              },
              writable: true,
              configurable: true,
              enumerable: true
            },
            bytes: {
              __proto__: null,
              /** @returns {Promise<Uint8Array>} */
              value: function bytes() {
                return consumeBody(this, "bytes");
              },
              writable: true,
              configurable: true,
              enumerable: true
            },
            formData: {
              __proto__: null,
              /** @returns {Promise<FormData>} */
              value: function formData() {
                return consumeBody(this, "FormData");
              },
              writable: true,
              configurable: true,
              enumerable: true
            },
            json: {
              __proto__: null,
              /** @returns {Promise<any>} */
              value: function json() {
                return consumeBody(this, "JSON");
              },
              writable: true,
              configurable: true,
              enumerable: true
            },
            text: {
              __proto__: null,
              /** @returns {Promise<string>} */
              value: function text3() {
                return consumeBody(this, "text");
              },
              writable: true,
              configurable: true,
              enumerable: true
            },
            textStream: {
              __proto__: null,
              /** @returns {ReadableStream<string>} */
              value: function textStream() {
                webidl3.assertBranded(this, prototype);
                const inner = this[bodySymbol];
                if (inner !== null && inner.unusable()) {
                  throw new TypeError2("Body already consumed.");
                }
                if (inner === null) {
                  const emptyStream = new ReadableStream();
                  readableStreamClose(emptyStream);
                  return emptyStream;
                }
                return inner.stream.pipeThrough(new TextDecoderStream());
              },
              writable: true,
              configurable: true,
              enumerable: true
            }
          };
          return ObjectDefineProperties(prototype, mixin);
        }
        function packageData(bytes, type, mimeType) {
          switch (type) {
            case "ArrayBuffer":
              return chunkToU8(bytes).buffer;
            case "Blob":
              return new Blob([bytes], {
                type: mimeType !== null ? mimesniff.serializeMimeType(mimeType) : ""
              });
            case "bytes":
              return chunkToU8(bytes);
            case "FormData": {
              if (mimeType !== null) {
                const essence = mimesniff.essence(mimeType);
                if (essence === "multipart/form-data") {
                  const boundary = mimeType.parameters.get("boundary");
                  if (boundary === null) {
                    throw new TypeError2(
                      "Cannot turn into form data: missing boundary parameter in mime type of multipart form data"
                    );
                  }
                  return parseFormData(chunkToU8(bytes), boundary);
                } else if (essence === "application/x-www-form-urlencoded") {
                  const entries = parseUrlEncoded(chunkToU8(bytes));
                  return formDataFromEntries(
                    entries.map(
                      (x) => ({ name: x[0], value: x[1] })
                    )
                  );
                }
                throw new TypeError2("Body can not be decoded as form data");
              }
              throw new TypeError2("Missing content type");
            }
            case "JSON":
              return JSONParse(chunkToString(bytes));
            case "text":
              return chunkToString(bytes);
          }
        }
        function extractBody(object) {
          let stream;
          let source = null;
          let length = null;
          let contentType = null;
          if (typeof object === "string") {
            source = object;
            contentType = "text/plain;charset=UTF-8";
          } else if (BlobPrototype.isPrototypeOf(object)) {
            stream = object.stream();
            source = object;
            length = object.size;
            if (object.type.length !== 0) {
              contentType = object.type;
            }
          } else if (ArrayBufferIsView(object)) {
            const tag = TypedArrayPrototypeGetSymbolToStringTag(object);
            if (tag !== void 0) {
              if (tag !== "Uint8Array") {
                object = new Uint8Array2(
                  object.buffer,
                  object.byteOffset,
                  object.byteLength
                );
              }
            } else {
              object = new Uint8Array2(
                object.buffer,
                object.byteOffset,
                object.byteLength
              );
            }
            source = object.slice();
          } else if (isArrayBuffer(object)) {
            source = new Uint8Array2(object).slice();
          } else if (FormDataPrototype.isPrototypeOf(object)) {
            const res = formDataToBlob(object);
            stream = res.stream();
            source = res;
            length = res.size;
            contentType = res.type;
          } else if (URLSearchParamsPrototype.isPrototypeOf(object)) {
            source = object.toString();
            contentType = "application/x-www-form-urlencoded;charset=UTF-8";
          } else if (ReadableStreamPrototype3.isPrototypeOf(object)) {
            if (object.locked || isReadableStreamDisturbed2(object)) {
              throw new TypeError2("ReadableStream is locked or disturbed");
            }
            const recoveredSource = staticBodySource.get(object);
            const knownLength = staticBodyLength.get(object);
            if (recoveredSource !== void 0 && (typeof recoveredSource === "string" || knownLength !== void 0)) {
              source = recoveredSource;
            } else {
              stream = object;
              length = knownLength ?? null;
            }
          } else if (object[webidl3.AsyncSequence] === webidl3.AsyncSequence) {
            const original = object.value;
            const readableState = original !== null && typeof original === "object" ? original._readableState : void 0;
            if (typeof readableState === "object" && readableState !== null && !readableState.objectMode && !readableState.encoding) {
              const iter = object.open();
              stream = new ReadableStream({
                type: "bytes",
                async pull(controller) {
                  const res = await iter.next();
                  if (res.done) {
                    controller.close();
                  } else {
                    controller.enqueue(res.value);
                  }
                },
                async cancel(reason) {
                  if (iter.return !== void 0) {
                    await iter.return(reason);
                  }
                }
              });
            } else {
              stream = ReadableStream.from(object.open());
            }
          }
          if (typeof source === "string") {
            stream = { body: source, consumed: false };
            length = null;
          } else if (TypedArrayPrototypeGetSymbolToStringTag(source) === "Uint8Array") {
            stream = { body: source, consumed: false };
            length = source.byteLength;
          }
          const body = new InnerBody2(stream);
          body.source = source;
          body.length = length;
          return { body, contentType };
        }
        webidl3.converters["async_sequence<Uint8Array>"] = webidl3.createAsyncSequenceConverter(webidl3.converters.Uint8Array);
        webidl3.converters["BodyInit_DOMString"] = (V, prefix, context, opts) => {
          if (typeof V === "string") return V;
          if (ReadableStreamPrototype3.isPrototypeOf(V)) {
            return webidl3.converters["ReadableStream"](V, prefix, context, opts);
          } else if (BlobPrototype.isPrototypeOf(V)) {
            return webidl3.converters["Blob"](V, prefix, context, opts);
          } else if (FormDataPrototype.isPrototypeOf(V)) {
            return webidl3.converters["FormData"](V, prefix, context, opts);
          } else if (URLSearchParamsPrototype.isPrototypeOf(V)) {
            return webidl3.converters["URLSearchParams"](V, prefix, context, opts);
          }
          if (typeof V === "object") {
            if (isAnyArrayBuffer(V)) {
              return webidl3.converters["ArrayBuffer"](V, prefix, context, opts);
            }
            if (ArrayBufferIsView(V)) {
              return webidl3.converters["ArrayBufferView"](V, prefix, context, opts);
            }
            if (webidl3.isAsyncSequence(V) && !isStringObject(V)) {
              return webidl3.converters["async_sequence<Uint8Array>"](
                V,
                prefix,
                context,
                opts
              );
            }
          }
          return webidl3.converters["DOMString"](V, prefix, context, opts);
        };
        webidl3.converters["BodyInit_DOMString?"] = webidl3.createNullableConverter(
          webidl3.converters["BodyInit_DOMString"]
        );
        return { extractBody, InnerBody: InnerBody2, mixinBody, packageData };
      })();
    }
  });

  // js/instead/deno_web-12_location.js
  var require_deno_web_12_location = __commonJS({
    "js/instead/deno_web-12_location.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      module2.exports = { getLocationHref: () => void 0 };
    }
  });

  // js/instead/deno_fetch-20_headers.js
  var require_deno_fetch_20_headers = __commonJS({
    "js/instead/deno_fetch-20_headers.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var { native: native2 } = (init_native(), __toCommonJS(native_exports));
      var webidl3 = require_webidl();
      var { collectHttpQuotedString, collectSequenceOfCodepoints } = require_infra();
      var entriesOf = /* @__PURE__ */ Symbol("iterable headers");
      var text3 = (value) => typeof value === "string" ? value : webidl3.converters.ByteString(value);
      var make;
      var listOf;
      var guardOf;
      var isOne;
      var Headers4 = class _Headers {
        // An array, or what gives one: an object with `headerList` and `header(name)`.
        #list = [];
        #guard = "none";
        #lowered = null;
        constructor(init = void 0) {
          if (init === webidl3.brand || init === void 0) return;
          if (init === null || typeof init !== "object" && typeof init !== "function") {
            throw new TypeError("Failed to construct 'Headers': The value is neither a record nor a sequence of headers");
          }
          fillHeaderList(this.#list, init, "Failed to construct 'Headers'", "Argument 1");
        }
        append(name, value) {
          if (arguments.length < 2) missing2("append", 2, arguments.length);
          native2.append_header(this.#writable(), text3(name), text3(value));
        }
        delete(name) {
          if (arguments.length < 1) missing2("delete", 1, arguments.length);
          native2.delete_header(this.#writable(), text3(name));
        }
        get(name) {
          if (arguments.length < 1) missing2("get", 1, arguments.length);
          const list3 = this.#list;
          return Array.isArray(list3) ? native2.get_header(list3, text3(name)) : list3.header(text3(name));
        }
        getSetCookie() {
          return listOf(this).filter(([name]) => name.toLowerCase() === "set-cookie").map(([, value]) => value);
        }
        has(name) {
          if (arguments.length < 1) missing2("has", 1, arguments.length);
          const list3 = this.#list;
          return Array.isArray(list3) ? native2.has_header(list3, text3(name)) : list3.header(text3(name)) !== null;
        }
        set(name, value) {
          if (arguments.length < 2) missing2("set", 2, arguments.length);
          native2.set_header(this.#writable(), text3(name), text3(value));
        }
        /** What iterating gives: names in lower case and in order. */
        get [entriesOf]() {
          if (this.#guard !== "immutable") return native2.lowered_headers(listOf(this));
          return this.#lowered ??= native2.lowered_headers(listOf(this));
        }
        [/* @__PURE__ */ Symbol.for("Deno.privateCustomInspect")](inspect2) {
          return `Headers ${inspect2(Object.fromEntries(this))}`;
        }
        #writable() {
          if (this.#guard === "immutable") {
            throw new TypeError("Cannot change headers: they are immutable. Make new ones from them, or a new Request or Response");
          }
          return listOf(this);
        }
        static {
          make = (list3, guard) => {
            const headers = new _Headers(webidl3.brand);
            headers.#list = list3;
            headers.#guard = guard;
            return headers;
          };
          listOf = (headers) => {
            if (!Array.isArray(headers.#list)) headers.#list = headers.#list.headerList;
            return headers.#list;
          };
          guardOf = (headers) => headers.#guard;
          isOne = (value) => typeof value === "object" && value !== null && #list in value;
        }
      };
      function missing2(method, wanted, given) {
        throw new TypeError(`Failed to execute '${method}' on 'Headers': ${wanted} arguments required, but only ${given} present`);
      }
      function fillHeaderList(list3, object, prefix, context) {
        if (isOne(object)) {
          for (const [name, value] of object[entriesOf]) list3.push([name, value]);
        } else if (object[Symbol.iterator] === void 0) {
          if (native2.fill_headers(list3, object)) return;
          for (const [name, value] of Object.entries(object)) native2.append_header(list3, text3(name), text3(value));
        } else {
          for (const pair2 of webidl3.converters["sequence<sequence<ByteString>>"](object, prefix, context)) {
            if (pair2.length !== 2) throw new TypeError(`${prefix}: A header must be [name, value], but has ${pair2.length} parts`);
            native2.append_header(list3, pair2[0], pair2[1]);
          }
        }
      }
      function fillHeaders(headers, object) {
        fillHeaderList(listOf(headers), object, "Failed to fill headers", "Argument 1");
      }
      function getDecodeSplitHeader(list3, name) {
        const value = native2.get_header(list3, name);
        if (value === null) return null;
        const values = [];
        let part = "";
        let position = 0;
        while (position < value.length) {
          const found = collectSequenceOfCodepoints(value, position, (it) => it !== '"' && it !== ",");
          part += found.result;
          position = found.position;
          if (value[position] === '"') {
            const quoted = collectHttpQuotedString(value, position, false);
            part += quoted.result;
            position = quoted.position;
            if (position < value.length) continue;
          } else {
            position += 1;
          }
          values.push(part.replace(/^[\t ]+|[\t ]+$/g, ""));
          part = "";
        }
        return values;
      }
      Headers4.prototype[webidl3.brand] = webidl3.brand;
      webidl3.mixinPairIterable("Headers", Headers4, entriesOf, 0, 1);
      webidl3.configureInterface(Headers4);
      webidl3.converters.HeadersInit = (value, prefix, context) => {
        if (value === null || typeof value !== "object" && typeof value !== "function") {
          throw webidl3.makeException(TypeError, "The value is neither a record nor a sequence of headers", prefix, context);
        }
        return value;
      };
      webidl3.converters.Headers = webidl3.createInterfaceConverter("Headers", Headers4.prototype);
      module2.exports = {
        fillHeaderList,
        fillHeaders,
        getDecodeSplitHeader,
        getHeader: native2.get_header,
        guardFromHeaders: guardOf,
        headerListFromHeaders: listOf,
        Headers: Headers4,
        headersEntries: (headers) => headers[entriesOf],
        headersFromHeaderList: make,
        headersFromHeaderListLazyTarget: make
      };
    }
  });

  // js/instead/deno_fetch-22_http_client.js
  var require_deno_fetch_22_http_client = __commonJS({
    "js/instead/deno_fetch-22_http_client.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      module2.exports = { HttpClientPrototype: {} };
    }
  });

  // deno:deno_fetch/23_request.js
  var require_request = __commonJS({
    "deno:deno_fetch/23_request.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, internals: internals3, primordials: primordials3 } = __bootstrap;
        const {
          ArrayPrototypeMap,
          ArrayPrototypeSlice,
          ArrayPrototypeSplice,
          FunctionPrototypeCall,
          JSONParse,
          ObjectDefineProperty,
          ObjectKeys,
          ObjectPrototypeIsPrototypeOf,
          PromiseReject,
          PromiseResolve,
          RegExpPrototypeExec,
          StringPrototypeStartsWith,
          StringPrototypeToUpperCase,
          Symbol: Symbol2,
          SymbolFor,
          TypeError: TypeError2
        } = primordials3;
        const webidl3 = require_webidl();
        const { createFilteredInspectProxy } = require_deno_web_01_console();
        const { HTTP_TOKEN_CODE_POINT_RE } = require_infra();
        const { URL: URL4 } = require_url();
        const { extractBody, mixinBody } = require_body();
        const { getLocationHref } = require_deno_web_12_location();
        const { extractMimeType } = require_mimesniff();
        const { blobFromObjectUrl } = require_file();
        const {
          fillHeaders,
          getDecodeSplitHeader,
          guardFromHeaders,
          headerListFromHeaders,
          headersFromHeaderList,
          headersFromHeaderListLazyTarget
        } = require_deno_fetch_20_headers();
        const { HttpClientPrototype } = require_deno_fetch_22_http_client();
        const {
          createDependentAbortSignal,
          newSignal,
          signalAbort
        } = require_abort_signal();
        const { DOMException: DOMException5 } = require_dom_exception();
        const { markNotSerializable } = require_deno_web_13_message_port();
        const { internalRidSymbol } = core2;
        const _request = Symbol2("request");
        const _headers = Symbol2("headers");
        const _getHeaders = Symbol2("get headers");
        const _headersCache = Symbol2("headers cache");
        const _headersGuard = Symbol2("headers guard");
        const _signal = Symbol2("signal");
        const _signalCache = Symbol2("signalCache");
        const _mimeType = Symbol2("mime type");
        const _body = Symbol2("body");
        const _url = Symbol2("url");
        const _method = Symbol2("method");
        const _brand = webidl3.brand;
        function processUrlList(urlList, urlListProcessed) {
          for (let i = 0; i < urlList.length; i++) {
            if (urlListProcessed[i] === void 0) {
              urlListProcessed[i] = urlList[i]();
            }
          }
          return urlListProcessed;
        }
        function newInnerRequest(method, url, headerList, body, maybeBlob) {
          let blobUrlEntry = null;
          if (maybeBlob && typeof url === "string" && url.startsWith("blob:")) {
            blobUrlEntry = blobFromObjectUrl(url);
          }
          return {
            methodInner: method,
            get method() {
              return this.methodInner;
            },
            set method(value) {
              this.methodInner = value;
            },
            headerListInner: null,
            get headerList() {
              if (this.headerListInner === null) {
                try {
                  this.headerListInner = headerList();
                } catch {
                  throw new TypeError2("Cannot read headers: request closed");
                }
              }
              return this.headerListInner;
            },
            set headerList(value) {
              this.headerListInner = value;
            },
            body,
            redirectMode: "follow",
            redirectCount: 0,
            urlList: [typeof url === "string" ? () => url : url],
            urlListProcessed: [],
            clientRid: null,
            blobUrlEntry,
            url() {
              if (this.urlListProcessed[0] === void 0) {
                try {
                  this.urlListProcessed[0] = this.urlList[0]();
                } catch {
                  throw new TypeError2("cannot read url: request closed");
                }
              }
              return this.urlListProcessed[0];
            },
            currentUrl() {
              const currentIndex = this.urlList.length - 1;
              if (this.urlListProcessed[currentIndex] === void 0) {
                try {
                  this.urlListProcessed[currentIndex] = this.urlList[currentIndex]();
                } catch {
                  throw new TypeError2("Cannot read url: request closed");
                }
              }
              return this.urlListProcessed[currentIndex];
            }
          };
        }
        function cloneInnerRequest(request, skipBody = false) {
          const headerList = request.headerList.map(
            (x) => [x[0], x[1]]
          );
          let body = null;
          if (request.body !== null && !skipBody) {
            body = request.body.clone();
          }
          const cloned = {
            method: request.method,
            headerList,
            body,
            redirectMode: request.redirectMode,
            redirectCount: request.redirectCount,
            urlList: [() => request.url()],
            urlListProcessed: [request.url()],
            clientRid: request.clientRid,
            blobUrlEntry: request.blobUrlEntry,
            url() {
              if (this.urlListProcessed[0] === void 0) {
                try {
                  this.urlListProcessed[0] = this.urlList[0]();
                } catch {
                  throw new TypeError2("Cannot read url: request closed");
                }
              }
              return this.urlListProcessed[0];
            },
            currentUrl() {
              const currentIndex = this.urlList.length - 1;
              if (this.urlListProcessed[currentIndex] === void 0) {
                try {
                  this.urlListProcessed[currentIndex] = this.urlList[currentIndex]();
                } catch {
                  throw new TypeError2("Cannot read url: request closed");
                }
              }
              return this.urlListProcessed[currentIndex];
            }
          };
          if (request.cf !== void 0) cloned.cf = request.cf;
          if (request.onCancel !== void 0) cloned.onCancel = request.onCancel;
          if (request.cacheMode !== void 0) cloned.cacheMode = request.cacheMode;
          if (request.credentialsMode !== void 0) {
            cloned.credentialsMode = request.credentialsMode;
          }
          if (request.integrity !== void 0) cloned.integrity = request.integrity;
          if (request.keepalive !== void 0) cloned.keepalive = request.keepalive;
          if (request.mode !== void 0) cloned.mode = request.mode;
          if (request.priority !== void 0) cloned.priority = request.priority;
          if (request.referrer !== void 0) cloned.referrer = request.referrer;
          if (request.referrerPolicy !== void 0) {
            cloned.referrerPolicy = request.referrerPolicy;
          }
          return cloned;
        }
        const KNOWN_METHODS = {
          __proto__: null,
          "DELETE": "DELETE",
          "delete": "DELETE",
          "GET": "GET",
          "get": "GET",
          "HEAD": "HEAD",
          "head": "HEAD",
          "OPTIONS": "OPTIONS",
          "options": "OPTIONS",
          "PATCH": "PATCH",
          "POST": "POST",
          "post": "POST",
          "PUT": "PUT",
          "put": "PUT"
        };
        function validateAndNormalizeMethod(m) {
          if (HTTP_TOKEN_CODE_POINT_RE.exec(m) === null) {
            throw new TypeError2("Method is not valid");
          }
          const upperCase = m.toUpperCase();
          switch (upperCase) {
            case "DELETE":
            case "GET":
            case "HEAD":
            case "OPTIONS":
            case "POST":
            case "PUT":
              return upperCase;
            case "CONNECT":
            case "TRACE":
            case "TRACK":
              throw new TypeError2("Method is forbidden");
          }
          return m;
        }
        class Request2 {
          /** @type {Headers} */
          get [_headers]() {
            if (this[_headersCache] === void 0) {
              const getHeaders = this[_getHeaders];
              if (getHeaders !== void 0 && getHeaders !== null) {
                this[_headersCache] = getHeaders();
              } else {
                const inner = this[_request];
                const guard = this[_headersGuard];
                if (typeof inner.header !== "function") {
                  this[_headersCache] = headersFromHeaderList(inner.headerList, guard);
                } else {
                  this[_headersCache] = headersFromHeaderListLazyTarget(inner, guard);
                }
              }
            }
            return this[_headersCache];
          }
          set [_headers](value) {
            this[_headersCache] = value;
          }
          /** @type {AbortSignal} */
          get [_signal]() {
            const signal = this[_signalCache];
            if (signal === false) {
              const signal2 = newSignal();
              this[_signalCache] = signal2;
              signal2[signalAbort](
                new DOMException5(MESSAGE_REQUEST_CANCELLED, "AbortError")
              );
              return signal2;
            }
            if (signal === void 0) {
              const signal2 = newSignal();
              this[_signalCache] = signal2;
              this[_request].onCancel?.(() => {
                signal2[signalAbort](
                  new DOMException5(MESSAGE_REQUEST_CANCELLED, "AbortError")
                );
              });
              return signal2;
            }
            return signal;
          }
          get [_mimeType]() {
            const values = getDecodeSplitHeader(
              headerListFromHeaders(this[_headers]),
              "Content-Type"
            );
            return extractMimeType(values);
          }
          get [_body]() {
            return this[_request].body;
          }
          /**
           * https://fetch.spec.whatwg.org/#dom-request
           * @param {RequestInfo} input
           * @param {RequestInit} init
           */
          constructor(input, init = void 0) {
            if (input === _brand) return;
            const prefix = "Failed to construct 'Request'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            input = webidl3.converters["RequestInfo_DOMString"](
              input,
              prefix,
              "Argument 1"
            );
            if (RequestPrototype2.isPrototypeOf(init)) {
              const { method, headers, body, redirect, [_signalCache]: signal2, [_request]: { cf } } = init;
              init = { method, headers, body, redirect, cf, signal: signal2 || void 0 };
            }
            init = webidl3.converters["RequestInit"](init, prefix, "Argument 2");
            let request;
            const baseURL = getLocationHref();
            let signal = null;
            if (typeof input === "string") {
              const parsedURL = new URL4(input, baseURL);
              request = newInnerRequest(
                "GET",
                parsedURL.href,
                () => [],
                null,
                true
              );
            } else {
              if (!RequestPrototype2.isPrototypeOf(input)) {
                throw new TypeError2("Unreachable");
              }
              const originalReq = input[_request];
              request = cloneInnerRequest(originalReq, true);
              request.redirectCount = 0;
              signal = input[_signalCache] || null;
            }
            if (init.referrer !== void 0) {
              const referrer = init.referrer;
              if (referrer === "") {
                request.referrer = "no-referrer";
              } else {
                let parsedReferrer;
                try {
                  parsedReferrer = new URL4(referrer, baseURL);
                } catch (err) {
                  throw new TypeError2(`Referrer "${referrer}" is not a valid URL.`, {
                    cause: err
                  });
                }
                if (parsedReferrer.protocol === "about:" && parsedReferrer.pathname === "client") {
                  request.referrer = "client";
                } else {
                  request.referrer = parsedReferrer.href;
                }
              }
            }
            if (init.referrerPolicy !== void 0) {
              request.referrerPolicy = init.referrerPolicy;
            }
            if (init.mode !== void 0) {
              if (init.mode === "navigate") {
                throw new TypeError2("Request mode 'navigate' is not allowed");
              }
              request.mode = init.mode;
            }
            if (init.credentials !== void 0) {
              request.credentialsMode = init.credentials;
            }
            if (init.cache !== void 0) {
              request.cacheMode = init.cache;
            }
            if (request.cacheMode === "only-if-cached" && request.mode !== "same-origin") {
              throw new TypeError2(
                'Request cache mode "only-if-cached" can only be used with same-origin mode'
              );
            }
            if (init.redirect !== void 0) {
              request.redirectMode = init.redirect;
            }
            if (init.integrity !== void 0) {
              request.integrity = init.integrity;
            }
            if (init.keepalive !== void 0) {
              request.keepalive = init.keepalive;
            }
            if (init.priority !== void 0) {
              request.priority = init.priority;
            }
            if (init.method !== void 0) {
              const method = init.method;
              request.method = KNOWN_METHODS[method] ?? validateAndNormalizeMethod(method);
            }
            if (init.cf !== void 0) request.cf = init.cf;
            if (init.signal !== void 0) {
              signal = init.signal;
            }
            if (init.client !== void 0) {
              if (init.client !== null && !HttpClientPrototype.isPrototypeOf(init.client)) {
                throw webidl3.makeException(
                  TypeError2,
                  "`client` must be a Deno.HttpClient",
                  prefix,
                  "Argument 2"
                );
              }
              request.clientRid = init.client?.[internalRidSymbol] ?? null;
            }
            this[_request] = request;
            if (signal !== null) {
              this[_signalCache] = createDependentAbortSignal([signal], prefix);
            }
            this[_headers] = headersFromHeaderList(request.headerList, "request");
            if (init.headers || ObjectKeys(init).length > 0) {
              const headerList = headerListFromHeaders(this[_headers]);
              const headers = init.headers ?? headerList.slice(
                0,
                headerList.length
              );
              if (headerList.length !== 0) {
                headerList.splice(0, headerList.length);
              }
              fillHeaders(this[_headers], headers);
            }
            let inputBody = null;
            if (RequestPrototype2.isPrototypeOf(input)) {
              inputBody = input[_body];
            }
            if ((request.method === "GET" || request.method === "HEAD") && (init.body !== void 0 && init.body !== null || inputBody !== null)) {
              throw new TypeError2("Request with GET/HEAD method cannot have body");
            }
            let initBody = null;
            if (init.body !== void 0 && init.body !== null) {
              const res = extractBody(init.body);
              initBody = res.body;
              if (res.contentType !== null && !this[_headers].has("content-type")) {
                this[_headers].append("Content-Type", res.contentType);
              }
            }
            const inputOrInitBody = initBody ?? inputBody;
            let finalBody = inputOrInitBody;
            if (initBody === null && inputBody !== null) {
              if (input[_body] && input[_body].unusable()) {
                throw new TypeError2("Input request's body is unusable");
              }
              finalBody = inputBody.createProxy();
            }
            request.body = finalBody;
          }
          get method() {
            return innerOf2(this).method;
          }
          get url() {
            return innerOf2(this).url();
          }
          get headers() {
            innerOf2(this);
            return this[_headersCache] ?? this[_headers];
          }
          get redirect() {
            webidl3.assertBranded(this, RequestPrototype2);
            return this[_request].redirectMode;
          }
          get cache() {
            webidl3.assertBranded(this, RequestPrototype2);
            return this[_request].cacheMode ?? "default";
          }
          get credentials() {
            webidl3.assertBranded(this, RequestPrototype2);
            return this[_request].credentialsMode ?? "same-origin";
          }
          get integrity() {
            webidl3.assertBranded(this, RequestPrototype2);
            return this[_request].integrity ?? "";
          }
          get keepalive() {
            webidl3.assertBranded(this, RequestPrototype2);
            return this[_request].keepalive ?? false;
          }
          get mode() {
            webidl3.assertBranded(this, RequestPrototype2);
            return this[_request].mode ?? "cors";
          }
          get referrer() {
            webidl3.assertBranded(this, RequestPrototype2);
            const referrer = this[_request].referrer;
            if (referrer === void 0 || referrer === "client") {
              return "about:client";
            }
            if (referrer === "no-referrer") {
              return "";
            }
            return referrer;
          }
          get referrerPolicy() {
            webidl3.assertBranded(this, RequestPrototype2);
            return this[_request].referrerPolicy ?? "";
          }
          get signal() {
            webidl3.assertBranded(this, RequestPrototype2);
            return this[_signal];
          }
          clone() {
            const prefix = "Failed to execute 'Request.clone'";
            webidl3.assertBranded(this, RequestPrototype2);
            if (this[_body] && this[_body].unusable()) {
              throw new TypeError2("Body is unusable");
            }
            const clonedReq = cloneInnerRequest(this[_request]);
            const clonedSignal = this[_signalCache] ? createDependentAbortSignal([this[_signalCache]], prefix) : void 0;
            const request = new Request2(_brand);
            request[_request] = clonedReq;
            request[_signalCache] = clonedSignal;
            headerListFromHeaders(this[_headers]);
            request[_headersGuard] = guardFromHeaders(this[_headers]);
            return request;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: RequestPrototype2.isPrototypeOf(this),
                keys: [
                  "bodyUsed",
                  "headers",
                  "method",
                  "redirect",
                  "url"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(Request2);
        const RequestPrototype2 = Request2.prototype;
        RequestPrototype2[_brand] = _brand;
        RequestPrototype2[_headersGuard] = "immutable";
        function innerOf2(request) {
          const inner = request?.[_request];
          if (inner === void 0) throw new TypeError2("Illegal invocation");
          return inner;
        }
        markNotSerializable(RequestPrototype2);
        mixinBody(RequestPrototype2, _body, _mimeType);
        const requestJson = RequestPrototype2.json;
        ObjectDefineProperty(RequestPrototype2, "json", {
          __proto__: null,
          value: function json() {
            try {
              webidl3.assertBranded(this, RequestPrototype2);
              const text3 = this[_request].consumeTextBody?.();
              if (text3 !== null && text3 !== void 0) {
                return PromiseResolve(JSONParse(text3));
              }
            } catch (error2) {
              return PromiseReject(error2);
            }
            return requestJson.call(this);
          },
          writable: true,
          configurable: true,
          enumerable: true
        });
        webidl3.converters["Request"] = webidl3.createInterfaceConverter(
          "Request",
          RequestPrototype2
        );
        webidl3.converters["RequestInfo_DOMString"] = (V, prefix, context, opts) => {
          if (typeof V == "object") {
            if (RequestPrototype2.isPrototypeOf(V)) {
              return webidl3.converters["Request"](V, prefix, context, opts);
            }
          }
          return webidl3.converters["DOMString"](V, prefix, context, opts);
        };
        webidl3.converters["RequestRedirect"] = webidl3.createEnumConverter(
          "RequestRedirect",
          [
            "follow",
            "error",
            "manual"
          ]
        );
        webidl3.converters["RequestCache"] = webidl3.createEnumConverter(
          "RequestCache",
          [
            "default",
            "no-store",
            "reload",
            "no-cache",
            "force-cache",
            "only-if-cached"
          ]
        );
        webidl3.converters["RequestCredentials"] = webidl3.createEnumConverter(
          "RequestCredentials",
          [
            "omit",
            "same-origin",
            "include"
          ]
        );
        webidl3.converters["RequestMode"] = webidl3.createEnumConverter(
          "RequestMode",
          [
            "navigate",
            "same-origin",
            "no-cors",
            "cors"
          ]
        );
        webidl3.converters["RequestPriority"] = webidl3.createEnumConverter(
          "RequestPriority",
          [
            "auto",
            "low",
            "high"
          ]
        );
        webidl3.converters["ReferrerPolicy"] = webidl3.createEnumConverter(
          "ReferrerPolicy",
          [
            "",
            "no-referrer",
            "no-referrer-when-downgrade",
            "same-origin",
            "origin",
            "strict-origin",
            "origin-when-cross-origin",
            "strict-origin-when-cross-origin",
            "unsafe-url"
          ]
        );
        webidl3.converters["RequestInit"] = webidl3.createDictionaryConverter(
          "RequestInit",
          [
            { key: "method", converter: webidl3.converters["ByteString"] },
            { key: "headers", converter: webidl3.converters["HeadersInit"] },
            {
              key: "body",
              converter: webidl3.createNullableConverter(
                webidl3.converters["BodyInit_DOMString"]
              )
            },
            { key: "referrer", converter: webidl3.converters["USVString"] },
            { key: "referrerPolicy", converter: webidl3.converters["ReferrerPolicy"] },
            { key: "mode", converter: webidl3.converters["RequestMode"] },
            { key: "credentials", converter: webidl3.converters["RequestCredentials"] },
            { key: "cache", converter: webidl3.converters["RequestCache"] },
            { key: "redirect", converter: webidl3.converters["RequestRedirect"] },
            { key: "integrity", converter: webidl3.converters["DOMString"] },
            { key: "keepalive", converter: webidl3.converters["boolean"] },
            { key: "priority", converter: webidl3.converters["RequestPriority"] },
            {
              key: "signal",
              converter: webidl3.createNullableConverter(
                webidl3.converters["AbortSignal"]
              )
            },
            { key: "client", converter: webidl3.converters.any },
            { key: "cf", converter: webidl3.converters.any }
          ]
        );
        function toInnerRequest2(request) {
          return request[_request];
        }
        function requestHeadersExposed(request) {
          return request?.[_headersCache] !== void 0;
        }
        function cacheRequestHeaders(request) {
          if (request?.[_headersCache] !== void 0) {
            headerListFromHeaders(request[_headersCache]);
          }
        }
        function fromInnerRequest2(inner, guard) {
          const request = new Request2(_brand);
          request[_request] = inner;
          if (guard !== "immutable") request[_headersGuard] = guard;
          return request;
        }
        const MESSAGE_REQUEST_CANCELLED = "The request has been cancelled.";
        function abortRequest(request) {
          if (request[_signalCache] !== void 0) {
            request[_signal][signalAbort](
              new DOMException5(MESSAGE_REQUEST_CANCELLED, "AbortError")
            );
          } else {
            request[_signalCache] = false;
          }
        }
        function getCachedAbortSignal(request) {
          return request[_signalCache];
        }
        internals3.getCachedAbortSignal = getCachedAbortSignal;
        return {
          abortRequest,
          cacheRequestHeaders,
          fromInnerRequest: fromInnerRequest2,
          newInnerRequest,
          processUrlList,
          Request: Request2,
          RequestPrototype: RequestPrototype2,
          requestHeadersExposed,
          toInnerRequest: toInnerRequest2
        };
      })();
    }
  });

  // js/instead/deno_fetch-23_response.js
  var require_deno_fetch_23_response = __commonJS({
    "js/instead/deno_fetch-23_response.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var webidl3 = require_webidl();
      var { native: native2 } = (init_native(), __toCommonJS(native_exports));
      var { createFilteredInspectProxy } = require_deno_web_01_console();
      var { serializeJSValueToJSONString } = require_infra();
      var { extractBody, mixinBody } = require_body();
      var { extractMimeType } = require_mimesniff();
      var { URL: URL4 } = require_url();
      var { fillHeaderList, getDecodeSplitHeader, headersFromHeaderList } = require_deno_fetch_20_headers();
      var REASON_PHRASE = /^[\t\x20-\x7e\x80-\xff]*$/;
      var TEXT = "text/plain;charset=UTF-8";
      var mimeTypeOf = /* @__PURE__ */ Symbol("mime type");
      var bodyOf = /* @__PURE__ */ Symbol("body");
      var toBody = webidl3.converters["BodyInit_DOMString?"];
      var toShort = webidl3.converters["unsigned short"];
      var toByteString = webidl3.converters.ByteString;
      var InnerResponse = class _InnerResponse {
        constructor(status, statusMessage, text3, contentType) {
          this.status = status;
          this.statusMessage = statusMessage;
          this.text = text3;
          this.contentType = contentType;
        }
        get headerList() {
          return this.list ??= this.contentType === null ? [] : [["Content-Type", this.contentType]];
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
          const copied = new _InnerResponse(this.status, this.statusMessage, this.text, this.contentType);
          if (held !== null) copied.held = held;
          if (this.list !== null) copied.list = this.list.map(([name, value]) => [name, value]);
          if (this.type !== "default") copied.type = this.type;
          if (this.isCoded) copied.isCoded = true;
          return copied;
        }
      };
      Object.assign(InnerResponse.prototype, {
        list: null,
        held: null,
        type: "default",
        urlList: Object.freeze([]),
        aborted: false,
        bodyDecoded: false,
        isCoded: false,
        // A Response's own, here so that it has one field.
        headers: void 0,
        guard: "response"
      });
      var isNullBodyStatus = (status) => status === 101 || status === 204 || status === 205 || status === 304;
      var innerOf2;
      var make;
      var NOTHING2 = /* @__PURE__ */ Symbol("nothing");
      var Response5 = class _Response {
        #inner;
        constructor(body = null, init = void 0) {
          if (body === NOTHING2) return;
          const prefix = "Failed to construct 'Response'";
          if (Array.isArray(body)) body = String(body);
          if (typeof body !== "string" && body !== null) body = toBody(body, prefix, "Argument 1");
          this.#inner = init === void 0 || init === null ? plain2(body) : initialized(body, void 0, init, prefix);
        }
        static error() {
          const inner = new InnerResponse(0, "", null, null);
          inner.type = "error";
          return make(inner, "immutable");
        }
        static redirect(url, status = 302) {
          const prefix = "Failed to execute 'Response.redirect'";
          url = webidl3.converters.USVString(url, prefix, "Argument 1");
          status = toShort(status, prefix, "Argument 2");
          const { href } = new URL4(url);
          if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308) {
            throw new RangeError(`Invalid redirect status code: ${status}`);
          }
          const inner = new InnerResponse(status, "", null, null);
          inner.list = [["Location", href]];
          return make(inner, "immutable");
        }
        static json(data = void 0, init = void 0) {
          const text3 = serializeJSValueToJSONString(data);
          const prefix = "Failed to execute 'Response.json'";
          const type = "application/json";
          const isPlain = init === void 0 || init === null;
          return make(isPlain ? new InnerResponse(200, "", text3, type) : initialized(text3, type, init, prefix), "response");
        }
        get type() {
          return this.#inner.type;
        }
        get url() {
          const url = this.#inner.url();
          if (url === null) return "";
          const shown2 = new URL4(url);
          shown2.hash = "";
          return shown2.href;
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
          return inner.headers ??= headersFromHeaderList(inner.headerList, inner.guard);
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
        [/* @__PURE__ */ Symbol.for("Deno.privateCustomInspect")](inspect2, options) {
          const keys2 = ["body", "bodyUsed", "headers", "ok", "redirected", "status", "statusText", "url"];
          return inspect2(createFilteredInspectProxy({ object: this, evaluate: #inner in this, keys: keys2 }), options);
        }
        static {
          innerOf2 = (value) => typeof value === "object" && value !== null && #inner in value ? value.#inner : void 0;
          make = (inner, guard) => {
            const response = new _Response(NOTHING2);
            if (guard !== "response") inner.guard = guard;
            response.#inner = inner;
            return response;
          };
        }
      };
      function plain2(body) {
        if (typeof body === "string") return new InnerResponse(200, "", body, TEXT);
        const inner = new InnerResponse(200, "", null, null);
        if (body === null) return inner;
        const extracted = extractBody(body);
        inner.held = extracted.body;
        inner.contentType = extracted.contentType;
        return inner;
      }
      function initialized(body, contentType, init, prefix) {
        if (typeof init !== "object" && typeof init !== "function") {
          throw webidl3.makeException(TypeError, "can not be converted to a dictionary", prefix, "Argument 2");
        }
        const { headers, status = 200, statusText = "", encodeBody } = init;
        const inner = new InnerResponse(
          typeof status === "number" && status >= 0 && status <= 999 && Number.isInteger(status) ? status : toShort(status, prefix, "'status' of 'ResponseInit'"),
          statusText === "" ? "" : toByteString(statusText, prefix, "'statusText' of 'ResponseInit'"),
          null,
          null
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
        if (headers !== void 0) {
          const list3 = inner.list = [];
          fillHeaderList(list3, webidl3.converters.HeadersInit(headers, prefix, "'headers' of 'ResponseInit'"), prefix, "Argument 2");
        }
        if (body !== null) {
          if (isNullBodyStatus(inner.status)) throw new TypeError("Response with null body status cannot have body");
          if (held !== null) inner.held = held;
          else inner.text = body;
          if (inner.list === null) inner.contentType = contentType;
          else if (contentType !== null && contentType !== void 0) native2.default_header(inner.list, "Content-Type", contentType);
        }
        if (encodeBody === "manual") inner.isCoded = true;
        return inner;
      }
      function copyOf(inner) {
        if (inner instanceof InnerResponse) return inner.copy();
        const copied = Object.assign(Object.create(Object.getPrototypeOf(inner)), inner, { headers: void 0 });
        copied.headerList = inner.headerList.map(([name, value]) => [name, value]);
        copied.body = inner.body === null ? null : inner.body.clone();
        return copied;
      }
      Response5.prototype[webidl3.brand] = webidl3.brand;
      webidl3.configureInterface(Response5);
      for (const name of ["json", "redirect", "error"]) Object.defineProperty(Response5, name, { enumerable: true });
      mixinBody(Response5.prototype, bodyOf, mimeTypeOf);
      webidl3.converters.Response = webidl3.createInterfaceConverter("Response", Response5.prototype);
      module2.exports = {
        fromInnerResponse: make,
        getInnerResponse: innerOf2,
        Response: Response5,
        ResponsePrototype: Response5.prototype
      };
    }
  });

  // deno:deno_web/01_urlpattern.js
  var require_urlpattern = __commonJS({
    "deno:deno_web/01_urlpattern.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const {
          op_urlpattern_parse,
          op_urlpattern_process_match_input
        } = core2.ops;
        const {
          ArrayPrototypePush,
          MathRandom,
          ObjectAssign,
          ObjectCreate,
          ObjectPrototypeIsPrototypeOf,
          RegExpPrototypeExec,
          RegExpPrototypeTest,
          SafeMap,
          SafeRegExp,
          StringPrototypeSlice,
          Symbol: Symbol2,
          SymbolFor,
          TypeError: TypeError2,
          Uint32Array: Uint32Array2
        } = primordials3;
        const webidl3 = require_webidl();
        let _createFilteredInspectProxy;
        function getCreateFilteredInspectProxy() {
          if (!_createFilteredInspectProxy) {
            _createFilteredInspectProxy = require_deno_web_01_console().createFilteredInspectProxy;
          }
          return _createFilteredInspectProxy;
        }
        const _components = Symbol2("components");
        const urlPatternSettings = { groupStringFallback: false };
        const COMPONENTS_KEYS = [
          "protocol",
          "username",
          "password",
          "hostname",
          "port",
          "pathname",
          "search",
          "hash"
        ];
        class SampledLRUCache {
          /** @type {SafeMap<K, V>} */
          #map = new SafeMap();
          #capacity = 0;
          #sampleRate = 0.1;
          /** @type {K} */
          #lastUsedKey = void 0;
          /** @type {V} */
          #lastUsedValue = void 0;
          /** @param {number} capacity */
          constructor(capacity) {
            this.#capacity = capacity;
          }
          /**
           * @param {K} key
           * @param {(key: K) => V} factory
           * @return {V}
           */
          getOrInsert(key, factory) {
            if (this.#lastUsedKey === key) return this.#lastUsedValue;
            const value = this.#map.get(key);
            if (value !== void 0) {
              if (MathRandom() < this.#sampleRate) {
                this.#map.delete(key);
                this.#map.set(key, value);
              }
              this.#lastUsedKey = key;
              this.#lastUsedValue = value;
              return value;
            } else {
              const value2 = factory(key);
              if (MathRandom() < this.#sampleRate) {
                if (this.#map.size > this.#capacity) {
                  this.#map.delete(this.#map.keys().next().value);
                }
                this.#map.set(key, value2);
              }
              this.#lastUsedKey = key;
              this.#lastUsedValue = value2;
              return value2;
            }
          }
        }
        const matchInputCache = new SampledLRUCache(4096);
        const matchBuf = new Uint32Array2(9);
        function processMatchInput(input, baseURL) {
          const concat = op_urlpattern_process_match_input(
            input,
            baseURL ?? null,
            matchBuf
          );
          if (concat === null) return null;
          return [
            concat.slice(matchBuf[0], matchBuf[1]),
            concat.slice(matchBuf[1], matchBuf[2]),
            concat.slice(matchBuf[2], matchBuf[3]),
            concat.slice(matchBuf[3], matchBuf[4]),
            concat.slice(matchBuf[4], matchBuf[5]),
            concat.slice(matchBuf[5], matchBuf[6]),
            concat.slice(matchBuf[6], matchBuf[7]),
            concat.slice(matchBuf[7], matchBuf[8])
          ];
        }
        function processMatchInputCached(input) {
          return processMatchInput(input, void 0);
        }
        const _hasRegExpGroups = Symbol2("[[hasRegExpGroups]]");
        class URLPattern {
          /** @type {Component[]} */
          [_components];
          [_hasRegExpGroups];
          #reusedResult;
          /**
           * @param {URLPatternInput} input
           * @param {string} [baseURLOrOptions]
           * @param {string} [maybeOptions]
           */
          constructor(input, baseURLOrOptions = void 0, maybeOptions = void 0) {
            this[webidl3.brand] = webidl3.brand;
            const prefix = "Failed to construct 'URLPattern'";
            let baseURL;
            let options;
            if (webidl3.type(baseURLOrOptions) === "String") {
              webidl3.requiredArguments(arguments.length, 1, prefix);
              input = webidl3.converters.URLPatternInput(input, prefix, "Argument 1");
              baseURL = webidl3.converters.USVString(
                baseURLOrOptions,
                prefix,
                "Argument 2"
              );
              options = webidl3.converters.URLPatternOptions(
                maybeOptions !== void 0 ? maybeOptions : { __proto: null },
                prefix,
                "Argument 3"
              );
            } else {
              if (input !== void 0) {
                input = webidl3.converters.URLPatternInput(input, prefix, "Argument 1");
              } else {
                input = { __proto__: null };
              }
              options = webidl3.converters.URLPatternOptions(
                baseURLOrOptions,
                prefix,
                "Argument 2"
              );
            }
            const parsed = op_urlpattern_parse(input, baseURL, options);
            this[_hasRegExpGroups] = parsed.hasRegexpGroups;
            const flags = options.ignoreCase ? "ui" : "u";
            const components = [
              void 0,
              void 0,
              void 0,
              void 0,
              void 0,
              void 0,
              void 0,
              void 0
            ];
            for (let i = 0; i < 8; ++i) {
              const key = COMPONENTS_KEYS[i];
              const c = parsed[key];
              try {
                c.regexp = new SafeRegExp(c.regexpString, flags);
              } catch (e) {
                throw new TypeError2(`${prefix}: ${key} is invalid; ${e.message}`);
              }
              components[i] = c;
            }
            this[_components] = components;
          }
          get protocol() {
            webidl3.assertBranded(this, URLPatternPrototype);
            return this[_components][0].patternString;
          }
          get username() {
            webidl3.assertBranded(this, URLPatternPrototype);
            return this[_components][1].patternString;
          }
          get password() {
            webidl3.assertBranded(this, URLPatternPrototype);
            return this[_components][2].patternString;
          }
          get hostname() {
            webidl3.assertBranded(this, URLPatternPrototype);
            return this[_components][3].patternString;
          }
          get port() {
            webidl3.assertBranded(this, URLPatternPrototype);
            return this[_components][4].patternString;
          }
          get pathname() {
            webidl3.assertBranded(this, URLPatternPrototype);
            return this[_components][5].patternString;
          }
          get search() {
            webidl3.assertBranded(this, URLPatternPrototype);
            return this[_components][6].patternString;
          }
          get hash() {
            webidl3.assertBranded(this, URLPatternPrototype);
            return this[_components][7].patternString;
          }
          get hasRegExpGroups() {
            webidl3.assertBranded(this, URLPatternPrototype);
            return this[_hasRegExpGroups];
          }
          /**
           * @param {URLPatternInput} input
           * @param {string} [baseURL]
           * @returns {boolean}
           */
          test(input, baseURL = void 0) {
            webidl3.assertBranded(this, URLPatternPrototype);
            const prefix = "Failed to execute 'test' on 'URLPattern'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            input = webidl3.converters.URLPatternInput(input, prefix, "Argument 1");
            if (baseURL !== void 0) {
              baseURL = webidl3.converters.USVString(baseURL, prefix, "Argument 2");
            }
            const values = baseURL === void 0 ? matchInputCache.getOrInsert(input, processMatchInputCached) : processMatchInput(input, baseURL);
            if (values === null) return false;
            const components = this[_components];
            for (let i = 0; i < 8; ++i) {
              const component = components[i];
              switch (component.regexpString) {
                case "^$":
                  if (values[i] !== "") return false;
                  break;
                case "^(.*)$":
                  break;
                default: {
                  if (!component.regexp.test(values[i])) return false;
                }
              }
            }
            return true;
          }
          /**
           * @param {URLPatternInput} input
           * @param {string} [baseURL]
           * @returns {URLPatternResult | null}
           */
          exec(input, baseURL = void 0) {
            webidl3.assertBranded(this, URLPatternPrototype);
            const prefix = "Failed to execute 'exec' on 'URLPattern'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            input = webidl3.converters.URLPatternInput(input, prefix, "Argument 1");
            if (baseURL !== void 0) {
              baseURL = webidl3.converters.USVString(baseURL, prefix, "Argument 2");
            }
            const values = baseURL === void 0 ? matchInputCache.getOrInsert(input, processMatchInputCached) : processMatchInput(input, baseURL);
            if (values === null) {
              return null;
            }
            this.#reusedResult ??= { inputs: [void 0] };
            const result = this.#reusedResult;
            const components = this[_components];
            for (let i = 0; i < 8; ++i) {
              const key = COMPONENTS_KEYS[i];
              const component = components[i];
              const res = result[key] ??= {
                input: values[i],
                groups: component.regexpString === "^(.*)$" ? { "0": values[i] } : {}
              };
              switch (component.regexpString) {
                case "^$":
                  if (values[i] !== "") return null;
                  break;
                case "^(.*)$":
                  res.groups["0"] = values[i];
                  break;
                default: {
                  const match = component.regexp.exec(values[i]);
                  if (match === null) return null;
                  const groupList = component.groupNameList;
                  const groups = res.groups;
                  for (let j = 0; j < groupList.length; ++j) {
                    if (urlPatternSettings.groupStringFallback) {
                      groups[groupList[j]] = match[j + 1] ?? "";
                    } else {
                      groups[groupList[j]] = match[j + 1];
                    }
                  }
                  break;
                }
              }
              res.input = values[i];
            }
            result.inputs[0] = typeof input === "string" ? input : ObjectAssign(ObjectCreate(null), input);
            if (baseURL !== void 0) result.inputs.push(baseURL);
            this.#reusedResult = void 0;
            return result;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              getCreateFilteredInspectProxy()({
                object: this,
                evaluate: URLPatternPrototype.isPrototypeOf(this),
                keys: [
                  "protocol",
                  "username",
                  "password",
                  "hostname",
                  "port",
                  "pathname",
                  "search",
                  "hash",
                  "hasRegExpGroups"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(URLPattern);
        const URLPatternPrototype = URLPattern.prototype;
        webidl3.converters.URLPatternInit = webidl3.createDictionaryConverter("URLPatternInit", [
          { key: "protocol", converter: webidl3.converters.USVString },
          { key: "username", converter: webidl3.converters.USVString },
          { key: "password", converter: webidl3.converters.USVString },
          { key: "hostname", converter: webidl3.converters.USVString },
          { key: "port", converter: webidl3.converters.USVString },
          { key: "pathname", converter: webidl3.converters.USVString },
          { key: "search", converter: webidl3.converters.USVString },
          { key: "hash", converter: webidl3.converters.USVString },
          { key: "baseURL", converter: webidl3.converters.USVString }
        ]);
        webidl3.converters["URLPatternInput"] = (V, prefix, context, opts) => {
          if (typeof V == "object") {
            return webidl3.converters.URLPatternInit(V, prefix, context, opts);
          }
          return webidl3.converters.USVString(V, prefix, context, opts);
        };
        webidl3.converters.URLPatternOptions = webidl3.createDictionaryConverter("URLPatternOptions", [
          {
            key: "ignoreCase",
            converter: webidl3.converters.boolean,
            defaultValue: false
          }
        ]);
        return { URLPattern, urlPatternSettings };
      })();
    }
  });

  // deno:deno_web/14_compression.js
  var require_compression = __commonJS({
    "deno:deno_web/14_compression.js"(exports, module2) {
      init_define_CRYPTO_OPERATIONS();
      var __bootstrap = require_bootstrap();
      module2.exports = (function() {
        const { core: core2, primordials: primordials3 } = __bootstrap;
        const {
          op_compression_finish,
          op_compression_new,
          op_compression_write
        } = core2.ops;
        const {
          SymbolFor,
          ObjectPrototypeIsPrototypeOf,
          TypeError: TypeError2,
          TypeErrorPrototype,
          TypedArrayPrototypeGetByteLength
        } = primordials3;
        const webidl3 = require_webidl();
        const { createFilteredInspectProxy } = require_deno_web_01_console();
        const { TransformStream: TransformStream3 } = require_streams();
        webidl3.converters.CompressionFormat = webidl3.createEnumConverter(
          "CompressionFormat",
          [
            "deflate",
            "deflate-raw",
            "gzip",
            "brotli"
          ]
        );
        function convertChunk(chunk, prefix) {
          if (chunk === null) {
            const err = new TypeError2("May not write null values to stream");
            err.code = "ERR_STREAM_NULL_VALUES";
            throw err;
          }
          try {
            return webidl3.converters.BufferSource(chunk, prefix, "chunk");
          } catch (err) {
            if (TypeErrorPrototype.isPrototypeOf(err)) {
              err.code = "ERR_INVALID_ARG_TYPE";
            }
            throw err;
          }
        }
        class CompressionStream {
          #transform;
          constructor(format) {
            const prefix = "Failed to construct 'CompressionStream'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            format = webidl3.converters.CompressionFormat(format, prefix, "Argument 1");
            const rid = op_compression_new(format, false);
            this.#transform = new TransformStream3({
              transform(chunk, controller) {
                chunk = convertChunk(chunk, prefix);
                const output = op_compression_write(
                  rid,
                  chunk
                );
                maybeEnqueue(controller, output);
              },
              flush(controller) {
                const output = op_compression_finish(rid, true);
                maybeEnqueue(controller, output);
              },
              cancel: (_reason) => {
                op_compression_finish(rid, false);
              }
            });
            this[webidl3.brand] = webidl3.brand;
          }
          get readable() {
            webidl3.assertBranded(this, CompressionStreamPrototype);
            return this.#transform.readable;
          }
          get writable() {
            webidl3.assertBranded(this, CompressionStreamPrototype);
            return this.#transform.writable;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: CompressionStreamPrototype.isPrototypeOf(
                  this
                ),
                keys: [
                  "readable",
                  "writable"
                ]
              }),
              inspectOptions
            );
          }
        }
        webidl3.configureInterface(CompressionStream);
        const CompressionStreamPrototype = CompressionStream.prototype;
        class DecompressionStream {
          #transform;
          constructor(format) {
            const prefix = "Failed to construct 'DecompressionStream'";
            webidl3.requiredArguments(arguments.length, 1, prefix);
            format = webidl3.converters.CompressionFormat(format, prefix, "Argument 1");
            const rid = op_compression_new(format, true);
            this.#transform = new TransformStream3({
              transform(chunk, controller) {
                chunk = convertChunk(chunk, prefix);
                const output = op_compression_write(
                  rid,
                  chunk
                );
                maybeEnqueue(controller, output);
              },
              flush(controller) {
                const output = op_compression_finish(rid, true);
                maybeEnqueue(controller, output);
              },
              cancel: (_reason) => {
                op_compression_finish(rid, false);
              }
            });
            this[webidl3.brand] = webidl3.brand;
          }
          get readable() {
            webidl3.assertBranded(this, DecompressionStreamPrototype);
            return this.#transform.readable;
          }
          get writable() {
            webidl3.assertBranded(this, DecompressionStreamPrototype);
            return this.#transform.writable;
          }
          [SymbolFor("Deno.privateCustomInspect")](inspect2, inspectOptions) {
            return inspect2(
              createFilteredInspectProxy({
                object: this,
                evaluate: DecompressionStreamPrototype.isPrototypeOf(
                  this
                ),
                keys: [
                  "readable",
                  "writable"
                ]
              }),
              inspectOptions
            );
          }
        }
        function maybeEnqueue(controller, output) {
          if (output && output.byteLength > 0) {
            controller.enqueue(output);
          }
        }
        webidl3.configureInterface(DecompressionStream);
        const DecompressionStreamPrototype = DecompressionStream.prototype;
        return { CompressionStream, DecompressionStream };
      })();
    }
  });

  // js/main.js
  init_define_CRYPTO_OPERATIONS();

  // js/commonjs.js
  init_define_CRYPTO_OPERATIONS();
  init_native();

  // js/node.js
  init_define_CRYPTO_OPERATIONS();

  // js/crypto.js
  init_define_CRYPTO_OPERATIONS();
  init_native();
  var { core, internals } = require_bootstrap();
  var { WritableStream } = require_streams();
  var TIMING_SAFE_EQUAL = 5;
  var DIGEST_UPDATE = 11;
  var DIGEST_FINISH = 12;
  function call(number3, ...values) {
    try {
      return native.call(number3, values);
    } catch (error2) {
      throw named(error2);
    }
  }
  function named(error2) {
    const [, name, message] = /^(\w+): ([^]*)$/.exec(error2.message) ?? [];
    if (name === void 0) return error2;
    return name === "TypeError" ? new TypeError(message) : new DOMException(message, name);
  }
  var plain = (number3, count) => (...values) => call(number3, ...Array.from({ length: count }, (_, i) => values[i]));
  var keys = /* @__PURE__ */ new WeakMap();
  var keyOf = (holder) => ({ type: keys.get(holder).kind, data: keys.get(holder).data });
  var copy = (data) => new Uint8Array(ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data.slice(0));
  var keyed = (number3) => (holder, options, data) => call(number3, keyOf(holder), options, data);
  var pair = (number3) => (first, second) => {
    const made = call(number3);
    first.set(made[0]);
    second.set(made[1]);
    return true;
  };
  var filled = (number3) => (encoded, out) => {
    const found = call(number3, encoded);
    if (found !== null) out.set(found);
    return found !== null;
  };
  var MOST_RANDOM_BYTES = 65536;
  function getRandomValues(array) {
    if (arguments.length === 0) throw new TypeError("getRandomValues() needs an array");
    if (array.byteLength > MOST_RANDOM_BYTES) {
      throw new DOMException(`getRandomValues() fills at most ${MOST_RANDOM_BYTES} bytes`, "QuotaExceededError");
    }
    native.fill_random(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  function randomUUID() {
    const bytes = new Uint8Array(16);
    native.fill_random(bytes);
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    const hex = bytes.toHex();
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
  var ops = {
    op_crypto_get_random_values: getRandomValues,
    op_crypto_random_uuid: randomUUID,
    op_crypto_base64url_encode: plain(3, 1),
    op_crypto_base64url_decode: plain(4, 1),
    op_crypto_subtle_digest: plain(10, 2),
    op_crypto_generate_key: plain(20, 1),
    op_crypto_import_key: plain(21, 2),
    op_crypto_export_key: plain(22, 2),
    op_crypto_sign_key: keyed(30),
    op_crypto_verify_key: keyed(31),
    op_crypto_encrypt: keyed(32),
    op_crypto_decrypt: keyed(33),
    op_crypto_derive_bits: (holder, peer, options, salt) => call(34, keyOf(holder), peer && keyOf(peer), options, salt),
    op_crypto_wrap_key: keyed(35),
    op_crypto_unwrap_key: keyed(36),
    op_crypto_generate_ed25519_keypair: pair(40),
    op_crypto_sign_ed25519(holder, data, out) {
      out.set(call(41, keyOf(holder), data));
      return true;
    },
    op_crypto_verify_ed25519: (holder, data, signature) => call(42, keyOf(holder), data, signature),
    op_crypto_import_spki_ed25519: filled(43),
    op_crypto_import_pkcs8_ed25519: filled(44),
    op_crypto_export_spki_ed25519: plain(45, 1),
    op_crypto_export_pkcs8_ed25519: plain(46, 1),
    op_crypto_jwk_x_ed25519: plain(47, 1),
    op_crypto_generate_x25519_keypair: pair(50),
    op_crypto_x25519_public_key: plain(51, 1),
    op_crypto_derive_bits_x25519(holder, peer, out) {
      const secret = call(52, keyOf(holder), keyOf(peer));
      if (secret !== null) out.set(secret);
      return secret === null;
    },
    op_crypto_import_spki_x25519: filled(53),
    op_crypto_import_pkcs8_x25519: filled(54),
    op_crypto_export_spki_x25519: plain(55, 1),
    op_crypto_export_pkcs8_x25519: plain(56, 1),
    op_crypto_key_store_insert({ kind, data }) {
      const holder = {};
      keys.set(holder, { kind, data: copy(data) });
      return holder;
    },
    op_crypto_key_store_get(holder) {
      const { kind, data } = keys.get(holder);
      return { kind, data: copy(data) };
    }
  };
  for (const name of define_CRYPTO_OPERATIONS_default) {
    core.ops[name] = ops[name] ?? function() {
      throw new DOMException(`${name.replace("op_crypto_", "").replaceAll("_", " ")} is not supported`, "NotSupportedError");
    };
  }
  internals.kKeyObject = /* @__PURE__ */ Symbol("key object");
  var { crypto, Crypto, CryptoKey, SubtleCrypto } = require_crypto();
  var DigestStream = class extends WritableStream {
    #digest;
    constructor(algorithm) {
      const name = String(typeof algorithm === "object" ? algorithm.name : algorithm).toUpperCase();
      let state, resolve, reject;
      const digest = new Promise((...settle2) => [resolve, reject] = settle2);
      digest.catch(() => {
      });
      super({
        write(chunk) {
          const bytes = typeof chunk === "string" ? native.encode(chunk) : chunk;
          state = call(DIGEST_UPDATE, name, state, copy(bytes));
        },
        close() {
          resolve(call(DIGEST_FINISH, name, state).buffer);
        },
        abort: reject
      });
      this.#digest = digest;
    }
    get digest() {
      return this.#digest;
    }
  };
  Object.defineProperty(SubtleCrypto.prototype, "timingSafeEqual", {
    value: function timingSafeEqual(a, b) {
      return call(TIMING_SAFE_EQUAL, copy(a), copy(b));
    },
    writable: true,
    configurable: true
  });
  Object.defineProperty(crypto, "DigestStream", { value: DigestStream, writable: true, configurable: true });

  // js/node.js
  init_inspect();
  init_native();
  var DIGEST = 10;
  var DIGEST_UPDATE2 = 11;
  var DIGEST_FINISH2 = 12;
  var TIMING_SAFE_EQUAL2 = 5;
  var modules = null;
  var node = {
    inspect,
    format: formatWithDirectives,
    encode: native.encode,
    decode: native.decode,
    isProxy: native.is_proxy,
    nowUs: native.now_us,
    asyncContext: native.async_context,
    swapAsyncContext: native.swap_async_context,
    fillRandom: native.fill_random,
    webcrypto: crypto,
    digest: (name, data) => call(DIGEST, name, data),
    digestUpdate: (name, state, data) => call(DIGEST_UPDATE2, name, state, data),
    digestFinish: (name, state) => call(DIGEST_FINISH2, name, state),
    timingSafeEqual: (a, b) => call(TIMING_SAFE_EQUAL2, a, b),
    /** process.env: the bindings that are text, which the first request brings. */
    env: {},
    /** Called before a worker's own code: the modules by their names. */
    start(found) {
      modules = found;
      const define2 = (name, value) => {
        if (value !== void 0) Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
      };
      define2("global", globalThis);
      define2("Buffer", found["node:buffer"]?.Buffer);
      define2("process", found["node:process"]?.default);
    },
    /** What `require` gives; undefined when there is no such module. */
    builtin(name) {
      const module2 = modules?.[name.startsWith("node:") ? name : `node:${name}`];
      return module2?.default ?? module2;
    },
    required(name) {
      const module2 = node.builtin(name);
      if (module2 === void 0) throw new Error(`No such module "${name}"`);
      return module2;
    },
    bind(bindings) {
      if (modules === null) return;
      for (const name of Object.keys(bindings)) if (typeof bindings[name] === "string") node.env[name] = bindings[name];
    }
  };

  // js/commonjs.js
  var modules2 = /* @__PURE__ */ new Map();
  function requireModule(name) {
    let module2 = modules2.get(name);
    if (module2 !== void 0) return module2.exports;
    module2 = { id: name, exports: {}, loaded: false };
    modules2.set(name, module2);
    const require2 = (specifier) => {
      const found = native.resolve_module(name, String(specifier));
      if (found.startsWith("node:")) return node.required(found);
      return native.is_commonjs(found) ? requireModule(found) : native.module_value(found);
    };
    try {
      native.compile_commonjs(name).call(module2.exports, module2.exports, require2, module2);
    } catch (error2) {
      modules2.delete(name);
      throw error2;
    }
    module2.loaded = true;
    return module2.exports;
  }

  // js/events.js
  init_define_CRYPTO_OPERATIONS();
  var DONE = 1;
  var FAILED = 2;
  var CHUNK = 3;
  var END = 4;
  var WRITABLE = 5;
  var ABORT = 6;
  var CLOSED = 7;
  var waiting = /* @__PURE__ */ new Map();
  function expectEvents(handle2) {
    let events = waiting.get(handle2);
    if (events === void 0) {
      events = { done: null, failed: null, chunk: null, writable: null, closed: null, abort: null };
      waiting.set(handle2, events);
    }
    return events;
  }
  function forget(handle2) {
    waiting.delete(handle2);
  }
  function whenDone(handle2) {
    return new Promise((resolve, reject) => {
      const events = expectEvents(handle2);
      events.done = resolve;
      events.failed = reject;
    });
  }
  function deliver(kind, handle2, payload) {
    const events = waiting.get(handle2);
    if (events === void 0) return;
    switch (kind) {
      case DONE:
        return settle(events, "done", payload);
      case CHUNK:
        return settle(events, "chunk", payload);
      case END:
        return settle(events, "chunk", null);
      case FAILED:
        return settle(events, "failed", errorOf(payload));
      case WRITABLE:
        return settle(events, "writable", void 0);
      case CLOSED: {
        const { closed } = events;
        settle(events, "writable", void 0);
        return closed?.();
      }
      case ABORT:
        return events.abort?.();
    }
  }
  var ERRORS2 = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  function errorOf(text3) {
    if (text3.charCodeAt(0) !== 0) return new TypeError(text3);
    const end = text3.indexOf("\0", 1);
    const name = text3.slice(1, end);
    const error2 = new (ERRORS2[name] ?? Error)(text3.slice(end + 1));
    if (error2.name !== name) Object.defineProperty(error2, "name", { value: name, writable: true, configurable: true });
    return error2;
  }
  function settle(events, which, value) {
    const callback = events[which];
    if (which === "failed" || which === "done" || which === "chunk") events.done = events.chunk = events.failed = null;
    if (which === "writable") events.writable = null;
    callback?.(value);
  }

  // js/globals.js
  init_define_CRYPTO_OPERATIONS();

  // js/base64.js
  init_define_CRYPTO_OPERATIONS();
  var { DOMException: DOMException4 } = require_dom_exception();
  var wrapped = (name, convert, complaint) => ({
    [name](data) {
      if (arguments.length === 0) throw new TypeError(`${name}() needs an argument`);
      const text3 = `${data}`;
      try {
        return convert(text3);
      } catch {
        throw new DOMException4(complaint, "InvalidCharacterError");
      }
    }
  })[name];
  var atob = wrapped("atob", globalThis.atob, "atob() called with invalid base64-encoded data");
  var btoa = wrapped("btoa", globalThis.btoa, "btoa() can only operate on characters in the Latin1 range");

  // js/cache.js
  init_define_CRYPTO_OPERATIONS();

  // js/body.js
  init_define_CRYPTO_OPERATIONS();
  init_native();
  var { InnerBody } = require_body();
  var {
    createReadableByteStream,
    isReadableStreamDisturbed,
    isReadableStreamLocked,
    readableByteStreamControllerClose,
    readableByteStreamControllerEnqueue,
    readableByteStreamControllerError,
    readableStreamDisturb,
    ReadableStreamPrototype
  } = require_streams();
  var HostBody = class _HostBody extends InnerBody {
    #handle;
    #isTaken = false;
    constructor(handle2) {
      super(null);
      this.#handle = handle2;
      this.streamOrStatic = null;
    }
    /** The source handle, when nothing has been read of it; whoever takes it answers for it. */
    take() {
      if (this.#isTaken || this.streamOrStatic !== null) return null;
      this.#isTaken = true;
      return this.#handle;
    }
    get stream() {
      if (this.streamOrStatic === null) {
        this.streamOrStatic = streamOf(this.#handle);
        if (this.#isTaken) markUsed(this.streamOrStatic);
      }
      return this.streamOrStatic;
    }
    unusable() {
      return this.streamOrStatic === null ? this.#isTaken : super.unusable();
    }
    consumed() {
      return this.streamOrStatic === null ? this.#isTaken : super.consumed();
    }
    consume() {
      if (this.streamOrStatic !== null) return super.consume();
      if (this.#isTaken) throw new TypeError("Body already consumed");
      this.#isTaken = true;
      return readAll(this.#handle);
    }
    cancel(error2) {
      if (this.streamOrStatic !== null) return super.cancel(error2);
      this.#isTaken = true;
      native.cancel(this.#handle);
    }
    /** Nothing more comes of it: whoever reads gets the error. */
    error(error2) {
      native.cancel(this.#handle);
      if (this.streamOrStatic === null && this.#isTaken) return expectEvents(this.#handle).failed?.(error2);
      void this.stream;
      super.error(error2);
    }
    clone() {
      void this.stream;
      return super.clone();
    }
    createProxy() {
      const handle2 = this.take();
      return handle2 === null ? super.createProxy() : new _HostBody(handle2);
    }
  };
  function outgoing(body) {
    if (body === null) return null;
    if (body instanceof HostBody) {
      const source2 = body.take();
      if (source2 !== null) return { source: source2 };
    }
    const held = body.streamOrStatic;
    if (!ReadableStreamPrototype.isPrototypeOf(held)) {
      held.consumed = true;
      return { bytes: held.body };
    }
    const source = untouched(held);
    if (source === void 0) return { stream: held };
    markUsed(held);
    return { source };
  }
  async function pump(stream, sink) {
    const reader = stream.getReader();
    const events = expectEvents(sink);
    events.closed = () => reader.cancel(new Error("Nobody reads the stream any more")).catch(() => {
    });
    try {
      for (; ; ) {
        const { done: done2, value } = await reader.read();
        if (done2) break;
        if (!(value instanceof Uint8Array)) {
          throw new TypeError("A body's stream must give Uint8Array chunks");
        }
        const state = native.write(sink, value);
        if (state === NOBODY_READS) {
          await reader.cancel(new Error("Nobody reads the stream any more"));
          break;
        }
        if (state === WAIT) await new Promise((resolve) => events.writable = resolve);
      }
      native.finish(sink, true, "");
    } catch (error2) {
      native.finish(sink, false, String(error2?.message ?? error2));
      throw error2;
    } finally {
      events.closed = events.writable = null;
    }
  }
  var WAIT = 1;
  var NOBODY_READS = 2;
  function untouched(stream) {
    if (isReadableStreamLocked(stream) || isReadableStreamDisturbed(stream)) return void 0;
    return sources.get(stream);
  }
  var sources = /* @__PURE__ */ new WeakMap();
  function markUsed(stream) {
    sources.delete(stream);
    readableStreamDisturb(stream);
    stream.getReader();
  }
  function streamOf(handle2) {
    const stream = createReadableByteStream(
      () => {
      },
      (controller) => {
        sources.delete(stream);
        return read(handle2).then((chunk) => give(controller, chunk), (error2) => readableByteStreamControllerError(controller, error2));
      },
      async () => {
        sources.delete(stream);
        native.cancel(handle2);
      }
    );
    sources.set(stream, handle2);
    return stream;
  }
  function give(controller, chunk) {
    if (chunk !== null) return readableByteStreamControllerEnqueue(controller, chunk);
    readableByteStreamControllerClose(controller);
    controller.byobRequest?.respond(0);
  }
  function read(handle2) {
    native.read(handle2);
    return new Promise((resolve, reject) => {
      const events = expectEvents(handle2);
      events.chunk = resolve;
      events.failed = reject;
    });
  }
  async function readAll(handle2) {
    const chunks = [];
    let length = 0;
    for (let chunk; (chunk = await read(handle2)) !== null; ) {
      chunks.push(chunk);
      length += chunk.byteLength;
    }
    if (chunks.length === 1) return chunks[0];
    const all = new Uint8Array(length);
    let at2 = 0;
    for (const chunk of chunks) {
      all.set(chunk, at2);
      at2 += chunk.byteLength;
    }
    return all;
  }

  // js/fetch.js
  init_define_CRYPTO_OPERATIONS();

  // js/wishes.js
  init_define_CRYPTO_OPERATIONS();
  var CACHE_MODES = /* @__PURE__ */ new Set(["no-store", "no-cache", "reload"]);
  var isText = (value) => typeof value === "string";
  var isSeconds = (value) => typeof value === "number" && Number.isFinite(value);
  var WISHES = {
    cacheTtl: [isSeconds, "a number of seconds"],
    cacheEverything: [(value) => typeof value === "boolean", "true or false"],
    cacheKey: [isText, "a string"],
    cacheTags: [(value) => Array.isArray(value) && value.every(isText), "an array of strings"],
    cacheTtlByStatus: [
      (value) => typeof value === "object" && !Array.isArray(value) && Object.values(value).every(isSeconds),
      'an object that gives a number of seconds for each status or range, such as { "200-299": 60 }'
    ]
  };
  function wishesOf({ cf, cacheMode }) {
    let told2 = null;
    if (typeof cf === "object" && cf !== null) {
      for (const name of Object.keys(WISHES)) {
        const value = cf[name];
        if (value === void 0 || value === null) continue;
        const [isRight, what] = WISHES[name];
        if (!isRight(value)) throw new TypeError(`cf.${name} must be ${what}`);
        (told2 ??= {})[name] = value;
      }
    }
    if (cacheMode !== void 0 && CACHE_MODES.has(cacheMode)) (told2 ??= {}).cache = cacheMode;
    return told2 === null ? "" : JSON.stringify(told2);
  }

  // js/fetch.js
  init_native();
  var requests = require_request();
  var { fromInnerResponse } = require_deno_fetch_23_response();
  var { add, remove } = require_abort_signal();
  var { URL: URL2 } = require_url();
  var { internals: internals2 } = require_bootstrap();
  var FETCH = 1;
  var CALL = 2;
  var REDIRECTS = { follow: 0, error: 1, manual: 2 };
  var NO_BODY = 0;
  var INLINE = 1;
  var STREAMED = 2;
  var SOURCE = 3;
  function fetch(input, init = void 0) {
    return send(input, init, null);
  }
  async function send(input, init, callee) {
    if (native.is_loading()) native.start_timer(0);
    if (init === void 0 && typeof input === "string") {
      const plain2 = plainRequest(input);
      if (plain2 !== null) return start2(plain2, plain2.currentUrl(), null, null, callee);
    }
    const isWhole = init === void 0 && requests.RequestPrototype.isPrototypeOf(input);
    const request = isWhole ? input : new requests.Request(input, init);
    const inner = requests.toInnerRequest(request);
    const signal = internals2.getCachedAbortSignal(request) || null;
    signal?.throwIfAborted();
    const url = inner.currentUrl();
    if (!url.startsWith("http:") && !url.startsWith("https:")) {
      throw new TypeError(`Fetch API cannot load: ${url}`);
    }
    if (inner.body?.unusable()) throw new TypeError("The request's body has already been used");
    return start2(inner, url, outgoing(inner.body), signal, callee);
  }
  function plainRequest(text3) {
    const url = new URL2(text3);
    if (url.protocol !== "http:" && url.protocol !== "https:" || url.username !== "" || url.password !== "") return null;
    return new PlainRequest(url.href);
  }
  var PlainRequest = class {
    #url;
    constructor(url) {
      this.#url = url;
    }
    currentUrl() {
      return this.#url;
    }
  };
  Object.assign(PlainRequest.prototype, { method: "GET", headerList: Object.freeze([]), redirectMode: "follow", body: null, cf: void 0, cacheMode: void 0 });
  async function start2(inner, url, body, signal, callee) {
    const handle2 = callee === null ? begin(FETCH, inner, url, wishesOf(inner), body) : begin(CALL, inner, url, "", body, callee.binding, callee.worker, callee.options);
    const done2 = whenDone(handle2);
    if (signal === null) return respond(handle2, await done2, null);
    let abort;
    const aborted = new Promise((_, reject) => {
      abort = () => {
        native.cancel(handle2);
        forget(handle2);
        reject(signal.reason);
      };
      signal[add](abort);
    });
    try {
      return respond(handle2, await Promise.race([done2, aborted]), signal);
    } finally {
      signal[remove](abort);
    }
  }
  function begin(operation, { method, headerList, redirectMode }, url, wishes, body, ...texts) {
    const [kind, content2] = inline(body);
    const redirect = REDIRECTS[redirectMode];
    const handle2 = native.start_fetch(operation, method, url, headerList, redirect, wishes, kind, content2, ...texts);
    if (kind === STREAMED) pump(body.stream, handle2).catch(() => {
    });
    return handle2;
  }
  function inline(body) {
    if (body === null) return [NO_BODY, void 0];
    if (body.bytes !== void 0) return [INLINE, body.bytes];
    return body.source !== void 0 ? [SOURCE, body.source] : [STREAMED, void 0];
  }
  function respond(handle2, payload, signal) {
    const [status, statusMessage, url, wasRedirected, hasBody, headerList] = native.parse_response(payload);
    const body = hasBody ? new HostBody(handle2) : null;
    if (hasBody && signal !== null) signal[add](() => body.error(signal.reason));
    const urlList = wasRedirected ? [url, url] : [url];
    return fromInnerResponse(new FetchedResponse(status, statusMessage, headerList, urlList, body), "immutable");
  }
  var FetchedResponse = class {
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
  };

  // js/cache.js
  init_native();
  var requests2 = require_request();
  var responses = require_deno_fetch_23_response();
  var CACHE = 3;
  var PARTIAL_CONTENT = 206;
  var NO = 0;
  var Cache = class {
    #name;
    /** `name` is null for the cache that needs none. */
    constructor(key, name) {
      if (key !== CREATE) throw new TypeError("Illegal constructor");
      this.#name = name;
    }
    async match(request, options = void 0) {
      const asked = innerOf(request, "match");
      if (!isMeant(asked, options)) return void 0;
      const handle2 = this.#begin(asked, "match", null, "");
      const payload = await whenDone(handle2);
      return statusOf(payload) === NO ? void 0 : respond(handle2, payload, null);
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
    async delete(request, options = void 0) {
      const asked = innerOf(request, "delete");
      if (!isMeant(asked, options)) return false;
      return statusOf(await whenDone(this.#begin(asked, "delete", null, ""))) !== NO;
    }
    #begin(asked, action, body, response) {
      const name = JSON.stringify(this.#name);
      return begin(CACHE, asked, asked.currentUrl(), "", body, name, action, response);
    }
  };
  var CREATE = /* @__PURE__ */ Symbol();
  function innerOf(request, method) {
    if (native.is_loading()) native.start_timer(0);
    if (request === void 0) throw new TypeError(`cache.${method}() needs a Request or a URL`);
    const plain2 = typeof request === "string" ? plainRequest(request) : null;
    if (plain2 !== null) return plain2;
    const isRequest = requests2.RequestPrototype.isPrototypeOf(request);
    return requests2.toInnerRequest(isRequest ? request : new requests2.Request(request));
  }
  var isMeant = ({ method }, options) => method === "GET" || method === "HEAD" || options?.ignoreMethod === true;
  var statusOf = (payload) => native.parse_response(payload)[0];
  function variesByAll(headerList) {
    return headerList.some(([name, value]) => name.toLowerCase() === "vary" && value.split(",").some((item) => item.trim() === "*"));
  }
  var WHY = "caches.default is shared by all workers of an account, so user workers of an untrusted namespace cannot use it; open a cache of your own with caches.open(name)";
  var CacheStorage = class {
    #default = null;
    constructor(key) {
      if (key !== CREATE) throw new TypeError("Illegal constructor");
    }
    /** At the top level nobody knows yet who asks; the host says it then. */
    get default() {
      if (!native.is_loading() && native.request_cf() === "") throw new TypeError(WHY);
      return this.#default ??= new Cache(CREATE, null);
    }
    async open(name) {
      if (arguments.length === 0) throw new TypeError("caches.open() needs a name");
      return new Cache(CREATE, String(name));
    }
  };
  var caches = new CacheStorage(CREATE);

  // js/globals.js
  init_clone();
  init_console();

  // js/htmlrewriter.js
  init_define_CRYPTO_OPERATIONS();
  init_native();
  var { isReadableStreamLocked: isReadableStreamLocked2, ReadableStream: ReadableStream2, ReadableStreamPrototype: ReadableStreamPrototype2 } = require_streams();
  var { TextDecoder } = require_text_encoding();
  var { Headers: Headers2 } = require_deno_fetch_20_headers();
  var { Response, ResponsePrototype } = require_deno_fetch_23_response();
  var HTMLRewriter = class {
    #elements = [];
    #documents = [];
    on(selector, handlers) {
      selector = String(selector);
      native.html_check_selector(selector);
      this.#elements.push([
        selector,
        bound(handlers, "element", Element),
        bound(handlers, "comments", Comment),
        bound(handlers, "text", Text)
      ]);
      return this;
    }
    onDocument(handlers) {
      this.#documents.push([
        bound(handlers, "doctype", Doctype),
        bound(handlers, "comments", Comment),
        bound(handlers, "text", Text),
        bound(handlers, "end", DocumentEnd)
      ]);
      return this;
    }
    transform(response) {
      if (!ResponsePrototype.isPrototypeOf(response)) throw new TypeError("HTMLRewriter.transform() takes a Response");
      if (response.bodyUsed) throw new TypeError("The Response's body has already been used");
      const { body, status, statusText } = response;
      if (body === null) return response;
      if (isReadableStreamLocked2(body)) throw new TypeError("The Response's body is being read by somebody else");
      const headers = new Headers2(response.headers);
      headers.delete("content-length");
      const charset = /;\s*charset="?([^\s;"]+)/i.exec(headers.get("content-type") ?? "")?.[1] ?? "utf-8";
      return new Response(rewritten(body, [...this.#elements], [...this.#documents], charset), { status, statusText, headers });
    }
  };
  function rewritten(body, elements, documents, charset) {
    const reader = body.getReader();
    const outer = native.async_context();
    const level = Math.min(outer?.get(LEVEL) ?? 0, LEVEL_MAX);
    const context = new Map(outer).set(LEVEL, level + 1);
    let rewriter, controller;
    let hasGiven = false;
    const give2 = (chunk) => {
      hasGiven = true;
      controller.enqueue(chunk);
    };
    const end = () => {
      if (rewriter !== void 0) native.html_drop(rewriter);
    };
    return new ReadableStream2({
      type: "bytes",
      async pull(its) {
        controller = its;
        hasGiven = false;
        try {
          while (!hasGiven) {
            const { done: done2, value } = await reader.read();
            if (!done2 && !(value instanceof Uint8Array)) throw new TypeError("A body's stream must give Uint8Array chunks");
            while (native.html_depth() >= DEPTH_MAX * (level + 1)) await new Promise((resolve) => crowd.push(resolve));
            rewriter ??= native.html_new(elements, documents, charset, give2);
            within(context, done2 ? native.html_end : native.html_write, rewriter, value);
            if (done2) {
              controller.close();
              controller.byobRequest?.respond(0);
              break;
            }
          }
        } catch (error2) {
          end();
          reader.cancel(error2).catch(() => {
          });
          throw error2;
        } finally {
          for (const go of crowd.splice(0)) go();
        }
      },
      cancel(reason) {
        end();
        return reader.cancel(reason);
      }
    }, { highWaterMark: 0 });
  }
  var DEPTH_MAX = 6;
  var LEVEL_MAX = 2;
  var LEVEL = /* @__PURE__ */ Symbol("HTMLRewriter");
  var crowd = [];
  function within(context, run, ...values) {
    const before = native.swap_async_context(context);
    try {
      run(...values);
    } finally {
      native.swap_async_context(before);
    }
  }
  function bound(handlers, name, Token) {
    const handler = handlers?.[name];
    if (handler === void 0 || handler === null) return void 0;
    if (typeof handler !== "function") throw new TypeError(`HTMLRewriter: the handler "${name}" is no function`);
    return (number3) => settled(handler.call(handlers, new Token(number3)));
  }
  function settled(result) {
    if (typeof result?.then !== "function") return void 0;
    const promise = Promise.resolve(result);
    promise.then(void 0, () => {
    });
    return promise;
  }
  var isHtml = (options) => Boolean(options?.html);
  function content(value, options) {
    const stream = ResponsePrototype.isPrototypeOf(value) ? value.body ?? "" : value;
    if (!ReadableStreamPrototype2.isPrototypeOf(stream)) return String(stream);
    const reader = stream.getReader();
    return (sink) => settled(copy2(reader, sink, isHtml(options)));
  }
  async function copy2(reader, sink, html) {
    const decoder = new TextDecoder();
    for (; ; ) {
      const { done: done2, value } = await reader.read();
      const text3 = done2 ? decoder.decode() : typeof value === "string" ? value : decoder.decode(value, { stream: true });
      if (text3 !== "") native.html_insert(sink, "", text3, html);
      if (done2) return;
    }
  }
  var ContentToken = class {
    #number;
    constructor(number3) {
      this.#number = number3;
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
  };
  var { number, insert, remove: remove2 } = ContentToken;
  var read2 = (token, property) => native.html_get(number(token), property);
  var Element = class extends ContentToken {
    get tagName() {
      return read2(this, "tagName");
    }
    set tagName(name) {
      native.html_set(number(this), String(name));
    }
    get attributes() {
      return read2(this, "attributes")[Symbol.iterator]();
    }
    get removed() {
      return read2(this, "removed");
    }
    get namespaceURI() {
      return read2(this, "namespaceURI");
    }
    get selfClosing() {
      return read2(this, "selfClosing");
    }
    get canHaveContent() {
      return read2(this, "canHaveContent");
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
      return remove2(this);
    }
    removeAndKeepContent() {
      return remove2(this, true);
    }
    onEndTag(handler) {
      if (typeof handler !== "function") throw new TypeError("onEndTag() takes a function");
      native.html_on_end_tag(number(this), (number3) => settled(handler(new EndTag(number3))));
    }
  };
  var EndTag = class extends ContentToken {
    get name() {
      return read2(this, "name");
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
      return remove2(this);
    }
  };
  var Replaceable = class extends ContentToken {
    get removed() {
      return read2(this, "removed");
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
      return remove2(this);
    }
  };
  var Comment = class extends Replaceable {
    get text() {
      return read2(this, "text");
    }
    set text(text3) {
      native.html_set(number(this), String(text3));
    }
  };
  var Text = class extends Replaceable {
    get text() {
      return read2(this, "text");
    }
    get lastInTextNode() {
      return read2(this, "lastInTextNode");
    }
  };
  var Doctype = class extends ContentToken {
    get name() {
      return read2(this, "name");
    }
    get publicId() {
      return read2(this, "publicId");
    }
    get systemId() {
      return read2(this, "systemId");
    }
    remove() {
      return remove2(this);
    }
  };
  var DocumentEnd = class extends ContentToken {
    append(value, options) {
      return insert(this, "append", value, options);
    }
  };

  // js/globals.js
  init_messages();
  init_native();

  // js/performance.js
  init_define_CRYPTO_OPERATIONS();
  init_native();
  var originMs = 0;
  function startPerformance() {
    originMs = native.now_us() / 1e3;
  }
  var performance = {
    now: () => native.now_us() / 1e3 - originMs,
    get timeOrigin() {
      return originMs;
    },
    mark() {
    },
    measure() {
    },
    clearMarks() {
    },
    clearMeasures() {
    },
    getEntries: () => [],
    getEntriesByName: () => [],
    getEntriesByType: () => [],
    toJSON() {
      return { timeOrigin: originMs };
    }
  };

  // js/serviceworker.js
  init_define_CRYPTO_OPERATIONS();

  // js/context.js
  init_define_CRYPTO_OPERATIONS();
  init_console();
  init_native();
  var passesThrough = false;
  var isPassingThrough = () => passesThrough;
  function passThroughOnException() {
    passesThrough = true;
  }
  function resetContext() {
    passesThrough = false;
  }
  function waitUntil(promise) {
    native.count_wait_until(1);
    const close = () => native.count_wait_until(-1);
    Promise.resolve(promise).then(close, (error2) => {
      close();
      logUncaught("Uncaught (in waitUntil)", error2);
    });
  }
  var ExecutionContext = class {
    #props;
    constructor(props) {
      this.#props = props;
    }
    get props() {
      return this.#props ??= {};
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
  };
  function own(ctx, method) {
    if (!ExecutionContext.isOne(ctx)) throw new TypeError(`Illegal invocation: ${method} is called without its ctx`);
  }

  // js/serviceworker.js
  init_native();
  var { Event: Event2, EventTarget: EventTarget2, reportError, saveGlobalThisReference } = require_event();
  var target = new EventTarget2();
  var types = /* @__PURE__ */ new Set();
  var globalEvents = {
    addEventListener(type, ...rest) {
      if (native.is_loading()) types.add(String(type));
      target.addEventListener(type, ...rest);
    },
    removeEventListener: (...values) => target.removeEventListener(...values),
    dispatchEvent: (event) => target.dispatchEvent(event),
    reportError: (error2) => Reflect.apply(reportError, globalThis, [error2])
  };
  saveGlobalThisReference(globalThis);
  var listenedTypes = () => [...types];
  var isListenedTo = (type) => types.has(type);
  var ExtendableEvent = class extends Event2 {
    waitUntil(promise) {
      waitUntil(promise);
    }
    passThroughOnException() {
      passThroughOnException();
    }
  };
  var FetchEvent = class extends ExtendableEvent {
    #request;
    #answer = void 0;
    constructor(request) {
      super("fetch", { cancelable: true });
      this.#request = request;
    }
    get request() {
      return this.#request;
    }
    respondWith(response) {
      if (this.#answer !== void 0) throw new DOMException("respondWith() has already been called", "InvalidStateError");
      this.#answer = { response };
      this.stopImmediatePropagation();
    }
    /** { response }, where the response may be a promise; undefined when nobody has answered. */
    static answerOf(event) {
      return event.#answer;
    }
  };
  var ScheduledEvent = class extends ExtendableEvent {
    constructor(cron, scheduledTime) {
      super("scheduled");
      this.cron = cron;
      this.scheduledTime = scheduledTime;
    }
    noRetry() {
    }
  };
  var TailEvent = class extends ExtendableEvent {
    constructor(events) {
      super("tail");
      this.events = events;
      this.traces = events;
    }
  };
  function announce(event) {
    let failure;
    const onError = (error2) => {
      failure = { error: error2.error };
      error2.preventDefault();
    };
    target.addEventListener("error", onError);
    target.dispatchEvent(event);
    target.removeEventListener("error", onError);
    if (failure !== void 0) throw failure.error;
  }
  function answer(request) {
    const event = new FetchEvent(request);
    announce(event);
    const answered = FetchEvent.answerOf(event);
    if (answered === void 0) throw new TypeError("No listener of the fetch event has called respondWith()");
    return answered.response;
  }

  // js/streams.js
  init_define_CRYPTO_OPERATIONS();
  var { TransformStream: TransformStream2 } = require_streams();
  var check = (chunk) => {
    if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
    throw new TypeError("A stream of bytes takes ArrayBuffers and views of them");
  };
  var IdentityTransformStream = class extends TransformStream2 {
    constructor() {
      super({ transform: (chunk, controller) => controller.enqueue(check(chunk)) });
    }
  };
  var FixedLengthStream = class extends TransformStream2 {
    constructor(expected) {
      let left = Number(expected);
      super({
        transform(chunk, controller) {
          const bytes = check(chunk);
          left -= bytes.byteLength;
          if (left < 0) throw new TypeError("More bytes were written to the FixedLengthStream than it was made for");
          controller.enqueue(bytes);
        },
        flush() {
          if (left > 0) throw new TypeError("The FixedLengthStream was closed before all of its bytes were written");
        }
      });
    }
  };

  // js/globals.js
  init_timers();

  // js/webassembly.js
  init_define_CRYPTO_OPERATIONS();
  init_native();
  var webidl2 = require_webidl();
  var CompileError = class extends Error {
  };
  var LinkError = class extends Error {
  };
  var RuntimeError = class extends Error {
  };
  for (const [name, error2] of Object.entries({ CompileError, LinkError, RuntimeError })) {
    Object.defineProperty(error2, "name", { value: name, configurable: true });
    Object.defineProperty(error2.prototype, "name", { value: name, writable: true, configurable: true, enumerable: false });
  }
  var TRAPS = {
    2: "memory access out of bounds",
    3: "table index is out of bounds",
    4: "null function or function signature mismatch",
    5: "unreachable",
    6: "divide by zero",
    7: "divide result unrepresentable",
    8: "remainder by zero",
    9: "float unrepresentable in integer range"
  };
  var TOO_MANY = 11;
  function trap(kind) {
    if (kind in TRAPS) throw new RuntimeError(TRAPS[kind]);
    if (kind === TOO_MANY) throw new RangeError("a request cannot use so many WebAssembly instances");
    throw new RangeError("Maximum call stack size exceeded");
  }
  function list(values, count) {
    const all = [...values];
    if (all.length !== count) throw new TypeError("multi-return length mismatch");
    return all;
  }
  var LETTERS = { i32: "i", i64: "I", f32: "f", f64: "F", v128: "v", externref: "e", anyfunc: "a", funcref: "a" };
  var PAGES_MAX = 65536;
  var LENGTH_MAX = 1e7;
  var VALIDATED_BYTES_MAX = 256 * 1024;
  var MADE = /* @__PURE__ */ Symbol("made");
  function limit(where, name, value, max) {
    const number3 = Math.trunc(Number(value));
    if (!Number.isFinite(number3)) throw new TypeError(`${where}: Property '${name}': value ${String(value)} is not a finite number`);
    if (number3 < 0) throw new TypeError(`${where}: Property '${name}': value ${number3} is below the lower bound`);
    if (number3 > max) throw new TypeError(`${where}: Property '${name}': value ${number3} is above the upper bound`);
    return number3;
  }
  function limits(where, descriptor, max) {
    if (Object(descriptor) !== descriptor) throw new TypeError(`${where}: Argument 0 must be a descriptor`);
    const initial = descriptor.initial ?? descriptor.minimum;
    if (initial === void 0) throw new TypeError(`${where}: Property 'initial' is required`);
    const first = limit(where, "initial", initial, max);
    const last = descriptor.maximum === void 0 ? null : limit(where, "maximum", descriptor.maximum, 4294967295);
    if (last !== null && last < first) throw new RangeError(`${where}: Property 'maximum': value ${last} is below the lower bound ${first}`);
    return [first, last];
  }
  var memories = /* @__PURE__ */ new Map();
  var tables = /* @__PURE__ */ new Map();
  var globals = /* @__PURE__ */ new Map();
  var Memory = class {
    #number;
    #maximum;
    constructor(descriptor, number3, maximum) {
      if (descriptor === MADE) {
        this.#number = number3;
        this.#maximum = maximum;
      } else {
        const where = "WebAssembly.Memory()";
        const [first, last] = limits(where, descriptor, PAGES_MAX);
        if (descriptor.shared) throw new TypeError(`${where}: shared memories are not supported`);
        this.#number = native.wasm_memory(first, last);
        this.#maximum = last;
        if (this.#number === null) throw new RangeError(`${where}: could not allocate memory`);
      }
      memories.set(this.#number, this);
    }
    grow(delta) {
      const where = "WebAssembly.Memory.grow()";
      const pages = limit(where, "delta", delta, 4294967295);
      const before = native.wasm_grow(this.#number, pages);
      if (before === null) throw new RangeError(`${where}: Maximum memory size exceeded`);
      return before;
    }
    get buffer() {
      return native.wasm_buffer(this.#number);
    }
    static number(memory) {
      return Object(memory) === memory && #number in memory ? memory.#number : void 0;
    }
    static maximum(memory) {
      return memory.#maximum;
    }
  };
  var Table = class {
    #number;
    #maximum;
    #letter;
    constructor(descriptor, value, number3, letter, maximum) {
      if (descriptor === MADE) {
        this.#number = number3;
        this.#letter = letter;
        this.#maximum = maximum;
      } else {
        const where = "WebAssembly.Table()";
        const [first, last] = limits(where, descriptor, LENGTH_MAX);
        this.#letter = LETTERS[descriptor.element];
        if (this.#letter !== "a" && this.#letter !== "e") {
          throw new TypeError(`${where}: Descriptor property 'element' must be a WebAssembly reference type`);
        }
        this.#maximum = last;
        this.#number = native.wasm_table(this.#letter === "e", first, last, arguments.length < 2 ? this.#missing() : value);
        if (this.#number === null) throw new RangeError(`${where}: could not allocate table`);
      }
      tables.set(this.#number, this);
    }
    #missing() {
      return this.#letter === "e" ? void 0 : null;
    }
    get length() {
      return native.wasm_length(this.#number);
    }
    get(index) {
      const at2 = limit("WebAssembly.Table.get()", "index", index, 4294967295);
      if (at2 >= this.length) throw new RangeError(`WebAssembly.Table.get(): invalid address ${at2} in table of size ${this.length}`);
      return native.wasm_get(this.#number, at2);
    }
    set(index, value) {
      const where = "WebAssembly.Table.set()";
      const at2 = limit(where, "index", index, 4294967295);
      const given = arguments.length < 2 ? this.#missing() : value;
      if (at2 >= this.length) throw new RangeError(`${where}: invalid address ${at2} in table of size ${this.length}`);
      native.wasm_set(this.#number, at2, given);
    }
    grow(delta, value) {
      const where = "WebAssembly.Table.grow()";
      const by = limit(where, "delta", delta, 4294967295);
      const before = native.wasm_grow_table(this.#number, by, arguments.length < 2 ? this.#missing() : value);
      if (before === null) throw new RangeError(`${where}: failed to grow table by ${by}`);
      return before;
    }
    static number(table) {
      return Object(table) === table && #number in table ? table.#number : void 0;
    }
    static type(table) {
      return [table.#letter, table.#maximum];
    }
  };
  var Global = class {
    #number;
    #letter;
    #isMutable;
    constructor(descriptor, value, number3, letter, isMutable) {
      if (descriptor === MADE) {
        this.#number = number3;
        this.#letter = letter;
        this.#isMutable = isMutable;
      } else {
        const where = "WebAssembly.Global()";
        if (Object(descriptor) !== descriptor) throw new TypeError(`${where}: Argument 0 must be a global descriptor`);
        this.#isMutable = Boolean(descriptor.mutable);
        this.#letter = LETTERS[descriptor.value];
        if (this.#letter === void 0 || this.#letter === "v") {
          throw new TypeError(`${where}: Descriptor property 'value' must be a WebAssembly type`);
        }
        const isMissing = value === void 0 && this.#letter !== "e";
        this.#number = native.wasm_global(this.#letter, isMissing ? void 0 : value);
      }
      globals.set(this.#number, this);
    }
    get value() {
      return native.wasm_read(this.#number);
    }
    set value(value) {
      if (!this.#isMutable) throw new TypeError("set WebAssembly.Global.value: Can't set the value of an immutable global.");
      native.wasm_write(this.#number, value);
    }
    valueOf() {
      return this.value;
    }
    static number(global) {
      return Object(global) === global && #number in global ? global.#number : void 0;
    }
    static type(global) {
      return [global.#letter, global.#isMutable];
    }
  };
  var { number: memoryOf, maximum: memoryMaximum } = Memory;
  var { number: tableOf2, type: tableType } = Table;
  var { number: globalOf, type: globalType } = Global;
  for (const [holder, ...names] of [[Memory, "number", "maximum"], [Table, "number", "type"], [Global, "number", "type"]]) {
    for (const name of names) delete holder[name];
  }
  var Module = class {
    #number;
    #outline;
    constructor(source, outline2) {
      if (source !== MADE) {
        if (!isBytes(source)) throw new TypeError("WebAssembly.Module(): Argument 0 must be a buffer source");
        throw forbidden("WebAssembly.Module()");
      }
      this.#outline = JSON.parse(outline2);
      this.#number = native.wasm_define(outline2);
    }
    static exports(module2) {
      return outlineOf("WebAssembly.Module.exports()", module2)[1].exports.map(([name, kind]) => ({ name, kind }));
    }
    static imports(module2) {
      return outlineOf("WebAssembly.Module.imports()", module2)[1].imports.map(([from, name, kind]) => ({ module: from, name, kind }));
    }
    static customSections(module2, name) {
      const [, outline2] = outlineOf("WebAssembly.Module.customSections()", module2);
      if (name === void 0) throw new TypeError("WebAssembly.Module.customSections(): Argument 1 is required");
      const sections = outline2.custom.filter(([other]) => other === String(name));
      return sections.map(([, bytes]) => Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0)).buffer);
    }
    static outline(module2) {
      return Object(module2) === module2 && #number in module2 ? [module2.#number, module2.#outline] : void 0;
    }
  };
  var { outline } = Module;
  delete Module.outline;
  function outlineOf(where, module2) {
    const found = outline(module2);
    if (found === void 0) throw new TypeError(`${where}: Argument 0 must be a WebAssembly.Module`);
    return found;
  }
  var module = (text3) => new Module(MADE, text3);
  var isBytes = (value) => ArrayBuffer.isView(value) || native.is_array_buffer(value);
  var forbidden = (where) => new CompileError(`${where}: Wasm code generation disallowed by embedder`);
  var Instance = class {
    exports;
    constructor(module2, imports) {
      const where = "WebAssembly.Instance()";
      outlineOf(where, module2);
      link(this, where, module2, imports);
    }
  };
  function link(instance, where, module2, imports) {
    const [number3, outline2] = outlineOf(where, module2);
    if (outline2.imports.length > 0 && Object(imports) !== imports) {
      throw new TypeError(`${where}: Imports argument must be present and must be an object`);
    }
    const found = { function: [], table: [], memory: [], global: [] };
    outline2.imports.forEach(([from, name, kind, index], at2) => {
      const place = `${where}: Import #${at2} "${from}"`;
      const holder = imports[from];
      if (Object(holder) !== holder) throw new TypeError(`${place}: module is not an object or function`);
      found[kind].push(imported[kind](`${place} "${name}"`, holder[name], outline2, index, number3));
    });
    const cells = outline2.globals.map(([letter, isMutable, isCell], index) => {
      if (index < found.global.length) return found.global[index];
      return isCell ? native.wasm_global(letter, void 0) : void 0;
    });
    const memory = outline2.memory === null ? null : found.memory[0] ?? newMemory(where, outline2.memory);
    const ownTables = outline2.tables.map(([letter, first, last], index) => found.table[index] ?? newTable(where, letter, first, last));
    const letters = outline2.globals.map(([letter, , isCell]) => isCell ? "-" : letter).join("");
    const made = native.wasm_instantiate(number3, found.function, memory, ownTables, cells, letters);
    const exports = /* @__PURE__ */ Object.create(null);
    for (const [name, kind, index] of outline2.exports) {
      const value = {
        function: () => native.wasm_function(made, index),
        memory: () => memories.get(memory) ?? new Memory(MADE, memory, outline2.memory[1]),
        table: () => tables.get(ownTables[index]) ?? new Table(MADE, null, ownTables[index], outline2.tables[index][0], outline2.tables[index][2]),
        global: () => globals.get(cells[index]) ?? new Global(MADE, null, cells[index], ...outline2.globals[index])
      }[kind]();
      Object.defineProperty(exports, name, { value, enumerable: true });
    }
    Object.defineProperty(instance, "exports", { value: Object.freeze(exports), enumerable: true, configurable: true });
  }
  function newMemory(where, [first, last]) {
    const memory = native.wasm_memory(first, last);
    if (memory === null) throw new RangeError(`${where}: Out of memory: Cannot allocate Wasm memory for new instance`);
    return memory;
  }
  function newTable(where, letter, first, last) {
    const table = native.wasm_table(letter === "e", first, last, null);
    if (table === null) throw new RangeError(`${where}: Out of memory: Cannot allocate Wasm table for new instance`);
    return table;
  }
  var imported = {
    function(place, value, outline2, index, number3) {
      if (typeof value !== "function") throw new LinkError(`${place}: function import requires a callable`);
      const signature = native.wasm_signature(value);
      if (signature !== null && signature !== native.wasm_imported(number3, index)) {
        throw new LinkError(`${place}: imported function does not match the expected type`);
      }
      return value;
    },
    memory(place, value, outline2) {
      const memory = memoryOf(value);
      if (memory === void 0) throw new LinkError(`${place}: memory import must be a WebAssembly.Memory object`);
      const [first, last] = outline2.memory;
      check2(place, "memory", "pages", native.wasm_pages(memory), memoryMaximum(value), first, last);
      return memory;
    },
    table(place, value, outline2, index) {
      const table = tableOf2(value);
      if (table === void 0) throw new LinkError(`${place}: table import requires a WebAssembly.Table`);
      const [letter, first, last] = outline2.tables[index];
      const [found, maximum] = tableType(value);
      if (found !== letter) throw new LinkError(`${place}: imported table does not match the expected type`);
      check2(place, "table", "elements", native.wasm_length(table), maximum, first, last);
      return table;
    },
    global(place, value, outline2, index) {
      const [letter, isMutable, isCell] = outline2.globals[index];
      const cell = globalOf(value);
      if (cell !== void 0) {
        const [found, foundMutable] = globalType(value);
        if (foundMutable !== isMutable) throw new LinkError(`${place}: imported global does not match the expected mutability`);
        if (found !== letter) throw new LinkError(`${place}: imported global does not match the expected type`);
        return isCell ? cell : value.value;
      }
      if (isMutable) throw new LinkError(`${place}: imported mutable global must be a WebAssembly.Global object`);
      const expected = { i: "number", f: "number", F: "number", I: "bigint" }[letter];
      if (letter === "v" || expected !== void 0 && typeof value !== expected) {
        const what = letter === "I" ? "a BigInt" : "a number, valid Wasm reference,";
        throw new LinkError(`${place}: global import must be ${what} or WebAssembly.Global object`);
      }
      if (letter === "a" && value !== null && native.wasm_signature(value) === null) {
        throw new LinkError(`${place}: imported funcref global must be null or WebAssembly function object`);
      }
      return isCell ? native.wasm_global(letter, value) : value;
    }
  };
  function check2(place, what, unit, size, maximum, first, last) {
    if (size < first) throw new LinkError(`${place}: ${what} import has ${size} ${unit}, which is less than the required ${first} ${unit}`);
    if (last === null) return;
    if (maximum === null) throw new LinkError(`${place}: ${what} import has no maximum limit, expected at most ${last}`);
    if (maximum > last) throw new LinkError(`${place}: ${what} import has a larger maximum size ${maximum} than the module's declared maximum ${last}`);
  }
  async function instantiate(source, imports) {
    const where = "WebAssembly.instantiate()";
    if (outline(source) === void 0) {
      if (!isBytes(source)) throw new TypeError(`${where}: Argument 0 must be a buffer source or a WebAssembly.Module`);
      throw forbidden(where);
    }
    const instance = Object.create(Instance.prototype);
    link(instance, where, source, imports);
    return instance;
  }
  async function compile(source) {
    const where = "WebAssembly.compile()";
    if (!isBytes(source)) throw new TypeError(`${where}: Argument 0 must be a buffer source`);
    throw forbidden(where);
  }
  function validate(source) {
    const where = "WebAssembly.validate()";
    if (!isBytes(source)) throw new TypeError(`${where}: Argument 0 must be a buffer source`);
    const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
    if (bytes.length > VALIDATED_BYTES_MAX) throw new RangeError(`${where}: at most ${VALIDATED_BYTES_MAX} bytes are looked at here`);
    return native.wasm_validate(bytes);
  }
  var WebAssembly = {};
  for (const [name, value] of Object.entries({ Module, Instance, Memory, Table, Global, CompileError, LinkError, RuntimeError, instantiate, compile, validate })) {
    Object.defineProperty(WebAssembly, name, { value, writable: true, configurable: true, enumerable: false });
  }
  for (const [name, value] of Object.entries({ WebAssembly, "WebAssembly.Module": Module, "WebAssembly.Instance": Instance, "WebAssembly.Memory": Memory, "WebAssembly.Table": Table, "WebAssembly.Global": Global })) {
    const target2 = name === "WebAssembly" ? WebAssembly : value.prototype;
    Object.defineProperty(target2, Symbol.toStringTag, { value: name, configurable: true });
  }
  for (const [name, value] of Object.entries({ Module, Instance, Memory, Table, Global })) {
    Object.defineProperty(value, "name", { value: name, configurable: true });
    Object.defineProperty(value.prototype, webidl2.brand, { value: webidl2.brand });
  }

  // js/globals.js
  var take = (exports, ...names) => Object.fromEntries(names.map((name) => [name, exports[name]]));
  var classes = {
    ...take(require_dom_exception(), "DOMException"),
    ...take(require_url(), "URL", "URLSearchParams"),
    ...take(require_urlpattern(), "URLPattern"),
    ...take(
      require_event(),
      "Event",
      "EventTarget",
      "CustomEvent",
      "ErrorEvent",
      "MessageEvent",
      "CloseEvent",
      "PromiseRejectionEvent"
    ),
    ...take(require_abort_signal(), "AbortController", "AbortSignal"),
    ...take(
      require_streams(),
      "ReadableStream",
      "ReadableStreamDefaultReader",
      "ReadableStreamBYOBReader",
      "ReadableStreamDefaultController",
      "ReadableByteStreamController",
      "ReadableStreamBYOBRequest",
      "WritableStream",
      "WritableStreamDefaultWriter",
      "WritableStreamDefaultController",
      "TransformStream",
      "TransformStreamDefaultController",
      "ByteLengthQueuingStrategy",
      "CountQueuingStrategy"
    ),
    ...take(require_text_encoding(), "TextEncoder", "TextDecoder", "TextEncoderStream", "TextDecoderStream"),
    ...take(require_file(), "Blob", "File"),
    ...take(require_compression(), "CompressionStream", "DecompressionStream"),
    ...take(require_deno_fetch_20_headers(), "Headers"),
    ...take(require_formdata(), "FormData"),
    ...take(require_request(), "Request"),
    ...take(require_deno_fetch_23_response(), "Response"),
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
    MessageChannel: MessageChannel2,
    MessagePort,
    WebSocket: unsupported("WebSocket"),
    WebSocketPair: unsupported("WebSocketPair")
  };
  var functions = {
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
    ...globalEvents
  };
  var navigator = {
    userAgent: "Cloudflare-Workers",
    hardwareConcurrency: 1,
    language: "en",
    languages: ["en"],
    platform: ""
  };
  var objects = { caches, console, crypto, navigator, performance, scheduler, self: globalThis, WebAssembly };
  function define() {
    for (const [name, value] of Object.entries({ ...classes, ...functions, ...objects })) {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
    }
    for (const [name, value] of Object.entries(classes)) Object.defineProperty(value, "name", { value: name, configurable: true });
    Object.defineProperty(globalThis, Symbol.toStringTag, { value: "ServiceWorkerGlobalScope", configurable: true });
    Math.random = { random: () => native.random_number() }.random;
    delete URL.createObjectURL;
    delete URL.revokeObjectURL;
  }
  function unsupported(name) {
    return {
      [name]: class {
        constructor() {
          throw new Error(`${name} is not supported here`);
        }
      }
    }[name];
  }

  // js/main.js
  init_native();

  // js/practice.js
  init_define_CRYPTO_OPERATIONS();

  // js/request.js
  init_define_CRYPTO_OPERATIONS();
  init_native();
  var { fromInnerRequest, RequestPrototype, toInnerRequest } = require_request();
  var VISITOR = 0;
  function incomingRequest(method, url, hasBody) {
    return fromInnerRequest(new Incoming(method, url, hasBody ? new HostBody(VISITOR) : null), "immutable");
  }
  var Incoming = class {
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
      return this.list ??= native.request_headers();
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
  };
  Object.assign(Incoming.prototype, {
    // As on Cloudflare: whoever passes the request on gets a redirect as it came.
    redirectMode: "manual",
    redirectCount: 0,
    clientRid: null,
    blobUrlEntry: null,
    list: null,
    cf: readCf
  });
  function readCf() {
    const json = native.request_cf();
    return json === "" ? void 0 : JSON.parse(json);
  }
  Object.defineProperty(RequestPrototype, "cf", {
    get() {
      const inner = toInnerRequest(this);
      if (typeof inner.cf === "function") inner.cf = inner.cf();
      return inner.cf;
    },
    enumerable: true,
    configurable: true
  });

  // js/practice.js
  var { Headers: Headers3 } = require_deno_fetch_20_headers();
  var { Request } = require_request();
  var { getInnerResponse, Response: Response2 } = require_deno_fetch_23_response();
  var { URL: URL3 } = require_url();
  function practise() {
    const url = "https://a.example/b?c=d";
    const request = incomingRequest("GET", url, false);
    new ExecutionContext(void 0);
    new URL3(request.url).searchParams.get("c");
    for (const _ of new Headers3({ a: "b" })) break;
    const given = { status: 201, headers: { a: "b" } };
    const responses2 = [new Response2("a"), new Response2("a", given), new Response2(null, given), new Response2(new Uint8Array(1)), Response2.json({}, given)];
    for (const response of responses2) [response.headers, response.body, getInnerResponse(response).headerList];
    new Request(url, { method: "POST", headers: { a: "b" }, body: "a" }).headers.get("a");
  }

  // js/main.js
  init_timers();

  // js/worker.js
  init_define_CRYPTO_OPERATIONS();

  // js/bindings.js
  init_define_CRYPTO_OPERATIONS();

  // js/analytics.js
  init_define_CRYPTO_OPERATIONS();
  init_native();
  var WRITE = 71;
  var AnalyticsEngineDataset = class {
    #binding;
    constructor(binding) {
      this.#binding = binding;
    }
    writeDataPoint(point = void 0) {
      const { indexes, blobs, doubles } = point ?? {};
      const values = [list2("indexes", indexes, blob), list2("blobs", blobs, blob), list2("doubles", doubles, Number)];
      call(WRITE, this.#binding, ...values);
    }
  };
  function list2(name, values, read3) {
    if (values === void 0 || values === null) return [];
    if (!Array.isArray(values)) throw new TypeError(`writeDataPoint(): \`${name}\` is an array, as in { ${name}: [value] }`);
    return values.map((value) => read3(value));
  }
  function blob(value) {
    if (value === void 0 || value === null) return null;
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return native.is_array_buffer(value) ? new Uint8Array(value) : `${value}`;
  }

  // js/kv.js
  init_define_CRYPTO_OPERATIONS();
  init_native();
  var { Response: Response3 } = require_deno_fetch_23_response();
  var { ReadableStream: ReadableStream3 } = require_streams();
  var GET = 20;
  var GET_MANY = 21;
  var PUT = 22;
  var DELETE = 23;
  var LIST = 24;
  var SMALL = 1;
  var LARGE = 2;
  var VALUE_BYTES_MAX = 25 << 20;
  var TYPES = ["text", "json", "arrayBuffer", "stream"];
  var KvNamespace = class {
    #binding;
    constructor(binding) {
      this.#binding = binding;
    }
    async get(key, options = void 0) {
      const found = await this.#read(key, options);
      if (!(found instanceof Map)) return found.value;
      for (const [name, { value }] of found) found.set(name, value);
      return found;
    }
    async getWithMetadata(key, options = void 0) {
      return await this.#read(key, options);
    }
    async put(key, value, options = void 0) {
      const bytes = await bytesOf(value);
      const { expiration, expirationTtl, metadata } = options ?? {};
      const described = metadata === void 0 || metadata === null ? void 0 : JSON.stringify(metadata);
      await done(PUT, [this.#binding, text2(key), bytes, number2(expiration), number2(expirationTtl), described]);
    }
    async delete(key) {
      await done(DELETE, [this.#binding, text2(key)]);
    }
    async list(options = void 0) {
      const { prefix, limit: limit2, cursor } = options ?? {};
      const payload = await done(LIST, [this.#binding, text2(prefix ?? ""), number2(limit2), text2(cursor ?? "")]);
      return JSON.parse(native.decode(payload, true));
    }
    async #read(key, options) {
      const { type = "text", cacheTtl } = typeof options === "string" ? { type: options } : options ?? {};
      if (!TYPES.includes(type)) {
        throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
      }
      if (Array.isArray(key)) return this.#readMany(key.map(text2), type, cacheTtl);
      const { handle: handle2, payload } = await start3(GET, [this.#binding, text2(key), number2(cacheTtl)]);
      const [state, isCached] = payload;
      const described = payload[2] | payload[3] << 8;
      const cacheStatus = isCached ? "HIT" : "MISS";
      const metadata = described === 0 ? null : JSON.parse(native.decode(payload.subarray(4, 4 + described), true));
      if (state !== SMALL && state !== LARGE) return { value: null, metadata: null, cacheStatus };
      const inline2 = state === SMALL ? payload.subarray(4 + described) : void 0;
      return { value: await valueOf(type, handle2, inline2), metadata, cacheStatus };
    }
    async #readMany(keys2, type, cacheTtl) {
      if (type !== "text" && type !== "json") {
        throw new TypeError(`"${type}" is not a valid type for several keys. Use "json" or "text"`);
      }
      const payload = await done(GET_MANY, [this.#binding, keys2, number2(cacheTtl)]);
      const found = /* @__PURE__ */ new Map();
      JSON.parse(native.decode(payload, true)).forEach(([value, metadata, isCached], at2) => {
        found.set(keys2[at2], {
          value: type === "json" && value !== null ? JSON.parse(value) : value,
          metadata,
          cacheStatus: isCached ? "HIT" : "MISS"
        });
      });
      return found;
    }
  };
  async function start3(operation, values) {
    const handle2 = native.start(operation, values);
    return { handle: handle2, payload: await whenDone(handle2) };
  }
  var done = async (operation, values) => (await start3(operation, values)).payload;
  var text2 = (value) => `${value}`;
  var number2 = (value) => value === void 0 || value === null ? void 0 : Number(value);
  async function valueOf(type, handle2, inline2) {
    if (type === "stream") {
      return inline2 === void 0 ? new HostBody(handle2).stream : new Response3(inline2).body;
    }
    const bytes = inline2 ?? await new HostBody(handle2).consume();
    switch (type) {
      case "arrayBuffer":
        return bytes.slice().buffer;
      case "json":
        return JSON.parse(native.decode(bytes, true));
      default:
        return native.decode(bytes, true);
    }
  }
  async function bytesOf(value) {
    if (typeof value === "string") return native.encode(value);
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (value instanceof ReadableStream3) return collected(value);
    throw new TypeError("KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.");
  }
  async function collected(stream) {
    const reader = stream.getReader();
    const chunks = [];
    let length = 0;
    for (; ; ) {
      const { done: done2, value } = await reader.read();
      if (done2) break;
      if (!(value instanceof Uint8Array)) throw new TypeError("A stream that is put must give Uint8Array chunks");
      chunks.push(value);
      length += value.byteLength;
      if (length > VALUE_BYTES_MAX) {
        await reader.cancel();
        throw new Error(`KV PUT failed: 413 Value length of more than ${VALUE_BYTES_MAX} exceeds limit of ${VALUE_BYTES_MAX}.`);
      }
    }
    const all = new Uint8Array(length);
    let at2 = 0;
    for (const chunk of chunks) {
      all.set(chunk, at2);
      at2 += chunk.byteLength;
    }
    return all;
  }

  // js/ratelimit.js
  init_define_CRYPTO_OPERATIONS();
  var LIMIT = 70;
  var RateLimit = class {
    #binding;
    constructor(binding) {
      this.#binding = binding;
    }
    async limit(options = void 0) {
      const key = options?.key;
      if (typeof key !== "string") {
        const call3 = `env.${this.#binding}.limit({ key: \u2026 })`;
        throw new TypeError(`${call3} needs what is to be counted as \`key\`, a string; got ${key === null ? "null" : typeof key}`);
      }
      return { success: call(LIMIT, this.#binding, key) };
    }
  };

  // js/bindings.js
  var PARTS = ["wasm_module", "text_blob", "data_blob"];
  function bindingsOf(json, env2) {
    const kinds = JSON.parse(json);
    const bound2 = {}, keys2 = [];
    for (const name of Object.keys(kinds)) {
      const kind = kinds[name];
      if (typeof kind === "object") keys2.push([name, kind]);
      else if (!PARTS.includes(kind) || !Object.hasOwn(env2, name)) bound2[name] = bindingOf(name, kind);
    }
    return { bound: bound2, keys: keys2.length === 0 ? void 0 : keysOf(keys2) };
  }
  async function keysOf(keys2) {
    const bound2 = {};
    for (const [name, described] of keys2) bound2[name] = await keyOf2(name, described);
    return bound2;
  }
  var { subtle } = crypto;
  var importKey = subtle.importKey.bind(subtle);
  async function keyOf2(name, { format, algorithm, usages, key_base64: encoded, key_jwk: jwk }) {
    try {
      const data = jwk ?? Uint8Array.from(atob(String(encoded)), (byte) => byte.charCodeAt(0));
      return await importKey(jwk === void 0 ? format : "jwk", data, algorithm, false, usages);
    } catch (error2) {
      return missingKey(name, `its key cannot be imported (${error2.message}); look at its \`format\`, \`algorithm\` and \`usages\``);
    }
  }
  function bindingOf(name, kind) {
    switch (kind) {
      case "dispatch_namespace":
        return new DispatchNamespace(name);
      case "assets":
      case "service":
        return new Fetcher(name, "", "");
      case "kv_namespace":
        return new KvNamespace(name);
      case "analytics_engine":
        return new AnalyticsEngineDataset(name);
      case "ratelimit":
        return new RateLimit(name);
      case "wasm_module":
      case "text_blob":
      case "data_blob":
        return missing(name, "its part was not uploaded with this version of the Worker");
      default:
        return missing(name, `bindings of type "${kind}" lead nowhere on this edge`);
    }
  }
  var Fetcher = class {
    #binding;
    #worker;
    #options;
    constructor(binding, worker2, options) {
      this.#binding = binding;
      this.#worker = worker2;
      this.#options = options;
    }
    fetch(input, init = void 0) {
      return send(input, init, { binding: this.#binding, worker: this.#worker, options: this.#options });
    }
  };
  var DispatchNamespace = class {
    #binding;
    constructor(binding) {
      this.#binding = binding;
    }
    /** The user worker of this name. Whether there is one shows when it is called. */
    get(name, args = void 0, options = void 0) {
      if (typeof name !== "string" && !(name instanceof String)) {
        throw new TypeError(`${this.#binding}.get() needs a Worker's name, a string`);
      }
      return new Fetcher(this.#binding, String(name), optionsOf(args, options));
    }
  };
  var LIMITS = {
    __proto__: null,
    cpuMs: "cpu_ms",
    subRequests: "subrequests",
    memoryMb: "memory_mb",
    wallMs: "wall_ms",
    concurrency: "concurrency",
    requestsPerSecond: "requests_per_second",
    requestBytes: "request_bytes",
    responseBytes: "response_bytes",
    logBytes: "log_bytes",
    outgoingConnections: "outgoing_connections",
    waitUntilMs: "wait_until_ms",
    bodyIdleMs: "body_idle_ms"
  };
  function optionsOf(args, options) {
    const limits2 = options?.limits, outbound = options?.outbound;
    const told2 = {};
    if (isObject(args) && Object.keys(args).length > 0) told2.props = args;
    if (isObject(limits2)) told2.limits = limitsOf(limits2);
    if (isObject(outbound)) told2.outbound = outbound;
    return Object.keys(told2).length > 0 ? JSON.stringify(told2) : "";
  }
  function limitsOf(limits2) {
    const told2 = {};
    for (const key of Object.keys(limits2)) {
      const name = LIMITS[key], value = limits2[key];
      if (name === void 0) throw new TypeError(`There is no limit ${key}; there are ${Object.keys(LIMITS).join(", ")}`);
      if (value === void 0 || value === null) continue;
      if (typeof value !== "number" || !(value >= 0)) throw new TypeError(`The limit ${key} must be a number, and not below 0`);
      told2[name] = Math.floor(Math.min(value, Number.MAX_SAFE_INTEGER));
    }
    return told2;
  }
  var isObject = (value) => typeof value === "object" && value !== null;
  function missing(name, why) {
    const refuse = refusal(name, why);
    return new Proxy({}, { get: (_, key) => isLook(key) ? void 0 : refuse });
  }
  function missingKey(name, why) {
    const refuse = refusal(name, why);
    return new Proxy({}, { get: (_, key) => isLook(key) ? void 0 : refuse(), getPrototypeOf: refuse });
  }
  var refusal = (name, why) => () => {
    throw new Error(`env.${name} cannot be used: ${why}`);
  };
  var isLook = (key) => typeof key === "symbol" || key === "then" || key === "toJSON";

  // js/worker.js
  init_console();
  init_inspect();
  init_native();

  // js/workers.js
  init_define_CRYPTO_OPERATIONS();
  var env = {};
  var WorkerEntrypoint = class {
    constructor(ctx, env2) {
      this.ctx = ctx;
      this.env = env2;
    }
  };
  var DurableObject = class {
    constructor(ctx, env2) {
      this.ctx = ctx;
      this.env = env2;
    }
  };
  var WorkflowEntrypoint = class {
    constructor(ctx, env2) {
      this.ctx = ctx;
      this.env = env2;
    }
  };
  var RpcTarget = class {
  };
  var workers = { WorkerEntrypoint, DurableObject, WorkflowEntrypoint, RpcTarget, env, waitUntil };

  // js/worker.js
  var { PromiseRejectionEvent } = require_event();
  var { primordials } = require_bootstrap();
  var { getInnerResponse: getInnerResponse2, Response: Response4 } = require_deno_fetch_23_response();
  var HANDLERS = ["fetch", "scheduled", "queue", "tail", "trace", "email", "alarm", "test"];
  var THREW = 0;
  var NO_RESPONSE = 2;
  var NO_HANDLER = 3;
  var THREW_AND_PASSES_THROUGH = 4;
  var INLINE2 = 0;
  var STREAMED2 = 1;
  var SOURCE2 = 2;
  var NULL_BODY = 3;
  var CODED = 256;
  var worker = { isModule: true, main: void 0, exports: void 0 };
  function configure(isModule, options) {
    worker.isModule = isModule;
    const { bound: bound2 = [] } = JSON.parse(options);
    bind(Object.fromEntries(bound2.map(([name, part]) => [name, native.module_value(part)])));
  }
  function loaded(namespace) {
    forbidCompiling();
    worker.main = namespace?.default;
    worker.exports = namespace;
    const handlers = worker.isModule ? handlersOf(worker.main) : listenedTypes().filter((type) => HANDLERS.includes(type));
    const entrypoints = {};
    for (const name of Object.keys(namespace ?? {})) {
      if (name === "default") continue;
      const found = handlersOf(namespace[name]);
      if (found.length > 0 || isEntrypoint(namespace[name])) entrypoints[name] = found;
    }
    if (handlers.length === 0 && Object.keys(entrypoints).length === 0) {
      const message = "The uploaded script has no registered event handlers.";
      return JSON.stringify({ error: { kind: "no_handler", message, stack: "" } });
    }
    return JSON.stringify({ handlers, entrypoints });
  }
  function forbidCompiling() {
    const refuse = (name, prototype) => {
      const refused2 = function() {
        throw new EvalError("Code generation from strings disallowed for this context");
      };
      Object.defineProperty(refused2, "name", { value: name, configurable: true });
      if (prototype === void 0) return refused2;
      Object.defineProperty(refused2, "prototype", { value: prototype });
      Object.defineProperty(prototype, "constructor", { value: refused2, writable: true, configurable: true });
      return refused2;
    };
    globalThis.eval = refuse("eval");
    globalThis.Function = refuse("Function", Function.prototype);
    refuse("AsyncFunction", Object.getPrototypeOf(async () => {
    }));
    refuse("GeneratorFunction", Object.getPrototypeOf(function* () {
    }));
    refuse("AsyncGeneratorFunction", Object.getPrototypeOf(async function* () {
    }));
  }
  var isClass = (value) => typeof value === "function" && typeof value.prototype === "object";
  function isEntrypoint(value) {
    if (!isClass(value)) return false;
    return [WorkerEntrypoint, DurableObject, WorkflowEntrypoint].some((base) => base.prototype.isPrototypeOf(value.prototype));
  }
  function handlersOf(value) {
    if (isClass(value)) {
      const names = isEntrypoint(value) ? methodsOf(value.prototype) : [];
      return names.filter((name) => HANDLERS.includes(name));
    }
    if (typeof value !== "object" || value === null) return [];
    return HANDLERS.filter((name) => typeof value[name] === "function");
  }
  function methodsOf(prototype) {
    const names = /* @__PURE__ */ new Set();
    for (let it = prototype; it !== null && it !== Object.prototype; it = Object.getPrototypeOf(it)) {
      for (const name of Object.getOwnPropertyNames(it)) names.add(name);
    }
    return [...names];
  }
  function handle(method, url, hasBody, bindings, callees, entrypoint, props, event) {
    startPerformance();
    resetContext();
    try {
      if (bindings !== void 0) bind(JSON.parse(bindings));
      const begin2 = () => handleBound(method, url, hasBody, entrypoint, props, event);
      if (callees === void 0) return begin2();
      const { bound: bound2, keys: keys2 } = bindingsOf(callees, env);
      bind(bound2);
      if (keys2 === void 0) return begin2();
      then(keys2, (imported2) => {
        bind(imported2);
        begin2();
      }, failed);
    } catch (error2) {
      failed(error2);
    }
  }
  function handleBound(method, url, hasBody, entrypoint, props, event) {
    try {
      const response = event === void 0 ? call2(incomingRequest(method, url, hasBody), entrypoint, props) : happened(JSON.parse(event));
      if (response instanceof Promise) {
        then(response, respond2, failed);
      } else if (typeof response?.then === "function") {
        then(Promise.resolve(response), respond2, failed);
      } else {
        respond2(response);
      }
    } catch (error2) {
      failed(error2);
    }
  }
  var then = primordials.PromisePrototypeThen;
  function bind(bindings) {
    Object.assign(env, bindings);
    node.bind(bindings);
    if (worker.isModule) return;
    for (const name of Object.keys(bindings)) {
      Object.defineProperty(globalThis, name, { value: bindings[name], writable: true, configurable: true, enumerable: true });
    }
  }
  var NOTHING = Object.freeze({ nothing: true });
  function call2(request, entrypoint, props) {
    if (!worker.isModule) return isListenedTo("fetch") ? answer(request) : NOTHING;
    const main = entrypoint === void 0 ? worker.main : worker.exports?.[entrypoint];
    const ctx = new ExecutionContext(props === void 0 ? void 0 : JSON.parse(props));
    if (typeof main === "function") {
      const instance = new main(ctx, env);
      return typeof instance.fetch === "function" ? instance.fetch(request) : NOTHING;
    }
    return typeof main?.fetch === "function" ? main.fetch(request, env, ctx) : NOTHING;
  }
  function happened({ cron, scheduledTime, tail }) {
    if (tail === void 0) {
      const controller = { cron, scheduledTime, type: "scheduled", noRetry() {
      } };
      return told("scheduled", controller, () => new ScheduledEvent(cron, scheduledTime));
    }
    const items = tail.map(traceItem);
    return told("tail", items, () => new TailEvent(items));
  }
  async function told(name, value, event) {
    if (!worker.isModule) {
      if (!isListenedTo(name)) return NOTHING;
      announce(event());
      return new Response4(null, { status: 204 });
    }
    const { main } = worker;
    const ctx = new ExecutionContext();
    const handler = typeof main === "function" ? new main(ctx, env) : main;
    if (typeof handler?.[name] !== "function") return NOTHING;
    await handler[name](value, env, ctx);
    return new Response4(null, { status: 204 });
  }
  function traceItem(item) {
    const request = item.event?.request;
    if (request === void 0) return item;
    const { unredacted, ...shown2 } = request;
    const whole = { ...shown2, ...unredacted };
    for (const it of [shown2, whole]) {
      Object.defineProperty(it, "getUnredacted", { value: () => whole });
    }
    return { ...item, event: { ...item.event, request: shown2 } };
  }
  function respond2(response) {
    if (response === NOTHING) {
      return native.fail(NO_HANDLER, "The Worker has no handler for this event");
    }
    const inner = getInnerResponse2(response);
    if (inner === void 0) return native.fail(NO_RESPONSE, "The handler did not return a Response");
    try {
      send2(inner);
    } catch (error2) {
      failed(error2);
    }
  }
  function send2(inner) {
    const { status } = inner;
    if (status === 0) throw new TypeError("Response.error() cannot be given to a visitor");
    if (status === 101) throw new TypeError("WebSockets are not supported: a Worker cannot answer with status 101");
    const coded = inner.isCoded === true ? CODED : 0;
    if (typeof inner.text === "string") {
      return native.respond(INLINE2 | coded, status, inner.statusMessage, inner.list, inner.text, inner.contentType);
    }
    const held = inner.body;
    if (held?.unusable()) {
      throw new TypeError("The Response's body has already been used. It can only be used once; use clone() before reading it");
    }
    const body = outgoing(held);
    const head = (kind, content2) => native.respond(kind, status, inner.statusMessage, inner.headerList, content2);
    if (body === null) return head(NULL_BODY);
    if (body.bytes !== void 0) return head(INLINE2 | coded, body.bytes);
    if (body.source !== void 0) return head(SOURCE2, body.source);
    head(STREAMED2 | coded);
    pump(body.stream, 0).catch((error2) => logUncaught("Uncaught (in response body)", error2));
  }
  function failed(error2) {
    native.fail(isPassingThrough() ? THREW_AND_PASSES_THROUGH : THREW, textOf(error2));
  }
  function textOf(error2) {
    try {
      return error2 instanceof Error ? describeError(error2) : String(error2);
    } catch {
      return "An exception that cannot be shown";
    }
  }
  function rejected(promise, reason) {
    const event = new PromiseRejectionEvent("unhandledrejection", { cancelable: true, promise, reason });
    if (globalEvents.dispatchEvent(event)) logUncaught("Uncaught (in promise)", reason);
  }

  // js/main.js
  define();
  practise();
  native.hooks = {
    configure,
    loaded,
    handle,
    event: deliver,
    timer: fire,
    rejected,
    require: requireModule,
    workers,
    node,
    module,
    trap,
    list
  };
  var { primordials: primordials2 } = require_bootstrap();
  for (const name of Reflect.ownKeys(primordials2)) Reflect.deleteProperty(primordials2, name);
})();
//# heat=yo,3,71,7xm,5,ppm,1;1vag,9,19,5,f,6,2,1,1,20,26,h,6,1,1,1,1,1,1,2,2,1,2,8,4,1,r,3,1,j,1,1,10,2j,1,1p,p,1,3,3,3,3,1,1,1,1,k,1,1,k,1,1,1b,f,1,1,3x,13,2m,52,1,1,1,1,1,6,35,1,1i,3,5,5,j,5,5,5,1w,c,8,4,1a,4,4,4,8,2f,1,bu,2j,d,2m,3r,1,39,h,1y,1d,55,2c,20,32,1,7a,2,3b,z,1,4,o,md,r5,5,p,2i,p,5,h,1i,1,2,4,1,1,1,1,c,9,1,1,5,3,1,1,5,e,5,2,7,2,c,j,1,2,2,1,1,b,9x,17,1s,2h,aa,6,6,3,j,4,l,7,1b,4,7,6,2,b6,2,2,a,o,1,g,6,i,4,9,c,8,2,2,5a,18u,3,2,2,2,2,8,2,2,4,2,3,2,4,5,2,8,q,1,2,2,2,5,2,8,2,3,2,2,o,4,8,b,2,2,7,2,4,2,b,9,3,2,3,2,4i,19,6q,j,2,1,2,3,3,2,4,1,52,2,2,2,2,3s,1,5,2,2,f,2,1,1o,63,13,1v,2a,2,8,2,2,2,2,2,1,2h,2,1,1,a,29,1,u,2,1,1,1,2,1,1,2,2,1,2,2,2,2,2,3,h,2,2,2,2,2,2,1,4,i,1f,1l,9w,t,65,6,4,2,3n,1,1,d,6,i,d,u,9o,fb,6j,7a,5y,1y,4g,2jf,jq,e,e,8o,62,1y,3g,12g,2i,1t2,52,5,2,1jn,n7,16x,2,2,8,4,2,1,a,6,1,2,1,k,8,1,6,1j,5,2,2,f,1,p,1f,2,1,1,4,28,2,6,3,2,5x,1,n,o,5,33,2,1,13,1,2,2,1,1,2,2,1,3,x,1b,1,7,2,2,1,1,1,7,4,5,7,8,2,15,2,2,1,1,1j,1h,37,q,1u,2,2,1,1,1,1,1,2,1,1,g,2,2,1,1,i,7,k,2,8,2,r,2,s,2,h,2,1,3,2,2,6,2,2,11,35,1r,a,1w,ah,9o,5h,oh,3,c4,g4,4a,6d,ph,4d,gq,1m,io,1m,1ue,r,18,6,6,2,1,9l,14m,iu,2,7,2,1,9,5,2,2,1,1,1,5,k,e,2,1,1,1,1,1,2,2,1,1,t,1,3,2,2,1,1,1,1,1,1,1,2,2,1,2,2,2,7,2,2,2,2,2,1,1,a,2,1,2,2,4,6,2,1,2,4,2,2,2,1,7,5,2,1,1,1,1,o,3,2,1,1,3l,1,4,16,1,1,f,r,1,1,1,1,2,2,o,2,2,1,1,1,1,3,6,1,2,1,2,1,2,1,1,4,2,k,2,6,2,1,3,2,3,2,o,q,1,40,3u,2,1,2,2,5h,1,1,1,1,1,1,1,5,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,5,1,1,1,7,1,8,4,6,c,b,2,2,5,1,1,t,2,1,1,3,2,1,1,3,1,1,v,2,2,1,1,1,4,17,6,1,3,2,2,1,1,2,1,1,2,4,2,2,1,2,2,2,1,z,2,1,u,2,4,5,2,1,2,1,16,5j,1,13,5,96,fe,2,2,1,1,1,1,6,2,1,1,2,1,1,2,6,1,2,1fk,2,2,1,1,1,7,2,2,2,e,1,5u,3,1,lb,1,mk,1n,1a,1r,2,11,6,1u,b,a,7,d,15,s,d,8,k,4y
