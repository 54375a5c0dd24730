// The function that is approximated: g of the token and h of the sum of all tokens, both drawn by hand if one likes.

import { caption } from "../draw/legend.js";
import { disc } from "../draw/surface.js";
import { dots, line, plot, rulings, tokenColour, tokenName } from "./plot.js";

const [LEFT, BETWEEN, BELOW, TOP] = [30, 34, 32, 18];
const REACH = 1.2; // the values on screen, at least from minus to plus this

// What each half of the panel draws: its letter, and what is across.
const HALVES = ["g", "h"];

const knotsOf = (seen, name) => seen.draft[name] ?? Array.from(seen.arrays[`${name}_knots`].values);

function plots(seen, width, height) {
  const all = HALVES.flatMap((name) => [...seen.arrays[name].values, ...seen.arrays[`${name}_knots`].values]);
  const reach = Math.max(REACH, ...all.map(Math.abs));
  const wide = (width - LEFT - BETWEEN) / 2;
  return HALVES.map((name, i) => {
    const left = LEFT + i * (wide + BETWEEN);
    const box = { left, right: left + wide - 6, top: TOP, bottom: height - BELOW };
    return plot(box, [0, name === "g" ? 1 : seen.meta.tokens], [-reach, reach]);
  });
}

function drawHalf(pen, seen, at, i) {
  const name = HALVES[i];
  const { colours, arrays, meta } = seen;
  const span = i ? meta.tokens : 1;
  rulings(pen, seen, at, [-1, 0, 1]);
  const knots = knotsOf(seen, name);
  const spots = knots.map((value, k) => [at.x((k * span) / (knots.length - 1)), at.y(value)]);
  const samples = Array.from(arrays[name].values);
  const smooth = samples.map((value, k) => [at.x((k * span) / (samples.length - 1)), at.y(value)]);
  line(pen, seen.draft[name] ? spots : smooth, colours.accent, [], 2.2);
  pen.globalAlpha = 0.55;
  dots(pen, spots, colours.accent, 2.5);
  pen.globalAlpha = 1;
  const grip = seen.grip?.panel === "function" ? seen.grip.at - 17 * i : -1;
  if (spots[grip]) {
    pen.strokeStyle = colours.text;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(...spots[grip], 6, 0, 7);
    pen.stroke();
  }
  caption(pen, seen, i ? "h of Σx" : "g of a token", at.left, 11);
  [0, span / 2, span].forEach((tick, k) =>
    caption(pen, seen, tick, at.x(tick), at.bottom + 14, ["left", "center", "right"][k]),
  );
}

// Where the input stands: its tokens below g, their sum below h.
function drawInput(pen, seen, [own, all]) {
  const x = seen.draft.x ?? Array.from(seen.arrays.x.values);
  let sum = 0;
  x.forEach((value, n) => {
    sum += value;
    pen.fillStyle = tokenColour(seen, n);
    disc(pen, own.x(value), own.bottom, 4);
    caption(pen, seen, tokenName(n), own.x(value), own.bottom + 27, "center");
  });
  pen.fillStyle = seen.colours.text;
  disc(pen, all.x(sum), all.bottom, 4);
  caption(pen, seen, "Σx", all.x(sum), all.bottom + 27, "center");
}

// The value under a pointer: { name, values } of the curve that is drawn anew.
function drawn(seen, px, py, width, height, half) {
  const at = plots(seen, width, height)[half];
  const values = [...knotsOf(seen, HALVES[half])];
  const k = Math.round(((px - at.left) / (at.right - at.left)) * (values.length - 1));
  if (k in values) values[k] = Number(at.height(py).toFixed(2));
  return { [HALVES[half]]: values };
}

export default {
  name: "function",
  title: "The function",
  help:
    "f gives each token the value g of the token itself plus h of the sum of all tokens, so that it does not matter " +
    "in which order the tokens stand. Choose one above, or draw: drag a curve up and down. With the keyboard, " +
    "left and right choose a point, up and down move it.",
  formula: "f(X)ₙ = g(xₙ) + h(Σ x), X in [0, 1]ᴺ. What is drawn are straight lines between 17 values.",
  drawing: "The two parts of the function",
  describe({ meta }) {
    const name = meta.preset ? `“${meta.preset}”` : "one of your own";
    return `f is ${name}: g = ${curveWords(meta.g_text, "x")}, h = ${curveWords(meta.h_text, "Σx")}.`;
  },
  draw(pen, seen, width, height) {
    const both = plots(seen, width, height);
    both.forEach((at, i) => drawHalf(pen, seen, at, i));
    drawInput(pen, seen, both);
  },
  grab: (seen, px, py, width) => (px < LEFT + (width - LEFT) / 2 ? 0 : 1),
  drag: (seen, half, px, py, width, height) => drawn(seen, px, py, width, height, half),
  grips: 34,
  gripWords(seen, at) {
    const [name, k] = [HALVES[Math.floor(at / 17)], at % 17];
    const span = name === "g" ? 1 : seen.meta.tokens;
    return `${name} at ${((k * span) / 16).toFixed(2)} is ${knotsOf(seen, name)[k].toFixed(2)}`;
  },
  nudge(seen, at, by) {
    const [name, k] = [HALVES[Math.floor(at / 17)], at % 17];
    const values = [...knotsOf(seen, name)];
    values[k] = Number((values[k] + 0.05 * by).toFixed(2));
    return { [name]: values };
  },
  table({ arrays, meta }) {
    const last = arrays.g.values.length - 1;
    const rows = Array.from(arrays.g.values, (value, k) => [k / last, value, (k * meta.tokens) / last]);
    return { columns: ["x", "g", "sum", "h"], rows: rows.map((one, k) => [...one, arrays.h.values[k]]) };
  },
};

// A curve in words, from how links write it.
function curveWords(text, of) {
  const [name, frequency, size] = text.split(",");
  if (name === "drawn") return "drawn";
  if (Number(size) === 0) return "0";
  const factor = size === "1" ? "" : `${size} `;
  return `${factor}${name} ${frequency === "1" ? "" : frequency}${of}`;
}
