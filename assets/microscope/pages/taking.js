// Figures to take away: as SVG and PNG drawn with the strokes of the screen, and their numbers as CSV.

import { isBlank } from "../ask/asking.js";
import { download } from "../core/elements.js";
import { plainColour } from "../draw/colours.js";
import { drawListing, listingSize } from "../draw/listing.js";
import { SvgPen, fresh } from "../draw/surface.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../core/types.js").Table} Table */

const GAP = 20; // between two runs, in pixels
const TITLE = 38; // above each run
const FIGURE = [480, 300];
const FACE = 400; // width

/**
 * Whether a panel has something to draw of run i as it stands: not before its question is answered, and not where the
 * run lacks what it needs.
 */
function drawable(page, panel, i) {
  if (!panel) return true;
  const seen = page.seen(i, panel);
  if (!seen.view.arrays[panel.needs]) return false;
  return !isBlank(panel, seen.mode) || !!seen.asked;
}

/** @type {(page: Page, name: string) => number[]} the runs of which a panel, or the face, has something to draw */
export function drawnRuns(page, name) {
  const panel = page.figures[name]?.panel;
  return page.state.run.views.map((_, i) => i).filter((i) => drawable(page, panel, i));
}

/** @type {(page: Page, name: string) => import("../draw/listing.js").Listing|null} the rows that a table shows; null
 *   for a panel without any */
export function listingOf(page, name) {
  return page.figures[name]?.form?.listing?.() ?? null;
}

/** @type {(page: Page, name: string) => string} what the files of a panel are called: its title, in small letters */
export function fileName(page, name) {
  const title = name === "board" ? page.face.title : page.words(page.figures[name].panel.title);
  return title.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-");
}

const LONGEST = 100; // signs of a file's name that say which run

/** @type {(label: string) => string} what a run is called on screen, as part of a file's name */
export const fileWords = (label) => label.replaceAll(/[^\p{L}\p{N}._]+/gu, "-").slice(0, LONGEST);

/** @type {(page: Page, name: string) => boolean} whether a panel has nothing to save, of whatever kind; then it is
 *   said why */
export function sayBare(page, name) {
  if (drawnRuns(page, name).length) return false;
  const title = page.words(page.figures[name].panel.title);
  const why = page.panels.refusal(name);
  const first = why === null ? "nothing is drawn yet, so there is nothing to save. Ask it first." : "";
  const text = `${title}: ${first || `there is nothing to save. ${why}`.trim()}`;
  page.say({ kind: "info", text, near: true });
  return true;
}

/** @type {(page: Page, name: string, kind: string) => Promise<void>} */
export async function saveFigure(page, name, kind) {
  if (sayBare(page, name)) return;
  const file = `${page.names.file}-${fileName(page, name)}-loop${page.clock.loop}.${kind}`;
  download(file, await figureFile(page, name, kind));
}

/** @type {(page: Page, name: string, kind: string) => Promise<Blob>} the figure of a panel, or of the face */
export async function figureFile(page, name, kind) {
  if (kind === "csv") return new Blob([numbers(page, name)], { type: "text/csv" });
  if (kind === "png") return rastered(page, name);
  const pen = new SvgPen(...sizeOf(page, name));
  drawing(page, name, pen);
  return new Blob([pen.text(plainColour(page.colours.background))], { type: "image/svg+xml" });
}

// A figure as PNG, twice as large. Drawn on a canvas, so that its font is that of the screen.
function rastered(page, name) {
  const canvas = figureCanvas(page, name, 2);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** @type {(page: Page, name: string, scale: number, t?: number) => HTMLCanvasElement} the figure of a panel as it
 *   stands, or after loop t, on the ground of the page */
export function figureCanvas(page, name, scale, t = page.clock.loop) {
  const [width, height] = sizeOf(page, name);
  const canvas = Object.assign(document.createElement("canvas"), { width: scale * width, height: scale * height });
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = plainColour(page.colours.background);
  pen.fillRect(0, 0, width, height);
  drawing(page, name, pen, t);
  return canvas;
}

function sizeOf(page, name) {
  const listing = listingOf(page, name);
  if (listing) {
    const pen = new SvgPen(0, 0);
    fresh(pen, page.seen(0).font);
    return listingSize(pen, listing);
  }
  const [width, height] = page.figures[name] ? FIGURE : [FACE, FACE / page.faceRatio];
  return [page.state.run.views.length * (width + GAP) - GAP + 2, height + TITLE + 2];
}

// Draw the figure of a panel as it stands, all runs side by side; above each of them is what the page says around it:
// whose run, which loop, what is drawn.
function drawing(page, name, pen, t = page.clock.loop) {
  const listing = listingOf(page, name);
  if (listing) {
    fresh(pen, page.seen(0).font);
    drawListing(pen, listing, page.colours);
    return;
  }
  const panel = page.figures[name]?.panel;
  const [width, height] = panel ? FIGURE : [FACE, FACE / page.faceRatio];
  for (const i of drawnRuns(page, name)) {
    // What the pointer is on is no part of a file: while an animation is made, it moves.
    const seen = { ...page.seen(i, panel), t: page.astray && !panel ? 0 : t, hover: null };
    pen.save();
    pen.translate(1 + i * (width + GAP), 1 + TITLE);
    headline(pen, seen, seen.words((panel ?? page.face).drawing) + (panel ? chosenWords(page, panel, seen) : ""));
    if (panel) panel.draw(pen, seen, width, height);
    else page.drawFace(pen, seen, width, height);
    pen.restore();
  }
}

// Which place a figure that speaks of the chosen one is about: on the page a ring shows it, elsewhere nobody knows.
function chosenWords(page, { drawing: about, help }, { active, geometry }) {
  const speaks = /\bchosen \{place\}/.test(`${about} ${help}`);
  return speaks ? `; ${page.words("chosen {place}")}: ${geometry.name(active)}` : "";
}

function headline(pen, { view, t, colours, font }, words) {
  fresh(pen, font);
  pen.fillStyle = colours.text;
  pen.fillText(view.own(`${view.label}, {loop} ${view.at(t)} of ${view.loops}`), 0, -24);
  pen.font = `11px ${font}`;
  pen.fillStyle = colours.muted;
  pen.fillText(words, 0, -9);
  pen.font = `12px ${font}`;
}

/** @type {(values: (string|number)[]) => string} one line of CSV, its values quoted where they must be */
export function line(values) {
  const quoted = values.map((value) => {
    const text = String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(",")}\n`;
}

/** @type {(page: Page, labels: string[], name: string, table: Table) => void} save any table of some runs as CSV */
export function saveTable(page, labels, name, table) {
  download(`${labels.map(fileWords).join("-vs-")}-${name}.csv`, new Blob([csvOf(page, table)], { type: "text/csv" }));
}

function csvOf(page, { columns, rows }) {
  return [columns.map((column) => page.words(column)), ...rows].map(line).join("");
}

function numbers(page, name) {
  if (listingOf(page, name)) return csvOf(page, page.figures[name].form.table());
  const { views } = page.state.run;
  const many = views.length > 1;
  const changed = views.some((view) => view.meta.changes?.length);
  const runOf = ({ meta }) => [meta.base ?? meta.name, ...(changed ? [(meta.changes ?? []).join(", ")] : [])];
  const panel = page.figures[name]?.panel;
  let text = "";
  // What a question ran, so that anybody can run the same: a file, or how many of which seed.
  const ranOn = (i) => (panel && page.seen(i, panel).asked?.meta?.inputs) || "";
  const told = drawnRuns(page, name).some(ranOn);
  for (const i of drawnRuns(page, name)) {
    const view = views[i];
    const { columns, rows } = panel ? panel.table(page.seen(i, panel)) : page.faceTable(page.seen(i));
    const inputs = told ? [ranOn(i)] : [];
    const whose = columns.includes("checkpoint") ? "compared run" : "checkpoint"; // no two columns of one name
    const headings = many ? (changed ? [whose, "change"] : [whose]) : [];
    if (!text) text = line([...headings, ...columns.map((column) => page.words(column)), ...(told ? ["run on"] : [])]);
    for (const row of rows) text += line([...(many ? runOf(view) : []), ...row, ...inputs]);
  }
  return text || "\n";
}
