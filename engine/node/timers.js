// node:timers: the global ones. Their ids are numbers here, as in all of the web.

import promises from "node:timers/promises";

export const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = globalThis;
export { promises };
export default { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate, promises };
