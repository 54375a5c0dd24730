// A view to take away: the panels on screen as figures, the page itself, and from the server the arrays of every run.

import { questionOf } from "../ask/asking.js";
import { base64Of } from "../core/base64.js";
import { button, download, h } from "../core/elements.js";
import { addToZip } from "../core/zip.js";
import { drawnRuns, figureCanvas, figureFile, fileName, line, listingOf, sayBare } from "./taking.js";

/** @typedef {import("./page.js").Page} Page */

const KINDS = ["svg", "png", "csv"];
const NOT_ASKED = "Its question is not asked yet.";
const NO_FIGURE = "It has fields to fill in, and no figure.";
const PLACE = '{"run": null}'; // in the template of a saved page

/** What the server does not give, in one sentence. */
class Refused extends Error {}

async function ask(address, signal, more = {}) {
  try {
    return await fetch(address, { signal, ...more });
  } catch (error) {
    if (error instanceof TypeError) throw new Refused("The connection to the server broke; try again.");
    throw error;
  }
}

/** @returns {string[]} the panels that are on screen, in their order, the face first */
function onScreen(page) {
  const { presenting, beside } = page.state.layout;
  return presenting ? [presenting, beside].filter(Boolean) : ["board", ...page.panels.onPage()];
}

// Why a panel on screen is not in the zip; null for one that is.
function whyLeft(page, name) {
  if (name === "board") return null;
  const { panel, form } = page.figures[name];
  const why = page.panels.refusal(name);
  if (why !== null) return why || "This checkpoint cannot serve it.";
  if (panel.build) return listingOf(page, name) ? null : form?.listing ? NOT_ASKED : NO_FIGURE;
  return drawnRuns(page, name).length ? null : NOT_ASKED;
}

// The run with its answers as one page that needs no server: the template comes from the server, the run from what is
// held here.
/** @type {(page: Page|import("./theory.js").TheoryPage, template: URL, signal?: AbortSignal) => Promise<string>} */
export async function savedPage(page, template, signal) {
  const [answer] = await Promise.all([ask(template, signal), page.truth?.ask()]);
  if (!answer.ok) throw new Refused("The page could not be made; reload the app and save again.");
  const { bytes } = page.state.run;
  const title = `Loopscope: ${page.names.title}`;
  const query = page.address().searchParams.toString();
  const saved = { title, query, answers: page.answers.saved(), data: base64Of(bytes) };
  const held = JSON.stringify(saved).replaceAll("<", "\\u003c");
  return (await answer.text()).replace(PLACE, () => held);
}

// The arrays of the runs, with the script that makes them again: a zip, and the folder in it that all files are in.
async function arrays(page, signal) {
  const query = page.address().searchParams;
  query.set("figures", "none");
  const answer = await ask(`export?${query}`, signal);
  if (!answer.ok) throw new Refused(await answer.text());
  const [, name] = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"));
  return { name, folder: name.slice("loopscope-".length, -".zip".length), zip: await answer.arrayBuffer() };
}

// Every figure as it stands, in all kinds: [address in the folder, bytes].
async function figures(page, names, signal, tell) {
  const files = [];
  for (const name of names) {
    for (const kind of KINDS) {
      const data = await figureFile(page, name, kind);
      signal.throwIfAborted();
      files.push([`figures/${fileName(page, name)}.${kind}`, new Uint8Array(await data.arrayBuffer())]);
    }
    tell();
  }
  return files;
}

/**
 * Do what takes a moment, with progress and a way to cancel; say how it ended.
 * @param {Page|import("./theory.js").TheoryPage} page
 * @param {string} words while it runs
 * @param {number} steps that it has
 * @param {(signal: AbortSignal, tell: () => void) => Promise<string>} work returns what is said at the end
 */
export async function withProgress(page, words, steps, work) {
  const control = new AbortController();
  const progress = h("progress", { max: steps, value: 0, "aria-label": "Progress" });
  const cancel = button("Cancel", "Cancel this", () => control.abort());
  const tell = () => {
    progress.value += 1;
  };
  page.say({ kind: "info", text: words, more: [progress, cancel], near: true });
  try {
    page.say({ kind: "info", text: await work(control.signal, tell), near: true });
  } catch (error) {
    if (error.name === "AbortError") page.say({ kind: "info", text: "It was cancelled.", near: true });
    else if (error instanceof Refused) page.say({ kind: "error", text: error.message, near: true });
    else throw error;
  }
}

/**
 * Export the view as it is shown.
 * @param {import("./page.js").Page} page
 * @param {URL} template of a saved page
 */
export function exportView(page, template) {
  const shown = onScreen(page);
  const names = shown.filter((name) => whyLeft(page, name) === null);
  const left = shown.filter((name) => !names.includes(name)).map((name) => [name, whyLeft(page, name)]);
  return withProgress(page, "The view is being packed, as it is shown. ", names.length + 2, async (signal, tell) => {
    const { name, zip } = await packed(page, template, { names, left }, signal, tell);
    download(name, new Blob([zip], { type: "application/zip" }));
    return `The zip is in your downloads: ${told(page, left)}.`;
  });
}

/**
 * Save the figure of a panel, or the face, loop by loop as it is drawn: a GIF, which the server puts together. The
 * loops are those of the range that is played, or all.
 * @param {Page} page
 * @param {string} name of the panel, "board" for the face
 */
export async function saveAnimation(page, name) {
  const { clock } = page;
  const [from, to] = clock.range ?? [0, clock.loops];
  const panel = page.figures[name]?.panel;
  if (sayBare(page, name)) return;
  if (panel && questionOf(panel, page.panels.modeOf(panel))?.loop) {
    const title = page.words(panel.title);
    const text = page.words(`${title}: there is nothing drawn for every {loop}, so there is no animation.`);
    page.say({ kind: "info", text, near: true });
    return;
  }
  await withProgress(page, "The animation is being drawn. ", to - from + 2, async (signal, tell) => {
    const loops = Array.from({ length: to - from + 1 }, (_, k) => from + k);
    const moving = await animated(loops, (t) => figureCanvas(page, name, 2, t), clock.speed, signal, tell);
    download(`${page.names.file}-${fileName(page, name)}.gif`, moving);
    return page.words(`The animation is in your downloads: {loops} ${from} to ${to}.`);
  });
}

/**
 * A GIF of some loops, which the server puts together.
 * @param {number[]} loops
 * @param {(t: number) => HTMLCanvasElement} drawn the picture of a loop
 * @param {number} speed loops a second
 * @param {AbortSignal} signal
 * @param {() => void} tell called after every picture
 * @returns {Promise<Blob>}
 */
export async function animated(loops, drawn, speed, signal, tell) {
  const pictures = [];
  for (const t of loops) {
    const picture = await new Promise((done) => drawn(t).toBlob(done, "image/png"));
    signal.throwIfAborted();
    pictures.push(Uint32Array.of(picture.size), picture);
    tell();
  }
  const answer = await ask(`animation?speed=${speed}`, signal, { method: "POST", body: new Blob(pictures) });
  if (!answer.ok) throw new Refused(await answer.text());
  return answer.blob();
}

async function packed(page, template, { names, left }, signal, tell) {
  const drawn = await figures(page, names, signal, tell);
  if (left.length) drawn.push(["figures/left-out.csv", new TextEncoder().encode(leftOut(page, left))]);
  const html = new TextEncoder().encode(await savedPage(page, template, signal));
  tell();
  const { name, folder, zip } = await arrays(page, signal);
  tell();
  const files = [...drawn, ["page.html", html]].map(([file, data]) => [`${folder}/${file}`, data]);
  return { name, zip: addToZip(new Uint8Array(zip), files) };
}

// The panels on screen that are not in the zip, as CSV, each with the reason.
function leftOut(page, left) {
  const rows = left.map(([name, why]) => [page.words(page.figures[name].panel.title), page.words(why)]);
  return [["panel", "reason"], ...rows].map(line).join("");
}

// What is in the zip, and which panels on screen are not.
function told(page, left) {
  const titles = left.map(([name]) => page.words(page.figures[name].panel.title));
  const without = titles.length ? `; without ${titles.join(", ")}: figures/left-out.csv says why` : "";
  return `the figures as shown, the page, the arrays and a script that makes them again${without}`;
}
