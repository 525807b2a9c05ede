// Comparing and cutting text: Intl.Collator, Intl.Segmenter. Near to Unicode's tables for Latin scripts.

import { Formatter, LOCALE, locales, option } from "node:internal/intl/base";

export class Collator extends Formatter {
  #o;
  #compare;

  constructor(wanted, options = undefined) {
    super();
    locales(wanted);
    this.#o = {
      locale: LOCALE,
      usage: option(options, "usage", ["sort", "search"]),
      sensitivity: option(options, "sensitivity", ["variant", "base", "accent", "case"]),
      ignorePunctuation: Boolean(options?.ignorePunctuation),
      collation: "default",
      numeric: Boolean(options?.numeric),
      caseFirst: option(options, "caseFirst", ["false", "upper", "lower"]),
    };
  }

  get compare() {
    return (this.#compare ??= (one, other) => collate(String(one), String(other), this.#o));
  }

  resolvedOptions() {
    return { ...this.#o };
  }
}

const MARKS = /\p{M}+/gu;

/** Letters first, then accents, then case: what the collation of Unicode comes to for Latin scripts. */
function collate(one, other, o) {
  if (one === other) return 0;
  if (!o.numeric && !o.ignorePunctuation) {
    const quickly = collateAscii(one, other, o);
    if (quickly !== undefined) return quickly;
  }
  const [a, b] = [one, other].map((text) => (o.ignorePunctuation ? text.replace(/[\p{P}\s]+/gu, "") : text).normalize("NFD"));
  const base = (text) => text.replace(MARKS, "").toLowerCase().replace(/[ßæœ]/g, (it) => ({ ß: "ss", æ: "ae", œ: "oe" })[it]);
  const primary = byLetters(base(a), base(b), o.numeric);
  if (primary !== 0) return primary;
  if (o.sensitivity === "variant" || o.sensitivity === "accent") {
    const accents = (text) => (text.match(MARKS) ?? []).join("");
    const [x, y] = [accents(a), accents(b)];
    if (x !== y) return x < y ? -1 : 1;
  }
  if (o.sensitivity === "base" || o.sensitivity === "accent") return 0;
  const [x, y] = [a.replace(MARKS, ""), b.replace(MARKS, "")];
  for (let at = 0; at < x.length && at < y.length; at++) {
    if (x[at] === y[at]) continue;
    // One letter in the place of two comes after them.
    if (x[at].toLowerCase() !== y[at].toLowerCase()) return x[at] < y[at] ? -1 : 1;
    const isLowerFirst = x[at] === x[at].toLowerCase() ? -1 : 1;
    return o.caseFirst === "upper" ? -isLowerFirst : isLowerFirst;
  }
  return 0;
}

/** Most texts are ASCII, and sorting compares many: one walk, as long as no other character comes. */
function collateAscii(one, other, o) {
  const length = Math.min(one.length, other.length);
  let tertiary = 0;
  for (let at = 0; at < length; at++) {
    const [x, y] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (x > 127 || y > 127) return undefined;
    if (x === y) continue;
    if (ASCII[x] !== ASCII[y]) return followedByMark(one, other, at) ? undefined : ASCII[x] < ASCII[y] ? -1 : 1;
    if (tertiary === 0) tertiary = x > y ? -1 : 1;
  }
  if (one.length !== other.length) {
    return (one.length > length ? one : other).charCodeAt(length) > 127 ? undefined : one.length < other.length ? -1 : 1;
  }
  if (o.sensitivity === "base" || o.sensitivity === "accent") return 0;
  return o.caseFirst === "upper" ? -tertiary : tertiary;
}

const followedByMark = (one, other, at) => one.charCodeAt(at + 1) > 127 || other.charCodeAt(at + 1) > 127;

function byLetters(a, b, isNumeric) {
  const pieces = (text) => (isNumeric ? text.match(/\d+|\D/gu) ?? [] : Array.from(text));
  const [xs, ys] = [pieces(a), pieces(b)];
  for (let at = 0; at < xs.length && at < ys.length; at++) {
    const [x, y] = [xs[at], ys[at]];
    if (x === y) continue;
    if (isNumeric && /^\d/.test(x) && /^\d/.test(y)) {
      const difference = BigInt(x) - BigInt(y);
      if (difference !== 0n) return difference < 0n ? -1 : 1;
      continue;
    }
    const [left, right] = [rank(x), rank(y)];
    if (left !== right) return left < right ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return Math.sign(xs.length - ys.length);
}

/** Spaces, then punctuation, symbols, digits, letters. */
const ORDER = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

function rank(character) {
  if (/\s/u.test(character)) return 0;
  const at = ORDER.indexOf(character);
  if (at >= 0) return 1 + at;
  if (/\p{N}/u.test(character)) return 200;
  return /\p{L}/u.test(character) ? 201 : 100;
}

/** The same for each ASCII character; a letter's cases have one. */
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code).toLowerCase();
  const order = rank(character);
  return order >= 200 ? 40 + character.charCodeAt(0) : order === 100 ? 39 : order;
});

export class Segmenter extends Formatter {
  #granularity;

  constructor(wanted, options = undefined) {
    super();
    locales(wanted);
    this.#granularity = option(options, "granularity", ["grapheme", "word", "sentence"]);
  }

  segment(input) {
    const text = String(input);
    const granularity = this.#granularity;
    const all = function* () {
      for (const { 0: segment, index } of text.matchAll(CUTS[granularity])) {
        const found = { segment, index, input: text };
        if (granularity === "word") found.isWordLike = /[\p{L}\p{N}_]/u.test(segment);
        yield found;
      }
    };
    return {
      [Symbol.iterator]: all,
      containing(at = 0) {
        for (const found of all()) if (at >= found.index && at < found.index + found.segment.length) return found;
        return undefined;
      },
    };
  }

  resolvedOptions() {
    return { locale: LOCALE, granularity: this.#granularity };
  }
}

const JOINED = String.raw`(?:\p{Extended_Pictographic}|\p{Emoji_Presentation})[\p{M}\p{Emoji_Modifier}\ufe0f]*`;
const CUTS = {
  grapheme: new RegExp(String.raw`\r\n|\p{Regional_Indicator}{2}|${JOINED}(?:\u200d${JOINED})*|[^\p{M}\u200d][\p{M}\u200d\ufe0f\u20e3]*|[^]`, "gu"),
  word: /[\p{L}\p{N}_]+(?:['’.](?=\p{L})[\p{L}\p{N}_]+|[.,](?=\p{N})\p{N}+)*|\r\n| +|[^]/gu,
  sentence: /[^.!?]+(?:[.!?]+["')\]]*\s*)?|[.!?]+\s*/gu,
};
