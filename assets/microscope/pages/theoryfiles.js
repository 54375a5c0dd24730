// What is taken away from the page Theory: a figure, or the whole view with its numbers and the script that makes them.

import { download } from "../core/elements.js";
import { addToZip } from "../core/zip.js";
import { plainColour } from "../draw/colours.js";
import { SvgPen, fresh } from "../draw/surface.js";
import { countsTable } from "../theory/counts.js";
import { animated, savedPage, withProgress } from "./exporting.js";
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
const MOST_PICTURES = 100; // of the third stage, which may have a thousand loops
const PICTURES_A_SECOND = 8;
const EMPTY_ZIP = Uint8Array.from([0x50, 0x4b, 5, 6, ...Array(18).fill(0)]);

function drawn(page, panel, pen, [width, height], t = page.clock.loop) {
  const seen = page.seen(t);
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

function canvasOf(page, panel, scale, t) {
  const size = SIZES[panel.name] ?? USUAL;
  const [width, height] = [scale * size[0], scale * (size[1] + HEAD)];
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = plainColour(page.colours.background);
  pen.fillRect(0, 0, size[0], size[1] + HEAD);
  drawn(page, panel, pen, size, t);
  return canvas;
}

function png(page, panel) {
  return new Promise((done) => canvasOf(page, panel, 2, page.clock.loop).toBlob(done, "image/png"));
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

// The loops that an animation shows: every one of the first two stages, then at even steps, the last one too.
function shownLoops({ clock }) {
  const [from, to] = clock.ends;
  const slow = Math.max(from, Math.min(clock.slow, to));
  const stride = Math.max(1, Math.ceil((to - slow) / MOST_PICTURES));
  const loops = Array.from({ length: slow - from + 1 }, (_, k) => from + k);
  for (let t = slow + stride; t < to; t += stride) loops.push(t);
  return to > slow ? [...loops, to] : loops;
}

/** @type {(page: import("./theory.js").TheoryPage, panel: object) => Promise<void>} save one figure as a GIF */
export function animateTheory(page, panel) {
  const loops = shownLoops(page);
  return withProgress(page, "The animation is being drawn. ", loops.length + 1, async (signal, tell) => {
    const moving = await animated(loops, (t) => canvasOf(page, panel, 1, t), PICTURES_A_SECOND, signal, tell);
    download(`theory-${panel.name}.gif`, moving);
    return `The animation is in your downloads: ${loops.length} pictures of loops ${loops[0]} to ${loops.at(-1)}.`;
  });
}

// What makes the rate experiment again whose figure is in the folder.
function rateScript({ state, answers }) {
  const { rate } = state.view;
  if (answers.get(rate)?.share !== 1) return "";
  return `\nfrom looped.experiments.rates import run\n\nprint(run("${rate}").sentence())\n`;
}

/**
 * Save the whole view as a zip.
 * @param {import("./theory.js").TheoryPage} page
 * @param {URL} template of a saved page
 */
export function exportTheory(page, template) {
  const steps = page.panels.length + 1;
  return withProgress(page, "The view is being packed, as it is shown. ", steps, async (signal, tell) => {
    const folder = `theory-loop${page.clock.loop}`;
    const text = (words) => new TextEncoder().encode(words);
    const files = [
      [`${folder}/numbers.safetensors`, page.state.run.bytes],
      [`${folder}/view.txt`, text(`${page.address().href}\n`)],
      [`${folder}/make.py`, text(page.meta.script + rateScript(page))],
      [`${folder}/page.html`, text(await savedPage(page, template, signal))],
    ];
    tell();
    for (const { panel } of page.panels) {
      for (const kind of Object.keys(MAKERS)) {
        const data = await MAKERS[kind](page, panel);
        signal.throwIfAborted();
        files.push([`${folder}/figures/${panel.name}.${kind}`, new Uint8Array(await data.arrayBuffer())]);
      }
      tell();
    }
    const counted = await csv(page, {}).arrayBuffer();
    files.push([`${folder}/figures/counts.csv`, new Uint8Array(counted)]);
    download(`loopscope-${folder}.zip`, new Blob([addToZip(EMPTY_ZIP, files)], { type: "application/zip" }));
    const held = "the figures as shown, the page, the numbers and a script that makes them again";
    return `The zip is in your downloads: ${held}.`;
  });
}
