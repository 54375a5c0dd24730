// The entry of the microscope: makes a page once and hands every message to it.
//
// A whole trace arrives once. Stepping and playing paint from its arrays and send nothing. The server hears from here
// only when the input, a checkpoint or the number of loops changes, through the state value "request".

import { download } from "./core/elements.js";
import { readMessage } from "./core/message.js";
import { askServer, bytesOf } from "./ask/answers.js";
import { PathsPage } from "./pages/paths.js";
import { SequencesPage } from "./pages/sequences.js";
import { SudokuPage } from "./pages/sudoku.js";

const PAGES = Object.fromEntries([SudokuPage, SequencesPage, PathsPage].map((one) => [one.page, one]));
const instances = new WeakMap();

/**
 * Streamlit's component: called with every message, returns what takes the page away.
 * @param {{ data: Uint8Array, parentElement: Element, setStateValue: (name: string, value: object) => void }} component
 */
export default function microscope({ data, parentElement, setStateValue }) {
  let page = instances.get(parentElement);
  if (!page) {
    page = open(parentElement, data, { ask: askServer, exportView, memory: localStorage, links: true });
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
 * @param {Uint8Array} data
 * @param {{ answers?: [string, object, string][], links?: boolean }} saved answers to long questions that were kept
 */
export function show(parentElement, data, saved = {}) {
  const page = open(parentElement, data, { ask: null, send: null, exportView: null, memory: null, ...saved });
  page.root.classList.add("ls-saved");
  page.attach();
  page.receive(data);
  return () => page.detach();
}

// The page that a message is for.
function open(parentElement, data, host) {
  const Page = PAGES[readMessage(data).meta.page];
  return new Page(parentElement, host);
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

export { bytesOf };
