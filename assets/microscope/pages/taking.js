// Figures to take away: as SVG and PNG drawn with the strokes of the screen, and their numbers as CSV.

import { download } from "../core/elements.js";
import { plainColour } from "../draw/colours.js";
import { SvgPen, fresh } from "../draw/surface.js";

const GAP = 20; // between two runs, in pixels
const TITLE = 38; // above each run
const FIGURE = [480, 300];
const FACE = 400; // width

export async function saveFigure(page, name, kind) {
  const names = page.state.run.meta.runs.map((run) => run.name).join("-vs-");
  const called = page.called(name).replaceAll(" ", "-");
  const file = `${names}-${called}-loop${page.clock.loop}.${kind}`;
  if (kind === "csv") {
    download(file, new Blob([numbers(page, name)], { type: "text/csv" }));
    return;
  }
  const svg = drawing(page, name);
  const blob = new Blob([svg.text(plainColour(page.colours.background))], { type: "image/svg+xml" });
  download(file, kind === "svg" ? blob : await rastered(blob, svg.size));
}

// An SVG as PNG, twice as large.
async function rastered(svg, [width, height]) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
  const image = new Image();
  image.src = URL.createObjectURL(svg);
  await image.decode();
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// The figure of a panel as it stands, all runs side by side; above each of them is what the page says around it:
// whose run, which loop, what is drawn.
function drawing(page, name) {
  const { views } = page.state.run;
  const panel = page.figures[name]?.panel;
  const [width, height] = panel ? FIGURE : [FACE, FACE / page.faceRatio];
  const pen = new SvgPen(views.length * (width + GAP) - GAP + 2, height + TITLE + 2);
  views.forEach((view, i) => {
    if (panel && !view.arrays[panel.needs]) return;
    const seen = page.seen(i, panel);
    pen.parts.push(`<g transform="translate(${1 + i * (width + GAP)} ${1 + TITLE})">`);
    headline(pen, seen, page.words((panel ?? page.face).drawing));
    if (panel) panel.draw(pen, seen, width, height);
    else page.drawFace(pen, seen, width, height);
    pen.parts.push("</g>");
  });
  return pen;
}

function headline(pen, { view, t, colours, font }, words) {
  fresh(pen, font);
  pen.fillStyle = colours.text;
  pen.fillText(`${view.label}, loop ${view.at(t)} of ${view.loops}`, 0, -24);
  pen.font = `11px ${font}`;
  pen.fillStyle = colours.muted;
  pen.fillText(words, 0, -9);
  pen.font = `12px ${font}`;
}

/** @returns {string} one line of CSV, its values quoted where they must be */
export function line(values) {
  const quoted = values.map((value) => {
    const text = String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(",")}\n`;
}

function numbers(page, name) {
  const { views } = page.state.run;
  const many = views.length > 1;
  const panel = page.figures[name]?.panel;
  let text = "";
  views.forEach((view, i) => {
    if (panel && !view.arrays[panel.needs]) return;
    const { columns, rows } = panel ? panel.table(page.seen(i, panel)) : page.faceTable(view);
    if (!text) text = line([...(many ? ["checkpoint"] : []), ...columns.map((column) => page.words(column))]);
    for (const row of rows) text += line([...(many ? [view.meta.name] : []), ...row]);
  });
  return text || "\n";
}
