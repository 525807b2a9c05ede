// Rate limits: env.RL.limit({ key }). The host counts.

import { callHost } from "./crypto.js";

const LIMIT = 70;

export class RateLimit {
  #binding;

  constructor(binding) {
    this.#binding = binding;
  }

  async limit(options = undefined) {
    const key = options?.key;
    if (typeof key !== "string") {
      const call = `env.${this.#binding}.limit({ key: … })`;
      throw new TypeError(`${call} needs what is to be counted as \`key\`, a string; got ${key === null ? "null" : typeof key}`);
    }
    return { success: callHost(LIMIT, this.#binding, key) };
  }
}
