// Words around numbers and lists: Intl.PluralRules, Intl.ListFormat, Intl.RelativeTimeFormat.

import { Formatter, joined, LOCALE, locales, option } from "node:internal/intl/base";
import { NumberFormat } from "node:internal/intl/numbers";

export class PluralRules extends Formatter {
  #type;
  #numbers;

  constructor(wanted, options = undefined) {
    super();
    this.#type = option(options, "type", ["cardinal", "ordinal"]);
    this.#numbers = new NumberFormat(wanted, options && { ...options, style: undefined });
  }

  select(value) {
    const text = this.#numbers.format(Math.abs(Number(value))).replaceAll(",", "");
    if (this.#type === "cardinal") return text === "1" ? "one" : "other";
    const number = Number(text);
    const [last, two] = [number % 10, number % 100];
    if (last === 1 && two !== 11) return "one";
    if (last === 2 && two !== 12) return "two";
    return last === 3 && two !== 13 ? "few" : "other";
  }

  resolvedOptions() {
    const { style, useGrouping, ...numbers } = this.#numbers.resolvedOptions();
    const pluralCategories = this.#type === "cardinal" ? ["one", "other"] : ["few", "one", "two", "other"];
    return { ...numbers, type: this.#type, pluralCategories };
  }
}

export class ListFormat extends Formatter {
  #type;
  #style;

  constructor(wanted, options = undefined) {
    super();
    locales(wanted);
    this.#type = option(options, "type", ["conjunction", "disjunction", "unit"]);
    this.#style = option(options, "style", ["long", "short", "narrow"]);
  }

  formatToParts(list) {
    const items = [...list];
    for (const item of items) if (typeof item !== "string") throw new TypeError("Iterable yielded a non-String value");
    const [type, style] = [this.#type, this.#style];
    const word = type === "disjunction" ? "or" : style === "long" ? "and" : "&";
    const isBare = type === "unit" || (type === "conjunction" && style === "narrow");
    const between = type === "unit" && style === "narrow" ? " " : ", ";
    const last = isBare ? between : items.length > 2 ? `, ${word} ` : ` ${word} `;
    return items.flatMap((value, at) => [
      ...(at === 0 ? [] : [{ type: "literal", value: at === items.length - 1 ? last : between }]),
      { type: "element", value },
    ]);
  }

  format(list) {
    return joined(this.formatToParts(list));
  }

  resolvedOptions() {
    return { locale: LOCALE, type: this.#type, style: this.#style };
  }
}

const SPANS = { second: "sec.", minute: "min.", hour: "hr.", day: "day", week: "wk.", month: "mo.", quarter: "qtr.", year: "yr." };
const NARROW = { second: "s", minute: "min", hour: "h", day: "d", week: "w", month: "mo", quarter: "q", year: "y" };
const AUTO = {
  second: { 0: "now" }, minute: { 0: "this minute" }, hour: { 0: "this hour" }, day: { "-1": "yesterday", 0: "today", 1: "tomorrow" },
};

export class RelativeTimeFormat extends Formatter {
  #numeric;
  #style;
  #numbers = new NumberFormat();

  constructor(wanted, options = undefined) {
    super();
    locales(wanted);
    this.#numeric = option(options, "numeric", ["always", "auto"]);
    this.#style = option(options, "style", ["long", "short", "narrow"]);
  }

  formatToParts(value, wanted) {
    const unit = String(wanted).replace(/s$/, "");
    if (!Object.hasOwn(SPANS, unit)) throw new RangeError(`Invalid unit argument for format() '${wanted}'`);
    const number = Number(value);
    if (!Number.isFinite(number)) throw new RangeError("Invalid number value");
    if (this.#numeric === "auto") {
      const text = this.#word(number, unit);
      if (text !== undefined) return [{ type: "literal", value: text }];
    }
    const isPast = number < 0 || Object.is(number, -0);
    const parts = this.#numbers.formatToParts(Math.abs(number)).map((part) => ({ ...part, unit }));
    const isOne = parts.length === 1 && parts[0].value === "1";
    const name = this.#name(unit, isOne);
    return [
      ...(isPast ? [] : [{ type: "literal", value: "in " }]),
      ...parts,
      { type: "literal", value: `${name}${isPast ? " ago" : ""}` },
    ];
  }

  #name(unit, isOne) {
    if (this.#style === "narrow") return NARROW[unit];
    if (this.#style === "long") return ` ${unit}${isOne ? "" : "s"}`;
    return ` ${unit === "day" && !isOne ? "days" : unit === "quarter" && !isOne ? "qtrs." : SPANS[unit]}`;
  }

  #word(number, unit) {
    const found = AUTO[unit]?.[number];
    if (found !== undefined || Object.hasOwn(AUTO, unit)) return found;
    const name = this.#style === "long" ? unit : SPANS[unit];
    return { "-1": `last ${name}`, 0: `this ${name}`, 1: `next ${name}` }[number];
  }

  format(value, unit) {
    return joined(this.formatToParts(value, unit));
  }

  resolvedOptions() {
    return { locale: LOCALE, style: this.#style, numeric: this.#numeric, numberingSystem: "latn" };
  }
}
