// Intl.NumberFormat.

import { Formatter, integer, joined, LOCALE, locales, option } from "node:internal/intl/base";

export const SYMBOLS = {
  USD: "$", EUR: "€", GBP: "£", JPY: "¥", INR: "₹", CNY: "CN¥", KRW: "₩", BRL: "R$", CAD: "CA$", AUD: "A$", MXN: "MX$", NZD: "NZ$",
  HKD: "HK$", ILS: "₪", VND: "₫", TWD: "NT$", PHP: "₱", XAF: "FCFA", XOF: "F CFA",
};
const NAMES = {
  USD: ["US dollar", "US dollars"], EUR: ["euro", "euros"], GBP: ["British pound", "British pounds"],
  JPY: ["Japanese yen", "Japanese yen"], CHF: ["Swiss franc", "Swiss francs"], INR: ["Indian rupee", "Indian rupees"],
};
const WHOLE = ["JPY", "KRW", "VND", "CLP", "XAF", "XOF", "ISK", "UGX", "PYG", "RWF"];
export const UNITS = {
  byte: ["byte", "byte", "B"], kilobyte: ["kilobyte", "kB", "kB"], megabyte: ["megabyte", "MB", "MB"], gigabyte: ["gigabyte", "GB", "GB"],
  terabyte: ["terabyte", "TB", "TB"], second: ["second", "sec", "s"], minute: ["minute", "min", "m"], hour: ["hour", "hr", "h"],
  day: ["day", "day", "d"], week: ["week", "wk", "w"], month: ["month", "mth", "m"], year: ["year", "yr", "y"],
  millisecond: ["millisecond", "ms", "ms"], meter: ["meter", "m", "m"], kilometer: ["kilometer", "km", "km"],
  mile: ["mile", "mi", "mi"], kilogram: ["kilogram", "kg", "kg"], gram: ["gram", "g", "g"], liter: ["liter", "L", "L"],
  percent: ["percent", "%", "%"], celsius: ["degree Celsius", "°C", "°C"], fahrenheit: ["degree Fahrenheit", "°F", "°"],
  "kilometer-per-hour": ["kilometer per hour", "km/h", "km/h"], "mile-per-hour": ["mile per hour", "mph", "mph"],
};
const SHORT_PLURALS = ["day", "week", "month", "year", "byte"];
const COMPACT = [[1e12, "T", "trillion"], [1e9, "B", "billion"], [1e6, "M", "million"], [1e3, "K", "thousand"]];

export class NumberFormat extends Formatter {
  #o;
  #format;

  constructor(wanted, options = undefined) {
    super();
    locales(wanted);
    const style = option(options, "style", ["decimal", "percent", "currency", "unit"]);
    const notation = option(options, "notation", ["standard", "compact", "scientific", "engineering"]);
    const o = { locale: LOCALE, numberingSystem: "latn", style };
    if (style === "currency") {
      if (options?.currency === undefined) throw new TypeError("Currency code is required with currency style.");
      o.currency = String(options.currency).toUpperCase();
      if (!/^[A-Z]{3}$/.test(o.currency)) throw new RangeError(`Invalid currency code : ${options.currency}`);
      o.currencyDisplay = option(options, "currencyDisplay", ["symbol", "narrowSymbol", "code", "name"]);
      o.currencySign = option(options, "currencySign", ["standard", "accounting"]);
    }
    if (style === "unit") {
      if (options?.unit === undefined) throw new TypeError("Required option \"unit\" must not be undefined");
      o.unit = String(options.unit);
      if (!Object.hasOwn(UNITS, o.unit)) throw new RangeError(`Invalid unit argument for Intl.NumberFormat() '${o.unit}'`);
      o.unitDisplay = option(options, "unitDisplay", ["short", "narrow", "long"]);
    }
    o.minimumIntegerDigits = integer(options, "minimumIntegerDigits", 1, 21, 1);
    const digits = style === "currency" && notation === "standard" ? (WHOLE.includes(o.currency) ? 0 : 2) : 0;
    const most = style === "currency" && notation === "standard" ? digits : style === "percent" || notation === "compact" ? 0 : 3;
    const least = integer(options, "minimumFractionDigits", 0, 100, undefined);
    const largest = integer(options, "maximumFractionDigits", 0, 100, undefined);
    if (least !== undefined && largest !== undefined && least > largest) {
      throw new RangeError("maximumFractionDigits value is out of range.");
    }
    if (options?.minimumSignificantDigits !== undefined || options?.maximumSignificantDigits !== undefined) {
      o.minimumSignificantDigits = integer(options, "minimumSignificantDigits", 1, 21, 1);
      o.maximumSignificantDigits = integer(options, "maximumSignificantDigits", o.minimumSignificantDigits, 21, 21);
    } else {
      o.minimumFractionDigits = least ?? Math.min(digits, largest ?? digits);
      o.maximumFractionDigits = largest ?? Math.max(most, o.minimumFractionDigits);
      o.isRounded = notation === "compact" && least === undefined && largest === undefined;
    }
    o.useGrouping = options?.useGrouping === undefined
      ? (notation === "compact" ? "min2" : "auto")
      : options.useGrouping === "false" || options.useGrouping === false ? false : options.useGrouping === true ? "always" : String(options.useGrouping);
    o.notation = notation;
    if (notation === "compact") o.compactDisplay = option(options, "compactDisplay", ["short", "long"]);
    o.signDisplay = option(options, "signDisplay", ["auto", "never", "always", "exceptZero", "negative"]);
    o.roundingMode = "halfExpand";
    this.#o = o;
  }

  get format() {
    return (this.#format ??= (value) => joined(this.formatToParts(value)));
  }

  formatToParts(value) {
    const o = this.#o;
    let number = typeof value === "bigint" ? value : Number(value);
    const isNegative = number < 0 || Object.is(number, -0);
    if (isNegative) number = -number;
    if (o.style === "percent") number = typeof number === "bigint" ? number * 100n : number * 100;
    const parts = this.#digits(number);
    const isZero = !parts.some((part) => /[1-9∞N]/.test(part.value));
    const sign = signOf(o.signDisplay, isNegative, isZero, Number.isNaN(number));
    const isOne = parts.length === 1 && parts[0].value === "1";
    return dressed(parts, sign, isOne, o);
  }

  #digits(number) {
    const o = this.#o;
    if (Number.isNaN(number)) return [{ type: "nan", value: "NaN" }];
    if (number === Infinity) return [{ type: "infinity", value: "∞" }];
    if (o.notation === "compact") return this.#compact(Number(number));
    if (o.notation !== "standard") return this.#scientific(Number(number));
    return grouped(rounded(number, o), o);
  }

  #compact(number) {
    const o = this.#o;
    const text = (value) => rounded(value, o.isRounded ? { ...o, maximumFractionDigits: value < 10 ? 1 : 0, maximumSignificantDigits: value < 100 ? 2 : undefined, minimumSignificantDigits: value < 100 ? 1 : undefined } : o);
    let at = COMPACT.findIndex(([size]) => number >= size);
    // Rounding may lead to the next size: 999,999 is 1M.
    if (at > 0 && Number(text(number / COMPACT[at][0])) >= 1000) at -= 1;
    if (at < 0 && number < 1000 && Number(text(number)) >= 1000) at = COMPACT.length - 1;
    if (at < 0) return grouped(text(number), o);
    const [size, short, long] = COMPACT[at];
    const name = o.compactDisplay === "long" ? [{ type: "literal", value: " " }, { type: "compact", value: long }] : [{ type: "compact", value: short }];
    return [...grouped(text(number / size), o), ...name];
  }

  #scientific(number) {
    const o = this.#o;
    let exponent = number === 0 ? 0 : Math.floor(Math.log10(number));
    if (o.notation === "engineering") exponent = Math.floor(exponent / 3) * 3;
    const parts = grouped(rounded(number / 10 ** exponent, o), o);
    parts.push({ type: "exponentSeparator", value: "E" });
    if (exponent < 0) parts.push({ type: "exponentMinusSign", value: "-" });
    parts.push({ type: "exponentInteger", value: String(Math.abs(exponent)) });
    return parts;
  }

  formatRange(from, to) {
    const [one, other] = [this.format(from), this.format(to)];
    return one === other ? `~${one}` : `${one} – ${other}`;
  }

  resolvedOptions() {
    const { isRounded, ...shown } = this.#o;
    return shown;
  }

  get [Symbol.toStringTag]() {
    return "Intl.NumberFormat";
  }
}

function signOf(display, isNegative, isZero, isNaN) {
  if (display === "never" || isNaN) return display === "always" ? "+" : "";
  if (isNegative) return isZero && (display === "exceptZero" || display === "negative") ? "" : "-";
  return display === "always" || (display === "exceptZero" && !isZero) ? "+" : "";
}

/** Decimal digits, half away from zero by the shortest decimal that stands for the number. */
function rounded(number, o) {
  if (typeof number === "bigint") return String(number) + (o.minimumFractionDigits > 0 ? `.${"0".repeat(o.minimumFractionDigits)}` : "");
  let [digits, point] = decimal(number);
  const isSignificant = o.maximumSignificantDigits !== undefined;
  const keep = isSignificant ? o.maximumSignificantDigits : point + o.maximumFractionDigits;
  if (keep < digits.length) {
    const isUp = keep >= 0 && digits.charCodeAt(keep) >= 53;
    digits = keep > 0 ? digits.slice(0, keep) : "";
    if (isUp) {
      const next = String(BigInt(digits || "0") + 1n).padStart(digits.length, "0");
      if (next.length > digits.length) point += 1;
      digits = next;
    }
  }
  digits = digits.replace(/0+$/, "");
  let whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  let fraction = point >= 0 ? digits.slice(point) : digits === "" ? "" : "0".repeat(-point) + digits;
  const least = isSignificant
    ? Math.max(0, o.minimumSignificantDigits - (whole === "0" ? Math.min(0, point) : whole.length))
    : o.minimumFractionDigits;
  fraction = fraction.padEnd(least, "0");
  whole = whole.replace(/^0+(?=\d)/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** [digits, how many of them stand before the point]. */
function decimal(number) {
  if (number === 0) return ["", 1];
  const [mantissa, exponent] = number.toExponential().split("e");
  return [mantissa.replace(".", ""), Number(exponent) + 1];
}

function grouped(text, o) {
  let [whole, fraction] = text.split(".");
  whole = whole.padStart(o.minimumIntegerDigits, "0");
  const isGrouped = o.useGrouping !== false && (o.useGrouping !== "min2" || whole.length > 4);
  const groups = isGrouped ? whole.split(/(?=(?:\d{3})+$)/) : [whole];
  const parts = groups.flatMap((value, at) => (at === 0 ? [] : [{ type: "group", value: "," }]).concat({ type: "integer", value }));
  if (fraction !== undefined) parts.push({ type: "decimal", value: "." }, { type: "fraction", value: fraction });
  return parts;
}

/** Digits with their sign, currency or unit. */
function dressed(parts, sign, isOne, o) {
  const signs = sign === "" ? [] : [{ type: sign === "-" ? "minusSign" : "plusSign", value: sign }];
  const space = { type: "literal", value: " " };
  const wide = { type: "literal", value: "\u00a0" };
  if (o.style === "percent") return [...signs, ...parts, { type: "percentSign", value: "%" }];
  if (o.style === "unit") {
    const [long, short, narrow] = UNITS[o.unit];
    const plural = (name) => (isOne || o.unit === "percent" ? name : name.startsWith("degree ") ? name.replace("degree", "degrees") : name.includes(" per ") ? name.replace(" per ", "s per ") : `${name}s`);
    const name = o.unitDisplay === "long" ? plural(long) : o.unitDisplay === "narrow" ? narrow : SHORT_PLURALS.includes(o.unit) && o.unit !== "byte" ? plural(short) : short;
    const isClose = /^[%°]/.test(name) || o.unitDisplay === "narrow";
    return [...signs, ...parts, ...(isClose ? [] : [space]), { type: o.unit === "percent" && name === "%" ? "percentSign" : "unit", value: name }];
  }
  if (o.style !== "currency") return [...signs, ...parts];
  if (o.currencyDisplay === "name") {
    const name = NAMES[o.currency]?.[isOne ? 0 : 1] ?? o.currency;
    return [...signs, ...parts, space, { type: "currency", value: name }];
  }
  const symbol = SYMBOLS[o.currency] ?? o.currency;
  const value = o.currencyDisplay === "code" ? o.currency : o.currencyDisplay === "narrowSymbol" ? symbol.replace(/^[A-Z]+(?=[^A-Z\s])/, "") : symbol;
  const money = [{ type: "currency", value }, ...(/[A-Za-z]$/.test(value) ? [wide] : []), ...parts];
  if (sign === "-" && o.currencySign === "accounting") return [{ type: "literal", value: "(" }, ...money, { type: "literal", value: ")" }];
  return [...signs, ...money];
}
