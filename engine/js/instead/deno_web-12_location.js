// A worker has no address of its own: relative URLs are errors.
module.exports = { getLocationHref: () => undefined };
