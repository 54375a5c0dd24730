// Prompts of the In-context page as text: rows of numbers, "x1 … xd y; …", or what a prompt is sampled with,
// "seed=7 examples=20", perhaps with rows of queries behind it: "seed=7 examples=20; 1 -1 ?".

/**
 * @param {string} text
 * @returns {(number|null)[][]} the rows of numbers, null where "?" asks; of a sampled prompt its typed queries
 */
export function rowsOf(text) {
  return text
    .split(/[;\n]+/)
    .filter((line) => !line.includes("="))
    .map((line) => line.split(/[\s,]+/).filter(Boolean))
    .filter((parts) => parts.length)
    .map((parts) => parts.map((part) => (part === "?" ? null : Number(part))));
}

/** @type {(rows: (number|null)[][]) => string} rows of numbers as text, as the server writes them */
export const textOf = (rows) => rows.map((row) => row.map((value) => written(value)).join(" ")).join("; ");

const written = (value) => (value == null ? "?" : String(Number(value.toFixed(3)) + 0));

/** @type {(text: string, rows: (number|null)[][]) => string} the sampled prompt of a text with queries of its own; of
 *   typed rows all rows */
export function askedOf(text, rows) {
  const [first] = text.split(";");
  return first.includes("=") ? `${first}; ${textOf(rows.filter((row) => row.at(-1) == null))}` : textOf(rows);
}

/** @type {(text: string) => Object<string, string>|null} what a sampled prompt was asked for
 *   with; null of typed rows */
export function settingsOf(text) {
  const pairs = text.trim().split(/\s+/).map((part) => part.split("="));
  return pairs.every((pair) => pair.length === 2 && /^[a-z]+$/.test(pair[0])) ? Object.fromEntries(pairs) : null;
}

/**
 * @param {Object<string, number|string>} wanted
 * @param {{ name: string, usual: number }[]} settings what a prompt can be told, and how it usually is
 * @returns {string} a sampled prompt as text: seed and examples, and what is not as usual
 */
export function promptOf(wanted, settings) {
  const usual = new Map(settings.map((one) => [one.name, one.usual]));
  const { seed, examples, ...others } = wanted;
  const said = Object.entries(others).filter(([name, value]) => value && value !== usual.get(name));
  return [["seed", seed], ["examples", examples], ...said].map((pair) => pair.join("=")).join(" ");
}
