// structuredClone: core-js's, taken from the global it is put on.

import "core-js/actual/structured-clone.js";

export const structuredClone = globalThis.structuredClone;
