// performance: the time since the request began. The clock stands still while the worker computes.

import { native } from "./native.js";

let originMs = 0;

export function startPerformance() {
  originMs = native.now_us() / 1000;
}

export const performance = {
  now: () => native.now_us() / 1000 - originMs,
  get timeOrigin() {
    return originMs;
  },
  mark() {},
  measure() {},
  clearMarks() {},
  clearMeasures() {},
  getEntries: () => [],
  getEntriesByName: () => [],
  getEntriesByType: () => [],
  toJSON() {
    return { timeOrigin: originMs };
  },
};
