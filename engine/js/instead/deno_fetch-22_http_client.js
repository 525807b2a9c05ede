// Deno's own extension of fetch.
module.exports = { HttpClientPrototype: {} };
