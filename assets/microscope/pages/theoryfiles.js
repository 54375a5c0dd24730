// What is taken away from the page Theory: a figure, or the whole view with its numbers and the script that makes them.

import { download } from "../core/elements.js";
import { addToZip } from "../core/zip.js";
import { plainColour } from "../draw/colours.js";
import { SvgPen, fresh } from "../draw/surface.js";
import { countsTable } from "../theory/counts.js";
import { line } from "./taking.js";

const SIZES = {
  stages: [760, 64],
  elevator: [900, 360],
  moduli: [760, 300],
  error: [900, 340],
  trained: [900, 300],
  rates: [1100, 320],
};
const USUAL = [480, 300];
const HEAD = 24; // pixels for the words above a figure
const EMPTY_ZIP = Uint8Array.from([0x50, 0x4b, 5, 6, ...Array(18).fill(0)]);

function drawn(page, panel, pen, [width, height]) {
  const seen = page.seen();
  fresh(pen, seen.font);
  pen.fillStyle = seen.colours.text;
  pen.fillText(`${panel.title}, loop ${seen.t} of ${seen.meta.loops}`, 8, 16);
  pen.save();
  pen.translate(0, HEAD);
  fresh(pen, seen.font);
  panel.draw(pen, seen, width, height);
  pen.restore();
}

function svg(page, panel) {
  const size = SIZES[panel.name] ?? USUAL;
  const pen = new SvgPen(size[0], size[1] + HEAD);
  drawn(page, panel, pen, size);
  return new Blob([pen.text(plainColour(page.colours.background))], { type: "image/svg+xml" });
}

function png(page, panel) {
  const size = SIZES[panel.name] ?? USUAL;
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * size[0], height: 2 * (size[1] + HEAD) });
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  pen.fillStyle = plainColour(page.colours.background);
  pen.fillRect(0, 0, size[0], size[1] + HEAD);
  drawn(page, panel, pen, size);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function csv(page, panel) {
  const { columns, rows } = panel.table ? panel.table(page.seen()) : countsTable(page.seen());
  return new Blob([columns, ...rows].map(line), { type: "text/csv" });
}

const MAKERS = { svg, png, csv };

/** @type {(page: import("./theory.js").TheoryPage, panel: object, kind: string) => Promise<void>} save one figure */
export async function saveTheory(page, panel, kind) {
  download(`theory-${panel.name}-loop${page.clock.loop}.${kind}`, await MAKERS[kind](page, panel));
}

// What makes the rate experiment again whose figure is in the folder.
function rateScript({ state, answers }) {
  const { rate } = state.view;
  if (answers.get(rate)?.share !== 1) return "";
  return `\nfrom looped.experiments.rates import run\n\nprint(run("${rate}").sentence())\n`;
}

/** @type {(page: import("./theory.js").TheoryPage) => Promise<void>} save the whole view as a zip */
export async function exportTheory(page) {
  const folder = `theory-loop${page.clock.loop}`;
  const text = (words) => new TextEncoder().encode(words);
  const files = [
    [`${folder}/numbers.safetensors`, page.state.run.bytes],
    [`${folder}/view.txt`, text(`${page.address().href}\n`)],
    [`${folder}/make.py`, text(page.meta.script + rateScript(page))],
  ];
  for (const { panel } of page.panels) {
    for (const kind of Object.keys(MAKERS)) {
      const data = await MAKERS[kind](page, panel);
      files.push([`${folder}/figures/${panel.name}.${kind}`, new Uint8Array(await data.arrayBuffer())]);
    }
  }
  const counted = await csv(page, {}).arrayBuffer();
  files.push([`${folder}/figures/counts.csv`, new Uint8Array(counted)]);
  download(`loopscope-${folder}.zip`, new Blob([addToZip(EMPTY_ZIP, files)], { type: "application/zip" }));
  page.say({ kind: "info", text: "The view is in your downloads: figures, numbers, and the script that makes them." });
}
