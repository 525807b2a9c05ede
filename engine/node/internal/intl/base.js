// What all classes of Intl have: one locale, and how options are read.

export const LOCALE = "en-US";

export function locales(wanted) {
  const list = wanted === undefined ? [] : typeof wanted === "string" ? [wanted] : Array.from(wanted, String);
  for (const tag of list) {
    if (!/^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$/.test(tag)) throw new RangeError(`Incorrect locale information provided: ${tag}`);
  }
  return list;
}

/** One of the values, or the first when there is none. */
export const option = (options, name, values) => choice(options, name, values) ?? values[0];

/** One of the values, or undefined. */
export function choice(options, name, values) {
  const value = options?.[name];
  if (value === undefined) return undefined;
  const text = String(value);
  if (!values.includes(text)) throw new RangeError(`Value ${text} out of range for Intl options property ${name}`);
  return text;
}

export function integer(options, name, least, most, otherwise) {
  const value = options?.[name];
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!(number >= least && number <= most)) throw new RangeError(`${name} value is out of range.`);
  return Math.floor(number);
}

export const joined = (parts) => parts.map((part) => part.value).join("");

/** What all of them have. */
export class Formatter {
  static supportedLocalesOf(wanted) {
    return locales(wanted).filter((tag) => /^en\b/i.test(tag));
  }
}
