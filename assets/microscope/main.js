// The entry of the microscope: makes a page once and hands every message to it.
//
// A whole trace arrives once. Stepping and playing paint from its arrays and send nothing. The server hears from here
// only when the input, a checkpoint or the number of loops changes, through the state value "request".

import { base64Of, bytesOf } from "./core/base64.js";
import { download } from "./core/elements.js";
import { readMessage } from "./core/message.js";
import { askServer } from "./ask/answers.js";
import { PathsPage } from "./pages/paths.js";
import { SequencesPage } from "./pages/sequences.js";
import { SudokuPage } from "./pages/sudoku.js";

const PAGES = Object.fromEntries([SudokuPage, SequencesPage, PathsPage].map((one) => [one.page, one]));
const PLACE = '{"run": null}'; // in the template of a saved page
const instances = new WeakMap();

/**
 * Streamlit's component: called with every message, returns what takes the page away.
 * @param {{ data: Uint8Array, parentElement: Element, setStateValue: (name: string, value: object) => void }} component
 */
export default function microscope({ data, parentElement, setStateValue }) {
  let page = instances.get(parentElement);
  if (!page) {
    const root = new URL("../../", import.meta.url); // the modules are served at m/<hash>/
    const host = { ask: askServer, exportView, savePage, memory: localStorage, links: true };
    page = open(parentElement, data, { ...host, root, pages: Object.keys(PAGES) });
    instances.set(parentElement, page);
  }
  page.host.send = (request) => setStateValue("request", request);
  page.attach();
  page.receive(data);
  return () => page.detach();
}

/**
 * One run without a server: a saved page, or a cell of a notebook.
 * @param {Element} parentElement
 * @param {string} data the message in base64
 * @param {{ answers?: [string, object, string][], query?: string }} saved answers that were kept, and the view
 */
export function show(parentElement, data, { answers = [], query = "" } = {}) {
  const links = location.protocol.startsWith("http"); // a file may not change its own address
  const bytes = bytesOf(data);
  const page = open(parentElement, bytes, { answers, query, links, ask: null, send: null, memory: null });
  page.attach();
  page.receive(bytes);
  return () => page.detach();
}

// The page that a message is for.
function open(parentElement, data, host) {
  const { meta } = readMessage(data);
  const Page = PAGES[meta.page] ?? SequencesPage; // a task without a page of its own
  return new Page(parentElement, host, meta.terms);
}

// The server draws the figures for papers; that takes some seconds.
async function exportView(page) {
  page.say({
    kind: "info",
    text: "The zip is being made: figures, arrays and a script that makes them again. It takes some seconds.",
  });
  const answer = await fetch(`export?${page.address().searchParams}`);
  if (!answer.ok) {
    page.say({ kind: "error", text: await answer.text() });
    return;
  }
  const [, name] = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"));
  download(name, await answer.blob());
  page.say({ kind: "info", text: "The zip is in your downloads." });
}

// The run with its answers as one file that needs no server: the template comes from the server, the run from what is
// held here.
async function savePage(page) {
  const answer = await fetch(new URL("page.html", import.meta.url));
  if (!answer.ok) {
    page.say({ kind: "error", text: "The page could not be made; reload the app and save again." });
    return;
  }
  const { bytes, meta } = page.state.run;
  const title = `Loopscope: ${meta.runs.map((run) => run.label).join(" and ")}`;
  const query = page.address().searchParams.toString();
  const saved = { title, query, answers: page.answers.saved(), data: base64Of(bytes) };
  const held = JSON.stringify(saved).replaceAll("<", "\\u003c");
  const file = (await answer.text()).replace(PLACE, () => held);
  const name = `loopscope-${meta.runs.map((one) => one.name).join("-vs-")}-loop${page.clock.loop}.html`;
  download(name, new Blob([file], { type: "text/html" }));
  page.say({ kind: "info", text: "The page is in your downloads: one file that needs no server." });
}
