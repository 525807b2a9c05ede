// Intl for workers that name it: American English alone, and UTC. Whatever locale is asked for, this is the one that is found,
// as the standard (ECMA-402) lets it be; a time zone that is not known is a RangeError. Made to give V8's texts.

import { locales } from "node:internal/intl/base";
import { DateTimeFormat } from "node:internal/intl/dates";
import { NumberFormat, SYMBOLS, UNITS } from "node:internal/intl/numbers";
import { Collator, Segmenter } from "node:internal/intl/text";
import { ListFormat, PluralRules, RelativeTimeFormat } from "node:internal/intl/words";

// Callers may leave `new` out.
const callable = (Class) =>
  new Proxy(Class, { apply: (target, _, values) => new target(...values) });

const Intl = {
  getCanonicalLocales: (wanted) => locales(wanted).map((tag) => tag.replaceAll("_", "-")),
  supportedValuesOf(key) {
    const known = { calendar: ["gregory"], currency: Object.keys(SYMBOLS).sort(), numberingSystem: ["latn"], timeZone: ["UTC"], unit: Object.keys(UNITS).sort(), collation: [] };
    if (!Object.hasOwn(known, key)) throw new RangeError(`Invalid key : ${key}`);
    return known[key];
  },
};
for (const [name, value] of Object.entries({
  NumberFormat: callable(NumberFormat), DateTimeFormat: callable(DateTimeFormat), Collator: callable(Collator), PluralRules, ListFormat,
  RelativeTimeFormat, Segmenter,
})) {
  Object.defineProperty(Intl, name, { value, writable: true, configurable: true });
  Object.defineProperty(value.prototype, "constructor", { value, writable: true, configurable: true });
}
Object.defineProperty(Intl, Symbol.toStringTag, { value: "Intl", configurable: true });
Object.defineProperty(globalThis, "Intl", { value: Intl, writable: true, configurable: true });

// Most callers want nothing special, and call often.
const PLAIN_NUMBERS = new NumberFormat();
const PLAIN_COLLATOR = new Collator();
const numbers = (wanted, options) => (wanted === undefined && options === undefined ? PLAIN_NUMBERS : new NumberFormat(wanted, options));

function method(prototype, name, value) {
  Object.defineProperty(value, "name", { value: name });
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

method(Number.prototype, "toLocaleString", function (wanted, options) {
  return numbers(wanted, options).format(Number.prototype.valueOf.call(this));
});
method(BigInt.prototype, "toLocaleString", function (wanted, options) {
  return numbers(wanted, options).format(BigInt.prototype.valueOf.call(this));
});
for (const [name, defaults] of [["toLocaleString", "any"], ["toLocaleDateString", "date only"], ["toLocaleTimeString", "time"]]) {
  method(Date.prototype, name, function (wanted, options) {
    const time = Date.prototype.getTime.call(this);
    if (Number.isNaN(time)) return "Invalid Date";
    if (defaults === "date only") {
      const isDated = ["weekday", "year", "month", "day", "dateStyle"].some((field) => options?.[field] !== undefined);
      const dated = isDated ? options : { ...options, year: "numeric", month: "numeric", day: "numeric" };
      return new DateTimeFormat(wanted, dated).format(time);
    }
    return new DateTimeFormat(wanted, options, defaults).format(time);
  });
}
method(String.prototype, "localeCompare", function (other, wanted, options) {
  const collator = wanted === undefined && options === undefined ? PLAIN_COLLATOR : new Collator(wanted, options);
  return collator.compare(String(this), String(other));
});
