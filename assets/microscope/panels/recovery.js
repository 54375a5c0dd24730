// Whether a run comes back when its state is disturbed.

import { entry } from "../core/arrays.js";
import { listed, plural } from "../core/words.js";
import { drawLines } from "../draw/intervals.js";

// The rows of the chosen mode: [index of the row, what was done].
function rowsOf({ noise, exchanged, counted }, mode) {
  if (mode === "corrupted") {
    return exchanged.map((count, k) => [noise.length + k, `${count} of ${counted} exchanged`]);
  }
  return noise.map((size, k) => [k, plural(size, "length")]);
}

// How many draws of a row come back, or that it was not tried yet.
const backWords = ({ arrays, meta }, row) => (row < meta.done ? `${arrays.back.values[row]} of ${meta.draws}` : "…");

// How fast the half of the draws that is back first comes back.
function fastWords({ arrays }, row) {
  const loops = arrays.loops_back.values[row];
  if (Number.isNaN(loops)) return "";
  if (loops === 0) return " (at once)";
  return ` (after ${plural(loops, "loop")})`;
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "recovery",
  title: "Return test",
  question: "Does a disturbed run come back?",
  about: "run",
  needs: "answers",
  asks: { name: "recovery", words: "Disturb the state and run on" },
  blank: true,
  modes: [
    ["noise", "random changes"],
    ["corrupted", "exchanged states"],
  ],
  help:
    "At the end of the run the state is disturbed, and the run goes on for as many loops again: how far is it then " +
    "from the same run left alone? A curve that falls comes back; one that stays is a state that remembers. Random " +
    "changes: a random direction, from a hundredth of the state's length to three times it. Exchanged states: some " +
    "{places} that are to be answered get the states of each other, so that the answer is corrupted by answers. The " +
    "legend says in how many of eight draws the answer is the old one at the end. Where right answers come back and " +
    "wrong ones do not, this tells them apart without knowing the solution. From a change that is small enough " +
    "wrong answers come back, too, and then it does not.",
  formula:
    "‖h′[T + s] − h[T + s]‖ / ‖h[T + s]‖ after s further loops, the median of eight draws; h runs on undisturbed. " +
    "Back: the same answer in every {asked} after the last loop.",
  drawing: "Distance of disturbed runs from the run left alone, by loops after the disturbance",
  draw(pen, seen, width, height) {
    const { asked, colours, mode } = seen;
    if (!asked?.arrays) return;
    const { distance } = asked.arrays;
    const count = distance.shape[1];
    const looks = [
      [colours.accent, []],
      [colours.warm, [6, 3]],
      [colours.cool, [2, 3]],
      [colours.text, [8, 3, 2, 3]],
    ];
    const lines = rowsOf(asked.meta, mode).map(([row, words], k) => ({
      words: `${words}: ${backWords(asked, row)}${row < asked.meta.done ? " back" : ""}`,
      colour: looks[k][0],
      dash: looks[k][1],
      at: (s) => [entry(distance, row, s), NaN, NaN],
    }));
    const xs = Array.from({ length: count }, (_, s) => s);
    drawLines(pen, seen, width, height, { xs, lines, words: "distance over length, by loops after the disturbance" });
  },
  describe({ view, asked, mode }) {
    if (!asked?.arrays) return "Disturbs the state at the end of this run and sees whether it comes back.";
    const { meta } = asked;
    if (mode === "corrupted" && !meta.exchanged.length) return "One place is answered: it has none to exchange with.";
    const tried = rowsOf(meta, mode).filter(([row]) => row < meta.done);
    if (!tried.length) return "Not tried yet.";
    const after = mode === "corrupted" ? "with" : "after a change of";
    const told = tried.map(([row, words]) => `${backWords(asked, row)}${fastWords(asked, row)} ${after} ${words}`);
    const [last, largest] = tried.at(-1);
    const right = asked.arrays.right.values[last];
    const back = `isturbed after ${plural(view.loops, "loop")}, its answer comes back in ${listed(told)}`;
    if (view.meta.unjudged) return `D${back}. What was run is a copy, so nothing is called right.`;
    return (
      `Left alone, the run is ${meta.plain_right ? "right" : "wrong"} after ` +
      `${plural(view.loops + asked.arrays.distance.shape[1] - 1, "loop")}. D${back}; ` +
      `of the ${meta.draws} draws with ${largest} ${right > 1 ? `${right} end` : right ? "1 ends" : "none ends"} right.`
    );
  },
  pick: () => null,
  table({ asked }) {
    const medians = ["distance", "share of the same answers"].map((name) => `${name} (median of the draws)`);
    const columns = ["disturbed by", "size", "loops after", ...medians, "draws back at the end"];
    if (!asked?.arrays) return { columns, rows: [] };
    const { distance, same, back } = asked.arrays;
    const { noise, exchanged } = asked.meta;
    const end = distance.shape[1] - 1;
    const names = [...noise.map((size) => ["random change", size]), ...exchanged.map((count) => ["exchange", count])];
    const rows = names.flatMap(([name, size], row) =>
      Array.from({ length: distance.shape[1] }, (_, s) => [
        name,
        size,
        s,
        entry(distance, row, s).toPrecision(5),
        entry(same, row, s).toPrecision(5),
        s === end && row < asked.meta.done ? back.values[row] : "",
      ]),
    );
    return { columns, rows };
  },
};
