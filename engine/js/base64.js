// atob() and btoa(): QuickJS's own, with the DOMException that scripts find in the global scope.

const { DOMException } = require("ext:deno_web/01_dom_exception.js");

const wrapped = (name, convert, complaint) =>
  ({
    [name](data) {
      if (arguments.length === 0) throw new TypeError(`${name}() needs an argument`);
      const text = `${data}`;
      try {
        return convert(text);
      } catch {
        throw new DOMException(complaint, "InvalidCharacterError");
      }
    },
  })[name];

export const atob = wrapped("atob", globalThis.atob, "atob() called with invalid base64-encoded data");
export const btoa = wrapped("btoa", globalThis.btoa, "btoa() can only operate on characters in the Latin1 range");
