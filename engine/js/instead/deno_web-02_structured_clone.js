// What Deno's streams clone is chunks of bytes; everything else goes through core-js, as the global function does.
module.exports = { structuredClone: (value) => require("../clone.js").structuredClone(value) };
