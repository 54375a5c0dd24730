// The entry of the microscope: makes a page once and hands every message to it.
//
// A whole trace arrives once. Stepping and playing paint from its arrays and send nothing. The server hears from here
// only when the input, a checkpoint or the number of loops changes, through the state value "request".

import { bytesOf } from "./core/base64.js";
import { download } from "./core/elements.js";
import { readMessage } from "./core/message.js";
import { askServer } from "./ask/answers.js";
import { classCounts, hearClass, sendClass } from "./ask/classes.js";
import { askStep, sendGuess } from "./ask/lessons.js";
import { exportView, saveAnimation, savedPage } from "./pages/exporting.js";
import { InContextPage } from "./pages/incontext.js";
import { PathsPage } from "./pages/paths.js";
import { SequencesPage } from "./pages/sequences.js";
import { openSpace } from "./pages/space.js";
import { watchBare } from "./pages/serverwatch.js";
import { SudokuPage } from "./pages/sudoku.js";
import { TheoryPage } from "./pages/theory.js";
import { leadOn } from "./pages/together.js";
import { exportTheory } from "./pages/theoryfiles.js";

const ALL = [SudokuPage, SequencesPage, PathsPage, InContextPage, TheoryPage];
const PAGES = Object.fromEntries(ALL.map((one) => [one.page, one]));
const instances = new WeakMap();

/**
 * Streamlit's component: called with every message, returns what takes the page away.
 * @param {{ data: Uint8Array, parentElement: Element, setStateValue: (name: string, value: object) => void }} component
 */
export default function microscope({ data, parentElement, setStateValue }) {
  let page = instances.get(parentElement);
  if (!page) {
    const root = new URL("../../", import.meta.url); // the modules are served at m/<hash>/
    page = open(parentElement, data, {
      ask: askServer,
      lessons: { step: askStep, guess: sendGuess },
      classes: { send: sendClass, hear: hearClass, counts: classCounts, memory: sessionStorage },
      exportView: (shown) => exportView(shown, template()),
      exportTheory: (shown) => exportTheory(shown, template()),
      savePage,
      saveAnimation,
      openSpace: (shown, about) => openSpace(shown, new URL("plotly.min.js", import.meta.url), about),
      memory: localStorage,
      links: true,
      root,
      pages: Object.keys(PAGES),
    });
    instances.set(parentElement, page);
  }
  page.host.send = (request) => setStateValue("request", request);
  page.attach();
  page.receive(data);
  return () => page.detach();
}

/**
 * A page that has no microscope is there: who leads a class goes on leading it, and a server that is gone is told of.
 * @type {(more: string) => Promise<void>} more: what is said of the page then
 */
export function withoutMicroscope(more) {
  watchBare(more);
  return leadOn({ send: sendClass, hear: hearClass, memory: sessionStorage });
}

/**
 * One run without a server: a saved page, or a cell of a notebook.
 * @param {Element} parentElement
 * @param {string} data the message in base64
 * @param {{ answers?: [string, object, string][], query?: string, inside?: boolean }} saved answers that were kept, the
 *   view, and whether all this stands in a page of somebody else
 */
export function show(parentElement, data, { answers = [], query = "", inside = false } = {}) {
  const links = !inside && location.protocol.startsWith("http"); // a file may not change its own address
  const bytes = bytesOf(data);
  const page = open(parentElement, bytes, { answers, query, inside, links, ask: null, send: null, memory: null });
  page.attach();
  page.receive(bytes);
  return () => page.detach();
}

// The page that a message is for.
function open(parentElement, data, host) {
  const { meta } = readMessage(data);
  const Page = PAGES[meta.page] ?? SequencesPage; // a task without a page of its own
  return new Page(parentElement, host, meta);
}

// Where the server has the page that a run is saved into.
const template = () => new URL("page.html", import.meta.url);

// The run with its answers as one file that needs no server.
async function savePage(page) {
  let text;
  try {
    text = await savedPage(page, template());
  } catch (error) {
    page.say({ kind: "error", text: error.message });
    return;
  }
  download(`loopscope-${page.names.file}-loop${page.clock.loop}.html`, new Blob([text], { type: "text/html" }));
  page.say({ kind: "info", text: "The page is in your downloads: one file that needs no server." });
}
