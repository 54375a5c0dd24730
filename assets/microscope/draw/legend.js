// Words on figures.

import { segment } from "./surface.js";

/** @typedef {import("../core/types.js").Pen} Pen */
/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {Object<string, string>} Colours by name */

// Text that stays readable on top of lines.
/** @type {(pen: Pen, colours: Colours, text: string, x: number, y: number, colour: string) => void} */
export function label(pen, colours, text, x, y, colour) {
  pen.strokeStyle = colours.background;
  pen.lineWidth = 4;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

// A line of small words, in the page's own terms.
/** @type {(pen: Pen, seen: Seen, text: string|number, x: number, y: number, align?: CanvasTextAlign) => void} */
export function caption(pen, { colours, font, words }, text, x, y, align = "left") {
  pen.font = `12px ${font}`;
  pen.textAlign = align;
  pen.fillStyle = colours.muted;
  pen.fillText(words(String(text)), x, y);
}

// The number of a tick, below it; at the right edge of a figure it is moved left until it is whole.
/** @type {(pen: Pen, seen: Seen, number: number, x: number, y: number, width: number) => void} */
export function tick(pen, seen, number, x, y, width) {
  pen.font = `12px ${seen.font}`;
  const half = pen.measureText(String(number)).width / 2;
  caption(pen, seen, number, Math.min(x, width - half - 1), y, "center");
}

let ruler = null;
// How wide small words are, where there is no pen.
/** @type {(seen: Seen, text: string) => number} */
export function wordsWide({ font, words }, text) {
  ruler ||= document.createElement("canvas").getContext("2d");
  ruler.font = `12px ${font}`;
  return ruler.measureText(words(String(text))).width;
}

// The first of some wordings that fits into a width, else the last.
/** @type {(pen: Pen, seen: Seen, choices: string[], room: number) => string} */
export function fitting(pen, { font, words }, choices, room) {
  pen.font = `12px ${font}`;
  return choices.find((text) => pen.measureText(words(text)).width <= room) ?? choices.at(-1);
}

const SAMPLE = 20; // pixels of a line before its words

// Where the entries of a legend begin, [x, y] of each, given the widths of their words: side by side, in as many rows
// as needed.
function spots(widths, left, right, top = 0) {
  let [x, y] = [left, top + 11];
  return widths.map((width) => {
    const wide = SAMPLE + 4 + width;
    if (x > left && x + wide > right) [x, y] = [left, y + 14];
    const spot = [x, y];
    x += wide + 12;
    return spot;
  });
}

// Draw a legend above a chart, [words, colour, dash] or [words, colour, sign, opacity of the sign] of each entry, in as
// many rows as needed, from `top` on. Returns where the chart may begin.
/** @type {(pen: Pen, seen: Seen, entries: [string, string, number[]|string, number?][], left: number,
 *   right: number, top?: number) => number} */
export function legendAbove(pen, { colours, font, words }, entries, left, right, top = 0) {
  pen.font = `12px ${font}`;
  pen.textAlign = "left";
  const said = entries.map(([text]) => words(text));
  const at = spots(
    said.map((text) => pen.measureText(text).width),
    left,
    right,
    top,
  );
  entries.forEach(([, colour, how, opacity = 1], i) => {
    const [x, y] = at[i];
    pen.fillStyle = pen.strokeStyle = colour;
    pen.globalAlpha = opacity;
    if (typeof how === "string") pen.fillText(how, x + 6, y);
    else sample(pen, how, x, y - 4);
    pen.globalAlpha = 1;
    pen.fillStyle = colours.text;
    pen.fillText(said[i], x + SAMPLE + 4, y);
  });
  return (at.at(-1)?.[1] ?? top + 11) + 8;
}

// Where a chart may begin below such a legend; nothing is drawn.
/** @type {(seen: Seen, entries: [string, string, number[]|string, number?][], left: number,
 *   right: number) => number} */
export function legendHeight(seen, entries, left, right) {
  const widths = entries.map(([text]) => wordsWide(seen, text));
  return (spots(widths, left, right).at(-1)?.[1] ?? 11) + 8;
}

function sample(pen, dash, x, y) {
  pen.lineWidth = 2;
  pen.setLineDash(dash);
  segment(pen, x, y, x + SAMPLE, y);
  pen.setLineDash([]);
}

// The step between rows that can be named, given the height of a row.
/** @type {(high: number, line?: number) => number} */
export const everyRow = (high, line = 12) => Math.max(1, Math.ceil(line / high));
