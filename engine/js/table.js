// console.table, in the manner of Node.

import { inspect } from "./inspect.js";

const MOST_ROWS = 1_000;
const MOST_COLUMNS = 100;

/** Rows of an object, an array, a Map or a Set; `only` names the columns to show. */
export function tableOf(data, only) {
  const isMap = data instanceof Map;
  const isCounted = isMap || data instanceof Set;
  const rows = isMap
    ? [...data].map(([key, value], index) => ({ index, key, value }))
    : isCounted
    ? [...data].map((value, index) => ({ index, value }))
    : Object.keys(data).map((index) => ({ index, value: data[index] }));
  const shown = rows.slice(0, MOST_ROWS);
  const isObject = (value) => typeof value === "object" && value !== null;
  const names = new Set(only === undefined ? [] : Array.from(only, String));
  if (only === undefined) {
    for (const { value } of shown) {
      if (isObject(value)) for (const name of Object.keys(value)) if (names.size < MOST_COLUMNS) names.add(name);
    }
  }
  const columns = [[isCounted ? "(iteration index)" : "(index)", (row) => String(row.index)]];
  if (isMap) columns.push(["Key", (row) => inspect(row.key)]);
  for (const name of names) {
    columns.push([name, ({ value }) => (isObject(value) && Object.hasOwn(value, name) ? inspect(value[name]) : "")]);
  }
  if (shown.some((row) => !isObject(row.value))) {
    columns.push(["Values", (row) => (isObject(row.value) ? "" : inspect(row.value))]);
  }
  return drawn(columns.map(([title, cell]) => [title, ...shown.map((row) => cell(row).replaceAll("\n", " "))]));
}

/** Columns with their titles in front, as lines. */
function drawn(columns) {
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const rule = (left, between, right) => left + widths.map((width) => "─".repeat(width + 2)).join(between) + right;
  const line = (at) => `│${columns.map((cells, column) => ` ${cells[at].padEnd(widths[column])} `).join("│")}│`;
  const rows = columns[0].map((_, at) => line(at));
  return [rule("┌", "┬", "┐"), rows[0], rule("├", "┼", "┤"), ...rows.slice(1), rule("└", "┴", "┘")].join("\n");
}
