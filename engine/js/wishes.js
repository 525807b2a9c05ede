// What a `fetch` asks of caches: `cf.cache…` and `cache`.

const CACHE_MODES = new Set(["no-store", "no-cache", "reload"]);

const isText = (value) => typeof value === "string";
const isSeconds = (value) => typeof value === "number" && Number.isFinite(value);

/** What each may be, and how that is said. */
const WISHES = {
  cacheTtl: [isSeconds, "a number of seconds"],
  cacheEverything: [(value) => typeof value === "boolean", "true or false"],
  cacheKey: [isText, "a string"],
  cacheTags: [(value) => Array.isArray(value) && value.every(isText), "an array of strings"],
  cacheTtlByStatus: [
    (value) => typeof value === "object" && !Array.isArray(value) && Object.values(value).every(isSeconds),
    "an object that gives a number of seconds for each status or range, such as { \"200-299\": 60 }",
  ],
};

/** As JSON for the host; empty when nothing is asked. */
export function wishesOf({ cf, cacheMode }) {
  let told = null;
  if (typeof cf === "object" && cf !== null) {
    for (const name of Object.keys(WISHES)) {
      const value = cf[name];
      if (value === undefined || value === null) continue;
      const [isRight, what] = WISHES[name];
      if (!isRight(value)) throw new TypeError(`cf.${name} must be ${what}`);
      (told ??= {})[name] = value;
    }
  }
  if (cacheMode !== undefined && CACHE_MODES.has(cacheMode)) (told ??= {}).cache = cacheMode;
  return told === null ? "" : JSON.stringify(told);
}
