// node:url

import url, * as all from "unenv/node/url";

export * from "unenv/node/url";
export const { URL, URLSearchParams, URLPattern } = globalThis;
export default { ...all, ...url, URL, URLSearchParams, URLPattern };
