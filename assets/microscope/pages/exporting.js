// A view to take away: the panels on screen as figures, the page itself, and from the server the arrays of every run.

import { base64Of } from "../core/base64.js";
import { button, download, h } from "../core/elements.js";
import { addToZip } from "../core/zip.js";
import { drawnRuns, figureFile, fileName } from "./taking.js";

const KINDS = ["svg", "png", "csv"];
const PLACE = '{"run": null}'; // in the template of a saved page

/** What the server does not give, in one sentence. */
class Refused extends Error {}

async function ask(address, signal) {
  try {
    return await fetch(address, { signal });
  } catch (error) {
    if (error instanceof TypeError) throw new Refused("The connection to the server broke; try again.");
    throw error;
  }
}

/** @returns {string[]} the panels that are on screen and draw something, in their order, the face first */
export function shownPanels(page) {
  const { presenting, panels } = page.state.layout;
  const shown = presenting ? [presenting] : ["board", ...panels.filter((name) => page.served(name))];
  return shown.filter((name) => name === "board" || (!page.figures[name].panel.build && drawnRuns(page, name).length));
}

// The run with its answers as one page that needs no server: the template comes from the server, the run from what is
// held here.
export async function savedPage(page, template, signal) {
  const answer = await ask(template, signal);
  if (!answer.ok) throw new Refused("The page could not be made; reload the app and save again.");
  const { bytes, meta } = page.state.run;
  const title = `Loopscope: ${meta.runs.map((run) => run.label).join(" and ")}`;
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
 * Export the view as it is shown, with progress and a way to cancel.
 * @param {object} page
 * @param {URL} template of a saved page
 */
export async function exportView(page, template) {
  const names = shownPanels(page);
  const control = new AbortController();
  const progress = h("progress", { max: names.length + 2, value: 0, "aria-label": "Progress of the export" });
  const cancel = button("Cancel", "Cancel the export", () => control.abort());
  const tell = () => {
    progress.value += 1;
  };
  page.say({ kind: "info", text: "The view is being packed, as it is shown. ", more: [progress, cancel] });
  try {
    const { name, zip } = await packed(page, template, names, control.signal, tell);
    download(name, new Blob([zip], { type: "application/zip" }));
    page.say({ kind: "info", text: `The zip is in your downloads: ${told(page, names)}.` });
  } catch (error) {
    if (error.name === "AbortError") page.say({ kind: "info", text: "The export was cancelled." });
    else if (error instanceof Refused) page.say({ kind: "error", text: error.message });
    else throw error;
  }
}

async function packed(page, template, names, signal, tell) {
  const drawn = await figures(page, names, signal, tell);
  const html = new TextEncoder().encode(await savedPage(page, template, signal));
  tell();
  const { name, folder, zip } = await arrays(page, signal);
  tell();
  const files = [...drawn, ["page.html", html]].map(([file, data]) => [`${folder}/${file}`, data]);
  return { name, zip: addToZip(new Uint8Array(zip), files) };
}

// What is in the zip, and which panels are not, because their question is not answered.
function told(page, names) {
  const panels = page.state.layout.presenting ? [] : page.state.layout.panels;
  const left = panels.filter((one) => page.served(one) && !page.figures[one].panel.build && !names.includes(one));
  const titles = left.map((one) => page.words(page.figures[one].panel.title));
  const without = titles.length ? `; without ${titles.join(", ")}: not asked yet` : "";
  return `the figures as shown, the page, the arrays and a script that makes them again${without}`;
}
