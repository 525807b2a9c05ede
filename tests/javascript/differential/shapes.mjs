// The shapes that programs and their requests are written in.

export const handler = (body) => `export default {\n async fetch(request, env, ctx) {\n${body}\n },\n};`;
export const get = (path, headers = {}) => ({ method: 'GET', path, headers });
export const post = (path, body, headers = {}) => ({ method: 'POST', path, headers, body });

/** What a template may draw from: the same seed gives the same programs. */
export function randomness(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (low, high) => low + Math.floor(next() * (high - low + 1));
  const pick = (list) => list[int(0, list.length - 1)];
  const shuffle = (list) => list.map((value) => [next(), value]).sort(([a], [b]) => a - b).map(([, value]) => value);
  return { int, pick, shuffle };
}
