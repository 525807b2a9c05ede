// Intl.DateTimeFormat: UTC and whole offsets from it.

import { choice, Formatter, integer, joined, LOCALE, locales } from "node:internal/intl/base";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DATE = ["weekday", "year", "month", "day"];
const TIME = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"];
const DATE_STYLES = {
  full: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  long: { year: "numeric", month: "long", day: "numeric" },
  medium: { year: "numeric", month: "short", day: "numeric" },
  short: { year: "2-digit", month: "numeric", day: "numeric" },
};
const TIME_STYLES = {
  full: { hour: "numeric", minute: "2-digit", second: "2-digit", timeZoneName: "long" },
  long: { hour: "numeric", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
  medium: { hour: "numeric", minute: "2-digit", second: "2-digit" },
  short: { hour: "numeric", minute: "2-digit" },
};

/** [the zone's name, minutes from UTC]. */
function zone(wanted) {
  const name = wanted === undefined ? "UTC" : String(wanted);
  if (/^(utc|gmt|etc\/(utc|gmt|uct|universal|zulu|greenwich|gmt[+-]?0)|universal|zulu|uct)$/i.test(name)) return ["UTC", 0];
  const [, sign, hours, minutes] = /^([+-])([01]\d|2[0-3]):?([0-5]\d)?$/.exec(name) ?? [];
  if (sign === undefined) throw new RangeError(`Invalid time zone specified: ${name}`);
  const offset = (Number(hours) * 60 + Number(minutes ?? 0)) * (sign === "-" ? -1 : 1);
  return [`${sign}${hours}:${minutes ?? "00"}`, offset];
}

export class DateTimeFormat extends Formatter {
  #o;
  #fields;
  #offset;
  #format;

  constructor(wanted, options = undefined, defaults = "date") {
    super();
    locales(wanted);
    const [timeZone, offset] = zone(options?.timeZone);
    this.#offset = offset;
    const fields = {
      weekday: choice(options, "weekday", ["narrow", "short", "long"]),
      era: choice(options, "era", ["narrow", "short", "long"]),
      year: choice(options, "year", ["2-digit", "numeric"]),
      month: choice(options, "month", ["2-digit", "numeric", "narrow", "short", "long"]),
      day: choice(options, "day", ["2-digit", "numeric"]),
      dayPeriod: choice(options, "dayPeriod", ["narrow", "short", "long"]),
      hour: choice(options, "hour", ["2-digit", "numeric"]),
      minute: choice(options, "minute", ["2-digit", "numeric"]),
      second: choice(options, "second", ["2-digit", "numeric"]),
      fractionalSecondDigits: integer(options, "fractionalSecondDigits", 1, 3, undefined),
      timeZoneName: choice(options, "timeZoneName", ["short", "long", "shortOffset", "longOffset", "shortGeneric", "longGeneric"]),
    };
    const dateStyle = choice(options, "dateStyle", ["full", "long", "medium", "short"]);
    const timeStyle = choice(options, "timeStyle", ["full", "long", "medium", "short"]);
    const isNamed = (names) => names.some((name) => fields[name] !== undefined);
    if (dateStyle !== undefined || timeStyle !== undefined) {
      if (Object.values(fields).some((value) => value !== undefined)) {
        throw new TypeError(`Can't set option ${Object.keys(fields).find((name) => fields[name] !== undefined)} when ${dateStyle ? "dateStyle" : "timeStyle"} is used`);
      }
      Object.assign(fields, DATE_STYLES[dateStyle], TIME_STYLES[timeStyle]);
    } else {
      const needed = defaults === "date" || defaults === "time" ? (defaults === "date" ? DATE : TIME) : [...DATE, ...TIME];
      const isMissing = defaults === "date" ? !isNamed([...DATE, ...TIME]) : !isNamed(needed);
      if (isMissing && (defaults !== "time")) Object.assign(fields, { year: "numeric", month: "numeric", day: "numeric" });
      if (isMissing && defaults !== "date") Object.assign(fields, { hour: "numeric", minute: "2-digit", second: "2-digit" });
    }
    this.#fields = fields;
    const o = { locale: LOCALE, calendar: "gregory", numberingSystem: "latn", timeZone };
    if (fields.hour !== undefined) {
      const cycle = choice(options, "hourCycle", ["h11", "h12", "h23", "h24"]);
      o.hourCycle = options?.hour12 === undefined ? (cycle ?? "h12") : options.hour12 ? "h12" : "h24";
      o.hour12 = o.hourCycle === "h11" || o.hourCycle === "h12";
    }
    if (dateStyle !== undefined || timeStyle !== undefined) {
      if (dateStyle !== undefined) o.dateStyle = dateStyle;
      if (timeStyle !== undefined) o.timeStyle = timeStyle;
    } else {
      for (const name of Object.keys(fields)) if (fields[name] !== undefined) o[name] = fields[name];
      if (o.minute !== undefined && o.hour !== undefined) o.minute = "2-digit";
      if (o.second !== undefined && o.minute !== undefined) o.second = "2-digit";
    }
    this.#o = o;
  }

  get format() {
    return (this.#format ??= (date) => joined(this.formatToParts(date)));
  }

  formatToParts(date) {
    const time = date === undefined ? Date.now() : Number(date);
    if (!(Math.abs(time) <= 8.64e15)) throw new RangeError("Invalid time value");
    const at = new Date(time + this.#offset * 60_000);
    const day = this.#date(at);
    const clock = this.#time(at);
    if (day.length === 0 || clock.length === 0) return [...day, ...clock];
    const isOnlyDay = day.length === 1 && day[0].type === "weekday";
    const isLong = this.#fields.month === "long";
    return [...day, { type: "literal", value: isLong ? " at " : isOnlyDay ? " " : ", " }, ...clock];
  }

  #date(at) {
    const f = this.#fields;
    const year = at.getUTCFullYear();
    const number = (value, style) => (style === "2-digit" ? String(value).padStart(2, "0") : String(value));
    const isText = ["narrow", "short", "long"].includes(f.month);
    const years = f.era !== undefined && year <= 0 ? 1 - year : year;
    const part = {
      weekday: f.weekday && named(DAYS[at.getUTCDay()], f.weekday),
      year: f.year && (f.year === "2-digit" ? String(Math.abs(years) % 100).padStart(2, "0") : String(years)),
      month: f.month && (isText ? named(MONTHS[at.getUTCMonth()], f.month) : number(at.getUTCMonth() + 1, f.month)),
      day: f.day && number(at.getUTCDate(), f.day),
    };
    const pieces = (names, between) => names.filter((name) => part[name]).flatMap((type, index) => [
      ...(index === 0 ? [] : [{ type: "literal", value: between }]),
      { type, value: part[type] },
    ]);
    const joinTwo = (one, between, other) => (one.length && other.length ? [...one, { type: "literal", value: between }, ...other] : [...one, ...other]);
    const era = f.era ? [{ type: "era", value: { narrow: year > 0 ? "A" : "B", short: year > 0 ? "AD" : "BC", long: year > 0 ? "Anno Domini" : "Before Christ" }[f.era] }] : [];
    if (!isText) {
      const parts = pieces(["month", "day", "year"], "/");
      if (part.weekday && part.day && !part.month && !part.year) return [...pieces(["day"]), { type: "literal", value: " " }, ...pieces(["weekday"])];
      return joinTwo(joinTwo(pieces(["weekday"]), ", ", parts), " ", era);
    }
    const monthDay = pieces(["month", "day"], " ");
    const rest = joinTwo(monthDay, part.day ? ", " : " ", pieces(["year"]));
    return joinTwo(joinTwo(pieces(["weekday"]), ", ", rest), " ", era);
  }

  #time(at) {
    const f = this.#fields;
    const { hourCycle, hour12, timeZone } = this.#o;
    const parts = [];
    const two = (value) => String(value).padStart(2, "0");
    const literal = (value) => parts.push({ type: "literal", value });
    if (f.hour) {
      const hour = at.getUTCHours();
      const value = { h11: hour % 12, h12: hour % 12 || 12, h23: hour, h24: hour || 24 }[hourCycle];
      parts.push({ type: "hour", value: f.hour === "2-digit" || (!hour12 && f.minute) || (!hour12 && f.hour) ? two(value) : String(value) });
    }
    if (f.minute) {
      if (f.hour) literal(":");
      parts.push({ type: "minute", value: f.hour || f.second ? two(at.getUTCMinutes()) : String(at.getUTCMinutes()) });
    }
    if (f.second) {
      if (parts.length > 0) literal(":");
      parts.push({ type: "second", value: f.minute || f.hour ? two(at.getUTCSeconds()) : String(at.getUTCSeconds()) });
    }
    if (f.fractionalSecondDigits) {
      if (f.second) literal(".");
      parts.push({ type: "fractionalSecond", value: String(at.getUTCMilliseconds()).padStart(3, "0").slice(0, f.fractionalSecondDigits) });
    }
    if (f.hour && hour12) {
      literal(" ");
      parts.push({ type: "dayPeriod", value: at.getUTCHours() < 12 ? "AM" : "PM" });
    }
    if (f.timeZoneName) {
      if (parts.length > 0) literal(" ");
      const short = timeZone.replace(/^([+-])0?(\d+):(\d\d)$/, (_, sign, hours, minutes) => `GMT${sign}${hours}${minutes === "00" ? "" : `:${minutes}`}`);
      const value = timeZone !== "UTC" ? (/long/i.test(f.timeZoneName) ? `GMT${timeZone}` : short) : f.timeZoneName === "long" ? "Coordinated Universal Time" : /Offset/.test(f.timeZoneName) ? "GMT" : "UTC";
      parts.push({ type: "timeZoneName", value });
    }
    return parts;
  }

  formatRange(from, to) {
    const [one, other] = [this.format(from), this.format(to)];
    return one === other ? one : `${one} – ${other}`;
  }

  resolvedOptions() {
    return { ...this.#o };
  }

  get [Symbol.toStringTag]() {
    return "Intl.DateTimeFormat";
  }
}

const named = (name, style) => (style === "long" ? name : style === "short" ? name.slice(0, 3) : name.slice(0, 1));
