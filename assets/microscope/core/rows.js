// The rows of the table of inputs: what one is, which are listed, in which order, and which is the next failure.

/**
 * @typedef {object} Row an input, with what became of it in each run
 * @property {number} number its place in the set, from 0
 * @property {string} name
 * @property {string} text
 * @property {Object<string, string>} bands label by name
 * @property {Object<string, number|string>} values what is shown and sorted by: the number behind a band, else the band
 * @property {string[]} notes
 * @property {{ since: number, lost: number, right: (t: number) => boolean }[]} runs since and lost: a loop, 0 for none
 */

/** @param {import("./types.js").Answer[]} answers one a run @returns {Row[]} of those that are known of every run */
export function rowsOf(answers) {
  const [{ meta }] = answers;
  const count = Math.min(...answers.map((answer) => answer.arrays.since.values.length));
  return Array.from({ length: count }, (_, number) => ({
    number,
    name: meta.names[number],
    text: meta.texts[number],
    bands: Object.fromEntries(Object.entries(meta.bands).map(([name, labels]) => [name, labels[number]])),
    values: Object.fromEntries(
      Object.entries(meta.bands).map(([name, labels]) => [name, (meta.measures[name] ?? labels)[number]]),
    ),
    notes: Object.keys(meta.notes).filter((said) => meta.notes[said].includes(number)),
    runs: answers.map((answer) => outcome(answer, number)),
  }));
}

function outcome({ arrays }, number) {
  const { right, since, lost } = arrays;
  const [loops, count] = right.shape;
  const at = (t) => !!right.values[(Math.min(t, loops) - 1) * count + number];
  return { since: since.values[number], lost: lost.values[number], loops, right: (t) => t > 0 && at(t) };
}

const SOME = 3; // rows of one note that are named

/** @type {(rows: Row[]) => [string, string[]][]} each note with the names of its rows; of many it says how many more */
export function notesOf(rows) {
  const said = [...new Set(rows.flatMap(({ notes }) => notes))];
  return said.map((note) => {
    const names = rows.filter(({ notes }) => notes.includes(note)).map(({ name }) => name);
    const more = names.length - SOME;
    return [note, more > 0 ? [...names.slice(0, SOME), `and ${more} more`] : names];
  });
}

/** Which inputs are listed, by what became of them: words, and whether a row belongs to it after loop t. */
export const OUTCOMES = {
  all: ["right or wrong", () => true],
  wrong: ["wrong at the end", ({ runs }) => runs.some(failed)],
  right: ["right at the end", ({ runs }) => !runs.some(failed)],
  lost: ["right once and lost", ({ runs }) => runs.some(({ lost }) => lost > 0)],
  now: ["wrong after this {loop}", ({ runs }, t) => runs.some((run) => !run.right(t))],
  first: ["right in A, wrong in B", ({ runs }) => runs.length > 1 && !failed(runs[0]) && failed(runs[1])],
  second: ["wrong in A, right in B", ({ runs }) => runs.length > 1 && failed(runs[0]) && !failed(runs[1])],
};

const failed = ({ since }) => since === 0;

/**
 * @param {Row[]} rows
 * @param {{ outcome: string, band: string|null, sort: string, down: boolean }} view band: name and label, joined by a
 *   tab; sort: "number", "text", the name of a band, or "since 0" of run 0
 * @param {number} t the clock
 * @returns {Row[]} those that are listed, in order
 */
export function listed(rows, { outcome: which, band, sort, down }, t) {
  const [name, label] = band ? band.split("\t") : [];
  const [, belongs] = OUTCOMES[which];
  const found = rows.filter((row) => (!name || row.bands[name] === label) && belongs(row, t));
  const sign = down ? -1 : 1;
  return found.sort((one, other) => sign * compared(key(one, sort), key(other, sort)) || one.number - other.number);
}

function key(row, sort) {
  if (sort === "number") return row.number;
  if (sort === "text") return row.text;
  const run = /^since (\d)$/.exec(sort);
  if (run) return row.runs[run[1]]?.since || Infinity; // never right comes last
  return row.values[sort];
}

// Numbers are ordered by size, also at the beginning of a label; other texts by their letters.
/** @type {(one: number|string, other: number|string) => number} */
function compared(one, other) {
  if (one === other) return 0;
  const [a, b] = [one, other].map((value) => (typeof value === "number" ? value : parseFloat(value)));
  if (Number.isNaN(a) || Number.isNaN(b)) return String(one).localeCompare(String(other));
  return Math.sign(a - b) || String(one).localeCompare(String(other));
}

/**
 * @param {Row[]} rows as they are listed
 * @param {string} text of the input that is open
 * @returns {Row|undefined} the next that is wrong at the end, round and round
 */
export function nextFailure(rows, text) {
  const at = rows.findIndex((row) => row.text === text);
  return [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(({ runs }) => runs.some(failed));
}

/**
 * Where the answer is right along the loops, as a background: filled from the middle of one loop to the next.
 * @param {{ loops: number, right: (t: number) => boolean }} run
 */
export function strip({ loops, right }, colour) {
  const stops = [];
  for (let t = 1; t <= loops; t++) {
    const last = stops.at(-1);
    if (last && last.right === right(t)) last.to = t;
    else stops.push({ right: right(t), from: t - 1, to: t });
  }
  const at = (loop) => `${((100 * loop) / loops).toFixed(2)}%`;
  const parts = stops.map((one) => `${one.right ? colour : "transparent"} ${at(one.from)} ${at(one.to)}`);
  return `linear-gradient(to right, ${parts.join(", ")})`;
}

/**
 * @param {Row[]} rows
 * @param {string[]} runs names of the checkpoints
 * @returns {import("./types.js").Table} a line for each input and run
 */
export function numbersOf(rows, runs) {
  const names = Object.keys(rows[0]?.values ?? {});
  const loops = rows[0]?.runs.map((run) => run.loops) ?? [0];
  const after = Array.from({ length: Math.max(...loops) }, (_, s) => s + 1);
  const columns = ["name", "{input}", ...names, "checkpoint", "right from {loop}", "lost in {loop}"];
  return {
    columns: [...columns, ...after.map((t) => `right after {loop} ${t}`), "notes"],
    rows: rows.flatMap((row) =>
      row.runs.map((run, i) => [
        ...[row.name, row.text, ...names.map((name) => row.values[name]), runs[i]],
        ...[run.since || "", run.lost || ""],
        ...after.map((t) => (t > run.loops ? "" : Number(run.right(t)))),
        row.notes.join(" "),
      ]),
    ),
  };
}
