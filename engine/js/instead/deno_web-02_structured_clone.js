// Loaded when first called, because it stands on classes that are loaded after the streams.
module.exports = { structuredClone: (value) => require("../clone.js").structuredClone(value) };
