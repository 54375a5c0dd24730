// The entry of the microscope: makes a page once and hands every message to it.
//
// A whole trace arrives once. Stepping and playing paint from its arrays and send nothing. The server hears from here
// only when the input, a checkpoint or the number of loops changes, through the state value "request".

import { readMessage } from "./core/message.js";
import { PathsPage } from "./pages/paths.js";
import { SequencesPage } from "./pages/sequences.js";
import { SudokuPage } from "./pages/sudoku.js";

const PAGES = Object.fromEntries([SudokuPage, SequencesPage, PathsPage].map((one) => [one.page, one]));
const instances = new WeakMap();

export default function microscope({ data, parentElement, setStateValue }) {
  let it = instances.get(parentElement);
  if (!it) {
    it = new PAGES[readMessage(data).meta.page](parentElement);
    instances.set(parentElement, it);
  }
  it.send = (request) => setStateValue("request", request);
  it.attach();
  it.receive(data);
  return () => it.detach();
}
